//! Carrying upward what acts added, and counting all of it anew.

use super::facts::{self, Tree};
use crate::{Db, Fault, Tx, Value, audit, needs};
use luoshi_rules::rollup::{Counter, Share, Sums};
use luoshi_rules::{Permit, Verb};
use std::collections::{BTreeMap, BTreeSet, HashSet};
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
    months(tx, top, &sums)?;
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
    let counters = sums.counters.iter().filter(|(_, n)| **n != 0).collect::<BTreeMap<_, _>>();
    let row = |(c, n): (&Counter, &i64)| {
        let words = [&c.path, &c.span, &c.kind, &c.class, &c.level, &c.tags, &c.field, &c.below]
            .map(|word| Value::from(&**word));
        [top.into()].into_iter().chain(words).chain([(*n).into()]).collect()
    };
    tx.many(sql, counters.into_iter().map(row))?;
    people(tx, top, sums)
}

/// Adds to who stood on records of each day.
fn people(tx: &Tx, top: i64, sums: &Sums) -> Result<(), Fault> {
    let sql = "insert into rollup_person (top_id, path, on_date, kind, class, level, tags, role, below, person_id, n)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               on conflict (top_id, path, on_date, kind, class, level, tags, role, below, person_id)
               do update set n = rollup_person.n + excluded.n";
    let people = sums.people.iter().filter(|(_, n)| **n != 0).collect::<BTreeMap<_, _>>();
    let row = |((c, person), n): (&(Counter, i64), &i64)| {
        let words = [day(c), &c.kind, &c.class, &c.level, &c.tags, &c.field, &c.below].map(Value::from);
        let ends = [(*person).into(), (*n).into()];
        [top.into(), (&*c.path).into()].into_iter().chain(words).chain(ends).collect()
    };
    tx.many(sql, people.into_iter().map(row))
}

/// The day of a counter.
fn day(counter: &Counter) -> &str {
    counter.span.strip_prefix('d').unwrap_or(&counter.span)
}

/// Tells the people of whole months anew from those of their days, for the months and places that changed.
fn months(tx: &Tx, top: i64, sums: &Sums) -> Result<(), Fault> {
    let away = "delete from rollup_people where top_id = $1 and path = $2 and month = $3 and kind = $4 and class = $5
                   and level = $6 and tags = $7 and role = $8 and below = $9";
    let anew = "insert into rollup_people (top_id, path, month, kind, class, level, tags, role, below, people)
                select s.top_id, s.path, $3, s.kind, s.class, s.level, s.tags, s.role, s.below,
                       string_agg(cast(s.person_id as text), ' ' order by s.person_id)
                  from (select distinct p.top_id, p.path, p.kind, p.class, p.level, p.tags, p.role, p.below, p.person_id
                          from rollup_person p
                         where p.top_id = $1 and p.path = $2 and p.on_date >= $3 || '-01' and p.on_date <= $3 || '-31'
                           and p.kind = $4 and p.class = $5 and p.level = $6 and p.tags = $7 and p.role = $8
                           and p.below = $9 and p.n > 0) s
                 group by s.top_id, s.path, s.kind, s.class, s.level, s.tags, s.role, s.below";
    let month = |c: &Counter| day(c).get(..7).unwrap_or_default().to_owned();
    let changed: BTreeSet<[String; 8]> = sums
        .people
        .keys()
        .map(|(c, _)| {
            let words =
                [&c.path, &c.kind, &c.class, &c.level, &c.tags, &c.field, &c.below].map(|word| word.to_string());
            let [path, kind, class, level, tags, role, below] = words;
            [path, month(c), kind, class, level, tags, role, below]
        })
        .collect();
    for words in changed {
        let args: Vec<Value> = [top.into()].into_iter().chain(words.map(Value::from)).collect();
        tx.run(away, &args)?;
        tx.run(anew, &args)?;
    }
    Ok(())
}

/// The same for all of an organisation, after its people were counted anew.
fn all_months(tx: &Tx, top: i64) -> Result<(), Fault> {
    let sql = "insert into rollup_people (top_id, path, month, kind, class, level, tags, role, below, people)
               select s.top_id, s.path, s.month, s.kind, s.class, s.level, s.tags, s.role, s.below,
                      string_agg(cast(s.person_id as text), ' ' order by s.person_id)
                 from (select distinct p.top_id, p.path, substr(p.on_date, 1, 7) as month, p.kind, p.class, p.level,
                              p.tags, p.role, p.below, p.person_id
                         from rollup_person p where p.top_id = $1 and p.n > 0) s
                group by s.top_id, s.path, s.month, s.kind, s.class, s.level, s.tags, s.role, s.below";
    tx.run(sql, &[top.into()]).map(drop)
}

/// Drops the roll-ups of an organisation and counts its facts anew, in one transaction: an act that is committed
/// meanwhile has its own row, which stays.
pub fn rebuild(tx: &Tx, top: i64) -> Result<Counted, Fault> {
    let began = Instant::now();
    for sql in [
        "delete from rollup where top_id = $1",
        "delete from rollup_person where top_id = $1",
        "delete from rollup_people where top_id = $1",
        "delete from rollup_delta where top_id = $1",
    ] {
        tx.run(sql, &[top.into()])?;
    }
    let (tree, named) = (Tree::whole(tx, top)?, facts::followed(tx, top)?);
    let (mut after, mut records) = (0, 0);
    loop {
        let (facts, last) = facts::batch(tx, top, (after, RECORDS), &named)?;
        if last == 0 {
            all_months(tx, top)?;
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
                 from rollup_person where top_id = $1 and n <> 0
               union all
               select path || ' ' || month || ' ' || kind || ' ' || class || ' ' || level || ' ' || tags || ' ' || role
                      || ' ' || below || ' ' || people
                 from rollup_people where top_id = $1";
    let mut all = tx.rows(sql, &[top.into()], |row| row.text(0))?;
    all.sort();
    Ok(all)
}
