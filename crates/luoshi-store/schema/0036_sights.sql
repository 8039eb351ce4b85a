-- Who saw somebody's data, for the person to read: one row for each viewer, person or list, and day.

create table sight (
    top_id    bigint not null,
    person_id bigint not null,              -- whose page was opened; 0 for a list
    on_date   text   not null,
    actor_id  bigint not null,              -- who saw it
    unit_id   bigint not null,              -- whose list was taken away; 0 for a page
    sort      text   not null,              -- page, roll, form, figure, archive
    at        bigint not null,              -- first on that day
    primary key (top_id, person_id, on_date, actor_id, unit_id, sort)
);
