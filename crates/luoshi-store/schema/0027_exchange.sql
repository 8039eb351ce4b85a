-- Sealed exchange: a team of a round works on a machine of its own without network. The same tables are on both sides:
-- at home they say what went out and came back, on the machine what it was given and what it has sent home.

create table exchange (
    top_id     bigint not null,
    round_id   bigint not null,
    team       bigint not null,
    done       bigint not null,             -- 0 while out, then the id: a team is out once at a time, by key
    id         bigint not null,
    side       text   not null,             -- home, copy
    partner    text   not null,             -- public key of the other side
    until_date text   not null,             -- last day on which the package can be opened
    actor_id   bigint not null,
    on_date    text   not null,
    ended      text,                        -- returned, void
    ended_on   text,
    why        text,                        -- why it was given up
    primary key (top_id, round_id, team, done)
);
create index exchange_by_id on exchange (top_id, id);

-- facts: packages that came back; on the machine, those it made
create table exchange_return (
    top_id      bigint not null,
    exchange_id bigint not null,
    no          bigint not null,            -- 1, 2, 3 …: the same one twice has one effect, an older one none
    digest      text   not null,            -- SHA-256 of what was in it
    last        bigint not null,            -- 1 when the machine does no more
    matters     bigint not null,            -- new ones in it …
    events      bigint not null,            -- … and new events
    actor_id    bigint not null,
    on_date     text   not null,
    primary key (top_id, exchange_id, no)
);

-- facts: what the machine signed when it was wiped
create table exchange_receipt (
    top_id      bigint not null,
    exchange_id bigint not null,
    body        text   not null,            -- the receipt as it was signed
    actor_id    bigint not null,
    on_date     text   not null,
    primary key (top_id, exchange_id)
);
