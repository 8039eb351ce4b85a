-- What takes names ahead is of a kind that the pack names: a training class, a call for volunteers. Its sessions; who of
-- those that came missed which of them.

alter table class add column kind text not null default 'training';  -- the kind of record it becomes
alter table class add column need text not null default '';          -- what is needed, or what it is about

create table class_session (
    top_id    bigint not null,
    class_id  bigint not null,
    no        bigint not null,              -- 1, 2, 3 … by day
    on_date   text   not null,
    hours     bigint not null,
    topic     text   not null,
    record_id bigint not null,              -- what was recorded of it alone; 0 where all sessions are one record
    primary key (top_id, class_id, no)
);

create table class_missed (
    top_id    bigint not null,
    class_id  bigint not null,
    no        bigint not null,              -- which session
    person_id bigint not null,
    primary key (top_id, class_id, no, person_id)
);
create index class_missed_by_person on class_missed (top_id, person_id);
