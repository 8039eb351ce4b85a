//! What obligations are derived from: the tally of a scope and a year, waivers, closings, the editions in force.

use crate::{FOREVER, Fault, Row, Tx, Value, audit, now, unit};
use jiff::civil::{Date, date};
use luoshi_rules::tally::{Fact, Holding, Plan, Term, Waiver};
use luoshi_rules::{Label, Permit, Refusal, Scope, Tally};

/// Everything the rules need to know of the units of a scope for the obligations of a year, and when its periods
/// were last closed.
pub struct Known {
    /// the facts
    pub tally: Tally,
    /// periods due through the first day were closed on the second
    pub closed: Option<(Date, Date)>,
}

/// Gathers the facts of a scope from the year before to the year after. `known` leaves out what was written later.
/// Eight statements, whatever the number of units.
pub fn known(tx: &Tx, scope: &Scope, year: i16, known: Option<Date>) -> Result<Known, Fault> {
    let mut tally = Tally::default();
    let [top, from, until] = unit::range(scope);
    let days = (date(year - 1, 1, 1), date(year + 1, 12, 31));
    let until_known = known.map_or(FOREVER.to_owned(), |day| day.to_string());
    let args: [Value; 6] = [top, from, until, days.0.into(), days.1.into(), until_known.into()];
    records(tx, &args, &mut tally)?;
    holders(tx, &args, &mut tally)?;
    stood_elsewhere(tx, &args, &mut tally)?;
    plans(tx, &args, &mut tally)?;
    terms(tx, &args, &mut tally)?;
    waivers(tx, &args, &mut tally)?;
    applicants(tx, &args, &mut tally)?;
    let sql = "select through, on_date from closing where top_id = $1 and on_date <= $2 order by through desc limit 1";
    let key = [args[0].clone(), args[5].clone()];
    let closed = tx.rows(sql, &key, |row| Ok((row.parse(0)?, row.parse(1)?)))?.pop();
    Ok(Known { tally, closed })
}

fn records(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date, r.written, r.tags, r.roles, r.makes_up, r.withdrawn
                 from record r
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.on_date >= $4 and r.on_date <= $5
                  and r.written <= $6
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)";
    let facts = tx.rows(sql, args, |row| Ok((fact(row)?, row.text(8)?)))?;
    facts.into_iter().filter(|(_, withdrawn)| withdrawn.is_empty()).for_each(|(fact, _)| tally.add(fact));
    Ok(())
}

/// Records of units outside the scope on which holders of posts within it stand.
fn stood_elsewhere(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date, r.written, r.tags, r.roles, r.makes_up, r.withdrawn
                 from record_person s
                 join record r on r.top_id = s.top_id and r.id = s.record_id and r.version = s.version
                where s.top_id = $1 and (r.path < $2 or r.path >= $3)
                  and s.person_id in (select h.person_id from holding h
                                       where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.seat = 0
                                         and h.from_date <= $5 and h.until_date >= $4)
                  and r.on_date >= $4 and r.on_date <= $5 and r.written <= $6
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                order by r.id";
    let mut facts = tx.rows(sql, args, |row| Ok((fact(row)?, row.text(8)?)))?;
    facts.dedup_by_key(|(fact, _)| fact.record);
    facts.into_iter().filter(|(_, withdrawn)| withdrawn.is_empty()).for_each(|(fact, _)| tally.add(fact));
    Ok(())
}

fn fact(row: &Row) -> Result<Fact, Fault> {
    Ok(Fact {
        record: row.int(0)?,
        unit: row.int(1)?,
        kind: row.text(2)?,
        on: row.parse(3)?,
        written: row.parse(4)?,
        tags: row.text(5)?,
        roles: row.text(6)?,
        makes_up: row.text(7)?,
    })
}

fn holders(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select h.unit_id, h.post, h.person_id, p.name, h.from_date, h.until_date from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.seat = 0
                  and h.from_date <= $5 and h.until_date >= $4
                order by h.from_date";
    let each = |row: &Row| {
        let holding = Holding { person: row.int(2)?, name: row.text(3)?, from: row.parse(4)?, until: row.parse(5)? };
        tally.hold(row.int(0)?, &row.text(1)?, holding);
        Ok(())
    };
    tx.rows(sql, args, each).map(drop)
}

fn plans(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select unit_id, kind, on_date from plan
                where top_id = $1 and path >= $2 and path < $3 and on_date >= $4 and on_date <= $5 and cancelled = 0";
    let each = |row: &Row| {
        tally.plan(row.int(0)?, Plan { kind: row.text(1)?, on: row.parse(2)? });
        Ok(())
    };
    tx.rows(sql, args, each).map(drop)
}

