-- Keys of units that fields of records hold were added up as if they were numbers, until the sums were too large to
-- keep. Counters are a cache: what there was goes, and the facts are counted anew when the server starts.
delete from rollup_delta;
delete from rollup;
delete from rollup_kind;
delete from rollup_person;
delete from rollup_people;
