-- plans: what a meeting is meant to be about, and when the plan was last changed
alter table plan add column tags text;
alter table plan add column changed bigint;

-- addresses by which a calendar program reads plans without signing in; revoking one deletes it
create table calendar_feed (
    top_id    bigint not null,
    token     text   not null,              -- digest
    unit_id   bigint not null,              -- the unit, or 0 for all units of whoever has it
    person_id bigint not null,              -- in whose name it reads
    made      bigint not null,
    primary key (top_id, token)
);
create index calendar_feed_by_person on calendar_feed (top_id, person_id);

-- units that took part in a record kept by another: once each, by key; it counts for them once they have confirmed it
create table joint (
    top_id    bigint not null,
    record_id bigint not null,
    unit_id   bigint not null,
    path      text   not null,
    named     text   not null,              -- the day it was named
    confirmed text   not null,              -- the day it was confirmed, or empty
    actor_id  bigint not null,              -- who named it, then who confirmed it
    primary key (top_id, record_id, unit_id)
);
create index joint_by_path on joint (top_id, path);
