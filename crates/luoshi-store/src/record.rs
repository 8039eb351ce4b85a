//! Records: added, corrected by a new version, withdrawn by a new version; never changed.

pub mod joint;
mod near;
mod people;
mod read;
mod sessions;
pub mod subject;

pub use near::{Near, near};
pub use people::{Attendance, Attended, Stood, attendance, attended, files, files_of, talked};
#[cfg(test)]
pub(crate) use read::STATEMENTS;
pub use read::{Filter, Line, count, each, find, last_held, list, same_day, versions};
pub use sessions::{Held, held};

use crate::{Fault, Tx, audit, new_id, rollup};
use jiff::civil::Date;
use luoshi_rules::{Kind, Permit, Refusal};
use serde_json::Value as Json;

/// What is written down.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// the kind
    pub kind: &'a Kind,
    /// the day it happened
    pub on: Date,
    /// answers to the fields of the kind
    pub data: Json,
    /// key of an earlier period it makes up for, or empty
    pub makes_up: String,
    /// those due, frozen; none when it is no meeting
    pub due: Option<Vec<i64>>,
    /// the absent, the guests, and those in a role
    pub stood: Vec<Stood>,
    /// files, already kept under their digests
    pub files: Vec<File>,
}

/// A file kept with a record.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// field of the kind
    pub field: String,
    /// name as uploaded
    pub name: String,
    /// SHA-256: where the bytes are kept
    pub digest: String,
    /// type, by content
    pub mime: String,
    /// bytes
    pub size: i64,
}

/// Adds a record to the unit of the permit and returns its id.
pub fn add(tx: &Tx, permit: &Permit, entry: &Entry) -> Result<i64, Fault> {
    check_day(permit, entry.on)?;
    let id = new_id();
    check_once(tx, permit, id, entry)?;
    write(tx, permit, (id, 1), entry, "")?;
    rollup::added(tx, permit, entry)?;
    audit::note(tx, permit, "record.add", id, &entry.kind.id)?;
    Ok(id)
}

/// Writes a correction as the next version. Of two people correcting version `from` at once, the second is told.
pub fn correct(tx: &Tx, permit: &Permit, id: i64, from: i64, entry: &Entry) -> Result<(), Fault> {
    check_day(permit, entry.on)?;
    check_once(tx, permit, id, entry)?;
    rollup::changed(tx, permit.top(), id, || write(tx, permit, (id, from + 1), entry, ""))?;
    audit::note(tx, permit, "record.correct", id, &entry.kind.id)
}

/// Withdraws a record with a reason; it stays and counts for nothing.
pub fn withdraw(tx: &Tx, permit: &Permit, id: i64, from: i64, entry: &Entry, why: &str) -> Result<(), Fault> {
    rollup::changed(tx, permit.top(), id, || write(tx, permit, (id, from + 1), entry, why))?;
    audit::note(tx, permit, "record.withdraw", id, &entry.kind.id)
}

fn check_day(permit: &Permit, on: Date) -> Result<(), Refusal> {
    if on > permit.today() {
        return Err(Refusal::field(
            "on",
            "日期在今天之后：尚未发生的请“安排”，办完再记",
            "the day is still to come: plan it now, record it when it has happened",
        ));
    }
    if on.year() < 1949 {
        return Err(Refusal::field("on", "日期过早，请核对年份", "the day is too long ago; check the year"));
    }
    Ok(())
}

/// Refuses a second record of an option that is recorded once: a special campaign may ask for a report when it opens
/// and one when it closes, and for no third.
fn check_once(tx: &Tx, permit: &Permit, id: i64, entry: &Entry) -> Result<(), Fault> {
    let Some(field) = entry.kind.once.as_deref().and_then(|once| entry.kind.field(once)) else { return Ok(()) };
    let chosen = entry.data[field.id.as_str()].as_str().unwrap_or_default();
    let sql = "select r.on_date from record r
                where r.top_id = $1 and r.unit_id = $2 and r.kind = $3 and r.id <> $4
                  and ' ' || coalesce(r.tags, '') || ' ' like $5 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date limit 1";
    let tag = format!("% {}:{chosen} %", field.id);
    let args = [permit.top().into(), permit.unit().into(), entry.kind.id.as_str().into(), id.into(), tag.into()];
    let Some(on) = tx.rows(sql, &args, |row| row.text(0))?.pop() else { return Ok(()) };
    let option = field.option.iter().find(|option| option.id == chosen).map(|option| option.name.clone());
    let (kind, option) = (&entry.kind.name, option.unwrap_or_default());
    let zh = format!("“{}”只报一次：“{}”已于{on}报过。要补充，请更正那一份；不另设第三次报告", kind.zh, option.zh);
    let en = format!(
        "{}: “{}” was reported on {on}, and each is asked for once. Correct that one; there is no third report",
        kind.en, option.en
    );
    Err(Refusal::field(field.id.as_str(), zh, en).into())
}

fn write(tx: &Tx, permit: &Permit, (id, version): (i64, i64), entry: &Entry, withdrawn: &str) -> Result<(), Fault> {
    if withdrawn.is_empty() {
        subject::check(tx, permit, (entry.kind, &entry.data))?;
    }
    let roll = entry.due.as_ref().map(|due| people::freeze(tx, permit.top(), due)).transpose()?;
    let sql = "insert into record (top_id, id, version, unit_id, path, kind, on_date, written, author_id, data, tags,
                                   roles, makes_up, roll, withdrawn)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let args = [
        permit.top().into(),
        id.into(),
        version.into(),
        permit.unit().into(),
        permit.path().as_str().into(),
        entry.kind.id.as_str().into(),
        entry.on.into(),
        permit.today().into(),
        permit.person().into(),
        entry.data.clone().into(),
        entry.kind.tags(&entry.data).into(),
        people::roles(&entry.stood).into(),
        entry.makes_up.as_str().into(),
        roll.unwrap_or_default().into(),
        withdrawn.into(),
    ];
    tx.run(sql, &args).map_err(|fault| {
        fault.if_taken(Refusal::rule(
            "这条纪实刚刚被别人更正过，请刷新后在最新内容上修改",
            "someone has just corrected this record; reload and correct the newest version",
        ))
    })?;
    people::stand(tx, permit.top(), (id, version), &entry.stood)?;
    people::attach(tx, permit.top(), (id, version), &entry.files)
}
