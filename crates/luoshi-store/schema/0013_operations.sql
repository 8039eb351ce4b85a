-- Back-ups, as the page of operations tells of them: when, and how much. What is in one is nowhere here.

create table backup (
    id     bigint not null primary key,     -- made by the program, in the order of time
    at     bigint not null,                 -- moment of its end
    took   bigint not null,                 -- milliseconds
    failed bigint not null,                 -- 1 where it was not finished
    facts  bigint not null,                 -- rows in it
    files  bigint not null                  -- attachments in it
);
