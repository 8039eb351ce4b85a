//! Party groups inside a branch: which there are, who is in them, who leads them. Whoever has left the roll of the branch
//! is in none of its groups, whatever the rows say; who leads a group is whoever of it holds the post of a group leader.

use crate::{FOREVER, Fault, Row, Tx, audit, holding, needs, new_id, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::pack::Post;
use luoshi_rules::person::Standing;
use luoshi_rules::{Permit, Refusal, Scope, Unit, UnitPath, Verb};

/// Most characters of a name.
const LONGEST: usize = 30;
/// The post of those who lead a group.
pub const LEADER: &str = "group_leader";

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// key
    pub id: i64,
    /// the branch
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

/// A member of the Party on the roll of a branch, in a group or in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// the person
    pub person: i64,
    /// shown name; empty to whom names are not shown
    pub name: String,
    /// the branch
    pub unit: i64,
    /// the group; 0 for none
    pub group: i64,
    /// since when they are in it
    pub since: Option<Date>,
    /// whether they lead it
    pub leads: bool,
}

/// A meeting of some groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// the record
    pub record: i64,
    /// the day
    pub on: Date,
    /// options and groups, as the rules read them
    pub tags: String,
}

/// What a form says of one person: the group they were in when it was shown, the one they are to be in, and whether
/// they led it and are to lead. 0 is no group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// the person
    pub person: i64,
    /// group and lead as shown
    pub was: (i64, bool),
    /// group and lead as wanted
    pub now: (i64, bool),
}

/// Groups of the branches of a scope on a day.
pub fn list(tx: &Tx, scope: &Scope, on: Date) -> Result<Vec<Group>, Fault> {
    let sql = "select g.id, g.unit_id, u.short_name, u.path, g.name, g.from_date from branch_group g
                 join unit u on u.top_id = g.top_id and u.id = g.unit_id
                where g.top_id = $1 and u.path >= $2 and u.path < $3 and g.from_date <= $4 and g.until_date >= $4
                  and u.dissolved > $4
                order by u.path, g.from_date, g.id";
    let mut args = unit::range(scope).to_vec();
    args.push(on.into());
    tx.rows(sql, &args, |row| {
        Ok(Group {
            id: row.int(0)?,
            unit: row.int(1)?,
            unit_name: row.text(2)?,
            path: row.path(3)?,
            name: row.text(4)?,
            from: row.parse(5)?,
        })
    })
}

/// Members of the Party on the rolls of the branches of a scope that have groups on a day, those in none first; of one
/// branch, whether it has groups or not, when it is not 0. Names only for a scope for people or for writing.
pub fn members(tx: &Tx, scope: &Scope, (only, on): (i64, Date)) -> Result<Vec<Member>, Fault> {
    let sql = "select p.id, p.name, a.unit_id, coalesce(g.id, 0), m.from_date,
                      (select count(*) from holding h where h.top_id = a.top_id and h.unit_id = a.unit_id
                          and h.person_id = p.id and h.post = 'group_leader'
                          and h.from_date <= $4 and h.until_date >= $4),
                      coalesce((select s.standing from standing s
                                 where s.top_id = p.top_id and s.person_id = p.id and s.from_date <= $4
                                 order by s.from_date desc limit 1), p.standing)
                 from affiliation a
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id and u.dissolved > $4
                 join person p on p.top_id = a.top_id and p.id = a.person_id
                 left join branch_group_member m on m.top_id = a.top_id and m.person_id = a.person_id
                      and m.from_date <= $4 and m.until_date >= $4 and m.from_date >= a.from_date
                 left join branch_group g on g.top_id = m.top_id and g.id = m.group_id and g.unit_id = a.unit_id
                      and g.from_date <= $4 and g.until_date >= $4
                where a.top_id = $1 and u.path >= $2 and u.path < $3 and a.from_date <= $4 and a.until_date >= $4
                  and (a.unit_id = $5 or ($5 = 0 and exists (select 1 from branch_group o
                        where o.top_id = a.top_id and o.unit_id = a.unit_id
                          and o.from_date <= $4 and o.until_date >= $4)))
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by u.path, coalesce(g.from_date, ''), coalesce(g.id, 0), p.search, p.id";
    let (mut args, named) = (unit::range(scope).to_vec(), scope.verb() != Verb::See);
    args.extend([on.into(), only.into()]);
    let read = |row: &Row| {
        let group = row.int(3)?;
        let member = Member {
            person: row.int(0)?,
            name: if named { row.text(1)? } else { String::new() },
            unit: row.int(2)?,
            group,
            since: if group == 0 { None } else { row.day(4)? },
            leads: group != 0 && row.int(5)? > 0,
        };
        Ok((member, Standing::named(&row.text(6)?).is_some_and(Standing::is_member)))
    };
    let all = tx.rows(sql, &args, read)?;
    Ok(all.into_iter().filter(|(_, counts)| *counts).map(|(member, _)| member).collect())
}

