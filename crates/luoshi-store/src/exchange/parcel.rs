//! What travels: a text of JSON and the files it names, one after the other. Out go the rows a team needs for its units
//! and nothing else; back come the matters of the round with all their events.

use super::Exchange;
use super::package::unsound;
use super::turned::{self, Turned};
use crate::schema;
use crate::{Fault, Tx, Value, dump, secret};
use luoshi_rules::{Event, Refusal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Most files of a parcel, so that a count is not taken at its word.
const FILES: u32 = 100_000;

/// What goes out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outfit {
    /// what the round is called
    pub name: String,
    /// the round
    pub round: i64,
    /// the team
    pub team: i64,
    /// the last day on which the package can be opened
    pub until: jiff::civil::Date,
    /// those who work with it, and the sign-in names they get there
    pub members: Vec<(i64, String)>,
    /// rows by table
    pub rows: BTreeMap<String, Vec<Vec<Json>>>,
    /// digests of the files, in their order
    pub files: Vec<String>,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harvest {
    /// the matters, each after the one it is a part of
    pub matters: Vec<Carried>,
    /// digests of the files, in their order
    pub files: Vec<String>,
}

/// A matter on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// key
    pub id: i64,
    /// the unit that must answer
    pub unit: i64,
    /// the matter it is a part of, or 0
    pub parent: i64,
    /// its flow
    pub flow: String,
    /// what it is about, once for each unit and flow
    pub subject: String,
    /// its wording
    pub title: String,
    /// what it is about
    pub data: Json,
    /// the day it was opened
    pub on: jiff::civil::Date,
    /// units that help
    pub helpers: Vec<i64>,
    /// what happened
    pub events: Vec<Happened>,
    /// who passed it on, and who began and ended to help
    #[serde(default)]
    pub turns: Vec<Turned>,
}

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// 1, 2, 3 …
    pub seq: i64,
    /// the step
    pub step: String,
    /// who took it
    pub actor: i64,
    /// what they wrote
    pub note: String,
    /// what they answered
    pub data: Json,
    /// the day
    pub on: jiff::civil::Date,
}

impl Happened {
    pub(super) fn of(event: &Event) -> Happened {
        let Event { seq, step, actor, note, data, on } = event.clone();
        Happened { seq, step, actor, note, data, on }
    }

    pub(super) fn event(&self) -> Event {
        let Happened { seq, step, actor, note, data, on } = self.clone();
        Event { seq, step, actor, note, data, on }
    }
}

/// The units of a team, all that lies below them, and what stands above them so that places can be read.
const UNITS: &str = "select u.top_id, u.id, u.path, u.level, u.class, u.code, u.parts, u.order_no, u.short_name,
       u.full_name, u.search, u.founded, u.dissolved, '', u.since, u.next_child
  from unit u
 where u.top_id = $1
   and (exists (select 1 from round_target t join unit w on w.top_id = t.top_id and w.id = t.unit_id
                 where t.top_id = $1 and t.round_id = $2 and t.team = $3
                   and (substr(u.path, 1, length(w.path)) = w.path or substr(w.path, 1, length(u.path)) = u.path))
     or exists (select 1 from round_member m join person p on p.top_id = m.top_id and p.id = m.person_id
                 where m.top_id = $1 and m.round_id = $2 and m.team = $3
                   and substr(p.path, 1, length(u.path)) = u.path)
     or exists (select 1 from round r join unit w on w.top_id = r.top_id and w.id = r.unit_id
                 where r.top_id = $1 and r.id = $2 and substr(w.path, 1, length(u.path)) = u.path))
 order by u.path";

/// Those on the team with their place, since it says what they must be kept from; who holds a post in the units, by name
/// alone.
const PEOPLE: &str =
    "select p.top_id, p.id, p.unit_id, p.path, p.standing, p.name, p.name, '', '', '', '', p.left_on, ''
  from person p
 where p.top_id = $1 and p.id in (select m.person_id from round_member m
        where m.top_id = $1 and m.round_id = $2 and m.team = $3 and m.until_date >= $4)
 union
select p.top_id, p.id, t.id, t.path, 'non_member', p.name, p.name, '', '', '', '', p.left_on, ''
  from person p join unit t on t.top_id = p.top_id and t.id = p.top_id
 where p.top_id = $1
   and p.id not in (select m.person_id from round_member m
        where m.top_id = $1 and m.round_id = $2 and m.team = $3 and m.until_date >= $4)
   and p.id in (select h.person_id from holding h
                  join round_target g on g.top_id = h.top_id and g.unit_id = h.unit_id
                 where h.top_id = $1 and g.round_id = $2 and g.team = $3
                   and h.from_date <= $4 and h.until_date >= $4)";

