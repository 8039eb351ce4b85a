//! Inspection from the plan of a term to the finding that had relapsed, orders with their measures, and boards: by the
//! pages people use, on every engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod checks;
mod inspect;
mod many;
mod orders;
#[allow(dead_code)]
#[path = "../place/mod.rs"]
mod place;
mod programs;
mod rectify;

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
