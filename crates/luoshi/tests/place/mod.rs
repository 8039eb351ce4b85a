//! A small installation in memory, on every engine: a department with a committee and two branches, and who works there.

pub mod program;
pub mod small;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use jiff::civil::{Date, date};
use luoshi_gateway::ldap::Directory;
use luoshi_gateway::oidc::Issuer;
use luoshi_rules::person::Standing;
use luoshi_rules::{Actor, Calendar, Held, Pack, Permit, Unit, Verb};
use luoshi_store::account::{self, Account};
use luoshi_store::obligation::{self, Edition};
use luoshi_store::session::{self, Opening, Strength};
use luoshi_store::{Db, Fault, Keys, Tx, holding, person, unit};
use luoshi_web::{App, Clock, Files, Setup, router};
use std::path::PathBuf;
use tower::ServiceExt;

/// The day it is.
pub const TODAY: Date = date(2023, 5, 15);
/// The clerk of the department.
pub const CLERK: i64 = 101;
/// The secretary of the first branch.
pub const SECRETARY: i64 = 102;
/// The secretary of the second branch.
pub const OTHER: i64 = 103;
/// A member of the first branch.
pub const MEMBER: i64 = 104;
/// Someone in another department of the same installation.
pub const STRANGER: i64 = 201;
/// The department, the committee, the branches.
pub const ROOT: i64 = 1;
pub const COMMITTEE: i64 = 2;
pub const FIRST: i64 = 3;
pub const SECOND: i64 = 4;
/// The root of the other department.
pub const ELSEWHERE: i64 = 9;

/// A whole site.
pub struct Site {
    pub app: App,
    pub router: Router,
    pub db: Db,
    pub base: Pack,
    file: PathBuf,
}

/// How a site is opened.
#[derive(Default)]
struct Way {
    server: Option<String>,
    token: Option<String>,
    secure: bool,
    issuer: Option<Issuer>,
    directory: Option<Directory>,
    files: Option<Files>,
    pace: u32,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub to: String,
    pub text: String,
    pub head: axum::http::HeaderMap,
}

impl Answer {
    /// The value of the first hidden field of this name on the page.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&mark).unwrap_or_else(|| panic!("no {name} on the page")).1;
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A site on each engine there is: SQLite always, PostgreSQL when LUOSHI_TEST_PG names a server.
pub async fn sites() -> Vec<Site> {
    let mut sites = vec![Site::new(None).await];
    if let Ok(server) = std::env::var("LUOSHI_TEST_PG") {
        sites.push(Site::new(Some(server)).await);
    }
    sites
}

/// The engines there are: SQLite, and a PostgreSQL server when one is named.
pub fn engines() -> Vec<Option<String>> {
    [None].into_iter().chain(std::env::var("LUOSHI_TEST_PG").ok().map(Some)).collect()
}

/// The same with attachments in another place.
pub async fn sites_with(files: &Files) -> Vec<Site> {
    let servers = std::iter::once(None).chain(std::env::var("LUOSHI_TEST_PG").ok().map(Some));
    let mut sites = Vec::new();
    for server in servers {
        sites.push(Site::open(Way { server, files: Some(files.clone()), ..Way::default() }).await);
    }
    sites
}

impl Site {
    /// A site on SQLite, or on a new database of a PostgreSQL server.
    pub async fn new(server: Option<String>) -> Site {
        Site::open(Way { server, ..Way::default() }).await
    }

    /// A site where people sign in by other servers too.
    pub async fn open_to(server: Option<String>, issuer: Option<Issuer>, directory: Option<Directory>) -> Site {
        Site::open(Way { server, issuer, directory, ..Way::default() }).await
    }

    /// A site on SQLite with nothing in it, to be set up by a link with this token.
    pub async fn empty(token: &str) -> Site {
        Site::open(Way { token: Some(token.to_owned()), ..Way::default() }).await
    }

    /// A site where an account may do so many acts a minute.
    pub async fn at_pace(server: Option<String>, pace: u32) -> Site {
        Site::open(Way { server, pace, ..Way::default() }).await
    }

    /// A site on SQLite that browsers reach by HTTPS.
    pub async fn behind_https() -> Site {
        Site::open(Way { secure: true, ..Way::default() }).await
    }

