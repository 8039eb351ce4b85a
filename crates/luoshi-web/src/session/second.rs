//! The second factor: setting it up at the first sign-in, and asking for a code at every later one.

use super::{device, prove, set_cookie};
use crate::form::{Complaints, HalfSent, Sent, one};
use crate::routes::Routes;
use crate::shell::{self, field};
use crate::trouble::Trouble;
use crate::visit::{Half, Visit};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use luoshi_rules::Refusal;
use luoshi_store::account::Account;
use luoshi_store::second::{self, Offer};
use luoshi_store::secret;
use luoshi_store::session::{self, Opening, Strength};
use maud::{Markup, PreEscaped, html};
use qrcode::render::svg;

pub fn routes() -> Routes {
    Routes::new().route("/sign-in/second", get(show).post(answer)).route("/me/second", get(offer).post(enrol))
}

async fn show(Half(visit): Half) -> Result<Response, Trouble> {
    let actor = visit.actor.clone();
    let (known, any) = visit.app.read(move |tx| Ok((second::known(tx, &actor)?, second::any(tx, &actor)?))).await?;
    if known.is_none() {
        return Ok(Redirect::to(if any { "/sign-in/second/passkey" } else { "/me/second" }).into_response());
    }
    Ok(code_form(&visit, &Complaints::default()).into_response())
}

fn code_form(visit: &Visit, complaints: &Complaints) -> Markup {
    let help = visit.say(
        "打开手机上的验证器，输入当前的6位数字。手机不在身边时，输入一个恢复码。",
        "Open your authenticator and type its 6 digits. Without your phone, type one of your recovery codes.",
    );
    shell::bare(
        visit.lang,
        visit.say("第二步：输入验证码", "Second step: the code"),
        html! {
            form.stack method="post" action="/sign-in/second" {
                (shell::hidden(visit))
                @for words in complaints.all(visit.lang) { p.error role="alert" { "▲ " (words) } }
                (code_field(visit, help, &Complaints::default()))
                button.main { (visit.say("继续", "Continue")) }
            }
            @if visit.app.setup().origin.is_some() {
                p { a.button href="/sign-in/second/passkey" { (visit.say("改用通行密钥", "Use a passkey instead")) } }
            }
            p.help { (visit.say("手机和恢复码都丢失的，请党务工作者重新发送邀请链接。",
                "Lost both? Ask whoever keeps the roll for a new invitation.")) }
            (leave(visit))
        },
    )
}

pub(super) fn code_field(visit: &Visit, help: &str, complaints: &Complaints) -> Markup {
    field(
        visit.lang,
        "code",
        visit.say("验证码", "Code"),
        help,
        complaints,
        html! { input #code name="code" inputmode="text" autocomplete="one-time-code" autofocus maxlength="20" required; },
    )
}

pub(super) fn leave(visit: &Visit) -> Markup {
    html! { form method="post" action="/sign-out" { (shell::hidden(visit)) button { (visit.say("退出登录", "Sign out")) } } }
}

async fn answer(headers: HeaderMap, HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let account = Account { top: visit.actor.top, person: visit.actor.person, hash: String::new() };
    match right(visit, &account, one(&sent.fields, "code")).await {
        Ok(()) => {
            let cookie = strengthen(visit, &headers).await?;
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
        }
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = code_form(visit, &complaints);
            Ok(complaints.answer(page))
        }
        Err(other) => Err(other),
    }
}

/// Refuses a wrong code. The try is counted and saved before it is compared.
pub(super) async fn right(visit: &Visit, account: &Account, code: &str) -> Result<(), Trouble> {
    let (one, two, code) = (account.clone(), account.clone(), code.to_owned());
    visit.app.write(move |tx| second::attempt(tx, &one)).await?;
    if visit.app.write(move |tx| second::matches(tx, &two, &code)).await? {
        return Ok(());
    }
    let zh = "验证码不对或已用过：请等下一个验证码出现后再输入，并核对手机时间";
    Err(Refusal::rule(zh, "wrong or used already: wait for the next code, and check the clock of your phone").into())
}

/// A new session opened with two factors in the place of the one that waited; returns its cookie.
pub(super) async fn strengthen(visit: &Visit, headers: &HeaderMap) -> Result<String, Trouble> {
    let opening = Opening { token: secret::token()?, strength: Strength::Two, device: device(headers) };
    let cookie = set_cookie(&visit.app, visit.actor.top, &opening.token);
    let account = Account { top: visit.actor.top, person: visit.actor.person, hash: String::new() };
    let (actor, old) = (visit.actor.clone(), visit.token.clone());
    visit
        .app
        .write(move |tx| {
            session::end(tx, &actor, &old)?;
            session::begin(tx, &account, &opening)
        })
        .await?;
    Ok(cookie)
}

// ---- setting it up

