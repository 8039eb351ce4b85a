//! The forms of changing a unit: what can be done, what it brings about in words, and what must be filled in.

use crate::form::{Complaints, Fields, all, one};
use crate::shell::{self, Page, Part, field};
use crate::visit::Visit;
use luoshi_rules::pack::name_of;
use luoshi_rules::{Unit, Verb};
use luoshi_store::unit::Tie;
use maud::{Markup, html};

/// A form as it was filled, and what may be chosen in it.
pub(super) struct Filled<'a> {
    /// what was filled in
    pub fields: &'a Fields,
    /// what was wrong with it
    pub complaints: &'a Complaints,
    /// what may be chosen
    pub choices: &'a Choices,
}

/// What may be chosen.
#[derive(Default)]
pub(super) struct Choices {
    /// units found by the words looked for
    pub units: Vec<Unit>,
    /// people on the roll
    pub roll: Vec<(i64, String)>,
    /// ties of the unit
    pub ties: Vec<Tie>,
}

/// A change that is offered: key, its name, and what it brings about.
struct Offer {
    key: &'static str,
    name: (&'static str, &'static str),
    brings: (&'static str, &'static str),
}

const OFFERS: [Offer; 8] = [
    Offer {
        key: "found",
        name: ("设立下级组织", "Found a unit below"),
        brings: ("新组织从下一个周期起承担职责。", "The new unit owes duties from the next period on."),
    },
    Offer {
        key: "rename",
        name: ("更名", "Rename"),
        brings: ("以前的日期仍显示原名称。", "Earlier days keep the old name."),
    },
    Offer {
        key: "reclass",
        name: ("调整级别、类别、代码", "Level, class, code"),
        brings: (
            "职责清单按新的级别和类别，从下一个周期起适用。",
            "Duties follow the new level and class from the next period on.",
        ),
    },
    Offer {
        key: "move",
        name: ("调整隶属", "Move"),
        brings: (
            "连同全部下级、人员和纪实一起调整；上级的查看和管理权限立即随之改变，以前日期的组织树不变。",
            "All units below, people and records go along; the rights of those above change at once; the tree of earlier days stays.",
        ),
    },
    Offer {
        key: "merge",
        name: ("合并到另一组织", "Merge into another"),
        brings: (
            "本组织撤销；人员、下级组织、在办事项和已安排的会议转到接收组织，已有的纪实留在原组织名下。",
            "This unit is dissolved; its people, units below, open matters and plans go to the other; records stay with the unit that kept them.",
        ),
    },
    Offer {
        key: "split",
        name: ("拆分", "Split"),
        brings: (
            "在同一上级下设立新组织，所选人员转入；他们在本组织的任职自该日起结束。",
            "Founds a unit beside this one and moves the people chosen; their posts here end on that day.",
        ),
    },
    Offer {
        key: "dissolve",
        name: ("撤销", "Dissolve"),
        brings: (
            "须先没有下级组织和在册人员。还有在办事项的，先查找并选择承接组织，事项随之转去并注明来处。撤销后未到期的职责注明原因后了结。",
            "Nothing below and nobody on the roll may be left. Where matters are open, look for the unit that takes them over; each says where it came from. Duties not yet due close with the reason.",
        ),
    },
    Offer {
        key: "tie",
        name: ("指导等关系", "Guidance and other ties"),
        brings: (
            "隶属关系之外的联系，只作记载，不带来查看权限。",
            "Ties beside the tree: written down only, they give no rights.",
        ),
    },
];

/// The page: what is offered, and the form of the one chosen.
pub(super) fn page(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let title = format!("{} · {}", visit.say("变更", "Change"), at.short_name);
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Units };
    let asked = if one(filled.fields, "do") == "untie" { "tie" } else { one(filled.fields, "do") };
    let offer = OFFERS.iter().find(|offer| offer.key == asked);
    let body = html! {
        p { a href={ "/units/" (at.id) } { "← " (at.full_name) } }
        @if let Some((end, why)) = &at.dissolved {
            p.note { "◇ " (visit.say("已撤销，不能再变更。", "Dissolved: it can no longer change. ")) (end) " " (why) }
        } @else {
            nav.toggle aria-label=(visit.say("变更的种类", "Kinds of change")) {
                @for one in &OFFERS { a aria-current=[(one.key == asked).then_some("true")] href={ "?do=" (one.key) } {
                    (visit.say(one.name.0, one.name.1)) } " " }
            }
            (shell::complaints(visit, filled.complaints))
            @match offer {
                None => p.empty { (visit.say("请选择要办理的变更。每项变更都写明生效日期，并记入沿革。",
                    "Choose what is to change. Each change has a day and is kept in the history.")) },
                Some(offer) => {
                    h2 { (visit.say(offer.name.0, offer.name.1)) }
                    p.help { (visit.say(offer.brings.0, offer.brings.1)) }
                    (form(visit, at, offer, filled))
                }
            }
        }
    };
    shell::page(&head, body)
}

