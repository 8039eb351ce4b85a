//! Passkeys on every engine: added, used in the place of passphrase and code or as the second step, and everything an
//! authenticator or somebody in between may get wrong. The authenticator is written here, from the standard; a real
//! browser's is in tests/browser/passkeys.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use place::{Answer, CLERK, MEMBER, SECRETARY, Site, Visitor, sites};
use sha2::{Digest, Sha256};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ORIGIN: &str = "http://localhost:8080";
/// Present, and made sure who.
const SURE: u8 = 5;

/// An authenticator with one key.
struct Authenticator {
    key: SigningKey,
    name: Vec<u8>,
    counter: u32,
    origin: &'static str,
    host: &'static str,
    flags: u8,
}

/// A page with a question, and the cookies to answer it with.
struct Asked {
    page: Answer,
    cookie: String,
}

impl Authenticator {
    fn new(seed: u8) -> Authenticator {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Authenticator { key, name: vec![seed; 20], counter: 1, origin: ORIGIN, host: "localhost", flags: SURE }
    }

    fn client(&self, sort: &str, challenge: &str) -> Vec<u8> {
        let client = serde_json::json!({ "type": sort, "challenge": challenge, "origin": self.origin });
        client.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.host.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The fields of the form that adds its key.
    fn made(&self, asked: &Asked) -> Vec<(&'static str, String)> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let side = |bytes: Option<&p256::FieldBytes>| Value::Bytes(bytes.unwrap().to_vec());
        let number = |n: i64| Value::from(n);
        let cose = Value::Map(vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), side(point.x())),
            (number(-3), side(point.y())),
        ]);
        let mut data = self.data(self.flags | 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.name.len()).unwrap().to_be_bytes());
        data.extend(&self.name);
        ciborium::into_writer(&cose, &mut data).unwrap();
        let object = Value::Map(vec![
            (Value::Text("fmt".into()), Value::Text("none".into())),
            (Value::Text("attStmt".into()), Value::Map(Vec::new())),
            (Value::Text("authData".into()), Value::Bytes(data)),
        ]);
        let mut bytes = Vec::new();
        ciborium::into_writer(&object, &mut bytes).unwrap();
        let client = self.client("webauthn.create", &challenge(&asked.page));
        vec![("credential", encoded(&self.name)), ("client", encoded(&client)), ("object", encoded(&bytes))]
    }

    /// The fields of the form that signs in, for whoever owns the key.
    fn signed(&self, asked: &Asked, person: i64) -> Vec<(&'static str, String)> {
        let client = self.client("webauthn.get", &challenge(&asked.page));
        let data = self.data(self.flags);
        let message = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature: Signature = self.key.sign(&message);
        vec![
            ("credential", encoded(&self.name)),
            ("client", encoded(&client)),
            ("data", encoded(&data)),
            ("signature", encoded(signature.to_der().as_bytes())),
            ("user", encoded(person.to_string().as_bytes())),
        ]
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The challenge on a page.
fn challenge(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("&quot;challenge&quot;:&quot;").expect("no challenge on the page");
    rest.split('&').next().unwrap().to_owned()
}

fn cookie(answer: &Answer) -> String {
    let set = answer.head.get("set-cookie").map(|value| value.to_str().unwrap()).unwrap_or_default();
    set.split(';').next().unwrap().to_owned()
}

/// Opens a page with a question.
async fn asked(site: &Site, session: &str, path: &str) -> Asked {
    let page = site.ask("GET", path, &[("cookie", session)], Vec::new()).await;
    assert_eq!(page.status, 200, "{path}: {} {}", page.to, page.text);
    let cookie = format!("{}; {session}", cookie(&page));
    Asked { page, cookie }
}

/// Sends a form from the page of a question.
async fn send(site: &Site, asked: &Asked, path: &str, fields: &[(&str, String)]) -> Answer {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if asked.page.text.contains("name=\"csrf\"") {
        pairs.append_pair("csrf", &asked.page.hidden("csrf"));
    }
    pairs.extend_pairs(fields);
    site.ask("POST", path, &[FORM, ("cookie", &asked.cookie)], pairs.finish().into_bytes()).await
}

/// Adds the key of an authenticator to whoever has this cookie.
async fn add(site: &Site, session: &str, key: &Authenticator) -> Answer {
    let page = asked(site, session, "/me/passkeys").await;
    let fields = [key.made(&page), vec![("name", "办公电脑".to_owned())]].concat();
    send(site, &page, "/me/passkeys", &fields).await
}

/// Signs in by a passkey alone.
async fn sign_in(site: &Site, key: &Authenticator, person: i64) -> Answer {
    let page = asked(site, "", "/sign-in/passkey").await;
    send(site, &page, "/sign-in/passkey", &key.signed(&page, person)).await
}

/// The cookie after a sign-in by passphrase.
async fn by_passphrase(site: &Site, person: i64) -> String {
    let body = format!("login=user{person}&passphrase=right+passphrase").into_bytes();
    cookie(&site.ask("POST", "/sign-in", &[FORM], body).await)
}

async fn opens(site: &Site, session: &str, path: &str) -> bool {
    site.ask("GET", path, &[("cookie", session)], Vec::new()).await.status == 200
}

/// Somebody with a key of their own.
async fn owner<'s>(site: &'s Site, person: i64, key: &Authenticator) -> Visitor<'s> {
    let me = site.sign_in(person).await;
    assert_eq!(add(site, &me.cookie, key).await.to, "/me/passkeys");
    me
}

