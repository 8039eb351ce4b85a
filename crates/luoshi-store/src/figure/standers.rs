//! People who are counted, by name: for whoever may read the roll they are on.

use crate::{Fault, Tx, needs_scope, unit};
use luoshi_rules::{Scope, Verb};

/// Somebody who is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stander {
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// the unit on whose roll they are today
    pub unit: i64,
    /// its short name
    pub unit_name: String,
}

/// Those of some people, by their keys in order, who are on a roll of the scope today.
pub fn standers(tx: &Tx, scope: &Scope, some: &[i64]) -> Result<Vec<Stander>, Fault> {
    needs_scope(scope, Verb::People)?;
    let sql = "select p.id, p.name, u.id, u.short_name from person p
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.id >= $4 and p.id <= $5
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by p.id";
    let (Some(first), Some(last)) = (some.first(), some.last()) else { return Ok(Vec::new()) };
    let mut args = unit::range(scope).to_vec();
    args.extend([(*first).into(), (*last).into()]);
    let mut all = tx.rows(sql, &args, |row| {
        Ok(Stander { person: row.int(0)?, name: row.text(1)?, unit: row.int(2)?, unit_name: row.text(3)? })
    })?;
    all.retain(|one| some.binary_search(&one.person).is_ok());
    Ok(all)
}
