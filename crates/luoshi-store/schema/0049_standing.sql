-- People by their standing and place: how many there are of each is told from the index alone, without putting them
-- in order first.
create index person_by_standing on person (top_id, left_on, standing, path, unit_id);
