//! Inspection from the plan of a term to the finding that had relapsed, orders with their measures, and boards: by the
//! pages people use, on every engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_rules::person::Standing;
use luoshi_store::{account, holding, person, unit};
use place::program::{Program, act, column};
use place::{Answer, CLERK, COMMITTEE, ROOT, SECOND, SECRETARY, Site, TODAY, Visitor, leave, sites};
use serde_json::{Value as Json, json};

/// The committee that is inspected, and its branch.
const INSPECTED: i64 = 5;
const BRANCH: i64 = 6;
/// Its secretary; a leader and a member of the team, an officer of the office, the secretary of the leading group.
const HEAD: i64 = 130;
const LEADER: i64 = 131;
const SEAT: i64 = 132;
const OFFICER: i64 = 133;
const GROUP: i64 = 134;
/// Who served in the inspected committee until last year.
const SERVED: i64 = 135;

/// A committee with a branch, and those who inspect it.
async fn furnished(site: &Site) {
    site.write(|tx, base| {
        let found = |above: i64, id: i64, name: &str, level: &str| {
            let founding = unit::Founding {
                id,
                level: level.into(),
                class: "institution".into(),
                code: String::new(),
                parts: Vec::new(),
                order_no: id,
                short_name: name.into(),
                full_name: format!("中共{name}"),
                search: name.into(),
                on: date(2020, 1, 1),
            };
            unit::found(tx, &leave(base, &unit::find(tx, above)?, Verb::Rule, TODAY), &founding)
        };
        found(ROOT, INSPECTED, "设计院党委", "organ_committee")?;
        found(INSPECTED, BRANCH, "设计一支部", "branch")?;
        for (id, name, at) in [
            (HEAD, "何志远", BRANCH),
            (LEADER, "罗成文", SECOND),
            (SEAT, "宋佳音", SECOND),
            (OFFICER, "唐立新", SECOND),
            (GROUP, "高伟民", SECOND),
            (SERVED, "丁一鸣", SECOND),
        ] {
            let entry = person::Entry {
                id,
                name: name.into(),
                search: name.into(),
                since: Some(date(2021, 1, 1)),
                standing: Some(Standing::Full),
                ..Default::default()
            };
            person::add(tx, &leave(base, &unit::find(tx, at)?, Verb::Roll, TODAY), &entry)?;
            account::add(tx, ROOT, id, &format!("user{id}"), "-")?;
        }
        for (at, post, person) in [
            (INSPECTED, "organ_committee_secretary", HEAD),
            (ROOT, "inspection_officer", OFFICER),
            (ROOT, "leading_group_secretary", GROUP),
        ] {
            let permit = leave(base, &unit::find(tx, at)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post(post).unwrap(), person, date(2022, 1, 1), "")?;
        }
        let permit = leave(base, &unit::find(tx, INSPECTED)?, Verb::Roll, TODAY);
        let post = base.post("discipline_secretary").unwrap();
        holding::recall(tx, &permit, (post, SERVED), (date(2021, 1, 1), date(2022, 6, 30)), "")
    })
    .await;
}

/// A term as it is planned.
const TERM: [(&str, &str); 7] = [
    ("kind", "unit_inspection"),
    ("name", "本届规划"),
    ("from", "2022-01-01"),
    ("until", "2026-12-31"),
    ("teams", "1"),
    ("each", "1"),
    ("per_year", "2"),
];
/// A round as it is opened.
const ROUND: [(&str, &str); 5] =
    [("name", "第一轮"), ("from", "2023-05-01"), ("until", "2023-12-31"), ("paper", "授权通知"), ("units", "5")];

/// The fields with others in their place.
fn with<'a>(fields: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> = fields.iter().filter(|(key, _)| other.iter().all(|(name, _)| name != key)).copied().collect();
    all.extend(other);
    all
}

/// What a page complains of.
fn said(answer: &Answer) -> String {
    let rest = answer.text.split_once("role=\"alert\"").map_or(answer.text.as_str(), |(_, rest)| rest);
    format!("{} {}", answer.status, rest.split("</div>").next().unwrap_or_default())
}

fn last(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}

#[track_caller]
fn done(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", said(answer));
    answer.to.clone()
}

#[track_caller]
fn refused(answer: &Answer, words: &str) {
    assert!(answer.status == 422 && said(answer).contains(words), "{words}: {}", said(answer));
}

/// The first link to a matter of a unit on a page whose words are these.
#[track_caller]
fn matter(page: &str, words: &str) -> String {
    let link = page.split("href=\"").find(|part| part.contains("/matters/") && part.contains(words));
    let link = link.unwrap_or_else(|| panic!("no link to {words}: {page}"));
    last(link.split('"').next().unwrap())
}

/// Takes a step for the unit, or for the one that sent the round or gave the order; fields bear the step's key.
async fn step(who: &Visitor<'_>, (unit, matter): (i64, &str), to: &str, fields: &[(&str, &str)]) -> Answer {
    let named: Vec<(String, &str)> = fields.iter().map(|(key, value)| (format!("{to}-{key}"), *value)).collect();
    let mut all = vec![("to", to)];
    all.extend(named.iter().map(|(key, value)| (key.as_str(), *value)));
    // the mark is the visitor's, whatever page it is on
    let page = who.get("/me/requests").await;
    let (csrf, operation) = (page.hidden("csrf"), page.hidden("operation"));
    all.extend([("csrf", csrf.as_str()), ("operation", operation.as_str())]);
    let own = who.post(&format!("/units/{unit}/matters/{matter}/steps"), &all).await;
    if own.status == 404 { who.post(&format!("/units/{ROOT}/matters/{matter}/steps"), &all).await } else { own }
}

/// Plans the term, opens the round with its team; returns both and the matter of the unit.
async fn opened(site: &Site) -> (String, String, String) {
    let clerk = site.sign_in(CLERK).await;
    let coverage = done(&clerk.send("/units/1/coverage", "/units/1/coverage", &TERM).await);
    let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
    let seats = [("team", "1"), ("post", "team_leader"), ("person", "罗成文")];
    done(&clerk.send(&round, &format!("{round}/seats"), &seats).await);
    let matter = matter(&clerk.get(&round).await.text, "设计院党委");
    (coverage, round, matter)
}

#[tokio::test]
async fn a_term_is_planned_and_a_round_opened_with_teams_that_may_look_and_nobody_who_may_not() {
    for site in sites().await {
        furnished(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let at = "/units/1/coverage";
        for (other, words) in [
            (("name", " "), "请填写名称"),
            (("until", "2021-12-31"), "结束日期应晚于开始日期"),
            (("teams", "0"), "1至200"),
            (("each", "two"), "请填写数字"),
            (("from", "明年"), "日期"),
        ] {
            let page = clerk.send(at, at, &with(&TERM, &[other])).await;
            refused(&page, words);
            assert!(page.text.contains("value=\"2026-12-31\"") || other.0 == "until", "what was typed is there");
        }
        let coverage = done(&clerk.send(at, at, &TERM).await);
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("<b>0</b> / 2") && page.contains("设计院党委") && page.contains("机关党委"), "{page}");
        for (other, words) in [
            (("paper", ""), "请填写此项"),
            (("from", "2027-01-01"), "应在本届规划"),
            (("until", "2023-04-01"), "结束日期早于开始日期"),
            (("units", ""), "至少勾选一个"),
            (("units", "6"), "不属于本轮的对象"),
        ] {
            let mut fields = with(&ROUND, &[other]);
            if other.1 == "2027-01-01" {
                fields = with(&fields, &[("until", "2027-06-30")]);
            }
            refused(&clerk.send(&coverage, &coverage, &fields).await, words);
        }
        let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
        let seats = format!("{round}/seats");
        let seat = |person: &'static str, post: &'static str| [("team", "1"), ("post", post), ("person", person)];
        refused(&clerk.send(&round, &seats, &seat("何志远", "team_leader")).await, "现在该组织");
        refused(
            &clerk.send(&round, &seats, &seat("丁一鸣", "team_leader")).await,
            "曾在该组织任职或隶属，至 2022-06-30",
        );
        refused(&clerk.send(&round, &seats, &seat("无此人", "team_leader")).await, "没有找到");
        let kept = [("person", "宋佳音"), ("unit", "设计一支部")];
        done(&clerk.send(&round, &format!("{round}/recusals"), &kept).await);
        refused(&clerk.send(&round, &seats, &seat("宋佳音", "team_member")).await, "已登记亲属回避");

        // a seat gives rights in the unit of the team and nowhere else, until it is taken away
        let leader = site.sign_in(LEADER).await;
        let matter = matter(&clerk.get(&round).await.text, "设计院党委");
        let at = format!("/units/5/matters/{matter}");
        assert_eq!(leader.get(&at).await.status, 404, "no seat yet");
        done(&clerk.send(&round, &seats, &seat("罗成文", "team_leader")).await);
        refused(&clerk.send(&round, &seats, &seat("唐立新", "team_leader")).await, "已有组长");
        let page = leader.get(&at).await;
        assert!(page.status == 200 && page.text.contains("进驻"), "{}", said(&page));
        let home = leader.get("/").await.text;
        assert!(home.contains(&at) && home.contains("权限至 2023-12-31") && home.contains("第二支部"), "{home}");
        for path in ["/units/2", "/units/1", "/people/130", &format!("/units/{COMMITTEE}/matters/{matter}")] {
            assert_eq!(leader.get(path).await.status, 404, "{path}");
        }
        let off = [("person", "131"), ("why", "")];
        refused(&clerk.send(&round, &format!("{round}/dismissals"), &off).await, "请写明调整原因");
        done(&clerk.send(&round, &format!("{round}/dismissals"), &[("person", "131"), ("why", "工作需要")]).await);
        assert_eq!(leader.get(&at).await.status, 404, "rights end with the seat");
    }
}

