//! What a board is narrowed to: the filter an address asks for, the form that asks, and filters kept under a name.

use super::still_day;
use crate::shell;
use crate::visit::Visit;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::Unit;
use luoshi_store::matter::{Filter, Kept, Order, State};
use maud::{Markup, html};
use std::collections::HashMap;

type Asked = HashMap<String, String>;

/// Matters on a page.
pub(super) const PAGE: i64 = 50;
/// What a board may be narrowed to, as an address says it.
const KEYS: [&str; 11] = ["flow", "state", "step", "only", "age", "owner", "post", "round", "mine", "words", "sort"];
/// Bands of age: key, from and until how many days ago.
const AGES: [(&str, i64, i64, &str, &str); 4] = [
    ("7", 0, 7, "7天内", "within 7 days"),
    ("30", 8, 30, "8–30天", "8–30 days"),
    ("60", 31, 60, "31–60天", "31–60 days"),
    ("old", 61, 200_000, "60天以上", "over 60 days"),
];
const STATES: [(&str, &str, &str); 4] =
    [("", "在办", "Open"), ("closed", "已办结", "Closed"), ("all", "全部", "All"), (PASSED, "已转出", "Passed on")];
/// Asks for what was here and is no more.
pub(super) const PASSED: &str = "passed";
const ONLY: [(&str, &str, &str); 4] = [
    ("", "不限期限", "Whatever its limit"),
    ("late", "已逾期", "Late"),
    ("still", "30天没有动静", "Still for 30 days"),
    ("ring", "该发提醒或函件", "Something to send"),
];
const SORTS: [(&str, &str, &str); 3] = [
    ("", "新的在前", "Newest first"),
    ("limit", "先到期的在前", "Soonest due first"),
    ("still", "最久没有动静的在前", "Longest still first"),
];

/// What an address says under a key.
pub(super) fn text<'a>(asked: &'a Asked, key: &str) -> &'a str {
    asked.get(key).map_or("", String::as_str)
}

/// The filter an address asks for.
pub(crate) fn filter(visit: &Visit, at: &Unit, asked: &Asked, met: Vec<i64>) -> Filter {
    let (flow, only) = (text(asked, "flow"), text(asked, "only"));
    let ago = |n: i64| visit.today.saturating_sub(n.days());
    let age = AGES.iter().find(|(key, ..)| *key == text(asked, "age"));
    // filters kept before there was a choice of three say it so
    let still = only == "still" || !text(asked, "still").is_empty();
    let number = |key: &str| text(asked, key).parse().unwrap_or(0);
    Filter {
        flow: visit.rules.base.flow(flow).map_or(String::new(), |flow| flow.id.clone()),
        state: match text(asked, "state") {
            _ if still || only == "late" || only == "ring" => State::Open,
            "closed" => State::Closed,
            "all" => State::Any,
            _ => State::Open,
        },
        unit: if text(asked, "mine").is_empty() { 0 } else { at.id },
        owner: number("owner"),
        round: number("round"),
        steps: steps(visit, asked),
        late: (only == "late").then_some(visit.today),
        still: still.then(|| still_day(visit)),
        ring: (only == "ring").then_some(visit.today),
        opened: age.map(|(_, from, until, ..)| (ago(*until), ago(*from))),
        met,
        after: text(asked, "after").parse().ok().map(|id| (day_key(text(asked, "at")), id)),
        most: if asked.contains_key("as") { crate::export::MOST + 1 } else { PAGE + 1 },
        order: match text(asked, "sort") {
            "limit" => Order::Limit,
            "still" => Order::Still,
            _ => Order::Newest,
        },
        ..Filter::default()
    }
}

/// What a page goes on after is a day, or nothing.
fn day_key(text: &str) -> String {
    text.parse::<Date>().map(|day| day.to_string()).unwrap_or_default()
}

/// The steps a board is narrowed to: one of a flow, or those that a post may take further; none that exists where no
/// step fits.
fn steps(visit: &Visit, asked: &Asked) -> Vec<String> {
    let (step, post) = (text(asked, "step"), text(asked, "post").to_owned());
    if step.is_empty() && post.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for flow in &visit.rules.base.flow {
        let may = |id: &String| flow.step(id).is_some_and(|next| next.by.contains(&post));
        let fits = |one: &&luoshi_rules::flow::Step| {
            (step.is_empty() || step == format!("{}:{}", flow.id, one.id))
                && (post.is_empty() || !one.is_end() && one.then.iter().any(may))
        };
        all.extend(flow.step.iter().filter(fits).map(|one| format!("{}:{}", flow.id, one.id)));
    }
    if all.is_empty() { vec!["-".into()] } else { all }
}

