//! Single sign-on against a real issuer, the npm package oidc-provider, on every engine: who comes in, and every way in
//! which what comes back may be wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;
mod servers;

use luoshi_gateway::Trust;
use luoshi_gateway::oidc::{Algorithm, Asked, Issuer, Wish};
use luoshi_store::account::{self, Over};
use luoshi_store::{holding, identity, unit};
use place::{Answer, CLERK, FIRST, MEMBER, ROOT, SECRETARY, Site, TODAY, engines};
use servers::Server;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;

const BACK: &str = "http://localhost:8080/sign-in/single/back";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn start() -> Server {
    Server::issuer(BACK, None)
}

fn wish(provider: &Server) -> Wish {
    Wish {
        issuer: provider.address.clone(),
        client: "luoshi".into(),
        secret: "a secret & more".into(),
        claim: "staff".into(),
        scope: "openid profile".into(),
        algorithm: Algorithm::RS256,
        second: Vec::new(),
    }
}

/// Makes an issuer answer wrongly from now on.
fn spoil(provider: &Server, how: &str) {
    let host = provider.address.strip_prefix("http://").unwrap();
    assert_eq!(ask(host, &format!("/spoil/{how}"), &mut HashMap::new()).1, "ok");
}

/// Asks as a browser does: where it is sent, and what it sees.
fn ask(host: &str, path: &str, jar: &mut HashMap<String, String>) -> (Option<String>, String) {
    let mut stream = TcpStream::connect(host).unwrap();
    let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut to = None;
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match name.to_lowercase().as_str() {
            "location" => to = Some(value.to_owned()),
            "set-cookie" => {
                let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                jar.insert(name.to_owned(), value.to_owned());
            }
            _ => {}
        }
    }
    (to, body.to_owned())
}

/// Signs somebody in at the issuer; returns the path the browser is sent back to.
fn at_the_issuer(address: &str, who: &str) -> String {
    let (mut address, mut jar) = (format!("{address}&login_hint={who}"), HashMap::new());
    for _ in 0..6 {
        let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (host, path) = (host.to_owned(), format!("/{path}"));
        let (to, body) = ask(&host, &path, &mut jar);
        let to = to.unwrap_or_else(|| panic!("{path}: {body}"));
        if let Some(back) = to.strip_prefix("http://localhost:8080") {
            return back.to_owned();
        }
        address = if to.starts_with('/') { format!("http://{host}{to}") } else { to };
    }
    panic!("the issuer sends the browser round in a circle")
}

fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.head.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    set.map(|value| value.split(';').next().unwrap().to_owned()).collect()
}

/// Leaves for the issuer: where to, and the cookie of the ticket.
async fn leave(site: &Site) -> (String, String) {
    let answer = site.ask("GET", "/sign-in/single", &[], Vec::new()).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    (answer.to.clone(), cookies(&answer).pop().unwrap())
}

async fn get(site: &Site, cookie: &str, path: &str) -> Answer {
    site.ask("GET", path, &[("cookie", cookie)], Vec::new()).await
}

/// The whole way, as somebody with this code.
async fn come_in(site: &Site, who: &str) -> Answer {
    let (address, ticket) = leave(site).await;
    get(site, &ticket, &at_the_issuer(&address, who)).await
}

/// The cookie of the session that an answer opens.
fn session(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.to.as_str()), (303, "/"), "{}", answer.text);
    cookies(answer).into_iter().find(|cookie| cookie.starts_with("luoshi=")).expect("no session")
}

#[track_caller]
fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 422, "{}", answer.to);
    assert!(answer.text.contains(words), "{words}: {}", answer.text);
    assert!(!cookies(answer).iter().any(|cookie| cookie.starts_with("luoshi=")), "a session all the same");
    assert!(answer.text.contains("name=\"passphrase\""), "the passphrase is still there to use");
}

async fn code(site: &Site, person: i64, code: &'static str) {
    let work = move |tx: &luoshi_store::Tx, base: &luoshi_rules::Pack| {
        let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
        let at = unit::find(tx, if person == CLERK { ROOT } else { FIRST })?;
        identity::give_code(tx, &Over { actor: &actor, base, at: &at, person }, code)
    };
    site.write(work).await;
}

/// A site on each engine, with codes for the member and the secretary of the first branch.
async fn sites(wish: &Wish) -> Vec<Site> {
    let mut sites = Vec::new();
    for server in engines() {
        let issuer = Issuer::new(wish.clone(), Trust::new(None).unwrap()).unwrap();
        let site = Site::open_to(server, Some(issuer), None).await;
        code(&site, MEMBER, "a-1004").await;
        code(&site, SECRETARY, "A-1002").await;
        sites.push(site);
    }
    sites
}

