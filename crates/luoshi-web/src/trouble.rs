//! Why a request did not get the page it asked for.

use crate::shell;
use crate::visit::language;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::{Lang, Refusal};
use luoshi_store::Fault;
use maud::html;

/// Why a request did not get the page it asked for.
#[derive(Debug)]
pub enum Trouble {
    /// nobody is signed in
    SignIn,
    /// the rules say no
    Refused(Refusal),
    /// the form was not sent from our own page, or its page is too old
    Stale,
    /// nothing there, or nothing that may be seen
    NotFound,
    /// the disk is full
    Full,
    /// our fault; the user sees a number, the log sees the cause
    Broken(String),
}

impl Trouble {
    /// Our fault.
    pub(crate) fn broken(cause: impl ToString) -> Trouble {
        Trouble::Broken(cause.to_string())
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        match refusal {
            Refusal::NotAllowed => Trouble::NotFound,
            other => Trouble::Refused(other),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        match fault {
            Fault::NotFound => Trouble::NotFound,
            Fault::Refused(refusal) => refusal.into(),
            Fault::Full => Trouble::Full,
            Fault::Conflict | Fault::Clash => Trouble::Refused(Refusal::rule(
                "同一内容刚刚有人提交过，请刷新页面查看",
                "someone has just done the same; reload the page to see it",
            )),
            Fault::Engine(cause) => Trouble::Broken(cause),
        }
    }
}

/// The page for an address that leads nowhere.
pub(crate) async fn nothing_here(headers: HeaderMap) -> Response {
    words(Trouble::NotFound, language(&headers)).into_response()
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Trouble::SignIn => Redirect::to("/sign-in").into_response(),
            other => words(other, Lang::Zh).into_response(),
        }
    }
}

/// The status and the page for trouble, in one language first.
fn words(trouble: Trouble, lang: Lang) -> (StatusCode, maud::Markup) {
    let (status, zh, en) = told(trouble);
    let (first, second) = if lang == Lang::Zh { (zh, en) } else { (en, zh) };
    let title = shell::say(lang, "没有办成", "Not done");
    let body = html! {
        div.trouble { p { (first) } p { small { (second) } } p { a.button href="/" { "首页 Home" } } }
    };
    (status, shell::bare(lang, title, body))
}

/// The status and the words in both languages. What is broken is logged under a number that the user sees.
pub(crate) fn told(trouble: Trouble) -> (StatusCode, String, String) {
    let both = |status, zh: &str, en: &str| (status, zh.to_owned(), en.to_owned());
    match trouble {
        Trouble::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.say(Lang::Zh), refusal.say(Lang::En)),
        Trouble::Stale => both(
            StatusCode::FORBIDDEN,
            "页面已过期，没有保存。请返回上一页，刷新后再提交；所填内容可先复制。",
            "This page is too old; nothing was saved. Go back, reload and send again; copy what you typed first.",
        ),
        Trouble::Full => both(
            StatusCode::INSUFFICIENT_STORAGE,
            "磁盘已满，没有保存。请联系管理员；腾出空间后再次提交即可。",
            "The disk is full; nothing was saved. Tell the administrator, then send again.",
        ),
        Trouble::Broken(cause) => {
            let number = luoshi_store::new_id() % 1_000_000;
            tracing::error!(number, cause, "request failed");
            let zh = format!("系统出错，没有保存。请把编号 {number} 告诉管理员。");
            let en = format!("Something broke; nothing was saved. Tell the administrator the number {number}.");
            (StatusCode::INTERNAL_SERVER_ERROR, zh, en)
        }
        Trouble::NotFound | Trouble::SignIn => both(
            StatusCode::NOT_FOUND,
            "没有找到这个页面，或者它不在您的范围内。",
            "There is no such page, or it lies outside what you may see.",
        ),
    }
}
