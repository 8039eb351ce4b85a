//! What obligations are derived from: the tally of a scope and a year, waivers, closings, the editions in force.

use crate::{FOREVER, Fault, Row, Tx, Value, audit, now, unit};
use jiff::civil::{Date, date};
use luoshi_rules::tally::{Fact, Group, Holding, Plan, Term, Waiver};
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
/// Two statements, whatever the number of units.
pub fn known(tx: &Tx, scope: &Scope, year: i16, known: Option<Date>) -> Result<Known, Fault> {
    let mut out = Known { tally: Tally::default(), closed: None };
    let args = args(scope, year, known);
    records(tx, WITHIN, &args, &mut out.tally)?;
    marks(tx, WITHIN, &args, &mut out)?;
    Ok(out)
}

/// Adds the facts of the units that stood below the root of a scope since a day and have left it. Two statements more.
pub fn known_of_left(
    tx: &Tx,
    scope: &Scope,
    (root, since): (i64, Date),
    (year, known): (i16, Option<Date>),
    out: &mut Known,
) -> Result<(), Fault> {
    let mut args = args(scope, year, known);
    args.extend([root.into(), since.into()]);
    records(tx, unit::LEFT, &args, &mut out.tally)?;
    marks(tx, unit::LEFT, &args, out)
}

fn args(scope: &Scope, year: i16, known: Option<Date>) -> Vec<Value> {
    let [top, from, until] = unit::range(scope);
    let until_known = known.map_or(FOREVER.to_owned(), |day| day.to_string());
    let (first, last) = (date(year - 1, 1, 1), date(year + 1, 12, 31));
    vec![top, from, until, first.into(), last.into(), until_known.into()]
}

/// Rows of units that stand in the scope; a statement says `within(x)` of the table it calls `x`.
const WITHIN: &str = "x.path >= $2 and x.path < $3";

/// A statement about the units that a condition names. Put together at runtime: with both conditions in one text, apart
/// by an `or`, the engines would no longer find what is below a place by its index, and each statement told twice would
/// be four long texts to keep alike.
fn whose(sql: &str, condition: &str) -> String {
    ["r", "h", "j", "w"].iter().fold(sql.to_owned(), |sql, table| {
        sql.replace(&format!("within({table})"), &format!("({})", condition.replace("x.", &format!("{table}."))))
    })
}

/// Both statements that such a text comes to, for the catalogue.
#[cfg(test)]
pub(crate) fn spelled(sql: &str) -> Vec<String> {
    vec![whose(sql, WITHIN), whose(sql, unit::LEFT)]
}

/// Records of the scope with the day they were first written, those outside it on which holders of posts within it
/// stand, and for each unit those of others in which it took part, known since it confirmed so.
fn records(tx: &Tx, condition: &str, args: &[Value], tally: &mut Tally) -> Result<(), Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date,
                      case when r.version = 1 then r.written
                           else (select min(f.written) from record f where f.top_id = r.top_id and f.id = r.id) end,
                      r.tags, r.roles, r.makes_up, cast(0 as bigint)
                 from record r
                where r.top_id = $1 and within(r) and r.on_date >= $4 and r.on_date <= $5
                  and r.written <= $6 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                union all
               select distinct r.id, r.unit_id, r.kind, r.on_date,
                      case when r.version = 1 then r.written
                           else (select min(f.written) from record f where f.top_id = r.top_id and f.id = r.id) end,
                      r.tags, r.roles, r.makes_up, cast(0 as bigint)
                 from holding h
                 join record_person s on s.top_id = h.top_id and s.person_id = h.person_id
                 join record r on r.top_id = s.top_id and r.id = s.record_id and r.version = s.version
                where h.top_id = $1 and within(h) and h.seat = 0
                  and h.from_date <= $5 and h.until_date >= $4 and length($2) > 4
                  and not within(r) and r.on_date >= $4 and r.on_date <= $5
                  and r.written <= $6 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)
                union all
               select r.id, j.unit_id, r.kind, r.on_date, j.confirmed, r.tags, r.roles, r.makes_up, cast(1 as bigint)
                 from joint j join record r on r.top_id = j.top_id and r.id = j.record_id
                where j.top_id = $1 and within(j) and j.confirmed <> '' and j.confirmed <= $6
                  and r.on_date >= $4 and r.on_date <= $5 and r.written <= $6 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version and n.written <= $6)";
    let each = |row: &Row| {
        let fact = fact(row)?;
        if row.int(8)? == 1 {
            tally.join(fact.unit, fact)
        } else {
            tally.add(fact)
        }
        Ok(())
    };
    tx.rows(&whose(sql, condition), args, each).map(drop)
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

