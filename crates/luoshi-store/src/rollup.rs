//! Roll-ups: counters of every unit with all that lay below it on the day of each record. An act writes what it added
//! and took away as one row; a job carries that upward, and readers add what it has not carried yet. All of it can be
//! dropped and counted anew from the facts.

mod facts;
mod fold;
mod read;

pub use fold::{Counted, ensure, fold_all, kept, rebuild, recount};
pub use read::{Span, before_merger, lots, waiting_rows};

use crate::{Fault, Tx, Value, new_id};
use facts::{Fact, Tree};
use luoshi_rules::Permit;
use luoshi_rules::rollup::{self, PRESENT, Place, RECORDS, Share};
use std::collections::BTreeMap;

/// Shares in one row.
const AT_ONCE: usize = 500;

/// Numbers and money of a record are far below this; keys (of a unit that was visited, say) are far above, and their sum
/// is of no use to anybody.
const LEAST_KEY: i64 = 1 << 53;

/// Notes what a new record adds: everything but its place is in the hands of whoever adds it.
pub(crate) fn added(tx: &Tx, permit: &Permit, entry: &crate::record::Entry) -> Result<(), Fault> {
    let sql = "select coalesce(b.path, u.path), coalesce(b.level, u.level), coalesce(b.class, u.class),
                      (select max(k.kind) from rollup_kind k where k.top_id = u.top_id
                          and (k.kind = $4 or ' ' || $5 || ' ' like '% also:' || k.kind || ' %')),
                      (select count(*) from rollup_kind k where k.top_id = u.top_id and k.kind = '')
                 from unit u
                 left join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                      and b.until_date = (select min(p.until_date) from unit_past p
                                           where p.top_id = u.top_id and p.unit_id = u.id and p.until_date >= $3)
                where u.top_id = $1 and u.id = $2";
    let (kind, tags) = (entry.kind.id.as_str(), luoshi_rules::record::options(&entry.kind.tags(&entry.data)));
    let args = [permit.top().into(), permit.unit().into(), entry.on.into(), kind.into(), tags.as_str().into()];
    let place = |row: &crate::Row| {
        let place = Place { path: row.text(0)?, level: row.text(1)?, class: row.text(2)? };
        Ok((place, !row.text(3)?.is_empty(), row.int(4)? > 0))
    };
    // an organisation that was never counted is counted whole when the server starts
    let Some((place, named, true)) = tx.rows(sql, &args, place)?.pop() else { return Ok(()) };
    let due = entry.due.as_deref().unwrap_or_default();
    let stood: Vec<(i64, &str)> = entry.stood.iter().map(|one| (one.person, one.role.as_str())).collect();
    let share = Share {
        n: 1,
        on: entry.on,
        kind: entry.kind.id.clone(),
        tags,
        places: vec![place],
        fields: fields(&entry.data, due.len() as i64, &stood),
        people: if named { people(due, &stood) } else { Vec::new() },
    };
    put(tx, permit.top(), &[share])
}

/// Notes what an act on one record changes, whatever the act.
pub(crate) fn changed<T>(tx: &Tx, top: i64, record: i64, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    if !is_counted(tx, top)? {
        return act();
    }
    let now = |tx: &Tx| {
        let fact = facts::one(tx, top, record)?;
        let tree = Tree::of_record(tx, top, record)?;
        Ok::<_, Fault>(fact.map(|fact| fact.share(&tree)))
    };
    let before = now(tx)?;
    let out = act()?;
    let after = now(tx)?;
    if before != after {
        let away = before.map(|share| Share { n: -1, ..share });
        put(tx, top, &away.into_iter().chain(after).collect::<Vec<_>>())?;
    }
    Ok(out)
}

/// Notes what a change of units changes: records of their places between two, from a day on, come to stand elsewhere or
/// to be of another level or class. All of them where a unit became what it is on that day or later, since then nothing
/// else was before.
pub(crate) fn restated<T>(
    tx: &Tx,
    top: i64,
    (from, until, on): (&str, &str, &str),
    act: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    if !is_counted(tx, top)? {
        return act();
    }
    let sql = "select count(*) from unit where top_id = $1 and path >= $2 and path < $3 and since >= $4";
    let new = tx.row(sql, &[top.into(), from.into(), until.into(), on.into()], |row| row.int(0))? > 0;
    let facts = facts::of_places(tx, top, (from, until), if new { "" } else { on })?;
    if facts.is_empty() {
        return act();
    }
    let before = Tree::whole(tx, top)?;
    let out = act()?;
    let after = Tree::whole(tx, top)?;
    let moved = facts.iter().flat_map(|fact| {
        let (old, new) = (fact.share(&before), fact.share(&after));
        if old == new { Vec::new() } else { vec![Share { n: -1, ..old }, new] }
    });
    put(tx, top, &moved.collect::<Vec<_>>())?;
    Ok(out)
}

/// Whether the facts of an organisation were ever counted.
fn is_counted(tx: &Tx, top: i64) -> Result<bool, Fault> {
    let sql = "select count(*) from rollup_kind where top_id = $1 and kind = ''";
    Ok(tx.row(sql, &[top.into()], |row| row.int(0))? > 0)
}

fn put(tx: &Tx, top: i64, shares: &[Share]) -> Result<(), Fault> {
    let sql = "insert into rollup_delta (top_id, id, body) values ($1, $2, $3)";
    for some in shares.chunks(AT_ONCE) {
        let body = serde_json::to_value(some).map_err(|error| Fault::Engine(error.to_string()))?;
        tx.run(sql, &[top.into(), new_id().into(), Value::Json(body)])?;
    }
    Ok(())
}

/// What is counted of a record: itself, those present (due less absent, and guests), its number fields, and each of
/// them times those present.
fn fields(data: &serde_json::Value, due: i64, stood: &[(i64, &str)]) -> BTreeMap<String, i64> {
    let numbers = data.as_object().into_iter().flatten();
    let numbers = numbers.filter_map(|(field, n)| Some((field.clone(), n.as_i64().filter(|n| *n < LEAST_KEY)?)));
    let mut fields: BTreeMap<String, i64> = numbers.collect();
    let of = |wanted: &str| stood.iter().filter(|(_, role)| *role == wanted).count() as i64;
    let present = due - of("absent") + of("guest");
    let times = fields.iter().map(|(field, n)| (rollup::each(field), n.saturating_mul(present))).collect::<Vec<_>>();
    fields.extend(times);
    fields.insert(RECORDS.into(), 1);
    fields.insert(PRESENT.into(), present);
    fields
}

/// Who stood on a record: those due and not absent, and those in a role.
fn people(due: &[i64], stood: &[(i64, &str)]) -> Vec<(i64, String)> {
    let absent = |person: &i64| stood.iter().any(|(one, role)| one == person && *role == "absent");
    let came = due.iter().filter(|person| !absent(person)).map(|person| (*person, "present".to_owned()));
    let roles = stood.iter().filter(|(_, role)| *role != "absent");
    came.chain(roles.map(|(person, role)| (*person, (*role).to_owned()))).collect()
}

impl Fact {
    /// What it adds as a tree stands.
    fn share(&self, tree: &Tree) -> Share {
        Share {
            n: 1,
            on: self.on,
            kind: self.kind.clone(),
            tags: self.tags.clone(),
            places: self.units.iter().filter_map(|unit| tree.place(*unit, self.on)).collect(),
            fields: self.fields.clone(),
            people: self.people.clone(),
        }
    }
}