/// Records of a kind between two days of the units of a scope, as far as they tell which groups met.
pub fn met(tx: &Tx, scope: &Scope, kind: &str, (first, last): (Date, Date)) -> Result<Vec<Met>, Fault> {
    let sql = "select r.id, r.on_date, coalesce(r.tags, '') from record r
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.kind = $4
                  and r.on_date >= $5 and r.on_date <= $6 and coalesce(r.withdrawn, '') = '' and r.tags like '%group:%'
                  and not exists (select 1 from record n where n.top_id = r.top_id and n.id = r.id
                                     and n.version > r.version)
                order by r.on_date, r.id";
    let mut args = unit::range(scope).to_vec();
    args.extend([kind.into(), first.into(), last.into()]);
    tx.rows(sql, &args, |row| Ok(Met { record: row.int(0)?, on: row.parse(1)?, tags: row.text(2)? }))
}

impl Met {
    /// Whether this group met.
    pub fn is_of(&self, group: i64) -> bool {
        let tag = format!("{}:{group}", luoshi_rules::record::GROUP);
        self.tags.split(' ').any(|one| one == tag)
    }
}

// ---- writing

/// Founds a group in the branch of the permit, from today on.
pub fn found(tx: &Tx, permit: &Permit, at: &Unit, name: &str) -> Result<i64, Fault> {
    needs(permit, Verb::Roll)?;
    if at.id != permit.unit() {
        return Err(Refusal::NotAllowed.into());
    }
    let (name, id) = (free(tx, permit, (name, 0), "name")?, new_id());
    let sql = "insert into branch_group (top_id, id, unit_id, name, from_date, until_date)
               values ($1, $2, $3, $4, $5, '9999-12-31')";
    tx.run(sql, &[permit.top().into(), id.into(), at.id.into(), name.into(), permit.today().into()])?;
    audit::note(tx, permit, "branch_group.found", id, "")?;
    Ok(id)
}

/// A name that no other group of the branch bears.
fn free(tx: &Tx, permit: &Permit, (name, own): (&str, i64), field: &str) -> Result<String, Fault> {
    let name = name.trim().to_owned();
    if !(2..=LONGEST).contains(&name.chars().count()) {
        let zh = format!("请填写党小组名称（2 至 {LONGEST} 字）");
        return Err(Refusal::field(field, zh, format!("name the group, in 2 to {LONGEST} characters")).into());
    }
    let sql = "select count(*) from branch_group
                where top_id = $1 and unit_id = $2 and name = $3 and id <> $4 and until_date = '9999-12-31'";
    let args = [permit.top().into(), permit.unit().into(), name.as_str().into(), own.into()];
    if tx.row(sql, &args, |row| row.int(0))? > 0 {
        let zh = format!("本支部已有“{name}”，请换一个名称");
        return Err(Refusal::field(field, zh, format!("this branch has “{name}” already; choose another name")).into());
    }
    Ok(name)
}

