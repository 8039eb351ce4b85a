//! What people who keep a roll do, and then see, over HTTP in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use jiff::civil::Date;
use luoshi_rules::{Actor, Calendar, Held, Pack, Unit, Verb};
use luoshi_store::account::{self, Account};
use luoshi_store::person::{self, Entry};
use luoshi_store::unit::{self, Founding};
use luoshi_store::{Db, Keys, holding, new_id};
use luoshi_web::{App, Clock, Setup, router};
use tower::ServiceExt;

const IDENTITY: &str = "11010519491231002X";

/// An organ committee with two branches; each has a secretary, and the committee a clerk.
struct Site {
    router: Router,
    db: Db,
    base: Pack,
    top: Unit,
    branches: [Unit; 2],
    clerk: i64,
    secretaries: [i64; 2],
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn founding(level: &str, name: &str) -> Founding {
    Founding {
        id: 0,
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: name.into(),
        full_name: format!("某厅{name}"),
        search: luoshi_text::pinyin::title_key(name),
        on: day("2020-01-01"),
    }
}

impl Site {
    fn new() -> Site {
        let folder = std::env::temp_dir().join(format!("luoshi_site_{}", new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open(folder.join("luoshi.db").to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
        let base = Pack::base(include_str!("../../../packs/base.toml")).unwrap();
        let calendar = Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap();
        let top = db.write(|tx| unit::found_top(tx, &founding("organ_committee", "机关党委"))).unwrap();
        let maker = maker(&top);
        let rule = maker.permit(&base, Verb::Rule, &top).unwrap();
        let branch = |name| db.write(|tx| unit::found(tx, &rule, &founding("branch", name))).unwrap();
        let branches = [branch("第一支部"), branch("第二支部")];
        let setup = Setup {
            db: db.clone(),
            base: base.clone(),
            calendar,
            clock: Clock::Fixed(day("2023-05-10")),
            demo: Vec::new(),
            files: folder.join("files"),
            program: folder.join("none"),
            token: None,
            secure: false,
        };
        let router = router(App::new(setup));
        let mut site = Site { router, db, base, top: top.clone(), branches, clerk: 0, secretaries: [0; 2] };
        site.clerk = site.person(&top, "钱多", Some("party_affairs_worker"));
        site.secretaries = [0, 1].map(|n| {
            let at = site.branches[n].clone();
            site.person(&at, ["赵一", "孙二"][n], Some("branch_secretary"))
        });
        site
    }

    /// Enters somebody, with a post in the same unit, who can sign in.
    fn person(&self, at: &Unit, name: &str, post: Option<&str>) -> i64 {
        let permit = maker(&self.top).permit(&self.base, Verb::Roll, at).unwrap();
        let search = luoshi_text::pinyin::key(name);
        let entry = Entry { name: name.into(), search, since: Some(day("2022-01-01")), ..Entry::default() };
        let post = post.map(|key| self.base.post(key).unwrap());
        self.db
            .write(|tx| {
                let id = person::add(tx, &permit, &entry)?;
                if let Some(post) = post {
                    holding::appoint(tx, &permit, post, id, day("2022-01-01"), "")?;
                }
                account::add(tx, at.top, id, &format!("u{id}"), "x")?;
                let account = Account { top: at.top, person: id, hash: "x".into() };
                account::begin(tx, &account, &format!("token{id}"))?;
                Ok(id)
            })
            .unwrap()
    }

    /// Asks for an address as somebody; the status, where it leads, the page.
    async fn ask(&self, who: i64, method: &str, address: &str, form: Option<String>) -> (u16, String, String) {
        let request = Request::builder().method(method).uri(address);
        let request = request.header(header::COOKIE, format!("luoshi={}.token{who}", self.top.top));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.unwrap_or_default())).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let to = answer.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, to, String::from_utf8_lossy(&body).into_owned())
    }

    async fn get(&self, who: i64, address: &str) -> (u16, String) {
        let (status, _, page) = self.ask(who, "GET", address, None).await;
        (status, page)
    }

    /// Sends a form, with the mark that forms of this session bear; the status, where it leads, the page.
    async fn send(&self, who: i64, address: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let mark = luoshi_store::secret::digest(format!("form:token{who}").as_bytes());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &mark[..32]).append_pair("operation", &new_id().to_string()).extend_pairs(fields);
        self.ask(who, "POST", address, Some(form.finish())).await
    }
}

/// Whoever sets the installation up.
fn maker(top: &Unit) -> Actor {
    let held = Held { post: "party_affairs_worker".into(), unit: top.id, top: top.top, path: top.path.clone() };
    let today = day("2023-05-10");
    Actor { person: 0, top: top.top, home: top.id, name: String::new(), posts: vec![held], operation: 0, today }
}

