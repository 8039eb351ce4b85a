//! One step for many: findings and tasks of an inspection, or of all units of a round, are ticked and taken a step
//! further with one form. Each is taken by the same rules as alone; those refused are told one by one.

use super::step::{self, Offered, Shown, Told};
use super::{evidence, limit, one, part, state};
use crate::form::{self, Complaints, Fields, Sent, all, one as first, operation, under};
use crate::obligation::days;
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::flow::Step;
use luoshi_rules::{Flow, Permit, Refusal, Unit, Verb};
use luoshi_store::matter::{self, Line};
use luoshi_store::{Fault, Tx, round, unit};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// Most matters taken at once.
const MOST: usize = 500;

/// What is looked at: everything under one matter, or everything of a round.
struct Whole {
    title: String,
    /// address of the page it belongs to
    back: String,
    /// the matter, or the round, of the tree
    key: (i64, i64),
    tree: Vec<Line>,
}

/// A step that may be taken for some of them: its flow, and for each the unit that acts.
struct Choice<'v> {
    flow: &'v Flow,
    step: &'v Step,
    /// by place in the tree, with the unit
    may: Vec<(usize, i64)>,
}

/// Matters that were refused, with why.
type Refused = Vec<(i64, Refusal)>;

pub(super) async fn show(
    visit: Visit,
    Place((id, matter)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let whole = of_matter(&visit, &at, matter).await?;
    asked_for(&visit, &at, &whole, asked).await
}

pub(super) async fn show_round(
    visit: Visit,
    Place((id, round)): Place<(i64, i64)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    let whole = of_round(&visit, &at, round).await?;
    asked_for(&visit, &at, &whole, asked).await
}

async fn asked_for(visit: &Visit, at: &Unit, whole: &Whole, asked: HashMap<String, String>) -> Result<Markup, Trouble> {
    let fields: Fields = asked.into_iter().map(|(key, value)| (key, vec![value])).collect();
    page(visit, at, whole, &Filled { fields: &fields, complaints: &Complaints::default() }, &[]).await
}

async fn of_matter(visit: &Visit, at: &Unit, id: i64) -> Result<Whole, Trouble> {
    let line = one::whole(visit, at, id).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let tree = visit.app.read(move |tx| matter::tree(tx, &scope, (id, 0))).await?;
    Ok(Whole { title: line.matter.title, back: format!("/units/{}/matters/{id}", at.id), key: (id, 0), tree })
}

async fn of_round(visit: &Visit, at: &Unit, id: i64) -> Result<Whole, Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let read = move |tx: &Tx| Ok((round::find(tx, &scope, id)?, matter::tree(tx, &scope, (0, id))?));
    let (round, mut tree) = visit.app.read(read).await?;
    tree.retain(|line| line.matter.parent != 0);
    Ok(Whole { title: round.opened.name, back: format!("/units/{}/rounds/{id}", at.id), key: (0, id), tree })
}

/// The steps that the visitor may take for any of them, in the order of the flows.
async fn choices<'v>(visit: &'v Visit, whole: &Whole) -> Result<Vec<Choice<'v>>, Trouble> {
    let mut sides: Vec<i64> = whole.tree.iter().flat_map(|line| [line.matter.unit, line.matter.opener]).collect();
    sides.sort_unstable();
    sides.dedup();
    let units =
        visit.app.read(move |tx| sides.iter().map(|id| unit::find(tx, *id)).collect::<Result<Vec<_>, _>>()).await?;
    let leaves = units.iter().filter_map(|unit| Some((unit.id, one::leave(visit, unit).ok()?)));
    let leaves: HashMap<i64, Permit> = leaves.collect();
    let mut found: BTreeMap<(usize, usize), Choice> = BTreeMap::new();
    for (place, line) in whole.tree.iter().enumerate() {
        let flows = &visit.rules.base.flow;
        let Some((at, flow)) = flows.iter().enumerate().find(|(_, flow)| flow.id == line.matter.flow) else { continue };
        // how its parts stand decides what may be done next
        let mut matter = line.matter.clone();
        matter.parts = parts(visit, whole, matter.id);
        for side in [matter.unit, matter.opener] {
            let Some(leave) = leaves.get(&side) else { continue };
            for step in matter.open_to(flow, leave) {
                let no = flow.step.iter().position(|one| one.id == step.id).unwrap_or_default();
                let choice = found.entry((at, no)).or_insert_with(|| Choice { flow, step, may: Vec::new() });
                if choice.may.last().is_none_or(|(last, _)| *last != place) {
                    choice.may.push((place, side));
                }
            }
        }
    }
    Ok(found.into_values().filter(|choice| choice.flow.is_open()).collect())
}

fn parts(visit: &Visit, whole: &Whole, id: i64) -> Vec<String> {
    let below = whole.tree.iter().filter(|line| line.matter.parent == id);
    let state = |line: &Line| {
        let flow = visit.rules.base.flow(&line.matter.flow).filter(|flow| !flow.beside)?;
        Some(line.matter.state(flow)?.id.clone())
    };
    below.filter_map(state).collect()
}