fn form(visit: &Visit, at: &Unit, offer: &Offer, filled: &Filled) -> Markup {
    let seeks = matches!(offer.key, "move" | "merge" | "tie");
    // who is dissolved names an heir only where something is open
    let may_seek = seeks || offer.key == "dissolve";
    html! {
        @if offer.key == "tie" { (ties(visit, at, filled)) }
        @if may_seek { (search(visit, offer.key, filled)) }
        @if !seeks || !filled.choices.units.is_empty() {
            form.stack method="post" action={ "/units/" (at.id) "/changes" } {
                (shell::hidden(visit))
                input type="hidden" name="do" value=(offer.key);
                @if may_seek { input type="hidden" name="q" value=(one(filled.fields, "q")); }
                @match offer.key {
                    "found" => { (names(visit, filled, ("", ""))) (sorts(visit, at, filled)) (own(visit, filled)) }
                    "rename" => (names(visit, filled, (&at.full_name, &at.short_name))),
                    "reclass" => (sorts(visit, at, filled)),
                    "split" => { (names(visit, filled, ("", ""))) (roll(visit, filled)) }
                    "tie" => { (kinds(visit, filled)) (units(visit, at, filled)) }
                    "move" | "merge" => (units(visit, at, filled)),
                    "dissolve" => (units(visit, at, filled)),
                    _ => {}
                }
                (dated(visit, offer, filled))
                button.main { (visit.say(offer.name.0, offer.name.1)) }
            }
        }
    }
}

/// What was filled in; before anything was, what stands now.
fn value<'f>(filled: &'f Filled, key: &str, now: &'f str) -> &'f str {
    if filled.fields.contains_key("csrf") { one(filled.fields, key) } else { now }
}

fn names(visit: &Visit, filled: &Filled, (full, short): (&str, &str)) -> Markup {
    let text = |key: &'static str, zh: &'static str, en: &'static str, now: &str| {
        field(
            visit.lang,
            key,
            visit.say(zh, en),
            "",
            filled.complaints,
            html! {
                input id=(key) name=(key) value=(value(filled, key, now)) maxlength="100" required;
            },
        )
    };
    html! { (text("full_name", "组织全称", "Full name", full)) (text("short_name", "简称", "Short name", short)) }
}

fn sorts(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let base = &visit.rules.base;
    let found = one(filled.fields, "do") == "found";
    let level = value(filled, "level", if found { "branch" } else { &at.level });
    let class = value(filled, "class", &at.class);
    let parts: &[String] = match (filled.fields.contains_key("csrf"), found) {
        (true, _) => all(filled.fields, "parts"),
        (false, true) => &[],
        (false, false) => &at.parts,
    };
    let order = if found { "1".to_owned() } else { at.order_no.to_string() };
    let codes: Vec<&String> = base.level.iter().flat_map(|level| &level.code).collect();
    html! {
        (field(visit.lang, "level", visit.say("级别", "Level"), "", filled.complaints, html! {
            select #level name="level" { @for one in &base.level {
                @if !found || one.under.contains(&at.level) { option value=(one.id) selected[one.id == level] { (visit.of(&one.name)) } }
            } }
        }))
        (field(visit.lang, "class", visit.say("类别", "Class"), "", filled.complaints, html! {
            select #class name="class" { @for one in &base.class { option value=(one.id) selected[one.id == class] { (visit.of(&one.name)) } } }
        }))
        (field(visit.lang, "code", visit.say("组织类型代码（选填）", "National type code (optional)"), "", filled.complaints, html! {
            input #code name="code" list="codes" maxlength="3" inputmode="numeric" value=(value(filled, "code", if found { "" } else { &at.code }));
            datalist #codes { @for code in codes { option value=(code); } }
        }))
        (field(visit.lang, "order_no", visit.say("序号", "Order number"), visit.say("在同级组织中的排列顺序", "place among its siblings"), filled.complaints, html! {
            input #order_no type="number" min="1" max="9999" name="order_no" value=(value(filled, "order_no", &order)) required;
        }))
        fieldset { legend { (visit.say("设置（选填）", "It has (optional)")) }
            @for one in &base.part { label { input type="checkbox" name="parts" value=(one.id) checked[parts.contains(&one.id)]; " " (visit.of(&one.name)) } } }
    }
}

fn own(visit: &Visit, filled: &Filled) -> Markup {
    html! {
        label { input type="checkbox" name="own" value="yes" checked[one(filled.fields, "own") == "yes"]; " "
            (visit.say("自行管理：有自己的名册、清单和纪实，别的组织看不到，本级以上的岗位可以看到",
                "Administers itself: its own roll, lists and records, which other organisations do not see and posts above it do")) }
    }
}

fn search(visit: &Visit, key: &str, filled: &Filled) -> Markup {
    let words = one(filled.fields, "q");
    html! {
        form.stack method="get" {
            input type="hidden" name="do" value=(key);
            label for="q" { (visit.say("查找组织（名称、拼音或首字母）", "Look for a unit (name, pinyin or initials)")) }
            input #q type="search" name="q" value=(words) required;
            button { (visit.say("查找", "Search")) }
        }
        @if !words.is_empty() && filled.choices.units.is_empty() {
            p.empty { (visit.say("没有找到，请换几个字再查。", "Nothing found; try other words.")) }
        }
    }
}