/// The address of the same board with other values.
pub(super) fn link(asked: &Asked, other: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for key in KEYS {
        let value = other.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let value = value.unwrap_or_else(|| text(asked, key));
        if !value.is_empty() {
            query.append_pair(key, value);
        }
    }
    for (key, value) in other.iter().filter(|(key, value)| ["after", "at"].contains(key) && !value.is_empty()) {
        query.append_pair(key, value);
    }
    format!("?{}", query.finish())
}

/// The form that asks.
pub(super) fn narrow(visit: &Visit, at: &Unit, asked: &Asked) -> Markup {
    let flow = visit.rules.base.flow(text(asked, "flow"));
    let choice = |name: &str, label: &str, all: &[(&str, &str, &str)]| {
        html! { select name=(name) aria-label=(label) {
            @for (key, zh, en) in all { option value=(key) selected[*key == text(asked, name)] { (visit.say(zh, en)) } }
        } }
    };
    html! {
        form.filters method="get" action={ "/units/" (at.id) "/matters" } {
            select name="flow" aria-label=(visit.say("种类", "Kind")) {
                option value="" { (visit.say("所有种类", "All kinds")) }
                @for flow in &visit.rules.base.flow { option value=(flow.id) selected[flow.id == text(asked, "flow")] { (visit.of(&flow.name)) } }
            }
            @if let Some(flow) = flow { select name="step" aria-label=(visit.say("进展", "Stands at")) {
                option value="" { (visit.say("所有进展", "Every step")) }
                @for step in flow.step.iter().filter(|step| !step.aside) { @let key = format!("{}:{}", flow.id, step.id);
                    option value=(key) selected[key == text(asked, "step")] { (visit.of(&step.name)) } }
            } }
            (choice("state", visit.say("状态", "State"), &STATES))
            (choice("only", visit.say("期限和动静", "Limit"), &ONLY))
            select name="age" aria-label=(visit.say("在办时长", "Age")) {
                option value="" { (visit.say("不限时长", "Of any age")) }
                @for (key, _, _, zh, en) in &AGES { option value=(key) selected[*key == text(asked, "age")] { (visit.say(zh, en)) } }
            }
            (posts(visit, asked))
            (choice("sort", visit.say("排序", "Order"), &SORTS))
            input name="words" value=(text(asked, "words")) maxlength="60" placeholder=(visit.say("字词、拼音或首字母", "Words, pinyin or initials")) aria-label=(visit.say("字词", "Words"));
            label { input type="checkbox" name="mine" value="1" checked[!text(asked, "mine").is_empty()]; " " (visit.say("只看本组织的", "Of this unit alone")) }
            @for key in ["owner", "round"] { @if !text(asked, key).is_empty() { input type="hidden" name=(key) value=(text(asked, key)); } }
            button { (visit.say("筛选", "Filter")) }
            @if !text(asked, "owner").is_empty() { " " a href=(link(asked, &[("owner", "")])) { (visit.say("不限责任组织", "Of every owner")) } }
            @if !text(asked, "round").is_empty() { " " a href=(link(asked, &[("round", "")])) { (visit.say("不限轮次", "Of every round")) } }
        }
    }
}

/// Whose turn it is: posts that take steps.
fn posts(visit: &Visit, asked: &Asked) -> Markup {
    let steps = || visit.rules.base.flow.iter().flat_map(|flow| &flow.step);
    let acting = |id: &String| steps().any(|step| step.by.contains(id));
    html! {
        select name="post" aria-label=(visit.say("待谁办理", "Whose turn")) {
            option value="" { (visit.say("不限岗位", "Any post")) }
            @for post in visit.rules.base.post.iter().filter(|post| acting(&post.id)) {
                option value=(post.id) selected[post.id == text(asked, "post")] { (visit.of(&post.name)) } }
        }
    }
}

/// The filters the visitor keeps, and the form that keeps this one.
pub(super) fn saved(visit: &Visit, at: &Unit, asked: &Asked, kept: &[Kept]) -> Markup {
    html! {
        @if !kept.is_empty() { form.toggle method="post" action={ "/units/" (at.id) "/matters/filters" } {
            (shell::hidden(visit))
            @for one in kept { a href=(one.question) { (one.name) }
                button.quiet name="drop" value=(one.name) aria-label={ (visit.say("删去筛选 ", "Drop the filter ")) (one.name) } { "✕" } }
        } }
        details { summary { (visit.say("保存这个筛选", "Keep this filter")) }
            form.stack method="post" action={ "/units/" (at.id) "/matters/filters" } {
                (shell::hidden(visit))
                input type="hidden" name="question" value=(link(asked, &[]));
                label for="name" { (visit.say("名字（同名的被替换）", "Name (one of the same name gives way)")) }
                input #name name="name" maxlength="20" required;
                button { (visit.say("保存", "Keep")) }
            }
        }
    }
}