/// Gives a group of the branch of the permit another name. What it did keeps the name of its day.
pub fn rename(tx: &Tx, permit: &Permit, group: i64, name: &str) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let old = living(tx, permit)?.into_iter().find(|(id, _)| *id == group).ok_or(Fault::NotFound)?.1;
    let name = free(tx, permit, (name, group), &format!("{group}-name"))?;
    let sql = "update branch_group set name = $3 where top_id = $1 and id = $2";
    tx.run(sql, &[permit.top().into(), group.into(), name.as_str().into()])?;
    audit::note(tx, permit, "branch_group.rename", group, &format!("{old} → {name}"))
}

/// Ends a group of the branch of the permit that bears this name: yesterday was its last day, its members are in none,
/// and whoever led it leads no other that they are put into later.
pub fn end(tx: &Tx, permit: &Permit, group: i64, name: &str) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let known = living(tx, permit)?.into_iter().find(|(id, _)| *id == group).ok_or(Fault::NotFound)?.1;
    if known != name.trim() {
        let zh = format!("撤销的是“{known}”：请保留原名称再撤销");
        let en = format!("this ends “{known}”: leave its name as it is and press again");
        return Err(Refusal::field(format!("{group}-name"), zh, en).into());
    }
    let last = permit.today().saturating_sub(1.day());
    let args = [permit.top().into(), group.into(), permit.unit().into(), last.into()];
    let sql = "select h.person_id from holding h
                 join branch_group_member m on m.top_id = h.top_id and m.person_id = h.person_id
                where h.top_id = $1 and h.unit_id = $3 and h.post = 'group_leader' and h.until_date > $4
                  and m.group_id = $2 and m.until_date = '9999-12-31'";
    for leader in tx.rows(sql, &args, |row| row.int(0))? {
        step_down(tx, permit, LEADER, leader)?;
    }
    let sql = "update branch_group set until_date = $4
                where top_id = $1 and id = $2 and unit_id = $3 and until_date = '9999-12-31'";
    tx.run(sql, &args)?;
    audit::note(tx, permit, "branch_group.end", group, "")
}

/// Keys and names of the groups of the branch of the permit.
fn living(tx: &Tx, permit: &Permit) -> Result<Vec<(i64, String)>, Fault> {
    let sql = "select id, name from branch_group where top_id = $1 and unit_id = $2 and until_date = '9999-12-31'";
    tx.rows(sql, &[permit.top().into(), permit.unit().into()], |row| Ok((row.int(0)?, row.text(1)?)))
}

/// Puts members of the branch of the permit into groups, out of them, and at the head of them. Refused when somebody
/// else has changed one of them since the form was shown.
pub fn arrange(tx: &Tx, permit: &Permit, scope: &Scope, post: &Post, wanted: &[Place]) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let (now, groups) = (members(tx, scope, (permit.unit(), permit.today()))?, living(tx, permit)?);
    wanted.iter().try_for_each(|place| check(&now, &groups, place))?;
    one_leader(&now, wanted)?;
    for place in wanted.iter().filter(|place| place.was.0 != place.now.0) {
        move_to(tx, permit, place)?;
    }
    for place in wanted.iter().filter(|place| place.was.1 != place.now.1) {
        lead(tx, permit, post, place).map_err(|fault| at_person(fault, place.person))?;
    }
    Ok(())
}

