//! Signing in by the directory of the organisation against a real one, OpenLDAP's slapd, on every engine: searched for
//! or by template, over TLS and StartTLS, and with what a hostile person types.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use luoshi_gateway::ldap::{Directory, Way, Wish};
use luoshi_gateway::{Fault, Trust};
use luoshi_store::account::Over;
use luoshi_store::{holding, identity, unit};
use place::{Answer, CLERK, FIRST, MEMBER, ROOT, SECRETARY, Site, TODAY, engines};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

const SETTINGS: &str = "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile FOLDER/server.pem
TLSCertificateKeyFile FOLDER/server.key
# as some directories are: a name without a passphrase is welcome as a guest
allow bind_anon_cred bind_anon_dn
security simple_bind=128
database mdb
suffix dc=example,dc=org
directory FOLDER/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=cn=reader,dc=example,dc=org read by self read by * none
";

const PEOPLE: &str = "dn: dc=example,dc=org
objectClass: domain
dc: example

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reads all of it

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=member,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: member
cn: Member
sn: Same
employeeNumber: a-1004
userPassword: passphrase of the office

dn: uid=secretary,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: secretary
cn: Secretary
sn: Same
employeeNumber: A-1002
userPassword: another of the office

dn: uid=codeless,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: codeless
cn: Codeless
sn: Codeless
userPassword: a third of the office

";

/// A running directory.
struct Server {
    child: Child,
    folder: PathBuf,
    plain: u16,
    secure: u16,
}

impl Server {
    fn start() -> Server {
        let folder = std::env::temp_dir().join(format!("luoshi-directory-{}", luoshi_store::new_id()));
        place::certificates(&folder);
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let settings = folder.join("slapd.conf");
        std::fs::write(&settings, SETTINGS.replace("FOLDER", folder.to_str().unwrap())).unwrap();
        std::fs::write(folder.join("people.ldif"), PEOPLE).unwrap();
        let program = |name: &str| {
            if Path::new("/usr/sbin").join(name).exists() { format!("/usr/sbin/{name}") } else { name.to_owned() }
        };
        let mut fill = Command::new(program("slapadd"));
        let filled = fill.arg("-f").arg(&settings).arg("-l").arg(folder.join("people.ldif")).output();
        let filled = filled.expect("slapd is missing: run `make tools`");
        assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
        let (plain, secure) = (free(), free());
        let listen = format!("ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{secure}");
        let mut slapd = Command::new(program("slapd"));
        slapd.arg("-f").arg(&settings).args(["-h", &listen, "-d", "0"]);
        let child = slapd.spawn().unwrap();
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", secure)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Server { child, folder, plain, secure }
    }

    fn trust(&self) -> Trust {
        Trust::new(Some(&self.folder.join("authority.pem"))).unwrap()
    }

    fn search(&self, filter: &str) -> Wish {
        let way = Way::Search {
            base: "ou=people,dc=example,dc=org".into(),
            filter: filter.into(),
            reader: "cn=reader,dc=example,dc=org".into(),
            passphrase: "reads all of it".into(),
        };
        Wish { url: format!("ldaps://localhost:{}", self.secure), way, attribute: "employeeNumber".into() }
    }

    fn template(&self) -> Wish {
        let way = Way::Template("uid={},ou=people,dc=example,dc=org".into());
        Wish { url: format!("ldap://localhost:{}", self.plain), way, attribute: "employeenumber".into() }
    }

