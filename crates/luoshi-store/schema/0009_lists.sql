-- The newest records of a whole organisation. The day stands as an expression, so that only the statement that asks
-- for it in these words is served by this index, and none over a small subtree by mistake.
create index record_by_day on record (top_id, (on_date || ''), id);
