//! A department with one of everything at the unit that is asked about.

use crate::place::*;
use jiff::civil::date;
use luoshi_rules::aid::Application;
use luoshi_rules::person::Standing;
use luoshi_rules::{Actor, Held, Verb};
use luoshi_store::exchange::PublicKey;
use luoshi_store::matter::{Opening, proposal};
use luoshi_store::{Keys, account, aid, class, holding, identity, person, plan, pledge, second, unit};
use std::collections::BTreeMap;

/// A committee beside that of the branches.
pub const BESIDE: i64 = 5;
/// Secretary of the committee, of the one beside it; who was secretary of the committee and of the branch.
pub const OWN: i64 = 121;
pub const SIBLING: i64 = 120;
pub const FORMER: i64 = 122;
/// Secretary of the leading group, discipline secretary, auditor of the department.
pub const LEADER: i64 = 123;
pub const DISCIPLINE: i64 = 124;
pub const AUDITOR: i64 = 125;
/// A member of a branch of the committee, whom nobody here signs in as.
pub const SOMEBODY: i64 = 105;

/// Everything the addresses of the table name.
pub struct World {
    pub ids: BTreeMap<&'static str, String>,
    pub tokens: [String; 2],
    /// post and holder of a handover, as a question
    pub giver: String,
}

/// People above, beside and before; each with an account.
async fn people(site: &Site) {
    site.write(|tx, base| {
        let root = unit::find(tx, ROOT)?;
        let founding = unit::Founding {
            id: BESIDE,
            level: "organ_committee".into(),
            class: "organ".into(),
            code: "611".into(),
            parts: Vec::new(),
            order_no: 5,
            short_name: "第二机关党委".into(),
            full_name: "中共第二机关委员会".into(),
            search: "第二机关党委".into(),
            on: date(2020, 1, 1),
        };
        unit::found(tx, &leave(base, &root, Verb::Rule, TODAY), &founding)?;
        let second = unit::find(tx, SECOND)?;
        for id in [OWN, SIBLING, FORMER, LEADER, DISCIPLINE, AUDITOR] {
            let name = format!("同志{id}");
            let entry = person::Entry {
                id,
                search: name.clone(),
                name,
                since: Some(date(2021, 1, 1)),
                standing: Some(Standing::Full),
                ..Default::default()
            };
            person::add(tx, &leave(base, &second, Verb::Roll, TODAY), &entry)?;
            account::add(tx, ROOT, id, &format!("user{id}"), "-")?;
        }
        account::add(tx, ROOT, SOMEBODY, "somebody", "-")?;
        let beside = unit::find(tx, BESIDE)?;
        let name = String::from("外派员");
        let entry =
            person::Entry { id: 126, search: name.clone(), name, standing: Some(Standing::Full), ..Default::default() };
        person::add(tx, &leave(base, &beside, Verb::Roll, TODAY), &entry)?;
        for (at, post, person) in [
            (COMMITTEE, "organ_committee_secretary", OWN),
            (BESIDE, "organ_committee_secretary", SIBLING),
            (ROOT, "leading_group_secretary", LEADER),
            (ROOT, "discipline_secretary", DISCIPLINE),
            (ROOT, "auditor", AUDITOR),
        ] {
            let permit = leave(base, &unit::find(tx, at)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post(post).unwrap(), person, date(2023, 1, 2), "")?;
        }
        // without a second factor a token of theirs would serve nothing
        let clerk = holding::actor(tx, ROOT, CLERK, TODAY)?;
        let offer = second::offer(tx, &clerk, "authenticator")?;
        second::enrol(tx, &clerk, "authenticator", &second::shown(&offer.secret, luoshi_store::now()))?;
        let permit = leave(base, &unit::find(tx, COMMITTEE)?, Verb::Roll, TODAY);
        let post = base.post("organ_committee_secretary").unwrap();
        holding::recall(tx, &permit, (post, FORMER), (date(2021, 1, 1), date(2022, 12, 31)), "")?;
        let first = unit::find(tx, FIRST)?;
        let permit = leave(base, &first, Verb::Roll, TODAY);
        let post = base.post("branch_deputy_secretary").unwrap();
        holding::recall(tx, &permit, (post, FORMER), (date(2021, 1, 1), date(2022, 12, 31)), "")?;
        identity::set(tx, &permit, SOMEBODY, identity::Field::Phone, "13800000000")
    })
    .await;
}

