//! How a matter stands, as a board shows it: derived from its events, and what a list is searched and sorted by. Also
//! what ought to be sent about it, and when.

use super::Matter;
use crate::flow::{Side, Timer};
use crate::{Calendar, Flow};
use jiff::civil::Date;

/// How a matter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// the step
    pub step: String,
    /// whether it is still to be closed
    pub open: bool,
    /// the day by which it is to be done; none when it has no limit or is closed
    pub limit: Option<Date>,
    /// the day on which something last happened
    pub touched: Date,
    /// the day on which the next thing is to be sent, past or to come
    pub ring: Option<Date>,
}

impl Stand {
    /// What is to be sent by today: the last timer of those that ran out and were not answered.
    pub fn ring<'f>(&self, flow: &'f Flow, calendar: &Calendar, today: Date) -> Option<&'f Timer> {
        let (first, limit) = self.ring.filter(|day| *day <= today).zip(self.limit)?;
        let here = |timer: &&Timer| timer.rings_at(flow, &self.step);
        let day = |timer: &Timer| calendar.plus_workdays(limit, timer.workdays);
        let due = flow.timer.iter().filter(here).filter(|timer| (first..=today).contains(&day(timer)));
        due.max_by_key(|timer| timer.workdays)
    }
}

impl Timer {
    /// Whether it runs while a matter stands at a step.
    fn rings_at(&self, flow: &Flow, step: &str) -> bool {
        match self.at.is_empty() {
            // who has answered is not rung for: the other side is to judge; nor for what is only looked at once a year
            true => flow.step(step).is_some_and(|step| step.side == Side::Opener && step.check.is_none()),
            false => self.at.iter().any(|at| at == step),
        }
    }
}

impl Matter {
    /// How it stands, all in one.
    pub fn stand(&self, flow: &Flow, calendar: &Calendar) -> Stand {
        let step = self.state(flow).map(|step| step.id.clone());
        Stand {
            step: step.unwrap_or_default(),
            open: !self.is_closed(flow),
            limit: self.limit(flow, calendar),
            touched: self.touched(),
            ring: self.rings(flow, calendar).into_iter().map(|(day, _)| day).min(),
        }
    }

    /// What ought to have been sent by today and was not: the last timer that has run out.
    pub fn ring<'f>(&self, flow: &'f Flow, calendar: &Calendar, today: Date) -> Option<&'f Timer> {
        let due = self.rings(flow, calendar).into_iter().filter(|(day, _)| *day <= today);
        due.max_by_key(|(_, timer)| timer.workdays).map(|(_, timer)| timer)
    }

    /// What is still to be sent, each with its day: past the last that was.
    fn rings<'f>(&self, flow: &'f Flow, calendar: &Calendar) -> Vec<(Date, &'f Timer)> {
        let Some((state, limit)) = self.state(flow).zip(self.limit(flow, calendar)) else { return Vec::new() };
        let timers = flow.timer.iter().filter(|timer| timer.rings_at(flow, &state.id));
        let days: Vec<(Date, &Timer)> =
            timers.map(|timer| (calendar.plus_workdays(limit, timer.workdays), timer)).collect();
        let sent = days.iter().filter(|(day, timer)| self.is_sent(flow, timer, *day));
        let sent = sent.map(|(_, timer)| timer.workdays).max();
        days.into_iter().filter(|(_, timer)| sent.is_none_or(|sent| timer.workdays > sent)).collect()
    }

    /// Whether the step that a timer asks for was taken under the present limit; what is sent ahead of the limit counts
    /// from the timer's day on.
    fn is_sent(&self, flow: &Flow, timer: &Timer, ran: Date) -> bool {
        let Some(step) = &timer.sends else { return false };
        let gives = |id: &str| flow.step(id).is_some_and(|step| step.limit.is_some());
        let moved = self.events.iter().rfind(|event| gives(&event.step)).map_or(0, |event| event.seq);
        let mut since = self.events.iter().filter(|event| event.seq > moved && event.step == *step);
        since.any(|event| timer.workdays > 0 || event.on >= ran)
    }
}
