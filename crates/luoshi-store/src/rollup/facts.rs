//! The facts that roll-ups are counted from: the newest versions of records, who stood on them, the units that took
//! part, and the tree as it stood on each day.

use super::{fields, people};
use crate::figure::Asked;
use crate::{FOREVER, Fault, Row, Tx, Value};
use jiff::civil::Date;
use luoshi_rules::figure::Counted;
use luoshi_rules::rollup::{Place, Share};
use luoshi_rules::{Scope, UnitPath};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A record as it counts.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// the unit that keeps it, then those that took part
    pub units: Vec<i64>,
    /// the day
    pub on: Date,
    /// kind
    pub kind: String,
    /// options chosen
    pub tags: String,
    /// what is counted
    pub fields: BTreeMap<String, i64>,
    /// who stood on it, where people of its kind are counted
    pub people: Vec<(i64, String)>,
}

/// Where units stood until which day, the last of each until for ever.
pub(super) struct Tree(HashMap<i64, Vec<(String, Place)>>);

impl Tree {
    /// Every unit of an organisation.
    pub fn whole(tx: &Tx, top: i64) -> Result<Tree, Fault> {
        let sql = "select id, '9999-12-31' as until_date, path, level, class from unit where top_id = $1
                   union all select unit_id, until_date, path, level, class from unit_past where top_id = $1
                   order by 1, 2";
        Tree::read(tx, sql, &[top.into()])
    }

    /// The units of one record.
    pub fn of_record(tx: &Tx, top: i64, record: i64) -> Result<Tree, Fault> {
        let sql = "select u.id, '9999-12-31' as until_date, u.path, u.level, u.class from unit u
                    where u.top_id = $1 and u.id in (select unit_id from record where top_id = $1 and id = $2
                                         union select unit_id from joint where top_id = $1 and record_id = $2)
                   union all
                   select b.unit_id, b.until_date, b.path, b.level, b.class from unit_past b
                    where b.top_id = $1 and b.unit_id in (select unit_id from record where top_id = $1 and id = $2
                                              union select unit_id from joint where top_id = $1 and record_id = $2)
                   order by 1, 2";
        Tree::read(tx, sql, &[top.into(), record.into()])
    }

    fn read(tx: &Tx, sql: &str, args: &[Value]) -> Result<Tree, Fault> {
        let mut all: HashMap<i64, Vec<(String, Place)>> = HashMap::new();
        let each = |row: &Row| {
            let place = Place { path: row.text(2)?, level: row.text(3)?, class: row.text(4)? };
            all.entry(row.int(0)?).or_default().push((row.text(1)?, place));
            Ok(())
        };
        tx.rows(sql, args, each)?;
        Ok(Tree(all))
    }

    /// Where a unit stood on a day. Before its first change it was what it was until then, on any day.
    pub fn place(&self, unit: i64, on: Date) -> Option<Place> {
        let on = on.to_string();
        let all = self.0.get(&unit)?;
        all.iter().find(|(until, _)| *until >= on).map(|(_, place)| place.clone())
    }

    /// Places of now of units that once stood below one of these places and do not any more.
    fn gone(&self, places: &[String]) -> Vec<UnitPath> {
        let below = |path: &str| places.iter().any(|place| path.starts_with(place.as_str()));
        let units = self.0.values().filter_map(|all| Some((all, &all.last()?.1.path)));
        let gone = units.filter(|(all, now)| !below(now) && all.iter().any(|(_, place)| below(&place.path)));
        let mut all: Vec<String> = gone.map(|(_, now)| now.clone()).collect();
        all.sort();
        // a unit below another that is gone is found with it
        let mut least: Vec<String> = Vec::new();
        for path in all {
            if least.last().is_none_or(|above| !path.starts_with(above.as_str())) {
                least.push(path);
            }
        }
        least.into_iter().filter_map(|path| UnitPath::try_from(path).ok()).collect()
    }
}

/// The newest version of one record, unless it is withdrawn.
pub(super) fn one(tx: &Tx, top: i64, record: i64) -> Result<Option<Fact>, Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date, coalesce(r.tags, ''), r.data,
                      coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), coalesce(s.role, ''),
                      (select max(k.kind) from rollup_kind k where k.top_id = r.top_id
                          and (k.kind = r.kind or ' ' || coalesce(r.tags, '') || ' ' like '% also:' || k.kind || ' %'))
                 from record r
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                 left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                where r.top_id = $1 and r.id = $2 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version)
                order by r.id";
    let newest = sql;
    let sql = "select record_id, unit_id from joint where top_id = $1 and record_id = $2 and confirmed <> ''
                order by unit_id";
    let (joined, mut found) = (joined(tx, sql, &[top.into(), record.into()])?, None);
    let mut reader = Reader::new(|_, _, named| !named.is_empty(), joined, |fact| found = Some(fact));
    tx.rows(newest, &[top.into(), record.into()], |row| reader.row(row))?;
    reader.close()?;
    drop(reader);
    Ok(found)
}

