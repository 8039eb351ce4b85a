create table person (
    top_id   bigint not null,
    id       bigint not null,
    unit_id  bigint not null,               -- on whose roll; the open affiliation says since when
    path     text   not null,               -- copy of the unit's place
    standing text   not null,               -- full, probationary, prospect, active_applicant, applicant, non_member
    name     text   not null,
    search   text   not null,               -- name, pinyin, initials
    sex      text,                          -- m, f
    born     text,
    joined   text,                          -- day of admission
    full_on  text,                          -- day of full membership
    left_on  text   not null,               -- '9999-12-31' while on the roll
    left_why text,
    primary key (top_id, id)
);
create index person_by_path on person (top_id, path, id);
create index person_by_unit on person (top_id, unit_id, id);

-- facts: on whose roll a person stood; one open row for each person, by key
create table affiliation (
    top_id     bigint not null,
    person_id  bigint not null,
    until_date text   not null,
    from_date  text   not null,
    unit_id    bigint not null,
    why        text,
    primary key (top_id, person_id, until_date)
);

-- facts: how a person stood
create table standing (
    top_id    bigint not null,
    person_id bigint not null,
    from_date text   not null,
    standing  text   not null,
    primary key (top_id, person_id, from_date)
);

-- identity number and phone, encrypted, with a blind index for look-up
create table person_secret (
    top_id    bigint not null,
    person_id bigint not null,
    field     text   not null,              -- identity, phone
    sealed    text   not null,
    blind     text   not null,              -- keyed digest
    once      text   not null,              -- the digest for identity numbers, the person for phones: what may stand once
    primary key (top_id, person_id, field),
    unique (top_id, field, once)
);
create index person_secret_by_blind on person_secret (top_id, field, blind);

-- letters that take a person from one roll to another; one under way for each person, by key
create table transfer (
    top_id    bigint not null,
    person_id bigint not null,
    done      bigint not null,              -- 0 while under way, then the matter
    matter_id bigint not null,
    primary key (top_id, person_id, done)
);
create index transfer_by_matter on transfer (top_id, matter_id);

-- facts: who held which post; a single seat has one open row, by key
create table holding (
    top_id     bigint not null,
    unit_id    bigint not null,
    post       text   not null,
    seat       bigint not null,             -- 0 where one person holds the post, else the person
    until_date text   not null,
    from_date  text   not null,
    person_id  bigint not null,
    path       text   not null,             -- copy of the unit's place
    how        text,                        -- elected, appointed; approval paper
    primary key (top_id, unit_id, post, seat, until_date)
);
create index holding_by_person on holding (top_id, person_id);
create index holding_by_path on holding (top_id, path);

-- facts: terms of office
create table term (
    top_id     bigint not null,
    unit_id    bigint not null,
    from_date  text   not null,
    id         bigint not null,
    path       text   not null,             -- copy of the unit's place
    until_date text   not null,             -- as elected
    extended   text,                        -- the later day, when extended
    why        text,
    primary key (top_id, unit_id, from_date)
);

-- dictionary: who signs in by which name
create table login (
    name      text   not null primary key,  -- in small letters
    top_id    bigint not null,
    person_id bigint not null
);

create table account (
    top_id    bigint not null,
    person_id bigint not null,
    login     text   not null,
    hash      text   not null,              -- Argon2id; empty until the invitation is taken up
    failed    bigint not null,              -- wrong passphrases in a row, counted before comparing
    locked    bigint not null,              -- moment until which sign-in is refused
    active    bigint not null,
    primary key (top_id, person_id)
);

create table session (
    top_id    bigint not null,
    token     text   not null,              -- SHA-256 of the cookie
    person_id bigint not null,
    began     bigint not null,
    seen      bigint not null,
    ends      bigint not null,
    primary key (top_id, token)
);
create index session_by_person on session (top_id, person_id);

-- one-time links to set a passphrase
create table invitation (
    top_id    bigint not null,
    token     text   not null,              -- SHA-256 of the link
    person_id bigint not null,
    ends      bigint not null,
    used      bigint not null,              -- moment, or 0
    primary key (top_id, token)
);