#[tokio::test]
async fn a_person_is_added_found_by_initials_and_taken_away_as_a_table() {
    let site = Site::new();
    let roll = format!("/units/{}/people", site.branches[0].id);
    let wrong = [("name", "张 伟"), ("standing", "full"), ("identity", "110105194912310021"), ("born", "1949-12-31")];
    let (status, _, page) = site.send(site.secretaries[0], &roll, &wrong).await;
    assert_eq!(status, 422);
    assert!(page.contains("校验码不符") && page.contains("value=\"110105194912310021\"") && page.contains("张 伟"));
    let right = [("name", "张 伟"), ("standing", "full"), ("identity", IDENTITY), ("born", "1949-12-31")];
    let (status, to, _) = site.send(site.secretaries[0], &roll, &right).await;
    assert_eq!(status, 303);
    let (_, page) = site.get(site.secretaries[0], &to).await;
    assert!(page.contains("张伟") && page.contains("110*************2X") && !page.contains(IDENTITY));
    for (typed, found) in [("zw", true), ("zhangw", true), ("%E5%BC%A0", true), ("li", false)] {
        let (_, page) = site.get(site.clerk, &format!("/units/{}/people?q={typed}", site.top.id)).await;
        assert_eq!(page.contains("张伟"), found, "{typed}");
    }
    let (_, csv) = site.get(site.clerk, &format!("{roll}?as=csv")).await;
    assert!(csv.contains("张伟") && csv.contains("第一支部") && !csv.contains("1949123"), "{csv}");
    let (status, _, page) = site.send(site.secretaries[0], &roll, &right).await;
    assert!(status == 422 && page.contains("已有同一身份证号"));
}