fn terms(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select unit_id, id, from_date, until_date, extended from term
                where top_id = $1 and path >= $2 and path < $3";
    let each = |row: &Row| {
        let until = row.day(4)?.map_or_else(|| row.parse(3), Ok)?;
        tally.term(row.int(0)?, Term { id: row.int(1)?, from: row.parse(2)?, until });
        Ok(())
    };
    tx.rows(sql, args, each).map(drop)
}

fn waivers(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select unit_id, clause, period, reason, on_date from waiver
                where top_id = $1 and path >= $2 and path < $3 and on_date <= $4";
    let each = |row: &Row| {
        let reason = row.text(3)?;
        let waiver = Waiver { reason: Label::new(reason.clone(), reason), on: row.parse(4)? };
        tally.waive(row.int(0)?, &row.text(1)?, &row.text(2)?, waiver);
        Ok(())
    };
    tx.rows(sql, &[args[0].clone(), args[1].clone(), args[2].clone(), args[5].clone()], each).map(drop)
}

fn applicants(tx: &Tx, args: &[Value; 6], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select distinct unit_id from person
                where top_id = $1 and path >= $2 and path < $3 and left_on = '9999-12-31'
                  and standing = 'active_applicant'";
    let each = |row: &Row| {
        tally.part(row.int(0)?, "applicants");
        Ok(())
    };
    tx.rows(sql, args, each).map(drop)
}

/// Waives an obligation of the unit of the permit, with a reason. Waiving is for the unit above.
pub fn waive(tx: &Tx, permit: &Permit, clause: &str, period: &str, reason: &str) -> Result<(), Fault> {
    if reason.trim().chars().count() < 2 {
        return Err(Refusal::field("reason", "请写明免予落实的理由", "please give the reason").into());
    }
    let sql = "insert into waiver (top_id, unit_id, clause, period, path, reason, on_date, actor_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = [
        permit.top().into(),
        permit.unit().into(),
        clause.into(),
        period.into(),
        permit.path().as_str().into(),
        reason.trim().into(),
        permit.today().into(),
        permit.person().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "obligation.waive", permit.unit(), &format!("{clause} {period}"))
}

/// Closes all periods due through a day: what is written later shows as a correction.
pub fn close(tx: &Tx, permit: &Permit, through: Date) -> Result<(), Fault> {
    if through >= permit.today() {
        return Err(Refusal::field(
            "through",
            "只能封存今天以前到期的周期",
            "only periods due before today can be closed",
        )
        .into());
    }
    let sql = "insert into closing (top_id, through, on_date, actor_id) values ($1, $2, $3, $4)";
    tx.run(sql, &[permit.top().into(), through.into(), permit.today().into(), permit.person().into()])?;
    audit::note(tx, permit, "obligation.close", permit.unit(), &through.to_string())
}

/// An edition of a list, as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// key of the list
    pub pack: String,
    /// rules the periods that begin on this day or later
    pub from: Date,
    /// the pack as TOML; empty when the list ends here
    pub text: String,
    /// version, as people call it
    pub version: String,
}

/// The editions of an organisation, oldest first.
pub fn editions(tx: &Tx, top: i64) -> Result<Vec<Edition>, Fault> {
    let sql = "select pack_id, from_date, text, version from edition where top_id = $1 order by from_date, pack_id";
    tx.rows(sql, &[top.into()], |row| {
        Ok(Edition { pack: row.text(0)?, from: row.parse(1)?, text: row.text(2)?, version: row.text(3)? })
    })
}

/// Puts an edition in force. One row, however many units it binds.
pub fn put_in_force(tx: &Tx, permit: &Permit, edition: &Edition) -> Result<(), Fault> {
    let sql = "insert into edition (top_id, pack_id, from_date, text, version, actor_id, at)
               values ($1, $2, $3, $4, $5, $6, $7)";
    let args = [
        permit.top().into(),
        edition.pack.as_str().into(),
        edition.from.into(),
        edition.text.as_str().into(),
        edition.version.as_str().into(),
        permit.person().into(),
        now().into(),
    ];
    tx.run(sql, &args).map_err(|fault| match fault {
        Fault::Conflict => Refusal::field(
            "from",
            "该清单在这一天已有一个版本生效，请换一个生效日期",
            "a version of this list takes effect on that day already; choose another day",
        )
        .into(),
        other => other,
    })?;
    audit::note(tx, permit, "edition.put", permit.unit(), &format!("{} {}", edition.pack, edition.version))
}

/// Takes an edition back before it has come into force.
pub fn take_back(tx: &Tx, permit: &Permit, pack: &str, from: Date) -> Result<(), Fault> {
    if from <= permit.today() {
        return Err(Refusal::rule(
            "已生效的版本不能撤回，只能由新版本接替",
            "what is in force is replaced, not taken back",
        )
        .into());
    }
    let sql = "delete from edition where top_id = $1 and pack_id = $2 and from_date = $3";
    if tx.run(sql, &[permit.top().into(), pack.into(), from.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "edition.take_back", permit.unit(), pack)
}
