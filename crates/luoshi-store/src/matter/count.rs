//! How many matters there are: by flow and step, by owner; and follow-ups whose duty may have closed them.

use super::list::{Filter, State, args};
use crate::{Fault, Tx, Value, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::Scope;

/// Most units named as owners.
const OWNERS: i64 = 10;

/// How many matters of a flow stand at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// the flow
    pub flow: String,
    /// the step
    pub step: String,
    /// how many
    pub n: i64,
    /// how many of them are past their limit
    pub late: i64,
    /// how many of them stand still
    pub still: i64,
    /// about how many of them something is to be sent
    pub ring: i64,
    /// how many were opened within 7, 30, 60 days, and before
    pub ages: [i64; 4],
}

/// How many open matters a unit has to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// how many
    pub n: i64,
    /// how many of them are late
    pub late: i64,
}

/// An open follow-up and the duty it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// the matter
    pub id: i64,
    /// the unit that owes
    pub unit: i64,
    /// the clause
    pub clause: String,
    /// the period, by its key
    pub period: String,
    /// the year in whose ledger it stands
    pub year: i64,
    /// the step at which it stands
    pub step: String,
    /// the day by which it is to be done, since when nothing happened, on which the next thing is to be sent, and on
    /// which it was opened
    pub days: [String; 4],
}

/// How many, by flow and step.
const COUNTS: &str = "select s.flow, s.step, count(*),
                  cast(sum(case when s.limit_on < $21 then 1 else 0 end) as bigint),
                  cast(sum(case when s.still_on <= $22 then 1 else 0 end) as bigint),
                  cast(sum(case when s.ring_on <= $21 then 1 else 0 end) as bigint),
                  cast(sum(case when s.opened >= $23 then 1 else 0 end) as bigint),
                  cast(sum(case when s.opened >= $24 and s.opened < $23 then 1 else 0 end) as bigint),
                  cast(sum(case when s.opened >= $25 and s.opened < $24 then 1 else 0 end) as bigint),
                  cast(sum(case when s.opened < $25 then 1 else 0 end) as bigint)
                 from matter_state s
            where s.top_id = $1
              and s.open >= $26
              and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3)
                or s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3))
              and (s.flow = $4 or $4 = '')
              and ($5 = '' or ($5 = 'open' and s.open = 1 and s.matter_id not in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))
                           or ($5 = 'closed' and (s.open = 0 or s.matter_id in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))))
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on < $10 and s.limit_on >= $11 and s.still_on <= $12 and s.ring_on <= $13
              and s.opened >= $14 and s.opened <= $16 and ($17 = '' or (s.touched > $17 and s.open = 0))
              and ($18 = '' or s.matter_id in (select cast(j.key as bigint) from jsonb_each($19) j))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))
            group by s.flow, s.step order by s.flow, s.step";

/// How many there are, by flow and step; late, still and old as of a day.
pub fn counts(tx: &Tx, scope: &Scope, filter: &Filter, (today, still): (Date, Date)) -> Result<Vec<Count>, Fault> {
    let mut args = args(scope, filter);
    let ago = |days: i64| today.saturating_sub(days.days()).into();
    args.extend([today.into(), still.into(), ago(7), ago(30), ago(60)]);
    // what is open stands together in the index
    args.push(i64::from(filter.state == State::Open).into());
    tx.rows(COUNTS, &args, |row| {
        Ok(Count {
            flow: row.text(0)?,
            step: row.text(1)?,
            n: row.int(2)?,
            late: row.int(3)?,
            still: row.int(4)?,
            ring: row.int(5)?,
            ages: [row.int(6)?, row.int(7)?, row.int(8)?, row.int(9)?],
        })
    })
}

/// The units that have most open matters of a filter to answer, and how many of them are late.
pub fn owners(tx: &Tx, scope: &Scope, filter: &Filter, today: Date) -> Result<Vec<Owner>, Fault> {
    let owner =
        |row: &crate::Row| Ok(Owner { unit: row.int(0)?, name: row.text(1)?, n: row.int(2)?, late: row.int(3)? });
    if filter.is_of_all_open() {
        let mut all = unit::range(scope).to_vec();
        all.extend([Value::keys(filter.met.iter().copied()), today.into(), OWNERS.into()]);
        return tx.rows(OWNERS_OF_ALL, &all, owner);
    }
    let mut some = args(scope, filter);
    some.extend([today.into(), OWNERS.into()]);
    tx.rows(OWNERS_OF_SOME, &some, owner)
}