/// Refuses people and groups of elsewhere, what somebody else has just changed, and to lead no group.
fn check(now: &[Member], groups: &[(i64, String)], place: &Place) -> Result<(), Refusal> {
    let field = format!("group-{}", place.person);
    let Some(member) = now.iter().find(|one| one.person == place.person) else {
        let zh = "名单中有人已不在本支部名册，请刷新后重新安排";
        return Err(Refusal::rule(zh, "somebody listed has left the roll of this branch; reload the page"));
    };
    let name = &member.name;
    if (member.group, member.leads) != place.was {
        let zh = format!("{name} 刚刚被别人调整过，请刷新页面后再保存");
        return Err(Refusal::field(field, zh, format!("{name} was moved by somebody else; reload the page")));
    }
    if place.now.0 != 0 && groups.iter().all(|(id, _)| *id != place.now.0) {
        return Err(Refusal::field(field, "没有这个党小组，请刷新后重选", "there is no such group; reload and choose"));
    }
    if place.now.1 && place.now.0 == 0 {
        let zh = format!("{name} 不在党小组中，不能任组长：请编入一个小组，或取消组长");
        return Err(Refusal::field(field, zh, format!("{name} is in no group to lead: choose one, or untick leader")));
    }
    Ok(())
}

/// Refuses two leaders of one group, as all will stand.
fn one_leader(now: &[Member], wanted: &[Place]) -> Result<(), Refusal> {
    let mut led: Vec<i64> = Vec::new();
    for member in now {
        let place = wanted.iter().find(|one| one.person == member.person);
        let (group, leads) = place.map_or((member.group, member.leads), |place| place.now);
        if leads && led.contains(&group) {
            let zh = "一个党小组只有一名组长，请只勾选一人";
            return Err(Refusal::field(
                format!("group-{}", member.person),
                zh,
                "a group has one leader: tick one person",
            ));
        }
        led.extend(leads.then_some(group));
    }
    Ok(())
}

/// Out of the group they were in until yesterday, into another from today on. What is changed twice on a day stands as
/// it was left.
fn move_to(tx: &Tx, permit: &Permit, place: &Place) -> Result<(), Fault> {
    let (top, person, today) = (permit.top(), place.person, permit.today());
    let last = today.saturating_sub(1.day());
    let sql = "delete from branch_group_member
                where top_id = $1 and person_id = $2 and until_date = '9999-12-31' and from_date = $3";
    tx.run(sql, &[top.into(), person.into(), today.into()])?;
    let sql = "update branch_group_member set until_date = $3
                where top_id = $1 and person_id = $2 and until_date = '9999-12-31'";
    tx.run(sql, &[top.into(), person.into(), last.into()])?;
    if place.now.0 != 0 {
        let sql = "insert into branch_group_member (top_id, person_id, until_date, from_date, group_id)
                   values ($1, $2, $3, $4, $5)";
        tx.run(sql, &[top.into(), person.into(), FOREVER.into(), today.into(), place.now.0.into()])?;
    }
    audit::note(tx, permit, "branch_group.move", person, "")
}

/// Appoints a group leader, or ends that.
fn lead(tx: &Tx, permit: &Permit, post: &Post, place: &Place) -> Result<(), Fault> {
    if place.now.1 {
        return holding::appoint(tx, permit, post, place.person, permit.today(), "");
    }
    step_down(tx, permit, &post.id, place.person)
}

/// Ends to lead: yesterday was the last day. Who began today never led.
fn step_down(tx: &Tx, permit: &Permit, post: &str, person: i64) -> Result<(), Fault> {
    let sql = "delete from holding where top_id = $1 and unit_id = $2 and post = $3 and person_id = $4
                  and until_date = '9999-12-31' and from_date = $5";
    let today = permit.today();
    let args = [permit.top().into(), permit.unit().into(), post.into(), person.into(), today.into()];
    if tx.run(sql, &args)? > 0 {
        return audit::note(tx, permit, "holding.end", person, post);
    }
    holding::end(tx, permit, post, person, today.saturating_sub(1.day()))
}

/// A refusal beside the person it is about.
fn at_person(fault: Fault, person: i64) -> Fault {
    match fault {
        Fault::Refused(Refusal::Field { why, .. }) => Refusal::Field { field: format!("group-{person}"), why }.into(),
        other => other,
    }
}
