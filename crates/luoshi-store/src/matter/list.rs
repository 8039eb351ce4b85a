//! Lists of matters, in an order and page by page, and how many there are: from how each stands, without its events.

use super::few;
use super::{Line, read};
use crate::{FOREVER, Fault, Tx, Value, unit};
use jiff::civil::Date;
use luoshi_rules::Scope;

/// Later than every day, and than none.
const ANY_DAY: &str = "99999";

/// Which matters of a scope are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// a flow, or empty for all
    pub flow: String,
    /// open, closed, or both
    pub state: State,
    /// only those one of whose units is this one, or 0
    pub unit: i64,
    /// only those for which this unit must answer, or 0
    pub owner: i64,
    /// only those of this round, or 0
    pub round: i64,
    /// only those at one of these steps, each as `flow:step`; empty for all
    pub steps: Vec<String>,
    /// only those to be done before this day
    pub late: Option<Date>,
    /// only those to be done on this day or later
    pub from: Option<Date>,
    /// only those to which nothing has happened after this day
    pub still: Option<Date>,
    /// only those closed after this day
    pub closed: Option<Date>,
    /// only those about which something was to be sent by this day
    pub ring: Option<Date>,
    /// only those opened on these days or between
    pub opened: Option<(Date, Date)>,
    /// only these
    pub ids: Option<Vec<i64>>,
    /// follow-ups whose duty is met: they are closed, though no event says so
    pub met: Vec<i64>,
    /// whether those that have parts are left out: they move with them
    pub leaves: Leaves,
    /// in which order
    pub order: Order,
    /// continue after this: what the order goes by, and the key; as [`Order::after`] makes it
    pub after: Option<(String, i64)>,
    /// how many at most, 50 where it is 0
    pub most: i64,
}

impl Filter {
    /// Whether all that is open is wanted, and nothing narrows it.
    pub(super) fn is_of_all_open(&self) -> bool {
        let days = [self.late, self.from, self.still, self.closed, self.ring];
        self.state == State::Open
            && self.flow.is_empty()
            && self.steps.is_empty()
            && [self.unit, self.owner, self.round].iter().all(|id| *id == 0)
            && days.iter().all(Option::is_none)
            && (self.opened.is_none(), self.ids.is_none(), self.leaves) == (true, true, Leaves::All)
    }
}

/// Which sorts of matter are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leaves {
    /// every matter
    #[default]
    All,
    /// what is supervised: not posts, letters or proposals
    Supervised,
    /// the same, without what has parts
    Parts,
}

/// Whether a matter is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// both
    #[default]
    Any,
    /// not yet at a step that closes it
    Open,
    /// at one
    Closed,
}

/// In which order a list goes on, the same from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// the newest first
    #[default]
    Newest,
    /// what is due soonest first, what has no limit last
    Limit,
    /// what has stood still longest first
    Still,
}

impl State {
    pub(crate) fn key(self) -> &'static str {
        match self {
            State::Any => "",
            State::Open => "open",
            State::Closed => "closed",
        }
    }
}

impl Order {
    /// Where a list goes on after a line of it.
    pub fn after(self, line: &Line) -> (String, i64) {
        let day = |day: Option<Date>| day.map_or_else(|| FOREVER.to_owned(), |day| day.to_string());
        let stand = line.stand.as_ref();
        let key = match self {
            Order::Newest => String::new(),
            Order::Limit => day(stand.and_then(|stand| stand.limit)),
            Order::Still => day(stand.filter(|stand| stand.open).map(|stand| stand.touched)),
        };
        (key, line.matter.id)
    }
}

