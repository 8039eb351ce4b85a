-- Facts. Rows are added, not changed: a correction is a new version. `path` is a copy of the unit's place for lists
-- by subtree, and the only column a move rewrites.

create table record (
    top_id    bigint not null,
    id        bigint not null,
    version   bigint not null,              -- 1 as first written; two people cannot write the same correction
    unit_id   bigint not null,
    path      text   not null,
    kind      text   not null,              -- a kind of the pack
    on_date   text   not null,              -- the day it happened
    written   text   not null,              -- the day this version was written
    author_id bigint not null,
    data      jsonb  not null,              -- answers to the fields of the kind
    tags      text,                         -- options chosen, field:option, separated by spaces
    roles     text,                         -- role:person, separated by spaces
    makes_up  text,                         -- key of an earlier period
    roll      text,                         -- digest of the frozen list of those due; empty when it is no meeting
    withdrawn text,                         -- why; a withdrawn record counts for nothing
    primary key (top_id, id, version)
);
create index record_by_path on record (top_id, path, on_date);
create index record_by_unit on record (top_id, unit_id, on_date);

-- frozen lists of those due at meetings, each kept once
create table roll (
    top_id bigint not null,
    digest text   not null,
    people jsonb  not null,                 -- ids in order
    primary key (top_id, digest)
);

-- exceptions and roles: only the absent, the guests, and those who stand in a role
create table record_person (
    top_id    bigint not null,
    record_id bigint not null,
    version   bigint not null,
    person_id bigint not null,
    role      text   not null,              -- a role of the pack, or absent
    why       text,                         -- class of absence
    primary key (top_id, record_id, version, person_id, role)
);
create index record_person_by_person on record_person (top_id, person_id);

create table record_file (
    top_id    bigint not null,
    record_id bigint not null,
    version   bigint not null,
    seq       bigint not null,
    field     text   not null,
    name      text   not null,
    digest    text   not null,              -- SHA-256: where the bytes are kept
    mime      text   not null,              -- by content
    size      bigint not null,
    primary key (top_id, record_id, version, seq)
);

-- what a unit means to do
create table plan (
    top_id    bigint not null,
    id        bigint not null,
    unit_id   bigint not null,
    path      text   not null,
    kind      text   not null,
    on_date   text   not null,
    at_time   text,                         -- HH:MM
    place     text,
    topic     text,
    reading   text,
    author_id bigint not null,
    cancelled bigint not null,              -- moment, or 0
    primary key (top_id, id)
);
create index plan_by_path on plan (top_id, path, on_date);

create table waiver (
    top_id   bigint not null,
    unit_id  bigint not null,
    clause   text   not null,
    period   text   not null,               -- key of the period
    path     text   not null,
    reason   text   not null,
    on_date  text   not null,
    actor_id bigint not null,
    primary key (top_id, unit_id, clause, period)
);

-- periods due through a day were closed on another; what was written later shows as a correction
create table closing (
    top_id   bigint not null,
    through  text   not null,
    on_date  text   not null,
    actor_id bigint not null,
    primary key (top_id, through)
);

create table matter (
    top_id      bigint not null,
    id          bigint not null,
    unit_id     bigint not null,            -- who must answer
    path        text   not null,
    opener_id   bigint not null,            -- the unit that opened it
    opener_path text   not null,
    flow        text   not null,            -- a flow of the pack
    subject     text   not null,            -- what it is about, once for each unit and flow
    title       text   not null,            -- never changes
    data        jsonb  not null,
    on_date     text   not null,
    primary key (top_id, id),
    unique (top_id, flow, unit_id, subject)
);
create index matter_by_path on matter (top_id, path);
create index matter_by_opener on matter (top_id, opener_path);

create table matter_event (
    top_id    bigint not null,
    matter_id bigint not null,
    seq       bigint not null,              -- 1, 2, 3 …: two people cannot take the same step
    step      text   not null,
    actor_id  bigint not null,              -- 0 for the program
    note      text,
    on_date   text   not null,
    primary key (top_id, matter_id, seq)
);

-- forms half filled
create table draft (
    top_id    bigint not null,
    person_id bigint not null,
    form      text   not null,              -- address of the form
    data      jsonb  not null,
    at        bigint not null,
    primary key (top_id, person_id, form)
);

-- imports: the file as read, what is wrong with it, what it made
create table import (
    top_id   bigint not null,
    id       bigint not null,
    unit_id  bigint not null,
    actor_id bigint not null,
    sort     text   not null,               -- units, people, records, duties
    name     text   not null,               -- of the file
    digest   text   not null,
    state    text   not null,               -- reading, ready, faulty, writing, committed, undone, failed
    done     bigint not null,               -- rows read or written so far
    rows     bigint not null,
    body     text,                          -- sheet, columns, faults, and what was made; sealed, it may hold numbers
    on_date  text   not null,
    at       bigint not null,               -- moment of the last sign of life
    primary key (top_id, id)
);

-- acts asked for once and done once
create table operation (
    top_id    bigint not null,
    id        bigint not null,
    person_id bigint not null,
    outcome   text   not null,              -- where the user was sent
    at        bigint not null,
    primary key (top_id, id)
);

-- a row in the same transaction as every act
create table audit (
    top_id    bigint not null,
    id        bigint not null,
    at        bigint not null,
    person_id bigint not null,
    unit_id   bigint not null,
    act       text   not null,              -- record.add, person.unmask …
    object    bigint not null,
    detail    text,
    primary key (top_id, id)
);
create index audit_by_object on audit (top_id, object);
create index audit_by_person on audit (top_id, person_id);