#[tokio::test]
async fn a_member_of_the_team_who_moves_into_the_unit_sees_nothing_more_from_that_day() {
    for site in sites().await {
        furnished(&site).await;
        let (_, round, matter) = opened(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let at = format!("/units/5/matters/{matter}");
        assert_eq!(leader.get(&at).await.status, 200);
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, INSPECTED)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("discipline_secretary").unwrap(), LEADER, TODAY, "")
        })
        .await;
        // they see the unit as its own discipline secretary, and take no step of the team
        assert_eq!(step(&leader, (INSPECTED, &matter), "arrived", &[]).await.status, 404);
        assert!(clerk.get(&round).await.text.contains("应回避 设计院党委"), "the office is told");
    }
}

/// From arrival to a finding that its unit has accepted; the matter of the unit and of the finding.
async fn accepted(site: &Site) -> (String, String, String) {
    let (_, round, matter_id) = opened(site).await;
    let (clerk, leader, head) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(HEAD).await);
    let unit = (INSPECTED, matter_id.as_str());
    done(&step(&leader, unit, "arrived", &[]).await);
    done(&step(&leader, unit, "counted", &[("talks", "20"), ("questionnaires", "50")]).await);
    let at = format!("/units/5/matters/{matter_id}");
    let found = [
        ("flow", "finding"),
        ("found-title", "党费没有按月收缴"),
        ("found-aspect", "organisation"),
        ("found-problem", "党费管理不规范"),
    ];
    refused(&leader.send(&at, &format!("{at}/parts"), &with(&found, &[("found-aspect", "")])).await, "方面");
    done(&leader.send(&at, &format!("{at}/parts"), &found).await);
    refused(&leader.send(&at, &format!("{at}/parts"), &found).await, "同样内容已经有了");
    assert_eq!(head.send(&at, &format!("{at}/parts"), &found).await.status, 404, "nobody finds against their own unit");
    let page = leader.get(&at).await.text;
    assert!(page.contains("个别谈话人次 20") && page.contains("基层党组织建设 · 党费管理不规范"), "{page}");
    let finding = matter(&page, "党费没有按月收缴");
    done(&step(&leader, unit, "left", &[]).await);
    done(&step(&leader, unit, "reported", &[]).await);
    done(&step(&clerk, unit, "fed_back_head", &[]).await);
    refused(&step(&clerk, unit, "fed_back_body", &[("limit", "2023-05-01")]).await, "日期要晚于");
    done(&step(&clerk, unit, "fed_back_body", &[("limit", "2023-08-15")]).await);
    done(&step(&clerk, (INSPECTED, &finding), "fed_back", &[("limit", "2023-08-15")]).await);
    done(&step(&head, (INSPECTED, &finding), "accepted", &[]).await);
    (round, matter_id, finding)
}

/// A task of a finding, passed by the office.
async fn planned(site: &Site, finding: &str) -> String {
    let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
    let at = format!("/units/5/matters/{finding}");
    let fields = [
        ("flow", "task"),
        ("planned-title", "按月收缴并公示"),
        ("planned-by", "2023-07-31"),
        ("planned-leader", "党委书记"),
        ("planned-term", "window"),
    ];
    done(&head.send(&at, &format!("{at}/parts"), &fields).await);
    let task = matter(&head.get(&at).await.text, "按月收缴并公示");
    done(&step(&clerk, (INSPECTED, &task), "passed", &[]).await);
    task
}

/// A record of the inspected committee.
async fn record(head: &Visitor<'_>) -> String {
    let fields = [("kind", "report"), ("on", "2023-05-12"), ("topic", "党费收缴情况"), ("about", "work")];
    last(&done(&head.send("/units/5/records/new?kind=report", "/units/5/records", &fields).await))
}

#[tokio::test]
async fn a_finding_is_put_right_with_evidence_verified_by_others_and_closed_and_the_round_moves_coverage() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        let task = planned(&site, &finding).await;
        let task = (INSPECTED, task.as_str());
        refused(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await, "1 项尚未核实销号");

        // evidence is a record that is there already; a claim without any is refused and keeps what was typed
        let shown = record(&head).await;
        let bare = step(&head, task, "claimed", &[("note", "已落实"), ("result", "done")]).await;
        refused(&bare, "佐证材料");
        assert!(bare.text.contains("已落实"), "what was typed is there");
        // an extension is asked in time and granted by the named post alone; the old day stays
        done(&step(&head, task, "extension_asked", &[("note", "设备未到"), ("until", "2023-08-31")]).await);
        let by_clerk = step(&clerk, task, "extended", &[("note", "同意"), ("until", "2023-08-31")]).await;
        assert_eq!(by_clerk.status, 404);
        refused(&step(&group, task, "extended", &[("note", "同意"), ("until", "2023-07-01")]).await, "日期要晚于");
        done(&step(&group, task, "extended", &[("note", "同意"), ("until", "2023-08-31")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", task.1)).await.text;
        assert!(page.contains("原定期限") && page.contains("2023-07-31") && page.contains("2023-08-31"), "{page}");

        let claim = [("note", "已落实"), ("result", "done"), ("persons", "2"), ("evidence", shown.as_str())];
        done(&step(&head, task, "claimed", &claim).await);
        assert_eq!(step(&head, task, "verified", &[]).await.status, 404, "nobody verifies their own unit");
        done(&step(&clerk, task, "returned", &[("note", "请补公示照片")]).await);
        done(&step(&head, task, "claimed", &claim).await);
        done(&step(&clerk, task, "verified", &[]).await);
        done(&step(&clerk, task, "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);

        // the whole is closed once it is evaluated and somebody else has approved
        let whole = (INSPECTED, unit.as_str());
        refused(&step(&clerk, whole, "closed", &[]).await, "要先有“同意办结”");
        refused(&step(&group, whole, "approved", &[]).await, "先“评估整改成效”");
        let score = [("duty", "20"), ("means", "25"), ("rules", "10"), ("effect", "15"), ("views", "8")];
        refused(&step(&clerk, whole, "evaluated", &with(&score, &[("duty", "26")])).await, "25");
        done(&step(&clerk, whole, "evaluated", &score).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>78</b> 合格"), "{page}");
        done(&step(&group, whole, "approved", &[]).await);
        done(&step(&clerk, whole, "closed", &[]).await);

        let page = clerk.get(&round).await.text;
        assert!(page.contains("问题表现 <b>1/1</b>") && page.contains("处理 <b>2</b> 人次"), "{page}");
        let coverage = clerk.get("/units/1/coverage").await.text;
        let coverage = coverage.split("/units/1/coverage/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let page = clerk.get(&format!("/units/1/coverage/{coverage}")).await.text;
        assert!(page.contains("<b>1</b> / 2") && page.contains("● 2023-05-15"), "{page}");
        for path in [format!("/units/5/matters/{unit}/ledger?as=xlsx"), format!("/units/1/coverage/{coverage}?as=xlsx")]
        {
            let (status, bytes) = clerk.get_bytes(&path).await;
            assert!(status == 200 && bytes.starts_with(b"PK"), "{path}");
        }
        let ledger = clerk.get(&format!("/units/5/matters/{unit}/ledger?list=deadline&as=csv")).await.text;
        assert!(ledger.contains("按月收缴并公示") && ledger.contains("2023-07-31"), "{ledger}");
        let published = clerk.get(&format!("/units/5/matters/{unit}/publication")).await.text;
        assert!(published.contains("党费没有按月收缴") && !published.contains("何志远"), "{published}");
        let rows = clerk.get(&format!("/api/v1/units/5/matters/{unit}/publication")).await.text;
        let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
        let rows = rows["items"].as_array().unwrap();
        assert!(rows.iter().any(|row| row["finding"].as_str().unwrap().contains("党费没有按月收缴")), "{rows:?}");
        assert!(rows.iter().any(|row| row["task"] == "按月收缴并公示" && row["task_id"].is_string()), "{rows:?}");
        let found = clerk.get("/api/v1/units/5/search?q=%E5%85%9A%E8%B4%B9").await.text;
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let titles: Vec<&str> =
            found["items"].as_array().unwrap().iter().filter_map(|row| row["title"].as_str()).collect();
        assert!(titles.iter().any(|title| title.contains("党费")), "{titles:?}");
    }
}

#[tokio::test]
async fn a_sample_of_what_was_closed_goes_to_others_and_what_relapsed_is_done_again() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let (clerk, head, officer) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(OFFICER).await);
        let group = site.sign_in(GROUP).await;
        let task = planned(&site, &finding).await;
        let shown = record(&head).await;
        let claim = [("note", "已落实"), ("result", "done"), ("evidence", shown.as_str())];
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        done(&step(&clerk, (INSPECTED, &task), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &task), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);

        let draws = format!("{round}/draws");
        let draw = |checkers: &'static str| [("act", "draw"), ("seed", "17"), ("sample", "3"), ("checkers", checkers)];
        refused(&clerk.send(&round, &draws, &draw("周文静")).await, "由所列检查人销号");
        refused(&clerk.send(&round, &draws, &draw("何志远、周文静")).await, "属于被查组织");
        refused(&clerk.send(&round, &draws, &with(&draw("唐立新"), &[("seed", "")])).await, "请填写数字");
        done(&clerk.send(&round, &draws, &draw("唐立新")).await);
        let again = matter(&officer.get(&format!("/units/5/matters/{finding}")).await.text, "回头看：");
        let looked = [("asked", "4"), ("still", "no"), ("seen", "公示栏空着"), ("note", "没有坚持")];
        assert_eq!(step(&clerk, (INSPECTED, &again), "not_kept", &looked).await.status, 404, "not the checker");
        done(&step(&officer, (INSPECTED, &again), "not_kept", &looked).await);
        let relapse = [("note", "回头看发现反弹"), ("limit", "2023-09-30")];
        refused(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse[..1]).await, "请填写");
        done(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse).await);
        let page = clerk.get(&format!("/units/5/matters/{task}")).await.text;
        assert!(
            page.contains("<b>重新整改</b>") && page.contains("期限 2023-09-30"),
            "taken up again, in time: {page}"
        );
        let page = clerk.get(&format!("{round}/shared")).await.text;
        assert!(page.contains("1 / 1") && page.contains("没有发现"), "{page}");

        // an extension may be asked for, since the new day has not passed; and once it is done again it closes again,
        // although the re-check found that it was not kept
        done(&step(&head, (INSPECTED, &task), "extension_asked", &[("note", "等采购"), ("until", "2023-10-31")]).await);
        done(&step(&head, (INSPECTED, &finding), "accepted", &[]).await);
        refused(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await, "共 1 项，1 项尚未核实销号");
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        done(&step(&clerk, (INSPECTED, &task), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &task), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &finding), "closed", &[]).await);
        done(&step(&clerk, (INSPECTED, &unit), "evaluated", &SCORE).await);
        done(&step(&group, (INSPECTED, &unit), "approved", &[]).await);
        done(&step(&clerk, (INSPECTED, &unit), "closed", &[]).await);

        // a relapse after that takes the inspection up again too
        done(&step(&clerk, (INSPECTED, &finding), "relapsed", &relapse).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>整改重新启动</b>") && page.contains("期限 2023-09-30"), "{page}");
    }
}

