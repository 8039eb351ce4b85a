//! A pledge (承诺践诺): what a person or a unit says it will do in a year, with a measure of its own, looked back at once
//! for each year and carried on or closed. How it stands follows from what happened to it.

use crate::record::Choice;
use crate::{Label, Refusal};
use jiff::civil::{Date, date};
use serde::Deserialize;

/// What the pack says of pledges.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pledges {
    /// month and day of its year from which a pledge is looked back at: `11-15`
    pub from: String,
    /// month and day of the year after by which that is done: `01-31`
    pub by: String,
    /// most characters of a pledge
    pub most: usize,
    /// how one may stand when it is looked back at; the first is kept
    pub state: Vec<Choice>,
}

/// Something that happened to a pledge.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// 1, 2, 3 …
    pub seq: i64,
    /// what
    pub act: Act,
    /// who did it
    pub actor: i64,
    /// the day
    pub on: Date,
}

/// What may happen to a pledge.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// looked back at for a year
    LookedBack(LookBack),
    /// its pledger agrees that it is published
    Published,
    /// and agrees no longer
    Withheld,
}

/// A look back at a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookBack {
    /// which year
    pub year: i16,
    /// how it stood, by its key in the pack
    pub state: String,
    /// a sentence about it
    pub words: String,
    /// whether it is carried on into the next year
    pub carried: bool,
}

impl Pledges {
    /// The first and the last day on which a pledge for a year is looked back at in time.
    pub fn window(&self, year: i16) -> Option<(Date, Date)> {
        Some((on(&self.from, year)?, on(&self.by, year + 1)?))
    }

    /// How a state is called.
    pub fn state(&self, id: &str) -> Option<&Label> {
        self.state.iter().find(|one| one.id == id).map(|one| &one.name)
    }
}

/// A month and day of a year.
fn on(text: &str, year: i16) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// How a pledge stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// the year it is for now, or was for last
    pub year: i16,
    /// whether it goes on
    pub open: bool,
    /// whether it may be published
    pub published: bool,
}

/// How a pledge made for `year` stands after what happened to it.
pub fn standing(year: i16, events: &[Event]) -> Standing {
    let mut at = Standing { year, open: true, published: false };
    for event in events {
        match &event.act {
            Act::LookedBack(back) if back.carried => at.year = back.year + 1,
            Act::LookedBack(_) => at.open = false,
            Act::Published => at.published = true,
            Act::Withheld => at.published = false,
        }
    }
    at
}

/// The look back at a year, if there was one.
pub fn looked_back(events: &[Event], year: i16) -> Option<&LookBack> {
    events.iter().find_map(|event| match &event.act {
        Act::LookedBack(back) if back.year == year => Some(back),
        _ => None,
    })
}

/// Whether a pledge made for `first` belongs to the page of a year.
pub fn of_year(first: i16, events: &[Event], year: i16) -> bool {
    let at = standing(first, events);
    first <= year && (at.open || year <= at.year)
}

impl Standing {
    /// The last day to look back at it, once the time to do so has come.
    pub fn due(&self, pledges: &Pledges, today: Date) -> Option<Date> {
        let (from, by) = pledges.window(self.year).filter(|_| self.open)?;
        (from <= today).then_some(by)
    }

