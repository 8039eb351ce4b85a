//! What the page of a unit shows, in two statements: the units around it, and the facts about it.

use super::{Changed, Tie, unit};
use crate::{Fault, Row, Tx, holding, term};
use jiff::civil::Date;
use luoshi_rules::person::Standing;
use luoshi_rules::unit::Change;
use luoshi_rules::{Scope, Unit};
use std::cmp::Reverse;

/// The units above one and the organisations below it that administer themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Around {
    /// the root first, itself last
    pub above: Vec<Unit>,
    /// in the order of the tree
    pub tops: Vec<Unit>,
}

/// What is known of a unit on a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// who holds its posts
    pub posts: Vec<holding::Line>,
    /// its newest term
    pub term: Option<term::Line>,
    /// people of its subtree by standing
    pub counts: Vec<(Standing, i64)>,
    /// what happened to it, newest first
    pub history: Vec<Changed>,
    /// its ties, those that last first
    pub ties: Vec<Tie>,
    /// what it had to answer, open or closed
    pub matters: Vec<Asked>,
}

/// A matter a unit has to answer, in one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// key
    pub id: i64,
    /// title, as it was opened
    pub title: String,
    /// the flow
    pub flow: String,
    /// the step at which it stands
    pub step: String,
    /// the day it was opened
    pub opened: Date,
    /// for a follow-up, the clause
    pub clause: String,
    /// and the period
    pub period: String,
}

/// The units around one. One statement.
pub fn around(tx: &Tx, at: &Unit) -> Result<Around, Fault> {
    let sql = "select top_id, id, path, level, class, code, parts, order_no, short_name, full_name, founded,
                      dissolved, why_dissolved, 'above'
                 from unit where top_id = $1 and path <= $2 and substr($2, 1, length(path)) = path
                union all
               select u.top_id, u.id, u.path, u.level, u.class, u.code, u.parts, u.order_no, u.short_name, u.full_name,
                      u.founded, u.dissolved, u.why_dissolved, 'top'
                 from top t join unit u on u.top_id = t.top_id and u.id = t.top_id
                where t.path > $2 and t.path < $3 and u.dissolved = '9999-12-31'
                order by 14, 3 -- fanout: dictionary of organisations";
    let mut around = Around { above: Vec::new(), tops: Vec::new() };
    tx.rows(sql, &[at.top.into(), at.path.as_str().into(), at.path.end().into()], |row| {
        if row.text(13)? == "above" {
            around.above.push(unit(row)?)
        } else {
            around.tops.push(unit(row)?)
        }
        Ok(())
    })?;
    Ok(around)
}

/// Each sort of row is told apart by the first column. People are counted by standing as the roll counts them.
const CARD: &str =
    "select 'post' as sort, h.person_id as n, h.unit_id as m, u.short_name as a, h.post as b, p.name as c,
                      h.from_date as d, h.until_date as e, h.how as f, p.search as z
                 from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                 join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.unit_id = $4
                  and h.from_date <= $5 and h.until_date >= $5
                union all
               select 'term', t.unit_id, 0, u.short_name, '', '', t.from_date, t.until_date, t.why, t.extended
                 from term t join unit u on u.top_id = t.top_id and u.id = t.unit_id
                where t.top_id = $1 and t.path >= $2 and t.path < $3 and t.unit_id = $4
                union all
               select 'count', (select count(*) from person p
                                 where p.top_id = $1 and p.left_on = '9999-12-31' and p.standing = k.standing
                                   and p.path >= $2 and p.path < $3), 0, k.standing, '', '', '', '', '', ''
                 from (select 'full' as standing union all select 'probationary' union all select 'prospect'
                       union all select 'active_applicant' union all select 'applicant'
                       union all select 'non_member') k
                union all
               select 'change', c.other_id, c.id, o.short_name, c.change, '', c.on_date, '', c.note, ''
                 from unit_change c left join unit o on o.top_id = c.top_id and o.id = c.other_id
                where c.top_id = $1 and c.unit_id = $4
                union all
               select 'tie', t.unit_id, t.other_id, u.short_name, t.tie, o.short_name, t.from_date, t.until_date, '', ''
                 from unit_tie t
                 join unit u on u.top_id = t.top_id and u.id = t.unit_id
                 join unit o on o.top_id = t.top_id and o.id = t.other_id
                where t.top_id = $1 and (t.unit_id = $4 or t.other_id = $4)
                  and ((u.path >= $2 and u.path < $3) or (o.path >= $2 and o.path < $3))
                union all
               select 'matter', m.id, 0, m.title, m.flow,
                      (select e.step from matter_event e
                        where e.top_id = m.top_id and e.matter_id = m.id order by e.seq desc limit 1),
                      m.on_date, '', coalesce(m.data ->> 'clause', ''), coalesce(m.data ->> 'period', '')
                 from matter m where m.top_id = $1 and m.path >= $2 and m.path < $3 and m.unit_id = $4
                order by 1, 5, 10";

