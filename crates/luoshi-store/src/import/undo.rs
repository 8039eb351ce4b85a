//! Taking back what an import made, unless something builds on it; then it is said what.

use crate::identity::Field;
use crate::{FOREVER, Fault, Tx, Value, audit, needs};
use luoshi_rules::{Permit, Refusal, Verb};
use std::collections::HashSet;

/// People who stand in the frozen list of a meeting.
pub type Frozen = HashSet<i64>;

/// What may build on a unit or a person: key in the statements below, and shown words.
const BUILDS: &[(&str, &str, &str)] = &[
    ("account", "账号", "account"),
    ("author", "所写纪实", "records they wrote"),
    ("burden", "负担反映", "burdens"),
    ("change", "后来的更改", "later changes"),
    ("class", "培训班和志愿召集", "classes and calls"),
    ("collection", "数据收集", "collections"),
    ("figure", "数读", "figures"),
    ("fund", "互助金", "mutual aid funds"),
    ("group", "小组", "groups"),
    ("holding", "任职", "posts"),
    ("import", "在此所做的导入", "imports made there"),
    ("intake", "在此读取的文件", "documents read there"),
    ("joint", "联合开展的纪实", "joint records"),
    ("matter", "督办等事项", "matters"),
    ("meeting", "参加的会议", "meetings they were due at"),
    ("person", "人员", "people"),
    ("plan", "安排", "plans"),
    ("pledge", "承诺", "pledges"),
    ("record", "纪实", "records"),
    ("round", "巡察等轮次和规划", "rounds and their plans"),
    ("seat", "报名", "names put down"),
    ("term", "任期", "terms"),
    ("tie", "指导等关系", "ties"),
    ("transfer", "组织关系转接", "transfers"),
    ("unit", "下级组织", "units below"),
    ("waiver", "不适用说明", "waivers"),
];

/// What builds on a unit: rows of every table that names one, but those that `APART` below says why not.
const UNIT: &str = "select what, count(*) from (
                 select 'unit' as what from unit where top_id = $1 and path > $3 and path < $4
                 union all select 'person' from affiliation a
                             join person p on p.top_id = a.top_id and p.id = a.person_id
                            where a.top_id = $1 and a.unit_id = $2
                              and not (p.unit_id = $2 and coalesce(p.left_why, '') = 'entered_wrongly')
                 union all select 'holding' from holding where top_id = $1 and unit_id = $2
                 union all select 'record' from record where top_id = $1 and unit_id = $2
                 union all select 'plan' from plan where top_id = $1 and unit_id = $2
                 union all select 'waiver' from waiver where top_id = $1 and unit_id = $2
                 union all select 'matter' from matter where top_id = $1 and (unit_id = $2 or opener_id = $2)
                 union all select 'tie' from unit_tie where top_id = $1 and (unit_id = $2 or other_id = $2)
                 union all select 'import' from import where top_id = $1 and unit_id = $2
                 union all select 'intake' from intake where top_id = $1 and unit_id = $2
                 union all select 'change' from unit_change where top_id = $1 and unit_id = $2 and change <> 'found'
                 union all select 'term' from term where top_id = $1 and unit_id = $2
                                                     and (coalesce(extended, '') <> '' or exists (
                            select 1 from term n where n.top_id = $1 and n.unit_id = $2 and n.from_date > term.from_date))
                 union all select 'matter' from matter_helper where top_id = $1 and unit_id = $2
                 union all select 'matter' from matter_turn where top_id = $1 and (unit_id = $2 or other_id = $2)
                 union all select 'joint' from joint where top_id = $1 and unit_id = $2
                 union all select 'figure' from figure_own where top_id = $1 and unit_id = $2
                 union all select 'figure' from figure_quote where top_id = $1 and unit_id = $2
                 union all select 'round' from coverage where top_id = $1 and unit_id = $2
                 union all select 'round' from coverage_unit where top_id = $1 and unit_id = $2
                 union all select 'round' from round where top_id = $1 and unit_id = $2
                 union all select 'round' from round_target where top_id = $1 and unit_id = $2
                 union all select 'round' from recusal where top_id = $1 and unit_id = $2
                 union all select 'group' from youth_group where top_id = $1 and unit_id = $2
                 union all select 'group' from branch_group where top_id = $1 and unit_id = $2
                 union all select 'class' from class where top_id = $1 and unit_id = $2
                 union all select 'class' from class_quota where top_id = $1 and unit_id = $2
                 union all select 'collection' from collection where top_id = $1 and unit_id = $2
                 union all select 'collection' from collection_answer where top_id = $1 and unit_id = $2
                 union all select 'burden' from burden where top_id = $1 and (unit_id = $2 or issuer_id = $2)
                 union all select 'pledge' from pledge where top_id = $1 and unit_id = $2
                 union all select 'fund' from aid_fund where top_id = $1 and unit_id = $2
               ) builds group by what order by what";

