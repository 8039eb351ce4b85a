//! The set-up link: the first organisation and the first clerk.

use super::enter;
use crate::app::App;
use crate::form::{Complaints, Fields, Stranger, one, whole};
use crate::routes::Routes;
use crate::shell::{self, say};
use crate::trouble::Trouble;
use crate::visit::language;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use luoshi_rules::{Actor, Held, Lang, Refusal, Verb};
use luoshi_store::account::{self, Account};
use luoshi_store::session::Strength;
use luoshi_store::{Fault, holding, person, unit};
use maud::{Markup, html};

pub fn routes() -> Routes {
    Routes::new().route("/set-up", get(show_set_up).post(set_up))
}

async fn show_set_up(State(app): State<App>, headers: HeaderMap) -> Result<Response, Trouble> {
    app.token().ok_or(Trouble::NotFound)?;
    Ok(set_up_form(&app, language(&headers), &Fields::new(), &Complaints::default()).into_response())
}

fn set_up_form(app: &App, lang: Lang, fields: &Fields, complaints: &Complaints) -> Markup {
    let text = |key: &str, zh: &str, en: &str, sort: &str| {
        shell::field(
            lang,
            key,
            say(lang, zh, en),
            "",
            complaints,
            html! {
                input id=(key) name=(key) type=(sort) value=(if sort == "password" { "" } else { one(fields, key) }) required;
            },
        )
    };
    shell::bare(
        lang,
        say(lang, "启用落实", "Set Luoshi up"),
        html! {
            p { (say(lang,
                "建立第一个组织和第一位党务工作者。之后可在“导入”中用现有表格建立全部组织和名册。",
                "Found the first organisation and its first clerk. Everything else can be imported from your spreadsheets.")) }
            form.stack method="post" action="/set-up" {
                (code(lang, fields, complaints))
                (text("full_name", "组织全称", "Full name of the organisation", "text"))
                (text("short_name", "组织简称", "Short name", "text"))
                (shell::field(lang, "level", say(lang, "级别", "Level"), "", complaints, html! {
                    select #level name="level" {
                        @for level in &app.base().level {
                            option value=(level.id) selected[level.id == "leading_group"] { (level.name.of(lang)) }
                        }
                    }
                }))
                (text("name", "您的姓名", "Your name", "text"))
                (text("login", "登录名", "Sign-in name", "text"))
                (text("passphrase", "口令（至少10个字符）", "Passphrase (10 characters or more)", "password"))
                button.main { (say(lang, "启用", "Set up")) }
            }
        },
    )
}

/// The field of the code, filled in where somebody came by the link.
fn code(lang: Lang, fields: &Fields, complaints: &Complaints) -> Markup {
    let help = say(
        lang,
        "从服务器显示的链接打开时已填好；没有填好的，请粘贴链接中 # 后面的全部字符。",
        "Filled in where you came by the link that the server printed; if not, paste all of it behind the #.",
    );
    let input = html! {
        input #token name="token" value=(one(fields, "token")) maxlength="200" autocomplete="off" spellcheck="false" data-behind="" required;
    };
    shell::field(lang, "token", say(lang, "启用码", "Code"), help, complaints, input)
}

async fn set_up(State(app): State<App>, headers: HeaderMap, Stranger(fields): Stranger) -> Result<Response, Trouble> {
    let token = app.token().ok_or(Trouble::NotFound)?;
    if one(&fields, "token").rsplit('#').next() != Some(token.as_str()) {
        let zh = "启用码不对：请核对是否完整；服务器重新启动后会显示新的启用码";
        let refusal =
            Refusal::field("token", zh, "wrong: see that it is whole; a server that was started anew prints another");
        let complaints = Complaints::new(vec![refusal]);
        return Ok(complaints.answer(set_up_form(&app, language(&headers), &fields, &complaints)));
    }
    match found_all(&app, &fields).await {
        Ok(account) => {
            app.set_up();
            enter(&app, account, Strength::One, &headers).await
        }
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = set_up_form(&app, language(&headers), &fields, &complaints);
            Ok(complaints.answer(page))
        }
        Err(other) => Err(other),
    }
}

/// What the set-up form says.
struct First {
    founding: unit::Founding,
    name: String,
    login: String,
    hash: String,
}

async fn found_all(app: &App, fields: &Fields) -> Result<Account, Trouble> {
    let first = first(app, fields).await?;
    let (base, today) = (app.base().clone(), app.today());
    app.write(move |tx| {
        if account::any(tx)? {
            return Err(Fault::NotFound);
        }
        let unit = unit::found_top(tx, &first.founding)?;
        let clerk = base.post("party_affairs_worker").ok_or(Fault::NotFound)?;
        let held = Held { post: clerk.id.clone(), unit: unit.id, top: unit.top, path: unit.path.clone() };
        let (top, home) = (unit.top, unit.id);
        let actor = Actor { person: 0, top, home, name: String::new(), posts: vec![held], operation: 0, today };
        let permit = actor.permit(&base, Verb::Roll, &unit)?;
        let search = luoshi_text::pinyin::key(&first.name);
        let id = person::add(tx, &permit, &person::Entry { name: first.name.clone(), search, ..Default::default() })?;
        holding::appoint(tx, &permit, clerk, id, today, "")?;
        account::add(tx, top, id, &first.login, &first.hash)?;
        Ok(Account { top, person: id, hash: first.hash.clone() })
    })
    .await
}

async fn first(app: &App, fields: &Fields) -> Result<First, Trouble> {
    let filled = |key: &str| match one(fields, key) {
        "" => Err(Refusal::field(key, "请填写", "please fill in")),
        text if text.chars().count() > 100 => Err(Refusal::field(key, "最多100字", "at most 100 characters")),
        text => Ok(text.to_owned()),
    };
    let (full_name, short_name, name) = (filled("full_name")?, filled("short_name")?, filled("name")?);
    let (login, word) = (filled("login")?, whole(fields, "passphrase").to_owned());
    let own = [&full_name, &short_name].map(|title| luoshi_text::pinyin::title_key(title));
    let own = own.into_iter().chain([luoshi_text::pinyin::key(&name), login.clone()]).collect::<Vec<_>>().join(" ");
    let own: Vec<String> = own.split_whitespace().map(str::to_owned).collect();
    luoshi_rules::passphrase::check(&word, &own)?;
    let base = app.base();
    let level = base.level(one(fields, "level")).ok_or_else(|| Refusal::field("level", "请选择", "please choose"))?;
    let founding = unit::Founding {
        id: 0,
        level: level.id.clone(),
        class: base.class.first().map(|class| class.id.clone()).unwrap_or_default(),
        code: level.code.first().cloned().unwrap_or_default(),
        parts: Vec::new(),
        order_no: 1,
        search: luoshi_text::pinyin::title_key(&format!("{full_name} {short_name}")),
        short_name,
        full_name,
        on: jiff::civil::date(app.today().year(), 1, 1),
    };
    let hash = app.hash(word).await?;
    Ok(First { founding, name, login, hash })
}
