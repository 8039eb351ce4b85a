//! Configuration by file and environment, health, readiness and metrics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other tests use the rest
mod place;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use place::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tower::ServiceExt;

fn luoshi(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_luoshi")).args(args).env_remove("LUOSHI_DATA").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

struct Room(PathBuf);

impl Room {
    fn new() -> Room {
        let folder = std::env::temp_dir().join(format!("luoshi-config-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        Room(folder)
    }
    fn write(&self, text: &str) -> String {
        let file = self.0.join("luoshi.toml");
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_configuration_is_checked_key_by_key_with_what_was_meant() {
    let room = Room::new();
    let sound = room.write("data = 'somewhere'\nlisten = '[::1]:8080'\nsecure = true\ndigest = 'sm3'\n");
    let checked = luoshi(&["check", "--config", &sound]);
    assert!(checked.status.success() && said(&checked).contains("sound, 4 keys"), "{}", said(&checked));
    for (text, told) in [
        ("listn = '127.0.0.1:80'", "did you mean `listen`?"),
        ("listen = 'nowhere'", "listen: "),
        ("secure = 'yes'", "true or false is expected"),
        ("data = true", "a text is expected"),
        ("pace = -1", "pace: invalid value '-1': -1 is not in"),
        ("log = 'xml'", "log: invalid value 'xml'; one of: text, json"),
        ("digest = 'md5'", "sha256 or sm3"),
        ("listen = ", "luoshi.toml"),
        ("oidc-isuer = 'https://id.example.org'", "did you mean `oidc-issuer`?"),
        ("oidc-algorithm = 'RS255'", "oidc-algorithm: "),
    ] {
        let file = room.write(text);
        let checked = luoshi(&["check", "--config", &file]);
        assert!(checked.status.code() == Some(2) && said(&checked).contains(told), "{text}: {}", said(&checked));
        let served = luoshi(&["verify", "--config", &file]);
        assert_eq!(served.status.code(), Some(2), "nothing starts with a wrong configuration: {}", said(&served));
    }
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let room = Room::new();
    let file = room.write("data = 'from-the-file'");
    let told = |args: &[&str], environment: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(args).env_remove("LUOSHI_DATA").env("LUOSHI_CONFIG", &file);
        if let Some(data) = environment {
            command.env("LUOSHI_DATA", data);
        }
        said(&command.output().unwrap())
    };
    assert!(told(&["verify"], None).contains("from-the-file"));
    assert!(told(&["user", "list"], None).contains("from-the-file"));
    assert!(told(&["verify"], Some("from-the-environment")).contains("from-the-environment"));
    assert!(told(&["verify", "--data", "from-the-line"], Some("from-the-environment")).contains("from-the-line"));
}

#[test]
fn every_key_is_documented() {
    let manual =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md")).unwrap();
    let help = said(&luoshi(&["serve", "--help"]));
    let keys =
        help.lines().filter_map(|line| line.trim().strip_prefix("--")).map(|line| line.split(' ').next().unwrap());
    let keys: Vec<&str> = keys.collect();
    assert!(keys.len() > 5, "{help}");
    for key in keys.into_iter().filter(|key| !["config", "help"].contains(key)) {
        assert!(manual.contains(&format!("| `{key}` |")), "docs/configuration.md does not explain `{key}`");
    }
}

/// A free port of the machine, on an address of either kind.
fn free(host: &str) -> String {
    std::net::TcpListener::bind((host, 0)).unwrap().local_addr().unwrap().to_string()
}

/// Ends a server with the test, however that ends.
struct Served(std::process::Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

#[test]
fn it_listens_on_ipv6_and_ipv4_and_for_the_operator() {
    for host in ["::1", "127.0.0.1"] {
        let (room, listen, operator) = (Room::new(), free(host), free(host));
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(["serve", "--listen", &listen, "--operator", &operator, "--data"]).arg(&room.0);
        let _served = Served(command.stdout(std::process::Stdio::null()).spawn().unwrap());
        for address in [&listen, &operator] {
            let came = (0..400).any(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                std::net::TcpStream::connect(address).is_ok()
            });
            assert!(came, "nobody answers at {address}");
        }
    }
}

#[test]
fn an_address_that_cannot_be_had_stops_the_start_in_words() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (option, other) in [("--operator", "--listen"), ("--listen", "--operator")] {
        let (room, free) = (Room::new(), free("127.0.0.1"));
        let data = room.0.display().to_string();
        let ended = luoshi(&["serve", option, &address, other, &free, "--data", &data]);
        let words = said(&ended);
        assert!(ended.status.code() == Some(1) && words.contains(&address) && words.contains(option), "{words}");
    }
}

async fn ask(site: &Site, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = luoshi_web::operator(site.app.clone()).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn metrics_count_by_pattern_and_name_nobody() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        clerk.get("/units/3/2023/records").await;
        clerk.get("/people/104").await;
        clerk.get("/units/77777").await;
        let (status, text) = ask(&site, "/metrics").await;
        assert_eq!(status, 200);
        for words in [
            "luoshi_requests_total{route=\"/units/{unit}/{year}/records\",method=\"GET\",status=\"200\"} 1",
            "luoshi_request_seconds_bucket",
            "status=\"404\"",
            "luoshi_statements ",
            "luoshi_audit_waiting ",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        for secret in ["/people/104", "units/3", "77777", "user101"] {
            assert!(!text.contains(secret), "{secret} stands in the metrics");
        }
        assert_eq!(ask(&site, "/readyz").await, (200, "ready\n".into()));
        assert_eq!(ask(&site, "/healthz").await.0, 200);
        assert_eq!(clerk.get("/metrics").await.status, 404, "not on the public address");
        assert_eq!(clerk.get("/readyz").await.status, 200);
    }
}

#[test]
fn a_configuration_may_name_other_servers_that_say_who_somebody_is() {
    let room = Room::new();
    let secret = room.0.join("secret");
    std::fs::write(&secret, "what the issuer gave\n").unwrap();
    let file = room.write(&format!(
        "origin = 'https://a.example.org'\noidc-issuer = 'https://id.example.org'\noidc-client = 'luoshi'
         oidc-secret-file = '{0}'\noidc-claim = 'staff'\noidc-algorithm = 'ES256'\noidc-second = ['mfa', 'otp']
         ldap-url = 'ldaps://ldap.example.org'\nldap-base = 'dc=example,dc=org'\nldap-filter = '(&(uid={{}})(a=b))'
         ldap-reader = 'cn=reader'\nldap-reader-file = '{0}'",
        secret.display()
    ));
    let checked = luoshi(&["check", "--config", &file]);
    assert!(checked.status.success() && said(&checked).contains("sound, 12 keys"), "{}", said(&checked));
    for (text, told) in [
        ("oidc-issuer = 'https://id.example.org'", "`origin` must be set too"),
        ("oidc-issuer = 'https://id.example.org'\norigin = 'https://a.example.org'", "`oidc-client` must be set too"),
        ("ldap-url = 'ldaps://id.example.org'", "one of `ldap-template` and `ldap-base`"),
        ("ldap-url = 'http://id.example.org'\nldap-template = 'uid={}'", "ldaps:// or ldap:// is expected"),
        ("ldap-url = 'ldaps://a'\nldap-base = 'dc=a'\nldap-reader = 'cn=a'", "ldap-reader-file"),
        ("ldap-url = 'ldaps://a'\nldap-template = 'uid={}'\ntrust-file = '/nowhere'", "trust-file: /nowhere"),
    ] {
        let file = room.write(text);
        let checked = luoshi(&["check", "--config", &file]);
        assert!(checked.status.code() == Some(2) && said(&checked).contains(told), "{text}: {}", said(&checked));
        let served = luoshi(&["serve", "--config", &file, "--data", &room.0.join("data").display().to_string()]);
        assert!(served.status.code() == Some(1) && said(&served).contains(told), "{text}: {}", said(&served));
    }
    let file = room.write(&format!(
        "ldap-url = 'ldaps://a'\nldap-base = 'b'\nldap-reader = 'c'\nldap-reader-file = '{}'",
        secret.display()
    ));
    assert!(luoshi(&["check", "--config", &file]).status.success());
    std::fs::write(&secret, "\n").unwrap();
    let checked = luoshi(&["check", "--config", &file]);
    assert!(said(&checked).contains("the secret is expected in the first line"), "{}", said(&checked));
}

/// Starts the demonstration, asks for the clerk's home, and ends it: where the clerk was sent, what the log says.
fn demonstration(room: &Room, more: &[&str]) -> (String, String) {
    use std::io::{Read, Write};
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    let command = command.args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(&room.0).args(more);
    let command = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.env_remove("RUST_LOG").spawn().unwrap();
    let ask = |request: String| {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
        let host = format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\n");
        stream.write_all(request.replace("HOST", &host).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    };
    let page = (0..1_200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        ask("GET /sign-in HTTP/1.1\r\nHOST\r\n".into())
    });
    let page = page.expect("the demonstration does not answer");
    let form = page.split("<form").find(|form| form.contains("value=\"clerk\"")).unwrap();
    let word = form.split("name=\"passphrase\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("login", "clerk"), ("passphrase", word)])
        .finish();
    let sort = "Content-Type: application/x-www-form-urlencoded";
    let answer = ask(format!("POST /sign-in HTTP/1.1\r\nHOST{sort}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let answer = answer.unwrap();
    let line = |name: &str| answer.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let cookie = line("set-cookie: ").split(';').next().unwrap().to_owned();
    let home = ask(format!("GET / HTTP/1.1\r\nHOSTCookie: {cookie}\r\n\r\n")).unwrap();
    child.kill().unwrap();
    let log = String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr).into_owned();
    (home.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned(), log)
}

#[test]
fn the_demonstration_goes_without_a_second_factor_and_says_so_and_nothing_else_can() {
    let room = Room::new();
    let (to, log) = demonstration(&room, &[]);
    assert_eq!(to, "", "the clerk is in at once");
    assert!(log.contains("without a second factor: enter nothing real"), "{log}");
    let (to, log) = demonstration(&room, &["--second-factor"]);
    assert_eq!(to, "/sign-in/second");
    assert!(!log.contains("without a second factor"), "{log}");
    for switch in ["--second-factor", "--second-factor=false", "--no-second-factor"] {
        let served = luoshi(&["serve", switch]);
        assert_eq!(served.status.code(), Some(2), "an installation has no such switch: {}", said(&served));
    }
}

#[tokio::test]
async fn whoever_looks_after_the_installation_sees_how_it_fares_and_nobody_else() {
    use luoshi_store::backup::{self, Backup};
    use luoshi_web::Job;
    for site in sites().await {
        for person in [SECRETARY, MEMBER] {
            assert_eq!(site.sign_in(person).await.get("/units/1/operations").await.status, 404);
        }
        assert_eq!(site.sign_in(STRANGER).await.get("/units/1/operations").await.status, 404);
        let clerk = site.sign_in(CLERK).await;
        assert_eq!(clerk.get("/units/2/operations").await.status, 404, "the installation is nobody's below the top");
        assert!(clerk.get("/units/1/imports").await.text.contains("/units/1/operations"));
        let page = clerk.get_english("/units/1/operations").await.text;
        let schema = luoshi_store::version().split('_').next().unwrap();
        for words in
            [env!("CARGO_PKG_VERSION"), schema, site.db.engine(), "3 sessions", "GB", "No back-up is noted yet"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let row = |page: &str, job: &str| page.split("<tr>").find(|row| row.contains(job)).unwrap().to_owned();
        assert!(row(&page, "Drop what is past its day").contains("not yet"));

        let retaining = tokio::spawn(site.app.clone().retain());
        let mut page = String::new();
        for _ in 0..200 {
            page = clerk.get_english("/units/1/operations").await.text;
            if row(&page, "Drop what is past its day").contains("✓ well") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        retaining.abort();
        assert!(row(&page, "Drop what is past its day").contains("✓ well"), "{page}");

        let done = Backup { took: 2_500, facts: 71_234, files: 8, ..Backup::default() };
        site.write(move |tx, _| backup::note(tx, &done)).await;
        let page = clerk.get_english("/units/1/operations").await.text;
        // how full the disk of the machine is, is its own affair
        assert!(
            page.contains("71234") && page.contains("✓ finished") && !page.contains("No back-up is noted"),
            "{page}"
        );

        site.app.jobs().failed(Job::Seal);
        site.write(move |tx, _| backup::note(tx, &Backup { failed: true, ..Backup::default() })).await;
        let page = clerk.get("/units/1/operations").await.text;
        for words in ["最近一次备份没有完成", "有后台任务上次运行失败", "▲ 失败", "71234"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(row(&page, "链接审计记录").contains("▲ 失败"));
        assert!(!page.contains("可能恢复过旧备份"));
        site.app.jobs().older();
        assert!(clerk.get("/units/1/operations").await.text.contains("可能恢复过旧备份"));
        site.app.jobs().done(Job::Seal, std::time::Duration::from_millis(3));
        assert!(!clerk.get("/units/1/operations").await.text.contains("有后台任务上次运行失败"));
    }
}

#[tokio::test]
async fn figures_are_counted_anew_by_a_button_and_the_audit_says_so() {
    for site in sites().await {
        site.app.count().await.unwrap();
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let fields =
            [("kind", "lecture"), ("on", "2023-03-01"), ("topic", "宣讲"), ("audience", "youth"), ("people", "60")];
        let sent = secretary.send("/units/3/records/new?kind=lecture", "/units/3/records", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = clerk.get("/units/1/operations").await.text;
        assert!(page.contains("按原始记录重算"), "{page}");
        let done = clerk.send("/units/1/operations", "/units/1/operations/recounts", &[]).await;
        assert_eq!((done.status, done.to.as_str()), (303, "/units/1/operations"), "{}", done.text);
        assert!(clerk.get("/units/1/2023/figures").await.text.contains("开展理论宣讲1场"));
        let db = site.db.clone();
        let acts = tokio::task::spawn_blocking(move || db.read(|tx| luoshi_store::rollup::kept(tx, ROOT)).unwrap());
        let acts = acts.await.unwrap();
        assert!(!acts.is_empty());
        assert_eq!(secretary.send("/", "/units/1/operations/recounts", &[]).await.status, 404);
    }
}

#[test]
fn what_is_checked_is_told_as_json_on_request() {
    let read =
        |output: &std::process::Output| -> Vec<serde_json::Value> { serde_json::from_slice(&output.stdout).unwrap() };
    let shipped = luoshi(&["check", "--json"]);
    let all = read(&shipped);
    assert!(shipped.status.success() && all.len() == 12 && all.iter().all(|one| one["sound"] == true), "{all:?}");
    let file = std::env::temp_dir().join(format!("luoshi-check-{}.toml", luoshi_store::new_id()));
    std::fs::write(&file, "[pack]\nid = 1\n").unwrap();
    let name = file.display().to_string();
    let wrong = luoshi(&["check", "--json", &name]);
    let all = read(&wrong);
    assert_eq!((wrong.status.code(), all[0]["file"].as_str()), (Some(2), Some(name.as_str())));
    assert!(all[0]["sound"] == false && !all[0]["faults"].as_array().unwrap().is_empty(), "{all:?}");
    std::fs::remove_file(file).unwrap();
}
