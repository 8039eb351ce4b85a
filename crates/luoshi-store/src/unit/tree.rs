//! Reading the tree: as it stood on a day, by what somebody typed, with who leads each unit and how many belong to it.

use super::{range, unit};
use crate::{Fault, Tx};
use jiff::civil::Date;
use luoshi_rules::{Scope, Unit};
use std::collections::HashMap;

/// The units of a scope as they stood on a day, in the order of the tree of that day: the subtree the root of the
/// scope had then, wherever it stood.
pub fn tree_on(tx: &Tx, scope: &Scope, day: Date) -> Result<Vec<Unit>, Fault> {
    let sql = "select u.top_id, u.id, coalesce(b.path, u.path), coalesce(b.level, u.level), coalesce(b.class, u.class),
                      case when b.unit_id is null then u.code else b.code end,
                      case when b.unit_id is null then u.parts else b.parts end, u.order_no,
                      coalesce(b.short_name, u.short_name), coalesce(b.full_name, u.full_name), u.founded, u.dissolved,
                      u.why_dissolved
                 from unit u
                 left join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                                      and b.from_date <= $2 and b.until_date >= $2
                 join unit r on r.top_id = u.top_id and r.path = $3
                 left join unit_past q on q.top_id = r.top_id and q.unit_id = r.id
                                      and q.from_date <= $2 and q.until_date >= $2
                where u.top_id = $1 and u.founded <= $2 and u.dissolved >= $2
                  and substr(coalesce(b.path, u.path), 1, length(coalesce(q.path, r.path))) = coalesce(q.path, r.path)
                order by 3";
    tx.rows(sql, &[scope.top().into(), day.into(), scope.from().into()], unit)
}

/// Every organisation there is.
pub fn tops(tx: &Tx) -> Result<Vec<i64>, Fault> {
    tx.rows("select top_id from top order by top_id -- fanout: dictionary of organisations", &[], |row| row.int(0))
}

/// Living units of a scope by characters, pinyin or initials of their names, in the order of the tree.
pub fn search(tx: &Tx, scope: &Scope, words: &str, most: i64) -> Result<Vec<Unit>, Fault> {
    let sql = "select top_id, id, path, level, class, code, parts, order_no, short_name, full_name, founded,
                      dissolved, why_dissolved
                 from unit
                where top_id = $1 and path >= $2 and path < $3 and dissolved = '9999-12-31'
                  and (search like $4 or full_name like $4 or short_name like $4)
                order by path limit $5";
    let clean: String = words.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    let mut args = range(scope).to_vec();
    args.extend([format!("%{clean}%").into(), most.into()]);
    tx.rows(sql, &args, unit)
}

/// Who holds the single-seat posts of a scope on a day: (unit, post) to name.
pub fn heads(tx: &Tx, scope: &Scope, day: Date) -> Result<HashMap<(i64, String), String>, Fault> {
    let sql = "select h.unit_id, h.post, p.name from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.seat = 0
                  and h.from_date <= $4 and h.until_date >= $4";
    let mut args = range(scope).to_vec();
    args.push(day.into());
    let rows = tx.rows(sql, &args, |row| Ok(((row.int(0)?, row.text(1)?), row.text(2)?)))?;
    Ok(rows.into_iter().collect())
}

/// How many full and probationary members are on the roll of each unit of a scope.
pub fn members(tx: &Tx, scope: &Scope) -> Result<HashMap<i64, (i64, i64)>, Fault> {
    let sql = "select unit_id, standing, count(*) from person
                where top_id = $1 and path >= $2 and path < $3 and left_on = '9999-12-31'
                  and standing in ('full', 'probationary')
                group by unit_id, standing";
    let mut counts: HashMap<i64, (i64, i64)> = HashMap::new();
    for (unit, standing, n) in tx.rows(sql, &range(scope), |row| Ok((row.int(0)?, row.text(1)?, row.int(2)?)))? {
        let entry = counts.entry(unit).or_default();
        if standing == "full" { entry.0 = n } else { entry.1 = n }
    }
    Ok(counts)
}