/// An evaluation in the second band.
const SCORE: [(&str, &str); 5] = [("duty", "20"), ("means", "25"), ("rules", "10"), ("effect", "15"), ("views", "8")];

/// A team member goes on to leave and report, the office feeds back: the matter is in rectification.
async fn fed_back(site: &Site, unit: &str) {
    let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
    let unit = (INSPECTED, unit);
    for to in ["arrived", "left", "reported"] {
        done(&step(&leader, unit, to, &[]).await);
    }
    done(&step(&clerk, unit, "fed_back_head", &[]).await);
    done(&step(&clerk, unit, "fed_back_body", &[("limit", "2023-08-15")]).await);
}

#[tokio::test]
async fn what_is_long_term_is_looked_at_each_year_and_stands_in_nobodys_way() {
    for site in sites().await {
        furnished(&site).await;
        let (_, unit, finding) = accepted(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        let task = planned(&site, &finding).await;
        let (task, finding, unit) =
            ((INSPECTED, task.as_str()), (INSPECTED, finding.as_str()), (INSPECTED, unit.as_str()));
        refused(&step(&clerk, finding, "long_term", &[("review", "2024-05-01")]).await, "1 项尚未核实销号");
        refused(&step(&clerk, task, "long_term", &[("review", "2025-05-01")]).await, "不能晚于 2024-05-15");
        done(&step(&clerk, task, "long_term", &[("review", "2024-05-01")]).await);
        refused(&step(&clerk, finding, "closed", &[]).await, "1 项尚未核实销号");
        done(&step(&clerk, finding, "long_term", &[("review", "2024-05-01")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", finding.1)).await.text;
        assert!(page.contains("下次检查 2024-05-01") && page.contains("年度检查"), "{page}");
        done(&step(&clerk, finding, "checked", &[("note", "坚持较好"), ("review", "2024-05-10")]).await);
        let page = clerk.get(&format!("/units/5/matters/{}", finding.1)).await.text;
        assert!(page.contains("下次检查 2024-05-10") && page.contains("<del>2024-05-01</del>"), "{page}");
        let ledger = clerk.get(&format!("/units/5/matters/{}/ledger?as=csv", unit.1)).await.text;
        assert!(ledger.contains("长期坚持"), "{ledger}");

        // an inspection with nothing but what is long-term closes
        done(&step(&clerk, unit, "evaluated", &SCORE).await);
        done(&step(&group, unit, "approved", &[]).await);
        done(&step(&clerk, unit, "closed", &[]).await);
        // in the end it is claimed, verified and closed like the rest
        let shown = record(&head).await;
        let claim = [("note", "已成常态"), ("result", "basically"), ("evidence", shown.as_str())];
        done(&step(&head, task, "claimed", &claim).await);
        let ledger = clerk.get(&format!("/units/5/matters/{}/ledger?as=csv", unit.1)).await.text;
        assert!(ledger.contains("基本完成（已报完成）"), "{ledger}");
        done(&step(&clerk, task, "verified", &[]).await);
        done(&step(&clerk, task, "closed", &[]).await);
        done(&step(&clerk, finding, "closed", &[]).await);
    }
}

#[tokio::test]
async fn an_inspection_that_found_nothing_closes_and_a_poor_one_asks_for_a_talk_and_another_look() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, group) = (site.sign_in(CLERK).await, site.sign_in(GROUP).await);
        fed_back(&site, &unit).await;
        let whole = (INSPECTED, unit.as_str());
        let poor = with(&SCORE, &[("means", "9")]);
        done(&step(&clerk, whole, "evaluated", &poor).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("<b>62</b> 基本合格") && page.contains("基本合格：须约谈主要负责人、回访复查"), "{page}");
        refused(&step(&group, whole, "approved", &[]).await, "要先有“约谈主要负责人”");
        done(&step(&clerk, whole, "talked", &[("note", "已约谈")]).await);
        refused(&step(&group, whole, "approved", &[]).await, "要先有“回访复查”");
        done(&step(&clerk, whole, "rechecked", &[("note", "已改进")]).await);
        done(&step(&group, whole, "approved", &[]).await);
        done(&step(&clerk, whole, "closed", &[]).await);
    }
}

#[tokio::test]
async fn visits_are_entered_afterwards_with_their_day_and_limits_are_offered_from_the_rules_in_force() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let whole = (INSPECTED, unit.as_str());
        refused(&step(&leader, whole, "arrived", &[("on", "2023-05-16")]).await, "今天之后");
        refused(&step(&leader, whole, "arrived", &[("on", "2023-02-30")]).await, "没有 30 日");
        refused(&step(&leader, whole, "arrived", &[("on", "2023-05-14")]).await, "早于上一步");
        done(&step(&leader, whole, "arrived", &[("on", "2023-05-15")]).await);
        for to in ["left", "reported"] {
            done(&step(&leader, whole, to, &[]).await);
        }
        done(&step(&clerk, whole, "fed_back_head", &[]).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(
            page.contains("集中整改3个月") && page.contains("2015年巡视工作条例") && page.contains("2023-08-15"),
            "{page}"
        );
        let both = [("window", "usual"), ("limit", "2023-09-01")];
        refused(&step(&clerk, whole, "fed_back_body", &both).await, "已选期限，又填了日期");
        done(&step(&clerk, whole, "fed_back_body", &[("window", "usual")]).await);
        let page = clerk.get(&format!("/units/5/matters/{unit}")).await.text;
        assert!(page.contains("期限 2023-08-15") && page.contains("集中整改3个月（派出机关规定"), "{page}");
    }
}

