//! A pledge on a page: what it says, how it stood each year, and the forms of whoever it belongs to.

use super::rules;
use crate::form::{Fields, Sent, one as value, under as below};
use crate::record::Filled;
use crate::shell::{self, field};
use crate::visit::Visit;
use luoshi_rules::Refusal;
use luoshi_rules::pledge::{Act, LookBack, looked_back};
use luoshi_store::pledge::{Made, Pledge};
use maud::{Markup, html};

/// One pledge; with its forms where it is the visitor's to act on. `base` is the address the forms go under.
pub(super) fn show(visit: &Visit, one: &Pledge, (base, year, ours): (&str, i16, bool), filled: &Filled) -> Markup {
    let Ok(pledges) = rules(visit) else { return html! {} };
    let at = one.standing();
    let state = |id: &str| pledges.state(id).map_or("", |name| visit.of(name)).to_owned();
    let due = at.due(pledges, visit.today);
    html! {
        section.card {
            p { b.long { (one.text) } }
            p { small { (visit.say("衡量：", "Measure: ")) } span.long { (one.measure) } }
            p { small {
                @if one.person != 0 && !one.name.is_empty() { (one.name) " · " } (one.unit_name) " · " (one.year) (visit.say(" 年起", " on")) " · "
                @match looked_back(&one.events, year) {
                    Some(back) => { b { (state(&back.state)) } }
                    None => (visit.say("未回看", "not looked back at")),
                }
                " · " @if at.published { "● " (visit.say("同意公开", "may be published")) } @else { "○ " (visit.say("不公开", "not published")) }
                @if !at.open { " · " (visit.say("已结束", "closed")) }
            } }
            @let backs: Vec<&LookBack> = one.events.iter().filter_map(|event| match &event.act { Act::LookedBack(back) => Some(back), _ => None }).collect();
            @if !backs.is_empty() { ol.timeline { @for back in backs { li { (back.year) " " b { (state(&back.state)) } " " span.long { (back.words) } } } } }
            @if ours {
                (consent(visit, one, base, at.published))
                @if let Some(by) = due { (look_back(visit, one, (base, at.year, &by.to_string()), filled)) }
            }
        }
    }
}

fn look_back(visit: &Visit, one: &Pledge, (base, year, by): (&str, i16, &str), filled: &Filled) -> Markup {
    let key = |name: &str| format!("{}-{name}", one.id);
    let given = |name: &str| value(filled.fields, &key(name)).to_owned();
    let (states, next) = (rules(visit).map(|pledges| pledges.state.as_slice()).unwrap_or_default(), given("next"));
    html! {
        form.stack method="post" action={ (base) "/" (one.id) "/look-back" } {
            (shell::hidden(visit))
            input type="hidden" name=(key("year")) value=(year);
            h3 { (visit.say("回看 ", "Look back at ")) (year) (visit.say(" 年，截止 ", ", by ")) (by) }
            (field(visit.lang, &key("state"), visit.say("做得怎么样", "How it stands"), "", filled.complaints, html! {
                select id=(key("state")) name=(key("state")) required { option value="" { (visit.say("请选择", "choose")) }
                    @for state in states { option value=(state.id) selected[given("state") == state.id] { (visit.of(&state.name)) } } } }))
            (field(visit.lang, &key("words"), visit.say("一句话说明", "In a sentence"), "", filled.complaints, html! {
                textarea id=(key("words")) name=(key("words")) rows="2" maxlength="400" required { (given("words")) } }))
            (field(visit.lang, &key("next"), visit.say("明年", "Next year"), "", filled.complaints, html! {
                select id=(key("next")) name=(key("next")) {
                    option value="carry" { (visit.say("继续", "carry it on")) }
                    option value="close" selected[next == "close"] { (visit.say("结束", "close it")) } } }))
            button.main { (visit.say("回看", "Look back")) }
        }
    }
}

fn consent(visit: &Visit, one: &Pledge, base: &str, published: bool) -> Markup {
    html! {
        form.inline method="post" action={ (base) "/" (one.id) "/consent" } {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(if published { "withhold" } else { "publish" });
            button { @if published { (visit.say("撤回公开", "Publish it no longer")) } @else { (visit.say("同意公开", "Agree to publish it")) } }
        }
    }
}

/// The form that makes one.
pub(super) fn form(visit: &Visit, base: &str, filled: &Filled) -> Markup {
    let most = rules(visit).map_or(0, |pledges| pledges.most);
    let year = visit.year();
    let long = |key: &str, zh: &str, en: &str, help: &str| {
        let (label, given) = (visit.say(zh, en), value(filled.fields, key));
        field(
            visit.lang,
            key,
            label,
            help,
            filled.complaints,
            html! {
            textarea id=(key) name=(key) rows="2" maxlength=(most) required { (given) } },
        )
    };
    html! {
        details.card open[!value(filled.fields, "made-text").is_empty()] {
            summary { b { (visit.say("作一条承诺", "Make a pledge")) } }
            form.stack method="post" action=(base) {
                (shell::hidden(visit))
                (field(visit.lang, "made-year", visit.say("哪一年", "For which year"), "", filled.complaints, html! {
                    select #made-year name="made-year" { @for one in [year, year + 1] { option value=(one) selected[value(filled.fields, "made-year") == one.to_string()] { (one) } } } }))
                (long("made-text", "承诺什么", "What is pledged", ""))
                (long("made-measure", "怎么算做到", "How one will see that it is kept", visit.say("自己定一个看得见的尺度，年底照它回看。", "a measure of your own that can be seen; at the end of the year it is looked back at by it")))
                (field(visit.lang, "made-published", "", "", filled.complaints, html! {
                    label { input #made-published type="checkbox" name="made-published" value="1" checked[!value(filled.fields, "made-published").is_empty()]; " "
                        (visit.say("同意公开（随时可以撤回）", "It may be published (which can be taken back at any time)")) } }))
                button.main { (visit.say("承诺", "Pledge")) }
            }
        }
    }
}

/// A pledge as it was typed.
pub(super) struct Typed {
    year: i16,
    text: String,
    measure: String,
    published: bool,
}

impl Typed {
    pub(super) fn read(sent: &Sent) -> Typed {
        let text = |key: &str| value(&sent.fields, key).to_owned();
        Typed {
            year: text("made-year").parse().unwrap_or_default(),
            text: text("made-text"),
            measure: text("made-measure"),
            published: !text("made-published").is_empty(),
        }
    }

    pub(super) fn made(&self) -> Made<'_> {
        Made { year: self.year, text: &self.text, measure: &self.measure, published: self.published }
    }
}

/// A look back as it was typed.
pub(super) fn back(sent: &Sent, id: i64) -> LookBack {
    let text = |name: &str| value(&sent.fields, &format!("{id}-{name}")).trim().to_owned();
    LookBack {
        year: text("year").parse().unwrap_or_default(),
        state: text("state"),
        words: text("words"),
        carried: text("next") != "close",
    }
}

/// Whether whoever sent the form agrees.
pub(super) fn agreed(sent: &Sent) -> bool {
    value(&sent.fields, "to") == "publish"
}

/// A refusal under the fields of the form it came from: that of a look back bears the key of its pledge.
pub(super) fn under(fields: &Fields, refusal: Refusal) -> Refusal {
    let looked = fields.keys().find_map(|key| key.strip_suffix("-words"));
    below(&looked.map_or("made-".to_owned(), |id| format!("{id}-")), refusal)
}