fn units(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let chosen = one(filled.fields, "to");
    let wrong = ["to", "parent", "other"].iter().find_map(|key| filled.complaints.under(key, visit.lang));
    let heir = one(filled.fields, "do") == "dissolve";
    html! {
        @if !heir || wrong.is_some() || !filled.choices.units.is_empty() { fieldset.wrong[wrong.is_some()] {
            legend { @if heir { (visit.say("承接在办事项的组织", "Unit that takes over what is open")) } @else { (visit.say("选择组织", "Choose the unit")) } }
            @for one in filled.choices.units.iter().filter(|one| one.id != at.id) {
                label { input type="radio" name="to" value=(one.id) required[!heir] checked[one.id.to_string() == chosen]; " " (one.full_name) " "
                    small { (visit.rules.base.level(&one.level).map_or("", |level| visit.of(&level.name))) } }
            }
            @if let Some(words) = wrong { p.error { "▲ " (words) } }
        } }
    }
}

fn roll(visit: &Visit, filled: &Filled) -> Markup {
    let chosen = all(filled.fields, "people");
    let wrong = filled.complaints.under("people", visit.lang);
    html! {
        fieldset.wrong[wrong.is_some()] { legend { (visit.say("转入新组织的人员", "Who goes to the new unit")) }
            @if filled.choices.roll.is_empty() { p.empty { (visit.say("名册上没有人。", "Nobody is on the roll.")) } }
            @for (id, name) in &filled.choices.roll {
                label { input type="checkbox" name="people" value=(id) checked[chosen.contains(&id.to_string())]; " " (name) } " "
            }
            @if let Some(words) = wrong { p.error { "▲ " (words) } }
        }
    }
}

fn kinds(visit: &Visit, filled: &Filled) -> Markup {
    field(
        visit.lang,
        "tie",
        visit.say("关系", "Tie"),
        "",
        filled.complaints,
        html! {
            select #tie name="tie" { @for one in &visit.rules.base.tie {
                option value=(one.id) selected[one.id == self::one(filled.fields, "tie")] { (visit.of(&one.name)) }
            } }
        },
    )
}

fn dated(visit: &Visit, offer: &Offer, filled: &Filled) -> Markup {
    let today = visit.today.to_string();
    let wrong = if offer.key == "tie" { "from" } else { "on" };
    let optional = if offer.key == "dissolve" { "" } else { visit.say("（选填）", " (optional)") };
    let words = format!("{}{optional}", visit.say("批复文号或原因", "Paper or reason"));
    html! {
        (field(visit.lang, "on", visit.say("生效日期", "From"), "", filled.complaints, html! {
            input #on type="date" name="on" max=(today) value=(value(filled, "on", &today)) required;
            @if let Some(words) = filled.complaints.under(wrong, visit.lang).filter(|_| wrong == "from") { p.error { "▲ " (words) } }
        }))
        @if !matches!(offer.key, "found" | "tie") {
            (field(visit.lang, "note", &words, "", filled.complaints, html! {
                input #note name="note" maxlength="500" value=(one(filled.fields, "note")) required[offer.key == "dissolve"];
            }))
        }
    }
}

/// The ties of a unit; those that hold can be ended.
fn ties(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    html! {
        (list(visit, at, &filled.choices.ties))
        @for tie in filled.choices.ties.iter().filter(|tie| tie.unit == at.id && tie.until.is_none()) {
            form.inline method="post" action={ "/units/" (at.id) "/changes" } {
                (shell::hidden(visit))
                input type="hidden" name="do" value="untie"; input type="hidden" name="tie" value=(tie.tie);
                input type="hidden" name="to" value=(tie.other);
                label { (name_of(&visit.rules.base.tie, &tie.tie).map_or("", |label| visit.of(label))) " " (tie.other_name) " "
                    (visit.say("最后一天", "last day")) " " input type="date" name="on" max=(visit.today) value=(visit.today) required; }
                button { (visit.say("结束", "End")) }
            }
        }
    }
}

/// The ties of a unit, as a list of who stands how to whom since when.
pub(super) fn list(visit: &Visit, at: &Unit, ties: &[Tie]) -> Markup {
    let name =
        |tie: &Tie| name_of(&visit.rules.base.tie, &tie.tie).map_or(String::new(), |label| visit.of(label).to_owned());
    html! {
        ul.ties { @for tie in ties {
            li { b { (name(tie)) } " "
                @if tie.unit == at.id { (visit.say("由 ", "by ")) a href={ "/units/" (tie.other) } { (tie.other_name) } }
                @else { (visit.say("对 ", "of ")) a href={ "/units/" (tie.unit) } { (tie.unit_name) } }
                " " small { (tie.from) " – " @if let Some(until) = tie.until { (until) } } }
        } }
    }
}

/// The button that leads here, for those who may rule.
pub(super) fn button(visit: &Visit, at: &Unit) -> Markup {
    html! { @if visit.may(Verb::Rule, at) && at.dissolved.is_none() {
        a.button href={ "/units/" (at.id) "/change" } { (visit.say("变更", "Change")) } " "
    } }
}
