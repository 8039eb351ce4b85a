//! The schema, oldest file first. A file that has been released is never edited.

use crate::{Db, Fault};

const FILES: &[(&str, &str)] = &[
    ("0001_units", include_str!("../schema/0001_units.sql")),
    ("0002_people", include_str!("../schema/0002_people.sql")),
    ("0003_facts", include_str!("../schema/0003_facts.sql")),
    ("0004_sign_in", include_str!("../schema/0004_sign_in.sql")),
    ("0005_audit", include_str!("../schema/0005_audit.sql")),
    ("0006_my_data", include_str!("../schema/0006_my_data.sql")),
    ("0007_sign_on", include_str!("../schema/0007_sign_on.sql")),
    ("0008_intake", include_str!("../schema/0008_intake.sql")),
    ("0009_lists", include_str!("../schema/0009_lists.sql")),
    ("0010_figures", include_str!("../schema/0010_figures.sql")),
    ("0011_directory", include_str!("../schema/0011_directory.sql")),
    ("0013_operations", include_str!("../schema/0013_operations.sql")),
    ("0014_matter_parts", include_str!("../schema/0014_matter_parts.sql")),
    ("0015_rounds", include_str!("../schema/0015_rounds.sql")),
    ("0016_youth", include_str!("../schema/0016_youth.sql")),
    ("0017_plans", include_str!("../schema/0017_plans.sql")),
    ("0020_collections", include_str!("../schema/0020_collections.sql")),
    ("0021_classes", include_str!("../schema/0021_classes.sql")),
    ("0022_class_sessions", include_str!("../schema/0022_class_sessions.sql")),
    ("0023_pledges", include_str!("../schema/0023_pledges.sql")),
    ("0024_aid", include_str!("../schema/0024_aid.sql")),
    ("0025_rollups", include_str!("../schema/0025_rollups.sql")),
    ("0027_exchange", include_str!("../schema/0027_exchange.sql")),
    ("0028_matter_states", include_str!("../schema/0028_matter_states.sql")),
    ("0030_matter_turns", include_str!("../schema/0030_matter_turns.sql")),
    ("0031_branch_groups", include_str!("../schema/0031_branch_groups.sql")),
    ("0036_sights", include_str!("../schema/0036_sights.sql")),
    ("0040_rollup_months", include_str!("../schema/0040_rollup_months.sql")),
    ("0045_proofs", include_str!("../schema/0045_proofs.sql")),
    ("0046_record_also", include_str!("../schema/0046_record_also.sql")),
    ("0047_rollup_numbers", include_str!("../schema/0047_rollup_numbers.sql")),
    ("0048_reading", include_str!("../schema/0048_reading.sql")),
    ("0049_standing", include_str!("../schema/0049_standing.sql")),
    ("0050_token_proposals", include_str!("../schema/0050_token_proposals.sql")),
];

/// Runs every file that has not been run, each in a transaction of its own.
pub(crate) fn bring_up_to_date(db: &Db) -> Result<(), Fault> {
    db.write(|tx| tx.script("create table if not exists applied (name text not null primary key)"))?;
    let done = db.read(|tx| {
        // fanout: the dictionary of schema files
        tx.rows("select name from applied order by name -- fanout: schema", &[], |row| row.text(0))
    })?;
    if let Some(newer) = done.iter().find(|name| FILES.iter().all(|(known, _)| known != name)) {
        return Err(Fault::Engine(format!(
            "the database was last used by a newer program (schema {newer}); start that version, or restore a back-up"
        )));
    }
    for (name, sql) in FILES.iter().filter(|(name, _)| !done.iter().any(|one| one == name)) {
        db.write(|tx| {
            tx.script(sql)?;
            tx.run("insert into applied (name) values ($1) -- fanout: schema", &[(*name).into()])?;
            Ok(())
        })?;
    }
    Ok(())
}

/// The name of the newest file.
pub fn version() -> &'static str {
    FILES.last().map_or("", |(name, _)| name)
}

/// A table of the schema and its columns, each with its type.
pub(crate) type Table = (String, Vec<(String, String)>);

/// Every table, in the order of the files.
pub(crate) fn tables() -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in FILES.iter().flat_map(|(_, sql)| sql.lines()).map(|line| line.split("--").next().unwrap_or_default()) {
        let words: Vec<&str> = line.trim().trim_end_matches([';', ',']).split_whitespace().collect();
        match words.as_slice() {
            ["create", "table", name, ..] => tables.push(((*name).to_owned(), Vec::new())),
            ["drop", "table", name] => tables.retain(|(table, _)| table != name),
            ["alter", "table", name, "add", "column", column, sort, ..] => {
                let known = tables.iter_mut().find(|(table, _)| table == name);
                known.into_iter().for_each(|(_, columns)| columns.push(((*column).to_owned(), (*sort).to_owned())));
            }
            [column, sort @ ("bigint" | "text" | "jsonb"), ..] => {
                let last = tables.last_mut();
                last.into_iter().for_each(|(_, columns)| columns.push(((*column).to_owned(), (*sort).to_owned())));
            }
            _ => {}
        }
    }
    tables
}
