//! Imports: a file as it was read, what is wrong with it, what it made, and taking it back.

mod pack;
mod undo;

pub(crate) use pack::open;
pub use undo::{Frozen, frozen, unmake_person, unmake_unit, unset};

use crate::identity::Field;
use crate::{Fault, Row, Tx, audit, new_id, now, unit};
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal, Scope, Verb};

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// key
    pub id: i64,
    /// the unit it was made at
    pub unit: i64,
    /// `units`, `people`, `records`, or empty while it is read
    pub sort: String,
    /// name of the file
    pub name: String,
    /// `reading`, `ready`, `faulty`, `writing`, `committed`, `undone`, `failed`
    pub state: String,
    /// rows done so far
    pub done: i64,
    /// rows in all
    pub rows: i64,
    /// milliseconds since the last sign of life
    pub idle: i64,
    /// the day
    pub on: Date,
}

/// A person, as far as an import must know them. Those who left are known by their number only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// key
    pub id: i64,
    /// name
    pub name: String,
    /// day of birth, or empty
    pub born: String,
    /// on whose roll
    pub unit: i64,
    /// blind index of the identity number, or empty
    pub blind: String,
    /// blind index of the person code, or empty
    pub code: String,
    /// `m`, `f`, or empty
    pub sex: String,
    /// key of how they stand
    pub standing: String,
    /// day of admission, or empty
    pub joined: String,
    /// day of full membership, or empty
    pub full_on: String,
    /// the day they left; none while on the roll
    pub left: Option<Date>,
}

/// A post somebody holds or held, as far as an import must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// the unit
    pub unit: i64,
    /// the post
    pub post: String,
    /// who
    pub person: i64,
    /// shown name
    pub name: String,
    /// first day
    pub from: Date,
    /// last day; none while held
    pub until: Option<Date>,
}

/// What an import could repeat: unit, kind, day, topic.
pub type Done = (i64, String, String, String);

/// Begins an import at the unit of the permit.
pub fn begin(tx: &Tx, permit: &Permit, name: &str, digest: &str) -> Result<i64, Fault> {
    let id = new_id();
    let sql = "insert into import (top_id, id, unit_id, actor_id, sort, name, digest, state, done, rows, body, on_date,
                                   at)
               values ($1, $2, $3, $4, '-', $5, $6, 'reading', 0, 0, '', $7, $8)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.person().into(),
        name.into(),
        digest.into(),
        permit.today().into(),
        now().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "import.begin", id, "")?;
    Ok(id)
}

/// Keeps what an import has come to, if it is still in the state `from`; otherwise somebody was quicker. The body, what
/// was read and made as the web layer writes it, is packed, and sealed at rest, for it may hold identity numbers.
pub fn keep(tx: &Tx, top: i64, import: &Import, body: &str, from: &str) -> Result<(), Fault> {
    let sql = "update import set sort = $3, state = $4, done = $5, rows = $6, body = $7, at = $9
                where top_id = $1 and id = $2 and state = $8";
    let args = [
        top.into(),
        import.id.into(),
        import.sort.as_str().into(),
        import.state.as_str().into(),
        import.done.into(),
        import.rows.into(),
        pack::seal(tx.keys(), body)?.into(),
        from.into(),
        now().into(),
    ];
    if tx.run(sql, &args)? == 0 { Err(moved_on()) } else { Ok(()) }
}

/// Takes an import from one state to the next; of two people doing so at once, one is told.
pub fn advance(tx: &Tx, permit: &Permit, id: i64, (from, to): (&str, &str)) -> Result<(), Fault> {
    let sql = "update import set state = $5, done = 0, at = $6
                where top_id = $1 and id = $2 and unit_id = $3 and state = $4";
    let args = [permit.top().into(), id.into(), permit.unit().into(), from.into(), to.into(), now().into()];
    if tx.run(sql, &args)? == 0 {
        return Err(moved_on());
    }
    audit::note(tx, permit, "import.advance", id, to)
}

fn moved_on() -> Fault {
    Refusal::rule("该导入已有变化，请刷新页面查看", "this import has moved on; reload the page").into()
}