#[tokio::test]
async fn a_passkey_is_added_seen_used_alone_and_removed() {
    for site in sites().await {
        let mut key = Authenticator::new(1);
        let me = owner(&site, CLERK, &key).await;
        let list = me.get("/me/passkeys").await.text;
        assert!(list.contains("办公电脑") && list.contains("未使用"), "{list}");
        key.counter += 1;
        let done = sign_in(&site, &key, CLERK).await;
        assert_eq!((done.status, done.to.as_str()), (303, "/"));
        assert!(opens(&site, &cookie(&done), "/units/1").await, "no code is asked for besides");
        let twice = add(&site, &me.cookie, &key).await;
        assert!(twice.status == 422 && twice.text.contains("已登记"), "{}", twice.text);
        me.send("/me/passkeys", "/me/passkeys/remove", &[("id", &encoded(&key.name))]).await;
        key.counter += 1;
        let gone = sign_in(&site, &key, CLERK).await;
        assert!(gone.status == 422 && gone.text.contains("请改用口令"), "{}", gone.text);
        let english = me.get_english("/me/passkeys").await.text;
        assert!(english.contains("Add a passkey") && english.contains("Without it, sign in with passphrase and code"));
    }
}

#[tokio::test]
async fn who_must_have_a_second_factor_may_take_a_passkey_and_is_asked_for_it_later() {
    for site in sites().await {
        let half = by_passphrase(&site, SECRETARY).await;
        assert!(!opens(&site, &half, "/units/3").await);
        let offer = site.ask("GET", "/me/second", &[("cookie", &half)], Vec::new()).await;
        assert!(offer.text.contains("href=\"/me/passkeys\""));
        let mut key = Authenticator::new(2);
        key.flags = 1;
        let whole = cookie(&add(&site, &half, &key).await);
        assert!(opens(&site, &whole, "/units/3").await, "by two factors now");
        assert!(!opens(&site, &half, "/units/3").await, "the session that waited has ended");

        let half = by_passphrase(&site, SECRETARY).await;
        let next = site.ask("GET", "/sign-in/second", &[("cookie", &half)], Vec::new()).await;
        assert_eq!(next.to, "/sign-in/second/passkey");
        for path in ["/me/passkeys", "/me/second"] {
            let page = site.ask("GET", path, &[("cookie", &half)], Vec::new()).await;
            assert_eq!(page.to, "/sign-in/second", "nobody adds or replaces one by a passphrase alone: {path}");
        }
        let stranger = Authenticator::new(3);
        owner(&site, MEMBER, &stranger).await;
        let page = asked(&site, &half, "/sign-in/second/passkey").await;
        let other = send(&site, &page, "/sign-in/second/passkey", &stranger.signed(&page, MEMBER)).await;
        assert_eq!(other.status, 422, "the passkey of somebody else");
        key.counter += 1;
        let page = asked(&site, &half, "/sign-in/second/passkey").await;
        let done = send(&site, &page, "/sign-in/second/passkey", &key.signed(&page, SECRETARY)).await;
        assert_eq!((done.status, done.to.as_str()), (303, "/"));
        assert!(opens(&site, &cookie(&done), "/units/3").await);
    }
}

#[tokio::test]
async fn nothing_but_the_right_answer_here_and_now_signs_in() {
    for site in sites().await {
        let mut key = Authenticator::new(4);
        owner(&site, CLERK, &key).await;
        let refused = async |key: &Authenticator, person: i64, why: &str| {
            let answer = sign_in(&site, key, person).await;
            assert!(answer.status == 422 && answer.text.contains("请改用口令"), "{why}: {}", answer.text);
            assert!(!answer.head["set-cookie"].to_str().unwrap().contains("luoshi="), "{why}");
        };
        key.counter += 1;
        (key.origin, key.host) = ("https://luoshi.example.com", "localhost");
        refused(&key, CLERK, "another origin").await;
        (key.origin, key.host) = (ORIGIN, "luoshi.example.com");
        refused(&key, CLERK, "another server").await;
        (key.host, key.flags) = ("localhost", 1);
        refused(&key, CLERK, "nobody made sure who it is").await;
        key.flags = 4;
        refused(&key, CLERK, "nobody was there").await;
        key.flags = SURE;
        refused(&key, SECRETARY, "for somebody else").await;
        let mut forged = Authenticator::new(5);
        (forged.name, forged.counter) = (key.name.clone(), 9);
        refused(&forged, CLERK, "another key under the same name").await;
        refused(&Authenticator::new(6), CLERK, "a key nobody added").await;

        let (one, other) = (asked(&site, "", "/sign-in/passkey").await, asked(&site, "", "/sign-in/passkey").await);
        let crossed = Asked { page: one.page, cookie: other.cookie };
        assert_eq!(send(&site, &crossed, "/sign-in/passkey", &key.signed(&crossed, CLERK)).await.status, 422);
        let none = Asked { cookie: String::new(), ..crossed };
        assert!(send(&site, &none, "/sign-in/passkey", &key.signed(&none, CLERK)).await.text.contains("重新登录"));
        let old = format!("luoshi-passkey={}.{}", luoshi_store::now() - 700_000, "0".repeat(64));
        let old = Asked { cookie: old, ..none };
        assert!(send(&site, &old, "/sign-in/passkey", &key.signed(&old, CLERK)).await.text.contains("重新登录"));
        assert_eq!(sign_in(&site, &key, CLERK).await.status, 303, "and the right answer does");
    }
}

