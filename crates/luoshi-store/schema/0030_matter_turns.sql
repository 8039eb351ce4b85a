-- Turns: a matter passes on to another unit, or a unit begins or ends to help with it. A turn changes no step; where
-- the matter stands is told by its events alone.

-- facts
create table matter_turn (
    top_id    bigint not null,
    matter_id bigint not null,
    no        bigint not null,              -- 1, 2, 3 …
    sort      text   not null,              -- handed, given (by another opener), helps, ended
    unit_id   bigint not null,              -- whose turn ended; 0 where none did
    other_id  bigint not null,              -- whose turn began; 0 where none did
    after_seq bigint not null,              -- the event after which it came
    note      text   not null,              -- why
    actor_id  bigint not null,
    on_date   text   not null,
    primary key (top_id, matter_id, no)
);
create index matter_turn_by_unit on matter_turn (top_id, unit_id);
