//! Reading roll-ups: what a unit's figures are made of, with what is not carried upward yet.

use super::{facts, fold};
use crate::figure::Asked;
use crate::{Fault, Row, Tx, Value};
use jiff::civil::Date;
use luoshi_rules::figure::{Counted, Lot};
use luoshi_rules::rollup::{Counter, Lots, Sums};
use luoshi_rules::{Figure, Scope};
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
            Span::Months(..) => [first, last].map(|day| format!("{:04}-{:02}", day.year(), day.month()).into()),
            Span::Days(..) => [first, last].map(|day| format!("d{day}").into()),
        }
    }

    /// Whether it has the counters of a span.
    fn has(self, counter: &Counter) -> bool {
        let (first, last) = self.days();
        match self {
            Span::Months(..) => {
                let month = |day: Date| format!("{:04}-{:02}", day.year(), day.month());
                *counter.span >= *month(first) && *counter.span <= *month(last)
            }
            Span::Days(..) => *counter.span >= *format!("d{first}") && *counter.span <= *format!("d{last}"),
        }
    }
}

/// What a unit of a scope did with all that lay below it on the day, for these figures and spans.
pub fn lots(tx: &Tx, scope: &Scope, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    if asked.known.is_some() {
        return told(tx, scope, asked, spans);
    }
    let mut all = of_place(tx, (scope.top(), scope.from()), asked, spans)?;
    if asked.figures.iter().any(|figure| figure.count == Counted::People) {
        all.extend(unfollowed(tx, scope, asked, spans)?);
    }
    Ok(all)
}

/// What a unit that was merged into the root of a scope did before, with all that lay below it.
pub fn before_merger(tx: &Tx, scope: &Scope, merged: i64, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let one = crate::unit::merged(tx, scope)?.into_iter().find(|one| one.unit == merged).ok_or(Fault::NotFound)?;
    of_place(tx, (scope.top(), &one.path), asked, spans)
}

