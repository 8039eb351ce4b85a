//! The forms on the page of a person: each stands folded until it is needed, or until it was refused.

use super::forms::{code_help, days, prefixed, text};
use super::one::Known;
use crate::form::{Fields, one};
use crate::record::Filled;
use crate::shell::{self, field};
use crate::visit::Visit;
use luoshi_rules::person::{LEAVING, Standing};
use luoshi_rules::{Unit, Verb};
use luoshi_store::identity::Field;
use maud::{Markup, html};

/// Every form the visitor may use.
pub(super) fn forms(visit: &Visit, at: &Unit, all: &Known, filled: &Filled) -> Markup {
    let id = all.person.id;
    html! {
        @if visit.may(Verb::Unmask, at) && !all.story.numbers.is_empty() { (look(visit, id, filled)) }
        @if visit.may(Verb::Roll, at) {
            p.actions {
                a.button href={ "/units/" (at.id) "/posts?person=" (id) } { (visit.say("任免职务", "Appoint or relieve")) } " "
                @if all.story.letter.is_none() { a.button href={ "/units/" (at.id) "/transfers/new?person=" (id) } { (visit.say("转出组织关系", "Transfer")) } }
            }
            (standing(visit, id, filled))
            (correction(visit, all, filled))
            (numbers(visit, id, filled))
            (invitation(visit, id, filled))
            (departure(visit, id, filled))
        }
    }
}

fn folded(visit: &Visit, (zh, en): (&str, &str), action: &str, open: bool, body: Markup) -> Markup {
    html! {
        details.card open[open] {
            summary { (visit.say(zh, en)) }
            form.stack method="post" action=(action) { (shell::hidden(visit)) (body) }
        }
    }
}

fn sent(filled: &Filled, prefix: &str) -> bool {
    filled.fields.keys().any(|key| key.starts_with(prefix))
}

fn look(visit: &Visit, id: i64, filled: &Filled) -> Markup {
    let words = ("查看完整号码", "See a number in full");
    folded(
        visit,
        words,
        &format!("/people/{id}/looks"),
        sent(filled, "look-"),
        html! {
            (field(visit.lang, "look-field", visit.say("号码", "Number"), "", filled.complaints, html! {
                select #look-field name="look-field" { @for field in Field::ALL { option value=(field.key()) selected[field.key() == one(filled.fields, "look-field")] { (visit.of(&field.name())) } } }
            }))
            (text(visit, filled, "look-reason", ("查看理由", "Why"), visit.say("理由会记录在案，本人可以看到。", "The reason is logged, and the person can read it.")))
            button { (visit.say("查看", "See it")) }
        },
    )
}

fn standing(visit: &Visit, id: i64, filled: &Filled) -> Markup {
    folded(
        visit,
        ("变更类别", "Change how they stand"),
        &format!("/people/{id}/standings"),
        sent(filled, "stand-"),
        html! {
            (field(visit.lang, "stand-to", visit.say("新类别", "New standing"), "", filled.complaints, html! {
                select #stand-to name="stand-to" { @for to in Standing::ALL {
                    option value=(to.key()) selected[to.key() == one(filled.fields, "stand-to")] { (visit.of(&to.name())) } } }
            }))
            (days(visit, filled, "stand-from", ("自何日起", "From"), true))
            button { (visit.say("变更", "Change")) }
        },
    )
}

fn correction(visit: &Visit, all: &Known, filled: &Filled) -> Markup {
    let one = &all.person;
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let known = [
        ("fix-name", one.name.clone()),
        ("fix-sex", one.sex.clone()),
        ("fix-born", day(one.born)),
        ("fix-joined", day(one.joined)),
        ("fix-full_on", day(one.full_on)),
    ];
    let known: Fields = known.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect();
    let open = sent(filled, "fix-");
    let shown = Filled { fields: if open { filled.fields } else { &known }, complaints: filled.complaints };
    folded(
        visit,
        ("更正信息", "Correct what is entered"),
        &format!("/people/{}/corrections", one.id),
        open,
        html! {
            (prefixed(visit, &shown, "fix-"))
            button { (visit.say("更正", "Correct")) }
        },
    )
}

fn numbers(visit: &Visit, id: i64, filled: &Filled) -> Markup {
    let words = ("录入或更换身份证号、手机号、人员编号", "Enter or replace numbers");
    folded(
        visit,
        words,
        &format!("/people/{id}/numbers"),
        sent(filled, "num-"),
        html! {
            p.help { (visit.say("留空的保持不变。加密保存。", "What is left empty stays as it is. Kept sealed.")) }
            (text(visit, filled, "num-identity", ("身份证号（选填）", "Identity number (optional)"), ""))
            (text(visit, filled, "num-phone", ("手机号（选填）", "Mobile number (optional)"), ""))
            (text(visit, filled, "num-code", ("人员编号（选填）", "Person code (optional)"), code_help(visit)))
            button { (visit.say("保存", "Save")) }
        },
    )
}

fn invitation(visit: &Visit, id: i64, filled: &Filled) -> Markup {
    let words = ("邀请登录", "Invite to sign in");
    folded(
        visit,
        words,
        &format!("/people/{id}/invitations"),
        sent(filled, "login"),
        html! {
            (text(visit, filled, "login", ("登录名", "Sign-in name"), visit.say("已有账号的可不填：重新邀请后，原口令失效。",
                "Not needed where an account exists: after a new invitation the old passphrase ends.")))
            button { (visit.say("生成一次性链接", "Make a one-time link")) }
            p { a href={ "/people/" (id) "/account" } { (visit.say("查看账号、撤回邀请或停用", "See the account, take an invitation back, or close it")) } }
        },
    )
}

fn departure(visit: &Visit, id: i64, filled: &Filled) -> Markup {
    let words = ("离开名册", "Leave the roll");
    folded(
        visit,
        words,
        &format!("/people/{id}/departures"),
        sent(filled, "leave-"),
        html! {
            p.help { (visit.say("其任职和账号同日终止；资料保留，不删除。转到系统内其他组织的，请用“转出组织关系”。",
                "Posts and sign-in end with it; the row is kept. For a move within the system use a transfer.")) }
            (field(visit.lang, "leave-why", visit.say("原因", "Why"), "", filled.complaints, html! {
                select #leave-why name="leave-why" { option value="" {}
                    @for (key, zh, en) in LEAVING { option value=(key) selected[key == one(filled.fields, "leave-why")] { (visit.say(zh, en)) } } }
            }))
            (days(visit, filled, "leave-on", ("日期", "Day"), true))
            button { (visit.say("办理离开", "Record it")) }
        },
    )
}