/// Records of units at places between two, or in which those took part, from a day on.
pub(super) fn of_places(tx: &Tx, top: i64, (from, until): (&str, &str), on: &str) -> Result<Vec<Fact>, Fault> {
    let known = followed(tx, top)?;
    let args = range(top, (from, until), (on, FOREVER), FOREVER, &[]);
    let joined = joined(tx, ALL_JOINED, &[top.into(), FOREVER.into()])?;
    let mut facts = Vec::new();
    let mut reader = Reader::new(|kind, tags, _| follows(&known, kind, tags), joined, |fact| facts.push(fact));
    tx.rows(OF_PLACES, &args, |row| reader.row(row))?;
    tx.rows(JOINED, &args, |row| reader.row(row))?;
    reader.close()?;
    drop(reader);
    Ok(facts)
}

/// Records of an organisation after one, and the last key of so many rows; 0 when there are no more.
pub(super) fn batch(
    tx: &Tx,
    top: i64,
    (after, most): (i64, i64),
    named: &HashSet<String>,
) -> Result<(Vec<Fact>, i64), Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date, coalesce(r.tags, ''), r.data,
                      coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), coalesce(s.role, ''), ''
                 from record r
                 left join roll l on l.top_id = r.top_id and l.digest = r.roll
                 left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                where r.top_id = $1 and r.id > $2 and r.id <= $3 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version)
                order by r.id";
    let end = "select coalesce(max(id), 0) from (select id from record where top_id = $1 and id > $2 order by id limit $3) part";
    let last = tx.row(end, &[top.into(), after.into(), most.into()], |row| row.int(0))?;
    let newest = sql;
    let sql = "select record_id, unit_id from joint
                where top_id = $1 and record_id > $2 and record_id <= $3 and confirmed <> '' order by record_id, unit_id";
    let (joined, mut facts) = (joined(tx, sql, &[top.into(), after.into(), last.into()])?, Vec::new());
    let mut reader = Reader::new(|kind, tags, _| follows(named, kind, tags), joined, |fact| facts.push(fact));
    tx.rows(newest, &[top.into(), after.into(), last.into()], |row| reader.row(row))?;
    reader.close()?;
    drop(reader);
    Ok((facts, last))
}

/// The kinds whose people are counted.
pub(super) fn followed(tx: &Tx, top: i64) -> Result<HashSet<String>, Fault> {
    let sql = "select kind from rollup_kind where top_id = $1";
    Ok(tx.rows(sql, &[top.into()], |row| row.text(0))?.into_iter().collect())
}

/// What records added to a subtree as it stood on their days, told from the facts: all of it as known on a past day,
/// one at a time, with people where a figure counts them. At most four statements, and one for each part of the tree
/// that has left since.
pub(super) fn known(
    tx: &Tx,
    scope: &Scope,
    asked: &Asked,
    places: &[String],
    mut each: impl FnMut(&Share),
) -> Result<(), Fault> {
    let (top, tree) = (scope.top(), Tree::whole(tx, scope.top())?);
    let until = asked.known.map_or(FOREVER.to_owned(), |day| day.to_string());
    let kinds: Vec<String> = asked.figures.iter().flat_map(|figure| figure.record.clone()).collect();
    let of_people = asked.figures.iter().filter(|figure| figure.count == Counted::People);
    let named: HashSet<String> = of_people.flat_map(|figure| figure.record.clone()).collect();
    let days = (asked.first.to_string(), asked.last.to_string());
    let joined = joined(tx, ALL_JOINED, &[top.into(), until.as_str().into()])?;
    let hand_on = |fact: Fact| each(&fact.share(&tree));
    let mut reader = Reader::new(|kind, tags, _| follows(&named, kind, tags), joined, hand_on);
    let mut ranges = vec![(scope.from().to_owned(), scope.until())];
    ranges.extend(tree.gone(places).into_iter().map(|path| (path.as_str().to_owned(), path.end())));
    for (from, end) in &ranges {
        let args = range(top, (from, end), (&days.0, &days.1), &until, &kinds);
        tx.rows(OF_PLACES, &args, |row| reader.row(row))?;
        if !scope.is_whole() {
            tx.rows(JOINED, &args, |row| reader.row(row))?;
        }
    }
    reader.close()
}

fn range(
    top: i64,
    (from, until): (&str, &str),
    (first, last): (&str, &str),
    known: &str,
    kinds: &[String],
) -> Vec<Value> {
    let kinds = format!("|{}|", kinds.join("|"));
    vec![top.into(), from.into(), until.into(), first.into(), last.into(), known.into(), kinds.into()]
}

