-- The chain over the rows of the audit trail. A row is written with its act and takes its place in the chain within a
-- second, in one order for each organisation, so that a writer who commits late is chained late and never lost.
alter table audit add column place bigint not null default 0;   -- 1, 2, 3 … once chained
alter table audit add column link text;                         -- keyed digest of the row and the link before it
create index audit_by_place on audit (top_id, place);