/// The newest first. Only what a page shows is joined; `|| ''`, so that what goes through an index is the order, or what
/// the order goes by, and no other day.
const NEWEST: &str = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name,
                      o.short_name, m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      l.step, l.open, l.limit_on, l.touched, l.ring_on
                 from (select s.matter_id, s.step, s.open, s.limit_on, s.still_on, s.touched, s.ring_on
                         from matter_state s
            where s.top_id = $1
              and ((s.top_id = $1 and s.path >= $2 and s.path < $3)
                or (s.top_id = $1 and s.opener_path >= $2 and s.opener_path < $3)
                or (s.top_id = $1 and s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3)))
              and (s.flow = $4 or $4 = '')
              and ($5 = '' or ($5 = 'open' and s.open = 1 and s.matter_id not in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))
                           or ($5 = 'closed' and (s.open = 0 or s.matter_id in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))))
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on || '' < $10 and s.limit_on || '' >= $11 and s.still_on || '' <= $12
              and s.ring_on || '' <= $13
              and s.opened >= $14 and s.opened <= $16 and ($17 = '' or (s.touched > $17 and s.open = 0))
              and ($18 = '' or s.matter_id in (select cast(j.key as bigint) from jsonb_each($19) j))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))
              and s.matter_id < $22 and $21 = ''
            order by s.matter_id desc limit $23) l
                 join matter m on m.top_id = $1 and m.id = l.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
            order by l.matter_id desc";

/// What is due soonest first.
const LIMIT: &str = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name,
                      o.short_name, m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      l.step, l.open, l.limit_on, l.touched, l.ring_on
                 from (select s.matter_id, s.step, s.open, s.limit_on, s.still_on, s.touched, s.ring_on
                         from matter_state s
            where s.top_id = $1
              and ((s.top_id = $1 and s.path >= $2 and s.path < $3)
                or (s.top_id = $1 and s.opener_path >= $2 and s.opener_path < $3)
                or (s.top_id = $1 and s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3)))
              and (s.flow = $4 or $4 = '')
              and ($5 = '' or ($5 = 'open' and s.open = 1 and s.matter_id not in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))
                           or ($5 = 'closed' and (s.open = 0 or s.matter_id in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))))
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on < $10 and s.limit_on >= $11 and s.still_on || '' <= $12 and s.ring_on || '' <= $13
              and s.opened >= $14 and s.opened <= $16 and ($17 = '' or (s.touched > $17 and s.open = 0))
              and ($18 = '' or s.matter_id in (select cast(j.key as bigint) from jsonb_each($19) j))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))
              and s.limit_on >= $21 and (s.limit_on > $21 or s.matter_id > $22)
            order by s.limit_on, s.matter_id limit $23) l
                 join matter m on m.top_id = $1 and m.id = l.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
            order by l.limit_on, l.matter_id";

/// What has stood still longest first.
const STILL: &str = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name,
                      o.short_name, m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      l.step, l.open, l.limit_on, l.touched, l.ring_on
                 from (select s.matter_id, s.step, s.open, s.limit_on, s.still_on, s.touched, s.ring_on
                         from matter_state s
            where s.top_id = $1
              and ((s.top_id = $1 and s.path >= $2 and s.path < $3)
                or (s.top_id = $1 and s.opener_path >= $2 and s.opener_path < $3)
                or (s.top_id = $1 and s.matter_id in (select h.matter_id from matter_helper h
                              join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                             where h.top_id = $1 and hu.path >= $2 and hu.path < $3)))
              and (s.flow = $4 or $4 = '')
              and ($5 = '' or ($5 = 'open' and s.open = 1 and s.matter_id not in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))
                           or ($5 = 'closed' and (s.open = 0 or s.matter_id in
                                   (select cast(j.key as bigint) from jsonb_each($15) j))))
              and (s.unit_id = $6 or s.opener_id = $6 or $6 = 0
                or s.matter_id in (select h.matter_id from matter_helper h where h.top_id = $1 and h.unit_id = $6))
              and (s.unit_id = $7 or $7 = 0) and (s.round_id = $8 or $8 = 0)
              and ($9 = '' or $9 like '% ' || s.flow || ':' || s.step || ' %')
              and s.limit_on || '' < $10 and s.limit_on || '' >= $11 and s.still_on <= $12 and s.ring_on || '' <= $13
              and s.opened >= $14 and s.opened <= $16 and ($17 = '' or (s.touched > $17 and s.open = 0))
              and ($18 = '' or s.matter_id in (select cast(j.key as bigint) from jsonb_each($19) j))
              and ($20 = '' or s.flow not in ('transfer', 'handover', 'proposal'))
              and ($20 <> 'leaves' or not exists
                  (select 1 from matter p where p.top_id = s.top_id and p.parent_id = s.matter_id))
              and s.still_on >= $21 and (s.still_on > $21 or s.matter_id > $22)
            order by s.still_on, s.matter_id limit $23) l
                 join matter m on m.top_id = $1 and m.id = l.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
            order by l.still_on, l.matter_id";

