-- Signing in: second factors, what a session was opened with and where, tokens of programs.

alter table session add column strength bigint not null default 1;  -- 1 passphrase, 2 with a second factor
alter table session add column device text;                         -- a few words, such as Firefox · Linux
alter table invitation add column made bigint not null default 0;   -- moment, or 0 when nobody wrote it down

-- a secret shared with an authenticator (RFC 6238)
create table second_factor (
    top_id    bigint not null,
    person_id bigint not null,
    sealed    text   not null,
    since     bigint not null,              -- moment it was set up
    step      bigint not null,              -- newest step used: no code serves twice
    failed    bigint not null,              -- wrong codes in a row, counted before comparing
    locked    bigint not null,              -- moment until which codes are refused
    primary key (top_id, person_id)
);

-- one-time codes for whoever has lost the authenticator
create table recovery_code (
    top_id    bigint not null,
    person_id bigint not null,
    code      text   not null,              -- keyed digest
    used      bigint not null,              -- moment, or 0
    primary key (top_id, person_id, code)
);

-- tokens by which programs ask in somebody's name
create table access_token (
    top_id     bigint not null,
    token      text   not null,             -- SHA-256
    person_id  bigint not null,
    name       text   not null,
    writes     bigint not null,             -- 1 when it may do more than read
    unit_id    bigint not null,             -- and only there and below; 0 for no limit
    until_date text   not null,             -- last day it serves
    made       bigint not null,
    primary key (top_id, token)
);
create index access_token_by_person on access_token (top_id, person_id);