/// What was counted for whatever unit stands, or last stood, at a place.
fn of_place(tx: &Tx, at: (i64, &str), asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let mut lots = Lots::default();
    let counted = asked.kinds(|figure| figure.count != Counted::People);
    let named = asked.kinds(|figure| figure.count == Counted::People);
    for span in spans {
        if !counted.is_empty() {
            counters(tx, at, (*span, &counted, asked.by_below), &mut lots)?;
        }
        if !named.is_empty() {
            people(tx, at, (*span, &named, asked.by_below), &mut lots)?;
        }
    }
    waiting(tx, at, asked, spans, &mut lots)?;
    Ok(lots.all())
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

fn counters(
    tx: &Tx,
    (top, path): (i64, &str),
    (span, kinds, by_below): (Span, &str, bool),
    lots: &mut Lots,
) -> Result<(), Fault> {
    let sql =
        "select c.span, c.kind, c.class, c.level, c.tags, c.field, case when $6 = 1 then c.below else '' end as part,
                      cast(sum(c.n) as bigint)
                 from rollup c
                where c.top_id = $1 and c.path in (
                        select u.path from unit u where u.top_id = $1 and u.path = $2
                         union select b.path from unit u join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                                where u.top_id = $1 and u.path = $2)
                  and c.span >= $3 and c.span <= $4 and $5 like '%|' || c.kind || '|%'
                group by c.span, c.kind, c.class, c.level, c.tags, c.field,
                         case when $6 = 1 then c.below else '' end
               having sum(c.n) <> 0";
    let [first, last] = span.texts();
    let by_below = Value::Int(i64::from(by_below));
    let args = [top.into(), path.into(), first, last, kinds.into(), by_below];
    let each = |row: &Row| {
        lots.add(&counter(row, None)?, row.int(7)?);
        Ok(())
    };
    tx.rows(sql, &args, each).map(drop)
}

/// Distinct people of a span, told as one text for each lot.
fn people(
    tx: &Tx,
    (top, path): (i64, &str),
    (span, kinds, by_below): (Span, &str, bool),
    lots: &mut Lots,
) -> Result<(), Fault> {
    let sql = "select substr(c.on_date, 1, 7), c.kind, c.class, c.level, c.tags, c.role,
                      case when $6 = 1 then c.below else '' end as part, string_agg(cast(c.person_id as text), ' ')
                 from rollup_person c
                where c.top_id = $1 and c.path in (
                        select u.path from unit u where u.top_id = $1 and u.path = $2
                         union select b.path from unit u join unit_past b on b.top_id = u.top_id and b.unit_id = u.id
                                where u.top_id = $1 and u.path = $2)
                  and c.on_date >= $3 and c.on_date <= $4 and $5 like '%|' || c.kind || '|%' and c.n > 0
                group by substr(c.on_date, 1, 7), c.kind, c.class, c.level, c.tags, c.role,
                         case when $6 = 1 then c.below else '' end";
    let (first, last) = span.days();
    let by_below = Value::Int(i64::from(by_below));
    let args = [top.into(), path.into(), first.into(), last.into(), kinds.into(), by_below];
    let day = matches!(span, Span::Days(..)).then_some(last);
    let each = |row: &Row| {
        let counter = counter(row, day)?;
        let who = row.text(7)?;
        let people = who.split(' ').filter_map(|id| Some((id.parse().ok()?, counter.field.clone())));
        lots.of(&counter).people.extend(people);
        Ok(())
    };
    tx.rows(sql, &args, each).map(drop)
}

/// A counter of a row; people of some days of a month stand under the last of them.
fn counter(row: &Row, day: Option<Date>) -> Result<Counter, Fault> {
    let word = |at: usize| Ok::<Arc<str>, Fault>(row.text(at)?.into());
    Ok(Counter {
        path: "".into(),
        span: day.map_or(word(0)?, |day| format!("d{day}").into()),
        kind: word(1)?,
        class: word(2)?,
        level: word(3)?,
        tags: word(4)?,
        field: word(5)?,
        below: word(6)?,
    })
}

/// What is not carried upward yet. Somebody whom a row that waits takes away again is counted until it is.
fn waiting(tx: &Tx, at: (i64, &str), asked: &Asked, spans: &[Span], lots: &mut Lots) -> Result<(), Fault> {
    let sql = "select body from rollup_delta where top_id = $1 order by id";
    let rows = tx.rows(sql, &[at.0.into()], |row| fold::shares(row.json(0)?))?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut sums = Sums::default();
    let places = places(tx, at)?;
    rows.iter().flatten().for_each(|share| sums.add(share, |path| places.iter().any(|place| place == path)));
    spread(&sums, asked, spans, lots);
    Ok(())
}

/// Puts sums that any figure looks at into lots.
fn spread(sums: &Sums, asked: &Asked, spans: &[Span], lots: &mut Lots) {
    let wanted = |kind: &str| asked.figures.iter().any(|figure| figure.record.iter().any(|one| one == kind));
    let part = |counter: &Counter| match asked.by_below {
        true => counter.clone(),
        false => Counter { below: "".into(), ..counter.clone() },
    };
    for (counter, n) in sums.counters.iter().filter(|(counter, _)| wanted(&counter.kind)) {
        if spans.iter().any(|span| span.has(counter)) {
            lots.add(&part(counter), *n);
        }
    }
    for ((counter, person), _) in sums.people.iter().filter(|((counter, _), n)| wanted(&counter.kind) && **n > 0) {
        for span in spans {
            let (first, last) = span.days();
            let Some(on) = counter.span.get(1..).and_then(|on| on.parse::<Date>().ok()) else { continue };
            if on < first || on > last {
                continue;
            }
            let text = match span {
                Span::Months(..) => format!("{:04}-{:02}", on.year(), on.month()),
                Span::Days(..) => format!("d{last}"),
            };
            let lot = lots.of(&Counter { span: text.into(), ..part(counter) });
            lot.people.push((*person, counter.field.clone()));
        }
    }
}

/// Told from the facts: as known on a past day.
fn told(tx: &Tx, scope: &Scope, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let shares = facts::known(tx, scope, asked)?;
    let (mut sums, mut lots, places) = (Sums::default(), Lots::default(), places(tx, (scope.top(), scope.from()))?);
    shares.iter().for_each(|share| sums.add(share, |path| places.iter().any(|place| place == path)));
    spread(&sums, asked, spans, &mut lots);
    Ok(lots.all())
}

/// People of kinds whose people are not counted: told from the facts, until the job has counted them.
fn unfollowed(tx: &Tx, scope: &Scope, asked: &Asked, spans: &[Span]) -> Result<Vec<Lot>, Fault> {
    let known = facts::followed(tx, scope.top())?;
    let mut figures: Vec<Figure> = asked.figures.clone();
    figures.retain(|figure| figure.count == Counted::People);
    figures.iter_mut().for_each(|figure| figure.record.retain(|kind| !known.contains(kind)));
    figures.retain(|figure| !figure.record.is_empty());
    if figures.is_empty() {
        return Ok(Vec::new());
    }
    let lots = told(tx, scope, &Asked { figures, ..asked.clone() }, spans)?;
    let only_people = |lot: Lot| Lot { records: 0, present: 0, sums: Default::default(), ..lot };
    Ok(lots.into_iter().map(only_people).collect())
}