/// What every list and count is asked by.
pub(super) fn args(scope: &Scope, filter: &Filter) -> Vec<Value> {
    let [top, from, until] = unit::range(scope);
    let day = |day: Option<Date>, none: &str| Value::from(day.map_or_else(|| none.to_owned(), |day| day.to_string()));
    let steps = if filter.steps.is_empty() { String::new() } else { format!(" {} ", filter.steps.join(" ")) };
    let leaves = match filter.leaves {
        Leaves::All => "",
        Leaves::Supervised => "supervised",
        Leaves::Parts => "leaves",
    };
    vec![
        top,
        from,
        until,
        filter.flow.as_str().into(),
        filter.state.key().into(),
        filter.unit.into(),
        filter.owner.into(),
        filter.round.into(),
        steps.into(),
        day(filter.late, ANY_DAY),
        day(filter.from, ""),
        day(filter.still, ANY_DAY),
        day(filter.ring, ANY_DAY),
        day(filter.opened.map(|(first, _)| first), ""),
        Value::keys(filter.met.iter().copied()),
        day(filter.opened.map(|(_, last)| last), ANY_DAY),
        day(filter.closed, ""),
        filter.ids.as_ref().map_or("", |_| "these").into(),
        Value::keys(filter.ids.iter().flatten().copied()),
        leaves.into(),
    ]
}

/// Keys of the matters that the problems of a record became, in the order in which they were opened.
pub fn of_record(tx: &Tx, scope: &Scope, record: i64) -> Result<Vec<i64>, Fault> {
    let sql = "select m.id from matter m
                where m.top_id = $1 and m.opener_path >= $2 and m.opener_path < $3 and m.subject like $4 order by m.id";
    let mut args = unit::range(scope).to_vec();
    args.push(format!("record/{record}/%").into());
    tx.rows(sql, &args, |row| row.int(0))
}

/// Matters addressed to units of a scope, opened by them, or with their help; each with how it stands, without events.
pub fn list(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Vec<Line>, Fault> {
    let mut args = args(scope, filter);
    let (key, id) = filter.after.clone().unwrap_or_else(|| match filter.order {
        Order::Newest => (String::new(), i64::MAX),
        Order::Limit | Order::Still => (String::new(), 0),
    });
    args.extend([key.into(), id.into(), if filter.most == 0 { 50 } else { filter.most }.into()]);
    let (key, sql) = match filter.order {
        Order::Newest => ("", NEWEST),
        Order::Limit => ("limit", LIMIT),
        Order::Still => ("still", STILL),
    };
    let Some((few, places)) = few::of(tx, scope, filter)? else {
        return tx.rows(sql, &args, read::standing_line);
    };
    args.push(key.into());
    args.extend(places);
    tx.rows(few, &args, read::standing_line)
}

/// Lines of a scope with what was noted.
pub fn told(tx: &Tx, scope: &Scope, lines: Vec<Line>) -> Result<Vec<Line>, Fault> {
    read::with_their_events(tx, scope.top(), lines)
}
