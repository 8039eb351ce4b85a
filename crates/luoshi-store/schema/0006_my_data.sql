-- What people may ask about what is kept of them, and what an export for another system holds.

-- who looked at somebody's numbers in full, and why: apart from the audit, which holds no words about people
create table look (
    top_id    bigint not null,
    person_id bigint not null,              -- whose numbers
    id        bigint not null,
    at        bigint not null,
    actor_id  bigint not null,              -- who looked
    field     text   not null,              -- identity, phone
    reason    text   not null,
    primary key (top_id, person_id, id)
);

insert into look (top_id, person_id, id, at, actor_id, field, reason)
select top_id, object, id, at, person_id, 'identity', substr(detail, 11)
  from audit where act = 'person.unmask' and detail like 'identity: %';
insert into look (top_id, person_id, id, at, actor_id, field, reason)
select top_id, object, id, at, person_id, 'phone', substr(detail, 8)
  from audit where act = 'person.unmask' and detail like 'phone: %';
update audit set detail = 'identity' where act = 'person.unmask' and detail like 'identity: %';
update audit set detail = 'phone' where act = 'person.unmask' and detail like 'phone: %';

-- what people ask about their data, and the answer
create table request (
    top_id     bigint not null,
    id         bigint not null,
    person_id  bigint not null,             -- who asks, about themselves
    ask        text   not null,             -- correct, erase, lock, unlock
    words      text   not null,             -- what they say
    on_date    text   not null,
    state      text   not null,             -- open, done, refused, withdrawn
    answer     text   not null,             -- to the person
    found      text   not null,             -- where free text names them: sort:unit:id, separated by spaces
    handler_id bigint not null,             -- who answered; 0 while open
    answered   text   not null,             -- '9999-12-31' while open
    primary key (top_id, id)
);
create index request_by_person on request (top_id, person_id);

-- people whose data is kept but hidden: from lists, searches and pages, until it is unlocked
create table person_lock (
    top_id    bigint not null,
    person_id bigint not null,
    on_date   text   not null,
    primary key (top_id, person_id)
);

-- which item of another system's form is filled from what, where an organisation changed the one that ships
create table export_map (
    top_id   bigint not null,
    map_id   text   not null,
    text     text   not null,               -- as TOML
    actor_id bigint not null,
    at       bigint not null,
    primary key (top_id, map_id)
);
