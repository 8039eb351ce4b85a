//! Boards narrowed to what few matters may fit. Walking in the order of the page until it is full would go past all that
//! does not fit: 100,000 matters where nothing does.

use super::{Filter, State};
use crate::{Fault, Tx, Value, unit};
use luoshi_rules::Scope;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

impl Filter {
    /// Whether few of those that are open may fit.
    pub(super) fn is_narrow(&self, scope: &Scope) -> bool {
        let some = !self.steps.is_empty() || !self.flow.is_empty() || self.ids.is_some();
        let one = self.owner != 0 || self.unit != 0 || self.round != 0;
        self.state == State::Open && (some || one || !scope.is_whole())
    }

    /// The flows and steps at which all that fit stand, as keys of an object; none where they may stand at any.
    fn places(&self) -> serde_json::Map<String, Json> {
        let steps = self.steps.iter().map(|step| step.split_once(':').unwrap_or((step, "")));
        let mut places: BTreeSet<[&str; 3]> = steps.map(|(flow, step)| [flow, step, step]).collect();
        if places.is_empty() && !self.flow.is_empty() {
            places.insert([&self.flow, "", "zzzz"]); // behind every key, by whatever rule text is put in order
        }
        let place = |[flow, first, last]: [&str; 3]| json!({ "flow": flow, "first": first, "last": last });
        places.into_iter().map(place).enumerate().map(|(n, place)| (n.to_string(), place)).collect()
    }
}

/// One page of a board, of what `$from` goes through and `$state` lets in: put in order, and only what is shown is read;
/// `+` and `|| ''`, so that no other index is gone through.
macro_rules! few {
    (from: $from:literal, state: $state:literal) => {
        concat!(
            "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name,
                      o.short_name, m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      f.step, f.open, f.limit_on, f.touched, f.ring_on
                 from (select s.matter_id, s.step, s.open, s.limit_on, s.touched, s.ring_on,
                              case $24 when 'limit' then s.limit_on when 'still' then s.still_on else '' end as key,
                              case $24 when '' then -s.matter_id else s.matter_id end as spot
                         from ",
            $from,
            "
              and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3)
                or +s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3))
              and (s.flow = $4 or $4 = '')
              and ",
            $state,
            "
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or +s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on || '' < $10 and s.limit_on || '' >= $11 and s.still_on || '' <= $12
              and s.ring_on || '' <= $13
              and s.opened >= $14 and s.opened <= $16 and ($17 = '' or (s.touched > $17 and s.open = 0))
              and ($18 = '' or +s.matter_id in (select cast(k.key as bigint) from jsonb_each($19) k))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))
              and (($24 = '' and +s.matter_id < $22)
                or ($24 = 'limit' and (s.limit_on > $21 or (s.limit_on = $21 and s.matter_id > $22)))
                or ($24 = 'still' and (s.still_on > $21 or (s.still_on = $21 and s.matter_id > $22))))
                        order by key, spot limit $23) f
                 join matter m on m.top_id = $1 and m.id = f.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
            order by f.key, f.spot"
        )
    };
}

/// What is open is gone through in the index that holds all that is asked for.
pub(super) const FEW: &str = few!(
    from: "matter_state s
            where s.top_id = $1 and s.open = 1",
    state: "$5 = 'open' and +s.matter_id not in (select cast(j.key as bigint) from jsonb_each($15) j)"
);

/// The same of any state, where few stand at the steps asked for, or few lie where it is asked: these are gone through
/// and nothing else.
const AT: &str = few!(
    from: "jsonb_each($25) j
                         cross join matter_state s
            where s.top_id = $1 and s.matter_id = cast(j.key as bigint)",
    state: "($5 = '' or ($5 = 'open' and s.open = 1 and +s.matter_id not in
                                   (select cast(k.key as bigint) from jsonb_each($15) k))
                           or ($5 = 'closed' and (s.open = 0 or +s.matter_id in
                                   (select cast(k.key as bigint) from jsonb_each($15) k))))"
);

/// Both, for the catalogue.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 2] = [FEW, AT];

/// Most that are gone through by the steps at which they stand or the places at which they lie.
const MOST: usize = 2_000;

/// Keys of those that stand at a step or at any of a flow, so many at most. Asked in a value of its own, so that both
/// engines look for each place in the index rather than for each matter among the places.
const THERE: &str = "select (select string_agg(cast(few.matter_id as text), ' ') from (
                              select s.matter_id from matter_state s
                               where s.top_id = $1 and s.open in (0, 1) and s.flow = j.value ->> 'flow'
                                 and s.step >= j.value ->> 'first' and s.step <= j.value ->> 'last' limit $3) few)
                       from jsonb_each($2) j";

