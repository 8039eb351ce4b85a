//! The rules of a meeting on its form: quorum, chair, times, decisions, and what must have come before.

use super::Filled;
use super::people::{self, Gathered, Listed};
use crate::form::{Fields, one};
use crate::shell::field;
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::meeting::{DECISIONS, Decision, lasted};
use luoshi_rules::record::{Due, Meeting};
use luoshi_rules::vote::{Entitled, Present};
use luoshi_rules::{Kind, Permit, Refusal, Unit};
use luoshi_store::record::{self, Stood};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use serde_json::{Value as Json, json};

/// How many must come: the number at once, the count as people are marked by script.
pub(super) fn quorum(visit: &Visit, meeting: &Meeting, roll: &[Listed], filled: &Filled) -> Markup {
    let voters: Vec<&Listed> = roll.iter().filter(|one| one.due && one.votes).collect();
    let away = voters.iter().filter(|voter| !one(filled.fields, &format!("absent-{}", voter.id)).is_empty()).count();
    let (due, here) = (Entitled(voters.len() as u32), Present((voters.len() - away) as u32));
    let (met, short) = (visit.say("● 已过半数", "● more than half"), visit.say("▲ 未过半数", "▲ not more than half"));
    html! {
        @if meeting.quorum.is_some() {
            p.quorum { (visit.say("有表决权的应到 ", "Entitled and due ")) b { (due.0) }
                (visit.say("，至少须到 ", "; must be there ")) b data-need { (due.quorum().0) }
                (visit.say("，现标为到会 ", "; marked present ")) b data-here { (here.0) } " "
                span data-quorum data-met=(met) data-short=(short) { (if due.has_quorum(here) { met } else { short }) } }
        }
    }
}

/// When it began and ended.
pub(super) fn times(visit: &Visit, filled: &Filled) -> Markup {
    let time = |key: &str, zh: &str, en: &str, help: &str| {
        let input = html! { input id=(key) type="time" name=(key) value=(one(filled.fields, key)); };
        field(visit.lang, key, visit.say(zh, en), help, filled.complaints, input)
    };
    let help = visit.say("跨过零点的，日期填开始那一天。", "Past midnight: the day is the one on which it began.");
    html! {
        (time("began", "开始时间（选填）", "Began (optional)", ""))
        (time("ended", "结束时间（选填）", "Ended (optional)", help))
    }
}

/// What is decided by vote: a row for each, one more than are filled.
pub(super) fn decisions(visit: &Visit, meeting: &Meeting, filled: &Filled) -> Markup {
    let given = |n: &usize| !one(filled.fields, &format!("decision-{n}")).is_empty();
    let rows = ((0..DECISIONS).filter(given).max().map_or(0, |last| last + 1) + 1).clamp(2, DECISIONS);
    html! {
        @if meeting.votes {
            details open[rows > 2 || given(&0)] {
                summary { (visit.say("表决事项（选填）", "Decisions by vote (optional)")) }
                p.help { (visit.say("应到、实到空着即按上面标记的人数；赞成超过应到的半数为通过。",
                    "Due and present left empty are those marked above. Passed by more than half of those due.")) }
                @for n in 0..rows { (decision(visit, meeting, n, filled)) }
            }
        }
    }
}

fn decision(visit: &Visit, meeting: &Meeting, n: usize, filled: &Filled) -> Markup {
    let key = |part: &str| format!("decision-{n}{part}");
    let number = |part: &str, zh: &str, en: &str| {
        html! { label { (visit.say(zh, en)) " " input.short type="number" min="0" name=(key(part)) value=(one(filled.fields, &key(part))); } " " }
    };
    let wrong = |part: &str| filled.complaints.under(&key(part), visit.lang);
    html! {
        fieldset.decision { legend { (visit.say("事项 ", "Decision ")) (n + 1) }
            label.sr for=(key("")) { (visit.say("表决什么", "What was voted on")) }
            input id=(key("")) name=(key("")) maxlength="200" value=(one(filled.fields, &key(""))) placeholder=(visit.say("表决什么", "What was voted on"));
            p { (number("-due", "应到", "due")) (number("-present", "实到", "present")) (number("-yes", "赞成", "for"))
                (number("-no", "反对", "against")) (number("-abstain", "弃权", "abstain")) }
            @if meeting.before.is_some() {
                label { input type="checkbox" name=(key("-important")) value="1" checked[!one(filled.fields, &key("-important")).is_empty()];
                    " " (visit.say("重要事项（须先经支委会讨论）", "An important matter (through the committee first)")) }
            }
            @for part in ["", "-due", "-present", "-yes", "-no", "-abstain", "-important"] {
                @if let Some(words) = wrong(part) { p.error { "▲ " (words) } }
            }
        }
    }
}