#[tokio::test]
async fn whoever_has_the_person_code_comes_in_and_a_post_still_asks_for_a_second_factor() {
    let provider = start();
    for site in sites(&wish(&provider)).await {
        let page = site.ask("GET", "/sign-in", &[], Vec::new()).await.text;
        assert!(page.contains("href=\"/sign-in/single\""), "{page}");
        let member = session(&come_in(&site, "A-1004").await);
        let own = get(&site, &member, "/me").await;
        assert_eq!(own.status, 200, "{}", own.to);
        let secretary = session(&come_in(&site, "a-1002").await);
        assert_eq!(get(&site, &secretary, "/").await.to, "/sign-in/second");
        spoil(&provider, "strong");
        let secretary = session(&come_in(&site, "a-1002").await);
        assert_eq!(get(&site, &secretary, "/").await.to, "/sign-in/second", "unless the administrator says otherwise");
        spoil(&provider, "");
    }
}

#[tokio::test]
async fn two_factors_of_the_issuer_count_where_the_administrator_says_so() {
    let provider = start();
    for site in sites(&Wish { second: vec!["mfa".into()], ..wish(&provider) }).await {
        let one = session(&come_in(&site, "A-1002").await);
        assert_eq!(get(&site, &one, "/").await.to, "/sign-in/second", "it asked for one");
        spoil(&provider, "strong");
        let two = session(&come_in(&site, "A-1002").await);
        assert_eq!(get(&site, &two, "/").await.status, 200);
        spoil(&provider, "");
    }
}

#[tokio::test]
async fn who_has_no_account_here_is_told_what_to_do_and_is_not_given_one() {
    let provider = start();
    for site in sites(&wish(&provider)).await {
        for nobody in ["A-9999", "x%20y", "%2A"] {
            refused(&come_in(&site, nobody).await, "请党务工作者在您的人员页面填写人员编号");
        }
        refused(&come_in(&site, "codeless").await, "没有给出您的人员编号");
        assert!(site.write(|tx, _| identity::coded(tx, "A-9999")).await.is_none(), "nobody was made");
        site.write(|tx, base| {
            let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
            let at = unit::find(tx, FIRST)?;
            account::close(tx, &Over { actor: &actor, base, at: &at, person: MEMBER })
        })
        .await;
        refused(&come_in(&site, "A-1004").await, "没有可用的账号");
    }
}

#[tokio::test]
async fn no_answer_of_an_issuer_is_believed_that_is_not_right_in_every_part() {
    let provider = start();
    for site in sites(&wish(&provider)).await {
        let wrong = [
            "none",
            "shared",
            "unknown",
            "forged",
            "cut",
            "nonce",
            "unasked",
            "audience",
            "audiences",
            "issuer",
            "expired",
            "endless",
            "future",
            "somebody",
        ];
        for how in wrong {
            spoil(&provider, how);
            let answer = come_in(&site, "A-1004").await;
            assert_eq!(answer.status, 422, "{how}");
            refused(&answer, "答复不可信");
        }
        // clocks differ by half a minute
        for how in ["late", "early"] {
            spoil(&provider, how);
            session(&come_in(&site, "A-1004").await);
        }
        spoil(&provider, "");
    }
}

#[tokio::test]
async fn an_issuer_may_change_its_keys() {
    let provider = start();
    for site in sites(&wish(&provider)).await.into_iter().take(1) {
        session(&come_in(&site, "A-1004").await);
        spoil(&provider, "rotated");
        refused(&come_in(&site, "A-1004").await, "答复不可信"); // keys are not read again for every token
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
        session(&come_in(&site, "A-1004").await);
    }
}

