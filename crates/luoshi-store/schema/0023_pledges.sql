-- pledges of people and units, and what happened to them; a person's stands with the unit on whose roll they are

create table pledge (
    top_id    bigint not null,
    id        bigint not null,
    unit_id   bigint not null,              -- whose pledge it is; 0 for a person's
    person_id bigint not null,              -- whose pledge it is; 0 for a unit's
    year      bigint not null,              -- the first year it is for
    text      text   not null,
    measure   text   not null,              -- by what one will see that it is kept
    actor_id  bigint not null,
    on_date   text   not null,
    primary key (top_id, id)
);
create index pledge_by_unit on pledge (top_id, unit_id);
create index pledge_by_person on pledge (top_id, person_id);

create table pledge_event (
    top_id    bigint not null,
    pledge_id bigint not null,
    seq       bigint not null,              -- 1, 2, 3 …: two people cannot look back at the same year
    act       text   not null,              -- look-back, published, withheld
    year      bigint not null,              -- of a look back, or 0
    state     text   not null,              -- of a look back: a state of the pack
    words     text   not null,              -- of a look back
    carried   bigint not null,              -- 1 where it goes on into the next year
    actor_id  bigint not null,
    on_date   text   not null,
    primary key (top_id, pledge_id, seq)
);