/// What the form says of the meeting itself, into the data of its record.
pub(super) fn read(
    meeting: &Meeting,
    gathered: &Gathered,
    fields: &Fields,
    data: &mut Json,
) -> Result<(), Vec<Refusal>> {
    let (due, present) = (gathered.entitled, gathered.present);
    let decided = meeting.decisions(fields, (due, present))?;
    meeting.check_quorum(due, present, !decided.is_empty()).map_err(|refusal| vec![refusal])?;
    let (began, ended) = (one(fields, "began"), one(fields, "ended"));
    let length = lasted(began, ended).map_err(|refusal| vec![refusal])?;
    let Some(data) = data.as_object_mut() else { return Ok(()) };
    if meeting.quorum.is_some() {
        data.insert("quorum".into(), json!({ "due": due.0, "present": present.0 }));
    }
    if length.is_some() {
        data.insert("began".into(), began.into());
        data.insert("ended".into(), ended.into());
    }
    if !decided.is_empty() {
        data.insert("decisions".into(), decided.iter().map(Decision::to_json).collect());
    }
    Ok(())
}

/// The boxes of the form as a record was kept.
pub(super) fn refill(data: &Json, fields: &mut Fields) {
    let mut put = |key: String, value: String| drop(fields.insert(key, vec![value]));
    for key in ["began", "ended"] {
        put(key.into(), data[key].as_str().unwrap_or_default().into());
    }
    for (n, one) in kept(data).iter().enumerate() {
        let b = &one.ballot;
        put(format!("decision-{n}"), one.matter.clone());
        let numbers = [b.due().0, b.present().0, b.yes().0, b.no().0, b.abstain().0];
        for (part, number) in ["due", "present", "yes", "no", "abstain"].into_iter().zip(numbers) {
            put(format!("decision-{n}-{part}"), number.to_string());
        }
        if one.important {
            put(format!("decision-{n}-important"), "1".into());
        }
    }
}

fn kept(data: &Json) -> Vec<Decision> {
    data["decisions"].as_array().map(|all| all.iter().filter_map(Decision::from_json).collect()).unwrap_or_default()
}

/// The decisions in words, for a ledger.
pub(super) fn words(visit: &Visit, data: &Json) -> Vec<String> {
    let one = |one: Decision| {
        let b = &one.ballot;
        let numbers = [b.due().0, b.present().0, b.yes().0, b.no().0, b.abstain().0].map(|n| n.to_string());
        let heads = visit.say("应到 实到 赞成 反对 弃权", "due present for against abstain").split(' ');
        let counted: Vec<String> = heads.zip(numbers).map(|(head, n)| format!("{head} {n}")).collect();
        let outcome = if b.passes() { visit.say("通过", "passed") } else { visit.say("未通过", "not passed") };
        [one.matter, visit.mark("：").into(), counted.join(visit.mark("，")), visit.mark("，").into(), outcome.into()]
            .concat()
    };
    kept(data).into_iter().map(one).collect()
}

/// Quorum, times and decisions on the page of a record.
pub(super) fn show(visit: &Visit, data: &Json) -> Markup {
    let (began, ended) = (data["began"].as_str().unwrap_or_default(), data["ended"].as_str().unwrap_or_default());
    let number = |key: &str| data["quorum"][key].as_u64().and_then(|n| u32::try_from(n).ok());
    html! {
        @if let Ok(Some((minutes, next_day))) = lasted(began, ended) {
            p { (began) "–" @if next_day { (visit.say("次日 ", "next day ")) } (ended) (visit.mark("，")) (minutes) (visit.say(" 分钟", " minutes")) }
        }
        @if let (Some(due), Some(here)) = (number("due"), number("present")) {
            p { (visit.say("有表决权的应到 ", "Entitled and due ")) b { (due) } (visit.say("，实到 ", ", came ")) b { (here) } (visit.mark("，"))
                @if Entitled(due).has_quorum(Present(here)) { (visit.say("● 已过半数", "● more than half")) }
                @else { (visit.say("▲ 未过半数，不能表决", "▲ not more than half: no vote could be taken")) } }
        }
        @for one in kept(data) {
            p { b { (one.matter) } @if one.important { " " span.mark { (visit.say("重要事项", "important")) } } (visit.mark("："))
                (visit.say("应到 ", "due ")) (one.ballot.due().0) (visit.mark("，")) (visit.say("实到 ", "present ")) (one.ballot.present().0) (visit.mark("，"))
                (visit.say("赞成 ", "for ")) (one.ballot.yes().0) (visit.mark("，")) (visit.say("反对 ", "against ")) (one.ballot.no().0) (visit.mark("，"))
                (visit.say("弃权 ", "abstain ")) (one.ballot.abstain().0) " "
                @if one.ballot.passes() { span.badge.met { "● " (visit.say("通过", "passed")) } }
                @else { span.badge.open { "○ " (visit.say("未通过", "not passed")) } } }
        }
    }
}

