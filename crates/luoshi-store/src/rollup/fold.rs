//! Carrying upward what acts added, and counting all of it anew.

use super::facts::{self, Tree};
use crate::{Db, Fault, Tx, Value, audit, needs};
use luoshi_rules::rollup::{Share, Sums};
use luoshi_rules::{Permit, Verb};
use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

/// Rows of what acts added that are carried upward in one transaction.
const DELTAS: i64 = 500;
/// Rows of records that are read at once when all is counted anew.
const RECORDS: i64 = 10_000;

/// How counting anew went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// records counted
    pub records: i64,
    /// how long it took
    pub took: Duration,
}

/// Carries upward what acts of every organisation added. Returns how many rows there were.
pub fn fold_all(db: &Db) -> Result<i64, Fault> {
    let sql = "select distinct top_id from rollup_delta -- fanout: what waits, of all organisations";
    let mut carried = 0;
    for top in db.read(|tx| tx.rows(sql, &[], |row| row.int(0)))? {
        loop {
            let some = db.write(|tx| fold(tx, top))?;
            carried += some;
            if some < DELTAS {
                break;
            }
        }
    }
    Ok(carried)
}

fn fold(tx: &Tx, top: i64) -> Result<i64, Fault> {
    let sql = "select id, body from rollup_delta where top_id = $1 order by id limit $2";
    let rows = tx.rows(sql, &[top.into(), DELTAS.into()], |row| Ok((row.int(0)?, shares(row.json(1)?)?)))?;
    let Some((last, _)) = rows.last() else { return Ok(0) };
    let mut sums = Sums::default();
    rows.iter().flat_map(|(_, shares)| shares).for_each(|share| sums.add(share, |_| true));
    put(tx, top, &sums)?;
    tx.run("delete from rollup_delta where top_id = $1 and id <= $2", &[top.into(), (*last).into()])?;
    Ok(rows.len() as i64)
}

pub(super) fn shares(body: serde_json::Value) -> Result<Vec<Share>, Fault> {
    serde_json::from_value(body).map_err(|error| Fault::Engine(error.to_string()))
}

/// Adds to the counters, in the order of their keys: two that add at once wait for each other and do not cross.
fn put(tx: &Tx, top: i64, sums: &Sums) -> Result<(), Fault> {
    let sql = "insert into rollup (top_id, path, span, kind, class, level, tags, field, below, n)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               on conflict (top_id, path, span, kind, class, level, tags, field, below)
               do update set n = rollup.n + excluded.n";
    let text = |word: &str| Value::Text(word.to_owned());
    for (c, n) in sums.counters.iter().filter(|(_, n)| **n != 0).collect::<BTreeMap<_, _>>() {
        let words = [&c.path, &c.span, &c.kind, &c.class, &c.level, &c.tags, &c.field, &c.below].map(|word| text(word));
        let args: Vec<Value> = [top.into()].into_iter().chain(words).chain([(*n).into()]).collect();
        tx.run(sql, &args)?;
    }
    let sql = "insert into rollup_person (top_id, path, on_date, kind, class, level, tags, role, below, person_id, n)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               on conflict (top_id, path, kind, on_date, class, level, tags, role, below, person_id)
               do update set n = rollup_person.n + excluded.n";
    for ((c, person), n) in sums.people.iter().filter(|(_, n)| **n != 0).collect::<BTreeMap<_, _>>() {
        let words = [&c.path, &c.span, &c.kind, &c.class, &c.level, &c.tags, &c.field, &c.below];
        let words = words.map(|word| text(word.strip_prefix('d').filter(|_| *word == c.span).unwrap_or(word)));
        let ends = [(*person).into(), (*n).into()];
        let args: Vec<Value> = [top.into()].into_iter().chain(words).chain(ends).collect();
        tx.run(sql, &args)?;
    }
    Ok(())
}

/// Drops the roll-ups of an organisation and counts its facts anew, in one transaction: an act that is committed
/// meanwhile has its own row, which stays.
pub fn rebuild(tx: &Tx, top: i64) -> Result<Counted, Fault> {
    let began = Instant::now();
    for sql in [
        "delete from rollup where top_id = $1",
        "delete from rollup_person where top_id = $1",
        "delete from rollup_delta where top_id = $1",
    ] {
        tx.run(sql, &[top.into()])?;
    }
    let (tree, named) = (Tree::whole(tx, top)?, facts::followed(tx, top)?);
    let (mut after, mut records) = (0, 0);
    loop {
        let (facts, last) = facts::batch(tx, top, (after, RECORDS), &named)?;
        if last == 0 {
            return Ok(Counted { records, took: began.elapsed() });
        }
        let mut sums = Sums::default();
        facts.iter().for_each(|fact| sums.add(&fact.share(&tree), |_| true));
        put(tx, top, &sums)?;
        (after, records) = (last, records + facts.len() as i64);
    }
}

/// Counts the organisation of a permit anew.
pub fn recount(tx: &Tx, permit: &Permit) -> Result<Counted, Fault> {
    needs(permit, Verb::Rule)?;
    let counted = rebuild(tx, permit.top())?;
    audit::note(tx, permit, "rollup.rebuild", permit.top(), &counted.records.to_string())?;
    Ok(counted)
}

/// Sees to it that an organisation is counted, with the people of these kinds. Counts anew when something was not:
/// after an upgrade, or when a figure of people came into force. Says how that went.
pub fn ensure(tx: &Tx, top: i64, kinds: &HashSet<String>) -> Result<Option<Counted>, Fault> {
    let known = facts::followed(tx, top)?;
    let missing: Vec<&str> =
        kinds.iter().map(String::as_str).chain([""]).filter(|kind| !known.contains(*kind)).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    for kind in missing {
        let sql = "insert into rollup_kind (top_id, kind) values ($1, $2) on conflict (top_id, kind) do nothing";
        tx.run(sql, &[top.into(), kind.into()])?;
    }
    let counted = rebuild(tx, top)?;
    audit::by(tx, top, 0, top, "rollup.rebuild", top, &counted.records.to_string())?;
    Ok(Some(counted))
}

/// Every counter and person of an organisation that is not nothing, in order: to compare what is kept with what is
/// counted anew.
pub fn kept(tx: &Tx, top: i64) -> Result<Vec<String>, Fault> {
    let sql = "select path || ' ' || span || ' ' || kind || ' ' || class || ' ' || level || ' ' || tags || ' ' || field
                      || ' ' || below || ' ' || cast(n as text) as line from rollup where top_id = $1 and n <> 0
               union all
               select path || ' ' || on_date || ' ' || kind || ' ' || class || ' ' || level || ' ' || tags || ' ' || role
                      || ' ' || below || ' ' || cast(person_id as text) || ' ' || cast(n as text)
                 from rollup_person where top_id = $1 and n <> 0";
    let mut all = tx.rows(sql, &[top.into()], |row| row.text(0))?;
    all.sort();
    Ok(all)
}
