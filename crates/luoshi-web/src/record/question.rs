//! The questions of a form: each field of a kind as its box.

use super::Filled;
use crate::form::{Fields, all, one};
use crate::shell::field;
use crate::visit::Visit;
use luoshi_rules::Kind;
use luoshi_rules::record::{Field, Holds};
use maud::{Markup, html};
use serde_json::Value as Json;

/// A question of the form, as it was filled.
pub(crate) fn ask(visit: &Visit, asked: &Field, filled: &Filled) -> Markup {
    let (key, given) = (asked.id.as_str(), one(filled.fields, &asked.id));
    let chosen = |id: &str| all(filled.fields, key).iter().any(|value| value == id);
    let required = !asked.optional;
    let input = match asked.holds {
        Holds::Long => html! { textarea id=(key) name=(key) rows="6" required[required] { (given) } },
        Holds::Number => {
            html! { input id=(key) name=(key) type="number" min="0" max=[asked.most] value=(given) required[required]; }
        }
        Holds::Date => html! { input id=(key) name=(key) type="date" value=(given) required[required]; },
        Holds::Money => html! { input id=(key) name=(key) inputmode="decimal" value=(given) required[required]; },
        Holds::Choice => html! {
            select id=(key) name=(key) required[required] {
                option value="" { (visit.say("请选择", "Choose")) }
                @for option in &asked.option { option value=(option.id) selected[chosen(&option.id)] { (visit.of(&option.name)) } }
            }
        },
        Holds::Choices => html! {
            fieldset.choices id=(key) { legend.sr { (visit.of(&asked.name)) }
                @for option in &asked.option {
                    label { input type="checkbox" name=(key) value=(option.id) checked[chosen(&option.id)]; " " (visit.of(&option.name)) }
                }
            }
        },
        Holds::File => html! { input id=(key) name=(key) type="file" multiple; },
        Holds::People => html! { textarea id=(key) name=(key) rows="3" required[required] { (given) } },
        Holds::Text | Holds::Unit => {
            html! { input id=(key) name=(key) value=(given) maxlength="200" required[required]; }
        }
    };
    let mut label = visit.of(&asked.name).to_owned();
    if asked.optional {
        label += visit.say("（选填）", " (optional)");
    }
    let ground = asked.ground.as_ref().map(|ground| {
        format!("{}{}", visit.say("本项要求上传附件，依据：", "An attachment is required; ground: "), visit.of(ground))
    });
    field(visit.lang, key, &label, ground.as_deref().unwrap_or(help(visit, asked)), filled.complaints, input)
}

/// Help under a box: that of the pack, or how names are written.
fn help<'v>(visit: &'v Visit, asked: &'v Field) -> &'v str {
    match asked.holds {
        Holds::People if visit.of(&asked.help).is_empty() => visit.say(
            "每行一个姓名或首字母，也可从表格粘贴；同名的写作“张三（第一支部）”。",
            "One name or initials a line, or paste from a sheet; of namesakes write 张三（第一支部）, with the unit.",
        ),
        Holds::Unit if visit.of(&asked.help).is_empty() => {
            visit.say("写组织简称；同名的写全称。", "The short name of a unit; of namesakes the full name.")
        }
        _ => visit.of(&asked.help),
    }
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(kind: &Kind, data: &Json) -> Fields {
    let text = |field: &Field, value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Number(fen) if field.holds == Holds::Money => {
            let fen = fen.as_i64().unwrap_or(0);
            format!("{}.{:02}", fen / 100, fen % 100)
        }
        other => other.to_string(),
    };
    let answered = kind.field.iter().filter(|field| !data[&field.id].is_null());
    answered
        .map(|field| match &data[&field.id] {
            Json::Array(many) => (field.id.clone(), many.iter().map(|value| text(field, value)).collect()),
            value => (field.id.clone(), vec![text(field, value)]),
        })
        .collect()
}
