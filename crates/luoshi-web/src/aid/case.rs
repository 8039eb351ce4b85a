//! One case of mutual aid, for who handles it: what was told, what happened, and the steps that are theirs to take.

use super::account::fen;
use super::{desk, fund, reason, rules, stands};
use crate::form::{Complaints, Fields, Sent, one, operation, under};
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::aid::{Case as Asked, Step, balance};
use luoshi_rules::{Actor, Handler, Refusal, Unit};
use luoshi_store::Tx;
use luoshi_store::aid as store;
use luoshi_store::aid::case::{Act, Case};
use maud::{Markup, html};

pub(super) async fn show(visit: Visit, Place((id, case)): Place<(i64, i64)>) -> Result<Markup, Trouble> {
    rules(&visit)?;
    let desk = desk(&visit, id).await?;
    page(&visit, desk, case, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }).await
}

async fn page(visit: &Visit, (at, by): (Unit, Handler), id: i64, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let read = move |tx: &Tx| {
        let fund = fund(tx, &by)?;
        Ok((store::case::find(tx, &by, &fund, id)?, balance(&store::account(tx, &by, &fund)?)))
    };
    let (case, left) = visit.app.read(read).await?;
    let title = format!("{} · {}", case.name, reason(visit, &case.told.reason));
    let head = Page { visit, title, unit: Some(&at), year: 0, dated: "", part: Part::Home };
    let to = |end: &str| format!("/units/{}/aid/cases/{id}/{end}", at.id);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.noprint { a href={ "/units/" (at.id) "/aid" } { (visit.say("← 爱心互助", "← Mutual aid")) } }
        p { (stands(visit, &case)) }
        (told(visit, &case))
        h2 { (visit.say("经过", "What happened")) }
        (events(visit, &case, true))
        @for step in case.state().then() { (step_form(visit, &to("steps"), (&case, *step, left), filled)) }
        @if !case.state().is_end() { details.card { summary { (visit.say("申请人是我的亲属", "Who asked is my kin")) }
            form.stack method="post" action=(to("recusal")) {
                (shell::hidden(visit))
                p.help { (visit.say("登记后您不再看到这件申请，由其他经办人办理。", "You will not see this case any more; another handler sees to it.")) }
                button { (visit.say("回避", "Keep away from it")) }
            } } }
    };
    Ok(shell::page(&head, body))
}

/// What was told, for who handles it and who told it.
pub(super) fn told(visit: &Visit, case: &Case) -> Markup {
    let told = &case.told;
    html! {
        dl.facts {
            dt { (visit.say("情形", "Reason")) } dd { (reason(visit, &told.reason)) }
            @if !told.kin.is_empty() { dt { (visit.say("为谁申请", "For whom")) } dd { (told.kin) (visit.mark("（")) (told.relation) (visit.mark("）")) } }
            dt { (visit.say("申请日期", "Applied")) } dd { (case.on) }
            dt { (visit.say("情况", "What happened")) } dd.long { (told.words) }
            dt { (visit.say("证明材料", "What shows it")) } dd.long { (told.proof) }
            @if told.cost > 0 { dt { (visit.say("自付费用", "What it cost them")) } dd { (shell::yuan(told.cost)) " " (visit.say("元", "yuan")) } }
            @if case.amount() > 0 { dt { (visit.say("批准金额", "Approved")) } dd { b { (shell::yuan(case.amount())) } " " (visit.say("元", "yuan")) } }
        }
    }
}

/// The steps, with who took each where handlers look.
pub(super) fn events(visit: &Visit, case: &Case, names: bool) -> Markup {
    html! {
        ol.timeline { @for event in &case.events { li {
            b { (visit.of(&event.taken.step.name())) } " " (event.taken.on)
            @if names { " " small { (event.name) } }
            @if event.amount > 0 { " " (shell::yuan(event.amount)) " " (visit.say("元", "yuan")) }
            @if event.taken.step == Step::Publicised && let Some(aid) = &visit.rules.base.aid {
                " " (visit.say("至 ", "until ")) (aid.publicised_until(&visit.rules.calendar, event.taken.on)) }
            @if !event.note.is_empty() { p { (event.note) } }
        } } }
    }
}

