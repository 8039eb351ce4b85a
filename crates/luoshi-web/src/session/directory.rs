//! Signing in with the name and passphrase of the directory of the organisation (LDAP). Tries are counted before it is
//! asked; whom it means is found by person code.

use super::door::From;
use super::{coded, enter};
use crate::app::App;
use crate::form::{Complaints, Fields, Stranger, one, whole};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::language;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use luoshi_gateway::Fault;
use luoshi_rules::{Lang, Refusal};
use luoshi_store::account::Account;
use luoshi_store::directory;
use luoshi_store::session::Strength;
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new().route("/sign-in/directory", get(show).post(sign_in))
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Trouble> {
    app.setup().directory.as_ref().ok_or(Trouble::NotFound)?;
    Ok(form(language(&headers), "", &Complaints::default()))
}

fn form(lang: Lang, name: &str, complaints: &Complaints) -> Markup {
    let help =
        say(lang, "登录单位电脑或内网的账号和密码。", "The name and passphrase of your office computer or network.");
    let body = html! {
        @for words in complaints.all(lang) { p.error role="alert" { "▲ " (words) } }
        form.stack method="post" action="/sign-in/directory" {
            (shell::field(lang, "name", say(lang, "单位账号", "Office account"), help, &Complaints::default(), html! {
                input #name name="name" value=(name) autocomplete="username" maxlength="128" required;
            }))
            (shell::field(lang, "passphrase", say(lang, "密码", "Passphrase"), "", &Complaints::default(), html! {
                input #passphrase name="passphrase" type="password" autocomplete="current-password" required;
            }))
            button.main { (say(lang, "登录", "Sign in")) }
        }
        p { a href="/sign-in" { (say(lang, "用本系统的口令登录", "Sign in with a passphrase of this system")) } }
    };
    shell::bare(lang, say(lang, "用单位账号登录", "Sign in with your office account"), body)
}

async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    from: From,
    Stranger(fields): Stranger,
) -> Result<Response, Trouble> {
    match known(&app, &fields, &from).await {
        Ok(account) => enter(&app, account, Strength::One, &headers).await,
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = form(language(&headers), one(&fields, "name"), &complaints);
            Ok(complaints.answer(page))
        }
        Err(other) => Err(other),
    }
}

/// Whom the directory means.
async fn known(app: &App, fields: &Fields, from: &From) -> Result<Account, Trouble> {
    let asked = app.setup().directory.as_ref().ok_or(Trouble::NotFound)?;
    let name = one(fields, "name").to_owned();
    let knock = format!("directory:{name}");
    app.door().knock(&knock, from)?;
    let tried = name.clone();
    app.write(move |tx| directory::attempt(tx, &tried)).await?;
    let answered = asked.who(&name, whole(fields, "passphrase")).await;
    match &answered {
        Ok(_) => {
            app.write(move |tx| directory::right(tx, &name)).await?;
            app.door().right(&knock, from);
        }
        Err(Fault::No(_)) => {}
        Err(_) => app.write(move |tx| directory::forgive(tx, &name)).await?,
    }
    let code = answered.map_err(told)?;
    coded(app, code).await
}

/// What the user is told; the log has the cause, which names no person.
fn told(fault: Fault) -> Trouble {
    let (zh, en) = match fault {
        Fault::Busy => return Trouble::Busy,
        Fault::No(_) => ("单位账号或密码不对，请重新输入", "the office account or passphrase is wrong"),
        Fault::Away(_) => (
            "单位的账号目录暂时没有应答。请稍后再试，或用本系统的口令登录",
            "the directory of your organisation does not answer just now; try again later, or sign in with a \
             passphrase of this system",
        ),
        Fault::Codeless(_) => (
            "密码正确，但单位的账号目录没有给出您的人员编号。请用本系统的口令登录，并告诉管理员",
            "the directory knows you, but did not tell your person code; sign in with a passphrase of this system, \
             and tell the administrator",
        ),
        Fault::Wrong(_) => (
            "单位的账号目录答复有误，没有登录。请用本系统的口令登录，并告诉管理员查看日志",
            "the directory answered wrongly; you are not signed in. Use a passphrase of this system, and ask the \
             administrator to look at the log",
        ),
    };
    if !matches!(fault, Fault::No(_)) {
        tracing::warn!(%fault, "directory");
    }
    Refusal::rule(zh, en).into()
}
