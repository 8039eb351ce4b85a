//! Posts and terms of a unit: who holds what, appointing and relieving, terms of office.

use super::Route;
use super::page::{may, must, told_under};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::holding;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::Verb;
use luoshi_store::{holding as kept, term};
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Posts {
        posts: Vec<Holder> = "任职", "who holds and held which post";
        terms: Vec<Term> = "任期，最近的在前", "terms of office, the last first";
    }
}

shape! {
    #[derive(Serialize)]
    Holder {
        post: String = "岗位的键", "the post, by its key in the pack";
        post_name: String = "岗位", "the same in words";
        person: Id = "人员的编号", "key of the person";
        name: String = "姓名", "their name";
        from: Date = "任职日期", "first day";
        until: Option<Date> = "免职日期", "last day; none while held";
        how: String = "产生方式或批复文号", "elected or appointed, approval paper";
    }
}

shape! {
    #[derive(Serialize)]
    Term {
        from: Date = "自", "first day";
        until: Date = "届满日期", "the day on which it ends";
        extended: Option<Date> = "延期至", "the day to which it was extended";
        why: String = "延期理由", "why it was extended";
    }
}

pub(super) fn routes() -> Vec<Route> {
    [posts(), terms()].into_iter().flatten().collect()
}

fn terms() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/terms",
            ("登记新一届任期", "Enter a new term of office"),
            vec![
                must("from", "自，YYYY-MM-DD · first day").after("term-"),
                must("until", "届满日期 · the day on which it ends").after("term-"),
            ],
            holding::set_term,
        ),
        Route::form(
            "/units/{unit}/terms/extensions",
            ("本届延期，不超过1年", "Extend this term, by a year at most"),
            vec![
                must("until", "延期至，YYYY-MM-DD · to which day").after("extend-"),
                must("why", "延期理由和批准情况 · why, and who approved").after("extend-"),
            ],
            holding::extend_term,
        ),
    ]
}

fn posts() -> Vec<Route> {
    const PERSON: &str = "姓名或编号，重名时用编号 · name or key; the key where names are alike";
    vec![
        Route::read::<Nothing, Posts>("/units/{unit}/posts", ("任职和任期", "Posts and terms"), get(held)),
        Route::form(
            "/units/{unit}/posts",
            ("登记任职", "Appoint somebody"),
            vec![
                must("post", "岗位，按规则包中的键 · the post, by its key in the pack"),
                must("person", PERSON),
                must("from", "任职日期，YYYY-MM-DD · first day"),
                may("until", "免职日期，补录过去任职时填 · last day, for a post in the past"),
                may("how", "产生方式或批复文号 · elected or appointed, approval paper"),
            ],
            holding::appoint,
        ),
        Route::form(
            "/units/{unit}/posts/ends",
            ("免去职务", "Relieve somebody of a post"),
            vec![
                must("post", "岗位的键 · the post, by its key"),
                must("person", "人员的编号 · key of the person"),
                must("on", "免职日期，YYYY-MM-DD · last day"),
                told_under("end-"),
            ],
            holding::end,
        ),
    ]
}

async fn held(call: Call<i64, Nothing>) -> Result<Json<Posts>, Problem> {
    let Call { visit, at: id, .. } = call;
    let at = visit.unit(id, Verb::People).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::People, &at)?;
    let read = move |tx: &luoshi_store::Tx| Ok((kept::of_unit(tx, &scope, id)?, term::of_unit(tx, &scope, id)?));
    let (posts, terms) = visit.app.read(read).await?;
    let holder = |line: kept::Line| Holder {
        post_name: crate::person::one::post_name(&visit, &line.post).to_owned(),
        post: line.post,
        person: Id(line.person),
        name: line.name,
        from: line.from,
        until: line.until,
        how: line.how,
    };
    let term = |line: term::Line| Term { from: line.from, until: line.until, extended: line.extended, why: line.why };
    Ok(Json(Posts { posts: posts.into_iter().map(holder).collect(), terms: terms.into_iter().map(term).collect() }))
}