/// Everything else, told apart by the first column.
fn marks(tx: &Tx, condition: &str, args: &[Value], out: &mut Known) -> Result<(), Fault> {
    let sql = "select 'holder' as sort, h.unit_id, h.post, p.name, h.from_date, h.until_date, h.person_id
                 from holding h join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and within(h) and h.seat = 0
                  and h.from_date <= $5 and h.until_date >= $4
                union all
               select 'plan', unit_id, kind, '', on_date, '', 0 from plan w
                where w.top_id = $1 and within(w) and on_date >= $4 and on_date <= $5 and cancelled = 0
                union all
               select 'term', unit_id, '', extended, from_date, until_date, id from term w
                where w.top_id = $1 and within(w)
                union all
               select 'waiver', unit_id, clause, period, on_date, reason, 0 from waiver w
                where w.top_id = $1 and within(w) and on_date <= $6
                union all
               select distinct 'part', unit_id, 'applicants', '', '', '', 0 from person w
                where w.top_id = $1 and within(w) and left_on = '9999-12-31'
                  and standing = 'active_applicant'
                union all
               select 'group', g.unit_id, '', '', g.from_date,
                      case when w.dissolved < g.until_date then w.dissolved else g.until_date end, g.id
                 from branch_group g
                 join (select top_id, id as unit_id, path, dissolved from unit) w
                   on w.top_id = g.top_id and w.unit_id = g.unit_id
                where g.top_id = $1 and within(w)
                union all
               select 'closing', 0, '', '', through, on_date, 0 from closing where top_id = $1 and on_date <= $6
                order by 5";
    tx.rows(&whose(sql, condition), args, |row| mark(row, out)).map(drop)
}

fn mark(row: &Row, out: &mut Known) -> Result<(), Fault> {
    let (unit, key) = (row.int(1)?, row.text(2)?);
    match row.text(0)?.as_str() {
        "holder" => {
            let holding =
                Holding { person: row.int(6)?, name: row.text(3)?, from: row.parse(4)?, until: row.parse(5)? };
            out.tally.hold(unit, &key, holding);
        }
        "plan" => out.tally.plan(unit, Plan { kind: key, on: row.parse(4)? }),
        "term" => {
            let until = row.day(3)?.map_or_else(|| row.parse(5), Ok)?;
            out.tally.term(unit, Term { id: row.int(6)?, from: row.parse(4)?, until });
        }
        "waiver" => {
            let reason = row.text(5)?;
            let waiver = Waiver { reason: Label::new(reason.clone(), reason), on: row.parse(4)? };
            out.tally.waive(unit, &key, &row.text(3)?, waiver);
        }
        "group" => {
            let until = row.day(5)?.unwrap_or(Date::MAX);
            out.tally.group(unit, Group { id: row.int(6)?, from: row.parse(4)?, until });
        }
        "part" => out.tally.part(unit, &key),
        _ => out.closed = Some((row.parse(4)?, row.parse(5)?)),
    }
    Ok(())
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

/// Puts an edition in force. One row, however many units it binds. What takes the place of an earlier edition begins
/// after today, so that periods that have begun keep their words; before the first there is nothing to keep.
pub fn put_in_force(tx: &Tx, permit: &Permit, edition: &Edition) -> Result<(), Fault> {
    let rules = "select from_date from edition where top_id = $1 and pack_id = $2 and from_date <= $3 limit 1";
    let args = [permit.top().into(), edition.pack.as_str().into(), edition.from.into()];
    if edition.from <= permit.today() && !tx.rows(rules, &args, |row| row.text(0))?.is_empty() {
        return Err(Refusal::field(
            "from",
            "现行版本正在适用，已经开始的周期仍按原文；请填今天以后的日期",
            "a version is in force, and periods that have begun keep its words; give a day after today",
        )
        .into());
    }
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
    tx.run(sql, &args).map_err(|fault| {
        fault.if_taken(Refusal::field(
            "from",
            "该清单在这一天已有一个版本生效，请换一个生效日期",
            "a version of this list takes effect on that day already; choose another day",
        ))
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
