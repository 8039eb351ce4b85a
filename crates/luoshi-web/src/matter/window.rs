//! Windows: how long something is given by a rule in force on the day, offered where a step sets the limit.

use crate::form::{Fields, Sent, one};
use crate::record::Filled;
use crate::visit::Visit;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::flow::{Step, Window};
use luoshi_rules::{Flow, Refusal};
use maud::{Markup, html};

/// The windows in force on a day for a step that sets the limit: those of its flow, or else of the flows it is under.
/// A day for looking again and an extension are no such limits.
pub(super) fn all<'v>(visit: &'v Visit, flow: &'v Flow, step: &Step, on: Date) -> Vec<&'v Window> {
    if step.limit.is_none() || step.aside || step.check.is_some() {
        return Vec::new();
    }
    let own = flow.windows(on);
    let above = flow.under.iter().filter_map(|under| visit.rules.base.flow(under)).flat_map(|above| above.windows(on));
    if own.is_empty() { above.collect() } else { own }
}

/// The last day of a window that begins on a day.
fn end(window: &Window, on: Date) -> Date {
    on.saturating_add(i32::from(window.months).months())
}

/// The choice between the windows and a day of one's own.
pub(super) fn ask(visit: &Visit, step: &Step, windows: &[&Window], filled: &Filled) -> Markup {
    let key = format!("{}-window", step.id);
    let given = one(filled.fields, &key);
    let wrong = filled.complaints.under(&key, visit.lang);
    html! {
        fieldset.choices.wrong[wrong.is_some()] { legend { (visit.say("整改期限", "How long it is given")) }
            @for (n, window) in windows.iter().enumerate() {
                label { input type="radio" name=(key) value=(window.id) checked[given == window.id || given.is_empty() && n == 0]; " "
                    (visit.of(&window.name)) " " b { (end(window, visit.today)) } " " small { (visit.of(&window.source)) } }
            }
            label { input type="radio" name=(key) value="" checked[given.is_empty() && !filled.complaints.is_empty()]; " " (visit.say("另定日期（填在下面）", "another day (below)")) }
            @if let Some(words) = wrong { p.error { "▲ " (words) } }
        }
    }
}

/// The window that was chosen, and the day it ends if it begins on a day.
pub(super) fn chosen(sent: &Sent, flow: &Flow, step: &Step, on: Date) -> Option<(String, Date)> {
    let key = one(&sent.fields, &format!("{}-window", step.id));
    let window = all(&sent.visit, flow, step, on).into_iter().find(|window| window.id == key)?;
    Some((window.id.clone(), end(window, on)))
}

/// Refuses a window together with another day.
pub(super) fn must_be_one(step: &Step, field: &str, typed: &Fields) -> Result<(), Refusal> {
    if step.limit.as_deref() == Some(field) && !one(typed, field).is_empty() {
        let zh = "已选期限，又填了日期：另定日期请选“另定日期”，否则把日期留空";
        let en = "a period and a day: choose “another day”, or leave the day empty";
        return Err(Refusal::field("window", zh, en));
    }
    Ok(())
}

/// The window an answer names, in words.
pub(super) fn name(visit: &Visit, flow: &Flow, key: &str) -> Option<Markup> {
    let above = flow.under.iter().filter_map(|under| visit.rules.base.flow(under)).flat_map(|above| &above.window);
    let window = flow.window.iter().chain(above).find(|window| window.id == key)?;
    Some(html! { (visit.of(&window.name)) (visit.aside(visit.of(&window.source))) })
}