    /// A folder that is there already, as it is served on a machine of its own.
    pub async fn on(folder: &std::path::Path, secret: [u8; 32], today: Date) -> Site {
        let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
        let calendar = Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
        let db = Db::open(folder.join("luoshi.db").to_str().unwrap(), Keys::new(&secret)).unwrap();
        db.under(&base, &calendar);
        luoshi_store::matter::refresh(&db).unwrap();
        let app = App::new(Setup {
            db: db.clone(),
            base: base.clone(),
            calendar,
            clock: Clock::Fixed(today),
            demo: Vec::new(),
            folder: folder.to_owned(),
            files: Files::Folder(folder.to_owned()),
            program: PathBuf::from(option_env!("CARGO_BIN_EXE_luoshi").unwrap_or("luoshi")),
            token: None,
            secure: false,
            pace: 0,
            subdomains: true,
            origin: None,
            issuer: None,
            directory: None,
            second: true,
        });
        Site { router: router(app.clone()), app, db, base, file: folder.to_owned() }
    }

    async fn open(way: Way) -> Site {
        let _ = tracing_subscriber::fmt().with_env_filter("error").with_test_writer().try_init();
        let id = luoshi_store::new_id();
        let file = std::env::temp_dir().join(format!("luoshi-site-{id}"));
        std::fs::create_dir_all(&file).unwrap();
        let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
        let calendar = Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
        let url = match way.server {
            None => file.join("site.db").display().to_string(),
            Some(server) => fresh(&server, id).await,
        };
        let (pack, days, new) = (base.clone(), calendar.clone(), way.token.is_some());
        // the synchronous drivers must not start inside an asynchronous runtime
        let opened = std::thread::spawn(move || {
            let db = Db::open(&url, Keys::new(&[7; 32])).unwrap();
            db.under(&pack, &days);
            if !new {
                db.write(|tx| furnish(tx, &pack)).unwrap();
            }
            db
        });
        let db = tokio::task::spawn_blocking(move || opened.join().unwrap()).await.unwrap();
        // kept until the process ends: a synchronous driver must not be dropped inside an asynchronous runtime
        std::mem::forget(db.clone());
        let app = App::new(Setup {
            db: db.clone(),
            base: base.clone(),
            calendar,
            clock: Clock::Fixed(TODAY),
            demo: Vec::new(),
            folder: file.clone(),
            files: way.files.unwrap_or_else(|| Files::Folder(file.clone())),
            program: PathBuf::from(option_env!("CARGO_BIN_EXE_luoshi").unwrap_or("luoshi")),
            token: way.token,
            secure: way.secure,
            pace: way.pace,
            subdomains: true,
            origin: Some("http://localhost:8080".parse().unwrap()),
            issuer: way.issuer,
            directory: way.directory,
            second: true,
        });
        Site { router: router(app.clone()), app, db, base, file }
    }

    /// The same facts on another day.
    pub fn on_day(&self, today: Date) -> Site {
        let app = App::new(Setup {
            db: self.db.clone(),
            base: self.base.clone(),
            calendar: Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap(),
            clock: Clock::Fixed(today),
            demo: Vec::new(),
            folder: self.file.clone(),
            files: Files::Folder(self.file.clone()),
            program: PathBuf::from(option_env!("CARGO_BIN_EXE_luoshi").unwrap_or("luoshi")),
            token: None,
            secure: false,
            pace: 0,
            subdomains: true,
            origin: None,
            issuer: None,
            directory: None,
            second: true,
        });
        // it takes nothing away with it when it is dropped
        Site {
            router: router(app.clone()),
            app,
            db: self.db.clone(),
            base: self.base.clone(),
            file: self.file.join("-"),
        }
    }

    /// Where it keeps what it keeps.
    pub fn folder(&self) -> &std::path::Path {
        &self.file
    }

    /// The file of its facts, on SQLite.
    pub fn file(&self) -> PathBuf {
        self.file.join("site.db")
    }

    /// Work on the store, off the asynchronous threads.
    pub async fn write<T: Send + 'static>(&self, work: impl Fn(&Tx, &Pack) -> Result<T, Fault> + Send + 'static) -> T {
        let (db, base) = (self.db.clone(), self.base.clone());
        tokio::task::spawn_blocking(move || db.write(|tx| work(tx, &base)).unwrap()).await.unwrap()
    }

    /// Signs a person in and returns their cookie.
    pub async fn sign_in(&self, person: i64) -> Visitor<'_> {
        Visitor { site: self, cookie: self.write(move |tx, _| cookie(tx, person)).await }
    }

    /// Asks with these heads and this body.
    pub async fn ask(&self, method: &str, path: &str, heads: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in heads {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, head) = (response.status().as_u16(), response.headers().clone());
        let to = head.get("location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, to, text: String::from_utf8_lossy(&bytes).into_owned(), head }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.file);
    }
}