/// The form of a step, or why it is not this handler's.
fn step_form(visit: &Visit, action: &str, (case, step, left): (&Case, Step, i64), filled: &Filled) -> Markup {
    let Some(aid) = &visit.rules.base.aid else { return html! {} };
    let taken = case.taken();
    let asked = Asked { applicant: case.person, kin: case.kin, taken: &taken };
    if let Err(refusal) = asked.may(aid, &visit.rules.calendar, (step, visit.actor.person), visit.today) {
        return html! { p.note { (visit.of(&step.button())) (visit.mark("：")) (refusal.say(visit.lang)) } };
    }
    let key = |name: &str| format!("{}-{name}", step.key());
    let (note, amount) = (key("note"), key("amount"));
    let known = aid.reason(&case.told.reason);
    let fixed = known.and_then(|known| known.fixed).map(shell::yuan).unwrap_or_default();
    let typed = Some(one(filled.fields, &amount)).filter(|typed| !typed.is_empty()).unwrap_or(&fixed);
    let label = visit.say(
        if step.needs_note(case.state()) { "情况" } else { "说明（选填）" },
        if step.needs_note(case.state()) { "What was found, or why" } else { "Note (optional)" },
    );
    html! {
        form.stack.step method="post" action=(action) {
            (shell::hidden(visit))
            input type="hidden" name="to" value=(step.key());
            h3 { (visit.of(&step.button())) }
            @if step == Step::Approved { (field(visit.lang, &amount, visit.say("金额（元）", "Yuan"), known.map_or("", |known| visit.of(&known.source)), filled.complaints, html! {
                input id=(amount) name=(amount) inputmode="decimal" required value=(typed) autocomplete="off"; })) }
            @if step == Step::Publicised { p.help { (visit.say("只公布姓名首字母和情形类别，公示 ", "Initials and the reason alone are published, for ")) (aid.workdays) (visit.say(" 个工作日。", " working days.")) } }
            @if step == Step::Paid { p { (visit.say("发放 ", "Pay ")) b { (shell::yuan(case.amount())) } (visit.say(" 元，账上余额 ", " yuan; the balance is ")) (shell::yuan(left)) (visit.say(" 元", " yuan")) }
                (shell::complaints_under(visit, filled.complaints, &amount)) }
            (field(visit.lang, &note, label, "", filled.complaints, html! {
                textarea id=(note) name=(note) rows="2" maxlength="1000" required[step.needs_note(case.state())] { (one(filled.fields, &note)) } }))
            button.main[step != Step::Refused] { (visit.of(&step.button())) }
        }
    }
}

/// What is published of who is helped: the first letters of the name.
pub fn initials(name: &str) -> String {
    let letters = luoshi_text::pinyin::initials(name).to_uppercase();
    match letters.is_empty() {
        true => "*".to_owned(),
        false => letters.chars().map(|letter| format!("{letter}.")).collect(),
    }
}

pub(super) async fn advance(Place((id, case)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    rules(visit)?;
    let (at, by) = desk(visit, id).await?;
    let to = one(&sent.fields, "to").to_owned();
    match try_advance(&sent, &by, (id, case), &to).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![under(&format!("{to}-"), refusal)]);
            let page = page(visit, (at, by), case, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        done => done,
    }
}

async fn try_advance(sent: &Sent, by: &Handler, (id, case): (i64, i64), to: &str) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let unknown = || Refusal::rule("请选择一个步骤", "choose a step");
    let step = Step::named(to).filter(|step| ![Step::Withdrawn, Step::Returned].contains(step)).ok_or_else(unknown)?;
    let typed = |name: &str| format!("{to}-{name}");
    let amount = if step == Step::Approved { fen(&sent.fields, &typed("amount"))? } else { 0 };
    let act = Act { note: one(&sent.fields, &typed("note")).to_owned(), amount };
    let (rules, by) = (visit.rules.clone(), by.clone());
    let work = move |tx: &Tx, _: &Actor| {
        let (fund, aid) = (fund(tx, &by)?, rules.base.aid.as_ref().ok_or(luoshi_store::Fault::NotFound)?);
        store::case::take(tx, &by, (&fund, aid, &rules.calendar), (case, step), &act, &initials)?;
        Ok(format!("/units/{id}/aid/cases/{case}"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

pub(super) async fn recuse(Place((id, case)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (_, by) = desk(visit, id).await?;
    let work = move |tx: &Tx, _: &Actor| {
        store::case::recuse(tx, &by, &fund(tx, &by)?, case)?;
        Ok(format!("/units/{id}/aid"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}
