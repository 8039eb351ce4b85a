//! Issuing a collection: the form, then what it would cost and repeat, then the act.

use super::{KEYS, known, rules, time, whom};
use crate::form::{Complaints, Fields, Sent, one as value, operation};
use crate::obligation;
use crate::record::Filled;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use luoshi_rules::collection::{Ground, Question, Sort};
use luoshi_rules::period::Cadence;
use luoshi_rules::{Collection, Label, Refusal, Unit, Verb};
use luoshi_store::collection;
use maud::{Markup, html};

/// How often something may be asked, with words.
pub(super) fn rhythms() -> [(Option<Cadence>, Label); 5] {
    [
        (None, Label::new("一次", "Once")),
        (Some(Cadence::Months(1)), Label::new("每月", "Every month")),
        (Some(Cadence::Months(3)), Label::new("每季度", "Every quarter")),
        (Some(Cadence::Months(6)), Label::new("每半年", "Every half-year")),
        (Some(Cadence::Months(12)), Label::new("每年", "Every year")),
    ]
}

/// How often, as forms say it.
pub(crate) fn key(every: Option<Cadence>) -> String {
    every.map(Cadence::key).unwrap_or_default()
}

/// The questions of a form: rows without a name are none, but what is known has a name of its own.
fn questions(visit: &Visit, fields: &Fields) -> Result<Vec<Question>, Vec<Refusal>> {
    let facts = known::all(visit);
    let row = |n: usize| {
        let key = format!("sort-{n}");
        let (name, sort) = (value(fields, &format!("question-{n}")).to_owned(), value(fields, &key));
        if let Some(fact) = facts.iter().find(|fact| fact.key == sort) {
            let name = if name.is_empty() { fact.name.zh.clone() } else { name };
            return Some(Ok(Question { name, sort: Sort::Known(fact.key.clone()) }));
        }
        let typed = Sort::typed().into_iter().find(|(key, ..)| *key == sort).map(|(_, sort, _)| sort);
        // where nothing is chosen it is words
        let sort = typed.or_else(|| sort.is_empty().then_some(Sort::Text));
        let no_such = || vec![Refusal::field(key, "请从类型中选择", "choose what it holds from the list")];
        (!name.is_empty()).then(|| Ok(Question { name, sort: sort.ok_or_else(no_such)? }))
    };
    (0..KEYS.len()).filter_map(row).collect()
}

/// A collection that a form describes.
fn read(visit: &Visit, at: &Unit, fields: &Fields) -> Result<Collection, Vec<Refusal>> {
    let every = rhythms().into_iter().map(|(every, _)| every).find(|every| key(*every) == value(fields, "every"));
    let every = every.ok_or_else(|| vec![Refusal::field("every", "请选择频次", "choose how often it is asked")])?;
    let due = match every {
        None => crate::form::day(fields, "due").map_err(|refusal| vec![refusal])?,
        Some(_) => visit.today,
    };
    Ok(Collection {
        id: 0,
        unit: at.id,
        unit_name: at.short_name.clone(),
        path: at.path.clone(),
        title: value(fields, "title").to_owned(),
        ground: value(fields, "ground").to_owned(),
        every,
        due,
        level: value(fields, "level").to_owned(),
        class: value(fields, "class").to_owned(),
        questions: questions(visit, fields)?,
        from: visit.today,
        until: None,
    })
}

/// What it is checked against, and the units it reaches; refused where it may not be asked.
async fn check(visit: &Visit, at: &Unit, one: &Collection) -> Result<(Ground, Result<(), Vec<Refusal>>), Trouble> {
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Write, at)?;
    let today = visit.today;
    let others = visit.app.read(move |tx| collection::list(tx, &scope, today)).await?;
    let goes_on = |other: &Collection| other.until.is_none() && (other.every.is_some() || other.due >= today);
    let others: Vec<Collection> = others.into_iter().filter(goes_on).collect();
    let ground = super::ground(visit, &ledger)?;
    let checked = one.check(&ground, &others);
    Ok((ground, checked))
}

pub(super) async fn show(visit: Visit, Place(id): Place<i64>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    rules(&visit)?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, &at, &filled, html! {}))
}