/// Records kept at places between two.
const OF_PLACES: &str = "select r.id, r.unit_id, r.kind, r.on_date, coalesce(r.tags, ''), r.data,
          coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), coalesce(s.role, ''), ''
     from record r
     left join roll l on l.top_id = r.top_id and l.digest = r.roll
     left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
    where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
      and r.written <= $6 and ($7 = '||' or $7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
      and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                         and n.version > r.version and n.written <= $6)
    order by r.id";

/// Records kept elsewhere, in which units at places between two took part.
const JOINED: &str = "select r.id, r.unit_id, r.kind, r.on_date, coalesce(r.tags, ''), r.data,
          coalesce(cast(l.people as text), '[]'), coalesce(s.person_id, 0), coalesce(s.role, ''), ''
     from record r
     left join roll l on l.top_id = r.top_id and l.digest = r.roll
     left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
    where r.top_id = $1 and not (r.path >= $2 and r.path < $3)
      and r.id in (select j.record_id from joint j where j.top_id = $1 and j.path >= $2 and j.path < $3
                      and j.confirmed <> '' and j.confirmed <= $6)
      and r.on_date >= $4 and r.on_date <= $5
      and r.written <= $6 and ($7 = '||' or $7 like '%|' || r.kind || '|%' or r.tags like '%also:%') and coalesce(r.withdrawn, '') = ''
      and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                         and n.version > r.version and n.written <= $6)
    order by r.id";

const ALL_JOINED: &str = "select record_id, unit_id from joint
    where top_id = $1 and confirmed <> '' and confirmed <= $2 order by record_id, unit_id";

fn joined(tx: &Tx, sql: &str, args: &[Value]) -> Result<HashMap<i64, Vec<i64>>, Fault> {
    let mut all: HashMap<i64, Vec<i64>> = HashMap::new();
    let each = |row: &Row| {
        all.entry(row.int(0)?).or_default().push(row.int(1)?);
        Ok(())
    };
    tx.rows(sql, args, each)?;
    Ok(all)
}

/// Whether people of a record are counted: of its kind, or of one that it counts as too.
fn follows(known: &HashSet<String>, kind: &str, tags: &str) -> bool {
    known.iter().any(|one| luoshi_rules::record::counts_as((kind, tags), one))
}

/// Puts the rows of a record together: one for everybody who stood on it.
struct Reader<N, E> {
    named: N,
    joined: HashMap<i64, Vec<i64>>,
    each: E,
    seen: HashSet<i64>,
    now: Option<Open>,
}

/// The record that is being read.
struct Open {
    record: i64,
    unit: i64,
    kind: String,
    on: Date,
    tags: String,
    data: serde_json::Value,
    roll: String,
    named: bool,
    stood: Vec<(i64, String)>,
}

impl<N: Fn(&str, &str, &str) -> bool, E: FnMut(Fact)> Reader<N, E> {
    /// One that keeps people of the kinds that are named, and hands on each record with the units that took part.
    fn new(named: N, joined: HashMap<i64, Vec<i64>>, each: E) -> Self {
        Reader { named, joined, each, seen: HashSet::new(), now: None }
    }

    fn row(&mut self, row: &Row) -> Result<(), Fault> {
        let record = row.int(0)?;
        if self.now.as_ref().is_none_or(|now| now.record != record) {
            self.close()?;
            let kind = row.text(2)?;
            let named = (self.named)(&kind, &row.text(4)?, &row.text(9)?);
            let (unit, on, tags, data, roll) = (row.int(1)?, row.parse(3)?, row.text(4)?, row.json(5)?, row.text(6)?);
            self.now = Some(Open { record, unit, kind, on, tags, data, roll, named, stood: Vec::new() });
        }
        let role = row.text(8)?;
        if let Some(now) = self.now.as_mut().filter(|_| !role.is_empty()) {
            now.stood.push((row.int(7)?, role));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.now.take().filter(|open| self.seen.insert(open.record)) else { return Ok(()) };
        let stood: Vec<(i64, &str)> = open.stood.iter().map(|(person, role)| (*person, role.as_str())).collect();
        // a list of thousands is only read where its people count
        let due: Vec<i64> = match open.named {
            true => serde_json::from_str(&open.roll).map_err(|error| Fault::Engine(error.to_string()))?,
            false => Vec::new(),
        };
        let many = if open.roll.len() < 3 { 0 } else { open.roll.matches(',').count() as i64 + 1 };
        let joined = self.joined.get(&open.record).into_iter().flatten();
        (self.each)(Fact {
            units: [open.unit].iter().chain(joined).copied().collect(),
            on: open.on,
            fields: fields(&open.data, many, &stood),
            people: if open.named { people(&due, &stood) } else { Vec::new() },
            kind: open.kind,
            tags: luoshi_rules::record::options(&open.tags),
        });
        Ok(())
    }
}