#[tokio::test]
async fn fifty_six_findings_come_from_a_table_and_are_fed_back_accepted_planned_and_closed_in_a_few_forms() {
    for site in sites().await {
        furnished(&site).await;
        let (_, round, unit) = opened(&site).await;
        let (clerk, leader, head) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(HEAD).await);
        fed_back(&site, &unit).await;
        let at = format!("/units/5/matters/{unit}");
        let findings = format!("{at}/findings");
        let rows: String = (0..56).map(|n| format!("全面从严治党\t第{}个问题\t第{n}项表现\n", n % 17)).collect();
        let table = format!("方面\t问题\t具体表现\n{rows}");
        let wrong = table.replace("全面从严治党\t第3个问题\t第3项表现", "从严\t第3个问题\t第3项表现");
        let page = leader.send(&findings, &findings, &[("act", "record"), ("text", &wrong)]).await;
        refused(&page, "第5行");
        assert!(page.text.contains("请写其中之一") && page.text.contains("第55项表现"), "the text is kept");
        let page = leader.send(&findings, &findings, &[("act", "check"), ("text", &table)]).await;
        assert!(page.text.contains("共 <b>56</b> 条问题表现"), "{}", said(&page));
        done(&leader.send(&findings, &findings, &[("act", "record"), ("text", &table)]).await);
        assert_eq!(head.send(&at, &findings, &[("act", "record"), ("text", &table)]).await.status, 422);

        // the office feeds all of them back, over the round, but not one of another round
        let many = format!("{round}/together");
        let ids = |page: &str| -> Vec<String> {
            let picks = page.split("name=\"pick\" value=\"").skip(1);
            picks.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let fields = |step: &'static str, ids: &[String], more: &[(&'static str, &'static str)]| {
            let mut all: Vec<(String, String)> = vec![("step".into(), step.into())];
            all.extend(ids.iter().map(|id| ("pick".to_owned(), id.clone())));
            all.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
            all
        };
        let send = |who: &'static str, path: String, all: Vec<(String, String)>| {
            let who = match who {
                "clerk" => &clerk,
                _ => &head,
            };
            async move {
                let all: Vec<(&str, &str)> = all.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
                who.send(&path, &path, &all).await
            }
        };
        let page = clerk.get(&format!("{many}?step=finding.fed_back")).await.text;
        let all = ids(&page);
        assert!(all.len() == 56 && page.contains("发现问题：反馈 56"), "{page}");
        refused(&send("clerk", many.clone(), fields("finding.fed_back", &[], &[])).await, "请至少勾选一项");
        refused(&send("clerk", many.clone(), fields("finding.fed_back", &all, &[])).await, "请填写");
        let answer =
            send("clerk", many.clone(), fields("finding.fed_back", &all, &[("fed_back-window", "usual")])).await;
        assert!(done(&answer).ends_with("done=56"));
        // one is accepted alone; of all together that one is refused by name and the others go on
        done(&step(&head, (INSPECTED, &all[7]), "accepted", &[]).await);
        let own = format!("{at}/together");
        let answer = send("head", own.clone(), fields("finding.accepted", &all, &[])).await;
        assert!(answer.status == 200 && answer.text.contains("已办理 <b>55</b>"), "{}", answer.text);
        assert!(said(&answer).contains("第7项表现") && said(&answer).contains("现处于“整改中”"), "{}", said(&answer));
        // nobody of the unit takes a step of the office, and nobody a step that is not there
        assert_eq!(send("head", own.clone(), fields("finding.closed", &all, &[])).await.status, 404);
        assert_eq!(send("clerk", own.clone(), fields("task.drawn", &all, &[])).await.status, 404);
        assert_eq!(clerk.get(&format!("/units/{SECOND}/matters/{unit}/together")).await.status, 404);
    }
}

#[tokio::test]
async fn a_task_is_passed_on_and_helped_with_and_the_page_tells_who_had_it() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let (at, turns) = (format!("/units/1/matters/{task}"), format!("/units/1/matters/{task}/turns"));
        let pass = [("turn", "pass"), ("unit", "机关党委"), ("why", "职能划转")];
        refused(&clerk.send(&at, &turns, &with(&pass, &[("unit", "没有的党委")])).await, "没有找到组织");
        refused(&clerk.send(&at, &turns, &with(&pass, &[("why", " ")])).await, "请写明原因");
        done(&clerk.send(&at, &turns, &pass).await);
        let page = clerk.get(&at).await.text;
        assert!(page.contains("设计院党委 → 机关党委") && page.contains("职能划转"), "{page}");
        let page = head.get(&format!("/units/5/matters/{task}")).await;
        assert!(
            page.status == 200 && page.text.contains("机关党委"),
            "the old unit sees where it went: {}",
            said(&page)
        );
        assert!(!page.text.contains("报告完成"), "and takes no step of it");
        // and finds it: not among what it has, but as history on a board of its own, which leaves as a table too
        let board = "/units/5/matters?flow=task";
        assert!(!head.get(board).await.text.contains(&format!("/matters/{task}\"")));
        let page = head.get("/units/5/matters?state=passed").await.text;
        assert!(page.contains(&format!("/units/5/matters/{task}\"")), "{page}");
        assert!(page.contains("由设计院党委转给机关党委") && page.contains("职能划转"), "{page}");
        let rows = head.get("/units/5/matters?state=passed&as=csv").await.text;
        assert!(rows.contains("设计院党委,机关党委,") && rows.contains("职能划转"), "{rows}");
        let rows: serde_json::Value =
            serde_json::from_str(&head.get("/api/v1/units/5/matters?state=passed").await.text).unwrap();
        let how = &rows["items"][0]["passed"];
        assert_eq!((&rows["items"][0]["id"], &how["to"]), (&task.as_str().into(), &"机关党委".into()), "{rows}");
        assert_eq!((&how["from"], &how["why"]), (&"设计院党委".into(), &"职能划转".into()));
        let both = head.get("/api/v1/units/5/matters?state=passed&flow=task").await;
        assert!(both.status == 422 && both.text.contains("不能与其他筛选"), "{}", both.text);
        // who has it in both units still has it
        assert!(!clerk.get("/units/1/matters?state=passed").await.text.contains("职能划转"));

        done(&clerk.send(&at, &turns, &[("turn", "help"), ("unit", "设计院党委"), ("why", "熟悉情况")]).await);
        assert!(!head.get("/units/5/matters?state=passed").await.text.contains("职能划转"), "it is here again");
        let page = head.get(&format!("/units/5/matters/{task}")).await.text;
        assert!(page.contains("填报进展") && page.contains("增加协办"), "who helps reports progress: {page}");
        let page = clerk.get(&at).await.text;
        assert!(page.contains("结束协办"), "{page}");
        done(&clerk.send(&at, &turns, &[("turn", "end"), ("helper", "5"), ("why", "已完成")]).await);
        assert!(!head.get(&format!("/units/5/matters/{task}")).await.text.contains("填报进展"));
    }
}

/// Findings of one problem in three units, worded as each team words it, over two rounds.
async fn alike(site: &Site) -> String {
    let clerk = site.sign_in(CLERK).await;
    let coverage = done(&clerk.send("/units/1/coverage", "/units/1/coverage", &with(&TERM, &[("each", "9")])).await);
    let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
    let second = done(&clerk.send(&coverage, &coverage, &with(&ROUND, &[("name", "第二轮"), ("units", "2")])).await);
    for (round, unit, problem) in [
        (&round, INSPECTED, "党费收缴管理不规范"),
        (&round, INSPECTED, "班子议事规则不健全"),
        (&second, COMMITTEE, "党费收缴不规范、管理不到位"),
    ] {
        let page = clerk.get(round).await.text;
        let whole: i64 = matter(&page, if unit == INSPECTED { "设计院党委" } else { "机关党委" }).parse().unwrap();
        site.write(move |tx, base| {
            let actor = luoshi_rules::Actor {
                posts: vec![luoshi_rules::Held {
                    post: "team_leader".into(),
                    unit,
                    top: ROOT,
                    path: luoshi_store::unit::find(tx, unit)?.path,
                }],
                ..holding::actor(tx, ROOT, LEADER, TODAY)?
            };
            let at = luoshi_store::unit::find(tx, unit)?;
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("finding").unwrap(),
                addressee: &at,
                subject: format!("{whole}/{problem}"),
                title: format!("{problem}的表现"),
                data: serde_json::json!({ "aspect": "organisation", "problem": problem }),
                note: String::new(),
            };
            luoshi_store::matter::add_part(tx, &actor.permit(base, Verb::Act, &at)?, base, whole, (&opening, &[]))
        })
        .await;
    }
    round
}

#[tokio::test]
async fn a_problem_that_units_of_two_rounds_share_is_found_however_it_is_worded() {
    for site in sites().await {
        furnished(&site).await;
        let round = alike(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let page = clerk.get(&format!("{round}/shared")).await.text;
        assert!(page.contains("2 个组织") && page.contains("党费收缴不规范、管理不到位的表现"), "{page}");
        assert!(!page.contains("班子议事规则不健全的表现"), "{page}");
    }
}

/// Findings of the unit straight into the facts: 17 problems in 56 manifestations.
async fn many(site: &Site, unit: &str) {
    let unit: i64 = unit.parse().unwrap();
    site.write(move |tx, base| {
        let actor = holding::actor(tx, ROOT, LEADER, TODAY)?;
        let at = luoshi_store::unit::find(tx, INSPECTED)?;
        let permit = actor.permit(base, Verb::Act, &at)?;
        for n in 0..56 {
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("finding").unwrap(),
                addressee: &at,
                subject: format!("{unit}/{n}"),
                title: format!("第{n}项表现"),
                data: serde_json::json!({ "aspect": "governance", "problem": format!("第{}个问题", n % 17) }),
                note: String::new(),
            };
            luoshi_store::matter::add_part(tx, &permit, base, unit, (&opening, &[]))?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_plans_160_tasks_from_a_table_all_or_none_and_pages_ask_no_more_for_it() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, unit) = opened(&site).await;
        let (clerk, leader, head) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(HEAD).await);
        let whole = (INSPECTED, unit.as_str());
        let at = format!("/units/5/matters/{unit}");
        done(&step(&leader, whole, "arrived", &[]).await);
        let asked = |path: String| {
            let (site, clerk) = (&site, &clerk);
            async move {
                let before = site.db.asked();
                assert_eq!(clerk.get(&path).await.status, 200, "{path}");
                site.db.asked() - before
            }
        };
        let few = (asked(at.clone()).await, asked(format!("{at}/ledger")).await);
        many(&site, &unit).await;
        let rows: String = (0..160)
            .map(|n| {
                format!("{}\t第{n}条措施\t2023年{}月30日\t党委书记\t\t设计一支部\t集中整改\n", n % 56 + 1, 6 + n % 3)
            })
            .collect();
        let table = format!("表现序号\t整改措施\t完成时限\t责任领导\t责任组织\t协办组织\t类型\n{rows}");
        let tasks = format!("{at}/tasks");
        let wrong =
            table.replace("\t第7条措施\t2023年7月30日", "\t第7条措施\t七月底").replace("56\t第55条", "57\t第55条");
        let page = head.send(&tasks, &tasks, &[("act", "plan"), ("text", &wrong)]).await;
        refused(&page, "第9行");
        assert!(
            said(&page).contains("第57行") && page.text.contains("第159条措施"),
            "each fault, and the text is kept"
        );
        assert!(!head.get(&at).await.text.contains("<td class=\"num\">0/3"), "nothing was saved");
        let page = head.send(&tasks, &tasks, &[("act", "check"), ("text", &table)]).await;
        assert!(page.text.contains("共 <b>160</b> 条任务"), "{}", said(&page));
        done(&head.send(&tasks, &tasks, &[("act", "plan"), ("text", &table)]).await);
        refused(&head.send(&tasks, &tasks, &[("act", "plan"), ("text", &table)]).await, "同样内容已经有了");
        let page = clerk.get(&format!("{at}/ledger")).await.text;
        assert!(page.contains("任务 <b>0/160</b>") && page.contains("第159条措施"), "{page}");
        let branch = clerk.get("/units/6/matters").await.text;
        assert!(branch.contains("第159条措施"), "a unit that helps has it on its board: {branch}");
        assert_eq!(few, (asked(at.clone()).await, asked(format!("{at}/ledger")).await), "statements");
    }
}

