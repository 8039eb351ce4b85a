-- Documents that came in as directives: their clean text, what was found in it, and the matters made of it.

create table intake (
    top_id   bigint not null,
    id       bigint not null,
    unit_id  bigint not null,               -- the unit that gives the orders
    actor_id bigint not null,
    digest   text   not null,               -- SHA-256 of the clean text: the same document again is the same row
    title    text   not null,
    name     text,                          -- of the file; empty when it was pasted
    day      text   not null,               -- the day from which the document counts
    body     text   not null,               -- the clean text
    findings jsonb  not null,               -- the measures as they now stand, mended or not; what is made of them is below
    version  bigint not null,               -- counts savings: nobody saves over what another saved
    on_date  text   not null,
    primary key (top_id, id),
    unique (top_id, unit_id, digest)
);

create table intake_matter (
    top_id    bigint not null,
    intake_id bigint not null,
    seq       bigint not null,              -- the measure
    unit_id   bigint not null,              -- who must carry it out: once for each measure
    matter_id bigint not null,
    primary key (top_id, intake_id, seq, unit_id)
);