fn key(choice: &Choice) -> String {
    format!("{}.{}", choice.flow.id, choice.step.id)
}

async fn page(
    visit: &Visit,
    at: &Unit,
    whole: &Whole,
    filled: &Filled<'_>,
    refused: &[(i64, Refusal)],
) -> Result<Markup, Trouble> {
    let all = choices(visit, whole).await?;
    let wanted = first(filled.fields, "step");
    let chosen = all.iter().find(|choice| key(choice) == wanted);
    let shows = chosen.is_some_and(|choice| choice.step.evidence);
    let records = if shows { evidence::found(visit, at, filled.fields).await? } else { Vec::new() };
    let title = format!("{} {}", visit.say("批量办理", "Take steps together"), whole.title);
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::FollowUp };
    let done = first(filled.fields, "done");
    let body = html! {
        p { a href=(whole.back) { "← " (whole.title) } }
        (shell::complaints(visit, filled.complaints))
        @if !done.is_empty() { p.note role="status" { "● " (visit.say("已办理 ", "Taken: ")) b { (done) } (visit.say(" 项", "")) } }
        (told(visit, whole, refused))
        @if all.is_empty() { p.empty { (visit.say("没有您现在可以办理的事项。", "There is nothing here that you may take further now.")) } }
        nav.toggle aria-label=(visit.say("办理什么", "Which step")) {
            @for choice in &all { a aria-current=[(key(choice) == wanted).then_some("true")] href={ "?step=" (key(choice)) } {
                (visit.of(&choice.flow.name)) (visit.mark("：")) (visit.of(&choice.step.button)) " " (choice.may.len()) } " " }
        }
        @if let Some(choice) = chosen { (boxes(visit, whole, choice, (&records, filled))) }
        @else if !all.is_empty() { p.help { (visit.say("先选要办理的一步，再勾选事项。", "Choose a step, then tick.")) } }
    };
    Ok(shell::page(&head, body))
}

/// Those that were refused, row by row.
fn told(visit: &Visit, whole: &Whole, refused: &[(i64, Refusal)]) -> Markup {
    let title =
        |id: i64| whole.tree.iter().find(|line| line.matter.id == id).map_or("", |line| line.matter.title.as_str());
    html! { @if !refused.is_empty() { div.complaints role="alert" {
        p { b { (refused.len()) } (visit.say(" 项没有办理：", " were not taken:")) }
        ul { @for (id, why) in refused { li { (title(*id)) (visit.mark("：")) (why.say(visit.lang)) } } }
    } } }
}

fn boxes(visit: &Visit, whole: &Whole, choice: &Choice, (records, filled): (&[Shown], &Filled)) -> Markup {
    let picked = all(filled.fields, "pick");
    // nothing is ticked before somebody says so: a step for many is not taken by mistake
    let every = filled.complaints.is_empty() && first(filled.fields, "all") == "1";
    let ticked = |line: &Line| every || picked.iter().any(|id| *id == line.matter.id.to_string());
    let offered = Offered { records, team: &[], filled };
    html! {
        form.stack.step method="post" action={ (whole.back) "/together" } enctype=[choice.step.evidence.then_some("multipart/form-data")] {
            (shell::hidden(visit))
            input type="hidden" name="step" value=(key(choice));
            p { @if every { a href={ "?step=" (key(choice)) } { (visit.say("全不选", "Tick none")) } }
                @else { a href={ "?step=" (key(choice)) "&all=1" } { (visit.say("全选 ", "Tick all ")) (choice.may.len().min(MOST)) } } }
            div.scroll { table.list {
                thead { tr { th {} th { (visit.say("内容", "Wording")) } th { (visit.say("组织", "Unit")) } th { (visit.say("进展", "Stands at")) } th { (visit.say("期限", "Limit")) } } }
                @for (place, _) in choice.may.iter().take(MOST) { @if let Some(line) = whole.tree.get(*place) { tr {
                    td { input type="checkbox" name="pick" value=(line.matter.id) checked[ticked(line)] aria-label=(line.matter.title); }
                    td { (line.matter.title) }
                    td { (line.unit_name) }
                    td.nowrap { (part::sign(visit, &line.matter)) " " (state(visit, &line.matter)) }
                    td.nowrap { @if let Some(day) = limit(visit, &line.matter) { (day) " " (days(visit, day)) } }
                } } }
            } }
            (step::boxes(visit, (Some(choice.flow), choice.step), &offered))
            button.main { (visit.of(&choice.step.button)) (visit.say("（勾选的全部）", " (all that are ticked)")) }
        }
    }
}

pub(crate) async fn take(Place((id, matter)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::See).await?;
    let whole = of_matter(&sent.visit, &at, matter).await?;
    answered(&sent, &at, whole).await
}

