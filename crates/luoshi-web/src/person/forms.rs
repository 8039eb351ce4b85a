//! Pieces of the forms about people.

use crate::form::one;
use crate::record::Filled;
use crate::shell::field;
use crate::visit::Visit;
use maud::{Markup, html};

/// Name, sex and days of a person.
pub(super) fn about(visit: &Visit, filled: &Filled) -> Markup {
    prefixed(visit, filled, "")
}

/// The same, in fields whose keys begin with `prefix`.
pub(super) fn prefixed(visit: &Visit, filled: &Filled, prefix: &str) -> Markup {
    let key = |key: &str| format!("{prefix}{key}");
    let sex = key("sex");
    html! {
        (text(visit, filled, &key("name"), ("姓名", "Name"), ""))
        (field(visit.lang, &sex, visit.say("性别（选填）", "Sex (optional)"), "", filled.complaints, html! {
            select id=(sex) name=(sex) {
                option value="" {}
                @for (value, zh, en) in [("m", "男", "Male"), ("f", "女", "Female")] {
                    option value=(value) selected[one(filled.fields, &sex) == value] { (visit.say(zh, en)) } }
            }
        }))
        (days(visit, filled, &key("born"), ("出生日期（选填）", "Born (optional)"), false))
        (days(visit, filled, &key("joined"), ("入党日期（选填）", "Admitted (optional)"), false))
        (days(visit, filled, &key("full_on"), ("转正日期（选填）", "Full member since (optional)"), false))
    }
}

/// A line of text.
pub(crate) fn text(visit: &Visit, filled: &Filled, key: &str, (zh, en): (&str, &str), help: &str) -> Markup {
    field(
        visit.lang,
        key,
        visit.say(zh, en),
        help,
        filled.complaints,
        html! {
            input id=(key) name=(key) value=(one(filled.fields, key)) maxlength="200" autocomplete="off";
        },
    )
}

/// What a person code is for.
pub(crate) fn code_help(visit: &Visit) -> &str {
    visit.say(
        "单位其他系统识别此人的编号，如工号；统一身份认证登录时以它认人。加密保存。",
        "By which other systems know them, such as a staff number; single sign-on goes by it. Kept sealed.",
    )
}

/// A day.
pub(crate) fn days(visit: &Visit, filled: &Filled, key: &str, (zh, en): (&str, &str), required: bool) -> Markup {
    field(
        visit.lang,
        key,
        visit.say(zh, en),
        "",
        filled.complaints,
        html! {
            input id=(key) type="date" name=(key) value=(one(filled.fields, key)) required[required];
        },
    )
}
