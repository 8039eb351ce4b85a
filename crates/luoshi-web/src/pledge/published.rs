//! The page that can be published: pledges whose pledgers agree, to be printed or taken away as one HTML file.

use super::rules;
use crate::export::attachment;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use luoshi_rules::Verb;
use luoshi_rules::pledge::looked_back;
use luoshi_store::pledge::{self, Pledge, Which};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::HashMap;

/// What the file looks like, without anything from elsewhere.
const STYLE: &str = "body{font:16px/1.7 serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#222}\
    h1{font-size:1.5rem;border-bottom:3px solid #b3261e;padding-bottom:.5rem}h2{font-size:1.15rem;margin-top:2rem}\
    article{border-left:3px solid #ddd;padding:.1rem 0 .1rem 1rem;margin:1rem 0}p{margin:.3rem 0;overflow-wrap:anywhere}\
    small{color:#666}@page{size:A4;margin:20mm}article{break-inside:avoid}";

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    rules(&visit)?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let all = visit.app.read(move |tx| pledge::list(tx, &scope, year, Which::Published)).await?;
    let title = match visit.lang {
        luoshi_rules::Lang::Zh => format!("{}{year}年承诺践诺", at.short_name),
        luoshi_rules::Lang::En => format!("{}: pledges of {year}", at.short_name),
    };
    let sheet = sheet(&visit, year, &all);
    if asked.get("as").is_some_and(|word| word == "html") {
        let file = file(&visit, &title, &sheet).into_string();
        return Ok((attachment(&title, "html", "text/html; charset=utf-8"), file).into_response());
    }
    let body = html! {
        p.noprint { a href={ "/units/" (id) "/" (year) "/pledges" } { (visit.say("← 返回", "← back")) } " · "
            a.button href="?as=html" { (visit.say("下载网页文件（可直接发布）", "Download as one HTML file, to be published")) } " "
            (visit.say("或用浏览器打印", "or print it with the browser")) }
        p.help.noprint { (visit.say("只有本人（本组织）同意公开的承诺；撤回同意后，这里随即没有，已发布的页面请重新下载替换。",
            "Only pledges whose pledgers agree; once they take it back it is gone from here: replace what was published by a new file.")) }
        (sheet)
    };
    Ok(shell::bare(visit.lang, &title, body).into_response())
}

/// The pledges, by unit.
fn sheet(visit: &Visit, year: i16, all: &[Pledge]) -> Markup {
    let state = |one: &Pledge| {
        let back = looked_back(&one.events, year)?;
        Some((rules(visit).ok()?.state(&back.state).map(|name| visit.of(name))?.to_owned(), back.words.clone()))
    };
    html! {
        @if all.is_empty() { p.empty { (visit.say("还没有同意公开的承诺。", "No pledge may be published yet.")) } }
        @for group in all.chunk_by(|a, b| a.unit == b.unit) {
            h2 { (group.first().map_or("", |one| one.unit_name.as_str())) }
            @for one in group { article {
                p { b { @if one.person == 0 { (one.unit_name) } @else { (one.name) } } (visit.mark("：")) (one.text) }
                p { small { (visit.say("衡量：", "Measure: ")) (one.measure) } }
                @if let Some((state, words)) = state(one) { p { (visit.say("回看：", "Looked back: ")) b { (state) } " " (words) } }
            } }
        }
        p { small { (visit.say("截至 ", "As of ")) (visit.today) } }
    }
}

/// The same as a file that needs nothing from elsewhere.
fn file(visit: &Visit, title: &str, sheet: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(visit.say("zh-CN", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { h1 { (title) } (sheet) }
        }
    }
}