/// The tables that travel, each with the rows of a team: all columns, in the order of the schema.
const TABLES: &[(&str, &str)] = &[
    ("top", "select path, top_id from top where top_id = $1"),
    ("unit", UNITS),
    ("person", PEOPLE),
    (
        "holding",
        "select h.top_id, h.unit_id, h.post, h.seat, h.until_date, h.from_date, h.person_id, h.path, ''
           from holding h join round_target t on t.top_id = h.top_id and t.unit_id = h.unit_id
          where h.top_id = $1 and t.round_id = $2 and t.team = $3 and h.from_date <= $4 and h.until_date >= $4",
    ),
    (
        "round",
        "select top_id, id, unit_id, coverage_id, kind, no, name, from_date, until_date, paper, actor_id, on_date
           from round where top_id = $1 and id = $2",
    ),
    (
        "round_target",
        "select top_id, round_id, unit_id, team, matter_id from round_target
          where top_id = $1 and round_id = $2 and team = $3",
    ),
    (
        "round_member",
        "select top_id, round_id, person_id, until_date, team, post, from_date, '', actor_id from round_member
          where top_id = $1 and round_id = $2 and team = $3 and until_date >= $4",
    ),
    (
        "recusal",
        "select k.top_id, k.person_id, k.unit_id, k.actor_id, k.on_date from recusal k
           join round_member m on m.top_id = k.top_id and m.person_id = k.person_id
           join round_target t on t.top_id = k.top_id and t.unit_id = k.unit_id
          where k.top_id = $1 and m.round_id = $2 and m.team = $3 and m.until_date >= $4
            and t.round_id = $2 and t.team = $3",
    ),
    (
        "matter",
        "select m.top_id, m.id, m.unit_id, m.path, m.opener_id, m.opener_path, m.flow, m.subject, m.title,
                cast(m.data as text), m.on_date, m.parent_id, m.round_id
           from matter m
          where m.top_id = $1 and m.round_id = $2 and exists (
                select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                 where t.top_id = $1 and t.round_id = $2 and t.team = $3
                   and substr(m.path, 1, length(w.path)) = w.path)",
    ),
    (
        "matter_event",
        "select e.top_id, e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
           from matter m join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
          where m.top_id = $1 and m.round_id = $2 and exists (
                select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                 where t.top_id = $1 and t.round_id = $2 and t.team = $3
                   and substr(m.path, 1, length(w.path)) = w.path)",
    ),
    (
        "matter_helper",
        "select h.top_id, h.matter_id, h.unit_id
           from matter m join matter_helper h on h.top_id = m.top_id and h.matter_id = m.id
          where m.top_id = $1 and m.round_id = $2 and exists (
                select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                 where t.top_id = $1 and t.round_id = $2 and t.team = $3
                   and substr(m.path, 1, length(w.path)) = w.path)",
    ),
    (
        "matter_turn",
        "select n.top_id, n.matter_id, n.no, n.sort, n.unit_id, n.other_id, n.after_seq, n.note, n.actor_id, n.on_date
           from matter m join matter_turn n on n.top_id = m.top_id and n.matter_id = m.id
          where m.top_id = $1 and m.round_id = $2 and exists (
                select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                 where t.top_id = $1 and t.round_id = $2 and t.team = $3
                   and substr(m.path, 1, length(w.path)) = w.path)",
    ),
];

/// The rows a team needs, as of today.
pub(super) fn rows(
    tx: &Tx,
    (top, round, team): (i64, i64, i64),
    today: jiff::civil::Date,
) -> Result<BTreeMap<String, Vec<Vec<Json>>>, Fault> {
    let args: [Value; 4] = [top.into(), round.into(), team.into(), today.into()];
    let mut all = BTreeMap::new();
    for (table, sql) in TABLES {
        let mut rows: Vec<Vec<Json>> = Vec::new();
        tx.cells(sql, &args, |cells| {
            rows.push(cells.into_iter().map(dump::json).collect());
            Ok(())
        })?;
        all.insert((*table).to_owned(), rows);
    }
    Ok(all)
}

/// Writes the rows into an empty database. Rows of other tables, and of another organisation, are refused.
pub(super) fn fill(tx: &Tx, top: i64, rows: &BTreeMap<String, Vec<Vec<Json>>>) -> Result<(), Fault> {
    let wrong = || unsound("包的内容不合格式，不予打开", "what is in the package is not as it should be");
    if rows.keys().any(|name| TABLES.iter().all(|(known, _)| known != name)) {
        return Err(wrong().into());
    }
    for table in schema::tables() {
        let (Some(rows), mut made) = (rows.get(&table.0), std::collections::HashMap::new()) else { continue };
        let at = table.1.iter().position(|(column, _)| column == "top_id").unwrap_or_default();
        for cells in rows {
            if cells.len() != table.1.len() || cells.get(at) != Some(&Json::from(top)) {
                return Err(wrong().into());
            }
            dump::insert(tx, &table, cells, &mut made)?;
        }
    }
    Ok(())
}