/// Refuses a chair who holds none of the posts that may chair, where somebody does.
pub(super) fn check_chair(roll: &[Listed], stood: &[Stood]) -> Result<(), Refusal> {
    let may: Vec<&str> = roll.iter().filter(|one| one.chairs).map(|one| one.name.as_str()).collect();
    let chair =
        stood.iter().find(|one| one.role == "chair").and_then(|chair| roll.iter().find(|one| one.id == chair.person));
    match chair {
        Some(chair) if !chair.chairs && !may.is_empty() => {
            let name = &chair.name;
            Err(Refusal::field(
                "role-chair",
                format!("{name} 当天不任可以主持的职务；可以主持的有：{}", may.join("、")),
                format!("{name} held no post that may chair on that day; those who may: {}", may.join(", ")),
            ))
        }
        _ => Ok(()),
    }
}

/// Refuses a form whose list of people was that of another day when others were due on this one: they must be looked over.
pub(super) async fn same_roll(
    visit: &Visit,
    at: &Unit,
    meeting: &Meeting,
    (on, fields): (Date, &Fields),
    roll: &[Listed],
) -> Result<(), Trouble> {
    let Some(shown) = one(fields, "rolled").parse::<Date>().ok().filter(|shown| *shown != on) else { return Ok(()) };
    let before = people::roll(visit, at, meeting, (shown, fields)).await?;
    let missing = |from: &[Listed], other: &[Listed]| {
        let due = |one: &&Listed| one.due && !other.iter().any(|there| there.id == one.id && there.due);
        from.iter().filter(due).map(|one| one.name.clone()).collect::<Vec<_>>().join("、")
    };
    let (came, gone) = (missing(roll, &before), missing(&before, roll));
    if came.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let part = |words: &str, names: &str| if names.is_empty() { String::new() } else { format!("{words}{names}") };
    Err(Refusal::field(
        "on",
        format!(
            "应到名单已换成 {on} 当天的在册人员，请核对后再保存。{}{}",
            part("增加：", &came),
            part("；减少：", &gone)
        ),
        format!(
            "Those due are now those on the roll on {on}; look them over and save again.{}{}",
            part(" Added: ", &came),
            part(" Gone: ", &gone)
        ),
    )
    .into())
}

/// Refuses, within the act, a meeting that somebody else has just recorded, and an important matter that skipped the
/// committee.
pub(super) fn check_before(
    tx: &Tx,
    permit: &Permit,
    (at, kind, on): (&Unit, &Kind, Date),
    (data, again): (&Json, bool),
) -> Result<(), Fault> {
    let Some(meeting) = &kind.meeting else { return Ok(()) };
    let whole = matches!(meeting.due, Due::Members | Due::Posts)
        || meeting.due == Due::BranchGroups && data["groups"].is_null();
    if whole
        && !again
        && let Some((_, author, written)) = record::same_day(tx, permit, &kind.id, on)?
    {
        return Err(Refusal::field(
            "again",
            format!("{author} 已在 {written} 记过 {on} 的这次会议。请打开那条纪实补充或更正；确是当天另一次会议的，勾选后再保存"),
            format!("{author} recorded this meeting of {on} on {written}: open that record and correct it; if this was another one of the same day, say so and save again"),
        )
        .into());
    }
    let Some(before) = &meeting.before else { return Ok(()) };
    let important = kept(data).iter().position(|one| one.important);
    let (Some(n), true) = (important, at.parts.contains(&before.part)) else { return Ok(()) };
    let first = on.checked_sub(before.days.days()).unwrap_or(on);
    if record::last_held(tx, permit, &before.kind, (first, on))?.is_some() {
        return Ok(());
    }
    let days = before.days;
    Err(Refusal::field(
        format!("decision-{n}-important"),
        format!("重要事项须先经支委会讨论：{on} 前 {days} 天内没有支委会会议的纪实，请先补记支委会会议"),
        format!("important matters go through the committee first, and it has no meeting on record in the {days} days before {on}: record that first"),
    )
    .into())
}

/// The question whether it was another meeting of the same day, once that is in doubt.
pub(super) fn again(visit: &Visit, at: &Unit, kind: &Kind, filled: &Filled) -> Markup {
    let asked = filled.complaints.under("again", visit.lang).is_some() || !one(filled.fields, "again").is_empty();
    let year = one(filled.fields, "on").parse::<Date>().map_or(visit.year(), |on| on.year());
    html! {
        @if asked {
            (field(visit.lang, "again", visit.say("当天另一次会议", "Another meeting of the same day"), "", filled.complaints, html! {
                input #again type="checkbox" name="again" value="1" checked[!one(filled.fields, "again").is_empty()];
            }))
            p { a href={ "/units/" (at.id) "/" (year) "/records?kind=" (kind.id) } { (visit.say("查看已有的纪实", "See the records there are")) } }
        }
    }
}