#[tokio::test]
async fn an_order_is_split_into_measures_and_closed_when_they_are() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head, secretary) =
            (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(SECRETARY).await);
        let fields = [
            ("given-title", "年底前建成阵地预约"),
            ("given-from", "meeting"),
            ("given-ref", "党组会纪要"),
            ("given-by", "2023-12-31"),
        ];
        refused(
            &clerk.send("/units/1/matters", "/units/1/orders", &with(&fields, &[("given-title", " ")])).await,
            "500字以内",
        );
        assert_eq!(secretary.send("/", "/units/3/orders", &fields).await.status, 404);
        let order = done(&clerk.send("/units/1/matters", "/units/1/orders", &fields).await);
        let id = last(&order);
        let measure = |name: &'static str| {
            [
                ("flow", "measure"),
                ("assigned-title", "开发预约功能"),
                ("assigned-by", "2023-05-01"),
                ("assigned-unit", name),
                ("assigned-helpers", "第一支部"),
                ("assigned-stages", "2023-05-10 初稿\n2023-06-30 定稿"),
            ]
        };
        refused(&clerk.send(&order, &format!("{order}/parts"), &measure("没有的党委")).await, "没有找到组织");
        done(&clerk.send(&order, &format!("{order}/parts"), &measure("设计院党委")).await);
        let part = matter(&clerk.get(&order).await.text, "开发预约功能");
        refused(&step(&clerk, (ROOT, &id), "closed", &[]).await, "1 项尚未核实销号");
        // a milestone that nobody reported in time shows as late, whoever of those who carry it reports it
        let page = clerk.get(&format!("/units/5/matters/{part}")).await.text;
        assert!(page.contains("节点已过期：2023-05-10 初稿") && !page.contains("2023-06-30 定稿 "), "{page}");
        done(&step(&secretary, (3, &part), "milestone", &[("note", "初稿已交")]).await);
        assert!(!clerk.get(&format!("/units/5/matters/{part}")).await.text.contains("节点已过期"));
        // a unit that helps replies on its share and claims nothing
        done(&step(&secretary, (3, &part), "reply", &[("note", "场地已腾出")]).await);
        assert_eq!(step(&secretary, (3, &part), "claimed", &[("note", "好了")]).await.status, 404);
        // rung by rung
        refused(&step(&clerk, (INSPECTED, &part), "circular", &[("note", "通报")]).await, "先");
        done(&step(&clerk, (INSPECTED, &part), "reminded", &[]).await);
        done(&step(&clerk, (INSPECTED, &part), "slip", &[]).await);
        let late = [("note", "再给一月"), ("until", "2023-06-30")];
        refused(&step(&head, (INSPECTED, &part), "extension_asked", &late).await, "期限");
        done(&step(&head, (INSPECTED, &part), "claimed", &[("note", "已上线")]).await);
        let sheet = clerk.get("/units/1/weekly").await.text;
        assert!(sheet.contains("逾期 <b>1</b>") && sheet.contains("开发预约功能"), "{sheet}");
        done(&step(&clerk, (INSPECTED, &part), "verified", &[]).await);
        done(&step(&clerk, (INSPECTED, &part), "closed", &[]).await);
        done(&step(&clerk, (ROOT, &id), "closed", &[]).await);
        let sheet = clerk.get("/units/1/weekly").await.text;
        assert!(sheet.contains("逾期 <b>0</b>") && sheet.contains("一周内办结 <b>2</b>"), "{sheet}");
    }
}

#[tokio::test]
async fn boards_are_narrowed_and_a_filter_is_kept_for_its_owner_alone() {
    for site in sites().await {
        furnished(&site).await;
        opened(&site).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let at = "/units/1/matters";
        assert!(clerk.get(at).await.text.contains("设计院党委 第一轮"));
        for narrow in ["?flow=order", "?state=closed", "?still=1", "?words=%E6%97%A0"] {
            assert!(!clerk.get(&format!("{at}{narrow}")).await.text.contains("设计院党委 第一轮"), "{narrow}");
        }
        let filters = "/units/1/matters/filters";
        refused(&clerk.send(at, filters, &[("question", "?flow=order"), ("name", "")]).await, "20字以内");
        done(&clerk.send(at, filters, &[("question", "?flow=order"), ("name", "督查")]).await);
        assert!(clerk.get(at).await.text.contains("href=\"?flow=order\">督查"));
        assert!(!head.get("/units/5/matters").await.text.contains("督查</a>"));
        done(&clerk.send(at, filters, &[("drop", "督查")]).await);
        assert!(!clerk.get(at).await.text.contains("href=\"?flow=order\">督查"));
        let csv = clerk.get(&format!("{at}?as=csv")).await.text;
        assert!(csv.contains("设计院党委 第一轮") && csv.contains("2023-05-15"), "{csv}");
    }
}

#[tokio::test]
async fn of_eight_who_take_the_same_step_at_once_one_does() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let head = site.sign_in(HEAD).await;
        let shown = record(&head).await;
        let claim = [("note", "已落实"), ("result", "done"), ("evidence", shown.as_str())];
        done(&step(&head, (INSPECTED, &task), "claimed", &claim).await);
        let mut clerks = Vec::new();
        for _ in 0..8 {
            clerks.push(site.sign_in(CLERK).await);
        }
        let [a, b, c, d, e, f, g, h] = &clerks[..] else { panic!() };
        let verify = |who| step(who, (INSPECTED, &task), "verified", &[]);
        let answers =
            tokio::join!(verify(a), verify(b), verify(c), verify(d), verify(e), verify(f), verify(g), verify(h));
        let (a, b, c, d, e, f, g, h) = answers;
        let all = [a, b, c, d, e, f, g, h];
        let taken = all.iter().filter(|answer| answer.status == 303).count();
        assert_eq!(taken, 1, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
        for answer in all.iter().filter(|answer| answer.status != 303) {
            assert!(matches!(answer.status, 409 | 422), "{}", said(answer));
        }
        let page = site.sign_in(OFFICER).await.get(&format!("/units/5/matters/{task}")).await.text;
        assert_eq!(page.matches("<li><b>已核实</b>").count(), 1, "{page}");
    }
}

#[tokio::test]
async fn matters_of_a_unit_that_is_merged_go_on_with_its_heir_and_say_so() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let clerk = site.sign_in(CLERK).await;
        site.write(|tx, base| {
            let permit = |id| Ok::<_, luoshi_store::Fault>(leave(base, &unit::find(tx, id)?, Verb::Rule, TODAY));
            let own = permit(INSPECTED)?;
            let decision = unit::Decision { permit: &own, pack: base, on: TODAY, note: "批复1号" };
            unit::merge(tx, &decision, &permit(COMMITTEE)?)
        })
        .await;
        let page = clerk.get(&format!("/units/{COMMITTEE}/matters/{task}")).await;
        assert!(page.status == 200 && page.text.contains("机关党委") && page.text.contains("合并"), "{}", said(&page));
    }
}

