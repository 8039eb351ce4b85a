//! Why a request did not get the page it asked for.

use crate::shell;
use crate::visit::language;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use luoshi_rules::{Lang, Refusal};
use luoshi_store::Fault;
use maud::{Markup, html};

/// Why a request did not get the page it asked for.
#[derive(Debug)]
pub enum Trouble {
    /// nobody is signed in
    SignIn,
    /// a second factor is still to come
    Second,
    /// they must prove anew who they are
    Prove,
    /// a token that does not serve
    Token,
    /// a token that may only read
    ReadOnly,
    /// a token that was not made for proposals
    Unasked,
    /// too many sign-ins at once
    Busy,
    /// too many wrong sign-ins
    Often,
    /// an account asks for more than anybody does; in so many seconds it may go on
    Pace(u32),
    /// the rules say no
    Refused(Refusal),
    /// the form was not sent from our own page, or its page is too old
    Stale,
    /// nothing there, or nothing that may be seen
    NotFound,
    /// an address that a form is sent to is opened as a page, or the other way round
    Method,
    /// the disk is full
    Full,
    /// the disk did not keep what was written; the program is about to end
    Lost,
    /// the database server, or the store of attachments, does not answer
    Away,
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
            Fault::Lost(_) => Trouble::Lost,
            Fault::Away(_) => Trouble::Away,
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

/// The page for an address that a form is sent to: somebody kept it, or opened it anew.
pub(crate) async fn not_this_way(headers: HeaderMap) -> Response {
    words(Trouble::Method, language(&headers)).into_response()
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let head = match self {
            Trouble::SignIn => return Redirect::to("/sign-in").into_response(),
            Trouble::Second => return Redirect::to("/sign-in/second").into_response(),
            Trouble::Prove => return Redirect::to("/me/prove").into_response(),
            Trouble::Token => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Trouble::Busy | Trouble::Away => Some((header::RETRY_AFTER, HeaderValue::from_static("5"))),
            Trouble::Often => Some((header::RETRY_AFTER, HeaderValue::from_static("60"))),
            Trouble::Pace(seconds) => Some((header::RETRY_AFTER, HeaderValue::from(seconds))),
            _ => None,
        };
        let mut answer = words(self, Lang::Zh);
        if let Some((name, value)) = head {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}

/// On an answer: why somebody was kept out, in a word for the log; empty where nobody was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptOut(pub &'static str);

/// What somebody is told of trouble.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub status: StatusCode,
    pub zh: String,
    pub en: String,
    /// the field it is about
    pub field: Option<String>,
    /// why somebody was kept out, for the log; empty where nobody was
    pub why: &'static str,
    /// in how many seconds to come again, where it depends
    pub pause: Option<u32>,
}

/// The page for trouble, in one language first. Programs read what is told off the answer.
fn words(trouble: Trouble, lang: Lang) -> Response {
    let told = told(trouble);
    let mut answer = (told.status, page(&told, lang)).into_response();
    answer.extensions_mut().insert(KeptOut(told.why));
    answer.extensions_mut().insert(told);
    answer
}

fn page(told: &Told, lang: Lang) -> Markup {
    let (first, second) = if lang == Lang::Zh { (&told.zh, &told.en) } else { (&told.en, &told.zh) };
    let title = shell::say(lang, "没有办成", "Not done");
    let body = html! {
        div.trouble { p { (first) } p { small { (second) } } p { a.button href="/" { "首页 Home" } } }
    };
    shell::bare(lang, title, body)
}

/// Stands around the pages: trouble is told before anybody has looked which language the reader has, and here it is said
/// in theirs.
pub(crate) async fn in_language(request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    let answer = next.run(request).await;
    let Some(told) = answer.extensions().get::<Told>().filter(|_| lang != Lang::Zh).cloned() else { return answer };
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page(&told, lang).into_string()))
}

/// What is told of trouble. What is broken is logged under a number that the user sees.
pub(crate) fn told(trouble: Trouble) -> Told {
    let field = match &trouble {
        Trouble::Refused(Refusal::Field { field, .. }) => Some(field.clone()),
        _ => None,
    };
    let pause = if let Trouble::Pace(seconds) = trouble { Some(seconds) } else { None };
    let why = kept_out(&trouble);
    let (status, zh, en) = in_words(trouble);
    Told { status, zh, en, field, why, pause }
}

