//! Plans: what a unit means to do on a day, and drafts: forms half filled.

use crate::{Fault, Row, Tx, audit, new_id, now};
use jiff::civil::Date;
use luoshi_rules::{Actor, Permit, Refusal, Scope};
use serde_json::Value as Json;

/// Something a unit means to do.
#[derive(Debug, Clone, PartialEq, Default)]
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
    /// options meant to be chosen, as `field:option` separated by spaces; empty when nothing is settled yet
    pub tags: String,
    /// when it was last changed, in milliseconds; 0 when never
    pub changed: i64,
}

/// Plans something for the unit of the permit.
pub fn add(tx: &Tx, permit: &Permit, plan: &Plan) -> Result<i64, Fault> {
    if plan.on < permit.today() {
        let refusal = Refusal::field("on", "日期已过：已经开展的请直接记录", "the day is past: record it instead");
        return Err(refusal.into());
    }
    let id = if plan.id == 0 { new_id() } else { plan.id };
    let sql = "insert into plan (top_id, id, unit_id, path, kind, on_date, at_time, place, topic, reading, author_id,
                                 cancelled, tags, changed)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0)";
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
        plan.tags.as_str().into(),
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

/// Changes a plan of the unit of the permit: its day, hour, place, topic and reading. Of two people who move it at once
/// from the day on which both saw it, `was`, the second is told.
pub fn change(tx: &Tx, permit: &Permit, plan: &Plan, was: Date) -> Result<(), Fault> {
    if plan.on < permit.today() {
        let refusal = Refusal::field("on", "只能改到今天或以后", "it can be moved to today or later only");
        return Err(refusal.into());
    }
    let sql = "update plan set on_date = $4, at_time = $5, place = $6, topic = $7, reading = $8, changed = $9
                where top_id = $1 and id = $2 and unit_id = $3 and on_date = $10 and cancelled = 0";
    let args = [
        permit.top().into(),
        plan.id.into(),
        permit.unit().into(),
        plan.on.into(),
        plan.at.as_str().into(),
        plan.place.as_str().into(),
        plan.topic.as_str().into(),
        plan.reading.as_str().into(),
        now().into(),
        was.into(),
    ];
    if tx.run(sql, &args)? == 0 {
        let zh = "这项安排刚刚被改期或取消，请刷新后再改";
        return Err(Refusal::field("on", zh, "it has just been moved or cancelled; reload and change it then").into());
    }
    audit::note(tx, permit, "plan.change", plan.id, "")
}

/// One plan of a unit of a scope.
pub fn find(tx: &Tx, scope: &Scope, (at, id): (i64, i64)) -> Result<Plan, Fault> {
    let sql = "select l.id, l.unit_id, u.short_name, l.kind, l.on_date, l.at_time, l.place, l.topic, l.reading, l.tags,
                      coalesce(l.changed, 0)
                 from plan l join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where l.top_id = $1 and l.path >= $2 and l.path < $3 and l.unit_id = $4 and l.id = $5
                  and l.cancelled = 0";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([at.into(), id.into()]);
    tx.row(sql, &args, plan)
}

/// Plans of one unit of a scope between two days, soonest first.
pub fn of_unit(tx: &Tx, scope: &Scope, at: i64, (first, last): (Date, Date)) -> Result<Vec<Plan>, Fault> {
    let sql = "select l.id, l.unit_id, u.short_name, l.kind, l.on_date, l.at_time, l.place, l.topic, l.reading, l.tags,
                      coalesce(l.changed, 0)
                 from plan l join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where l.top_id = $1 and l.path >= $2 and l.path < $3 and l.unit_id = $4
                  and l.on_date >= $5 and l.on_date <= $6 and l.cancelled = 0
                order by l.on_date, l.at_time, l.id limit 1000";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([at.into(), first.into(), last.into()]);
    tx.rows(sql, &args, plan)
}

/// Plans of the units whoever asks belongs to or holds a post in, between two days, soonest first.
pub fn own(tx: &Tx, actor: &Actor, (first, last): (Date, Date)) -> Result<Vec<Plan>, Fault> {
    let sql = "select l.id, l.unit_id, u.short_name, l.kind, l.on_date, l.at_time, l.place, l.topic, l.reading, l.tags,
                      coalesce(l.changed, 0)
                 from plan l join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where l.top_id = $1 and l.on_date >= $4 and l.on_date <= $5 and l.cancelled = 0
                  and l.unit_id in (select unit_id from person
                                     where top_id = $1 and id = $2 and left_on = '9999-12-31'
                                     union select unit_id from holding
                                     where top_id = $1 and person_id = $2 and from_date <= $3 and until_date >= $3)
                order by l.on_date, l.at_time, l.id limit 1000";
    let args = [actor.top.into(), actor.person.into(), actor.today.into(), first.into(), last.into()];
    tx.rows(sql, &args, plan)
}

/// Plans of a scope between two days, soonest first.
pub fn list(tx: &Tx, scope: &Scope, (first, last): (Date, Date), most: i64) -> Result<Vec<Plan>, Fault> {
    let sql = "select l.id, l.unit_id, u.short_name, l.kind, l.on_date, l.at_time, l.place, l.topic, l.reading, l.tags,
                      coalesce(l.changed, 0)
                 from plan l join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where l.top_id = $1 and l.path >= $2 and l.path < $3 and l.on_date >= $4 and l.on_date <= $5
                  and l.cancelled = 0
                order by l.on_date, l.at_time, l.id limit $6";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([first.into(), last.into(), most.into()]);
    tx.rows(sql, &args, plan)
}

/// What lies before a unit of a scope: its plans between two days, soonest first, and how many joint meetings of others
/// wait for it to say whether it took part.
pub fn coming(
    tx: &Tx,
    scope: &Scope,
    (unit, most): (i64, i64),
    (first, last): (Date, Date),
) -> Result<(Vec<Plan>, i64), Fault> {
    let sql = "select coalesce(l.id, 0), coalesce(l.unit_id, 0), coalesce(u.short_name, ''), coalesce(l.kind, ''),
                      coalesce(l.on_date, ''), coalesce(l.at_time, ''), coalesce(l.place, ''), coalesce(l.topic, ''),
                      coalesce(l.reading, ''), coalesce(l.tags, ''), coalesce(l.changed, 0),
                      (select count(*) from joint j where j.top_id = a.top_id and j.path = a.path and j.unit_id = a.id
                          and j.confirmed = ''
                          and not exists (select 1 from record r where r.top_id = j.top_id and r.id = j.record_id
                                             and coalesce(r.withdrawn, '') <> ''))
                 from unit a
                 left join plan l on l.top_id = a.top_id and l.path >= $2 and l.path < $3
                                 and l.on_date >= $4 and l.on_date <= $5 and l.cancelled = 0
                 left join unit u on u.top_id = l.top_id and u.id = l.unit_id
                where a.top_id = $1 and a.id = $6
                order by l.on_date, l.at_time, l.id limit $7";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([first.into(), last.into(), unit.into(), most.into()]);
    let rows = tx.rows(sql, &args, |row| Ok((if row.int(0)? == 0 { None } else { Some(plan(row)?) }, row.int(11)?)))?;
    let waiting = rows.first().map_or(0, |(_, waiting)| *waiting);
    Ok((rows.into_iter().filter_map(|(plan, _)| plan).collect(), waiting))
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
        tags: row.text(9)?,
        changed: row.int(10)?,
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