pub(crate) async fn take_round(Place((id, round)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let at = sent.visit.unit(id, Verb::See).await?;
    let whole = of_round(&sent.visit, &at, round).await?;
    answered(&sent, &at, whole).await
}

async fn answered(sent: &Sent, at: &Unit, mut whole: Whole) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (to, refused) = match try_take(sent, at, &whole).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let filled = Filled { fields: &sent.fields, complaints: &complaints };
            let page = page(visit, at, &whole, &filled, &[]).await?;
            return Ok(complaints.answer(page));
        }
        done => done?,
    };
    if refused.is_empty() {
        return Ok(Redirect::to(&to).into_response());
    }
    // what was taken stands; the page shows how all stand now, and what was refused
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let known: Vec<i64> = whole.tree.iter().map(|line| line.matter.id).collect();
    let key = whole.key;
    let mut tree = visit.app.read(move |tx| matter::tree(tx, &scope, key)).await?;
    tree.retain(|line| known.contains(&line.matter.id));
    whole.tree = tree;
    let done = to.rsplit("done=").next().unwrap_or_default().to_owned();
    let fields: Fields = [("done".to_owned(), vec![done])].into();
    let filled = Filled { fields: &fields, complaints: &Complaints::default() };
    let mut answer = page(visit, at, &whole, &filled, &refused).await?.into_response();
    // for programs
    answer.extensions_mut().insert(form::Refused { to, left: refused });
    Ok(answer)
}

/// Takes the step for each that is ticked; returns where to go, and those refused.
async fn try_take(sent: &Sent, at: &Unit, whole: &Whole) -> Result<(String, Refused), Trouble> {
    let visit = &sent.visit;
    let all_choices = choices(visit, whole).await?;
    let wanted = first(&sent.fields, "step");
    let which = || Refusal::rule("请先选要办理的一步", "choose a step first");
    let (flow, to) = wanted.split_once('.').ok_or_else(which)?;
    let flow = visit.rules.base.flow(flow).filter(|flow| flow.is_open()).ok_or(Trouble::NotFound)?;
    let step = flow.step(to).filter(|step| !step.pair && step.person.is_none()).ok_or(Trouble::NotFound)?;
    let picked: Vec<i64> = all(&sent.fields, "pick").iter().filter_map(|id| id.parse().ok()).take(MOST).collect();
    let chosen = all_choices.iter().find(|choice| key(choice) == wanted);
    let lines = picked.iter().filter_map(|id| whole.tree.iter().position(|line| line.matter.id == *id));
    let lines: Vec<usize> =
        lines.filter(|place| whole.tree.get(*place).is_some_and(|line| line.matter.flow == flow.id)).collect();
    if lines.is_empty() {
        return Err(Refusal::rule("请至少勾选一项", "tick one at least").into());
    }
    let told = step::read(sent, (Some(flow), step)).await?;
    evidence::must_be_ours(visit, at, &told.data).await.map_err(|trouble| evidence::under(&step.id, trouble))?;
    // whoever may not take it now, as another did meanwhile, is told so by the rules
    let side = |place: usize| {
        let known = chosen.and_then(|choice| choice.may.iter().find(|(one, _)| *one == place)).map(|(_, side)| *side);
        whole.tree.get(place).map(|line| (line.matter.id, known.unwrap_or_else(|| line.matter.acting(step))))
    };
    let wanted: Vec<(i64, i64)> = lines.into_iter().filter_map(side).collect();
    let refused = Arc::new(Mutex::new(Refused::new()));
    let to = written(sent, whole, (wanted, step.id.clone(), told), refused.clone()).await?;
    let refused = refused.lock().map_or_else(|_| Vec::new(), |list| list.clone());
    Ok((to, refused))
}

/// Writes what is allowed, in one transaction, and keeps the rest with why.
async fn written(
    sent: &Sent,
    whole: &Whole,
    (wanted, to, told): (Vec<(i64, i64)>, String, Told),
    kept: Arc<Mutex<Refused>>,
) -> Result<String, Trouble> {
    let (rules, back) = (sent.visit.rules.clone(), whole.back.clone());
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let (mut leaves, mut refused): (HashMap<i64, Permit>, Refused) = (HashMap::new(), Vec::new());
        for (id, side) in &wanted {
            if !leaves.contains_key(side) {
                leaves.insert(*side, actor.permit(&rules.base, Verb::Act, &unit::find(tx, *side)?)?);
            }
            let Some(leave) = leaves.get(side) else { continue };
            match matter::take(tx, leave, &rules.base, *id, &told.taken(&to)) {
                Ok(_) => {}
                Err(Fault::Refused(refusal)) => refused.push((*id, refusal)),
                Err(other) => return Err(other),
            }
        }
        let same = refused.iter().all(|(_, why)| refused.first().is_some_and(|(_, one)| one == why));
        if refused.len() == wanted.len() && same {
            // nothing was written: one refusal for all of them is told at its field
            return Err(refused.pop().map_or(Fault::NotFound, |(_, why)| under(&format!("{to}-"), why).into()));
        }
        let done = wanted.len() - refused.len();
        if let Ok(mut list) = kept.lock() {
            *list = refused;
        }
        Ok(format!("{back}/together?done={done}"))
    };
    sent.visit.done(operation(&sent.fields), work).await
}
