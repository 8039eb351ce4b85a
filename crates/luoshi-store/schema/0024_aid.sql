-- mutual aid: a fund of a unit, its account, and cases. What is told of illness and hardship is sealed: no row says in
-- plain words why somebody asked. Where a case stands, and what is left in the account, is derived.

create table aid_fund (
    top_id  bigint not null,
    id      bigint not null,                -- that of the unit that opened it: a unit opens one
    unit_id bigint not null,                -- which unit keeps it now
    name    text   not null,
    on_date text   not null,
    primary key (top_id, id)
);
create index aid_fund_by_unit on aid_fund (top_id, unit_id);

create table aid_entry (
    top_id    bigint not null,
    fund_id   bigint not null,
    seq       bigint not null,              -- two who write at once cannot have the same: the second looks again
    sort      text   not null,              -- donation, dues, payment, counter
    amount    bigint not null,              -- fen: above zero came in, below zero went out
    on_date   text   not null,
    givers    bigint not null,              -- how many gave
    person_id bigint not null,              -- who gave, if they are named and on a roll; or 0
    giver     text   not null,              -- who gave, if named and not on a roll
    words     text   not null,
    case_id   bigint not null,              -- what it was paid for; or 0
    counters  bigint not null,              -- the entry it makes good; or 0
    actor_id  bigint not null,
    primary key (top_id, fund_id, seq)
);
create index aid_entry_by_person on aid_entry (top_id, person_id);

create table aid_case (
    top_id    bigint not null,
    id        bigint not null,
    fund_id   bigint not null,
    person_id bigint not null,              -- who asks
    on_date   text   not null,
    sealed    text   not null,              -- for what, for whom, what happened, what shows it
    primary key (top_id, id)
);
create index aid_case_by_fund on aid_case (top_id, fund_id);
create index aid_case_by_person on aid_case (top_id, person_id);

create table aid_event (
    top_id   bigint not null,
    case_id  bigint not null,
    seq      bigint not null,
    step     text   not null,
    actor_id bigint not null,
    on_date  text   not null,
    at       bigint not null,               -- the moment, in milliseconds since 1970
    sealed   text   not null,               -- note and amount
    initials text   not null,               -- what is published; empty at other steps
    reason   text   not null,
    primary key (top_id, case_id, seq)
);

create table aid_kin (
    top_id    bigint not null,
    case_id   bigint not null,
    person_id bigint not null,              -- who is kin of who asks, and so keeps away from the case
    primary key (top_id, case_id, person_id)
);