    fn directory(&self, wish: Wish) -> Directory {
        Directory::new(wish, self.trust()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn site(server: Option<String>, directory: Directory) -> Site {
    let site = Site::open_to(server, None, Some(directory)).await;
    for (person, code) in [(MEMBER, "A-1004"), (SECRETARY, "A-1002")] {
        site.write(move |tx, base| {
            let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
            let at = unit::find(tx, FIRST)?;
            identity::give_code(tx, &Over { actor: &actor, base, at: &at, person }, code)
        })
        .await;
    }
    site
}

async fn sign_in(site: &Site, name: &str, passphrase: &str) -> Answer {
    let pairs = [("name", name), ("passphrase", passphrase)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let heads = [("content-type", "application/x-www-form-urlencoded")];
    site.ask("POST", "/sign-in/directory", &heads, body.into_bytes()).await
}

async fn home(site: &Site, answer: &Answer) -> Answer {
    assert_eq!((answer.status, answer.to.as_str()), (303, "/"), "{}", answer.text);
    let cookie = answer.head["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    site.ask("GET", "/", &[("cookie", &cookie)], Vec::new()).await
}

#[track_caller]
fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 422, "{}", answer.to);
    assert!(answer.text.contains(words), "{words}: {}", answer.text);
    assert!(answer.head.get("set-cookie").is_none(), "a session all the same");
}

#[tokio::test]
async fn the_name_and_passphrase_of_the_office_open_the_account_with_the_same_person_code() {
    let server = Server::start();
    for engine in engines() {
        for wish in [server.search("(uid={})"), server.template()] {
            let site = site(engine.clone(), server.directory(wish)).await;
            let page = site.ask("GET", "/sign-in", &[], Vec::new()).await.text;
            assert!(page.contains("href=\"/sign-in/directory\""), "{page}");
            let member = sign_in(&site, "Member", "passphrase of the office").await;
            assert_ne!(home(&site, &member).await.to, "/sign-in");
            let secretary = sign_in(&site, "secretary", "another of the office").await;
            assert_eq!(home(&site, &secretary).await.to, "/sign-in/second", "a post still asks for a second factor");
            let wrong = sign_in(&site, "member", "guess").await;
            refused(&wrong, "单位账号或密码不对");
            assert!(wrong.text.contains("value=\"member\"") && !wrong.text.contains("guess"), "the name is kept");
            refused(&sign_in(&site, "nobody", "guess").await, "单位账号或密码不对");
            refused(&sign_in(&site, "codeless", "a third of the office").await, "没有给出您的人员编号");
        }
    }
}

#[tokio::test]
async fn no_passphrase_is_not_a_guest_and_what_is_typed_is_never_part_of_the_question() {
    let server = Server::start();
    let anyone = "passphrase of the office";
    for wish in [server.search("(uid={})"), server.search("(&(uid={})(objectClass=person))"), server.template()] {
        let directory = server.directory(wish);
        for (name, passphrase) in [
            ("member", ""),
            ("", anyone),
            ("", ""),
            (" ", anyone),
            ("*", anyone),
            ("mem*", anyone),
            ("member)(uid=*", anyone),
            ("member)(objectClass=*))(|(uid=x", anyone),
            ("*)(uid=*))(|(uid=*", anyone),
            ("member\0", anyone),
            ("x,ou=people,dc=example,dc=org", anyone),
            ("member+cn=Member", anyone),
            ("secretary", anyone),
            ("member\\2a", anyone),
            ("member\\20", anyone),
            ("#6d656d626572", anyone),
        ] {
            let answer = directory.who(name, passphrase).await;
            assert!(matches!(answer, Err(Fault::No(_))), "{name:?} {passphrase:?}: {answer:?}");
        }
        let long = "m".repeat(129);
        assert!(matches!(directory.who(&long, anyone).await, Err(Fault::No(_))));
        assert_eq!(directory.who("member", anyone).await.unwrap(), "a-1004");
    }
    let both = server.directory(server.search("(sn={})")).who("Same", anyone).await;
    assert!(matches!(both, Err(Fault::Wrong(_))), "a name that two share is nobody's: {both:?}");
}

#[tokio::test]
async fn a_directory_is_asked_only_over_tls_with_a_certificate_we_trust() {
    let server = Server::start();
    for wish in [server.search("(uid={})"), server.template()] {
        let strange = Directory::new(wish, Trust::new(None).unwrap()).unwrap();
        let answer = strange.who("member", "passphrase of the office").await;
        assert!(matches!(answer, Err(Fault::Away(_))), "{answer:?}");
    }
    let wrong = [
        Wish { url: "http://localhost".into(), ..server.template() },
        Wish { way: Way::Template("uid=fixed".into()), ..server.template() },
        server.search("(uid={}"),
        server.search("(uid=member)"),
    ];
    for wish in wrong {
        assert!(Directory::new(wish.clone(), server.trust()).is_err(), "{wish:?}");
    }
}

#[tokio::test]
async fn guesses_are_counted_before_the_directory_is_asked_and_two_hundred_at_once_are_few() {
    let server = Server::start();
    for engine in engines() {
        let site = site(engine, server.directory(server.search("(uid={})"))).await;
        let mut told = std::collections::BTreeMap::new();
        let guesses = (0..200).map(|n| {
            let (router, body) = (site.router.clone(), format!("name=member&passphrase=guess+{n}"));
            tokio::spawn(async move {
                let request = axum::http::Request::post("/sign-in/directory")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(axum::body::Body::from(body));
                let answer = tower::ServiceExt::oneshot(router, request.unwrap()).await.unwrap();
                let (status, body) = (answer.status().as_u16(), answer.into_body());
                let bytes = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
                (status, String::from_utf8_lossy(&bytes).contains("密码不对"))
            })
        });
        for guess in guesses.collect::<Vec<_>>() {
            *told.entry(guess.await.unwrap()).or_insert(0) += 1;
        }
        assert!(told.get(&(422, true)).is_some_and(|asked| *asked <= 5), "the directory was asked too often: {told:?}");
        assert_eq!(told.values().sum::<i32>(), 200);
        // the right one is refused too, for a while; others are not
        assert_ne!(sign_in(&site, "member", "passphrase of the office").await.status, 303);
        assert_eq!(sign_in(&site, "secretary", "another of the office").await.status, 303);
    }
}

#[tokio::test]
async fn a_directory_that_is_down_leaves_the_passphrase_and_counts_no_try() {
    let mut server = Server::start();
    let site = site(None, server.directory(server.search("(uid={})"))).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    for _ in 0..7 {
        refused(&sign_in(&site, "member", "passphrase of the office").await, "暂时没有应答");
    }
    let body = format!("login=user{MEMBER}&passphrase=right+passphrase").into_bytes();
    let heads = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(site.ask("POST", "/sign-in", &heads, body).await.status, 303);
}

#[tokio::test]
async fn a_directory_that_says_nothing_is_not_waited_for_long() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::start();
    let port = silent.local_addr().unwrap().port();
    let wish = Wish { url: format!("ldap://localhost:{port}"), ..server.template() };
    let began = std::time::Instant::now();
    let answer = server.directory(wish).who("member", "passphrase of the office").await;
    assert!(matches!(answer, Err(Fault::Away(_))), "{answer:?}");
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}
