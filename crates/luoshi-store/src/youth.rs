//! Youth groups: which there are, who is in them, who leads and guides them. Age is never stored: whoever reads asks
//! the rules who is young enough on the day.

use crate::{FOREVER, Fault, Row, Tx, audit, needs, new_id, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::youth::{Part, Youth};
use luoshi_rules::{Permit, Refusal, Scope, Unit, UnitPath, Verb};

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// key
    pub id: i64,
    /// the unit that keeps it
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place
    pub path: UnitPath,
    /// shown name
    pub name: String,
    /// since when
    pub from: Date,
}

/// Somebody in a group, though they may have become too old for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// the group
    pub group: i64,
    /// the person
    pub person: i64,
    /// shown name; empty to whom names are not shown
    pub name: String,
    /// short name of the unit on whose roll they are
    pub unit_name: String,
    /// day of birth
    pub born: Option<Date>,
    /// first day in the group
    pub from: Date,
}

/// Somebody who leads, keeps the papers of, guides or speaks for a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// the group
    pub group: i64,
    /// as what
    pub part: Part,
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// first day
    pub from: Date,
    /// last day; none while it lasts
    pub until: Option<Date>,
}

/// Somebody on the roll who is young, or whose day of birth is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Official {
    /// the person
    pub person: i64,
    /// shown name; empty to whom names are not shown
    pub name: String,
    /// on whose roll
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place
    pub path: UnitPath,
    /// day of birth
    pub born: Option<Date>,
    /// whether they are in a group
    pub covered: bool,
}

/// Groups of a scope on a day.
pub fn list(tx: &Tx, scope: &Scope, on: Date) -> Result<Vec<Group>, Fault> {
    let sql = "select g.id, g.unit_id, u.short_name, u.path, g.name, g.from_date from youth_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.from_date <= $4 and g.until_date >= $4
                order by u.path, g.name, g.id";
    let mut args = unit::range(scope).to_vec();
    args.push(on.into());
    tx.rows(sql, &args, group)
}

/// Groups of a scope on a day, and who is in them, in the orders of [`list`] and [`members`] of a group.
pub fn with_members(tx: &Tx, scope: &Scope, on: Date) -> Result<(Vec<Group>, Vec<Member>), Fault> {
    let sql = "select g.id, g.unit_id, u.short_name, u.path, g.name, g.from_date,
                      coalesce(p.id, 0), p.name, w.short_name, p.born, m.from_date from youth_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                 left join youth_member m on m.top_id = g.top_id and m.group_id = g.id
                                         and m.from_date <= $4 and m.until_date >= $4
                 left join person p on p.top_id = m.top_id and p.id = m.person_id and p.left_on > $4
                      and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                 left join unit w on w.top_id = p.top_id and w.id = p.unit_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.from_date <= $4 and g.until_date >= $4
                order by u.path, g.name, g.id, p.search, p.id";
    let (mut args, named) = (unit::range(scope).to_vec(), scope.verb() != Verb::See);
    args.push(on.into());
    let (mut groups, mut members) = (Vec::<Group>::new(), Vec::new());
    tx.rows(sql, &args, |row| {
        let one = group(row)?;
        let person = row.int(6)?;
        if person != 0 {
            let name = if named { row.text(7)? } else { String::new() };
            let (unit_name, born, from) = (row.text(8)?, row.day(9)?, row.parse(10)?);
            members.push(Member { group: one.id, person, name, unit_name, born, from });
        }
        if groups.last().is_none_or(|last| last.id != one.id) {
            groups.push(one);
        }
        Ok(())
    })?;
    Ok((groups, members))
}

/// One group of a scope.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Group, Fault> {
    let sql = "select g.id, g.unit_id, u.short_name, u.path, g.name, g.from_date from youth_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.id = $4 and g.until_date = '9999-12-31'";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, group)
}

fn group(row: &Row) -> Result<Group, Fault> {
    Ok(Group {
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        path: row.path(3)?,
        name: row.text(4)?,
        from: row.parse(5)?,
    })
}

