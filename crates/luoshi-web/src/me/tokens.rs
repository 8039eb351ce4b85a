//! Tokens of programs: made, shown once, revoked.

use super::settings::{again, page};
use crate::export;
use crate::form::{Complaints, Fields, Sent, day, one};
use crate::routes::Routes;
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Visit, shown_token};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use luoshi_office::{Kind, Table};
use luoshi_rules::{Refusal, Verb};
use luoshi_store::token::{self, Line, Wish};
use luoshi_store::{secret, unit};
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new().route("/me/tokens", post(add)).route("/me/tokens/revoke", post(revoke))
}

/// The list of tokens, and the form for another.
pub(super) fn card(visit: &Visit, all: &[Line], fields: &Fields, complaints: &Complaints) -> Markup {
    html! {
        section.card #tokens {
            h2 { (visit.say("程序令牌", "Tokens for programs")) }
            p.help { (visit.say("供其他程序以您的名义读取或提交，权限随您的职务变化。请求头：Authorization: Bearer 令牌。",
                "Other programs read or send in your name by one; its rights follow your posts. Header: Authorization: Bearer TOKEN.")) }
            @if !all.is_empty() {
                div.scroll { table.list {
                    thead { tr { th { (visit.say("用途", "For")) } th { (visit.say("范围", "Scope")) } th { (visit.say("有效至", "Until")) } th {} } }
                    @for line in all { tr { td { (line.wish.name) } td { (scope(visit, line)) } td.nowrap { (line.wish.until) }
                        td { @if visit.is_proven() { form method="post" action="/me/tokens/revoke" {
                            (shell::hidden(visit)) input type="hidden" name="id" value=(line.id); button { (visit.say("撤销", "Revoke")) }
                        } } } } }
                } }
                (shell::formats_of(visit, "tokens"))
            }
            @if visit.is_proven() { (form(visit, fields, complaints)) }
        }
    }
}

/// One's tokens, as rows that can be taken away; what they are is shown once, when they are made.
pub(super) fn table(visit: &Visit, all: &[Line]) -> Table {
    let columns = [
        ("name", "用途", "For", Kind::Text),
        ("scope", "范围", "Scope", Kind::Text),
        ("until", "有效至", "Until", Kind::Date),
    ];
    let mut table = export::head(visit, visit.say("程序令牌", "Tokens for programs"), &columns);
    let row =
        |line: &Line| vec![line.wish.name.as_str().into(), scope(visit, line).into(), export::day(line.wish.until)];
    table.rows = all.iter().map(row).collect();
    table
}

fn scope(visit: &Visit, line: &Line) -> String {
    let writes =
        if line.wish.writes { visit.say("读取和提交", "read and write") } else { visit.say("只读", "read") };
    let proposals = if line.wish.proposals { visit.say("意见建议", "proposals") } else { "" };
    let parts = [writes, proposals, &line.unit_name];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn form(visit: &Visit, fields: &Fields, complaints: &Complaints) -> Markup {
    let input = |key: &str, sort: &str, (zh, en): (&str, &str), help: &str| {
        let input = html! { input id=(key) name=(key) type=(sort) value=(one(fields, key)); };
        field(visit.lang, key, visit.say(zh, en), help, complaints, input)
    };
    html! {
        details open[fields.contains_key("until")] {
            summary { (visit.say("创建令牌", "Make a token")) }
            form.stack method="post" action="/me/tokens" {
                (shell::hidden(visit))
                (input("name", "text", ("用途", "What it is for"), ""))
                (input("until", "date", ("有效至（最长一年）", "Until (a year at most)"), ""))
                (input("unit", "text", ("只限于某个组织（选填，填组织页地址中的编号）", "Limited to a unit (optional: the number in the address of its page)"), ""))
                label { input type="checkbox" name="writes" value="1" checked[one(fields, "writes") == "1"]; " "
                    (visit.say("也可以提交和修改", "May send and change as well")) }
                label { input type="checkbox" name="proposals" value="1" checked[one(fields, "proposals") == "1"]; " "
                    (visit.say("也可以看我提过的意见建议；能提交的还可以替我提。持有令牌的人会知道哪些是我提的，不署名的也一样", "May see the proposals I raised as well and, where it may send, raise them for me. Whoever holds the token learns which are mine, those under no name too")) }
                button { (visit.say("创建", "Make")) }
            }
        }
    }
}

async fn add(sent: Sent) -> Result<Response, Trouble> {
    sent.visit.in_proof()?;
    match added(&sent).await {
        Ok(shown) => {
            let words =
                sent.visit.say("请现在复制令牌，只显示这一次：", "Copy the token now; it is shown only this once:");
            let note = html! { p.note { (words) br; code.secret { (shown) } } };
            Ok(page(&sent.visit, &Fields::new(), &Complaints::default(), note).await?.into_response())
        }
        Err(Trouble::Refused(refusal)) => again(&sent, refusal).await,
        Err(other) => Err(other),
    }
}

async fn added(sent: &Sent) -> Result<String, Trouble> {
    let visit = &sent.visit;
    let until = day(&sent.fields, "until")?;
    let name = one(&sent.fields, "name").to_owned();
    let ticked = |key: &str| one(&sent.fields, key) == "1";
    let (writes, proposals, unit) = (ticked("writes"), ticked("proposals"), limit(sent).await?);
    let wish = Wish { name, writes, proposals, unit, until };
    let (actor, token) = (visit.actor.clone(), secret::token()?);
    let key = token.clone();
    visit.app.write(move |tx| token::add(tx, &actor, &wish, &key)).await?;
    Ok(shown_token(visit.actor.top, &token))
}

/// The unit a token is limited to: one of the own organisation that the visitor may see; 0 for none.
async fn limit(sent: &Sent) -> Result<i64, Trouble> {
    let visit = &sent.visit;
    let wrong =
        || Refusal::field("unit", "没有这个组织，或它不在您的范围内", "there is no such unit within your reach");
    let id: i64 = match one(&sent.fields, "unit") {
        "" => return Ok(0),
        text => text.parse().map_err(|_| wrong())?,
    };
    let found = visit.app.read(move |tx| unit::find(tx, id)).await;
    let at = found.ok().filter(|at| at.top == visit.actor.top && visit.may(Verb::See, at)).ok_or_else(wrong)?;
    Ok(at.id)
}

async fn revoke(sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    visit.in_proof()?;
    let (actor, id) = (visit.actor.clone(), one(&sent.fields, "id").to_owned());
    visit.app.write(move |tx| token::revoke(tx, &actor, &id)).await?;
    Ok(Redirect::to("/me/settings#tokens").into_response())
}
