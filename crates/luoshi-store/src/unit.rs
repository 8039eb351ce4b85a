//! Units: the directory and the tree. The directory is open to whoever is signed in.

mod card;
mod change;
mod merge;
mod place;
mod tie;
mod tree;

pub use card::{Around, Asked, Card, around, card};
pub use change::{Decision, Name, dissolve, move_to, reclass, rename};
pub use merge::{Merged, Offshoot, merge, merged, split};
pub use tie::{Tie, add_tie, end_tie, ties};
pub use tree::{heads, members, search, tops, tree_on};

use crate::{FOREVER, Fault, Row, Tx, Value, audit, needs, new_id};
use jiff::civil::Date;
use luoshi_rules::unit::{Change, Standing};
use luoshi_rules::{Permit, Refusal, Scope, Unit, UnitPath};

/// A unit by its id.
pub fn find(tx: &Tx, id: i64) -> Result<Unit, Fault> {
    let sql = "select top_id, id, path, level, class, code, parts, order_no, short_name, full_name, founded,
                      dissolved, why_dissolved
                 from unit where id = $1 -- fanout: an address names a unit, not its organisation";
    tx.row(sql, &[id.into()], unit)
}

/// The unit on whose roll a person is, or last was.
pub fn of_person(tx: &Tx, person: i64) -> Result<Unit, Fault> {
    let sql = "select u.top_id, u.id, u.path, u.level, u.class, u.code, u.parts, u.order_no, u.short_name, u.full_name,
                      u.founded, u.dissolved, u.why_dissolved
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.id = $1 order by p.left_on desc limit 1
                -- fanout: an address names a person, not an organisation";
    tx.row(sql, &[person.into()], unit)
}

/// Rows of units that stood below the root of a scope (its key is `$7`) on `$8` or later and have left it. A number
/// of a place is never given again, so that a place of the past is nobody else's today.
pub(crate) const LEFT: &str =
    "x.unit_id in (select b.unit_id from unit_past b join unit u on u.top_id = b.top_id and u.id = b.unit_id
                    where b.top_id = $1 and b.until_date >= $8 and b.path >= $2 and b.path < $3
                      and not (u.path >= $2 and u.path < $3)
                   union
                   select b.unit_id from unit_past b join unit u on u.top_id = b.top_id and u.id = b.unit_id
                     join unit_past q on q.top_id = b.top_id and q.unit_id = $7 and q.until_date >= $8
                    where b.top_id = $1 and b.until_date >= $8 and substr(b.path, 1, length(q.path)) = q.path
                      and not (u.path >= $2 and u.path < $3))";

/// Units that stand in a scope.
const WITHIN: &str = "u.path >= $2 and u.path < $3";

/// Those, and the ones that left it: [`LEFT`] about the units themselves.
fn ever() -> String {
    let left = LEFT.replace("x.unit_id", "u.id").replace("$7", "$4").replace("$8", "$5");
    format!("({WITHIN}) or {left}")
}

/// The units of a scope in the order of the tree, dissolved ones too, each with what it was before. One statement.
pub fn list(tx: &Tx, scope: &Scope) -> Result<Vec<Unit>, Fault> {
    listed(tx, WITHIN, &range(scope))
}

/// The units of a scope, and after them those that stood below its root since a day and have left. One statement.
pub fn list_with_left(tx: &Tx, scope: &Scope, (root, since): (i64, Date)) -> Result<(Vec<Unit>, Vec<Unit>), Fault> {
    let [top, from, until] = range(scope);
    let all = listed(tx, &ever(), &[top, from, until, root.into(), since.into()])?;
    Ok(all.into_iter().partition(|unit| scope.root().contains(&unit.path)))
}

/// The statements that a text with a condition left open comes to, for the catalogue: about the units of a scope, and
/// about those that left it.
#[cfg(test)]
pub(crate) fn spelled(sql: &str) -> Vec<String> {
    match (sql.contains("(which)"), sql.contains("within(")) {
        (true, _) => vec![sql.replace("which", WITHIN), sql.replace("which", &ever())],
        (_, true) => crate::obligation::spelled(sql),
        _ => vec![sql.to_owned()],
    }
}

/// Put together at runtime: as one text with an `or` the engines would go through all units of the organisation where
/// only those of a scope are asked for, and two texts of the same columns come apart.
fn listed(tx: &Tx, condition: &str, args: &[Value]) -> Result<Vec<Unit>, Fault> {
    let sql = "select u.top_id, u.id, u.path, u.level, u.class, u.code, u.parts, u.order_no, u.short_name, u.full_name,
                      u.founded, u.dissolved, u.why_dissolved,
                      b.from_date, b.until_date, b.path, b.level, b.class, b.code, b.parts, b.short_name, b.full_name
                 from unit u
                 left join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                where u.top_id = $1 and (which)
                order by u.path, b.until_date";
    let sql = sql.replace("which", condition);
    let mut units: Vec<Unit> = Vec::new();
    let each = |row: &Row| {
        if units.last().is_none_or(|last| row.int(1).is_ok_and(|id| id != last.id)) {
            units.push(unit(row)?);
        }
        if !row.text(13)?.is_empty()
            && let Some(last) = units.last_mut()
        {
            last.past.push(standing(row)?);
        }
        Ok(())
    };
    tx.rows(&sql, args, each)?;
    Ok(units)
}