/// Somebody signed in.
pub struct Visitor<'s> {
    site: &'s Site,
    pub cookie: String,
}

impl Visitor<'_> {
    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.site.ask("GET", path, &[("cookie", &self.cookie)], Vec::new()).await
    }

    /// A file: status and bytes.
    pub async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let request = Request::builder().method("GET").uri(path).header("cookie", &self.cookie);
        let response = self.site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// A page in English.
    pub async fn get_english(&self, path: &str) -> Answer {
        let cookie = format!("{}; lang=en", self.cookie);
        self.site.ask("GET", path, &[("cookie", &cookie)], Vec::new()).await
    }

    /// A form sent from the page at `from`, with its hidden fields.
    pub async fn send(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(from).await;
        let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
        let mut all = vec![("csrf", csrf.as_str()), ("operation", operation.as_str())];
        all.extend(fields);
        self.post(path, &all).await
    }

    /// The minutes that a collection takes of all who are asked, as whoever issues it has to confirm.
    pub async fn minutes(&self, new: &str, asked: &[(&str, &str)]) -> String {
        self.send(new, new, asked).await.hidden("confirmed")
    }

    /// A form sent from the page at `from` that is answered with a file: status and bytes.
    pub async fn send_bytes(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> (u16, Vec<u8>) {
        let page = self.get(from).await;
        let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("csrf", &csrf).append_pair("operation", &operation).extend_pairs(fields);
        let request = Request::builder().method("POST").uri(path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response =
            self.site.router.clone().oneshot(request.body(Body::from(pairs.finish())).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// A file sent from the page at `from`.
    pub async fn upload(&self, from: &str, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let page = self.get(from).await;
        let mut body = Vec::new();
        for key in ["csrf", "operation"] {
            let value = page.hidden(key);
            body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let heads = [("cookie", self.cookie.as_str()), ("content-type", "multipart/form-data; boundary=edge")];
        self.site.ask("POST", path, &heads, body).await
    }

    /// A form with fields and a file, sent from the page at `from`.
    pub async fn attach(&self, from: &str, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let page = self.get(from).await;
        let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
        let mut body = Vec::new();
        for (key, value) in [("csrf", csrf.as_str()), ("operation", operation.as_str())].iter().chain(fields) {
            body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let heads = [("cookie", self.cookie.as_str()), ("content-type", "multipart/form-data; boundary=edge")];
        self.site.ask("POST", path, &heads, body).await
    }

    /// A page that works in the background, once it is done.
    pub async fn settled(&self, path: &str) -> Answer {
        for _ in 0..200 {
            let page = self.get(path).await;
            if !page.text.contains("data-progress") {
                return page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{path} never settled");
    }

    /// A form as it is.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let heads = [("cookie", self.cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        self.site.ask("POST", path, &heads, body.into_bytes()).await
    }
}

/// A database of its own on a PostgreSQL server.
async fn fresh(server: &str, id: i64) -> String {
    let (server, name) = (server.to_owned(), format!("luoshi_site_{id}"));
    let made = std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client.batch_execute(&format!("create database {name}")).unwrap();
        let (address, rest) = server.split_once('?').map_or((server.as_str(), ""), |(a, b)| (a, b));
        let stem = address.rsplit_once('/').map_or(address, |(stem, _)| stem);
        if rest.is_empty() { format!("{stem}/{name}") } else { format!("{stem}/{name}?{rest}") }
    });
    tokio::task::spawn_blocking(move || made.join().unwrap()).await.unwrap()
}

fn founding(id: i64, name: &str, level: &str) -> unit::Founding {
    unit::Founding {
        id,
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: id,
        short_name: name.into(),
        full_name: format!("中共{name}"),
        search: luoshi_text::pinyin::title_key(name),
        on: date(2020, 1, 1),
    }
}

/// Who may do anything at a unit, for building.
fn builder(at: &Unit, today: Date) -> Actor {
    let held = Held { post: "party_affairs_worker".into(), unit: at.id, top: at.top, path: at.path.clone() };
    let (top, home) = (at.top, at.id);
    Actor { person: 0, top, home, name: String::new(), posts: vec![held], operation: 0, today }
}

/// Leave to do anything at a unit, for building.
pub fn leave(base: &Pack, at: &Unit, verb: Verb, today: Date) -> Permit {
    builder(at, today).permit(base, verb, at).unwrap()
}

/// Leave to read anything of a unit, for building.
pub fn scope(base: &Pack, at: &Unit, verb: Verb, today: Date) -> luoshi_rules::Scope {
    builder(at, today).scope(base, verb, at).unwrap()
}

/// Signs a person in and returns their cookie.
pub fn cookie(tx: &Tx, person: i64) -> Result<String, Fault> {
    let top = if person == STRANGER { ELSEWHERE } else { ROOT };
    let token = luoshi_store::secret::token()?;
    let opening = Opening { token: token.clone(), strength: Strength::Two, device: "Firefox · Linux".into() };
    session::begin(tx, &Account { top, person, hash: String::new() }, &opening)?;
    Ok(format!("luoshi={top}.{token}"))
}

/// Founds the organisations and enters who works there.
pub fn furnish(tx: &Tx, base: &Pack) -> Result<(), Fault> {
    let root = unit::found_top(tx, &founding(ROOT, "林泽厅党组", "leading_group"))?;
    let found = |above: &Unit, id, name: &str, level: &str| {
        unit::found(tx, &leave(base, above, Verb::Rule, TODAY), &founding(id, name, level))
    };
    let committee = found(&root, COMMITTEE, "机关党委", "organ_committee")?;
    let first = found(&committee, FIRST, "第一支部", "branch")?;
    let second = found(&committee, SECOND, "第二支部", "branch")?;
    let elsewhere = unit::found_top(tx, &founding(ELSEWHERE, "外单位党组", "leading_group"))?;
    let enter = |at: &Unit, id: i64, name: &str| {
        let search = luoshi_text::pinyin::key(name);
        let since = Some(date(2021, 1, 1));
        let entry = person::Entry {
            id,
            name: name.into(),
            search,
            since,
            standing: Some(Standing::Full),
            ..Default::default()
        };
        person::add(tx, &leave(base, at, Verb::Roll, TODAY), &entry)
    };
    enter(&first, CLERK, "周文静")?;
    enter(&first, SECRETARY, "李建国")?;
    enter(&second, OTHER, "王秀兰")?;
    enter(&first, MEMBER, "张晓明")?;
    for id in 105..=112 {
        enter(&first, id, &format!("同志{id}"))?;
    }
    enter(&elsewhere, STRANGER, "外人甲")?;
    let appoint = |at: &Unit, post: &str, person: i64| {
        let post = base.post(post).unwrap();
        holding::appoint(tx, &leave(base, at, Verb::Roll, TODAY), post, person, date(2021, 1, 1), "")
    };
    appoint(&root, "party_affairs_worker", CLERK)?;
    appoint(&first, "branch_secretary", SECRETARY)?;
    appoint(&second, "branch_secretary", OTHER)?;
    appoint(&elsewhere, "party_affairs_worker", STRANGER)?;
    for (top, person) in [(ROOT, CLERK), (ROOT, SECRETARY), (ROOT, OTHER), (ROOT, MEMBER), (ELSEWHERE, STRANGER)] {
        account::add(tx, top, person, &format!("user{person}"), hash())?;
    }
    let text = include_str!("../../../../packs/duties.toml").to_owned();
    let edition = Edition { pack: "duties".into(), from: date(2023, 1, 1), text, version: "2023".into() };
    obligation::put_in_force(tx, &leave(base, &root, Verb::Rule, TODAY), &edition)
}

/// The special drive that ships, moved so that it runs from 8 April to 20 June.
pub fn drive() -> String {
    let text = include_str!("../../../../packs/campaign-special-drive.toml");
    text.replace("2023-10-", "2023-04-").replace("2023-11-", "2023-05-").replace("2023-12-", "2023-06-")
}

/// Puts a campaign in force in the whole organisation.
pub async fn set_campaign(site: &Site, text: String, from: Date) {
    site.write(move |tx, base| {
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY);
        let (pack, version) = ("special-drive-2023".to_owned(), "2023".to_owned());
        obligation::put_in_force(tx, &permit, &Edition { pack, from, text: text.clone(), version })
    })
    .await;
}

/// Argon2id of `right passphrase`, made once.
fn hash() -> &'static str {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| luoshi_store::secret::hash("right passphrase").unwrap())
}

/// Certificates for `localhost` in a folder, by an authority of their own: `authority.pem`, `server.pem`, `server.key`.
pub fn certificates(folder: &std::path::Path) {
    std::fs::create_dir_all(folder).unwrap();
    let script = "set -e; umask 077
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > server.ext
        openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
            -extfile server.ext -out server.pem";
    let made = std::process::Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
