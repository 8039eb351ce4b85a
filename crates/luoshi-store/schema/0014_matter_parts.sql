-- Matters that are parts of others, that belong to a round, that several units carry; and what a step was given besides
-- a note: answers to its fields, evidence.

alter table matter add column parent_id bigint not null default 0;   -- the matter it is a part of, or 0
alter table matter add column round_id bigint not null default 0;    -- the round it belongs to, or 0
alter table matter_event add column data text;                       -- answers to the fields of the step, as JSON
create index matter_by_parent on matter (top_id, parent_id, id);
create index matter_by_round on matter (top_id, round_id, id);

-- units that help with a matter
create table matter_helper (
    top_id    bigint not null,
    matter_id bigint not null,
    unit_id   bigint not null,
    primary key (top_id, matter_id, unit_id)
);
create index matter_helper_by_unit on matter_helper (top_id, unit_id);

-- filters of boards, kept under a name
create table board_filter (
    top_id    bigint not null,
    person_id bigint not null,
    name      text   not null,
    question  text   not null,              -- as it stands in the address
    primary key (top_id, person_id, name)
);