/// How many matters `$which` leaves each unit to answer, of the units that have most. Names are read of these alone: an
/// engine that takes what passes for next to nothing would go through all of it again for each unit.
macro_rules! owners {
    (today: $today:literal, which: $which:literal, most: $most:literal) => {
        concat!(
            "select o.unit_id, u.short_name, o.n, o.late
               from (select s.unit_id, count(*) as n,
                            cast(sum(case when s.limit_on < ",
            $today,
            " then 1 else 0 end) as bigint) as late
                       from matter_state s
            ",
            $which,
            "
              group by s.unit_id order by n desc, s.unit_id limit ",
            $most,
            ") o
               join unit u on u.top_id = $1 and u.id = o.unit_id
              order by o.n desc, o.unit_id"
        )
    };
}

/// Of all that is open. `path || ''`, so that what is open is gone through, and not what lies there.
const OWNERS_OF_ALL: &str = owners!(
    today: "$5",
    which: "where s.top_id = $1 and s.path || '' >= $2 and s.path || '' < $3 and s.open = 1
              and s.matter_id not in (select cast(j.key as bigint) from jsonb_each($4) j)",
    most: "$6"
);

/// Of what the filter lets through, by the same words as the counts; `+` and `|| ''`, so that what is open is gone
/// through, and nothing else.
const OWNERS_OF_SOME: &str = owners!(
    today: "$21",
    which: "where s.top_id = $1 and s.open = 1 and $5 in ('', 'open')
              and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3)
                or +s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3))
              and (s.flow = $4 or $4 = '')
              and +s.matter_id not in (select cast(j.key as bigint) from jsonb_each($15) j)
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or +s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on || '' < $10 and s.limit_on || '' >= $11 and s.still_on || '' <= $12
              and s.ring_on || '' <= $13
              and s.opened >= $14 and s.opened <= $16 and $17 = ''
              and ($18 = '' or +s.matter_id in (select cast(j.key as bigint) from jsonb_each($19) j))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))",
    most: "$22"
);

/// All of them, for the catalogue.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 2] = [OWNERS_OF_ALL, OWNERS_OF_SOME];

/// The follow-ups of a scope that no event closed: one whose duty is met is closed by that.
pub fn follow_ups(tx: &Tx, scope: &Scope) -> Result<Vec<FollowUp>, Fault> {
    let sql = "select s.matter_id, s.unit_id, m.data ->> 'clause', m.data ->> 'period',
                      coalesce(cast(m.data ->> 'year' as bigint), 0),
                      s.step, s.limit_on, s.still_on, s.ring_on, s.opened
                 from matter_state s join matter m on m.top_id = s.top_id and m.id = s.matter_id
                where s.top_id = $1 and s.flow = 'follow-up' and s.open = 1
                  and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3))";
    tx.rows(sql, &unit::range(scope), |row| {
        let (clause, period) = (row.text(2)?, row.text(3)?);
        let days = [row.text(6)?, row.text(7)?, row.text(8)?, row.text(9)?];
        Ok(FollowUp { id: row.int(0)?, unit: row.int(1)?, clause, period, year: row.int(4)?, step: row.text(5)?, days })
    })
}

/// Takes follow-ups whose duty is met out of counts of what is open, as if they had been asked for without them.
pub fn without(counts: &mut Vec<Count>, met: &[FollowUp], (today, still): (Date, Date)) {
    let (day, ago) = (today.to_string(), |days: i64| today.saturating_sub(days.days()).to_string());
    let (still, bands) = (still.to_string(), [ago(7), ago(30), ago(60)]);
    for one in met {
        let stands = |count: &&mut Count| count.flow == "follow-up" && count.step == one.step;
        let Some(count) = counts.iter_mut().find(stands) else { continue };
        let [limit, since, ring, opened] = &one.days;
        count.n -= 1;
        count.late -= i64::from(*limit < day);
        count.still -= i64::from(*since <= still);
        count.ring -= i64::from(*ring <= day);
        let band = bands.iter().position(|first| opened >= first).unwrap_or(bands.len());
        count.ages.iter_mut().skip(band).take(1).for_each(|n| *n -= 1);
    }
    counts.retain(|count| count.n > 0);
}

#[cfg(test)]
mod tests {
    use super::OWNERS_OF_SOME;
    use crate::Value;

    #[test]
    fn owners_of_a_narrowed_board_are_counted_of_what_is_open_and_past_nothing_else() {
        let args: Vec<Value> = (1..=22).map(Value::Int).collect();
        let steps = crate::catalogue::plan(OWNERS_OF_SOME, &args);
        let through: Vec<&String> = steps.iter().filter(|step| step.contains(" s ")).collect();
        assert!(through.len() == 1 && through[0].contains("matter_state_by_open (top_id=? AND open=?"), "{steps:?}");
    }
}
