-- Rounds: which units are looked at in a term, by whom, when.

-- plans of a term: every unit of the kind's levels is to be looked at between two days
create table coverage (
    top_id     bigint not null,
    id         bigint not null,
    unit_id    bigint not null,             -- who sends the rounds
    kind       text   not null,             -- a kind of round of the pack
    name       text   not null,
    from_date  text   not null,
    until_date text   not null,
    teams      bigint not null,             -- that go out at once
    each_team  bigint not null,             -- units a team takes in a round
    per_year   bigint not null,             -- rounds a year
    actor_id   bigint not null,
    on_date    text   not null,
    primary key (top_id, id)
);
create index coverage_by_unit on coverage (top_id, unit_id);

-- facts: the list of units on the day the term began; units founded later are new
create table coverage_unit (
    top_id      bigint not null,
    coverage_id bigint not null,
    unit_id     bigint not null,
    class       text   not null,            -- as on that day
    primary key (top_id, coverage_id, unit_id)
);

create table round (
    top_id      bigint not null,
    id          bigint not null,
    unit_id     bigint not null,            -- who sends it
    coverage_id bigint not null,
    kind        text   not null,
    no          bigint not null,            -- 1, 2, 3 … in the term
    name        text   not null,
    from_date   text   not null,            -- the rights of its teams begin …
    until_date  text   not null,            -- … and end
    paper       text,                       -- by which it was authorised
    actor_id    bigint not null,
    on_date     text   not null,
    primary key (top_id, id),
    unique (top_id, coverage_id, no)
);

-- facts: the units a round looks at, and which team; each has a matter
create table round_target (
    top_id    bigint not null,
    round_id  bigint not null,
    unit_id   bigint not null,
    team      bigint not null,              -- 1, 2, 3 …
    matter_id bigint not null,
    primary key (top_id, round_id, unit_id)
);

-- who is on a team, for one round; rights come from here and end with the round, the seat, or a move into the unit
create table round_member (
    top_id    bigint not null,
    round_id  bigint not null,
    person_id bigint not null,
    until_date text  not null,              -- last day; '9999-12-31' until the round ends
    team      bigint not null,
    post      text   not null,              -- team_leader, team_deputy, team_member
    from_date text   not null,
    why       text,                         -- why they left it before
    actor_id  bigint not null,
    primary key (top_id, round_id, person_id, until_date)
);
create index round_member_by_person on round_member (top_id, person_id);

-- units somebody must be kept from because family is there; who it is, is kept nowhere
create table recusal (
    top_id    bigint not null,
    person_id bigint not null,
    unit_id   bigint not null,
    actor_id  bigint not null,
    on_date   text   not null,
    primary key (top_id, person_id, unit_id)
);