/// Keeps the progress of an import while it runs.
pub fn progress(tx: &Tx, top: i64, id: i64, (done, rows): (i64, i64)) -> Result<(), Fault> {
    let sql = "update import set done = $3, rows = $4, at = $5 where top_id = $1 and id = $2";
    tx.run(sql, &[top.into(), id.into(), done.into(), rows.into(), now().into()]).map(drop)
}

/// An import made at a unit.
pub fn find(tx: &Tx, permit: &Permit, id: i64) -> Result<Import, Fault> {
    let sql = "select id, unit_id, sort, name, state, done, rows, on_date, at from import
                where top_id = $1 and unit_id = $2 and id = $3";
    tx.row(sql, &[permit.top().into(), permit.unit().into(), id.into()], import)
}

/// What was kept of an import by [`keep`]; empty before.
pub fn body(tx: &Tx, permit: &Permit, id: i64) -> Result<String, Fault> {
    let sql = "select body from import where top_id = $1 and unit_id = $2 and id = $3";
    let sealed = tx.row(sql, &[permit.top().into(), permit.unit().into(), id.into()], |row| row.text(0))?;
    open(tx.keys(), &sealed)
}

/// Imports made at a unit, newest first, without their bodies.
pub fn list(tx: &Tx, permit: &Permit) -> Result<Vec<Import>, Fault> {
    let sql = "select id, unit_id, sort, name, state, done, rows, on_date, at from import
                where top_id = $1 and unit_id = $2 order by id desc limit 50";
    tx.rows(sql, &[permit.top().into(), permit.unit().into()], import)
}

fn import(row: &Row) -> Result<Import, Fault> {
    Ok(Import {
        id: row.int(0)?,
        unit: row.int(1)?,
        sort: row.text(2)?,
        name: row.text(3)?,
        state: row.text(4)?,
        done: row.int(5)?,
        rows: row.int(6)?,
        on: row.parse(7)?,
        idle: now() - row.int(8)?,
    })
}

/// Everyone of the organisation, for finding who is there already: needs a scope for people.
pub fn people(tx: &Tx, scope: &Scope) -> Result<Vec<Known>, Fault> {
    needs_roll(scope)?;
    let sql =
        "select p.id, p.name, p.born, p.unit_id, s.blind, p.sex, p.standing, p.joined, p.full_on, p.left_on, c.blind
                 from person p
                 left join person_secret s on s.top_id = p.top_id and s.person_id = p.id and s.field = 'identity'
                 left join person_secret c on c.top_id = p.top_id and c.person_id = p.id and c.field = 'code'
                where p.top_id = $1";
    tx.rows(sql, &[scope.top().into()], |row| {
        Ok(Known {
            id: row.int(0)?,
            name: row.text(1)?,
            born: row.text(2)?,
            unit: row.int(3)?,
            blind: row.text(4)?,
            sex: row.text(5)?,
            standing: row.text(6)?,
            joined: row.text(7)?,
            full_on: row.text(8)?,
            left: row.day(9)?,
            code: row.text(10)?,
        })
    })
}

/// Posts held in the units of a scope, today and before.
pub fn held(tx: &Tx, scope: &Scope) -> Result<Vec<Held>, Fault> {
    needs_roll(scope)?;
    let sql = "select h.unit_id, h.post, h.person_id, p.name, h.from_date, h.until_date
                 from holding h join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3";
    tx.rows(sql, &unit::range(scope), |row| {
        Ok(Held {
            unit: row.int(0)?,
            post: row.text(1)?,
            person: row.int(2)?,
            name: row.text(3)?,
            from: row.parse(4)?,
            until: row.day(5)?,
        })
    })
}

fn needs_roll(scope: &Scope) -> Result<(), Fault> {
    if scope.verb() == Verb::Roll { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

/// The blind index of an identity number or person code, to compare with what is known.
pub fn blind(tx: &Tx, field: Field, number: &str) -> Result<String, Fault> {
    tx.keys().blind(field.key(), number)
}

/// Records of a scope that an import could repeat.
pub fn records(tx: &Tx, scope: &Scope) -> Result<Vec<Done>, Fault> {
    let sql = "select r.unit_id, r.kind, r.on_date, r.data ->> 'topic' from record r
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)";
    tx.rows(sql, &unit::range(scope), |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.text(3)?)))
}
