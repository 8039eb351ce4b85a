//! A matter: something opened that must be closed, such as a reminder, a finding, a task, an order or a transfer.
//! Its state is never stored: it is the step of its last event that is not beside the way.

use crate::flow::{Apart, Band, Side, Writes};
use crate::record::Holds;
use crate::{Calendar, Flow, Label, Lang, Permit, Refusal, UnitPath, flow::Step};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

/// Something opened that must be closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// key
    pub id: i64,
    /// flow, by its key in the pack
    pub flow: String,
    /// unit that must answer
    pub unit: i64,
    /// where it stands
    pub path: UnitPath,
    /// unit that opened it
    pub opener: i64,
    /// where it stands
    pub opener_path: UnitPath,
    /// units that help, by id
    pub helpers: Vec<i64>,
    /// the matter it is a part of, or 0
    pub parent: i64,
    /// the round it belongs to, or 0
    pub round: i64,
    /// title as first written; never changes
    pub title: String,
    /// what it is about, by flow
    pub data: Value,
    /// day it was opened
    pub opened: Date,
    /// what happened, first to last
    pub events: Vec<Event>,
    /// the steps at which its parts stand
    pub parts: Vec<String>,
}

/// A fact: someone took a matter to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// 1, 2, 3 …
    pub seq: i64,
    /// step reached
    pub step: String,
    /// who did it; 0 for the program itself
    pub actor: i64,
    /// what they wrote
    pub note: String,
    /// what they answered to the fields of the step; evidence under `evidence`
    pub data: Value,
    /// the day
    pub on: Date,
}

impl Event {
    /// An event with nothing but a note.
    pub fn plain(seq: i64, step: &str, actor: i64, note: &str, on: Date) -> Event {
        Event { seq, step: step.to_owned(), actor, note: note.trim().to_owned(), data: Value::Null, on }
    }
}