#[tokio::test]
async fn an_answer_serves_once() {
    for site in sites().await {
        let mut key = Authenticator::new(7);
        owner(&site, CLERK, &key).await;
        key.counter = 0;
        let mut uncounted = Authenticator::new(8);
        uncounted.counter = 0;
        owner(&site, MEMBER, &uncounted).await;
        let page = asked(&site, "", "/sign-in/passkey").await;
        let fields = uncounted.signed(&page, MEMBER);
        assert_eq!(send(&site, &page, "/sign-in/passkey", &fields).await.status, 303);
        let again = send(&site, &page, "/sign-in/passkey", &fields).await;
        assert!(again.status == 422 && again.text.contains("已经用过"), "{}", again.text);
        assert_eq!(sign_in(&site, &uncounted, MEMBER).await.status, 303, "one that does not count goes on serving");
    }
}

#[tokio::test]
async fn a_counter_that_goes_back_stops_the_passkey() {
    for site in sites().await {
        let mut key = Authenticator::new(9);
        key.counter = 10;
        let me = owner(&site, CLERK, &key).await;
        for (counter, why) in [(10, "the same again"), (11, "stopped now")] {
            key.counter = counter;
            let answer = sign_in(&site, &key, CLERK).await;
            assert_eq!(answer.status, 422, "{why}");
            assert_eq!(answer.text.contains("可能被复制"), counter == 10, "{why}: {}", answer.text);
        }
        assert!(me.get("/me/passkeys").await.text.contains("疑被复制，已停用"));
    }
}

#[tokio::test]
async fn a_closed_account_and_a_new_invitation_end_passkeys() {
    for site in sites().await {
        let mut key = Authenticator::new(10);
        owner(&site, MEMBER, &key).await;
        let clerk = site.sign_in(CLERK).await;
        clerk.send(&format!("/people/{MEMBER}/account"), &format!("/people/{MEMBER}/account/close"), &[]).await;
        key.counter += 1;
        assert_eq!(sign_in(&site, &key, MEMBER).await.status, 422);
        let (from, to) = (format!("/people/{MEMBER}"), format!("/people/{MEMBER}/invitations"));
        let page = clerk.send(&from, &to, &[("login", "")]);
        let link = page.await.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let code = link.strip_prefix("/join#").unwrap();
        let body = format!("code={code}&passphrase=a+fresh+passphrase").into_bytes();
        assert_eq!(site.ask("POST", "/join", &[FORM], body).await.status, 303);
        assert_eq!(sign_in(&site, &key, MEMBER).await.status, 422, "whoever held the old device is out");
    }
}

#[tokio::test]
async fn who_has_a_passkey_shows_by_it_again_who_they_are() {
    let site = Site::new(None).await;
    let mut key = Authenticator::new(9);
    let me = owner(&site, CLERK, &key).await;
    let conn = rusqlite::Connection::open(site.file()).unwrap();
    conn.execute("update session set proven = 0", []).unwrap();
    assert_eq!(me.get("/me/passkeys").await.to, "/me/prove?to=/me/passkeys");
    let page = asked(&site, &me.cookie, "/me/prove?to=/me/passkeys").await;
    assert!(!page.page.text.contains("name=\"passphrase\""), "both factors: a passkey, or signing in anew");
    let to = vec![("to", "/me/passkeys".to_owned())];
    key.counter += 1;
    let mut lax = key.signed(&page, CLERK);
    let others = Authenticator::new(10);
    let foreign = send(&site, &page, "/me/prove/passkey", &[others.signed(&page, CLERK), to.clone()].concat()).await;
    assert!(
        foreign.status == 422 && me.get("/me/passkeys").await.status == 303,
        "somebody else's key: {}",
        foreign.text
    );
    lax.extend(to);
    let done = send(&site, &page, "/me/prove/passkey", &lax).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/me/passkeys"));
    assert_eq!(me.get("/me/passkeys").await.status, 200);
    assert_eq!(send(&site, &page, "/me/prove/passkey", &lax).await.status, 422, "once");
}
