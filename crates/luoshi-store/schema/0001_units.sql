-- One dialect for every engine: BIGINT, TEXT, JSONB; days as TEXT 'YYYY-MM-DD', open ends as '9999-12-31';
-- moments as milliseconds since 1970; ids made by the program. top_id, the self-administering organisation,
-- comes first in every key but those of the dictionaries.

-- dictionary: where each organisation stands among the others
create table top (
    path   text   not null primary key,     -- its place; a number once given is never given again
    top_id bigint not null
);

create table unit (
    top_id        bigint not null,
    id            bigint not null,
    path          text   not null,          -- place in the tree: a prefix is the unit above
    level         text   not null,          -- a level of the pack
    class         text   not null,          -- a class of the pack
    code          text,                     -- national type code: 611, 621, 631, 632, 9xx
    parts         text,                     -- parts of the pack it has, separated by spaces
    order_no      bigint not null,
    short_name    text   not null,
    full_name     text   not null,
    search        text   not null,          -- names, pinyin, initials
    founded       text   not null,
    dissolved     text   not null,          -- '9999-12-31' while it exists
    why_dissolved text,
    since         text   not null,          -- first day of what it is now
    next_child    bigint not null,          -- the number the next unit below is given; never given again
    primary key (top_id, id),
    unique (top_id, path)
);
create index unit_by_id on unit (id);

-- what a unit was before each change
create table unit_past (
    top_id     bigint not null,
    unit_id    bigint not null,
    until_date text   not null,             -- last day of it
    from_date  text   not null,
    path       text   not null,
    level      text   not null,
    class      text   not null,
    code       text,
    parts      text,
    short_name text   not null,
    full_name  text   not null,
    primary key (top_id, unit_id, until_date)
);

-- facts: how a unit came to be what it is
create table unit_change (
    top_id   bigint not null,
    unit_id  bigint not null,
    id       bigint not null,
    change   text   not null,               -- found, rename, reclass, move, merge, split, dissolve
    on_date  text   not null,
    other_id bigint not null,               -- the unit moved to, merged into or split from; 0 for none
    note     text,
    actor_id bigint not null,
    primary key (top_id, unit_id, id)
);

-- ties beside the tree: guidance, discipline leadership, territorial management
create table unit_tie (
    top_id     bigint not null,
    unit_id    bigint not null,
    tie        text   not null,             -- a tie of the pack
    other_id   bigint not null,             -- the unit that guides
    from_date  text   not null,
    until_date text   not null,
    primary key (top_id, unit_id, tie, other_id, from_date)
);

-- the editions of lists in force
create table edition (
    top_id    bigint not null,
    pack_id   text   not null,
    from_date text   not null,              -- rules the periods that begin on this day or later
    text      text   not null,              -- the pack, as TOML; empty when the list ends here
    version   text   not null,
    actor_id  bigint not null,
    at        bigint not null,
    primary key (top_id, pack_id, from_date)
);
