//! Documents that came in as directives, and the matters made of their measures.

use crate::matter::{self, Opening};
use crate::{Fault, Row, Tx, audit, new_id};
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal};
use serde_json::Value as Json;

/// A document as it came in.
#[derive(Debug, Clone)]
pub struct Document {
    /// its first line
    pub title: String,
    /// name of the file; empty when it was pasted
    pub name: String,
    /// digest of the clean text
    pub digest: String,
    /// the day from which it counts
    pub day: Date,
    /// the clean text
    pub body: String,
    /// the measures found, as the web layer writes them
    pub findings: Json,
}

/// A document and how far it has come.
#[derive(Debug, Clone)]
pub struct Intake {
    /// key
    pub id: i64,
    /// the document
    pub document: Document,
    /// how often it was saved
    pub version: i64,
    /// the day it came in
    pub on: Date,
}

/// A document in a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// key
    pub id: i64,
    /// its first line
    pub title: String,
    /// the day it came in
    pub on: Date,
    /// matters made of it
    pub made: i64,
}

/// A matter made of a measure.
#[derive(Debug, Clone)]
pub struct Made {
    /// the measure
    pub seq: i64,
    /// the matter
    pub matter: i64,
    /// who must carry it out
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// the step it stands at
    pub step: String,
}

/// Keeps a document at the unit of the permit; returns its id, or that of the same document kept before.
pub fn keep(tx: &Tx, permit: &Permit, document: &Document) -> Result<i64, Fault> {
    let sql = "select id from intake where top_id = $1 and unit_id = $2 and digest = $3";
    let key = [permit.top().into(), permit.unit().into(), document.digest.as_str().into()];
    if let Some(known) = tx.rows(sql, &key, |row| row.int(0))?.pop() {
        return Ok(known);
    }
    let id = new_id();
    let sql = "insert into intake (top_id, id, unit_id, actor_id, digest, title, name, day, body, findings, version,
                                   on_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.person().into(),
        document.digest.as_str().into(),
        document.title.as_str().into(),
        document.name.as_str().into(),
        document.day.into(),
        document.body.as_str().into(),
        document.findings.clone().into(),
        permit.today().into(),
    ];
    // of two people who bring the same document at once, the second finds that of the first
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    audit::note(tx, permit, "intake.keep", id, "")?;
    Ok(id)
}

/// A document kept at the unit of the permit.
pub fn find(tx: &Tx, permit: &Permit, id: i64) -> Result<Intake, Fault> {
    let sql = "select id, title, name, digest, day, body, findings, version, on_date from intake
                where top_id = $1 and unit_id = $2 and id = $3";
    tx.row(sql, &[permit.top().into(), permit.unit().into(), id.into()], |row| {
        let document = Document {
            title: row.text(1)?,
            name: row.text(2)?,
            digest: row.text(3)?,
            day: row.parse(4)?,
            body: row.text(5)?,
            findings: row.json(6)?,
        };
        Ok(Intake { id: row.int(0)?, document, version: row.int(7)?, on: row.parse(8)? })
    })
}

/// Documents kept at the unit of the permit, newest first, from before one on.
pub fn list(tx: &Tx, permit: &Permit, before: i64, most: i64) -> Result<Vec<Line>, Fault> {
    let sql = "select i.id, i.title, i.on_date,
                      (select count(*) from intake_matter m where m.top_id = i.top_id and m.intake_id = i.id)
                 from intake i where i.top_id = $1 and i.unit_id = $2 and i.id < $3 order by i.id desc limit $4";
    let before = if before == 0 { i64::MAX } else { before };
    tx.rows(sql, &[permit.top().into(), permit.unit().into(), before.into(), most.into()], |row| {
        Ok(Line { id: row.int(0)?, title: row.text(1)?, on: row.parse(2)?, made: row.int(3)? })
    })
}

/// Keeps the measures as they now stand, unless somebody saved since this version.
pub fn save(tx: &Tx, permit: &Permit, (id, version): (i64, i64), findings: &Json) -> Result<(), Fault> {
    let sql = "update intake set findings = $5, version = $4 + 1
                where top_id = $1 and unit_id = $2 and id = $3 and version = $4";
    let args = [permit.top().into(), permit.unit().into(), id.into(), version.into(), findings.clone().into()];
    if tx.run(sql, &args)? == 0 {
        return Err(Refusal::rule(
            "刚刚有人改过这份文件的措施。下面是您填写的内容，请核对后再提交一次",
            "somebody has just changed the measures of this document; below is what you typed: look it over and send it again",
        )
        .into());
    }
    audit::note(tx, permit, "intake.save", id, "")
}

/// The matters made of a document, by measure and unit.
pub fn made(tx: &Tx, permit: &Permit, id: i64) -> Result<Vec<Made>, Fault> {
    let sql = "select m.seq, m.matter_id, m.unit_id, u.short_name, l.step
                 from intake_matter m
                 join matter_event l on l.top_id = m.top_id and l.matter_id = m.matter_id
                  and l.seq = (select max(e.seq) from matter_event e
                                where e.top_id = m.top_id and e.matter_id = m.matter_id)
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                where m.top_id = $1 and m.intake_id = $2
                order by m.seq, m.unit_id";
    tx.rows(sql, &[permit.top().into(), id.into()], made_row)
}

fn made_row(row: &Row) -> Result<Made, Fault> {
    Ok(Made { seq: row.int(0)?, matter: row.int(1)?, unit: row.int(2)?, unit_name: row.text(3)?, step: row.text(4)? })
}

/// Opens the matter of a measure for a unit, once; `None` when it was made before.
pub fn make(tx: &Tx, permit: &Permit, (id, seq): (i64, i64), opening: &Opening) -> Result<Option<i64>, Fault> {
    if matter::same(tx, permit, &opening.flow.id, opening.addressee.id, &opening.subject)?.is_some() {
        return Ok(None);
    }
    let matter = matter::open(tx, permit, opening)?;
    let sql = "insert into intake_matter (top_id, intake_id, seq, unit_id, matter_id) values ($1, $2, $3, $4, $5)";
    let args = [permit.top().into(), id.into(), seq.into(), opening.addressee.id.into(), matter.into()];
    tx.run(sql, &args)?;
    Ok(Some(matter))
}
