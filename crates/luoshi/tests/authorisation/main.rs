//! Who may reach what: every route of the program, asked by everybody who might, on every engine. What is expected
//! stands in `committee.tsv` and `branch.tsv`, for people to read; a route that is not there, and a line without a
//! route, fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod lists;
#[allow(dead_code)] // each test binary uses its part
#[path = "../place/mod.rs"]
mod place;
mod world;

use place::*;
use std::collections::{BTreeMap, BTreeSet};
use world::*;

/// A unit that is asked about, and where somebody stands to it: the columns of its table.
struct Target {
    unit: i64,
    table: &'static str,
    who: &'static [(&'static str, i64)],
}

const COMMITTEES: Target = Target {
    unit: COMMITTEE,
    table: include_str!("committee.tsv"),
    who: &[
        ("anonymous", 0),
        ("other top", STRANGER),
        ("sibling", SIBLING),
        ("former", FORMER),
        ("below", SECRETARY),
        ("own", OWN),
        ("clerk above", CLERK),
        ("leader above", LEADER),
        ("discipline above", DISCIPLINE),
        ("auditor above", AUDITOR),
        ("reading token", CLERK),
        ("writing token", CLERK),
    ],
};

const BRANCHES: Target = Target {
    unit: FIRST,
    table: include_str!("branch.tsv"),
    who: &[
        ("anonymous", 0),
        ("other top", STRANGER),
        ("sibling", OTHER),
        ("former", FORMER),
        ("member", MEMBER),
        ("own", SECRETARY),
        ("committee above", OWN),
        ("clerk above", CLERK),
        ("leader above", LEADER),
        ("discipline above", DISCIPLINE),
    ],
};

/// What must be said for a route to come to the question of leave: after `?` when asked, in the form when sent. What
/// would be done is left incomplete, so that nothing changes and everybody is asked about the same.
const SAID: [(&str, &str, &str); 19] = [
    ("POST", "/api/v1/units/{unit}/records/{record}/corrections", "version=1"),
    ("POST", "/api/v1/units/{unit}/records/{record}/withdrawals", "version=1"),
    ("GET", "/units/{unit}/transfers/new", "person=105"),
    ("GET", "/units/{unit}/handovers/new", "{giver}"),
    ("POST", "/units/{unit}/handovers", "{giver}&taker=nobody"),
    ("POST", "/me/proposals/{id}/steps", "to=settled"),
    ("POST", "/units/{unit}/records", "kind=report"),
    ("POST", "/units/{unit}/records/{id}/correct", "version=1&kind=report"),
    ("POST", "/units/{unit}/records/{id}/withdraw", "version=1"),
    ("POST", "/units/{unit}/transfers/{id}/steps", "to=issued"),
    ("POST", "/units/{unit}/matters/{id}/steps", "to=nowhere"),
    ("POST", "/units/{unit}/closings", "through=2099-01-01"),
    ("POST", "/people/{id}/looks", "look-field=identity"),
    ("POST", "/me/requests", "ask=correct"),
    ("POST", "/units/{unit}/collections/{id}", "period=once"),
    ("POST", "/units/{unit}/burdens", "sort=clause&about=L3-01"),
    ("POST", "/units/{unit}/coverage", "kind=unit_inspection"),
    ("POST", "/units/{unit}/rounds/{id}/seats", "post=team_member&team=1&person=nobody"),
    ("POST", "/units/{unit}/matters/filters", "question=%3Fflow%3Dorder"),
];

/// The address of a route: a segment in braces is named by the segment before it.
async fn address(site: &Site, route: &str, (target, world): (&Target, &World)) -> String {
    let mut out: Vec<String> = Vec::new();
    for part in route.split('/') {
        let noun = out.last().cloned().unwrap_or_default();
        out.push(match (part, noun.as_str()) {
            // the trail, the closing of periods, operations and rounds are for the whole organisation
            ("{unit}", _)
                if ["/audit", "/closings", "/operations", "/coverage/", "/rounds/"]
                    .iter()
                    .any(|of| route.contains(of)) =>
            {
                ROOT.to_string()
            }
            ("{unit}", _) => target.unit.to_string(),
            ("{year}", _) => "2023".into(),
            ("{clause}", _) => if target.unit == FIRST { "L3-01" } else { "L2-03" }.into(),
            ("{figure}", _) if route.ends_with("/drop") => figure(site, target.unit).await,
            // those on it are people, each once
            ("{figure}", _) if route.ends_with("/people") => "trained".into(),
            ("{figure}", _) => "lectures".into(),
            ("{version}", _) => "1".into(),
            ("{seq}" | "{n}", _) => "0".into(),
            ("{name}", _) => "people.xlsx".into(),
            ("{top}", _) => ROOT.to_string(),
            ("{token}", _) => "no-such-token".into(),
            ("{id}", "plans") => plan(site, target.unit).await,
            (braces, noun) if braces.starts_with('{') => {
                world.ids.get(noun).unwrap_or_else(|| panic!("{route}: what is {braces}?")).clone()
            }
            (word, _) => word.to_owned(),
        });
    }
    out.join("/")
}

