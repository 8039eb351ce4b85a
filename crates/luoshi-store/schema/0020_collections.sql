-- collections: what units below one are asked to fill in, what they answered, and what somebody says is a burden.
-- Who is asked is derived from the tree; only answers are rows.

create table collection (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- which unit asks; those below it are asked
    title      text   not null,
    ground     text   not null,             -- the rule or paper it stands on
    every      text   not null,             -- '' for once, or a cadence
    due        text   not null,             -- last day when it is asked once
    level      text   not null,             -- of the units asked; '' for all
    class      text   not null,
    questions  jsonb  not null,
    author_id  bigint not null,
    from_date  text   not null,
    until_date text   not null,             -- '9999-12-31' while it goes on
    primary key (top_id, id)
);
create index collection_by_unit on collection (top_id, unit_id);

create table collection_answer (
    top_id        bigint not null,
    collection_id bigint not null,
    unit_id       bigint not null,
    period        text   not null,
    data          jsonb  not null,          -- one value for each question, and where the system filled it in
    author_id     bigint not null,
    on_date       text   not null,
    primary key (top_id, collection_id, unit_id, period)
);
create index collection_answer_by_unit on collection_answer (top_id, unit_id);

create table burden (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- whose burden
    issuer_id  bigint not null,             -- the unit that asked
    sort       text   not null,             -- collection, matter, clause
    about      text   not null,             -- its key
    title      text   not null,             -- as it was called
    words      text   not null,
    author_id  bigint not null,             -- shown to nobody but them
    on_date    text   not null,
    due        text   not null,             -- to be answered by
    answer     text   not null,
    handler_id bigint not null,
    answered   text   not null,             -- '9999-12-31' while it is open
    primary key (top_id, id)
);
create index burden_by_issuer on burden (top_id, issuer_id);
create index burden_by_unit on burden (top_id, unit_id);
