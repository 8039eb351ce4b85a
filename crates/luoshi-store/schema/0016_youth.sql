-- youth groups: beside the tree, of members and others; a person is in one at a time, by key. Who has become too old
-- is no longer in it from that birthday on: no row says so.

create table youth_group (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- which unit keeps it; a joint group has members of several
    name       text   not null,
    from_date  text   not null,
    until_date text   not null,             -- '9999-12-31' while there is one
    primary key (top_id, id)
);
create index youth_group_by_unit on youth_group (top_id, unit_id);

create table youth_member (
    top_id     bigint not null,
    person_id  bigint not null,
    until_date text   not null,             -- last day; '9999-12-31' while they are in it
    from_date  text   not null,
    group_id   bigint not null,
    primary key (top_id, person_id, until_date)
);
create index youth_member_by_group on youth_member (top_id, group_id);

-- who leads, keeps the papers, guides or speaks, in turn
create table youth_part (
    top_id     bigint not null,
    group_id   bigint not null,
    part       text   not null,             -- leader, secretary, mentor, speaker
    person_id  bigint not null,
    from_date  text   not null,
    until_date text   not null,
    primary key (top_id, group_id, part, person_id, from_date)
);
create index youth_part_by_person on youth_part (top_id, person_id);