/// What came back, in a word.
fn word(answer: &Answer) -> String {
    match answer.status {
        303 if answer.to == "/sign-in" => "sign-in".into(),
        200..400 | 409 | 422 | 429 => "yes".into(),
        404 => "-".into(),
        other => other.to_string(),
    }
}

/// The fields of a form as a JSON object.
fn object(said: &str) -> Vec<u8> {
    let fields = said.split('&').filter_map(|field| field.split_once('='));
    let fields = fields.map(|(key, value)| (key.to_owned(), value.replace("%3F", "?").replace("%3D", "=").into()));
    serde_json::Value::Object(fields.collect()).to_string().into_bytes()
}

async fn ask(
    site: &Site,
    world: &World,
    (name, person): (&str, i64),
    (method, route, path): (&str, &str, &str),
) -> Answer {
    // programs say what the form of the page would
    let form = route.replace("/api/v1", "").replace("{matter}", "{id}");
    let of = |route: &str| SAID.iter().find(|(by, at, _)| (*by, *at) == (method, route));
    let said = of(route).or_else(|| of(&form)).map_or("", |(_, _, said)| said);
    let said = said.replace("{giver}", &world.giver);
    let path = if method == "GET" { format!("{path}?{said}") } else { path.to_owned() };
    let body = |csrf: &str| match method {
        "POST" => format!("csrf={csrf}&operation={}&{said}", luoshi_store::new_id()).into_bytes(),
        _ => Vec::new(),
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    match name {
        "anonymous" => site.ask(method, &path, &[form], body("")).await,
        "reading token" | "writing token" => {
            let bearer = format!("Bearer {}", world.tokens[usize::from(name == "writing token")]);
            let body = if route.starts_with("/api/") { object(&said) } else { body("") };
            let key = luoshi_store::new_id().to_string();
            site.ask(method, &path, &[form, ("authorization", &bearer), ("idempotency-key", &key)], body).await
        }
        _ => {
            let cookie = site.sign_in(person).await.cookie;
            let token = cookie.rsplit('.').next().unwrap();
            let csrf: String =
                luoshi_store::secret::digest(format!("form:{token}").as_bytes()).chars().take(32).collect();
            site.ask(method, &path, &[form, ("cookie", &cookie)], body(&csrf)).await
        }
    }
}

/// The methods of a route, as the router tells who asks by another.
async fn methods(site: &Site, path: &str) -> Vec<String> {
    let answer = site.ask("BREW", path, &[], Vec::new()).await;
    assert_eq!(answer.status, 405, "{path}");
    let allow = answer.head.get("allow").unwrap().to_str().unwrap().to_owned();
    allow.split(',').map(|one| one.trim().to_owned()).filter(|one| one != "HEAD").collect()
}

/// Asks everything and compares with the table.
async fn compare(target: &Target) {
    let lines: Vec<Vec<&str>> = target
        .table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
        .collect();
    let head: Vec<&str> = ["method", "route"].into_iter().chain(target.who.iter().map(|(name, _)| *name)).collect();
    assert_eq!(lines[0], head, "the columns of the table");
    let table: BTreeMap<(&str, &str), &[&str]> =
        lines[1..].iter().map(|line| ((line[1], line[0]), &line[2..])).collect();
    assert_eq!(table.len(), lines.len() - 1, "a route stands in the table twice");
    for site in sites().await {
        let world = furnished(&site, target.unit).await;
        let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
        // of what does not depend on the unit, the table of committees tells
        let bound = |route: &String| target.unit == COMMITTEE || route.contains("{unit}") || route.contains("{id}");
        for route in luoshi_web::paths().into_iter().filter(bound) {
            for method in methods(&site, &address(&site, &route, (target, &world)).await).await {
                let mut found = Vec::new();
                for who in target.who {
                    let path = address(&site, &route, (target, &world)).await;
                    found.push(word(&ask(&site, &world, *who, (&method, &route, &path)).await));
                }
                if table.get(&(route.as_str(), method.as_str())).is_none_or(|wanted| **wanted != found) {
                    wrong.push(format!("{method}\t{route}\t{}", found.join("\t")));
                }
                seen.insert((route.clone(), method));
            }
        }
        let gone: Vec<_> =
            table.keys().filter(|(route, by)| !seen.contains(&((*route).to_owned(), (*by).to_owned()))).collect();
        assert!(gone.is_empty(), "no such routes any more: {gone:?}");
        assert!(wrong.is_empty(), "{}: not as the table says, but\n{}", site.db.engine(), wrong.join("\n"));
    }
}

#[tokio::test]
async fn every_route_about_a_committee_answers_everybody_as_the_table_says() {
    compare(&COMMITTEES).await;
}

#[tokio::test]
async fn every_route_about_a_branch_answers_everybody_as_the_table_says() {
    compare(&BRANCHES).await;
}