/// Everyone in the frozen lists of an organisation's meetings.
pub fn frozen(tx: &Tx, permit: &Permit) -> Result<Frozen, Fault> {
    let sql = "select people from roll where top_id = $1";
    let lists = tx.rows(sql, &[permit.top().into()], |row| row.json(0))?;
    Ok(lists.iter().filter_map(|list| list.as_array()).flatten().filter_map(serde_json::Value::as_i64).collect())
}

/// Takes back a unit that an import made, unless something builds on it.
pub fn unmake_unit(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    needs(permit, Verb::Rule)?;
    let key = [permit.top().into(), id.into(), permit.path().as_str().into(), permit.path().end().into()];
    must_be_free(tx, UNIT, &key, ("unit", 0))?;
    // people entered there by mistake are kept with the unit above
    tx.run("delete from affiliation where top_id = $1 and unit_id = $2", &key)?;
    let path = permit.path().as_str();
    let above = path.get(..path.len().saturating_sub(4)).unwrap_or_default();
    let sql = "update person set path = $3, unit_id = (select u.id from unit u where u.top_id = $1 and u.path = $3)
                where top_id = $1 and unit_id = $2";
    tx.run(sql, &[permit.top().into(), id.into(), above.into()])?;
    tx.run("delete from term where top_id = $1 and unit_id = $2", &key)?;
    tx.run("delete from unit_change where top_id = $1 and unit_id = $2", &key)?;
    tx.run("delete from unit where top_id = $1 and id = $2", &key)?;
    audit::note(tx, permit, "import.unmake", id, "unit")
}

/// Takes back a person that an import made with these posts in the permit's unit, unless something builds on them:
/// they leave as entered by mistake, and their numbers are free again.
pub fn unmake_person(tx: &Tx, permit: &Permit, id: i64, posts: &[String], frozen: &Frozen) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let sql = "select what, count(*) from (
                 select 'account' as what from account where top_id = $1 and person_id = $2
                 union all select 'meeting' from record_person where top_id = $1 and person_id = $2
                 union all select 'author' from record where top_id = $1 and author_id = $2
                 union all select 'transfer' from transfer where top_id = $1 and person_id = $2
                 union all select 'change' from affiliation where top_id = $1 and person_id = $2
                                                              and (until_date < '9999-12-31' or unit_id <> $3)
                 union all select 'change' from audit
                            where top_id = $1 and object = $2
                              and act in ('person.correct', 'person.identity', 'person.standing', 'holding.end')
                 union all select 'group' from youth_member where top_id = $1 and person_id = $2
                 union all select 'group' from youth_part where top_id = $1 and person_id = $2
                 union all select 'group' from branch_group_member where top_id = $1 and person_id = $2
                 union all select 'seat' from class_seat where top_id = $1 and person_id = $2
                 union all select 'round' from round_member where top_id = $1 and person_id = $2
               ) builds group by what order by what";
    let key = [permit.top().into(), id.into(), permit.unit().into()];
    let since = later_posts(tx, permit, id, posts)?;
    let meetings = i64::from(frozen.contains(&id));
    must_be_free(tx, sql, &key, if meetings > 0 { ("meeting", meetings) } else { ("holding", since) })?;
    // a post that was never held must not keep its seat from whoever is entered again
    tx.run("delete from holding where top_id = $1 and person_id = $2", &key)?;
    crate::person::leave(tx, permit, id, "entered_wrongly", permit.today())?;
    tx.run("delete from person_secret where top_id = $1 and person_id = $2", &key).map(drop)
}

