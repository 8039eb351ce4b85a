//! Plans: what a unit means to do on a day, and drafts: forms half filled.

use crate::{Fault, Row, Tx, audit, new_id, now};
use jiff::civil::Date;
use luoshi_rules::{Actor, Permit, Refusal, Scope};
use serde_json::Value as Json;

/// Something a unit means to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// key, 0 for a new one
    pub id: i64,
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// kind of record
    pub kind: String,
    /// the day
    pub on: Date,
    /// `HH:MM`, or empty
    pub at: String,
    /// where
    pub place: String,
    /// what about
    pub topic: String,
    /// what to read before
    pub reading: String,
}

/// Plans something for the unit of the permit.
pub fn add(tx: &Tx, permit: &Permit, plan: &Plan) -> Result<i64, Fault> {
    if plan.on < permit.today() {
        let refusal = Refusal::field("on", "日期已过：已经开展的请直接记录", "the day is past: record it instead");
        return Err(refusal.into());
    }
    let id = if plan.id == 0 { new_id() } else { plan.id };
    let sql = "insert into plan (top_id, id, unit_id, path, kind, on_date, at_time, place, topic, reading, author_id,
                                 cancelled)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.path().as_str().into(),
        plan.kind.as_str().into(),
        plan.on.into(),
        plan.at.as_str().into(),
        plan.place.as_str().into(),
        plan.topic.as_str().into(),
        plan.reading.as_str().into(),
        permit.person().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "plan.add", id, &plan.kind)?;
    Ok(id)
}

/// Cancels a plan of the unit of the permit.
pub fn cancel(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    let sql = "update plan set cancelled = $4 where top_id = $1 and id = $2 and unit_id = $3 and cancelled = 0";
    if tx.run(sql, &[permit.top().into(), id.into(), permit.unit().into(), now().into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "plan.cancel", id, "")
}

/// Plans of a scope between two days, soonest first.
pub fn list(tx: &Tx, scope: &Scope, (first, last): (Date, Date), most: i64) -> Result<Vec<Plan>, Fault> {
    let sql = "select l.id, l.unit_id, u.short_name, l.kind, l.on_date, l.at_time, l.place, l.topic, l.reading
                 from plan l join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where l.top_id = $1 and l.path >= $2 and l.path < $3 and l.on_date >= $4 and l.on_date <= $5
                  and l.cancelled = 0
                order by l.on_date, l.at_time, l.id limit $6";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([first.into(), last.into(), most.into()]);
    tx.rows(sql, &args, plan)
}

fn plan(row: &Row) -> Result<Plan, Fault> {
    Ok(Plan {
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        kind: row.text(3)?,
        on: row.parse(4)?,
        at: row.text(5)?,
        place: row.text(6)?,
        topic: row.text(7)?,
        reading: row.text(8)?,
    })
}

/// Keeps a form half filled, for the person alone.
pub fn keep_draft(tx: &Tx, actor: &Actor, form: &str, data: &Json) -> Result<(), Fault> {
    let sql = "insert into draft (top_id, person_id, form, data, at) values ($1, $2, $3, $4, $5)
               on conflict (top_id, person_id, form) do update set data = excluded.data, at = excluded.at";
    tx.run(sql, &[actor.top.into(), actor.person.into(), form.into(), data.clone().into(), now().into()]).map(drop)
}

/// The form as it was left, if it was.
pub fn draft(tx: &Tx, actor: &Actor, form: &str) -> Result<Option<Json>, Fault> {
    let sql = "select data from draft where top_id = $1 and person_id = $2 and form = $3";
    Ok(tx.rows(sql, &[actor.top.into(), actor.person.into(), form.into()], |row| row.json(0))?.pop())
}

/// Forgets a draft once its form was sent.
pub fn drop_draft(tx: &Tx, actor: &Actor, form: &str) -> Result<(), Fault> {
    let sql = "delete from draft where top_id = $1 and person_id = $2 and form = $3";
    tx.run(sql, &[actor.top.into(), actor.person.into(), form.into()]).map(drop)
}
