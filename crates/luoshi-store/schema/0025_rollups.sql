-- Roll-ups: what figures are made of, counted for every unit with all that lay below it on the day of each record. A
-- cache over facts, kept by the acts themselves, that can be dropped and counted anew. A place once given is never
-- given again, so a counter of a place stays right whatever is moved later.
create table rollup (
    top_id bigint not null,
    path   text   not null,                 -- place of the unit on that day
    span   text   not null,                 -- YYYY-MM, or dYYYY-MM-DD
    kind   text   not null,
    class  text   not null,                 -- of the unit that keeps the record, on that day
    level  text   not null,
    tags   text   not null,
    field  text   not null,                 -- #records, #present, or a number field
    below  text   not null,                 -- the place directly below in which it lies; empty for days
    n      bigint not null,
    primary key (top_id, path, span, kind, class, level, tags, field, below)
);

-- who stood on records, for kinds whose people a figure counts
create table rollup_person (
    top_id    bigint not null,
    path      text   not null,
    kind      text   not null,
    on_date   text   not null,
    class     text   not null,
    level     text   not null,
    tags      text   not null,
    role      text   not null,
    below     text   not null,
    person_id bigint not null,
    n         bigint not null,              -- records of that day
    primary key (top_id, path, kind, on_date, class, level, tags, role, below, person_id)
);

-- what acts added and took away and has not been carried upward yet
create table rollup_delta (
    top_id bigint not null,
    id     bigint not null,
    body   jsonb  not null,                 -- shares of records
    primary key (top_id, id)
);

-- kinds whose people are counted; the empty one says that the facts of before were counted
create table rollup_kind (
    top_id bigint not null,
    kind   text   not null,
    primary key (top_id, kind)
);

create index unit_past_by_path on unit_past (top_id, path);