impl Matter {
    /// The last event that moved it.
    fn moved<'m>(&'m self, flow: &Flow) -> Option<&'m Event> {
        self.events.iter().rfind(|event| flow.step(&event.step).is_some_and(|step| !step.aside))
    }

    /// The step it stands at.
    pub fn state<'f>(&self, flow: &'f Flow) -> Option<&'f Step> {
        let last = self.moved(flow).and_then(|event| flow.step(&event.step));
        last.or_else(|| flow.step.first())
    }

    /// Whether it is closed.
    pub fn is_closed(&self, flow: &Flow) -> bool {
        self.state(flow).is_none_or(Step::is_end)
    }

    /// The step by which it is taken up again, if it is closed or only looked at from time to time.
    pub fn reopens_to<'f>(&self, flow: &'f Flow, again: &str) -> Option<&'f Step> {
        let state = self.state(flow).filter(|step| step.is_end() || step.check.is_some())?;
        state.then.iter().find(|then| *then == again).and_then(|then| flow.step(then))
    }

    /// The unit whose posts may take this step.
    pub fn acting(&self, step: &Step) -> i64 {
        match step.side {
            Side::Opener => self.opener,
            Side::Addressee => self.unit,
        }
    }

    /// Every day by which it was to be done, the first one first: that it was opened with, and those given since.
    pub fn limits(&self, flow: &Flow) -> Vec<Date> {
        let given = self.events.iter().filter_map(|event| {
            let field = flow.step(&event.step)?.limit.as_ref()?;
            event.data[field].as_str()?.parse().ok()
        });
        self.data["by"].as_str().and_then(|day| day.parse().ok()).into_iter().chain(given).collect()
    }

    /// The day by which it is to be done, if it was given one; otherwise the day the present step should have been
    /// left. None when it has no limit or is closed.
    pub fn limit(&self, flow: &Flow, calendar: &Calendar) -> Option<Date> {
        let state = self.state(flow).filter(|step| !step.is_end())?;
        if let Some(by) = self.limits(flow).pop() {
            return Some(by);
        }
        let since = self.moved(flow).map_or(self.opened, |event| event.on);
        match (state.days, state.workdays) {
            (Some(days), _) => since.checked_add(i32::from(days).days()).ok(),
            (None, Some(days)) => Some(calendar.plus_workdays(since, i32::from(days))),
            (None, None) => None,
        }
    }

    /// What the band of the last score calls for and has not happened since.
    pub fn asked_by_score<'f>(&self, flow: &'f Flow) -> Option<(&'f Band, Vec<&'f Step>)> {
        let scored = |event: &&Event| flow.step(&event.step).is_some_and(|step| !step.band.is_empty());
        let last = self.events.iter().rfind(scored)?;
        let (_, band) = flow.step(&last.step)?.score(&last.data)?;
        let since = |id: &String| self.events.iter().any(|event| event.seq > last.seq && event.step == *id);
        let asked: Vec<&Step> = band.asks.iter().filter(|id| !since(id)).filter_map(|id| flow.step(id)).collect();
        Some((band, asked)).filter(|(_, asked)| !asked.is_empty())
    }

    /// Milestones: a day and words each, one a line, as they were written when it was opened.
    pub fn milestones(&self) -> Vec<(Date, String)> {
        let lines = self.data["stages"].as_str().unwrap_or_default().lines();
        let read = |line: &str| {
            let (day, words) = line.trim().split_at_checked(10)?;
            Some((day.parse().ok()?, words.trim().to_owned()))
        };
        lines.filter_map(read).collect()
    }

    /// Milestones whose day has passed and that nobody has reported: they are reported in their order.
    pub fn missed(&self, today: Date) -> Vec<(Date, String)> {
        let reached = self.events.iter().filter(|event| event.step == "milestone").count();
        let done =
            self.events.iter().rev().any(|event| ["claimed", "verified", "closed"].contains(&event.step.as_str()));
        let late = |(day, _): &(Date, String)| *day < today && !done;
        self.milestones().into_iter().skip(reached).filter(late).collect()
    }

    /// The day on which something last happened.
    pub fn touched(&self) -> Date {
        self.events.last().map_or(self.opened, |event| event.on)
    }

    /// The steps this person may take next.
    pub fn open_to<'f>(&self, flow: &'f Flow, permit: &Permit) -> Vec<&'f Step> {
        let from = self.state(flow).map_or(&[][..], |step| &step.then);
        from.iter()
            .filter_map(|id| flow.step(id))
            .filter(|step| self.may(flow, step, permit) && self.hindered(flow, step, permit).is_none())
            .collect()
    }

    /// The step `to`, if the flow allows it next and the holder of the permit may take it.
    pub fn next<'f>(&self, flow: &'f Flow, to: &str, permit: &Permit) -> Result<&'f Step, Refusal> {
        let from = self.state(flow);
        let follows = from.is_some_and(|step| step.then.iter().any(|id| id == to));
        match flow.step(to).filter(|_| follows) {
            None => {
                let name = from.map(|step| step.name.clone()).unwrap_or_default();
                Err(Refusal::rule(
                    format!("该事项现处于“{}”，不能这样办理；请刷新页面查看最新进展", name.zh),
                    format!("this matter is now at “{}”; reload the page to see how it stands", name.en),
                ))
            }
            Some(step) if !self.may(flow, step, permit) => Err(Refusal::NotAllowed),
            Some(step) => self.hindered(flow, step, permit).map_or(Ok(step), Err),
        }
    }

    /// The day a step bears: today, or the day past on which it was done, where the step may be entered afterwards. Not
    /// before the step the matter stands at.
    pub fn entered(&self, flow: &Flow, step: &Step, (on, today): (Option<Date>, Date)) -> Result<Date, Refusal> {
        let Some(on) = on.filter(|_| step.dated) else { return Ok(today) };
        let since = self.moved(flow).map_or(self.opened, |event| event.on);
        if on > today {
            return Err(Refusal::field("on", "日期在今天之后，请到那天再登记", "the day is still to come"));
        }
        if on < since {
            let zh = format!("日期早于上一步（{since}），请核对");
            return Err(Refusal::field("on", zh, format!("the day is before the step before it ({since})")));
        }
        Ok(on)
    }

    /// Whether the holder of the permit may pass it on, or say who helps: they may take some step of the side that
    /// opened it, or they might have opened it.
    pub fn is_run_by(&self, flow: &Flow, permit: &Permit) -> bool {
        let opens = flow.step.first().map(|step| &step.id);
        let runs = |step: &&Step| step.side == Side::Opener && step.person.is_none() || Some(&step.id) == opens;
        flow.step.iter().filter(runs).any(|step| self.may(flow, step, permit))
    }

    /// Whether the holder of the permit may open a part of it in this flow.
    pub fn takes_part(&self, part: &Flow, permit: &Permit) -> bool {
        part.under.contains(&self.flow) && part.step.first().is_some_and(|first| self.may(part, first, permit))
    }

    /// Whether the holder of the permit stands on the side of a step.
    fn may(&self, flow: &Flow, step: &Step, permit: &Permit) -> bool {
        let named = step.person.as_ref().is_some_and(|key| self.data[key].as_i64() == Some(permit.person()));
        // a unit that helps reports on its share, and takes no step that moves the matter
        let helps = step.aside && step.side == Side::Addressee && self.helpers.contains(&permit.unit());
        let own = |post: &String| match flow.apart && step.side == Side::Addressee {
            true => permit.acts_below(post, &self.opener_path),
            false => permit.acts_as(post),
        };
        named || (helps || self.acting(step) == permit.unit()) && step.by.iter().any(own)
    }

    /// What stands in the way of a step that is somebody's to take.
    fn hindered(&self, flow: &Flow, step: &Step, permit: &Permit) -> Option<Refusal> {
        let taken = |id: &String| self.events.iter().any(|event| event.step == *id);
        if !step.after.iter().all(taken) {
            return Some(skipped(flow, step));
        }
        let moved = self.moved(flow).map_or(0, |event| event.seq);
        let used = self.events.iter().rfind(|event| event.step == step.id).map_or(0, |event| event.seq);
        let since = |id: &String| self.events.iter().any(|event| event.seq > moved.max(used) && event.step == *id);
        if let Some(missing) = step.fresh.iter().find(|id| !since(id)) {
            return Some(lacking(flow, missing, step));
        }
        let own = |event: &&Event| event.actor == permit.person() && step.other.contains(&event.step);
        if self.events.iter().any(|event| own(&event)) {
            return Some(Refusal::rule(
                format!("“{}”须由另一人办理：您办过前面的步骤", step.button.zh),
                format!("“{}” is for somebody else: you took a step before it yourself", step.button.en),
            ));
        }
        if step.apart.is_some_and(|apart| permit.belongs_to(&self.path, apart == Apart::Roll)) {
            return Some(Refusal::rule(
                "不能办理：您属于该事项的责任组织，核实和销号须由其他组织的人员办理",
                "not for you: you belong to the unit that must answer; somebody of another unit verifies and closes",
            ));
        }
        self.unfinished(step).or_else(|| self.called_for(flow, step)).or_else(|| self.too_late(flow, step, permit))
    }

    /// What parts still stand in the way of a step.
    fn unfinished(&self, step: &Step) -> Option<Refusal> {
        let unfinished = self.parts.iter().filter(|at| !step.parts.contains(at)).count();
        if !step.parts.is_empty() && unfinished > 0 {
            return Some(Refusal::rule(
                format!("还不能“{}”：共 {} 项，{unfinished} 项尚未核实销号", step.button.zh, self.parts.len()),
                format!(
                    "not yet “{}”: of {} parts {unfinished} are not verified and closed",
                    step.button.en,
                    self.parts.len()
                ),
            ));
        }
        let bare = !step.done.is_empty() && !self.parts.iter().any(|at| step.done.contains(at));
        bare.then(|| {
            Refusal::rule(
                format!("还不能“{}”：没有一项核实销号的任务，请先制定任务并办结", step.button.zh),
                format!("not yet “{}”: no task was verified and closed; plan one and carry it out", step.button.en),
            )
        })
    }

    /// What the last score calls for and has not happened since, before a step that comes after the score.
    fn called_for(&self, flow: &Flow, step: &Step) -> Option<Refusal> {
        let (_, asked) = self
            .asked_by_score(flow)
            .filter(|_| flow.step.iter().any(|one| step.after.contains(&one.id) && !one.band.is_empty()))?;
        asked.first().map(|missing| lacking(flow, &missing.id, step))
    }

    /// The day on which it was last given a day by which it is to be done.
    fn given(&self, flow: &Flow) -> Date {
        let gives = |event: &&Event| flow.step(&event.step).is_some_and(|step| step.limit.is_some());
        self.events.iter().rfind(gives).map_or(self.opened, |event| event.on)
    }

    /// Whether a step comes after the limit although it must not, or before it, or too long after it was given.
    fn too_late(&self, flow: &Flow, step: &Step, permit: &Permit) -> Option<Refusal> {
        let over = |days: &i16| self.given(flow).saturating_add(i32::from(*days).days()) < permit.today();
        if let Some(days) = step.early.filter(over) {
            return Some(Refusal::rule(
                format!("“{}”只限定下期限后 {days} 天内；现在要改期限，请走申请延期、批准延期", step.button.zh),
                format!(
                    "“{}” is for {days} days after the day was set; to move it now, an extension is asked for and granted",
                    step.button.en
                ),
            ));
        }
        let limit = self.limits(flow).pop()?;
        if step.late && permit.today() <= limit {
            return Some(Refusal::rule(
                format!("期限 {limit} 还没有过，现在不“{}”", step.button.zh),
                format!("the limit {limit} has not passed: it is too early to “{}”", step.button.en),
            ));
        }
        if !step.in_time || permit.today() <= limit {
            return None;
        }
        Some(Refusal::rule(
            format!("期限 {limit} 已过，不能再“{}”；请如实办理并说明逾期原因", step.button.zh),
            format!(
                "the limit {limit} has passed: too late to “{}”; carry it out and say why it is late",
                step.button.en
            ),
        ))
    }
}