    /// Refuses a look back that is too early, done already, or about nothing.
    pub fn look_back(&self, pledges: &Pledges, back: &LookBack, today: Date) -> Result<(), Refusal> {
        if !self.open {
            return Err(Refusal::rule("这条承诺已结束", "this pledge is closed"));
        }
        if back.year != self.year {
            let zh = format!("{} 年已回看过，请刷新页面", back.year);
            return Err(Refusal::rule(zh, format!("{} was looked back at already: reload the page", back.year)));
        }
        if self.due(pledges, today).is_none() {
            let from = pledges.window(self.year).map_or(date(self.year, 12, 31), |(from, _)| from);
            let zh = format!("{} 年的回看自 {from} 起，一年一次", self.year);
            return Err(Refusal::rule(zh, format!("{} is looked back at once, from {from} on", self.year)));
        }
        if pledges.state(&back.state).is_none() {
            return Err(Refusal::field("state", "请选择做得怎么样", "choose how it stands"));
        }
        if back.words.trim().is_empty() || back.words.chars().count() > pledges.most {
            let most = pledges.most;
            let zh = format!("请用一句话说明（{most}字以内）");
            return Err(Refusal::field("words", zh, format!("say it in a sentence of at most {most} characters")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pledges() -> Pledges {
        let state = |id: &str| Choice { id: id.into(), name: Label::new(id, id), under: Vec::new() };
        Pledges { from: "11-15".into(), by: "01-31".into(), most: 20, state: vec![state("kept"), state("open")] }
    }

    fn back(year: i16, carried: bool) -> Act {
        Act::LookedBack(LookBack { year, state: "kept".into(), words: "做到了".into(), carried })
    }

    fn events(acts: Vec<Act>) -> Vec<Event> {
        (1..).zip(acts).map(|(seq, act)| Event { seq, act, actor: 1, on: date(2023, 12, 1) }).collect()
    }

    #[test]
    fn a_pledge_is_looked_back_at_once_a_year_and_carried_on_or_closed() {
        let start = standing(2023, &[]);
        let look =
            |year, state: &str, words: &str| LookBack { year, state: state.into(), words: words.into(), carried: true };
        let refused = |at: &Standing, one: LookBack, today| at.look_back(&pledges(), &one, today).is_err();
        assert!(refused(&start, look(2023, "kept", "好"), date(2023, 11, 14)), "too early");
        assert!(!refused(&start, look(2023, "kept", "好"), date(2023, 11, 15)));
        assert!(!refused(&start, look(2023, "kept", "好"), date(2024, 6, 1)), "late is better than never");
        assert!(refused(&start, look(2023, "else", "好"), date(2023, 12, 1)));
        assert!(refused(&start, look(2023, "kept", " "), date(2023, 12, 1)));
        assert!(refused(&start, look(2023, "kept", &"好".repeat(21)), date(2023, 12, 1)));
        let carried = standing(2023, &events(vec![back(2023, true)]));
        assert_eq!((carried.year, carried.open), (2024, true));
        assert!(refused(&carried, look(2023, "kept", "好"), date(2023, 12, 2)), "once for each year");
        let closed = standing(2023, &events(vec![back(2023, true), back(2024, false)]));
        assert_eq!((closed.year, closed.open), (2024, false));
        assert!(refused(&closed, look(2024, "kept", "好"), date(2025, 12, 2)));
    }

    #[test]
    fn what_is_due_shows_from_the_first_day_on_with_the_last() {
        let start = standing(2023, &[]);
        assert_eq!(start.due(&pledges(), date(2023, 11, 14)), None);
        assert_eq!(start.due(&pledges(), date(2023, 11, 15)), Some(date(2024, 1, 31)));
        assert_eq!(standing(2023, &events(vec![back(2023, false)])).due(&pledges(), date(2023, 12, 1)), None);
    }

    #[test]
    fn consent_is_what_was_said_last_and_nothing_at_first() {
        assert!(!standing(2023, &[]).published);
        assert!(standing(2023, &events(vec![Act::Published])).published);
        assert!(!standing(2023, &events(vec![Act::Published, Act::Withheld])).published);
        assert!(standing(2023, &events(vec![Act::Published, Act::Withheld, Act::Published])).published);
    }

    #[test]
    fn a_pledge_stands_on_the_pages_of_the_years_it_was_for() {
        let years = |events: &[Event]| (2022..2026).filter(|year| of_year(2023, events, *year)).collect::<Vec<_>>();
        assert_eq!(years(&[]), [2023, 2024, 2025]);
        assert_eq!(years(&events(vec![back(2023, false)])), [2023]);
        assert_eq!(years(&events(vec![back(2023, true), back(2024, false)])), [2023, 2024]);
    }
}