/// Living units of an organisation that bear a name, short or full.
pub fn named(tx: &Tx, top: i64, name: &str) -> Result<Vec<i64>, Fault> {
    let sql =
        "select id from unit where top_id = $1 and dissolved = '9999-12-31' and (short_name = $2 or full_name = $2)
                order by path limit 3";
    tx.rows(sql, &[top.into(), name.into()], |row| row.int(0))
}

/// The units above one, the root first, itself last.
pub fn ancestry(tx: &Tx, at: &Unit) -> Result<Vec<Unit>, Fault> {
    let sql = "select top_id, id, path, level, class, code, parts, order_no, short_name, full_name, founded,
                      dissolved, why_dissolved
                 from unit where top_id = $1 and path <= $2 and $2 >= path and substr($2, 1, length(path)) = path
                order by path";
    tx.rows(sql, &[at.top.into(), at.path.as_str().into()], unit)
}

/// The units directly below one, in their order; dissolved ones left out.
pub fn below(tx: &Tx, at: &Unit) -> Result<Vec<Unit>, Fault> {
    let sql = "select top_id, id, path, level, class, code, parts, order_no, short_name, full_name, founded,
                      dissolved, why_dissolved
                 from unit
                where top_id = $1 and path > $2 and path < $3 and length(path) = length($2) + 4 and dissolved = '9999-12-31'
                order by order_no, path";
    tx.rows(sql, &[at.top.into(), at.path.as_str().into(), at.path.end().into()], unit)
}

/// The self-administering organisations below a unit that have rows of their own.
pub fn tops_below(tx: &Tx, at: &Unit) -> Result<Vec<Unit>, Fault> {
    let sql = "select u.top_id, u.id, u.path, u.level, u.class, u.code, u.parts, u.order_no, u.short_name, u.full_name,
                      u.founded, u.dissolved, u.why_dissolved
                 from top t join unit u on u.top_id = t.top_id and u.id = t.top_id
                where t.path > $1 and t.path < $2 and u.dissolved = '9999-12-31'
                order by u.path -- fanout: dictionary of organisations";
    tx.rows(sql, &[at.path.as_str().into(), at.path.end().into()], unit)
}

/// Something that happened to a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// what
    pub change: Change,
    /// the day
    pub on: Date,
    /// the unit moved to, merged into or split from; 0 for none
    pub other: i64,
    /// its short name, or empty
    pub other_name: String,
    /// what was said of it
    pub note: String,
}

/// What happened to a unit, newest first.
pub fn history(tx: &Tx, scope: &Scope, id: i64) -> Result<Vec<Changed>, Fault> {
    let sql = "select c.change, c.on_date, c.other_id, c.note, o.short_name from unit_change c
                 left join unit o on o.top_id = c.top_id and o.id = c.other_id
                where c.top_id = $1 and c.unit_id = $2
                order by c.on_date desc, case when c.change = 'found' then 1 else 0 end, c.id desc";
    tx.rows(sql, &[scope.top().into(), id.into()], |row| {
        let change = Change::named(&row.text(0)?).ok_or_else(|| Fault::Engine("unknown change".into()))?;
        let (other, other_name) = (row.int(2)?, row.text(4)?);
        Ok(Changed { change, on: row.parse(1)?, other, other_name, note: row.text(3)? })
    })
}

/// What is said of a unit when it is founded.
#[derive(Debug, Clone)]
pub struct Founding {
    /// key, or 0 for a new one
    pub id: i64,
    /// a level of the pack
    pub level: String,
    /// a class of the pack
    pub class: String,
    /// national type code
    pub code: String,
    /// parts of the pack it has
    pub parts: Vec<String>,
    /// order among its siblings
    pub order_no: i64,
    /// name in trees and tables
    pub short_name: String,
    /// name as on the seal
    pub full_name: String,
    /// names, pinyin, initials
    pub search: String,
    /// the day
    pub on: Date,
}

/// Founds the root of a new organisation. Runs at set-up, before anyone can hold a post.
pub fn found_top(tx: &Tx, founding: &Founding) -> Result<Unit, Fault> {
    let sql = "select path from top where length(path) = 4 order by path desc limit 1
               -- fanout: dictionary of organisations";
    let last = tx.rows(sql, &[], |row| row.path(0))?.pop().map_or(0, |path| path.number());
    let path = UnitPath::root(last + 1).ok_or(Fault::Conflict)?;
    top(tx, &path, founding, 0)
}

/// Founds a self-administering organisation below the unit of the permit: it keeps rows of its own, and only posts
/// above it see into it from outside.
pub fn found_top_below(tx: &Tx, permit: &Permit, founding: &Founding) -> Result<Unit, Fault> {
    may_found(permit, founding)?;
    let path = next_place(tx, permit.top(), permit.unit())?;
    let unit = top(tx, &path, founding, permit.person())?;
    audit::note(tx, permit, "unit.found", unit.id, &founding.full_name)?;
    Ok(unit)
}

