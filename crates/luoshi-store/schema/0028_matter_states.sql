-- How each matter stands, and the words it is found by. Both are derived from matter and matter_event and can be made
-- again at any time; they are kept so that a board or a search reads what it shows and nothing else.

-- written in the transaction of each event; days are '9999-12-31' where there is none
create table matter_state (
    top_id      bigint not null,
    matter_id   bigint not null,
    path        text   not null,            -- copies of the places of its units
    opener_path text   not null,
    unit_id     bigint not null,
    opener_id   bigint not null,
    flow        text   not null,
    round_id    bigint not null,
    step        text   not null,            -- at which it stands
    open        bigint not null,            -- 1 until it is closed
    opened      text   not null,
    limit_on    text   not null,            -- the day by which it is to be done; none when it is closed
    still_on    text   not null,            -- the day on which something last happened; none when it is closed
    touched     text   not null,            -- the same, closed or not
    ring_on     text   not null,            -- the day on which the next thing is to be sent
    seq         bigint not null,            -- of the last event
    place       bigint not null,            -- where its words stand: block × 65536 + spot; 0 until they are packed
    primary key (top_id, matter_id)
);
create index matter_state_by_path on matter_state (top_id, path, place);
create index matter_state_by_opener on matter_state (top_id, opener_path, place);
create index matter_state_by_limit on matter_state (top_id, limit_on, matter_id);
create index matter_state_by_still on matter_state (top_id, still_on, matter_id);
create index matter_state_by_ring on matter_state (top_id, ring_on, matter_id);
-- everything that counts are made of, so that counting what is open reads no more than that
create index matter_state_by_open on matter_state (top_id, open, flow, step, path, opener_path, opened, limit_on,
                                                   still_on, ring_on, touched, unit_id, opener_id, round_id, matter_id);
create index matter_state_by_place on matter_state (top_id, place);

-- the rules by which the states of an organisation were derived: others ask for them to be derived again
create table matter_mark (
    top_id bigint not null,
    mark   text   not null,
    primary key (top_id)
);

-- for each block of some thousand matters and each token in it, at which spots it stands
create table matter_word (
    top_id bigint not null,
    token  text   not null,                 -- empty in the row that says the block exists
    block  bigint not null,
    spots  text   not null,
    primary key (top_id, token, block)
);
