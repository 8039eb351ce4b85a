-- figures of a unit's own, built from questions asked
create table figure_own (
    top_id    bigint not null,
    unit_id   bigint not null,
    figure    text   not null,              -- key
    text      text   not null,              -- the figure, as TOML
    actor_id  bigint not null,
    on_date   text   not null,
    dropped   bigint not null,              -- moment, or 0
    primary key (top_id, unit_id, figure)
);

-- facts: figures quoted in a paper, frozen with the question and a digest of the rows
create table figure_quote (
    top_id     bigint not null,
    unit_id    bigint not null,             -- of whose subtree
    id         bigint not null,
    figure     text   not null,             -- the definition on that day, as TOML
    first_date text   not null,
    last_date  text   not null,
    n          bigint not null,
    rows       bigint not null,             -- records behind it
    digest     text   not null,             -- SHA-256 of their keys and versions
    paper      text   not null,             -- where it was quoted
    actor_id   bigint not null,
    on_date    text   not null,
    primary key (top_id, unit_id, id)
);
