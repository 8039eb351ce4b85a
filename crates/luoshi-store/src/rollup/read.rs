//! Reading roll-ups: what a unit's figures are made of, with what is not carried upward yet.

use super::{facts, fold};
use crate::figure::Asked;
use crate::unit::Merged;
use crate::{Fault, Row, Tx, Value};
use jiff::civil::Date;
use luoshi_rules::figure::{Counted, Lot};
use luoshi_rules::record::counts_as;
use luoshi_rules::rollup::{BELOW, Counter, Lots, Share, Sums, Words};
use luoshi_rules::{Figure, Scope};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Days that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// whole months, from the first of one to the last of another
    Months(Date, Date),
    /// days of one month, each told apart
    Days(Date, Date),
}

impl Span {
    /// The spans from a day to another: whole months, and what is left at both ends.
    pub fn between(first: Date, last: Date) -> Vec<Span> {
        let from = if first.day() == 1 { first } else { first.last_of_month().tomorrow().unwrap_or(first) };
        let until = if last == last.last_of_month() { last } else { last.first_of_month().yesterday().unwrap_or(last) };
        if from > until {
            return match first.first_of_month() == last.first_of_month() {
                true => vec![Span::Days(first, last)],
                false => vec![Span::Days(first, first.last_of_month()), Span::Days(last.first_of_month(), last)],
            };
        }
        let head = (first < from).then(|| Span::Days(first, first.last_of_month()));
        let tail = (until < last).then(|| Span::Days(last.first_of_month(), last));
        head.into_iter().chain([Span::Months(from, until)]).chain(tail).collect()
    }

    fn days(self) -> (Date, Date) {
        let (Span::Months(first, last) | Span::Days(first, last)) = self;
        (first, last)
    }

    /// First and last text of its counters.
    fn texts(self) -> [Value; 2] {
        let (first, last) = self.days();
        match self {
            Span::Months(..) => [first, last].map(|day| month(day).into()),
            Span::Days(..) => [first, last].map(|day| format!("d{day}").into()),
        }
    }

    /// The same of counters that are told apart by the places below.
    fn apart(self) -> [Value; 2] {
        let (first, last) = self.days();
        [first, last].map(|day| format!("{BELOW}{}", month(day)).into())
    }

    /// Whether it has the counters of a span.
    fn has(self, counter: &Counter) -> bool {
        let (first, last) = self.days();
        match self {
            Span::Months(..) => {
                let span = counter.span.strip_prefix(BELOW).unwrap_or(&counter.span);
                *span >= *month(first) && *span <= *month(last)
            }
            Span::Days(..) => *counter.span >= *format!("d{first}") && *counter.span <= *format!("d{last}"),
        }
    }
}

/// `2023-05` of a day.
fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// Months and days that are read by one statement: either may be missing.
type Pair = (Option<Span>, Option<Span>);

/// The spans in pairs, one of months and one of days at most.
fn pairs(spans: &[Span]) -> Vec<Pair> {
    let (months, days): (Vec<Span>, Vec<Span>) = spans.iter().partition(|span| matches!(span, Span::Months(..)));
    let many = months.len().max(days.len());
    (0..many).map(|n| (months.get(n).copied(), days.get(n).copied())).collect()
}

/// What a unit of a scope did with all that lay below it on the day, for these figures and spans. Told from the facts
/// as known on a past day, and until the organisation was counted for the first time.
pub fn lots(tx: &Tx, scope: &Scope, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let kept = Kept::read(tx, scope.top())?;
    if asked.known.is_some() || !kept.kinds.contains("") {
        return told(tx, scope, asked, spans);
    }
    let mut all = of_place(tx, (scope.top(), scope.from()), (asked, spans), &kept)?;
    all.extend(unfollowed(tx, scope, (asked, spans), &kept)?);
    Ok(all)
}

/// What a unit that was merged into the root of a scope did before, with all that lay below it.
pub fn before_merger(
    tx: &Tx,
    scope: &Scope,
    merged: &Merged,
    asked: &Asked,
    spans: &[Span],
) -> Result<Vec<Lot>, Fault> {
    if !crate::unit::merged(tx, scope)?.contains(merged) {
        return Err(Fault::NotFound);
    }
    let kept = Kept::read(tx, scope.top())?;
    of_place(tx, (scope.top(), &merged.path), (asked, spans), &kept)
}