#[tokio::test]
async fn a_centre_group_is_sat_in_on_once_with_notice_and_a_short_note_and_the_duty_is_met_by_it() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader) = (site.sign_in(CLERK).await, site.sign_in(LEADER).await);
        let at = "/units/1/coverage";
        let coverage = done(&clerk.send(at, at, &with(&TERM, &[("kind", "observation")])).await);
        let round = done(&clerk.send(&coverage, &coverage, &ROUND).await);
        let seats = [("team", "1"), ("post", "team_member"), ("person", "罗成文")];
        done(&clerk.send(&round, &format!("{round}/seats"), &seats).await);
        let matter = matter(&clerk.get(&round).await.text, "设计院党委");
        let at = (INSPECTED, matter.as_str());

        let agreed = [("session", "2023-05-19"), ("topic", "学习规划"), ("materials", "yes")];
        refused(&step(&leader, at, "agreed", &agreed).await, "须提前 5 个工作日");
        done(&step(&leader, at, "agreed", &with(&agreed, &[("session", "2023-05-26")])).await);
        let seen = [
            ("day", "2023-05-15"),
            ("due", "9"),
            ("present", "8"),
            ("preparation", "good"),
            ("discussion", "fair"),
            ("practice", "good"),
        ];
        refused(&step(&leader, at, "arrived", &with(&seen, &[("practice", "superb")])).await, "请从选项中选择");
        done(&step(&leader, at, "arrived", &seen).await);
        let page = clerk.get(&format!("/units/1/matters/{matter}")).await.text;
        assert!(page.contains("2023-05-29"), "the note is due ten working days later: {page}");
        // on its last day it is in time; the day after it is late, is told so, and is taken all the same
        for (day, is_late) in [(date(2023, 5, 29), false), (date(2023, 5, 30), true)] {
            let later = site.on_day(day);
            let page = later.sign_in(CLERK).await.get("/units/1/matters?only=late").await.text;
            assert_eq!(page.contains("设计院党委 第一轮"), is_late, "{day}: {page}");
        }
        refused(&step(&leader, at, "noted", &[("text", &"长".repeat(501))]).await, "最多 500 字，现有 501 字");
        done(&step(&leader, at, "noted", &[("text", &"长".repeat(500))]).await);
        assert_eq!(step(&leader, at, "fed_back", &[("note", "不是我的事")]).await.status, 404);
        done(&step(&clerk, at, "fed_back", &[("note", "研讨可更联系实际")]).await);

        let records = clerk.get("/units/1/2023/records").await.text;
        assert_eq!(records.matches("设计院党委 第一轮").count(), 2, "session and note are on record: {records}");
        let page = clerk.get(&coverage).await.text;
        assert!(page.contains("<b>1</b> / 2"), "{page}");
        // each group once in the cycle: for the next round the other one is proposed, and this one is not offered
        let offered = |unit: i64| page.contains(&format!("name=\"units\" value=\"{unit}\""));
        assert!(offered(COMMITTEE) && !offered(INSPECTED), "{page}");
        let page = clerk.get(&round).await.text;
        assert!(page.contains("好 <b>1</b>") && !page.contains("问题表现"), "{page}");
        let head = site.sign_in(HEAD).await;
        done(&step(&head, at, "taken_up", &[("note", "增加案例研讨")]).await);
        done(&step(&clerk, at, "closed", &[]).await);
    }
}

#[tokio::test]
async fn a_conduct_check_is_made_by_two_and_closes_once_what_was_found_is_put_right() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader, officer) =
            (site.sign_in(CLERK).await, site.sign_in(LEADER).await, site.sign_in(OFFICER).await);
        let at = "/units/1/coverage";
        let coverage = done(&clerk.send(at, at, &with(&TERM, &[("kind", "conduct_check"), ("each", "9")])).await);
        let both = [with(&ROUND, &[]), vec![("units", "6")]].concat();
        let round = done(&clerk.send(&coverage, &coverage, &both).await);
        let seats = format!("{round}/seats");
        let seat = |person: &'static str| [("team", "1"), ("post", "team_member"), ("person", person)];
        done(&clerk.send(&round, &seats, &seat("罗成文")).await);
        let page = clerk.get(&round).await.text;
        let (committee, branch) = (matter(&page, "设计院党委"), matter(&page, "设计一支部"));
        let seen = [
            ("day", "2023-05-15"),
            ("people", "12"),
            ("list", "meals"),
            ("list", "cars"),
            ("visitors", "131"),
            ("visitors", "132"),
        ];
        refused(&step(&leader, (INSPECTED, &committee), "arrived", &seen).await, "两人以上");
        done(&clerk.send(&round, &seats, &seat("宋佳音")).await);
        let page = leader.get(&format!("/units/5/matters/{committee}")).await.text;
        assert!(page.contains("到场检查的人") && page.contains("宋佳音"), "{page}");
        refused(
            &step(&leader, (INSPECTED, &committee), "arrived", &with(&seen, &[("visitors", "133")])).await,
            "至少两人",
        );
        done(&step(&leader, (INSPECTED, &committee), "arrived", &seen).await);
        let clean = [("day", "2023-05-15"), ("people", "5"), ("visitors", "131"), ("visitors", "132")];
        done(&step(&leader, (BRANCH, &branch), "arrived", &clean).await);
        let page = clerk.get(&round).await.text;
        assert!(page.contains("<b>17</b>") && page.contains("违规吃喝 <b>1</b>"), "{page}");

        let parts = format!("/units/5/matters/{committee}");
        let found = [
            ("flow", "finding"),
            ("found-title", "三次公务接待超标准"),
            ("found-aspect", "meals"),
            ("found-problem", "公务接待"),
        ];
        let page = leader.get(&parts).await;
        assert!(
            page.text.contains("违规吃喝") && !page.text.contains("落实党的理论"),
            "aspects of its own: {}",
            page.text
        );
        let other = with(&found, &[("found-aspect", "theory")]);
        refused(&leader.send(&parts, &format!("{parts}/parts"), &other).await, "从选项中选择");
        let sent = leader.send(&parts, &format!("{parts}/parts"), &found).await;
        assert_eq!(sent.status, 303, "{} {}", said(&sent), page.text);
        refused(&step(&officer, (INSPECTED, &committee), "closed", &[]).await, "尚未核实销号");
        done(&step(&officer, (BRANCH, &branch), "closed", &[]).await);
    }
}

#[tokio::test]
async fn an_order_from_a_document_has_its_ladder_more_time_a_day_put_right_evidence_and_can_be_reopened() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head, group) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await, site.sign_in(GROUP).await);
        site.write(|tx, base| {
            let opening = luoshi_store::matter::Opening {
                flow: base.flow("directive").unwrap(),
                addressee: &unit::find(tx, INSPECTED)?,
                subject: "1".into(),
                title: "完成换届".into(),
                data: serde_json::json!({ "by": "2023-05-31", "sentence": "5月底前完成换届" }),
                note: String::new(),
            };
            let actor = holding::actor(tx, ROOT, CLERK, TODAY)?;
            let permit = actor.permit(base, Verb::Act, &unit::find(tx, ROOT)?)?;
            luoshi_store::matter::open(tx, &permit, &opening).map(drop)
        })
        .await;
        let id = matter(&clerk.get("/units/1/matters").await.text, "完成换届");
        let at = (INSPECTED, id.as_str());
        refused(&step(&clerk, at, "slip", &[]).await, "先“提醒”");
        done(&step(&clerk, at, "reminded", &[]).await);
        done(&step(&clerk, at, "slip", &[]).await);
        // the day was written wrongly: whoever gave it puts it right with a reason, and the old one stays
        let right = [("note", "文件为6月底"), ("by", "2023-06-30")];
        refused(&step(&clerk, at, "corrected", &right[1..]).await, "请写明情况");
        assert_eq!(step(&head, at, "corrected", &right).await.status, 404);
        done(&step(&clerk, at, "corrected", &right).await);
        let page = clerk.get(&format!("/units/5/matters/{id}")).await.text;
        assert!(page.contains("期限 2023-06-30") && page.contains("<del>2023-05-31</del>"), "{page}");
        let more = [("note", "选举未完"), ("until", "2023-07-31")];
        assert_eq!(step(&clerk, at, "extended", &more).await.status, 404, "by the named post alone");
        refused(&step(&group, at, "extended", &more).await, "要先有“申请延期”");
        done(&step(&head, at, "extension_asked", &more).await);
        done(&step(&group, at, "extended", &more).await);
        refused(&step(&head, at, "claimed", &[("note", "已完成")]).await, "佐证材料");
        let shown = record(&head).await;
        refused(&step(&head, at, "claimed", &[("note", "已完成"), ("evidence", "4711")]).await, "不在本组织范围内");
        done(&step(&head, at, "claimed", &[("note", "已完成"), ("evidence", &shown)]).await);
        done(&step(&clerk, at, "verified", &[]).await);
        done(&step(&clerk, at, "closed", &[]).await);
        done(&step(&clerk, at, "reopened", &[("note", "结果未报批"), ("limit", "2023-08-31")]).await);
        let page = clerk.get(&format!("/units/5/matters/{id}")).await.text;
        assert!(page.contains("<b>重新办理</b>") && page.contains("期限 2023-08-31"), "{page}");
    }
}