/// The matters of an exchange with all that happened, each after the one it is a part of.
pub(super) fn harvest(tx: &Tx, top: i64, exchange: &Exchange) -> Result<Harvest, Fault> {
    let sql = "select m.id, m.unit_id, m.parent_id, m.flow, m.subject, m.title, m.data, m.on_date from matter m
                where m.top_id = $1 and m.round_id = $2 and exists (
                      select 1 from round_target t join matter w on w.top_id = t.top_id and w.id = t.matter_id
                       where t.top_id = $1 and t.round_id = $2 and t.team = $3
                         and substr(m.path, 1, length(w.path)) = w.path)
                order by m.id";
    let args = [top.into(), exchange.round.into(), exchange.team.into()];
    let mut matters = tx.rows(sql, &args, |row| {
        let (id, unit, parent, flow) = (row.int(0)?, row.int(1)?, row.int(2)?, row.text(3)?);
        let (subject, title, data, on) = (row.text(4)?, row.text(5)?, row.json(6)?, row.parse(7)?);
        let (helpers, events, turns) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Carried { id, unit, parent, flow, subject, title, data, on, helpers, events, turns })
    })?;
    let sql = "select unit_id from matter_helper where top_id = $1 and matter_id = $2 order by unit_id";
    for one in &mut matters {
        one.events = crate::matter::events(tx, top, one.id)?.iter().map(Happened::of).collect();
        one.helpers = tx.rows(sql, &[top.into(), one.id.into()], |row| row.int(0))?;
        one.turns = turned::of(tx, top, one.id)?;
    }
    let files = files(matters.iter().flat_map(|one| &one.events).map(|event| &event.data));
    Ok(Harvest { matters, files })
}

/// The digests of the files that are evidence, each once.
pub(super) fn files<'j>(answers: impl Iterator<Item = &'j Json>) -> Vec<String> {
    let shown = answers.filter_map(|data| data["evidence"].as_array()).flatten();
    let all: BTreeSet<&str> = shown.filter_map(|one| one["file"].as_str()).collect();
    all.into_iter().map(ToOwned::to_owned).collect()
}

/// The text and the files as one. Each file goes as soon as it is in it: together they may be all that memory holds.
pub fn wrap(text: Vec<u8>, files: Vec<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + files.iter().map(Vec::len).sum::<usize>() + 64);
    let length = |n: usize| (n as u64).to_be_bytes();
    out.extend(length(files.len()));
    for part in std::iter::once(text).chain(files) {
        out.extend(length(part.len()));
        out.extend_from_slice(&part);
    }
    out
}

/// The text, and the files by digest.
pub type Unwrapped<'p, T> = (T, &'p [u8], Vec<(String, &'p [u8])>);

/// Takes a parcel apart: every file must be the one the text names in its place.
pub fn unwrap<'p, T: DeserializeOwned>(
    plain: &'p [u8],
    named: impl Fn(&T) -> &[String],
) -> Result<Unwrapped<'p, T>, Refusal> {
    let apart = || {
        let (count, mut rest) = plain.split_first_chunk::<8>()?;
        let count = u64::from_be_bytes(*count);
        let mut next = || {
            let (length, after) = rest.split_first_chunk::<8>()?;
            let (part, after) = after.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
            rest = after;
            Some(part)
        };
        let text = next()?;
        let content: T = serde_json::from_slice(text).ok()?;
        let mut files = Vec::new();
        for _ in 0..u32::try_from(count).ok().filter(|count| *count <= FILES)? {
            let bytes = next()?;
            files.push((secret::digest(bytes), bytes));
        }
        let whole = rest.is_empty() && files.iter().map(|(digest, _)| digest).eq(named(&content));
        whole.then_some((content, text, files))
    };
    apart().ok_or_else(|| unsound("包的内容不合格式，不予收取", "what is in the package is not as it should be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_travels_with_all_its_columns_in_their_order() {
        let known = schema::tables();
        for (table, sql) in TABLES {
            let columns = &known.iter().find(|(name, _)| name == table).unwrap().1;
            let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let list = text.trim_start_matches("select").trim().split_once(" from ").unwrap().0;
            let list: Vec<&str> = list.split(", ").collect();
            assert_eq!(list.len(), columns.len(), "{table}");
            for (given, (column, _)) in list.iter().zip(columns) {
                let left_out = given.starts_with('\'') || given.ends_with(".name");
                assert!(left_out || given.contains(column), "{table}: {given} stands for {column}");
            }
        }
    }

    #[test]
    fn a_parcel_comes_apart_as_it_was_put_together_and_not_otherwise() {
        let files = vec![b"one".to_vec(), Vec::new()];
        let names: Vec<String> = files.iter().map(|bytes| secret::digest(bytes)).collect();
        let text = serde_json::to_vec(&Harvest { matters: Vec::new(), files: names }).unwrap();
        let plain = wrap(text.clone(), files);
        let (harvest, same, found) = unwrap(&plain, |harvest: &Harvest| &harvest.files).unwrap();
        assert_eq!((harvest.files.len(), same, found[0].1), (2, text.as_slice(), b"one".as_slice()));
        for n in 0..plain.len() {
            let mut turned = plain.clone();
            turned[n] ^= 1;
            assert!(unwrap(&turned, |harvest: &Harvest| &harvest.files).is_err(), "byte {n}");
            assert!(unwrap(&plain[..n], |harvest: &Harvest| &harvest.files).is_err(), "cut to {n}");
        }
    }
}