fn last(address: &str) -> String {
    address.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// What stands on a page between a mark and one of these.
fn after(page: &str, mark: &str, ends: &[char]) -> String {
    let rest = page.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {page}")).1;
    rest.split(ends).next().unwrap().to_owned()
}

/// What a page complains of.
pub fn said(page: &str) -> &str {
    let rest = page.split_once("role=\"alert\"").map_or(page, |(_, rest)| rest);
    rest.split("</div>").next().unwrap_or_default()
}

pub async fn sent(who: &Visitor<'_>, from: &str, to: &str, fields: &[(&str, &str)]) -> String {
    let answer = who.send(from, to, fields).await;
    assert_eq!(answer.status, 303, "{to}: {}", said(&answer.text));
    answer.to
}

/// One of everything at a unit, or of somebody on its roll or below.
pub async fn furnished(site: &Site, unit: i64) -> World {
    set_campaign(site, drive(), date(2023, 4, 8)).await;
    people(site).await;
    let (clerk, member) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
    let own = site.sign_in(if unit == FIRST { SECRETARY } else { OWN }).await;
    let at = |rest: &str| format!("/units/{unit}/{rest}");
    let fields = [("kind", "report"), ("on", "2023-03-01"), ("topic", "年度报告"), ("about", "work")];
    let record = own.attach(&at("records/new?kind=report"), &at("records"), &fields, "a.txt", b"text").await;
    assert_eq!(record.status, 303, "{}", said(&record.text));
    let matrix = clerk.get("/units/1/2023/matrix?status=overdue").await.text;
    let pick = after(&matrix, &format!("value=\"{unit}/"), &['"']);
    let fields = [("year", "2023"), ("pick", &format!("{unit}/{pick}"))];
    sent(&clerk, "/units/1/2023/matrix", "/units/1/follow-ups", &fields).await;
    let matter = after(&clerk.get("/units/1/follow-ups").await.text, &format!("/units/{unit}/matters/"), &['"']);
    let ask = [("to", "中共第二支部"), ("reason", "工作调动")];
    let transfer = sent(&clerk, "/people/106", "/people/106/transfers", &ask).await;
    let (post, giver) =
        if unit == FIRST { ("branch_secretary", SECRETARY) } else { ("organ_committee_secretary", OWN) };
    let giver = format!("post={post}&giver={giver}");
    // the taker is nobody who is asked here, so that the handover is never complete
    let hands = [("post", post), ("giver", giver.rsplit('=').next().unwrap()), ("taker", "同志107")];
    let handover = sent(&clerk, &at(&format!("handovers/new?{giver}")), &at("handovers"), &hands).await;
    let csv = "姓名,所在支部\n新人甲,没有这个支部\n";
    let import = clerk.upload(&at("imports"), &at("imports"), "p.csv", csv.as_bytes()).await.to;
    clerk.settled(&import).await;
    let notice = [("text", "关于学习的通知\n各党支部要在6月底前组织一次集中学习。\n2023年5月10日")];
    let intake = sent(&clerk, &at("intake"), &at("intake"), &notice).await;
    sent(&member, "/me/requests", "/me/requests", &[("ask", "correct"), ("words", "入党日期有误")]).await;
    let request = after(&clerk.get("/units/1/requests").await.text, "/units/1/requests/", &['"']);
    let figure = at("2023/figures/lectures");
    let quote = sent(&clerk, &figure, &format!("{figure}/quotes"), &[("paper", "总结")]).await;
    let form = last(&clerk.get("/units/1/forms").await.to);
    let group = sent(&clerk, &at("groups"), &at("groups"), &[("name", "青年一组")]).await;
    let branch_group = branch_group(&clerk, unit).await;
    let ask = [
        ("title", "阵地摸底"),
        ("ground", "工委文件第三条"),
        ("due", "2023-06-30"),
        ("question-0", "活动室面积"),
        ("sort-0", "number"),
    ];
    let from = if unit == FIRST { 1 } else { unit };
    let ask_below = format!("/units/{from}/collections");
    let minutes = clerk.minutes(&format!("{ask_below}/new"), &ask).await;
    let ask = [&ask[..], &[("confirmed", minutes.as_str())]].concat();
    let collection = sent(&clerk, &format!("{ask_below}/new"), &ask_below, &ask).await;
    let said = [("sort", "clause"), ("about", "L3-01"), ("words", "次数太多")];
    sent(&member, "/me/requests", "/units/3/burdens", &said).await;
    let burden = after(&clerk.get("/units/1/burdens").await.text, "/units/1/burdens/", &['"']);
    let term = [
        ("kind", "unit_inspection"),
        ("name", "五年规划"),
        ("from", "2022-01-01"),
        ("until", "2026-12-31"),
        ("teams", "1"),
        ("each", "2"),
        ("per_year", "2"),
    ];
    let coverage = sent(&clerk, "/units/1/coverage", "/units/1/coverage", &term).await;
    let fields = [
        ("name", "第一轮"),
        ("from", "2023-05-01"),
        ("until", "2023-12-31"),
        ("paper", "巡察办文件"),
        ("units", &COMMITTEE.to_string()),
    ];
    let round = sent(&clerk, &coverage, &coverage, &fields).await;
    let exchange = exchange(&clerk, &round).await;
    let class = class(site, unit).await;
    let case = case(site, unit).await;
    let pair = [("paired-village", "青山村"), ("paired-place", "青山乡"), ("paired-by", "2025-12-31")];
    let pair = sent(&clerk, &at("assistance"), &at("assistance"), &pair).await;
    let ids = [
        ("coverage", last(&coverage)),
        ("rounds", last(&round)),
        ("exchanges", exchange),
        ("groups", last(&group)),
        ("branch-groups", branch_group),
        ("collections", last(&collection)),
        ("burdens", burden),
        ("meetings", "general-meeting".to_owned()),
        ("files", "general-meeting".to_owned()),
        ("records", last(&record.to)),
        ("matters", matter),
        ("proposals", proposal(site, SOMEBODY).await),
        ("classes", class),
        ("aid", case.clone()),
        ("cases", case),
        ("assistance", last(&pair)),
        ("pledges", pledged(site, unit).await),
        ("campaigns", "special-drive-2023".to_owned()),
        ("transfers", last(&transfer)),
        ("handovers", last(&handover)),
        ("imports", last(&import)),
        ("intake", last(&intake)),
        ("requests", request),
        ("quotes", last(&quote)),
        ("forms", form),
        ("people", SOMEBODY.to_string()),
    ];
    let tokens = [token(&clerk, "").await, token(&clerk, "1").await];
    World { ids: ids.into_iter().collect(), tokens, giver }
}

/// A Party group of a branch; a committee has none.
async fn branch_group(clerk: &Visitor<'_>, unit: i64) -> String {
    if unit != FIRST {
        return "1".to_owned();
    }
    let path = format!("/units/{unit}/branch-groups");
    sent(clerk, &path, &path, &[("name", "第一党小组")]).await;
    after(&clerk.get(&path).await.text, "<tr id=\"of-", &['"'])
}

/// A token for programs of whoever asks.
async fn token(who: &Visitor<'_>, writes: &str) -> String {
    let fields = [("name", "程序"), ("until", "2023-08-01"), ("writes", writes)];
    let made = who.send("/me/settings", "/me/tokens", &fields).await.text;
    after(&made, "class=\"secret\">", &['<'])
}

/// A plan of a unit, anew: cancelling one ends it.
pub async fn plan(site: &Site, unit: i64) -> String {
    let id = site.write(move |tx, base| {
        let permit = leave(base, &unit::find(tx, unit)?, Verb::Write, TODAY);
        let words = || "学习".to_owned();
        let plan = plan::Plan {
            id: 0,
            unit,
            unit_name: String::new(),
            kind: "report".into(),
            on: date(2023, 6, 1),
            at: String::new(),
            place: String::new(),
            topic: words(),
            reading: words(),
            ..Default::default()
        };
        plan::add(tx, &permit, &plan)
    });
    id.await.to_string()
}

/// A training class of a unit, held already, so that there are certificates.
async fn class(site: &Site, unit: i64) -> String {
    let id = site.write(move |tx, base| {
        let at = unit::find(tx, unit)?;
        let plan = class::Plan {
            kind: class::KIND.into(),
            need: String::new(),
            sessions: Vec::new(),
            title: "轮训".into(),
            audience: "members".into(),
            from: TODAY,
            until: TODAY,
            place: String::new(),
            hours: 8,
            places: 9,
            closes: TODAY,
        };
        let permit = leave(base, &at, Verb::Write, TODAY);
        let id = class::plan(tx, &permit, base.kind(class::KIND).unwrap(), &plan, &[])?;
        let scope = holding::actor(tx, ROOT, CLERK, TODAY)?.scope(base, Verb::See, &at)?;
        let held = class::find(tx, &scope, id)?;
        class::enrol(tx, &permit, &held, SOMEBODY)?;
        class::conclude(tx, &permit, base.kind(class::KIND).unwrap(), (&held, &[SOMEBODY]), &[(0, SOMEBODY)])?;
        Ok(id)
    });
    id.await.to_string()
}

/// A case that somebody told the fund of a unit, which nobody who is asked here handles.
async fn case(site: &Site, unit: i64) -> String {
    let id = site.write(move |tx, base| {
        let at = unit::find(tx, unit)?;
        let held = Held { post: "aid_handler".into(), unit, top: at.top, path: at.path.clone() };
        let asking = holding::actor(tx, ROOT, SOMEBODY, TODAY)?;
        let by = Actor { person: 0, posts: vec![held], ..asking.clone() }.handler(base, &at)?;
        aid::open(tx, &by, "互助金")?;
        let fund = aid::kept(tx, &by)?.unwrap();
        let (reason, words, proof) = ("illness".to_owned(), "住院".to_owned(), "证明".to_owned());
        let told = Application { reason, words, proof, ..Application::default() };
        aid::case::apply(tx, &asking, (&fund, base.aid.as_ref().unwrap()), &told, &[])
    });
    id.await.to_string()
}

/// A pledge of a unit.
async fn pledged(site: &Site, unit: i64) -> String {
    let id = site.write(move |tx, base| {
        let permit = leave(base, &unit::find(tx, unit)?, Verb::Write, TODAY);
        let made = pledge::Made { year: 2023, text: "减三张表", measure: "张数", published: true };
        pledge::make(tx, &permit, base.pledge.as_ref().unwrap(), &made)
    });
    id.await.to_string()
}

/// A proposal somebody raised to their branch.
async fn proposal(site: &Site, person: i64) -> String {
    let id = site.write(move |tx, base| {
        let actor = holding::actor(tx, ROOT, person, TODAY)?;
        let home = unit::find(tx, actor.home)?;
        let permit = actor.permit(base, Verb::See, &home)?;
        let flow = base.flow(proposal::FLOW).unwrap();
        let (subject, title, note) = ("1".to_owned(), "合并报表".to_owned(), String::new());
        let data = serde_json::json!({ "about": "burden", "text": "合并", "signed": "nobody" });
        proposal::raise(tx, &permit, &Opening { flow, addressee: &home, subject, title, data, note })
    });
    id.await.to_string()
}

/// A figure of a unit's own, anew: dropping one ends it.
pub async fn figure(site: &Site, unit: i64) -> String {
    let clerk = site.sign_in(CLERK).await;
    let fields = [("name", "讲课"), ("kind", "lecture"), ("count", "records")];
    let (form, keep) = (format!("/units/{unit}/2023/figures/new"), format!("/units/{unit}/figures"));
    let kept = sent(&clerk, &form, &keep, &fields).await;
    let page = clerk.get(&kept).await.text;
    format!("own-{}", after(&page, "/figures/own-", &['"', '?', '/']))
}

/// A team that is out on a machine with this key.
async fn exchange(clerk: &Visitor<'_>, round: &str) -> String {
    let machine = PublicKey::of(&Keys::new(&[29; 32])).unwrap();
    let (key, fingerprint) = (machine.to_string(), machine.fingerprint());
    let seat = [("team", "1"), ("post", "team_leader"), ("person", "外派员")];
    sent(clerk, round, &format!("{round}/seats"), &seat).await;
    let at = format!("{round}/exchanges");
    let fields = [("team", "1"), ("key", key.as_str()), ("fingerprint", fingerprint.as_str())];
    sent(clerk, &at, &at, &fields).await;
    after(&clerk.get(&at).await.text, "/exchanges/", &['/'])
}
