//! Joint meetings: one record, kept by one unit, in which others took part. It counts once for each that confirmed it.

use crate::{Fault, Tx, audit, rollup, unit};
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal, Scope, Unit};

/// Most units of a joint meeting.
const MOST: usize = 50;

/// A unit that took part in a record of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// the day on which it confirmed; none while it has not
    pub confirmed: Option<Date>,
}

/// A record of another unit, as one that took part sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// the record
    pub record: i64,
    /// the unit that keeps it
    pub keeper_id: i64,
    /// its short name
    pub keeper: String,
    /// kind
    pub kind: String,
    /// the day
    pub on: Date,
    /// what it was about
    pub topic: String,
    /// the day on which it was confirmed; none while it is not
    pub confirmed: Option<Date>,
}

/// Names units of the organisation that took part in a record of the unit of the permit. One for which whoever names it
/// `may` write is confirmed with it; the others confirm for themselves.
pub fn name(tx: &Tx, permit: &Permit, record: i64, names: &[String], may: impl Fn(&Unit) -> bool) -> Result<(), Fault> {
    keeps(tx, permit, record)?;
    if names.len() > MOST {
        return Err(too_many());
    }
    let units = names.iter().map(|name| called(tx, permit, name)).collect::<Result<Vec<Unit>, Fault>>()?;
    rollup::changed(tx, permit.top(), record, || {
        let sql = "insert into joint (top_id, record_id, unit_id, path, named, confirmed, actor_id)
                   values ($1, $2, $3, $4, $5, $6, $7) on conflict (top_id, record_id, unit_id) do nothing";
        for one in &units {
            let confirmed = if may(one) { permit.today().to_string() } else { String::new() };
            let (top, path, day) = (permit.top().into(), one.path.as_str().into(), permit.today().into());
            tx.run(sql, &[top, record.into(), one.id.into(), path, day, confirmed.into(), permit.person().into()])?;
        }
        Ok(())
    })?;
    let sql = "select count(*) from joint where top_id = $1 and record_id = $2";
    if tx.row(sql, &[permit.top().into(), record.into()], |row| row.int(0))? > MOST as i64 {
        return Err(too_many());
    }
    audit::note(tx, permit, "record.joint", record, "")
}

fn too_many() -> Fault {
    Refusal::field("units", format!("联合开展的组织最多 {MOST} 个"), format!("at most {MOST} units")).into()
}

/// The one other living unit of the organisation that is called so.
fn called(tx: &Tx, permit: &Permit, name: &str) -> Result<Unit, Fault> {
    let sql = "select id from unit
                where top_id = $1 and (short_name = $2 or full_name = $2) and dissolved = '9999-12-31' and id <> $3
                order by id limit 2";
    let found = tx.rows(sql, &[permit.top().into(), name.into(), permit.unit().into()], |row| row.int(0))?;
    match found.as_slice() {
        [id] => unit::find(tx, *id),
        _ => {
            let zh = format!("没有名为“{name}”的其他组织，或有几个同名：请写全称");
            let en = format!("no other unit is called “{name}”, or several are: write its full name");
            Err(Refusal::field("units", zh, en).into())
        }
    }
}

/// The record is kept by the unit of the permit and not withdrawn.
fn keeps(tx: &Tx, permit: &Permit, record: i64) -> Result<(), Fault> {
    let sql = "select r.id from record r
                where r.top_id = $1 and r.id = $2 and r.unit_id = $3 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)";
    tx.row(sql, &[permit.top().into(), record.into(), permit.unit().into()], |row| row.int(0)).map(drop)
}

/// Takes back that a unit took part: by the unit that keeps the record.
pub fn unname(tx: &Tx, permit: &Permit, record: i64, unit: i64) -> Result<(), Fault> {
    keeps(tx, permit, record)?;
    drop_one(tx, permit, record, unit)
}

/// The unit of the permit did take part.
pub fn confirm(tx: &Tx, permit: &Permit, record: i64) -> Result<(), Fault> {
    let sql = "update joint set confirmed = $4, actor_id = $5
                where top_id = $1 and record_id = $2 and unit_id = $3 and confirmed = ''";
    let args =
        [permit.top().into(), record.into(), permit.unit().into(), permit.today().into(), permit.person().into()];
    if rollup::changed(tx, permit.top(), record, || tx.run(sql, &args))? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "record.joint_confirm", record, "")
}

/// The unit of the permit did not take part.
pub fn decline(tx: &Tx, permit: &Permit, record: i64) -> Result<(), Fault> {
    drop_one(tx, permit, record, permit.unit())
}

fn drop_one(tx: &Tx, permit: &Permit, record: i64, unit: i64) -> Result<(), Fault> {
    let sql = "delete from joint where top_id = $1 and record_id = $2 and unit_id = $3";
    let args = [permit.top().into(), record.into(), unit.into()];
    if rollup::changed(tx, permit.top(), record, || tx.run(sql, &args))? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "record.joint_drop", record, "")
}

/// Units that took part in a record of a scope.
pub fn of_record(tx: &Tx, scope: &Scope, record: i64) -> Result<Vec<Joined>, Fault> {
    let sql = "select j.unit_id, u.short_name, j.confirmed from joint j
                 join unit u on u.top_id = j.top_id and u.id = j.unit_id
                where j.top_id = $1 and j.record_id = $4
                  and exists (select 1 from record r where r.top_id = j.top_id and r.id = j.record_id
                                 and r.path >= $2 and r.path < $3)
                order by u.path";
    let mut args = unit::range(scope).to_vec();
    args.push(record.into());
    tx.rows(sql, &args, |row| Ok(Joined { unit: row.int(0)?, unit_name: row.text(1)?, confirmed: row.day(2)? }))
}

/// Records of others in which a unit of a scope took part, the newest first.
pub fn of_unit(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<Shared>, Fault> {
    let sql = "select r.id, u.short_name, r.kind, r.on_date, r.data, j.confirmed, r.unit_id from joint j
                 join record r on r.top_id = j.top_id and r.id = j.record_id
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                where j.top_id = $1 and j.path >= $2 and j.path < $3 and j.unit_id = $4
                  and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date desc, r.id desc limit 200";
    let mut args = unit::range(scope).to_vec();
    args.push(at.into());
    tx.rows(sql, &args, |row| {
        let topic = row.json(4)?["topic"].as_str().unwrap_or_default().to_owned();
        let (record, keeper, kind) = (row.int(0)?, row.text(1)?, row.text(2)?);
        Ok(Shared { record, keeper_id: row.int(6)?, keeper, kind, on: row.parse(3)?, topic, confirmed: row.day(5)? })
    })
}