/// What was counted for whatever unit stands, or last stood, at a place.
fn of_place(tx: &Tx, at: (i64, &str), (asked, spans): (&Asked, &[Span]), kept: &Kept) -> Result<Vec<Lot>, Fault> {
    let mut lots = Lots::new(asked.by_below);
    let counted = asked.kinds(|figure| figure.count != Counted::People);
    let named = asked.kinds(|figure| figure.count == Counted::People);
    for pair in pairs(spans) {
        if !counted.is_empty() {
            counters(tx, at, (pair, &counted, asked.by_below), &mut lots)?;
        }
        if !named.is_empty() {
            people(tx, at, (pair, &named), &mut lots)?;
        }
    }
    if !kept.waiting.is_empty() {
        let (mut sums, places) = (Sums::default(), places(tx, at)?);
        kept.waiting.iter().for_each(|share| sums.add(share, |path| places.iter().any(|place| place == path)));
        spread(&sums, asked, spans, &mut lots);
    }
    Ok(lots.all())
}

/// The kinds whose people are counted, the empty one once all was counted, and what is not carried upward yet.
/// Somebody whom a row that waits takes away again is counted until it is.
struct Kept {
    kinds: HashSet<String>,
    waiting: Vec<Share>,
}

impl Kept {
    fn read(tx: &Tx, top: i64) -> Result<Kept, Fault> {
        let sql = "select 'kind' as sort, kind as body from rollup_kind where top_id = $1
                    union all select 'delta', cast(body as text) from rollup_delta where top_id = $1";
        let mut kept = Kept { kinds: HashSet::new(), waiting: Vec::new() };
        let each = |row: &Row| {
            match row.text(0)?.as_str() {
                "kind" => drop(kept.kinds.insert(row.text(1)?)),
                _ => {
                    let body = serde_json::from_str(&row.text(1)?).map_err(|e| Fault::Engine(e.to_string()))?;
                    kept.waiting.extend(fold::shares(body)?);
                }
            }
            Ok(())
        };
        tx.rows(sql, &[top.into()], each)?;
        Ok(kept)
    }
}

/// How many rows wait to be carried upward.
pub fn waiting_rows(tx: &Tx, scope: &Scope) -> Result<i64, Fault> {
    let sql = "select count(*) from rollup_delta where top_id = $1";
    tx.row(sql, &[scope.top().into()], |row| row.int(0))
}

/// Places the unit at a place has or had.
pub(super) fn places(tx: &Tx, (top, path): (i64, &str)) -> Result<Vec<String>, Fault> {
    let sql = "select u.path from unit u where u.top_id = $1 and u.path = $2
               union select b.path from unit u join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                      where u.top_id = $1 and u.path = $2";
    tx.rows(sql, &[top.into(), path.into()], |row| row.text(0))
}

/// First and last text of a span that is missing: nothing lies between.
fn nowhere() -> [Value; 2] {
    ["~".into(), "".into()]
}

/// The first and last of a pair, as texts of its counters; what is missing lies nowhere.
fn texts((months, days): Pair) -> [Value; 4] {
    let ([first, last], [from, until]) =
        (months.map_or_else(nowhere, Span::texts), days.map_or_else(nowhere, Span::texts));
    [first, last, from, until]
}

fn counters(
    tx: &Tx,
    (top, path): (i64, &str),
    (pair, kinds, by_below): (Pair, &str, bool),
    lots: &mut Lots,
) -> Result<(), Fault> {
    // each range by itself: one condition for all of them would read every counter of the place
    let sql = "with at as (select u.path from unit u where u.top_id = $1 and u.path = $2
                           union select b.path from unit u join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                                  where u.top_id = $1 and u.path = $2)
               select c.span, c.kind, c.class, c.level, c.tags, c.field, c.below, c.n, c.path from rollup c
                where c.top_id = $1 and c.path in (select path from at) and c.span >= $3 and c.span <= $4
                  and ($7 like '%|' || c.kind || '|%' or c.tags like '%also:%') and c.n <> 0
               union all
               select c.span, c.kind, c.class, c.level, c.tags, c.field, c.below, c.n, c.path from rollup c
                where c.top_id = $1 and c.path in (select path from at) and c.span >= $5 and c.span <= $6
                  and ($7 like '%|' || c.kind || '|%' or c.tags like '%also:%') and c.n <> 0
               union all
               select c.span, c.kind, c.class, c.level, c.tags, c.field, c.below, c.n, c.path from rollup c
                where c.top_id = $1 and c.path in (select path from at) and c.span >= $8 and c.span <= $9
                  and ($7 like '%|' || c.kind || '|%' or c.tags like '%also:%') and c.n <> 0";
    let mut args: Vec<Value> = vec![top.into(), path.into()];
    args.extend(texts(pair));
    let apart = pair.0.filter(|_| by_below).map_or_else(nowhere, Span::apart);
    args.push(kinds.into());
    args.extend(apart);
    let mut words = Words::default();
    let each = |row: &Row| {
        let counter = Counter { path: words.copy(row.str(8)?), ..counter(row, &mut words)? };
        lots.put(&counter, row.int(7)?);
        Ok(())
    };
    tx.rows(sql, &args, each).map(drop)
}

