-- People by the reading of their names, with what chooses among them: a list of a whole organisation is read in its
-- order, and nothing else is read of those who do not fit.
create index person_by_reading on person (top_id, search, id, path, unit_id, standing, left_on);

-- and by place, with what is counted: how many there are of each standing is told from the index alone
drop index person_by_path;
create index person_by_path on person (top_id, path, id, unit_id, standing, left_on);
