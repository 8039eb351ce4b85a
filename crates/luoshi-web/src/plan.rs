//! Plans: what a unit means to do on a day, the plan of a year, calendar feeds; and drafts of forms.

pub(crate) mod change;
mod feed;
pub(crate) mod year;

pub(crate) use feed::PLAIN;

use crate::form::{Complaints, Fields, Sent, day, one, operation};
use crate::obligation::kind_name;
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::plan::{self, Plan};
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/plans", post(add))
        .route("/units/{unit}/plans/new", get(show))
        .route("/units/{unit}/plans/{id}", get(change::show).post(change::save))
        .route("/units/{unit}/plans/{id}/move", post(change::put_off))
        .route("/units/{unit}/plans/{id}/cancel", post(cancel))
        .route("/units/{unit}/{year}/plan", get(year::show).post(year::accept))
        .route("/me/calendar", get(feed::show).post(feed::add))
        .route("/me/calendar/revoke", post(feed::revoke))
        .route("/calendar/{top}/{token}", get(feed::read))
        .route(PLAIN, get(feed::read_plain))
        .route("/drafts", post(keep))
}

/// What a unit and those below plan from today on; also what is past and not yet recorded, for two weeks.
pub(crate) async fn coming(visit: &Visit, at: &Unit) -> Result<(Vec<Plan>, i64), Trouble> {
    let (scope, id) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, at.id);
    let days = (visit.today, visit.today.checked_add(120.days()).unwrap_or(visit.today));
    visit.app.read(move |tx| plan::coming(tx, &scope, (id, 20), days)).await
}

/// What is planned at a unit and below, as rows.
pub(crate) fn rows(visit: &Visit, at: &Unit, plans: &[Plan]) -> Markup {
    html! {
        @if plans.is_empty() { p.empty { (visit.say("还没有安排。安排好的会议，党员在首页能看到。", "Nothing planned yet. Members see planned meetings on their home page.")) } }
        table.list {
            @for plan in plans {
                tr {
                    td.nowrap { (plan.on) " " (plan.at) }
                    td { (kind_name(visit, &plan.kind)) " " (plan.topic) }
                    td { (plan.place) }
                    td { @if visit.may(Verb::Write, at) { form method="post" action={ "/units/" (plan.unit) "/plans/" (plan.id) "/cancel" } {
                        (shell::hidden(visit)) button { (visit.say("取消", "Cancel")) } } } }
                }
            }
        }
    }
}

async fn show(visit: Visit, Place(id): Place<i64>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::Write).await?;
    Ok(page(&visit, &at, &Filled { fields: &Fields::new(), complaints: &Complaints::default() }))
}

fn page(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let title = visit.say("安排会议", "Plan a meeting").to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::Records };
    shell::page(
        &head,
        html! {
            (shell::complaints(visit, filled.complaints))
            form.stack method="post" action={ "/units/" (at.id) "/plans" } {
                (shell::hidden(visit))
                (kinds(visit, at, filled))
                (Form { visit, filled }.fields())
                button.main { (visit.say("安排", "Plan")) }
            }
        },
    )
}

/// The boxes of a plan, but for its kind.
struct Form<'a> {
    visit: &'a Visit,
    filled: &'a Filled<'a>,
}

impl Form<'_> {
    fn fields(&self) -> Markup {
        let (visit, today) = (self.visit, self.visit.today);
        html! {
            (self.one("on", visit.say("日期", "Day"), html! {
                input #on type="date" name="on" min=(today) value=(one(self.filled.fields, "on")) required;
            }))
            (self.one("at", visit.say("时间（选填）", "Time (optional)"), html! {
                input #at type="time" name="at" value=(one(self.filled.fields, "at"));
            }))
            (self.text("topic", "主题", "Topic"))
            (self.text("place", "地点", "Place"))
            (self.text("reading", "会前阅读", "To read before"))
        }
    }

    fn one(&self, key: &str, label: &str, input: Markup) -> Markup {
        field(self.visit.lang, key, label, "", self.filled.complaints, input)
    }

    fn text(&self, key: &str, zh: &str, en: &str) -> Markup {
        let label = format!("{}{}", self.visit.say(zh, en), self.visit.say("（选填）", " (optional)"));
        self.one(key, &label, html! { input id=(key) name=(key) value=(one(self.filled.fields, key)) maxlength="200"; })
    }
}

fn kinds(visit: &Visit, at: &Unit, filled: &Filled) -> Markup {
    let meetings = crate::record::kinds_of(visit, at).into_iter().filter(|kind| kind.meeting.is_some());
    let given = one(filled.fields, "kind");
    field(
        visit.lang,
        "kind",
        visit.say("类型", "Kind"),
        "",
        filled.complaints,
        html! {
            select #kind name="kind" {
                @for kind in meetings { option value=(kind.id) selected[kind.id == given] { (visit.of(&kind.name)) } }
            }
        },
    )
}

async fn add(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    match planned(&sent, at.clone()).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &Filled { fields: &sent.fields, complaints: &complaints });
            Ok(complaints.answer(page))
        }
        done => done.map(|_| Redirect::to("/").into_response()),
    }
}

/// Plans what the form says, and returns its address.
pub(crate) async fn planned(sent: &Sent, at: Unit) -> Result<String, Trouble> {
    let visit = &sent.visit;
    let text = |key: &str| one(&sent.fields, key).chars().take(200).collect::<String>();
    let kind = visit
        .rules
        .kind(one(&sent.fields, "kind"))
        .ok_or_else(|| Refusal::field("kind", "请选择类型", "please choose a kind"))?;
    let plan = Plan {
        id: 0,
        unit: at.id,
        unit_name: String::new(),
        kind: kind.id.clone(),
        on: day(&sent.fields, "on")?,
        at: text("at"),
        place: text("place"),
        topic: text("topic"),
        reading: text("reading"),
        tags: String::new(),
        changed: 0,
    };
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        let id = plan::add(tx, &permit, &plan)?;
        Ok(format!("/units/{}/plans/{id}", at.id))
    };
    visit.done(operation(&sent.fields), work).await
}

pub(crate) async fn cancel(Place((id, plan)): Place<(i64, i64)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let rules = visit.rules.clone();
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        plan::cancel(tx, &permit, plan)?;
        Ok("/".to_owned())
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// Keeps what is typed, so that nothing is lost when the browser dies.
async fn keep(sent: Sent) -> Result<StatusCode, Trouble> {
    let mut fields = sent.fields;
    let form: String = fields.remove("form").and_then(|mut all| all.pop()).unwrap_or_default();
    for key in ["csrf", "operation", "version"] {
        fields.remove(key);
    }
    if form.is_empty() || form.len() > 200 {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (actor, data) = (sent.visit.actor.clone(), serde_json::json!(fields));
    sent.visit.app.write(move |tx| plan::keep_draft(tx, &actor, &form, &data)).await?;
    Ok(StatusCode::NO_CONTENT)
}