/// People who stood on records: those of whole months, each once, and those of days under the last of them.
fn people(tx: &Tx, (top, path): (i64, &str), (pair, kinds): (Pair, &str), lots: &mut Lots) -> Result<(), Fault> {
    let sql = "with at as (select u.path from unit u where u.top_id = $1 and u.path = $2
                           union select b.path from unit u join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                                  where u.top_id = $1 and u.path = $2)
               select c.month, c.kind, c.class, c.level, c.tags, c.role, c.below, c.people from rollup_people c
                where c.top_id = $1 and c.path in (select path from at) and c.month >= $3 and c.month <= $4
                  and ($7 like '%|' || c.kind || '|%' or c.tags like '%also:%')
               union all
               select $6, c.kind, c.class, c.level, c.tags, c.role, c.below, cast(c.person_id as text)
                 from rollup_person c
                where c.top_id = $1 and c.path in (select path from at)
                  and c.on_date >= substr($5, 2) and c.on_date <= substr($6, 2) and $6 <> ''
                  and ($7 like '%|' || c.kind || '|%' or c.tags like '%also:%') and c.n > 0";
    let mut args: Vec<Value> = vec![top.into(), path.into()];
    args.extend(texts(pair));
    args.push(kinds.into());
    let mut words = Words::default();
    let each = |row: &Row| {
        let who = row.str(7)?.split(' ').filter_map(|id| id.parse().ok());
        lots.stood(&counter(row, &mut words)?, who);
        Ok(())
    };
    tx.rows(sql, &args, each).map(drop)
}

/// A counter of a row, at no place.
fn counter(row: &Row, words: &mut Words) -> Result<Counter, Fault> {
    let path = words.copy("");
    let mut word = |at: usize| Ok::<Arc<str>, Fault>(words.copy(row.str(at)?));
    Ok(Counter {
        path,
        span: word(0)?,
        kind: word(1)?,
        class: word(2)?,
        level: word(3)?,
        tags: word(4)?,
        field: word(5)?,
        below: word(6)?,
    })
}

/// Puts sums that any figure looks at into lots.
fn spread(sums: &Sums, asked: &Asked, spans: &[Span], lots: &mut Lots) {
    let wanted = |counter: &Counter| {
        let mut kinds = asked.figures.iter().flat_map(|figure| &figure.record);
        kinds.any(|one| counts_as((&counter.kind, &counter.tags), one))
    };
    for (counter, n) in sums.counters.iter().filter(|(counter, _)| wanted(counter)) {
        if spans.iter().any(|span| span.has(counter)) {
            lots.put(counter, *n);
        }
    }
    for ((counter, person), _) in sums.people.iter().filter(|((counter, _), n)| wanted(counter) && **n > 0) {
        for span in spans {
            let (first, last) = span.days();
            let Some(on) = counter.span.get(1..).and_then(|on| on.parse::<Date>().ok()) else { continue };
            if on < first || on > last {
                continue;
            }
            let text = match span {
                Span::Months(..) => month(on),
                Span::Days(..) => format!("d{last}"),
            };
            lots.stood(&Counter { span: text.into(), ..counter.clone() }, std::iter::once(*person));
        }
    }
}

/// Told from the facts: as known on a past day.
fn told(tx: &Tx, scope: &Scope, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let (mut sums, mut lots) = (Sums::default(), Lots::new(asked.by_below));
    let places = places(tx, (scope.top(), scope.from()))?;
    facts::known(tx, scope, asked, &places, |share| sums.add(share, |path| places.iter().any(|place| place == path)))?;
    spread(&sums, asked, spans, &mut lots);
    Ok(lots.all())
}

/// People of kinds whose people are not counted: told from the facts, until the job has counted them.
fn unfollowed(tx: &Tx, scope: &Scope, (asked, spans): (&Asked, &[Span]), kept: &Kept) -> Result<Vec<Lot>, Fault> {
    let mut figures: Vec<Figure> = asked.figures.clone();
    figures.retain(|figure| figure.count == Counted::People);
    figures.iter_mut().for_each(|figure| figure.record.retain(|kind| !kept.kinds.contains(kind)));
    figures.retain(|figure| !figure.record.is_empty());
    if figures.is_empty() {
        return Ok(Vec::new());
    }
    let lots = told(tx, scope, &Asked { figures, ..asked.clone() }, spans)?;
    let only_people = |lot: Lot| Lot { records: 0, present: 0, sums: BTreeMap::new(), each: BTreeMap::new(), ..lot };
    Ok(lots.into_iter().map(only_people).collect())
}