/// Members of the groups of a scope on a day, those who have become too old among them; of one group when it is not 0.
pub fn members(tx: &Tx, scope: &Scope, (only, on): (i64, Date)) -> Result<Vec<Member>, Fault> {
    let sql = "select m.group_id, p.id, p.name, w.short_name, p.born, m.from_date from youth_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                 join youth_member m on m.top_id = g.top_id and m.group_id = g.id
                                    and m.from_date <= $4 and m.until_date >= $4
                 join person p on p.top_id = m.top_id and p.id = m.person_id and p.left_on > $4
                 join unit w on w.top_id = p.top_id and w.id = p.unit_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and (g.id = $5 or $5 = 0) and g.until_date >= $4
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by m.group_id, p.search, p.id";
    let (mut args, named) = (unit::range(scope).to_vec(), scope.verb() != Verb::See);
    args.extend([on.into(), only.into()]);
    tx.rows(sql, &args, |row| {
        let one = member(row)?;
        Ok(if named { one } else { Member { name: String::new(), ..one } })
    })
}

/// Members of the groups of a scope on a day who were born between two days: those near the age at which one leaves.
pub fn born_between(tx: &Tx, scope: &Scope, (first, last): (Date, Date), on: Date) -> Result<Vec<Member>, Fault> {
    for_people(scope)?;
    let sql = "select m.group_id, p.id, p.name, w.short_name, p.born, m.from_date from person p
                 join youth_member m on m.top_id = p.top_id and m.person_id = p.id
                                    and m.from_date <= $4 and m.until_date >= $4
                 join unit w on w.top_id = p.top_id and w.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.left_on > $4
                  and p.born >= $5 and p.born <= $6
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by p.born, p.search, p.id limit 100";
    let mut args = unit::range(scope).to_vec();
    args.extend([on.into(), first.into(), last.into()]);
    tx.rows(sql, &args, member)
}

fn member(row: &Row) -> Result<Member, Fault> {
    Ok(Member {
        group: row.int(0)?,
        person: row.int(1)?,
        name: row.text(2)?,
        unit_name: row.text(3)?,
        born: row.day(4)?,
        from: row.parse(5)?,
    })
}

/// Who led, guided and spoke for a group of a scope, the newest first. Needs a scope for people.
pub fn turns(tx: &Tx, scope: &Scope, only: i64) -> Result<Vec<Turn>, Fault> {
    for_people(scope)?;
    let sql = "select t.group_id, t.part, t.person_id, p.name, t.from_date, t.until_date from youth_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                 join youth_part t on t.top_id = g.top_id and t.group_id = g.id
                 join person p on p.top_id = t.top_id and p.id = t.person_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and (g.id = $4 or $4 = 0)
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by t.group_id, t.from_date desc, t.part, p.search limit 500";
    let mut args = unit::range(scope).to_vec();
    args.push(only.into());
    tx.rows(sql, &args, |row| {
        let part = Part::named(&row.text(1)?).ok_or_else(|| Fault::Engine("unknown part".into()))?;
        let (group, person) = (row.int(0)?, row.int(2)?);
        Ok(Turn { group, part, person, name: row.text(3)?, from: row.parse(4)?, until: row.day(5)? })
    })
}

/// Everybody on the rolls of a scope who was born after a day, or whose day of birth is not known, and whether they are
/// in a group. Names only for a scope for people.
pub fn officials(tx: &Tx, scope: &Scope, (after, on): (Date, Date)) -> Result<Vec<Official>, Fault> {
    let sql = "select p.id, p.name, p.unit_id, u.short_name, p.path, p.born, coalesce(g.id, 0) from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 left join youth_member m on m.top_id = p.top_id and m.person_id = p.id
                                         and m.from_date <= $4 and m.until_date >= $4
                 left join youth_group g on g.top_id = m.top_id and g.id = m.group_id and g.until_date >= $4
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.left_on > $4
                  and (p.born > $5 or p.born is null or p.born = '')
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by p.path, p.search, p.id";
    let (mut args, named) = (unit::range(scope).to_vec(), scope.verb() != Verb::See);
    args.extend([on.into(), after.into()]);
    tx.rows(sql, &args, |row| {
        Ok(Official {
            person: row.int(0)?,
            name: if named { row.text(1)? } else { String::new() },
            unit: row.int(2)?,
            unit_name: row.text(3)?,
            path: row.path(4)?,
            born: row.day(5)?,
            covered: row.int(6)? != 0,
        })
    })
}