/// Takes back an identity number or person code that an import added to somebody on the roll of the permit's unit.
pub fn unset(tx: &Tx, permit: &Permit, id: i64, field: Field) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let sql = "delete from person_secret where top_id = $1 and person_id = $2 and field = $3";
    tx.run(sql, &[permit.top().into(), id.into(), field.key().into()])?;
    audit::note(tx, permit, "person.identity", id, field.key())
}

/// Posts of a person that the import did not give.
fn later_posts(tx: &Tx, permit: &Permit, id: i64, posts: &[String]) -> Result<i64, Fault> {
    let sql = "select unit_id, post, until_date from holding where top_id = $1 and person_id = $2";
    let key = [permit.top().into(), id.into()];
    let given = tx.rows(sql, &key, |row| {
        Ok(row.int(0)? == permit.unit() && posts.contains(&row.text(1)?) && row.text(2)? == FOREVER)
    })?;
    Ok(given.iter().filter(|given| !**given).count() as i64)
}

/// Refuses, and says what, when a statement finds something that builds on a unit or a person, or `more` does.
fn must_be_free(tx: &Tx, sql: &str, key: &[Value], (what, more): (&str, i64)) -> Result<(), Fault> {
    let mut found = tx.rows(sql, key, |row| Ok((row.text(0)?, row.int(1)?)))?;
    if more > 0 {
        found.push((what.to_owned(), more));
    }
    if found.is_empty() {
        return Ok(());
    }
    let name = "select full_name from unit where top_id = $1 and id = $2
                union all select name from person where top_id = $1 and id = $2";
    let name = tx.row(name, key, |row| row.text(0))?;
    let words = |zh: bool| {
        let all = found.iter().filter_map(|(key, count)| {
            let (_, chinese, english) = BUILDS.iter().find(|(one, _, _)| one == key)?;
            Some(format!("{} {count}", if zh { chinese } else { english }))
        });
        all.collect::<Vec<_>>().join(if zh { "、" } else { ", " })
    };
    let (zh, en) = (words(true), words(false));
    Err(Refusal::rule(
        format!("{name} 已被后来的内容用到（{zh}），不能整批撤销；请先处理这些，或逐条更正"),
        format!("{name} is already used by what came later ({en}); see to that first, or correct one by one"),
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables whose rows go with the unit, were there before it, are derived, or say what somebody did and not what is.
    pub const APART: &[&str] =
        &["access_token", "audit", "calendar_feed", "intake_matter", "matter_state", "person", "sight", "unit_past"];

    #[test]
    fn every_table_that_names_a_unit_is_looked_at() {
        let names = |columns: &[(String, String)]| {
            columns
                .iter()
                .any(|(column, _)| ["unit_id", "other_id", "opener_id", "issuer_id"].contains(&column.as_str()))
        };
        let missed = crate::schema::tables().into_iter().filter(|(table, columns)| {
            names(columns) && !APART.contains(&table.as_str()) && !UNIT.contains(&format!(" from {table} "))
        });
        let missed: Vec<String> = missed.map(|(table, _)| table).collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn what_is_found_can_be_said() {
        let pieces: Vec<&str> = UNIT.split('\'').collect();
        let keys = pieces.windows(2).filter(|two| two[0].trim_end().ends_with("select")).map(|two| two[1]);
        let unsaid: Vec<&str> = keys.filter(|key| BUILDS.iter().all(|(known, _, _)| known != key)).collect();
        assert!(unsaid.is_empty(), "{unsaid:?}");
    }
}
