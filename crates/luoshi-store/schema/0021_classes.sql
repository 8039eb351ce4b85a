-- training classes: who may come, who has put their name down, in which order. Who has a place and who waits follows
-- from the order, the places and the quotas: no row says so.

create table class (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- which unit holds it
    title      text   not null,
    audience   text   not null,             -- an option of `for` of the kind of record
    from_date  text   not null,
    until_date text   not null,
    place      text   not null,
    hours      bigint not null,
    places     bigint not null,
    closes     text   not null,             -- last day on which names are taken
    record_id  bigint not null,             -- what was recorded when it was over; 0 before
    cancelled  text   not null,             -- why it does not take place
    primary key (top_id, id)
);
create index class_by_unit on class (top_id, unit_id);

create table class_quota (
    top_id   bigint not null,
    class_id bigint not null,
    unit_id  bigint not null,
    places   bigint not null,
    primary key (top_id, class_id, unit_id)
);

create table class_seat (
    top_id    bigint not null,
    class_id  bigint not null,
    person_id bigint not null,
    place_no  bigint not null,              -- a key: who came first stands first
    primary key (top_id, class_id, person_id)
);
create index class_seat_by_person on class_seat (top_id, person_id);