fn for_people(scope: &Scope) -> Result<(), Fault> {
    if scope.verb() == Verb::See { Err(Refusal::NotAllowed.into()) } else { Ok(()) }
}

// ---- writing

/// Founds a group kept by a unit within the permit.
pub fn found(tx: &Tx, permit: &Permit, at: &Unit, name: &str) -> Result<i64, Fault> {
    needs(permit, Verb::Roll)?;
    if at.top != permit.top() || !permit.path().contains(&at.path) {
        return Err(Refusal::NotAllowed.into());
    }
    let name: String = name.trim().chars().take(60).collect();
    if name.is_empty() {
        return Err(Refusal::field("name", "请填写小组名称", "please name the group").into());
    }
    let id = new_id();
    let sql = "insert into youth_group (top_id, id, unit_id, name, from_date, until_date)
               values ($1, $2, $3, $4, $5, '9999-12-31')";
    let args = [permit.top().into(), id.into(), at.id.into(), name.as_str().into(), permit.today().into()];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "youth.found", id, "")?;
    Ok(id)
}

/// The unit that keeps a group, when it is within the permit.
fn kept_by(tx: &Tx, permit: &Permit, group: i64) -> Result<i64, Fault> {
    needs(permit, Verb::Roll)?;
    let sql = "select g.unit_id from youth_group g join unit u on u.top_id = g.top_id and u.id = g.unit_id
                where g.top_id = $1 and g.id = $2 and g.until_date = '9999-12-31' and u.path >= $3 and u.path < $4";
    let path = permit.path();
    let args = [permit.top().into(), group.into(), path.as_str().into(), path.end().into()];
    tx.row(sql, &args, |row| row.int(0))
}

/// Puts a person of the organisation into a group, from today on. Who is in one, or too old, is refused.
pub fn join(tx: &Tx, permit: &Permit, rules: &Youth, group: i64, person: i64) -> Result<(), Fault> {
    kept_by(tx, permit, group)?;
    let sql = "select p.name, p.born, coalesce(g.name, ''), coalesce(m.from_date, '') from person p
                 left join youth_member m on m.top_id = p.top_id and m.person_id = p.id and m.until_date = '9999-12-31'
                 left join youth_group g on g.top_id = m.top_id and g.id = m.group_id
                where p.top_id = $1 and p.id = $2 and p.left_on = '9999-12-31'";
    let read = |row: &Row| Ok((row.text(0)?, row.day(1)?, row.text(2)?));
    let (name, born, other) = tx.row(sql, &[permit.top().into(), person.into()], read)?;
    may_join(rules, permit.today(), &name, born)?;
    if !other.is_empty() {
        return Err(Refusal::field(
            "person",
            format!("{name} 已在“{other}”：一人同时只在一个小组，请先退出"),
            format!("{name} is in “{other}”: one group at a time; take them out of it first"),
        )
        .into());
    }
    let sql = "insert into youth_member (top_id, person_id, until_date, from_date, group_id)
               values ($1, $2, '9999-12-31', $3, $4)";
    tx.run(sql, &[permit.top().into(), person.into(), permit.today().into(), group.into()])?;
    audit::note(tx, permit, "youth.join", person, "")
}

