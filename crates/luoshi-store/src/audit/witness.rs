//! What a transaction wrote, so that no act keeps a fact without its row in the audit trail. Builds for tests look at
//! every commit of every test; a release does without.

use crate::Fault;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is written without a row of the trail, and why. Statements of no organisation (`fanout`), such as those of the
/// daily job, are the machine's and nobody's act.
const QUIET: &[(&str, &str, &str)] = &[
    ("operation", "insert", "the key of an act that changed nothing"),
    ("draft", "insert", "a form half filled, for its owner alone"),
    ("draft", "delete", "a form half filled, for its owner alone"),
    ("second_factor", "update", "a try is counted before it is compared; the outcome has its row"),
    ("passkey", "update", "the counter it told; the session that begins by it has its row"),
    ("ticket", "insert", "used up with the act"),
    ("directory_try", "insert", "a try is counted before the directory is asked; the session has its row"),
    ("directory_try", "delete", "a try is counted before the directory is asked; the session has its row"),
    ("import", "update", "how far it has come; that it began and moved on has its row"),
    ("session", "update", "when it was last seen"),
    ("audit", "update", "the job that gives rows their place in the chain"),
    ("sight", "insert", "a trail of its own, for the person to read"),
    ("matter_state", "insert", "derived from events"),
    ("matter_state", "update", "derived from events"),
    ("matter_state", "delete", "derived from events"),
    ("matter_word", "insert", "derived from events"),
    ("matter_word", "delete", "derived from events"),
    ("matter_mark", "insert", "derived from events"),
    ("matter_mark", "update", "derived from events"),
    ("matter_mark", "delete", "derived from events"),
    ("rollup", "insert", "counted from records"),
    ("rollup", "update", "counted from records"),
    ("rollup", "delete", "counted from records"),
    ("rollup_delta", "delete", "counted from records"),
    ("rollup_person", "insert", "counted from records"),
    ("rollup_person", "delete", "counted from records"),
    ("rollup_people", "insert", "counted from records"),
    ("rollup_people", "delete", "counted from records"),
    ("rollup_delta", "insert", "counted from records"),
];

/// What was written so far, as table and verb.
#[derive(Default)]
pub(crate) struct Witness {
    written: RefCell<BTreeSet<(String, String)>>,
    /// the statement seen last: a restore runs one for each of many rows
    last: RefCell<String>,
}

impl Witness {
    /// Notes a statement that changed rows.
    pub(crate) fn saw(&self, sql: &str) {
        if *self.last.borrow() == sql {
            return;
        }
        sql.clone_into(&mut self.last.borrow_mut());
        let mut words = sql.split_whitespace();
        let (verb, table) = match (words.next(), words.next(), words.next()) {
            (Some(verb @ ("insert" | "delete")), _, Some(table)) | (Some(verb @ "update"), Some(table), _) => {
                (verb, table)
            }
            _ => return,
        };
        if !sql.contains("-- fanout") {
            self.written.borrow_mut().insert((table.to_owned(), verb.to_owned()));
        }
    }

    /// Refuses a commit that keeps facts and says nothing of them in the trail.
    pub(crate) fn swear(&self) -> Result<(), Fault> {
        let seen = self.written.borrow();
        let is_quiet =
            |one: &(String, String)| QUIET.iter().any(|(table, verb, _)| *one.0 == **table && *one.1 == **verb);
        let silent: Vec<_> = seen.iter().filter(|one| !is_quiet(one)).collect();
        if silent.is_empty() || seen.contains(&("audit".to_owned(), "insert".to_owned())) {
            return Ok(());
        }
        Err(Fault::Engine(format!("written without a row of the audit trail: {silent:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_without_a_row_of_the_trail_is_not_committed() {
        let of_all = "where at < $1 -- fanout: of all organisations";
        for (written, sound) in [
            (&[("insert into", "holding", "")][..], false),
            (&[("insert into", "holding", ""), ("insert into", "audit", "")], true),
            (&[("update", "account", "set hash = $2")], false),
            (&[("delete from", "board_filter", "")], false),
            (&[("delete from", "second_factor", "")], false),
            (&[("update", "second_factor", "set failed = $3")], true),
            (&[("insert into", "operation", "")], true),
            (&[("delete from", "look", of_all)], true),
        ] {
            let witness = Witness::default();
            written.iter().for_each(|(verb, table, rest)| witness.saw(&format!("{verb} {table} {rest}")));
            assert_eq!(witness.swear().is_ok(), sound, "{written:?}");
        }
    }
}