fn page(visit: &Visit, at: &Unit, filled: &Filled<'_>, outcome: Markup) -> Markup {
    let title = visit.say("向下级收集数据", "Ask units below").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let text = |key: &str, label: &str, help: &str, most: &str| {
        field(
            visit.lang,
            key,
            label,
            help,
            filled.complaints,
            html! {
            input id=(key) name=(key) maxlength=(most) required value=(value(filled.fields, key)); },
        )
    };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (outcome)
        p { (visit.say("系统里有的，选“系统已有”，到时自动填好，下级只核对；与正在收集的重复、超过每月上限的，发不出去。",
            "What the system knows arrives filled in: choose it under “Known to the system”. What is asked already, or takes more than the monthly ceiling, is refused.")) }
        form.stack method="post" action={ "/units/" (at.id) "/collections/new" } {
            (shell::hidden(visit))
            (text("title", visit.say("名称", "Name"), "", "100"))
            (text("ground", visit.say("依据（文件和条款）", "Ground (paper and article)"), visit.say("会显示在下级的表上。", "It shows on the form."), "200"))
            (target(visit, filled))
            (rows(visit, filled))
            button.main { (visit.say("先看要占用多少时间", "See what it costs first")) }
        }
    };
    shell::page(&head, body)
}

fn target(visit: &Visit, filled: &Filled<'_>) -> Markup {
    let (base, chosen) = (&visit.rules.base, |key: &str| value(filled.fields, key).to_owned());
    let all = visit.say("全部", "All");
    html! {
        (field(visit.lang, "every", visit.say("频次", "How often"), "", filled.complaints, html! {
            select #every name="every" { @for (every, label) in rhythms() { option value=(key(every)) selected[key(every) == chosen("every")] { (visit.of(&label)) } } } }))
        (field(visit.lang, "due", visit.say("截止日（只收集一次的）", "Last day (when asked once)"), "", filled.complaints, html! {
            input #due type="date" name="due" value=(chosen("due")); }))
        (field(visit.lang, "level", visit.say("哪一级的组织", "Units of which level"), "", filled.complaints, html! {
            select #level name="level" { option value="" { (all) }
                @for level in &base.level { option value=(level.id) selected[level.id == chosen("level")] { (visit.of(&level.name)) } } } }))
        (field(visit.lang, "class", visit.say("哪一类的组织", "Units of which class"), "", filled.complaints, html! {
            select #class name="class" { option value="" { (all) }
                @for class in &base.class { option value=(class.id) selected[class.id == chosen("class")] { (visit.of(&class.name)) } } } }))
    }
}

/// A row for each question. What is known is chosen, and needs no name.
fn rows(visit: &Visit, filled: &Filled<'_>) -> Markup {
    let facts = known::all(visit);
    html! {
        fieldset.questions {
            legend { (visit.say("收集什么（空行不算）", "What is asked (empty rows do not count)")) }
            @for n in 0..KEYS.len() {
                @let (name, sort) = (format!("question-{n}"), format!("sort-{n}"));
                @let chosen = value(filled.fields, &sort);
                (field(visit.lang, &name, &format!("{}", n + 1), "", filled.complaints, html! { span.pair {
                    input id=(name) name=(name) maxlength="60" value=(value(filled.fields, &name)) placeholder=(visit.say("名称", "Name"));
                    " " select name=(sort) aria-label={ (visit.say("类型", "What it holds")) " " (n + 1) } {
                        @for (key, _, label) in Sort::typed() { option value=(key) selected[key == chosen] { (visit.of(&label)) } }
                        optgroup label=(visit.say("系统已有", "Known to the system")) {
                            @for fact in &facts { option value=(fact.key) selected[fact.key == chosen] { (visit.of(&fact.name)) } }
                        }
                    }
                } }))
            }
        }
    }
}

fn refused(visit: &Visit, at: &Unit, fields: &Fields, wrong: Vec<Refusal>) -> Response {
    let complaints = Complaints::new(wrong);
    let page = page(visit, at, &Filled { fields, complaints: &complaints }, html! {});
    complaints.answer(page)
}

/// Shows what it costs. Nothing is written.
pub(super) async fn weigh(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let one = match read(visit, &at, &sent.fields) {
        Ok(one) => one,
        Err(wrong) => return Ok(refused(visit, &at, &sent.fields, wrong)),
    };
    match check(visit, &at, &one).await? {
        (_, Err(wrong)) => Ok(refused(visit, &at, &sent.fields, wrong)),
        (ground, Ok(())) => {
            let filled = Filled { fields: &sent.fields, complaints: &Complaints::default() };
            Ok(page(visit, &at, &filled, cost(visit, &at, (&one, &ground), &sent.fields)).into_response())
        }
    }
}

/// "494 units × 12 minutes ≈ 99 hours", and the way to issue it.
fn cost(visit: &Visit, at: &Unit, (one, ground): (&Collection, &Ground), fields: &Fields) -> Markup {
    let (each, times, known) = (one.seconds(&ground.burden), one.times(), one.questions.len() - one.typed());
    let reached = ground.units.iter().filter(|unit| one.reaches(unit)).count();
    html! {
        section.card.cost {
            h2 { (visit.say("发出前请看：要占用下级多少时间", "Before you issue it: what it costs")) }
            p.number { (reached) (visit.say(" 个组织 × ", " units × ")) (time(visit, each))
                @if times > 1 { " × " (times) (visit.say(" 次", "")) } " ≈ " b { (time(visit, each * reached as i64 * times)) }
                @if times > 1 { (visit.say("一年", " a year")) } }
            p { (whom(visit, one)) " · " (visit.say("手填 ", "typed by hand: ")) (one.typed()) " · " (visit.say("系统填好 ", "filled in by the system: ")) (known) }
            form method="post" action={ "/units/" (at.id) "/collections" } {
                (shell::hidden(visit))
                input type="hidden" name="confirmed" value=(one.minutes(ground));
                @for (key, all) in fields { @if !matches!(key.as_str(), "csrf" | "operation" | "confirmed") { @for one in all { input type="hidden" name=(key) value=(one); } } }
                button.main { (visit.say("确认发出", "Issue it")) }
            }
        }
    }
}

pub(crate) async fn send(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let one = match read(visit, &at, &sent.fields) {
        Ok(one) => one,
        Err(wrong) => return Ok(refused(visit, &at, &sent.fields, wrong)),
    };
    let ground = match check(visit, &at, &one).await? {
        (_, Err(wrong)) => return Ok(refused(visit, &at, &sent.fields, wrong)),
        (ground, Ok(())) => ground,
    };
    if let Err(refusal) = confirmed(&sent.fields, one.minutes(&ground)) {
        let complaints = Complaints::new(vec![refusal]);
        let filled = Filled { fields: &sent.fields, complaints: &complaints };
        return Ok(complaints.answer(page(visit, &at, &filled, cost(visit, &at, (&one, &ground), &sent.fields))));
    }
    match write(&sent, at.clone(), one, ground).await {
        Err(Trouble::Refused(refusal)) => Ok(refused(visit, &at, &sent.fields, vec![refusal])),
        done => done,
    }
}

/// Whoever issues it has seen what it costs those who are asked, in minutes: as it is now, not as it was.
fn confirmed(fields: &Fields, minutes: i64) -> Result<(), Refusal> {
    match value(fields, "confirmed") {
        seen if seen == minutes.to_string() => Ok(()),
        "" => Err(Refusal::field(
            "confirmed",
            format!("还没有发出：合计要占用下级约{minutes}分钟，核对后再确认发出"),
            format!("not issued yet: it takes units about {minutes} minutes in all; look at it, then confirm"),
        )),
        _ => Err(Refusal::field(
            "confirmed",
            format!("还没有发出：内容或下级组织有变动，合计现为约{minutes}分钟，请重新核对"),
            format!(
                "not issued yet: what is asked or the units changed, it is about {minutes} minutes now; look again"
            ),
        )),
    }
}

/// Issues it beside those that go on at that moment.
async fn write(sent: &Sent, at: Unit, one: Collection, ground: Ground) -> Result<Response, Trouble> {
    let rules = sent.visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let id = collection::issue(tx, &permit, &one, |others| one.check(&ground, others))?;
        Ok(format!("/units/{}/collections/{id}", at.id))
    };
    Ok(sent.visit.act(operation(&sent.fields), work).await?.into_response())
}