/// Why somebody was kept out, in a word for the log.
fn kept_out(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::NotFound => "outside",
        Trouble::Stale => "forged or old form",
        Trouble::Token => "token",
        Trouble::ReadOnly => "token that only reads",
        Trouble::Unasked => "token for something else",
        Trouble::Often => "wrong tries",
        Trouble::Pace(_) => "pace",
        _ => "",
    }
}

/// The status and the words in both languages.
fn in_words(trouble: Trouble) -> (StatusCode, String, String) {
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
        Trouble::Lost => both(
            StatusCode::INTERNAL_SERVER_ERROR,
            "磁盘出错，没有保存，系统即将停止。请联系管理员；恢复后再次提交，不会重复。",
            "The disk failed; nothing was saved, and the system is stopping. Tell the administrator; once it is back, \
             send again: it will not be done twice.",
        ),
        Trouble::Broken(cause) => {
            let number = luoshi_store::new_id() % 1_000_000;
            tracing::error!(number, cause, "request failed");
            let zh = format!("系统出错，没有保存。请把编号 {number} 告诉管理员。");
            let en = format!("Something broke; nothing was saved. Tell the administrator the number {number}.");
            (StatusCode::INTERNAL_SERVER_ERROR, zh, en)
        }
        Trouble::Pace(seconds) => too_fast(seconds),
        Trouble::NotFound | Trouble::SignIn | Trouble::Second | Trouble::Prove => both(
            StatusCode::NOT_FOUND,
            "没有找到这个页面，或者它不在您的范围内。",
            "There is no such page, or it lies outside what you may see.",
        ),
        other => {
            let (status, zh, en) = at_the_door(&other);
            both(status, zh, en)
        }
    }
}

/// What an account is told that asks for more than anybody does.
fn too_fast(seconds: u32) -> (StatusCode, String, String) {
    (
        StatusCode::TOO_MANY_REQUESTS,
        format!("操作过于频繁，没有保存。请 {seconds} 秒后再试；确需大批办理的，请用“导入”，或请管理员调整上限。"),
        format!(
            "Too much at once; nothing was saved. Try again in {seconds} s; for a great deal use “Import”, or ask \
             the administrator to raise the limit."
        ),
    )
}

/// The status and the words for who is not let in, not to write, or not this way.
fn at_the_door(trouble: &Trouble) -> (StatusCode, &'static str, &'static str) {
    match trouble {
        Trouble::Method => (
            StatusCode::METHOD_NOT_ALLOWED,
            "这个网址只用来提交表单，不能直接打开；没有任何改动。请从首页进入。",
            "A form is sent to this address; it cannot be opened by itself, and nothing was changed. Begin at the home page.",
        ),
        Trouble::Token => (
            StatusCode::UNAUTHORIZED,
            "令牌无效：可能已过期或撤销。请在“登录与安全”中重新创建。",
            "This token does not serve: it may have ended or been revoked. Make another under “Sign-in and security”.",
        ),
        Trouble::Away => (
            StatusCode::SERVICE_UNAVAILABLE,
            "数据库或附件存储暂时没有应答。请稍等片刻再次提交，不会重复。",
            "The database or the store of attachments does not answer just now. Wait a moment and send again; it will not be done twice.",
        ),
        Trouble::ReadOnly => {
            (StatusCode::FORBIDDEN, "这个令牌只能读取，没有保存。", "This token may only read; nothing was saved.")
        }
        Trouble::Unasked => (
            StatusCode::FORBIDDEN,
            "这个令牌不能替您提意见建议，也看不到您提过的。确要这样用，请在“登录与安全”中另建令牌并勾选“意见建议”。",
            "This token neither raises proposals for you nor reads those you raised. If you want one that does, make it under \
             “Sign-in and security” and tick “proposals”.",
        ),
        Trouble::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "登录的人太多，请几秒后再试。",
            "Too many people are signing in; try again in a few seconds.",
        ),
        _ => (
            StatusCode::TOO_MANY_REQUESTS,
            "输错次数过多，请一分钟后再试。",
            "Too many wrong tries; try again in a minute.",
        ),
    }
}
