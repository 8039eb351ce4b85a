//! What a program is told under `/api/v1`, over HTTP in memory, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::record::{self, Entry};
use luoshi_store::{holding, unit};
use place::program::{Program, act, column, json, tokens};
use place::*;
use serde_json::{Value as Json, json};

/// Study sessions of the first branch on one day: more than two pages of a list.
const MANY: usize = 103;

async fn study(site: &Site) {
    site.write(|tx, base| {
        let at = unit::find(tx, FIRST)?;
        let permit = leave(base, &at, Verb::Write, TODAY);
        let kind = base.kind.first().unwrap();
        for n in 0..MANY {
            let data = json!({ "topic": format!("学习{n}") });
            let on = date(2023, 3, 1);
            let entry =
                Entry { kind, on, data, makes_up: String::new(), due: None, stood: Vec::new(), files: Vec::new() };
            record::add(tx, &permit, &entry)?;
        }
        Ok(())
    })
    .await;
}

/// Whether a value is of a schema, as far as the document uses schemas.
fn fits(document: &Json, schema: &Json, value: &Json) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(document, document.pointer(name.trim_start_matches('#')).unwrap(), value);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().any(|one| fits(document, one, value));
    }
    if let Some(any) = schema["type"].as_array() {
        return any.iter().any(|one| fits(document, &json!({ "type": one }), value));
    }
    match schema["type"].as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.as_str().is_some_and(|text| {
            (schema["format"] != "date" || text.parse::<jiff::civil::Date>().is_ok())
                && (schema["pattern"].is_null() || text.bytes().all(|b| b.is_ascii_digit()))
        }),
        "array" => value.as_array().is_some_and(|all| all.iter().all(|one| fits(document, &schema["items"], one))),
        "object" => value.as_object().is_some_and(|object| {
            let Some(properties) = schema["properties"].as_object() else { return true };
            let must = schema["required"].as_array().unwrap().iter();
            must.map(|key| key.as_str().unwrap()).all(|key| object.contains_key(key))
                && object.iter().all(|(key, one)| properties.get(key).is_some_and(|schema| fits(document, schema, one)))
        }),
        other => panic!("a type the walker does not know: {other}"),
    }
}

