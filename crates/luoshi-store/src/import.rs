//! Imports: a file as it was read, what is wrong with it, what it made, and taking it back.

use crate::{Fault, Row, Tx, audit, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal, Scope};
use serde_json::Value as Json;

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
    /// what was read and made, as the web layer keeps it
    pub body: Json,
    /// the day
    pub on: Date,
}

/// A person on the roll, as far as an import must know them.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// Begins an import at the unit of the permit.
pub fn begin(tx: &Tx, permit: &Permit, name: &str, digest: &str) -> Result<i64, Fault> {
    let id = new_id();
    let sql = "insert into import (top_id, id, unit_id, actor_id, sort, name, digest, state, done, rows, body, on_date)
               values ($1, $2, $3, $4, '-', $5, $6, 'reading', 0, 0, $7, $8)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.person().into(),
        name.into(),
        digest.into(),
        Json::Null.into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "import.begin", id, "")?;
    Ok(id)
}

/// Keeps how far an import has come.
pub fn keep(tx: &Tx, top: i64, import: &Import) -> Result<(), Fault> {
    let sql = "update import set sort = $3, state = $4, done = $5, rows = $6, body = $7 where top_id = $1 and id = $2";
    let args = [
        top.into(),
        import.id.into(),
        import.sort.as_str().into(),
        import.state.as_str().into(),
        import.done.into(),
        import.rows.into(),
        import.body.clone().into(),
    ];
    tx.run(sql, &args).map(drop)
}

/// Takes an import from one state to the next; of two people doing so at once, one is told.
pub fn advance(tx: &Tx, permit: &Permit, id: i64, (from, to): (&str, &str)) -> Result<(), Fault> {
    let sql = "update import set state = $5 where top_id = $1 and id = $2 and unit_id = $3 and state = $4";
    let args = [permit.top().into(), id.into(), permit.unit().into(), from.into(), to.into()];
    if tx.run(sql, &args)? == 0 {
        let refusal = Refusal::rule("该导入已有变化，请刷新页面查看", "this import has moved on; reload the page");
        return Err(refusal.into());
    }
    audit::note(tx, permit, "import.advance", id, to)
}

/// Keeps the progress of an import while it runs.
pub fn progress(tx: &Tx, top: i64, id: i64, done: i64) -> Result<(), Fault> {
    let sql = "update import set done = $3 where top_id = $1 and id = $2";
    tx.run(sql, &[top.into(), id.into(), done.into()]).map(drop)
}

/// An import made at a unit.
pub fn find(tx: &Tx, permit: &Permit, id: i64) -> Result<Import, Fault> {
    let sql = "select id, unit_id, sort, name, state, done, rows, on_date, body from import
                where top_id = $1 and unit_id = $2 and id = $3";
    tx.row(sql, &[permit.top().into(), permit.unit().into(), id.into()], |row| {
        Ok(Import { body: row.json(8)?, ..import(row)? })
    })
}

/// Imports made at a unit, newest first, without their bodies.
pub fn list(tx: &Tx, permit: &Permit) -> Result<Vec<Import>, Fault> {
    let sql = "select id, unit_id, sort, name, state, done, rows, on_date from import
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
        body: Json::Null,
    })
}

/// Everyone on the roll of the organisation, for finding who is there already: needs a scope for people.
pub fn people(tx: &Tx, scope: &Scope) -> Result<Vec<Known>, Fault> {
    let sql = "select p.id, p.name, p.born, p.unit_id, s.blind from person p
                 left join person_secret s on s.top_id = p.top_id and s.person_id = p.id and s.field = 'identity'
                where p.top_id = $1 and p.left_on = '9999-12-31'";
    tx.rows(sql, &[scope.top().into()], |row| {
        Ok(Known { id: row.int(0)?, name: row.text(1)?, born: row.text(2)?, unit: row.int(3)?, blind: row.text(4)? })
    })
}

/// The blind index of an identity number, to compare with what is known.
pub fn blind(tx: &Tx, identity: &str) -> Result<String, Fault> {
    tx.keys().blind("identity", identity)
}

/// Records of a scope that an import could repeat: unit, kind, day, topic.
pub fn records(tx: &Tx, scope: &Scope) -> Result<Vec<(i64, String, String, String)>, Fault> {
    let sql = "select r.unit_id, r.kind, r.on_date, r.data ->> 'topic' from record r
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)";
    tx.rows(sql, &unit::range(scope), |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.text(3)?)))
}

/// Takes back a unit that an import made, unless something builds on it.
pub fn unmake_unit(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    let key = [permit.top().into(), id.into()];
    let sql = "select count(*) from (
                 select 1 as n from unit u join unit v on v.top_id = u.top_id and v.path > u.path
                                              and substr(v.path, 1, length(u.path)) = u.path
                  where u.top_id = $1 and u.id = $2
                 union all select 1 from affiliation where top_id = $1 and unit_id = $2
                 union all select 1 from record where top_id = $1 and unit_id = $2
                 union all select 1 from plan where top_id = $1 and unit_id = $2
                 union all select 1 from matter where top_id = $1 and (unit_id = $2 or opener_id = $2)
                 union all select 1 from unit_tie where top_id = $1 and (unit_id = $2 or other_id = $2)
                 union all select 1 from unit_past where top_id = $1 and unit_id = $2) builds";
    if tx.row(sql, &key, |row| row.int(0))? > 0 {
        return Err(builds("组织", "a unit"));
    }
    tx.run("delete from term where top_id = $1 and unit_id = $2", &key)?;
    tx.run("delete from unit_change where top_id = $1 and unit_id = $2", &key)?;
    tx.run("delete from unit where top_id = $1 and id = $2", &key)?;
    audit::note(tx, permit, "import.unmake", id, "unit")
}

/// Takes back a person that an import made, unless something builds on them: they leave as entered by mistake, and
/// their numbers are free again.
pub fn unmake_person(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    let key = [permit.top().into(), id.into()];
    let sql = "select count(*) from (
                 select 1 as n from account where top_id = $1 and person_id = $2
                 union all select 1 from record_person where top_id = $1 and person_id = $2
                 union all select 1 from record where top_id = $1 and author_id = $2
                 union all select 1 from affiliation where top_id = $1 and person_id = $2
                                                       and until_date < '9999-12-31') builds";
    if tx.row(sql, &key, |row| row.int(0))? > 0 {
        return Err(builds("人员", "a person"));
    }
    // a post that was never held must not keep its seat from whoever is entered again
    tx.run("delete from holding where top_id = $1 and person_id = $2", &key)?;
    crate::person::leave(tx, permit, id, "entered_wrongly", permit.today())?;
    tx.run("delete from person_secret where top_id = $1 and person_id = $2", &key).map(drop)
}

fn builds(zh: &str, en: &str) -> Fault {
    Refusal::rule(
        format!("导入的{zh}已被后来的内容用到，不能整批撤销；请逐条更正"),
        format!("{en} of this import is already used by what came later; correct them one by one"),
    )
    .into()
}
