-- Party groups inside a branch. Somebody is in one at a time, by key, and only as long as they stay on the roll of the
-- branch since they joined it: no row says that they left with it. A branch that ends has no groups any more.

create table branch_group (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- the branch
    name       text   not null,
    from_date  text   not null,
    until_date text   not null,             -- last day; '9999-12-31' while there is one
    primary key (top_id, id)
);
create index branch_group_by_unit on branch_group (top_id, unit_id);

create table branch_group_member (
    top_id     bigint not null,
    person_id  bigint not null,
    until_date text   not null,             -- last day; '9999-12-31' while nobody has taken them out
    from_date  text   not null,
    group_id   bigint not null,
    primary key (top_id, person_id, until_date)
);
create index branch_group_member_by_group on branch_group_member (top_id, group_id);