impl Writes {
    /// The day the record bears: the one named in the step it tells of, or else that of the step. None when the step
    /// was not taken.
    pub fn day(&self, flow: Option<&Flow>, matter: &Matter) -> Option<Date> {
        let event = matter.events.iter().rfind(|event| event.step == self.on)?;
        // what is written as a matter opens bears that day, and not the one by which it is to be done
        if event.seq == 1 {
            return Some(event.on);
        }
        let dates = flow?.step(&self.on)?.field.iter().filter(|field| field.holds == Holds::Date);
        let named = dates.filter_map(|field| event.data[&field.id].as_str()?.parse().ok()).next();
        Some(named.unwrap_or(event.on))
    }

    /// What the record holds: the choices named, and the fields it takes over.
    pub fn data(&self, matter: &Matter) -> Value {
        let event = matter.events.iter().rfind(|event| event.step == self.on);
        let mut data =
            serde_json::json!({ "topic": matter.title.chars().take(crate::record::LINE).collect::<String>() });
        for (field, option) in &self.answers {
            data[field] = option.as_str().into();
        }
        for field in &self.copy {
            let said = event.map(|event| &event.data[field]).filter(|value| !value.is_null());
            data[field] = said.unwrap_or(&matter.data[field]).clone();
        }
        data
    }
}

