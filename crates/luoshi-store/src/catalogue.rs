//! The catalogue of statements, read from the sources: each names the organisation or says why not, and each prepares
//! on every engine.

use crate::{Db, Keys, Value};
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => sources(&entry, out),
            false if entry.extension().is_some_and(|end| end == "rs") => out.push(entry),
            false => {}
        }
    }
}

/// Every string literal of the crate that begins as a statement does, and those put together of several by a macro.
fn statements() -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("catalogue.rs")) {
        let text = fs::read_to_string(file).unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        let pieces: Vec<&str> = code.split('"').collect();
        for (literal, next) in pieces.iter().skip(1).step_by(2).zip(pieces.iter().skip(2).step_by(2)) {
            let begins = |verb: &&str| literal.trim_start().starts_with(*verb);
            let goes_on = next.trim_start_matches([',', ' ', '\n']).starts_with('$');
            if ["select ", "insert into ", "update ", "delete from "].iter().any(begins) && !goes_on {
                let spelled = crate::unit::spelled(literal).into_iter();
                found.extend(spelled.map(|sql| (file.display().to_string(), sql)));
            }
        }
    }
    let whole = crate::figure::STATEMENTS.iter().chain(&crate::record::STATEMENTS).chain(&crate::person::STATEMENTS);
    let whole = whole.chain(&crate::matter::STATEMENTS).chain(&crate::matter::COUNTED);
    found.extend(whole.map(|sql| ("a macro".to_owned(), (*sql).to_owned())));
    found
}

/// The steps in which SQLite reads what a statement asks for, in a database of its own.
pub(crate) fn plan(sql: &str, args: &[Value]) -> Vec<String> {
    let file = std::env::temp_dir().join(format!("luoshi-plan-{}.db", crate::new_id()));
    let db = Db::open(&file.display().to_string(), Keys::new(&[1; 32])).unwrap();
    let steps = db.read(|tx| tx.rows(&format!("explain query plan {sql}"), args, |row| row.text(3))).unwrap();
    fs::remove_file(file).unwrap();
    steps
}

/// That a list is read through an index, in its order: nothing is put in order that does not fit on the page. Days may
/// still be put in order within themselves.
pub(crate) fn must_be_read_through(index: &str, (sql, args): (&str, usize)) {
    let args: Vec<Value> = (1..).map(Value::Int).take(args).collect();
    let steps = plan(sql, &args);
    let sorted = steps.iter().any(|step| step.contains("FOR ORDER BY"));
    assert!(steps.iter().any(|step| step.contains(index)) && !sorted, "{index}: {steps:#?}");
}

#[test]
fn every_statement_names_the_organisation_or_says_why_not() {
    let all = statements();
    assert!(all.len() > 60, "only {} statements were found: is the catalogue still read?", all.len());
    for (file, sql) in all {
        let named = sql.contains("top_id") || sql.contains("-- fanout: ");
        assert!(named, "{file}: {sql}");
    }
}

#[test]
fn every_statement_prepares_on_every_engine() {
    let file = std::env::temp_dir().join(format!("luoshi-catalogue-{}.db", crate::new_id()));
    let mut urls = vec![file.display().to_string()];
    urls.extend(std::env::var("LUOSHI_TEST_PG").ok());
    for url in urls {
        let db = Db::open(&url, Keys::new(&[1; 32])).unwrap();
        // those of everything are put together for each table; its own test runs them all
        for (file, sql) in statements().into_iter().filter(|(file, _)| !file.ends_with("dump.rs")) {
            db.read(|tx| tx.prepare(&sql)).unwrap_or_else(|fault| panic!("{} {file}: {sql}: {fault}", db.engine()));
        }
    }
    fs::remove_file(file).unwrap();
}