/// Shown to who must set one up now, and to who signed in with two factors and wants another.
async fn offer(Half(visit): Half) -> Result<Response, Trouble> {
    if !visit.is_proven() && !visit.bearer {
        return Ok(prove::first("/me/second"));
    }
    let offer = offered(&visit).await?;
    Ok(offer_page(&visit, &offer, &Complaints::default()).into_response())
}

async fn offered(visit: &Visit) -> Result<Offer, Trouble> {
    visit.in_proof()?;
    may_set_up(visit).await?;
    let (actor, token) = (visit.actor.clone(), visit.token.clone());
    visit.app.read(move |tx| second::offer(tx, &actor, &token)).await
}

/// Refuses who has a second factor and did not come by it: nobody adds or replaces one by a passphrase alone.
pub(super) async fn may_set_up(visit: &Visit) -> Result<(), Trouble> {
    let actor = visit.actor.clone();
    let any = visit.app.read(move |tx| second::any(tx, &actor)).await?;
    if visit.strong || !any { Ok(()) } else { Err(Trouble::Second) }
}

fn offer_page(visit: &Visit, offer: &Offer, complaints: &Complaints) -> Markup {
    let label: String = form_urlencoded::byte_serialize(offer.login.as_bytes()).collect();
    let address = format!("otpauth://totp/Luoshi:{label}?secret={}&issuer=Luoshi", offer.secret);
    let letters: Vec<char> = offer.secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    shell::bare(
        visit.lang,
        visit.say("设置两步验证", "Set up the second step"),
        html! {
            p { (visit.say("启用后，登录时除口令外还要一个手机验证码。可以查看或办理他人事项的职务必须启用。约需一分钟。",
                "Signing in then takes a code of your phone beside the passphrase. Posts that let you see or do things of others ask for it. It takes a minute.")) }
            ol {
                li { (visit.say("在手机上打开验证器（任何支持 TOTP 的应用，不需要网络）。", "Open an authenticator on your phone (any that knows TOTP; it needs no network).")) }
                li { (visit.say("扫描下图，或手工输入密钥：", "Scan this, or type the secret:")) br; code.secret { (groups.join(" ")) } }
                li { (visit.say("输入手机显示的6位数字。", "Type the 6 digits it shows.")) }
            }
            div.qr { (picture(&address, visit.say("供验证器扫描的二维码", "A code for your authenticator to scan"))) }
            form.stack method="post" action="/me/second" {
                (shell::hidden(visit))
                (code_field(visit, "", complaints))
                button.main { (visit.say("启用", "Enable")) }
            }
            @if visit.app.setup().origin.is_some() {
                p { a.button href="/me/passkeys" { (visit.say("改用通行密钥（指纹、面容、安全密钥）", "Use a passkey instead (finger, face, security key)")) } }
            }
            (leave(visit))
        },
    )
}

/// A QR code as a picture drawn by the server.
fn picture(text: &str, title: &str) -> Markup {
    let Ok(code) = qrcode::QrCode::new(text) else { return html! {} };
    let drawn = code.render::<svg::Color>().min_dimensions(220, 220).build();
    let drawn = drawn.split_once("?>").map_or(drawn.clone(), |(_, svg)| svg.to_owned());
    let (head, rest) = drawn.split_once('>').unwrap_or_default();
    html! { (PreEscaped(head)) (PreEscaped(" role=\"img\">")) title { (title) } (PreEscaped(rest)) }
}

async fn enrol(headers: HeaderMap, HalfSent(sent): HalfSent) -> Result<Response, Trouble> {
    let offer = offered(&sent.visit).await?;
    match enrolled(&sent).await {
        Ok(codes) => {
            let cookie = strengthen(&sent.visit, &headers).await?;
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), codes_page(&sent.visit, &codes)).into_response())
        }
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = offer_page(&sent.visit, &offer, &complaints);
            Ok(complaints.answer(page))
        }
        Err(other) => Err(other),
    }
}

async fn enrolled(sent: &Sent) -> Result<Vec<String>, Trouble> {
    let (actor, token) = (sent.visit.actor.clone(), sent.visit.token.clone());
    let code = one(&sent.fields, "code").to_owned();
    sent.visit.app.write(move |tx| second::enrol(tx, &actor, &token, &code)).await
}

/// Recovery codes, shown once.
pub(crate) fn codes_page(visit: &Visit, codes: &[String]) -> Markup {
    shell::bare(
        visit.lang,
        visit.say("请保存恢复码", "Keep these recovery codes"),
        html! {
            p { (visit.say("手机丢失时，每个恢复码可代替验证码使用一次。只显示这一次：请打印或抄写，与电脑、手机分开存放。旧的恢复码已失效。",
                "Without your phone, each serves once in the place of a code. They are shown only now: print or copy them, and keep them apart from computer and phone. Older ones have ended.")) }
            ul.codes { @for code in codes { li { code { (code) } } } }
            p { a.button.main href="/" { (visit.say("已保存，继续", "I have kept them")) } }
        },
    )
}
