-- Figures of a year read whole months of a unit, far more often than months told apart by what lies below. Counters of
-- whole months stand by themselves (span YYYY-MM, below empty), those of places below beside them (span bYYYY-MM; what
-- the unit kept itself is the rest), and the people of a month in one row. All of it is a cache: what there was goes,
-- and the facts are counted anew when the server starts.
delete from rollup;
delete from rollup_kind;
drop table rollup_person;

-- who stood on records, day by day, for kinds whose people a figure counts
create table rollup_person (
    top_id    bigint not null,
    path      text   not null,
    on_date   text   not null,
    kind      text   not null,
    class     text   not null,
    level     text   not null,
    tags      text   not null,
    role      text   not null,
    below     text   not null,
    person_id bigint not null,
    n         bigint not null,              -- records of that day
    primary key (top_id, path, on_date, kind, class, level, tags, role, below, person_id)
);

-- the same people of a whole month, each once
create table rollup_people (
    top_id bigint not null,
    path   text   not null,
    month  text   not null,                 -- YYYY-MM
    kind   text   not null,
    class  text   not null,
    level  text   not null,
    tags   text   not null,
    role   text   not null,
    below  text   not null,
    people text   not null,                 -- their keys with blanks between
    primary key (top_id, path, month, kind, class, level, tags, role, below)
);

-- what somebody was taught is told from the records of one kind
create index record_by_kind on record (top_id, kind, on_date);