#[tokio::test]
async fn evidence_is_looked_for_by_words_kind_and_day_and_what_was_ticked_stays() {
    for site in sites().await {
        furnished(&site).await;
        let (_, _, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let head = site.sign_in(HEAD).await;
        let shown = record(&head).await;
        let at = format!("/units/5/matters/{task}");
        for (question, found) in [
            ("", true),
            ("?evidence_q=%E5%85%9A%E8%B4%B9", true),
            ("?evidence_q=%E6%B2%A1%E6%9C%89", false),
            ("?evidence_kind=general-meeting", false),
            ("?evidence_from=2023-05-01&evidence_until=2023-05-31", true),
            ("?evidence_until=2023-04-30", false),
            ("?evidence_from=garbage", true),
            (&format!("?evidence_q=%E6%B2%A1%E6%9C%89&claimed-evidence={shown}"), true),
        ] {
            let page = head.get(&format!("{at}{question}")).await.text;
            assert_eq!(page.contains("党费收缴情况"), found, "{question}: {page}");
        }
    }
}

#[tokio::test]
async fn a_unit_with_something_open_is_dissolved_only_with_a_successor_which_the_form_asks_for() {
    for site in sites().await {
        furnished(&site).await;
        site.write(|tx, base| {
            let founding = unit::Founding {
                id: 7,
                level: "organ_committee".into(),
                class: "institution".into(),
                code: String::new(),
                parts: Vec::new(),
                order_no: 7,
                short_name: "资料中心党委".into(),
                full_name: "中共资料中心党委".into(),
                search: "zlzx".into(),
                on: date(2020, 1, 1),
            };
            unit::found(tx, &leave(base, &unit::find(tx, ROOT)?, Verb::Rule, TODAY), &founding).map(drop)
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let given =
            [("given-title", "清理台账"), ("given-from", "meeting"), ("given-ref", "纪要"), ("given-by", "2023-12-31")];
        let order = done(&clerk.send("/units/1/matters", "/units/1/orders", &given).await);
        let part = [
            ("flow", "measure"),
            ("assigned-title", "逐项核对"),
            ("assigned-by", "2023-06-01"),
            ("assigned-unit", "资料中心党委"),
        ];
        done(&clerk.send(&order, &format!("{order}/parts"), &part).await);
        let (form, changes) = ("/units/7/change?do=dissolve", "/units/7/changes");
        let why = [("do", "dissolve"), ("on", "2023-05-10"), ("note", "机构改革")];
        let page = clerk.send(form, changes, &why).await;
        refused(&page, "还有 1 件在办事项");
        assert!(page.text.contains("机构改革") && page.text.contains("查找组织"), "{}", page.text);
        let heir = with(&why, &[("to", "2"), ("q", "%E6%9C%BA%E5%85%B3")]);
        done(&clerk.send(form, changes, &heir).await);
        let id = matter(&clerk.get(&order).await.text, "逐项核对");
        let page = clerk.get(&format!("/units/2/matters/{id}")).await.text;
        assert!(page.contains("资料中心党委 → 机关党委（撤销 dissolved，2023-05-10）"), "{page}");
    }
}

/// A plan, a round with its team, and the matter of its unit, by programs of the clerk; the keys of the three.
async fn begun(clerk: &Program<'_>) -> (String, String, String) {
    let plans = "/units/1/coverage";
    let term = json!({ "kind": "unit_inspection", "name": "本届规划", "from": "2022-01-01", "until": "2026-12-31",
        "teams": 1, "each": 1, "per_year": 2 });
    let changed = |key: &str, value: &str| {
        let mut term = term.clone();
        term[key] = json!(value);
        term
    };
    clerk.refused(plans, changed("teams", "two"), "teams").await;
    clerk.refused(plans, changed("from", "明年"), "from").await;
    clerk.refused(plans, changed("nane", "错字"), "nane").await;
    clerk.only_here(plans, "/units/9/coverage", term.clone()).await;
    let coverage = clerk.done(plans, term).await;
    let at = format!("{plans}/{coverage}");
    let plan = clerk.get(&at).await;
    assert_eq!((&plan["waiting"], &plan["covered"], &plan["units"]), (&json!(2), &json!(0), &json!(2)), "{plan}");
    assert_eq!(plan["proposed"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(column(&clerk.get(plans).await, "id"), [json!(coverage)]);
    let waits = clerk.get(&format!("{at}/units")).await;
    assert!(waits["items"][0]["waits"].is_string() && waits["items"][0]["matter_id"].is_null(), "{waits}");

    let open =
        json!({ "name": "第一轮", "from": "2023-05-01", "until": "2023-12-31", "paper": "通知", "units": ["5"] });
    clerk
        .refused(&at, json!({ "name": "第一轮", "from": "2023-05-01", "until": "2023-12-31", "units": [5] }), "paper")
        .await;
    let round = clerk.done(&at, open).await;
    let at = format!("/units/1/rounds/{round}");
    let seat = |name: &str| json!({ "person": name, "team": 1, "post": "team_leader" });
    clerk.refused(&format!("{at}/seats"), seat("何志远"), "person").await;
    clerk.done(&format!("{at}/recusals"), json!({ "person": "宋佳音", "unit": "设计一支部" })).await;
    clerk
        .refused(&format!("{at}/seats"), json!({ "person": "宋佳音", "team": 1, "post": "team_member" }), "person")
        .await;
    clerk.refused(&format!("{at}/targets"), json!({ "units": "没有的党委", "team": 1 }), "units").await;
    clerk.done(&format!("{at}/seats"), seat("罗成文")).await;
    let found = clerk.get(&at).await;
    assert_eq!(
        (&found["targets"][0]["unit"], &found["members"][0]["name"]),
        (&json!("5"), &json!("罗成文")),
        "{found}"
    );
    let matter = found["targets"][0]["matter"].as_str().unwrap().to_owned();
    (coverage, round, matter)
}

#[tokio::test]
async fn programs_inspect_a_unit_from_the_plan_of_the_term_to_the_finding_that_is_looked_at_again() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, leader, head) =
            (Program::of(&site, CLERK).await, Program::of(&site, LEADER).await, Program::of(&site, HEAD).await);
        let (coverage, round, matter) = begun(&clerk).await;
        let (theirs, office) = (format!("/units/5/matters/{matter}"), format!("/units/1/matters/{matter}"));
        let step = |to: &str| json!({ "to": to });
        leader.done(&format!("{theirs}/steps"), step("arrived")).await;

        // what is found: one, and two more out of a table
        let found = json!({ "flow": "finding", "title": "党费没有按月收缴", "aspect": "organisation", "problem": "党费管理不规范" });
        let parts = format!("{theirs}/parts");
        let mut bare = found.clone();
        bare.as_object_mut().unwrap().remove("aspect");
        leader.refused(&parts, bare, "aspect").await;
        leader.done(&parts, found.clone()).await;
        leader.refused(&parts, found.clone(), "title").await;
        assert_eq!(head.ask(&parts, &found).await.0, 404, "nobody finds against their own unit");
        let table = |rows: &str| json!({ "text": format!("方面\t问题\t具体表现\n{rows}") });
        let findings = format!("{theirs}/findings");
        let (status, told) = leader.ask(&findings, &table("从严\t问题甲\t表现甲\n")).await;
        assert!(status == 422 && told["detail"].as_str().unwrap().contains("第2行"), "{told}");
        leader.done(&findings, table("全面从严治党\t问题甲\t表现甲\n全面从严治党\t问题甲\t表现乙\n")).await;
        let ledger = clerk.get(&format!("{office}/ledger")).await;
        let picks = column(&ledger, "finding_id");
        assert!(picks.len() == 3 && column(&ledger, "task_id").iter().all(Json::is_null), "{ledger}");
        for to in ["left", "reported"] {
            leader.done(&format!("{theirs}/steps"), step(to)).await;
        }
        clerk.done(&format!("{office}/steps"), step("fed_back_head")).await;
        clerk
            .refused(&format!("{office}/steps"), json!({ "to": "fed_back_body", "limit": "2023-05-01" }), "limit")
            .await;
        clerk.done(&format!("{office}/steps"), json!({ "to": "fed_back_body", "limit": "2023-08-15" })).await;

        // many at once, and those that cannot are told one by one
        let many = format!("/units/1/rounds/{round}/together");
        clerk.refused(&many, json!({ "step": "finding.fed_back", "pick": picks }), "limit").await;
        clerk.done(&many, json!({ "step": "finding.fed_back", "pick": picks, "window": "usual" })).await;
        let own = format!("{theirs}/together");
        head.done(&own, json!({ "step": "finding.accepted", "pick": picks[..2] })).await;
        let body = json!({ "step": "finding.accepted", "pick": picks });
        let (status, told) = act(&site, &head.writing, "in part", &own, &body).await;
        assert_eq!((status, told["refused"].as_array().unwrap().len()), (200, 2), "{told}");
        let again = act(&site, &head.writing, "in part", &own, &body).await;
        assert_eq!(again, (200, told.clone()), "who asks again is told the same");
        assert!(told.get("id").is_none(), "it leads to a list: {told}");
        assert!(picks[..2].contains(&told["refused"][0]["id"]), "{told}");
        assert!(told["refused"][0]["detail"].as_str().unwrap().contains("整改中"), "{told}");

        // planned, passed, passed on for a while, done with evidence, verified, closed
        let tasks = |by: &str| json!({ "text": format!("表现序号\t整改措施\t完成时限\n1\t按月收缴\t{by}\n") });
        let (status, told) = head.ask(&format!("{theirs}/tasks"), &tasks("年底")).await;
        assert!(status == 422 && told["detail"].as_str().unwrap().contains("第2行"), "{told}");
        head.done(&format!("{theirs}/tasks"), tasks("2023-07-31")).await;
        let ledger = clerk.get(&format!("/units/1/rounds/{round}/ledger")).await;
        let task = column(&ledger, "task_id").iter().find_map(|id| id.as_str().map(str::to_owned)).unwrap();
        let finding = ledger["items"][0]["finding_id"].as_str().unwrap();
        assert_eq!(&ledger["items"][0]["due"], &json!("2023-07-31"), "{ledger}");
        let at = |unit: i64, id: &str, end: &str| format!("/units/{unit}/matters/{id}/{end}");
        clerk.done(&at(1, &task, "steps"), step("passed")).await;
        clerk.refused(&at(1, &task, "turns"), json!({ "turn": "help", "unit": "没有", "why": "熟悉" }), "unit").await;
        clerk.done(&at(1, &task, "turns"), json!({ "turn": "help", "unit": "机关党委", "why": "熟悉" })).await;
        let record = json!({ "kind": "report", "on": "2023-05-12", "topic": "党费收缴情况", "about": "work" });
        let shown = head.done("/units/5/records", record).await;
        head.refused(&at(5, &task, "steps"), json!({ "to": "claimed", "note": "好了", "result": "done" }), "evidence")
            .await;
        let claim = json!({ "to": "claimed", "note": "已落实", "result": "done", "persons": 2, "evidence": [shown] });
        head.done(&at(5, &task, "steps"), claim).await;
        assert_eq!(head.ask(&at(5, &task, "steps"), &step("verified")).await.0, 404, "nobody verifies their own unit");
        for to in ["verified", "closed"] {
            clerk.done(&at(1, &task, "steps"), step(to)).await;
        }
        clerk.done(&at(1, finding, "steps"), step("closed")).await;

        let draws = format!("/units/1/rounds/{round}/draws");
        let draw = |checkers: &str| json!({ "seed": 17, "sample": 1, "checkers": checkers });
        clerk.refused(&draws, draw("周文静"), "checkers").await;
        clerk.done(&draws, draw("唐立新")).await;
        let ledger = clerk.get(&format!("/units/1/rounds/{round}/ledger")).await;
        assert!(ledger["items"][0]["recheck"].is_string() && ledger["items"][0]["persons"] == 2, "{ledger}");
        let rates = clerk.get(&format!("/units/1/rounds/{round}/relapses")).await;
        assert_eq!((&rates["items"][0]["closed"], &rates["items"][0]["relapsed"]), (&json!(1), &json!(0)), "{rates}");
        assert!(column(&clerk.get(&format!("/units/1/rounds/{round}/shared")).await, "no").is_empty());
        let plan = clerk.get(&format!("/units/1/coverage/{coverage}")).await;
        assert_eq!((&plan["covered"], &plan["rounds"][0]["id"]), (&json!(1), &json!(round)), "{plan}");
        let off = json!({ "person": LEADER, "why": "任务完成" });
        clerk.refused(&format!("/units/1/rounds/{round}/dismissals"), json!({ "person": LEADER }), "why").await;
        clerk.done(&format!("/units/1/rounds/{round}/dismissals"), off).await;
        assert_eq!(leader.read(&theirs).await.0, 404, "rights end with the seat");
    }
}

#[tokio::test]
async fn a_program_gives_an_order_splits_it_and_reads_what_is_late_from_the_board_and_the_weekly_sheet() {
    for site in sites().await {
        furnished(&site).await;
        let (clerk, head) = (Program::of(&site, CLERK).await, Program::of(&site, HEAD).await);
        let order =
            json!({ "title": "年底前建成阵地预约", "from": "meeting", "ref": "党组会纪要", "by": "2023-12-31" });
        let mut bare = order.clone();
        bare["title"] = json!(" ");
        clerk.refused("/units/1/orders", bare, "title").await;
        clerk.only_here("/units/1/orders", "/units/9/orders", order.clone()).await;
        let heads = (&*clerk.writing, "order");
        let once = act(&site, heads.0, heads.1, "/units/1/orders", &order).await;
        assert_eq!(
            act(&site, heads.0, heads.1, "/units/1/orders", &order).await,
            once,
            "asked again, it is the same one"
        );
        let id = once.1["id"].as_str().unwrap().to_owned();
        let parts = format!("/units/1/matters/{id}/parts");
        let measure = json!({ "flow": "measure", "title": "开发预约功能", "by": "2023-05-01", "unit": "设计院党委",
            "helpers": "第一支部", "stages": "2023-05-10 初稿\n2023-06-30 定稿" });
        let mut nowhere = measure.clone();
        nowhere["unit"] = json!("没有的党委");
        clerk.refused(&parts, nowhere, "unit").await;
        clerk.done(&parts, measure).await;
        let board = clerk.get("/units/1/matters?only=late&sort=limit").await;
        assert_eq!(column(&board, "title"), [json!("开发预约功能")], "{board}");
        let part = board["items"][0]["id"].as_str().unwrap();
        assert_eq!(column(&clerk.get("/units/1/matters?flow=order").await, "id"), [json!(id)]);
        let whole = clerk.get(&format!("/units/1/matters/{id}")).await;
        assert_eq!(
            (&whole["parts"][0]["id"], &whole["parts"][0]["limit"]),
            (&json!(part), &json!("2023-05-01")),
            "{whole}"
        );
        assert_eq!(column(&clerk.get("/units/1/matters?owner=5&step=measure:assigned").await, "id"), [json!(part)]);
        for (question, field) in
            [("only=soon", "only"), ("step=measure:none", "step"), ("post=king", "post"), ("age=9", "age")]
        {
            let (status, told) = clerk.read(&format!("/units/1/matters?{question}")).await;
            assert_eq!((status, told["parameter"].as_str()), (422, Some(field)), "{told}");
        }
        let totals = clerk.get("/units/1/matters/totals").await;
        assert_eq!((&totals["all"], &totals["late"]), (&json!(2), &json!(1)), "{totals}");
        let owner = totals["owners"].as_array().unwrap().iter().find(|one| one["unit"] == "5").unwrap();
        assert_eq!((&owner["open"], &owner["late"]), (&json!(1), &json!(1)), "{totals}");
        assert_eq!(clerk.get("/units/1/matters/totals?flow=order").await["all"], 1);
        head.done(&format!("/units/5/matters/{part}/steps"), json!({ "to": "milestone", "note": "初稿已交" })).await;
        let sheet = clerk.get("/units/1/weekly").await;
        assert!(sheet["items"][0]["part"] == "已逾期" && sheet["items"][0]["id"] == part, "{sheet}");

        let filters = "/units/1/matters/filters";
        clerk.refused(filters, json!({ "name": "", "question": "?only=late" }), "name").await;
        clerk.done(filters, json!({ "name": "逾期", "question": "?only=late" })).await;
        assert_eq!(clerk.get(filters).await["items"], json!([{ "name": "逾期", "question": "?only=late" }]));
        assert_eq!(head.get("/units/5/matters/filters").await["items"], json!([]), "kept for its owner alone");
        clerk.done(filters, json!({ "drop": "逾期" })).await;
        assert_eq!(clerk.get(filters).await["items"], json!([]));
    }
}

#[tokio::test]
async fn pages_of_rounds_and_matters_speak_english_and_show_no_key() {
    for site in sites().await {
        furnished(&site).await;
        let (round, unit, finding) = accepted(&site).await;
        let task = planned(&site, &finding).await;
        let (clerk, head) = (site.sign_in(CLERK).await, site.sign_in(HEAD).await);
        let coverages = clerk.get("/units/1/coverage").await.text;
        let coverage = last(coverages.split("/units/1/coverage/").nth(1).unwrap().split('"').next().unwrap());
        for (path, english) in [
            (round.clone(), "Take steps together"),
            (format!("{round}/shared"), "Problems of two units or more"),
            (format!("{round}/together?step=task.dropped"), "all that are ticked"),
            ("/units/1/coverage".to_owned(), "Plan a term"),
            (format!("/units/1/coverage/{coverage}"), "The next round, as proposed"),
            (format!("/units/5/matters/{unit}"), "Evaluate the results"),
            (format!("/units/5/matters/{finding}"), "What happened"),
            (format!("/units/5/matters/{task}"), "Units that help"),
            (format!("/units/5/matters/{unit}/ledger"), "Under way"),
            (format!("/units/5/matters/{unit}/tasks"), "Plan tasks from a spreadsheet"),
            (format!("/units/5/matters/{unit}/findings"), "Record findings from a spreadsheet"),
            (format!("/units/5/matters/{unit}/publication"), "Made from the facts here"),
            ("/units/1/matters".to_owned(), "Limit"),
            ("/units/1/weekly".to_owned(), "weekly sheet"),
            ("/me/proposals".to_owned(), "Raise"),
        ] {
            let who = if path.ends_with("/tasks") { &head } else { &clerk };
            let page = who.get_english(&path).await;
            assert_eq!(page.status, 200, "{path}");
            let seen = visible(&page.text);
            assert!(seen.contains(english), "{path} does not say {english}: {seen}");
            for words in
                ["批量办理", "整改中", "期限", "进展", "请选择", "已反馈", "未覆盖", "协办", "经过", "保存", "选填"]
            {
                assert!(!seen.contains(words), "{path} in English shows {words}: {seen}");
            }
            for key in ["fed_back", "organ_committee", "unit_inspection", "at_once", "team_leader", "long_term"] {
                assert!(!seen.contains(key), "{path} shows the key {key}");
            }
        }
    }
}

/// The text of a page without its marks.
fn visible(html: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