/// Reminds the first branch of something overdue; the key of the matter.
async fn followed_up(clerk: &Visitor<'_>) -> String {
    let matrix = clerk.get("/units/1/2023/matrix?status=overdue").await.text;
    let pick = matrix.split("value=\"3/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("year", "2023"), ("pick", &format!("3/{pick}"))];
    assert_eq!(clerk.send("/units/1/2023/matrix", "/units/1/follow-ups", &fields).await.status, 303);
    let list = json(clerk, "/api/v1/units/3/matters?flow=follow-up").await;
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

/// What a form led to: the last number of the address.
async fn made(clerk: &Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let done = clerk.send("/me/requests", path, fields).await;
    assert_eq!(done.status, 303, "{path}: {}", done.text);
    done.to.rsplit('/').next().unwrap().to_owned()
}

/// A class of the first branch, held already.
async fn held(clerk: &Visitor<'_>) -> String {
    let plan = [
        ("title", "轮训"),
        ("audience", "members"),
        ("from", "2023-05-15"),
        ("until", "2023-05-15"),
        ("sessions", "2023-05-15 4 上午"),
        ("places", "9"),
        ("closes", "2023-05-15"),
    ];
    let class = made(clerk, "/units/3/classes", &plan).await;
    let one = format!("/units/3/classes/{class}");
    made(clerk, &format!("{one}/names"), &[("people", "张晓明")]).await;
    made(clerk, &format!("{one}/conclude"), &[("came", "104.1")]).await;
    class
}

/// Something for each part of an address that names a thing of the first branch.
async fn things(site: &Site, clerk: &Visitor<'_>) -> Vec<(&'static str, String)> {
    site.write(|tx, base| {
        let at = unit::find(tx, FIRST)?;
        let post = base.post("aid_handler").unwrap();
        holding::appoint(tx, &leave(base, &at, Verb::Roll, TODAY), post, MEMBER, date(2021, 1, 1), "")?;
        let handler = holding::actor(tx, ROOT, MEMBER, TODAY)?.handler(base, &at)?;
        luoshi_store::aid::open(tx, &handler, "互助金")
    })
    .await;
    let ask = [
        ("title", "阵地摸底"),
        ("ground", "工委文件第三条"),
        ("due", "2023-06-30"),
        ("question-0", "面积"),
        ("sort-0", "number"),
    ];
    let minutes = clerk.minutes("/units/1/collections/new", &ask).await;
    let ask = [&ask[..], &[("confirmed", minutes.as_str())]].concat();
    let pair = [("paired-village", "青山村"), ("paired-place", "青山乡"), ("paired-by", "2025-12-31")];
    let quote = [("paper", "总结")];
    vec![
        ("groups/{id}", made(clerk, "/units/3/groups", &[("name", "青年一组")]).await),
        ("classes/{id}", held(clerk).await),
        ("collections/{id}", made(clerk, "/units/1/collections", &ask).await),
        ("assistance/{id}", made(clerk, "/units/3/assistance", &pair).await),
        ("quotes/{quote}", made(clerk, "/units/3/2023/figures/lectures/quotes", &quote).await),
        ("campaigns/{list}", "special-drive-2023".to_owned()),
        // those on it are people, each once
        ("figures/{figure}", "trained".to_owned()),
    ]
}

/// One of everything that has an address of its own: a plan of inspection, a round, a document, a handover.
async fn whole(clerk: &Visitor<'_>) -> [String; 4] {
    let last = |answer: Answer| {
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.to.rsplit('/').next().unwrap().to_owned()
    };
    let term = [
        ("kind", "unit_inspection"),
        ("name", "五年规划"),
        ("from", "2022-01-01"),
        ("until", "2026-12-31"),
        ("teams", "1"),
        ("each", "2"),
        ("per_year", "2"),
    ];
    let plans = "/units/1/coverage";
    let coverage = last(clerk.send(plans, plans, &term).await);
    let at = format!("{plans}/{coverage}");
    let opened =
        [("name", "第一轮"), ("from", "2023-05-01"), ("until", "2023-12-31"), ("paper", "通知"), ("units", "2")];
    let round = last(clerk.send(&at, &at, &opened).await);
    let desk = "/units/1/intake";
    let intake = last(clerk.send(desk, desk, &[("text", "通知\n各党支部要在6月底前组织一次集中学习。")]).await);
    let (giver, taker) = (SECRETARY.to_string(), CLERK.to_string());
    let hands = [("post", "branch_secretary"), ("giver", giver.as_str()), ("taker", taker.as_str())];
    let from = format!("/units/3/handovers/new?post=branch_secretary&giver={giver}");
    let handover = last(clerk.send(&from, "/units/3/handovers", &hands).await);
    [coverage, round, intake, handover]
}

#[tokio::test]
async fn every_described_route_is_there_and_answers_in_its_schema() {
    for site in sites().await {
        study(&site).await;
        set_campaign(&site, drive(), date(2023, 4, 8)).await;
        let clerk = site.sign_in(CLERK).await;
        let document = json(&clerk, "/api/v1/openapi.json").await;
        let list = json(&clerk, "/api/v1/units/3/records").await;
        let record = list["items"][0]["id"].as_str().unwrap();
        let matter = followed_up(&clerk).await;
        let things = things(&site, &clerk).await;
        let [coverage, round, intake, handover] = whole(&clerk).await;
        // a file is no JSON: what programs take of a round is told in `exchange`
        let is_json = |methods: &Json| !methods["get"]["responses"]["200"]["content"]["application/json"].is_null();
        let reads = document["paths"].as_object().unwrap().iter().filter(|(_, methods)| is_json(methods));
        for (path, methods) in reads {
            let named = things.iter().fold(path.clone(), |path, (place, thing)| {
                path.replace(place, &format!("{}/{thing}", place.split('/').next().unwrap()))
            });
            // rounds are those of the whole organisation
            let unit = if path.contains("/coverage") || path.contains("/rounds") { "1" } else { "3" };
            let real = format!("/api/v1{named}")
                .replace("{unit}", unit)
                .replace("{year}", "2023")
                .replace("{record}", record)
                .replace("{kind}", "general-meeting")
                .replace("{matter}", &matter)
                .replace("/coverage/{id}", &format!("/coverage/{coverage}"))
                .replace("/rounds/{id}", &format!("/rounds/{round}"))
                .replace("/intake/{id}", &format!("/intake/{intake}"))
                .replace("/handovers/{id}", &format!("/handovers/{handover}"))
                .replace("/people/{id}", &format!("/people/{MEMBER}"));
            let value = json(&clerk, &real).await;
            let schema = &methods["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            assert!(fits(&document, schema, &value), "{real} does not fit {schema}: {value}");
            let mut wrong = value.clone();
            wrong["surprise"] = json!(1);
            assert!(!fits(&document, schema, &wrong));
            assert_eq!(clerk.get(&format!("{real}?surprise=1")).await.status, 400, "{real}");
            let gone =
                if path.contains("{unit}") { real.replacen(&format!("/{unit}"), "/9", 1) } else { format!("{real}9") };
            assert_eq!(clerk.get(&gone).await.status, 404, "{gone}");
        }
        let tree = json(&clerk, "/api/v1/units/1/tree").await;
        assert_eq!(tree["items"].as_array().unwrap().len(), 4);
        let duties = json(&clerk, "/api/v1/units/3/duties").await;
        assert!(duties["items"].as_array().unwrap().iter().any(|one| one["status"] == "overdue"));
        let page = clerk.get_english("/api").await;
        assert!(page.text.contains("GET /api/v1/units/{unit}/records") && page.text.contains("Records of a year"));
        assert!(clerk.get("/api").await.text.contains("一年的纪实"));
        for words in ["What is answered", "key of the unit that opened it", "to be answered by"] {
            assert!(page.text.contains(words), "{words}: what a list answers, column by column");
        }
    }
}

#[tokio::test]
async fn a_list_goes_on_by_cursors_that_nobody_can_make_or_borrow() {
    for site in sites().await {
        study(&site).await;
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let (mut seen, mut path) = (std::collections::HashSet::new(), "/api/v1/units/3/records".to_owned());
        let mut pages = 0;
        loop {
            let page = json(&clerk, &path).await;
            pages += 1;
            seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].to_string()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/units/3/records?cursor={next}");
        }
        assert_eq!((pages, seen.len()), (3, MANY));
        let bent = path.replace("2023-03-01", "2023-03-02");
        assert_ne!(bent, path);
        for (visitor, path) in [(&clerk, &bent), (&secretary, &path), (&clerk, &path.replace("/3/", "/1/"))] {
            let refused = visitor.get(path).await;
            assert!(refused.status == 422 && refused.text.contains("\"parameter\":\"cursor\""), "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn whoever_gets_nothing_is_told_why_in_both_languages_with_the_status_of_the_pages() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let stranger = site.sign_in(STRANGER).await;
        let one = "/api/v1/units/3";
        let cases = [
            (401, site.ask("GET", one, &[], Vec::new()).await),
            (404, stranger.get(one).await),
            (404, clerk.get("/api/v1/nothing").await),
            (404, clerk.get("/api/v1/units/x").await),
            (404, clerk.get("/api/v1/units/%C2%84").await),
            (404, clerk.get("/api/v1/units/99999999999999999999").await),
            (405, clerk.post(one, &[]).await),
            (400, clerk.get("/api/v1/units/3/tree?on=yesterday").await),
            (400, clerk.get("/api/v1/units/3/records?year=12").await),
            (422, clerk.get("/api/v1/units/3/records?kind=no-such-kind").await),
            (422, clerk.get("/api/v1/units/3/matters?flow=no-such-flow").await),
            (422, clerk.get("/api/v1/units/3/matters?state=half").await),
            (422, clerk.get("/api/v1/units/3/people?standing=saint").await),
            (422, clerk.get("/api/v1/units/3/people?cursor=1.a").await),
            (422, clerk.get("/api/v1/units/3/records?cursor=%00.%00").await),
        ];
        for (status, answer) in cases {
            assert_eq!(answer.status, status, "{}", answer.text);
            assert_eq!(answer.head["content-type"], "application/problem+json");
            let told: Json = serde_json::from_str(&answer.text).unwrap();
            assert_eq!(told["status"], status);
            assert!(!told["detail"].as_str().unwrap().is_empty() && told["detail_en"].as_str().unwrap().is_ascii());
        }
    }
}

#[tokio::test]
async fn the_examples_of_the_handbook_answer() {
    let handbook = include_str!("../../../docs/api.md");
    let examples: Vec<&str> = handbook
        .lines()
        .filter_map(|line| line.split_once("curl ")?.1.split_once(":8080"))
        .map(|(_, path)| path)
        .collect();
    assert_eq!(examples.len(), 7);
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for path in &examples {
            json(&clerk, path).await;
        }
    }
}

#[tokio::test]
async fn a_program_adds_corrects_and_withdraws_a_record_once_for_each_key() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let body = json!({ "kind": "general-meeting", "on": "2023-05-10", "topic": "学习", "absent-105": "sick" });
        let records = "/units/3/records";
        let (status, made) = act(&site, &writes, "a", records, &body).await;
        assert_eq!(status, 200, "{made}");
        let again = act(&site, &writes, "a", records, &body).await;
        assert_eq!(again, (200, made.clone()), "asked again, it is answered again");
        let other = json!({ "kind": "general-meeting", "on": "2023-05-11", "topic": "别的" });
        let (status, refused) = act(&site, &writes, "a", records, &other).await;
        assert!(status == 422 && refused["detail"].as_str().unwrap().contains("已用于另一请求"), "{refused}");

        let clerk = site.sign_in(CLERK).await;
        let list = json(&clerk, "/api/v1/units/3/records").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!((&list["items"][0]["id"], &list["items"][0]["data"]["topic"]), (&made["id"], &json!("学习")));
        let came = json(&clerk, &format!("/api/v1{records}/{}/attendance", made["id"].as_str().unwrap())).await;
        let numbers = ["due", "present", "on_leave", "absent"].map(|key| came[key].as_i64().unwrap());
        assert!(numbers[0] - 1 == numbers[1] && numbers[2..] == [1, 0], "who was absent is kept: {came}");

        let one = format!("{records}/{}", made["id"].as_str().unwrap());
        let right = json!({ "version": 1, "kind": "general-meeting", "on": "2023-05-10", "topic": "更正" });
        assert_eq!(act(&site, &writes, "b", &format!("{one}/corrections"), &right).await.0, 200);
        let (status, late) = act(&site, &writes, "c", &format!("{one}/corrections"), &right).await;
        assert!(status == 409 || status == 422, "of two who correct version 1 the second is told: {status} {late}");
        let why = json!({ "version": 2, "why": "记错了" });
        assert_eq!(act(&site, &writes, "d", &format!("{one}/withdrawals"), &why).await.0, 200);
        assert_eq!(json(&clerk, &format!("/api/v1{one}")).await["items"].as_array().unwrap().len(), 3);

        for (token, key, path, body, status) in [
            (&reads, "e", records, &body, 403),
            (&writes, "", records, &body, 400),
            (&writes, "f", "/units/4/records", &body, 404),
            (&writes, "g", records, &json!([1]), 400),
            (&writes, "h", records, &json!({ "kind": "no-such", "on": "2023-05-10" }), 422),
            (&writes, "i", records, &json!({ "kind": { "a": 1 } }), 422),
        ] {
            let (found, told) = act(&site, token, key, path, body).await;
            assert_eq!(found, status, "{key} {told}");
            assert!(!told["detail"].as_str().unwrap().is_empty() && !told["detail_en"].as_str().unwrap().is_empty());
        }
        let (_, told) =
            act(&site, &writes, "j", records, &json!({ "kind": "general-meeting", "on": "2023-13-40" })).await;
        let named: Vec<&str> =
            told["errors"].as_array().unwrap().iter().filter_map(|e| e["parameter"].as_str()).collect();
        assert!(named.contains(&"on") && named.contains(&"topic"), "every field at once: {told}");
        let heads = [("cookie", clerk.cookie.as_str()), ("idempotency-key", "k")];
        let forged = site.ask("POST", "/api/v1/units/3/records", &heads, body.to_string().into_bytes()).await;
        assert_eq!(forged.status, 401, "a cookie alone writes nothing");
    }
}

#[tokio::test]
async fn a_program_plans_a_meeting_and_answers_a_follow_up() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let matter = followed_up(&clerk).await;
        let plan = json!({ "kind": "general-meeting", "on": "2023-06-20", "at": "14:30", "topic": "学习" });
        let (status, made) = act(&site, &writes, "a", "/units/3/plans", &plan).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(act(&site, &writes, "a", "/units/3/plans", &plan).await, (200, made.clone()), "asked again");
        let plans = json(&clerk, "/api/v1/units/3/plans").await;
        assert_eq!(plans["items"].as_array().unwrap().len(), 1, "{plans}");
        assert_eq!((&plans["items"][0]["on"], &plans["items"][0]["at"]), (&json!("2023-06-20"), &json!("14:30")));

        let steps = format!("/units/3/matters/{matter}/steps");
        let answer = json!({ "to": "answered", "note": "已安排" });
        let (status, told) = act(&site, &writes, "b", &steps, &answer).await;
        assert_eq!(status, 200, "{told}");
        let course = json(&clerk, &format!("/api/v1/units/3/matters/{matter}")).await;
        let last = course["events"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["step"], &last["note"]), (&json!("answered"), &json!("已安排")), "{course}");
        for (token, key, path, body, status) in [
            (&reads, "c", &*steps, &answer, 403),
            (&writes, "d", &*steps, &json!({ "to": "no-such-step" }), 422),
            (&writes, "e", &*steps, &json!({ "to": "slip", "note": "自己督办自己" }), 404),
            (&writes, "f", "/units/3/plans", &json!({ "kind": "general-meeting", "on": "2023-02-30" }), 422),
            (&writes, "g", "/units/3/plans", &json!({ "kind": "no-such", "on": "2023-06-20" }), 422),
            (&writes, "h", "/units/1/plans", &plan, 404),
        ] {
            let (found, told) = act(&site, token, key, path, body).await;
            assert_eq!(found, status, "{key} {told}");
        }
    }
}