#[tokio::test]
async fn a_long_roll_is_read_fifty_at_a_time() {
    let site = Site::new();
    for n in 0..60 {
        site.person(&site.branches[0], &format!("张{n:02}"), None);
    }
    let roll = format!("/units/{}/people", site.branches[0].id);
    let (_, first) = site.get(site.clerk, &roll).await;
    assert_eq!(first.matches("href=\"/people/").count(), 50);
    let next = first.split("href=\"").find(|part| part.contains("after=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let (_, second) = site.get(site.clerk, &format!("{roll}{next}")).await;
    assert_eq!(second.matches("href=\"/people/").count(), 11);
    assert!(!second.contains("下50人"));
}

#[tokio::test]
async fn rows_of_people_are_for_those_who_may_read_them_and_for_oneself() {
    let site = Site::new();
    let member = site.person(&site.branches[0], "周三", None);
    let [mine, other] = site.secretaries;
    let page = format!("/people/{member}");
    let roll = format!("/units/{}/people", site.branches[0].id);
    for (who, address, want) in [
        (mine, &page, 200),
        (site.clerk, &page, 200),
        (other, &page, 404),
        (other, &roll, 404),
        (member, &roll, 404),
        (member, &page, 303),
    ] {
        assert_eq!(site.ask(who, "GET", address, None).await.0, want, "{who} {address}");
    }
    let (status, _, _) =
        site.send(other, &format!("{page}/departures"), &[("leave-why", "deceased"), ("leave-on", "2023-05-01")]).await;
    assert_eq!(status, 404);
    let (_, own) = site.get(member, "/me").await;
    assert!(own.contains("我的数据") && own.contains("周三") && own.contains("第一支部"));
    let (status, stranger) = site.get(member, &format!("/people/{}", site.clerk)).await;
    assert!(status == 404 && !stranger.contains("钱多"));
}

#[tokio::test]
async fn a_number_is_seen_in_full_for_a_reason_that_its_owner_can_read() {
    let site = Site::new();
    let member = site.person(&site.branches[0], "周三", None);
    let page = format!("/people/{member}");
    let sent = [("num-identity", IDENTITY), ("num-phone", "138 0013 8000")];
    assert_eq!(site.send(site.clerk, &format!("{page}/numbers"), &sent).await.0, 303);
    let looks = format!("{page}/looks");
    let (status, _, answer) = site.send(site.clerk, &looks, &[("look-field", "identity"), ("look-reason", "看")]).await;
    assert!(status == 422 && answer.contains("请写明查看理由") && !answer.contains(IDENTITY));
    let (status, _, answer) =
        site.send(site.clerk, &looks, &[("look-field", "identity"), ("look-reason", "核对入党材料")]).await;
    assert!(status == 200 && answer.contains(IDENTITY));
    assert_eq!(
        site.send(site.secretaries[0], &looks, &[("look-field", "identity"), ("look-reason", "核对入党材料")]).await.0,
        404
    );
    let (_, own) = site.get(member, "/me").await;
    assert!(own.contains("核对入党材料") && own.contains("钱多") && !own.contains(IDENTITY));
}

#[tokio::test]
async fn standings_change_corrections_stay_and_who_leaves_keeps_a_page() {
    let site = Site::new();
    let member = site.person(&site.branches[0], "周三", None);
    let (who, page) = (site.secretaries[0], format!("/people/{member}"));
    let (status, _, answer) =
        site.send(who, &format!("{page}/standings"), &[("stand-to", "applicant"), ("stand-from", "2023-06-01")]).await;
    assert!(status == 422 && answer.contains("日期在今天之后") && answer.contains("value=\"2023-06-01\""));
    site.send(who, &format!("{page}/standings"), &[("stand-to", "probationary"), ("stand-from", "2023-03-01")]).await;
    let fixed = [("fix-name", "周山"), ("fix-sex", "f"), ("fix-born", "1990-02-03"), ("fix-joined", "2023-03-01")];
    assert_eq!(site.send(who, &format!("{page}/corrections"), &fixed).await.0, 303);
    let (_, now) = site.get(who, &page).await;
    assert!(now.contains("周山") && now.contains("预备党员") && now.contains("1990-02-03"));
    let (status, _, answer) =
        site.send(who, &format!("{page}/departures"), &[("leave-why", ""), ("leave-on", "2023-05-01")]).await;
    assert!(status == 422 && answer.contains("请选择离开的原因"));
    assert_eq!(
        site.send(who, &format!("{page}/departures"), &[("leave-why", "withdrew"), ("leave-on", "2023-05-01")]).await.0,
        303
    );
    let (_, gone) = site.get(who, &page).await;
    assert!(gone.contains("已离开名册") && gone.contains("退党"));
    let (_, roll) = site.get(who, &format!("/units/{}/people?gone=1", site.branches[0].id)).await;
    assert!(roll.contains("周山"));
    assert_eq!(site.ask(member, "GET", "/me", None).await.1, "/sign-in", "their session ended with it");
}

#[tokio::test]
async fn posts_do_not_overlap_and_nobody_gives_a_right_they_lack() {
    let site = Site::new();
    let member = site.person(&site.branches[0], "周三", None);
    let posts = format!("/units/{}/posts", site.branches[0].id);
    let appoint = |post: &'static str, name: &'static str| [("post", post), ("person", name), ("from", "2023-05-01")];
    let (status, _, page) = site.send(site.clerk, &posts, &appoint("branch_secretary", "周三")).await;
    assert!(status == 422 && page.contains("赵一 自 2022-01-01 任此职") && page.contains("value=\"周三\""));
    let (status, _, page) = site.send(site.clerk, &posts, &appoint("branch_deputy_secretary", "无此人")).await;
    assert!(status == 422 && page.contains("没有找到这个人"));
    let (status, _, page) = site.send(site.secretaries[0], &posts, &appoint("party_affairs_worker", "周三")).await;
    assert!(status == 422 && page.contains("请选择岗位"), "a secretary cannot make a clerk");
    assert_eq!(site.send(site.secretaries[0], &posts, &appoint("branch_deputy_secretary", "周三")).await.0, 303);
    let (_, own) = site.get(member, "/me").await;
    assert!(own.contains("支部副书记"));
    let id = member.to_string();
    let ends = [("post", "branch_deputy_secretary"), ("person", id.as_str()), ("on", "2023-05-09")];
    assert_eq!(site.send(site.clerk, &format!("{posts}/ends"), &ends).await.0, 303);
    let term = [("term-from", "2021-06-01"), ("term-until", "2024-06-01")];
    let terms = format!("/units/{}/terms", site.branches[0].id);
    assert_eq!(site.send(site.clerk, &terms, &term).await.0, 303);
    let late = [("extend-until", "2026-01-01"), ("extend-why", "上级批准")];
    let (status, _, page) = site.send(site.clerk, &format!("{terms}/extensions"), &late).await;
    assert!(status == 422 && page.contains("不超过1年") && page.contains("value=\"上级批准\""));
}

#[tokio::test]
async fn a_letter_takes_a_person_from_one_branch_to_the_other() {
    let site = Site::new();
    let member = site.person(&site.branches[0], "周三", None);
    let [from, to] = site.secretaries;
    let ask = format!("/people/{member}/transfers");
    let (status, _, page) = site.send(from, &ask, &[("to", "某厅第二支"), ("why", "调动")]).await;
    assert!(status == 422 && page.contains("某厅第二支部") && page.contains("value=\"调动\""));
    let (status, letter, _) = site.send(from, &ask, &[("to", "某厅第二支部"), ("why", "调动")]).await;
    assert_eq!(status, 303);
    let (status, _, page) = site.send(from, &ask, &[("to", "某厅机关党委")]).await;
    assert!(status == 422 && page.contains("正在转接"));
    let id = letter.rsplit('/').next().unwrap().to_owned();
    let theirs = format!("/units/{}/transfers/{id}", site.branches[1].id);
    let (_, page) = site.get(to, &theirs).await;
    assert!(page.contains("周三") && !page.contains("接收</button>"), "nothing to accept before the letter is issued");
    assert_eq!(site.send(from, &format!("{letter}/steps"), &[("to", "issued")]).await.0, 303);
    let (_, list) = site.get(to, &format!("/units/{}/transfers", site.branches[1].id)).await;
    assert!(list.contains("周三") && list.contains("已开介绍信"));
    let (_, page) = site.get(to, &theirs).await;
    assert!(page.contains("接收</button>") && page.contains("退回</button>"));
    assert_eq!(
        site.send(from, &format!("{letter}/steps"), &[("to", "accepted")]).await.0,
        404,
        "nobody accepts their own letter"
    );
    assert_eq!(site.send(to, &format!("{theirs}/steps"), &[("to", "accepted")]).await.0, 303);
    let (status, _, page) = site.send(to, &format!("{theirs}/steps"), &[("to", "refused"), ("note", "不接收")]).await;
    assert!(status == 422 && page.contains("已接收"));
    assert_eq!(site.get(from, &format!("/people/{member}")).await.0, 404);
    let (_, page) = site.get(to, &format!("/people/{member}")).await;
    assert!(page.contains("第二支部") && page.contains("2023-05-09"));
}

#[tokio::test]
async fn a_post_is_handed_over_with_both_signatures() {
    let site = Site::new();
    let giver = site.secretaries[0];
    let taker = site.person(&site.branches[1], "吴四", None);
    let unit = site.branches[0].id;
    let id = giver.to_string();
    let (_, page) =
        site.get(site.clerk, &format!("/units/{unit}/handovers/new?post=branch_secretary&giver={id}")).await;
    assert!(page.contains("未了职责") && page.contains("发起交接"));
    let send = |name: &'static str| [("post", "branch_secretary"), ("giver", id.as_str()), ("taker", name)];
    let (status, _, page) = site.send(site.clerk, &format!("/units/{unit}/handovers"), &send("无此人")).await;
    assert!(status == 422 && page.contains("没有找到这个人") && page.contains("value=\"无此人\""));
    let (status, to, _) = site.send(site.clerk, &format!("/units/{unit}/handovers"), &send("吴四")).await;
    assert_eq!(status, 303);
    let own = format!("/handovers/{}", to.rsplit('/').next().unwrap());
    assert_eq!(site.get(site.secretaries[1], &own).await.0, 404);
    let (_, me) = site.get(taker, "/me").await;
    assert!(me.contains("待签字的交接") && me.contains(&own));
    assert_eq!(site.send(taker, &format!("{own}/signatures"), &[]).await.0, 303);
    let (status, _, page) = site.send(taker, &format!("{own}/signatures"), &[]).await;
    assert!(status == 422 && page.contains("您已签字"));
    assert_eq!(site.send(giver, &format!("{own}/signatures"), &[]).await.0, 303);
    let (_, page) = site.get(site.clerk, &to).await;
    assert!(page.contains("交接完成") && page.matches("已签字").count() == 2);
    assert_eq!(site.get(taker, &format!("/units/{unit}/people")).await.0, 200, "the taker is secretary at once");
    assert_eq!(site.get(giver, &format!("/units/{unit}/people")).await.0, 404, "the giver no longer");
}

#[tokio::test]
async fn an_invitation_does_not_lend_the_post_of_someone_above() {
    let site = Site::new();
    let clerk = site.person(&site.branches[0], "郑五", None);
    let member = site.person(&site.branches[0], "周三", None);
    let permit = maker(&site.top).permit(&site.base, Verb::Roll, &site.top).unwrap();
    let post = site.base.post("party_affairs_worker").unwrap();
    site.db.write(|tx| holding::appoint(tx, &permit, post, clerk, day("2023-01-01"), "")).unwrap();
    let secretary = site.secretaries[0];
    let (status, _, page) = site.send(secretary, &format!("/people/{clerk}/invitations"), &[("login", "z5")]).await;
    assert!(status == 422 && page.contains("权限以外") && !page.contains("/join/"));
    let (status, _, page) = site.send(secretary, &format!("/people/{member}/invitations"), &[("login", "z3")]).await;
    assert!(status == 200 && page.contains("/join/"));
}