fn top(tx: &Tx, path: &UnitPath, founding: &Founding, person: i64) -> Result<Unit, Fault> {
    let id = if founding.id == 0 { new_id() } else { founding.id };
    let sql = "insert into top (path, top_id) values ($1, $2)";
    tx.run(sql, &[path.as_str().into(), id.into()])?;
    insert(tx, id, id, path, founding)?;
    audit::by(tx, id, person, id, "unit.found", id, "")?;
    changed(tx, (id, id, person), Change::Found, founding.on, 0, "")?;
    find(tx, id)
}

/// Founds a unit below the one of the permit.
pub fn found(tx: &Tx, permit: &Permit, founding: &Founding) -> Result<Unit, Fault> {
    may_found(permit, founding)?;
    let path = next_place(tx, permit.top(), permit.unit())?;
    let id = if founding.id == 0 { new_id() } else { founding.id };
    insert(tx, permit.top(), id, &path, founding)?;
    changed(tx, (permit.top(), id, permit.person()), Change::Found, founding.on, 0, "")?;
    audit::note(tx, permit, "unit.found", id, &founding.full_name)?;
    find(tx, id)
}

fn may_found(permit: &Permit, founding: &Founding) -> Result<(), Fault> {
    needs(permit, luoshi_rules::Verb::Rule)?;
    if founding.on > permit.today() {
        return Err(Refusal::field("on", "日期在今天之后，请在成立当日办理", "the day is still to come").into());
    }
    Ok(())
}

/// The next free place below a unit. A number once given is never given again.
pub(crate) fn next_place(tx: &Tx, top: i64, parent: i64) -> Result<UnitPath, Fault> {
    let sql = "select path, next_child, dissolved from unit where top_id = $1 and id = $2";
    let key = [top.into(), parent.into()];
    let (path, next, dissolved) = tx.row(sql, &key, |row| Ok((row.path(0)?, row.int(1)?, row.day(2)?)))?;
    if let Some(end) = dissolved {
        let zh = format!("上级组织已于 {end} 撤销，不能再设下级组织");
        return Err(Refusal::rule(zh, format!("the unit above was dissolved on {end}")).into());
    }
    let sql = "update unit set next_child = $3 where top_id = $1 and id = $2";
    tx.run(sql, &[top.into(), parent.into(), (next + 1).into()])?;
    path.child(next as u32).ok_or_else(|| {
        Refusal::rule("该组织下已满 9998 个，不能再设", "there is no room for more than 9,998 units here").into()
    })
}

/// Notes a change of (organisation, unit, actor) as a fact.
pub(crate) fn changed(
    tx: &Tx,
    (top, unit, actor): (i64, i64, i64),
    change: Change,
    on: Date,
    other: i64,
    note: &str,
) -> Result<(), Fault> {
    let sql = "insert into unit_change (top_id, unit_id, id, change, on_date, other_id, note, actor_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = [
        top.into(),
        unit.into(),
        new_id().into(),
        change.key().into(),
        on.into(),
        other.into(),
        note.into(),
        actor.into(),
    ];
    tx.run(sql, &args).map(drop)
}

fn insert(tx: &Tx, top: i64, id: i64, path: &UnitPath, founding: &Founding) -> Result<(), Fault> {
    let sql = "insert into unit (top_id, id, path, level, class, code, parts, order_no, short_name, full_name,
                                 search, founded, since, dissolved, next_child)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, 1)";
    let f = founding.clone();
    let args = [
        top.into(),
        id.into(),
        path.as_str().into(),
        f.level.into(),
        f.class.into(),
        f.code.into(),
        f.parts.join(" ").into(),
        f.order_no.into(),
        f.short_name.into(),
        f.full_name.into(),
        f.search.into(),
        f.on.into(),
        FOREVER.into(),
    ];
    tx.run(sql, &args).map(drop)
}

/// Parameters 1 to 3 of a statement over a scope: organisation, first path, end of paths.
pub(crate) fn range(scope: &Scope) -> [Value; 3] {
    [scope.top().into(), scope.from().into(), scope.until().into()]
}

fn unit(row: &Row) -> Result<Unit, Fault> {
    Ok(Unit {
        top: row.int(0)?,
        id: row.int(1)?,
        path: row.path(2)?,
        level: row.text(3)?,
        class: row.text(4)?,
        code: row.text(5)?,
        parts: words(&row.text(6)?),
        order_no: row.int(7)?,
        short_name: row.text(8)?,
        full_name: row.text(9)?,
        founded: row.parse(10)?,
        dissolved: row.day(11)?.map(|end| Ok::<_, Fault>((end, row.text(12)?))).transpose()?,
        past: Vec::new(),
    })
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn standing(row: &Row) -> Result<Standing, Fault> {
    Ok(Standing {
        from: row.parse(13)?,
        until: row.parse(14)?,
        path: row.path(15)?,
        level: row.text(16)?,
        class: row.text(17)?,
        code: row.text(18)?,
        parts: words(&row.text(19)?),
        short_name: row.text(20)?,
        full_name: row.text(21)?,
    })
}