fn may_join(rules: &Youth, today: Date, name: &str, born: Option<Date>) -> Result<(), Refusal> {
    let until = rules.until;
    match born {
        Some(born) if rules.is_young(born, today) => Ok(()),
        Some(born) => Err(Refusal::field(
            "person",
            format!("{name} 已于 {} 满 {until} 周岁，不再编入青年小组；可以担任导师", rules.leaves(born)),
            format!("{name} became {until} on {} and joins no youth group; they may be a mentor", rules.leaves(born)),
        )),
        None => Err(Refusal::field(
            "person",
            format!("{name} 没有出生日期，无法判断是否未满 {until} 周岁，请先在名册中补上"),
            format!(
                "{name} has no day of birth, so nobody can tell whether they are under {until}: enter it on the roll"
            ),
        )),
    }
}

/// Takes a person out of a group: yesterday was their last day. What they did in it ends too. Who joined today was
/// never in it: a second leaving on one day would else stand where the first does.
pub fn leave(tx: &Tx, permit: &Permit, group: i64, person: i64) -> Result<(), Fault> {
    kept_by(tx, permit, group)?;
    let last = permit.today().saturating_sub(1.day());
    let args = [permit.top().into(), group.into(), person.into(), last.into()];
    let sql = "delete from youth_member
                where top_id = $1 and group_id = $2 and person_id = $3 and until_date = '9999-12-31' and from_date > $4";
    let undone = tx.run(sql, &args)?;
    let sql = "update youth_member set until_date = $4
                where top_id = $1 and group_id = $2 and person_id = $3 and until_date = '9999-12-31'";
    if undone + tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    let sql = "update youth_part set until_date = $4
                where top_id = $1 and group_id = $2 and person_id = $3 and until_date = '9999-12-31' and part <> 'mentor'";
    tx.run(sql, &args)?;
    audit::note(tx, permit, "youth.leave", person, "")
}

/// Lets a person lead, keep the papers of, guide or speak for a group from today on. Where one does at a time, the turn
/// of the one before ends.
pub fn take(tx: &Tx, permit: &Permit, group: i64, part: Part, person: i64) -> Result<(), Fault> {
    kept_by(tx, permit, group)?;
    let sql = "select count(*) from person p where p.top_id = $1 and p.id = $2 and p.left_on = '9999-12-31'
                and ($4 = 'mentor' or exists (select 1 from youth_member m
                      where m.top_id = p.top_id and m.person_id = p.id and m.group_id = $3 and m.until_date = '9999-12-31'))";
    let args = [permit.top().into(), person.into(), group.into(), part.key().into()];
    if tx.row(sql, &args, |row| row.int(0))? == 0 {
        let zh = "由组员担任：请先把此人编入小组";
        return Err(Refusal::field("person", zh, "only members of the group: put them into it first").into());
    }
    if part.rotates() {
        end_turns(tx, permit, (group, part), 0)?;
    }
    let sql = "insert into youth_part (top_id, group_id, part, person_id, from_date, until_date)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (top_id, group_id, part, person_id, from_date) do update set until_date = excluded.until_date";
    let (key, today) = (part.key(), permit.today());
    let args = [permit.top().into(), group.into(), key.into(), person.into(), today.into(), FOREVER.into()];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "youth.take", person, "")
}

/// Ends what a person does for a group.
pub fn give_up(tx: &Tx, permit: &Permit, group: i64, part: Part, person: i64) -> Result<(), Fault> {
    kept_by(tx, permit, group)?;
    end_turns(tx, permit, (group, part), person)?;
    audit::note(tx, permit, "youth.give_up", person, "")
}

fn end_turns(tx: &Tx, permit: &Permit, (group, part): (i64, Part), person: i64) -> Result<(), Fault> {
    let sql = "update youth_part set until_date = $4
                where top_id = $1 and group_id = $2 and part = $3 and (person_id = $5 or $5 = 0)
                  and until_date = '9999-12-31'";
    let last = permit.today().saturating_sub(1.day());
    tx.run(sql, &[permit.top().into(), group.into(), part.key().into(), last.into(), person.into()]).map(drop)
}