#[tokio::test]
async fn what_comes_back_serves_once_and_only_the_browser_that_was_sent_out() {
    let provider = start();
    // the claim stands in the token, so that nothing but the ticket can tell the second time
    for site in sites(&Wish { claim: "sub".into(), ..wish(&provider) }).await {
        let (address, ticket) = leave(&site).await;
        let back = at_the_issuer(&address, "A-1004");
        let (_, another) = leave(&site).await;
        refused(&get(&site, "", &back).await, "等待时间过长");
        refused(&get(&site, &another, &back).await, "不是从这个浏览器开始的");
        let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
        refused(&get(&site, &ticket, &back.replace(state, "made-up")).await, "不是从这个浏览器开始的");
        let other =
            back.split_once("&iss=").map_or(back.clone(), |(head, _)| format!("{head}&iss=https://id.example.org"));
        refused(&get(&site, &ticket, &other).await, "不是从这个浏览器开始的");
        let old = ticket.replacen("luoshi-single=1", "luoshi-single=0", 1);
        refused(&get(&site, &old, &back).await, "等待时间过长");
        refused(
            &get(&site, &ticket, &format!("/sign-in/single/back?state={state}&error=access_denied")).await,
            "可能已取消",
        );
        session(&get(&site, &ticket, &back).await);
        refused(&get(&site, &ticket, &back).await, "已经用过或已过期");
        spoil(&provider, "again");
        refused(&get(&site, &ticket, &back).await, "这次登录已经用过，请重新登录"); // by us, were the issuer to take it twice
        spoil(&provider, "");
    }
}

#[tokio::test]
async fn a_code_stolen_on_its_way_back_serves_no_other_browser_even_with_its_own_state() {
    let provider = start();
    for site in sites(&wish(&provider)).await {
        let (address, _) = leave(&site).await;
        let stolen = at_the_issuer(&address, "A-1002");
        let code = stolen.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let (address, ticket) = leave(&site).await;
        let own = at_the_issuer(&address, "A-1004");
        let state = own.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let crossed = format!("/sign-in/single/back?code={code}&state={state}");
        refused(&get(&site, &ticket, &crossed).await, "已经用过或已过期"); // PKCE: the verifier is another
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_leaves_the_passphrase() {
    let mut provider = start();
    let wished = wish(&provider);
    let site = sites(&wished).await.remove(0);
    let (address, ticket) = leave(&site).await;
    let back = at_the_issuer(&address, "A-1004");
    provider.end();
    refused(&get(&site, &ticket, &back).await, "暂时没有应答");
    let never_seen = Issuer::new(wished, Trust::new(None).unwrap()).unwrap();
    let site = Site::open_to(None, Some(never_seen), None).await;
    refused(&site.ask("GET", "/sign-in/single", &[], Vec::new()).await, "暂时没有应答");
    let body = format!("login=user{MEMBER}&passphrase=right+passphrase").into_bytes();
    assert_eq!(site.ask("POST", "/sign-in", &[FORM], body).await.status, 303);
}

#[tokio::test]
async fn an_installation_without_single_sign_on_has_no_such_pages() {
    let site = Site::new(None).await;
    for path in ["/sign-in/single", "/sign-in/single/back?code=1&state=2", "/sign-in/directory"] {
        assert_eq!(site.ask("GET", path, &[], Vec::new()).await.status, 404, "{path}");
    }
    assert!(!site.ask("GET", "/sign-in", &[], Vec::new()).await.text.contains("/sign-in/single"));
}

#[tokio::test]
async fn an_issuer_is_believed_over_https_only_with_a_certificate_we_trust() {
    let folder = std::env::temp_dir().join(format!("luoshi-issuer-{}", luoshi_store::new_id()));
    place::certificates(&folder);
    let provider = Server::issuer(BACK, Some(&folder));
    let asked = Asked { state: "s".into(), nonce: "n".into(), verifier: "v".into(), back: BACK.into() };
    let trusted = Trust::new(Some(&folder.join("authority.pem"))).unwrap();
    let address = Issuer::new(wish(&provider), trusted).unwrap().address(&asked).await.unwrap();
    assert!(
        address.starts_with(&format!("{}/auth?response_type=code&client_id=luoshi&", provider.address)),
        "{address}"
    );
    assert!(address.contains("code_challenge_method=S256") && !address.contains("verifier"));
    let strict = Issuer::new(wish(&provider), Trust::new(None).unwrap()).unwrap();
    let fault = strict.address(&asked).await.unwrap_err().to_string();
    assert!(fault.contains("certificate"), "{fault}");
    // over http, elsewhere than on this machine, nothing is asked
    let plain = Wish { issuer: "http://id.example.org".into(), ..wish(&provider) };
    assert!(Issuer::new(plain, Trust::new(None).unwrap()).is_err());
    let shared = Wish { algorithm: Algorithm::HS256, ..wish(&provider) };
    assert!(Issuer::new(shared, Trust::new(None).unwrap()).is_err(), "a secret that two know signs nothing");
    std::fs::remove_dir_all(folder).unwrap();
}
