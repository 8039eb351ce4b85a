//! Reading the audit trail of an organisation, newest first.

use super::chain;
use crate::{Fault, Tx, needs_scope};
use luoshi_rules::{Scope, Verb};

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// an act, or the beginning of several: `record.`; empty for all
    pub act: String,
    /// part of the name of who did it, or empty
    pub person: String,
    /// part of the short name of the unit it was done at, or empty
    pub unit: String,
    /// moments from this one on, in milliseconds since 1970
    pub from: i64,
    /// and before this one; 0 for no end
    pub until: i64,
    /// rows before this key; 0 for the newest
    pub before: i64,
    /// how many at most
    pub most: i64,
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// key
    pub id: i64,
    /// moment, in milliseconds since 1970
    pub at: i64,
    /// who; empty when it was the program or they are not on the roll any more
    pub name: String,
    /// key of who did it
    pub person: i64,
    /// key of the unit; 0 for none
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// act
    pub act: String,
    /// key of what it was done to
    pub object: i64,
    /// what more there is to say
    pub detail: String,
    /// place in the chain; 0 while it waits
    pub place: i64,
}

/// Stands for whoever was promised that their name is not shown.
pub const HIDDEN: i64 = -1;

/// Rows of the organisation of a scope for auditing, newest first. Who said that something is a burden, raised a
/// proposal, or asked for mutual aid, is kept in the chain and not shown.
pub fn list(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Vec<Line>, Fault> {
    needs_scope(scope, Verb::Audit)?;
    let sql = "select a.id, a.at, p.name, a.person_id, a.unit_id, u.short_name, a.act, a.object, a.detail, a.place
                 from audit a
                 left join person p on p.top_id = a.top_id and p.id = a.person_id
                 left join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where a.top_id = $1 and (a.id < $2 or $2 = 0) and a.at >= $3 and (a.at < $4 or $4 = 0)
                  and (substr(a.act, 1, length($5)) = $5 or $5 = '')
                  and ($6 = '' or (p.name like '%' || $6 || '%'
                        and a.act not in ('burden.raise', 'proposal.raise', 'proposal.reply', 'aid.apply',
                                          'aid.withdraw')))
                  and (u.short_name like '%' || $7 || '%' or $7 = '')
                order by a.id desc limit $8";
    let plain = |text: &str| text.chars().filter(|c| !matches!(c, '%' | '_')).collect::<String>();
    let args = [
        scope.top().into(),
        filter.before.into(),
        filter.from.into(),
        filter.until.into(),
        filter.act.as_str().into(),
        plain(&filter.person).into(),
        plain(&filter.unit).into(),
        filter.most.into(),
    ];
    tx.rows(sql, &args, |row| {
        let act = row.text(6)?;
        let about_oneself = ["burden.raise", "proposal.raise", "proposal.reply", "aid.apply", "aid.withdraw"];
        let hidden = about_oneself.contains(&act.as_str());
        Ok(Line {
            id: row.int(0)?,
            at: row.int(1)?,
            name: if hidden { String::new() } else { row.text(2)? },
            person: if hidden { HIDDEN } else { row.int(3)? },
            unit: row.int(4)?,
            unit_name: row.text(5)?,
            act,
            object: row.int(7)?,
            detail: row.text(8)?,
            place: row.int(9)?,
        })
    })
}

/// Rows chained, the link of the last, and rows that wait.
pub fn state(tx: &Tx, scope: &Scope) -> Result<(i64, String, i64), Fault> {
    needs_scope(scope, Verb::Audit)?;
    chain::end(tx, scope.top())
}