#[tokio::test]
async fn a_program_reminds_of_what_is_late_and_takes_the_next_step_for_all_of_it() {
    for site in sites().await {
        let clerk = Program::of(&site, CLERK).await;
        let duties = clerk.get("/units/3/duties").await;
        let late: Vec<String> = duties["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["status"] == "overdue")
            .map(|one| format!("3/{}/{}", one["clause"].as_str().unwrap(), one["period"].as_str().unwrap()))
            .take(2)
            .collect();
        let all = "/units/1/follow-ups";
        let remind = json!({ "year": 2023, "pick": late });
        clerk.only_here(all, "/units/9/follow-ups", remind.clone()).await;
        assert_eq!(clerk.ask(all, &json!({ "pick": [] })).await.0, 422);
        clerk.refused(all, json!({ "pick": late, "all": "2" }), "all").await;
        let (status, told) = act(&site, &clerk.writing, "remind", all, &remind).await;
        assert!(status == 200 && told["address"].as_str().unwrap().contains("opened=2"), "{told}");
        assert_eq!(act(&site, &clerk.writing, "remind", all, &remind).await.1, told);
        let (_, told) = clerk.ask(all, &remind).await;
        assert!(told["address"].as_str().unwrap().contains("opened=0&there=2"), "followed up already: {told}");
        let list = clerk.get(all).await;
        let (ids, units) = (column(&list, "id"), column(&list, "unit_id"));
        assert!(ids.len() == 2 && units.iter().all(|unit| *unit == "3"), "{list}");
        let steps = "/units/1/follow-ups/steps";
        clerk.refused(steps, json!({ "to": "answered", "pick": ids }), "to").await;
        clerk.done(steps, json!({ "to": "slip", "pick": ids })).await;
        assert_eq!(column(&clerk.get(&format!("{all}?rung=slip")).await, "id").len(), 2);
        let (_, told) = clerk.ask(steps, &json!({ "to": "slip", "pick": ids })).await;
        assert!(told["address"].as_str().unwrap().contains("done=0&step=2"), "not twice: {told}");
        let ages = clerk.get("/units/1/follow-ups/units").await;
        assert_eq!((&ages["items"][0]["unit_id"], &ages["items"][0]["open"]), (&json!("3"), &json!(2)), "{ages}");
        let campaigns = clerk.get("/units/1/campaigns").await;
        assert_eq!(campaigns["items"], json!([]));
    }
}