impl Step {
    /// Refuses a day that its answers name too soon, so that the other side has time to prepare.
    pub fn in_good_time(&self, answers: &Value, calendar: &Calendar, today: Date) -> Result<(), Refusal> {
        for field in &self.field {
            let named = answers[&field.id].as_str().and_then(|day| day.parse::<Date>().ok());
            let Some((day, ahead)) = named.zip(field.ahead) else { continue };
            let first = calendar.plus_workdays(today, i32::from(ahead));
            if day < first {
                return Err(Refusal::field(
                    &field.id,
                    format!("{}：须提前 {ahead} 个工作日，最早为 {first}", field.name.zh),
                    format!("{}: {ahead} working days ahead, {first} at the earliest", field.name.en),
                ));
            }
        }
        Ok(())
    }
}

/// What is told to someone who would skip a rung.
fn skipped(flow: &Flow, step: &Step) -> Refusal {
    let names: Vec<&Label> = step.after.iter().filter_map(|id| flow.step(id)).map(|step| &step.button).collect();
    let list = |lang| names.iter().map(|name| name.of(lang)).collect::<Vec<_>>().join("、");
    Refusal::rule(
        format!("请逐级办理：先“{}”，再“{}”", list(Lang::Zh), step.button.zh),
        format!("one rung after another: “{}” comes before “{}”", list(Lang::En), step.button.en),
    )
}

/// What is told to someone who would go without an approval or a request.
fn lacking(flow: &Flow, missing: &str, step: &Step) -> Refusal {
    let name = flow.step(missing).map(|step| step.button.clone()).unwrap_or_default();
    Refusal::rule(
        format!("还不能“{}”：要先有“{}”", step.button.zh, name.zh),
        format!("not yet “{}”: “{}” must come first", step.button.en, name.en),
    )
}

mod stand;
pub mod words;

pub use stand::Stand;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tree_walks;
#[cfg(test)]
mod walks;