/// What is known of a unit of the scope on a day. One statement.
pub fn card(tx: &Tx, scope: &Scope, at: i64, on: Date) -> Result<Card, Fault> {
    let mut args = super::range(scope).to_vec();
    args.extend([at.into(), on.into()]);
    let (mut card, mut changes) = (Card::default(), Vec::new());
    tx.rows(CARD, &args, |row| mark(row, &mut card, &mut changes))?;
    changes.sort_by_key(|(id, one)| (Reverse(one.on), one.change == Change::Found, Reverse(*id)));
    card.history = changes.into_iter().map(|(_, one)| one).collect();
    card.counts.sort();
    card.ties.sort_by_key(|tie| (tie.until.is_some(), Reverse(tie.until), tie.tie.clone(), Reverse(tie.from)));
    Ok(card)
}

fn mark(row: &Row, card: &mut Card, changes: &mut Vec<(i64, Changed)>) -> Result<(), Fault> {
    let (n, m, name, key) = (row.int(1)?, row.int(2)?, row.text(3)?, row.text(4)?);
    match row.text(0)?.as_str() {
        "post" => card.posts.push(holding::Line {
            unit: m,
            unit_name: name,
            post: key,
            person: n,
            name: row.text(5)?,
            from: row.parse(6)?,
            until: row.day(7)?,
            how: row.text(8)?,
        }),
        "term" => {
            let (from, until) = (row.parse(6)?, row.parse(7)?);
            let new = term::Line { unit: n, unit_name: name, from, until, extended: row.day(9)?, why: row.text(8)? };
            if card.term.as_ref().is_none_or(|known| known.from < new.from) {
                card.term = Some(new);
            }
        }
        "count" => card.counts.extend(Standing::named(&name).filter(|_| n > 0).map(|standing| (standing, n))),
        "change" => {
            let change = Change::named(&key).ok_or_else(|| Fault::Engine("unknown change".into()))?;
            changes.push((m, Changed { change, on: row.parse(6)?, other: n, other_name: name, note: row.text(8)? }));
        }
        "matter" => {
            let (step, opened, clause, period) = (row.text(5)?, row.parse(6)?, row.text(8)?, row.text(9)?);
            card.matters.push(Asked { id: n, title: name, flow: key, step, opened, clause, period });
        }
        _ => card.ties.push(Tie {
            tie: key,
            unit: n,
            unit_name: name,
            other: m,
            other_name: row.text(5)?,
            from: row.parse(6)?,
            until: row.day(7)?,
        }),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::CARD;
    use crate::Value;
    use luoshi_rules::person::Standing;

    #[test]
    fn people_of_every_standing_are_counted_and_none_of_them_read() {
        assert!(Standing::ALL.iter().all(|one| CARD.contains(&format!("'{}'", one.key()))));
        let steps = crate::catalogue::plan(CARD, &(1..=5).map(Value::Int).collect::<Vec<_>>());
        assert!(steps.iter().any(|step| step.contains("COVERING INDEX person_by_standing")), "{steps:#?}");
    }
}
