//! How people sign in, for who keeps the roll: the account of a person, and the invitations still open.

use super::one::home;
use crate::export;
use crate::form::Sent;
use crate::me::moment;
use crate::routes::Routes;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use luoshi_office::{Kind, Table};
use luoshi_rules::{Unit, Verb};
use luoshi_store::account::{self, Invitation, Over, PAGE, State};
use luoshi_store::{Fault, Tx};
use maud::{Markup, html};
use std::collections::HashMap;

pub fn routes() -> Routes {
    Routes::new()
        .route("/people/{id}/account", get(show))
        .route("/people/{id}/account/uninvite", post(uninvite))
        .route("/people/{id}/account/close", post(close))
        .route("/units/{unit}/invitations", get(list))
}

async fn show(visit: Visit, Place(id): Place<i64>) -> Result<Response, Trouble> {
    let at = home(&visit, id, Verb::Roll).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let top = at.top;
    let read = move |tx: &Tx| Ok((luoshi_store::person::find(tx, &scope, id)?, account::state(tx, top, id)?));
    let (person, state) = visit.app.read(read).await?;
    let title = format!("{} · {}", person.name, visit.say("登录账号", "Account"));
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::People };
    let body = html! {
        p { a href={ "/people/" (id) } { "‹ " (person.name) } }
        @match state {
            None => p.empty { (visit.say("没有登录账号。可在人员页“邀请登录”。", "No account. Invite them from their page.")) },
            Some(state) => (card(&visit, id, &state)),
        }
    };
    Ok(shell::page(&head, body).into_response())
}

fn card(visit: &Visit, id: i64, state: &State) -> Markup {
    let act = |what: &str, words: &str| {
        html! { form method="post" action={ "/people/" (id) "/account/" (what) } { (shell::hidden(visit)) button { (words) } } }
    };
    html! {
        section.card {
            dl.facts {
                dt { (visit.say("登录名", "Sign-in name")) } dd { (state.login) }
                dt { (visit.say("状态", "State")) }
                dd { (if state.active { visit.say("● 可登录", "● Open") } else { visit.say("▲ 已停用", "▲ Closed") }) }
                dt { (visit.say("两步验证", "Second step")) }
                dd { (if state.factor { visit.say("● 已启用", "● Set up") } else { visit.say("○ 未启用", "○ Not set up") }) }
                @if state.invited > 0 {
                    dt { (visit.say("邀请链接有效至", "Invitation open until")) } dd { (moment(state.invited)) }
                }
            }
            div.actions {
                @if state.invited > 0 { (act("uninvite", visit.say("撤回邀请", "Take the invitation back"))) }
                @if state.active && id != visit.actor.person { (act("close", visit.say("停用账号", "Close the account"))) }
            }
            p.help { (visit.say("停用后，其登录、令牌和邀请立即失效；重新邀请即可恢复。",
                "Closing ends sign-ins, tokens and invitations at once; a new invitation opens it again.")) }
        }
    }
}

/// Does something to the account of a person, then shows it.
async fn act(sent: &Sent, id: i64, work: fn(&Tx, &Over) -> Result<(), Fault>) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = home(visit, id, Verb::Roll).await?;
    let (actor, rules) = (visit.actor.clone(), visit.rules.clone());
    let done = move |tx: &Tx| work(tx, &Over { actor: &actor, base: &rules.base, at: &at, person: id });
    visit.app.write(done).await?;
    Ok(Redirect::to(&format!("/people/{id}/account")).into_response())
}

async fn uninvite(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    act(&sent, id, account::uninvite).await
}

async fn close(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    act(&sent, id, account::close).await
}

async fn list(
    visit: Visit,
    Place(unit): Place<i64>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(unit, Verb::Roll).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::Roll, &at)?;
    let word = |key: &str| asked.get(key).cloned().unwrap_or_default();
    // a file has all of them, whatever page it was asked for on
    let (after, most) = match asked.contains_key("as") {
        true => (Default::default(), export::MOST),
        false => ((word("name"), word("after")), PAGE),
    };
    let mut open = visit.app.read(move |tx| account::invitations(tx, &scope, &after, most)).await?;
    if let Some(out) = export::list(&asked, || ledger(&visit, &at, &open))? {
        return Ok(out);
    }
    let more = open.len() > PAGE as usize;
    open.truncate(PAGE as usize);
    let title = visit.say("待接受的邀请", "Open invitations").to_owned();
    let head = Page { visit: &visit, title, unit: Some(&at), year: 0, dated: "", part: Part::People };
    Ok(shell::page(&head, table(&visit, &at, &open, more)).into_response())
}

/// Open invitations, as rows that can be taken away; never the link, which is known to nobody but who is invited.
fn ledger(visit: &Visit, at: &Unit, open: &[Invitation]) -> Table {
    let columns = [
        ("name", "姓名", "Name", Kind::Text),
        ("unit", "组织", "Unit", Kind::Text),
        ("until", "有效至", "Until", Kind::Text),
    ];
    let title = format!("{} {}", at.short_name, visit.say("待接受的邀请", "Open invitations"));
    let mut table = export::head(visit, title, &columns);
    let row = |one: &Invitation| vec![one.name.as_str().into(), one.unit_name.as_str().into(), moment(one.ends).into()];
    table.rows = open.iter().map(row).collect();
    table
}

fn table(visit: &Visit, at: &Unit, open: &[Invitation], more: bool) -> Markup {
    let name = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    html! {
        @if open.is_empty() { p.empty { (visit.say("没有待接受的邀请。", "No invitation is open.")) } }
        @else {
            div.scroll { table.list {
                thead { tr { th { (visit.say("姓名", "Name")) } th { (visit.say("组织", "Unit")) } th { (visit.say("有效至", "Until")) } } }
                @for one in open { tr {
                    td { a href={ "/people/" (one.person) "/account" } { (one.name) } }
                    td { (one.unit_name) } td.nowrap { (moment(one.ends)) }
                } }
            } }
            (shell::formats(visit))
        }
        @if let Some(last) = open.last().filter(|_| more) {
            p { a.button href={ "/units/" (at.id) "/invitations?name=" (name(&last.name)) "&after=" (last.id) } { (visit.say("下一页", "More")) } }
        }
    }
}