/// Keys of those that lie at the units of a scope or at one unit, were opened there or are helped with from there, so
/// many of each at most.
const LYING: &str = "select a.matter_id
                 from (select s.matter_id from matter_state s
                        where s.top_id = $1
                          and s.path >= coalesce((select u.path from unit u where u.top_id = $1 and u.id = $5), $2)
                          and s.path < coalesce((select u.path || ' ' from unit u where u.top_id = $1 and u.id = $5), $3)
                        limit $4) a
                union all select b.matter_id
                 from (select s.matter_id from matter_state s
                        where s.top_id = $1
                          and s.opener_path >= coalesce(
                              (select u.path from unit u where u.top_id = $1 and u.id = $5), $2)
                          and s.opener_path < coalesce(
                              (select u.path || ' ' from unit u where u.top_id = $1 and u.id = $5), $3)
                        limit $4) b
                union all select c.matter_id
                 from (select h.matter_id from unit u
                         join matter_helper h on h.top_id = u.top_id and h.unit_id = u.id
                        where u.top_id = $1
                          and u.path >= coalesce((select o.path from unit o where o.top_id = $1 and o.id = $5), $2)
                          and u.path < coalesce((select o.path || ' ' from unit o where o.top_id = $1 and o.id = $5), $3)
                        limit $4) c";

/// What reads a list where few may fit, and the keys of these where they were looked for, as its last argument.
pub(super) fn of(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Option<(&'static str, Option<Value>)>, Fault> {
    if filter.is_narrow(scope) {
        return Ok(Some((FEW, None)));
    }
    let at = |keys: Vec<String>| (keys.len() <= MOST).then(|| (AT, Some(Value::keys(keys))));
    let places = filter.places();
    if !places.is_empty() {
        let args = [scope.top().into(), Value::Json(places.into()), (MOST as i64 + 1).into()];
        let there = tx.rows(THERE, &args, |row| row.text(0))?;
        let keys = there.iter().flat_map(|keys| keys.split(' ')).filter(|key| !key.is_empty());
        if let Some(found) = at(keys.map(str::to_owned).collect()) {
            return Ok(Some(found));
        }
    }
    let one = if filter.owner == 0 { filter.unit } else { filter.owner };
    if scope.is_whole() && one == 0 {
        return Ok(None);
    }
    let mut args = unit::range(scope).to_vec();
    args.extend([(MOST as i64 + 1).into(), one.into()]);
    Ok(at(tx.rows(LYING, &args, |row| Ok(row.int(0)?.to_string()))?))
}

#[cfg(test)]
mod tests {
    use super::{AT, FEW, LYING, THERE};
    use crate::Value;

    /// How matters are looked for, as the engine plans it.
    fn through(sql: &str, args: &[Value]) -> Vec<String> {
        let steps = crate::catalogue::plan(sql, args);
        steps.into_iter().filter(|step| step.contains(" s ") || step.ends_with(" s")).collect()
    }

    #[test]
    fn a_narrowed_board_goes_through_what_is_open_and_past_nothing_else() {
        let args: Vec<Value> = (1..=24).map(Value::Int).collect();
        let index = "SEARCH s USING COVERING INDEX matter_state_by_open (top_id=? AND open=?)";
        assert_eq!(through(FEW, &args), [index]);
    }

    #[test]
    fn a_board_of_a_step_goes_through_what_stands_there_and_past_nothing_else() {
        let places = Value::Json(serde_json::json!({}));
        let index = "SEARCH s USING COVERING INDEX matter_state_by_open \
                     (top_id=? AND open=? AND flow=? AND step>? AND step<?)";
        assert_eq!(through(THERE, &[Value::Int(1), places.clone(), Value::Int(1)]), [index]);
        let args: Vec<Value> = (1..=24).map(Value::Int).chain([places]).collect();
        let key = "SEARCH s USING INDEX sqlite_autoindex_matter_state_1 (top_id=? AND matter_id=?)";
        assert_eq!(through(AT, &args), [key]);
    }

    #[test]
    fn a_board_of_one_unit_goes_through_what_lies_there_and_past_nothing_else() {
        let args: Vec<Value> = (1..=5).map(Value::Int).collect();
        let by = |column: &str, index: &str| {
            format!("SEARCH s USING INDEX matter_state_by_{index} (top_id=? AND {column}>? AND {column}<?)")
        };
        assert_eq!(through(LYING, &args), [by("path", "path"), by("opener_path", "opener")]);
    }
}
