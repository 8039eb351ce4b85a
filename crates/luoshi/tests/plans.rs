//! The plan of a year, calendar addresses, and joint meetings that count once for each unit and once in every sum.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use luoshi_rules::Verb;
use luoshi_store::{plan, unit};
use place::program::{act, json, tokens, tokens_of};
use place::{Answer, CLERK, COMMITTEE, FIRST, MEMBER, OTHER, ROOT, SECRETARY, Site, TODAY, Visitor, leave, sites};
use serde_json::json;

const YEAR: &str = "/units/3/2023/plan";

/// The fields of the proposal as the page shows them.
fn proposed(page: &str) -> Vec<(String, String)> {
    let form = page.split("action=\"/units/3/2023/plan\"").nth(1).unwrap().split("</form>").next().unwrap();
    let attribute = |tag: &str, key: &str| {
        let rest = tag.split(&format!("{key}=\"")).nth(1)?;
        Some(rest.split('"').next().unwrap().to_owned())
    };
    let tags = form.split("<input ").skip(1);
    tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .filter(|(name, _)| !["csrf", "operation"].contains(&name.as_str()))
        .collect()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_secretary_accepts_the_proposed_year_in_one_form_and_what_is_planned_is_not_proposed_again() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let page = secretary.get(YEAR).await;
        assert!(page.text.contains("建议的安排") && page.text.contains("L3-04"), "{}", page.text);
        let mut fields = proposed(&page.text);
        let lecture = fields.iter().position(|(_, value)| value == "party-lecture").unwrap();
        let n = fields[lecture].0.rsplit('-').next().unwrap().to_owned();

        // a wrong day is told at its row, and nothing is kept; the other rows stay as they were changed
        let topic = fields.iter().position(|(name, _)| *name == format!("topic-{n}")).unwrap();
        fields[topic].1 = "学习调查研究方法".into();
        let day = fields.iter().position(|(name, _)| *name == format!("on-{n}")).unwrap();
        let right = std::mem::replace(&mut fields[day].1, "2023-02-30".into());
        let wrong = secretary.send(YEAR, YEAR, &pairs(&fields)).await;
        assert!(wrong.status == 422 && wrong.text.contains("没有 30 日"), "{}", wrong.text);
        assert!(wrong.text.contains("学习调查研究方法"), "what was typed is kept");
        fields[day].1 = "2023-05-01".into();
        let past = secretary.send(YEAR, YEAR, &pairs(&fields)).await;
        assert!(past.status == 422 && past.text.contains("日期已过"), "{}", past.text);
        assert!(secretary.get(YEAR).await.text.contains("建议的安排"), "nothing was kept");

        fields[day].1 = right;
        assert_eq!(secretary.send(YEAR, YEAR, &pairs(&fields)).await.status, 303);
        let after = secretary.get(YEAR).await.text;
        assert!(after.contains("不需要再加会议") && after.contains("学习调查研究方法"), "{after}");
        assert!(after.contains("落实 L3-"), "each says what it meets");
        let english = secretary.get_english(YEAR).await.text;
        assert!(english.contains("Plan of the year") && english.contains("no more meetings are needed"));

        // a member sees the plan and changes nothing; a stranger to the unit sees nothing
        let member = site.sign_in(MEMBER).await;
        let seen = member.get(YEAR).await;
        assert!(seen.status == 200 && !seen.text.contains("data-move"), "{}", seen.text);
        assert_eq!(site.sign_in(OTHER).await.get(YEAR).await.status, 404);
    }
}

/// Plans a theme day and returns the address of the plan.
async fn planned(who: &Visitor<'_>, on: &str, at: &str, topic: &str) -> String {
    let fields = [("kind", "theme-day"), ("on", on), ("at", at), ("topic", topic), ("place", "三楼; 会议室")];
    assert_eq!(who.send("/units/3/plans/new", "/units/3/plans", &fields).await.status, 303);
    let page = who.get(YEAR).await.text;
    let topic = topic.replace('&', "&amp;");
    let item = page.split("id=\"plan-").skip(1).find(|item| item.contains(&topic)).unwrap();
    format!("/units/3/plans/{}", item.split('"').next().unwrap())
}

#[tokio::test]
async fn a_plan_moves_by_form_and_of_two_who_move_it_at_once_the_second_is_told() {
    for site in sites().await {
        let (one, two) = (site.sign_in(SECRETARY).await, site.sign_in(CLERK).await);
        let plan = planned(&one, "2023-06-20", "09:30", "端午前学习").await;
        let to = format!("{plan}/move");
        let (a, b) = ([("was", "2023-06-20"), ("on", "2023-07-20")], [("was", "2023-06-20"), ("on", "2023-08-20")]);
        let sent = tokio::join!(one.send(YEAR, &to, &a), two.send(YEAR, &to, &b));
        let mut status = [sent.0.status, sent.1.status];
        status.sort_unstable();
        assert_eq!(status, [303, 422], "{} {}", sent.0.text, sent.1.text);
        let told = if sent.0.status == 422 { &sent.0.text } else { &sent.1.text };
        assert!(told.contains("刚刚被改期或取消"), "{told}");
        let page = one.get(&plan).await.text;
        let (day, hour) = (if sent.0.status == 303 { "2023-07-20" } else { "2023-08-20" }, "value=\"09:30\"");
        assert!(page.contains(day) && page.contains(hour), "the rest stays: {page}");
        let back = one.send(YEAR, &to, &[("was", day), ("on", "2023-05-14")]).await;
        assert!(back.status == 422 && back.text.contains("只能改到今天或以后"), "{}", back.text);
        let fields = [("was", day), ("on", "2023-09-01"), ("topic", "改了主题"), ("at", ""), ("reading", "讲话选编")];
        assert_eq!(one.send(&plan, &plan, &fields).await.status, 303);
        assert!(one.get(YEAR).await.text.contains("改了主题"));
    }
}

/// Makes a calendar address and returns its path.
async fn subscribe(who: &Visitor<'_>, unit: &str) -> String {
    let made = who.send("/me/calendar", "/me/calendar", &[("unit", unit)]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let shown = made.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(shown.starts_with("http://localhost:8080/calendar/1/"), "{shown}");
    shown.trim_start_matches("http://localhost:8080").to_owned()
}

async fn anonymous(site: &Site, path: &str) -> Answer {
    site.ask("GET", path, &[], Vec::new()).await
}

/// What a calendar program is answered that sends this name and password to the address without a secret.
async fn with_password(site: &Site, name: &str, password: &str) -> Answer {
    use base64::Engine;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    site.ask("GET", "/calendar.ics", &[("authorization", &format!("Basic {pair}"))], Vec::new()).await
}

#[tokio::test]
async fn a_calendar_program_that_sends_a_password_reads_the_same_at_an_address_without_a_secret() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        planned(&secretary, "2023-06-20", "09:30", "学习").await;
        let address = subscribe(&secretary, "3").await;
        let token = address.rsplit('/').next().unwrap().trim_end_matches(".ics");
        let asked = anonymous(&site, "/calendar.ics").await;
        assert_eq!(asked.status, 401);
        assert!(asked.head["www-authenticate"].to_str().unwrap().starts_with("Basic realm="), "{:?}", asked.head);
        let read = with_password(&site, "1", token).await;
        assert_eq!((read.status, &read.text), (200, &anonymous(&site, &address).await.text));
        for (name, password) in [("1", "wrong"), ("9", token), ("", token), ("1", ""), (token, "1")] {
            assert_eq!(with_password(&site, name, password).await.status, 401, "{name}:{password}");
        }
        for junk in ["Basic", "Basic !", "Basic MQ==", "Bearer MTph"] {
            let answer = site.ask("GET", "/calendar.ics", &[("authorization", junk)], Vec::new()).await;
            assert_eq!(answer.status, 401, "{junk}");
        }
        let page = secretary.get("/me/calendar").await.text;
        let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(secretary.send("/me/calendar", "/me/calendar/revoke", &[("id", &id)]).await.status, 303);
        assert_eq!(with_password(&site, "1", token).await.status, 401, "revoked, it is dead at once");
    }
}

#[tokio::test]
async fn a_calendar_program_reads_plans_by_a_private_address_until_it_is_revoked() {
    for site in sites().await {
        let (secretary, member) = (site.sign_in(SECRETARY).await, site.sign_in(MEMBER).await);
        planned(&secretary, "2023-06-20", "09:30", "学习, 讨论").await;
        let (of_unit, own) = (subscribe(&secretary, "3").await, subscribe(&member, "0").await);
        for path in [&of_unit, &own] {
            let feed = anonymous(&site, path).await;
            assert_eq!(feed.status, 200);
            assert_eq!(feed.head["content-type"], "text/calendar; charset=utf-8");
            let text = feed.text.replace("\r\n ", "");
            assert!(text.contains("DTSTART;TZID=Asia/Shanghai:20230620T093000\r\n"), "{text}");
            assert!(text.contains("学习\\, 讨论") && text.contains("LOCATION:三楼\\; 会议室"), "{text}");
            assert!(feed.text.split("\r\n").all(|line| line.len() <= 75));
        }
        let uid = |text: &str| text.split("UID:").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
        let first = anonymous(&site, &of_unit).await.text;
        let plan = secretary.get(YEAR).await.text;
        let plan = plan.split("id=\"plan-").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let moved = [("was", "2023-06-20"), ("on", "2023-06-27")];
        secretary.send(YEAR, &format!("/units/3/plans/{plan}/move"), &moved).await;
        let second = anonymous(&site, &of_unit).await.text;
        assert!(uid(&first) == uid(&second) && second.contains("20230627T093000"), "{second}");

        // only a digest is kept
        let secret = of_unit.rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned();
        let page = secretary.get("/me/calendar").await.text;
        assert!(!page.contains(&secret), "the address is shown once");
        let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(anonymous(&site, &format!("/calendar/1/{id}.ics")).await.status, 404);
        assert_eq!(anonymous(&site, &of_unit.replace("/calendar/1/", "/calendar/9/")).await.status, 404);

        // of somebody else it is not there to revoke; revoked by its owner it is dead at once
        let foreign = member.send("/me/calendar", "/me/calendar/revoke", &[("id", &id)]).await;
        assert_eq!(foreign.status, 404);
        assert_eq!(secretary.send("/me/calendar", "/me/calendar/revoke", &[("id", &id)]).await.status, 303);
        assert_eq!(anonymous(&site, &of_unit).await.status, 404);

        // with the account of its owner it ends as well
        assert_eq!(anonymous(&site, &own).await.status, 200);
        let clerk = site.sign_in(CLERK).await;
        let person = format!("/people/{MEMBER}");
        assert_eq!(clerk.send(&person, &format!("{person}/account/close"), &[]).await.status, 303);
        assert_eq!(anonymous(&site, &own).await.status, 404);
        assert_eq!(secretary.get("/me/calendar?unit=4").await.status, 404, "no calendar of a unit one does not see");
        let other = secretary.send("/me/calendar", "/me/calendar", &[("unit", "4")]).await;
        assert_eq!(other.status, 404);
    }
}

/// The number of a figure on its page.
async fn number(who: &Visitor<'_>, unit: i64) -> String {
    let page = who.get(&format!("/units/{unit}/2023/figures/theme-days")).await;
    assert_eq!(page.status, 200);
    let at = page.text.split("class=\"number\"").nth(1).unwrap_or(&page.text);
    at.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect()
}

#[tokio::test]
async fn a_joint_meeting_counts_once_for_each_unit_and_once_in_every_sum() {
    for site in sites().await {
        let (clerk, host, other) =
            (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        let fields = [("kind", "theme-day"), ("on", "2023-05-10"), ("topic", "支部联建")];
        let record = host.send("/units/3/records/new?kind=theme-day", "/units/3/records", &fields).await.to;
        let joint = format!("{record}/joint");
        let unknown = host.send(&record, &joint, &[("units", "没有这个支部")]).await;
        assert!(unknown.status == 422 && unknown.text.contains("没有这个支部</textarea>"), "{}", unknown.text);
        for again in ["第二支部", "中共第二支部"] {
            assert_eq!(host.send(&record, &joint, &[("units", again)]).await.status, 303, "named twice is named once");
        }
        assert!(host.get(&record).await.text.contains("待对方确认"));
        let duty = "/units/4/2023/duties/L3-05";
        let met =
            |page: &str| page.split("id=\"2023-05\"").nth(1).unwrap().split("</h2>").next().unwrap().contains("●");
        let clause = if other.get(duty).await.text.contains("2023-05") { duty } else { panic!("L3-05 is monthly") };
        assert!(!met(&other.get(clause).await.text), "it does not count for them before they say so");
        assert_eq!([number(&clerk, ROOT).await, number(&clerk, FIRST).await, number(&clerk, 4).await], ["1", "1", "0"]);

        let page = other.get("/units/4/joint").await;
        assert!(page.text.contains("支部联建") && page.text.contains("第一支部"), "{}", page.text);
        let id = record.rsplit('/').next().unwrap();
        assert_eq!(other.get(&format!("/units/4/records/{id}")).await.to, "/units/4/joint", "a link to it leads there");
        assert_eq!(host.send(&record, "/units/4/joint", &[("record", id), ("answer", "yes")]).await.status, 404);
        let yes = [("record", id), ("answer", "yes")];
        assert_eq!(other.send("/units/4/joint", "/units/4/joint", &yes).await.status, 303);
        assert_eq!(other.send("/units/4/joint", "/units/4/joint", &yes).await.status, 404, "once is enough");
        assert!(met(&other.get(clause).await.text), "it closes their duty");
        // each unit has it, and the sums of both, of the committee and of the department have it once
        for (unit, wanted) in [(FIRST, "1"), (4, "1"), (2, "1"), (ROOT, "1")] {
            assert_eq!(number(&clerk, unit).await, wanted, "unit {unit}");
        }
        let behind = clerk.get("/units/4/2023/figures/theme-days/rows").await.text;
        assert!(behind.contains("支部联建"), "the number opens to its row: {behind}");

        // withdrawn where it is kept it is gone everywhere
        let why = [("version", "1"), ("why", "记错了")];
        assert_eq!(host.send(&record, &format!("{record}/withdraw"), &why).await.status, 303);
        for unit in [FIRST, 4, ROOT] {
            assert_eq!(number(&clerk, unit).await, "0", "unit {unit}");
        }
        assert!(!met(&other.get(clause).await.text));
    }
}

#[tokio::test]
async fn who_may_write_for_both_units_confirms_by_naming_and_either_takes_it_back() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let fields = [("kind", "theme-day"), ("on", "2023-05-10"), ("topic", "联学")];
    let record = clerk.send("/units/3/records/new?kind=theme-day", "/units/3/records", &fields).await.to;
    let joint = format!("{record}/joint");
    assert_eq!(clerk.send(&record, &joint, &[("units", "第二支部")]).await.status, 303);
    assert!(clerk.get(&record).await.text.contains("已确认 2023-05-15"));
    assert_eq!(number(&clerk, 4).await, "1");
    assert_eq!(clerk.send(&record, &format!("{joint}/drop"), &[("unit", "4")]).await.status, 303);
    assert_eq!(number(&clerk, 4).await, "0");
    let own = clerk.send(&record, &joint, &[("units", "第一支部")]).await;
    assert!(own.status == 422 && own.text.contains("没有名为"), "a unit does not meet jointly with itself");
}

#[tokio::test]
async fn a_program_accepts_the_year_moves_a_meeting_and_calls_it_off() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let secretary = site.sign_in(SECRETARY).await;
        let year = json(&secretary, &format!("/api/v1{YEAR}")).await;
        let proposed = year["proposed"].as_array().unwrap();
        assert!(proposed.len() > 1 && proposed[0]["closes"][0]["clause"].is_string(), "{year}");
        let of = |key: &str| proposed.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
        let mut accept = json!({ "kind": of("kind"), "on": of("on"), "topic": of("topic"), "tags": of("tags") });
        let day = std::mem::replace(&mut accept["on"][1], json!("2023-02-30"));
        let (status, told) = act(&site, &writes, "a", YEAR, &accept).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("on-1")), "the second of the list: {told}");
        accept["on"][1] = day;
        assert_eq!(act(&site, &writes, "b", YEAR, &accept).await.0, 200);
        assert_eq!(act(&site, &writes, "b", YEAR, &accept).await.0, 200, "asked again, nothing is planned twice");
        let after = json(&secretary, &format!("/api/v1{YEAR}")).await;
        assert_eq!(after["proposed"], json!([]));
        assert_eq!(after["planned"].as_array().unwrap().len(), proposed.len(), "{after}");
        assert_eq!(act(&site, &writes, "c", YEAR, &json!({})).await.0, 422, "nothing was ticked");

        let id = after["planned"][0]["id"].as_str().unwrap();
        let one = format!("/units/3/plans/{id}");
        let moved = json!({ "was": after["planned"][0]["on"], "on": "2023-06-27" });
        let (status, told) = act(&site, &writes, "d", &format!("{one}/move"), &moved).await;
        assert_eq!((status, &told["id"]), (200, &json!(id)), "{told}");
        let late = act(&site, &writes, "e", &format!("{one}/move"), &moved).await;
        assert!(late.0 == 409 || late.0 == 422, "it was moved meanwhile: {}", late.1);
        let change = json!({ "on": "2023-06-28", "at": "09:30", "topic": "调查研究" });
        assert_eq!(act(&site, &writes, "f", &one, &change).await.0, 200);
        let plans = json(&secretary, "/api/v1/units/3/plans").await;
        let known = plans["items"].as_array().unwrap().iter().find(|plan| plan["id"] == id).unwrap();
        assert_eq!(
            (&known["on"], &known["at"], &known["topic"]),
            (&json!("2023-06-28"), &json!("09:30"), &json!("调查研究"))
        );
        let (status, told) = act(&site, &writes, "g", &one, &json!({ "on": "2023-13-01" })).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("on")), "{told}");
        assert_eq!(act(&site, &writes, "h", &format!("{one}/cancel"), &json!({})).await.0, 200);
        let plans = json(&secretary, "/api/v1/units/3/plans").await;
        assert!(plans["items"].as_array().unwrap().iter().all(|plan| plan["id"] != id));
        assert_eq!(act(&site, &reads, "i", YEAR, &accept).await.0, 403);
        assert_eq!(act(&site, &writes, "j", "/units/4/2023/plan", &accept).await.0, 404);
    }
}

#[tokio::test]
async fn a_program_names_who_took_part_and_another_confirms_it() {
    for site in sites().await {
        let ([_, host], [_, guest]) = (tokens(&site).await, tokens_of(&site, OTHER).await);
        let meeting = json!({ "kind": "theme-day", "on": "2023-05-10", "topic": "支部联建" });
        let (status, told) = act(&site, &host, "a", "/units/3/records", &meeting).await;
        assert_eq!(status, 200, "{told}");
        let record = told["id"].as_str().unwrap();
        let joint = format!("/units/3/records/{record}/joint");
        let (status, told) = act(&site, &host, "b", &joint, &json!({ "units": "没有这个支部" })).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("units")), "{told}");
        let (status, told) = act(&site, &host, "c", &joint, &json!({ "units": "第二支部" })).await;
        assert_eq!((status, &told["id"]), (200, &json!(record)), "{told}");
        let (keeper, other) = (site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        let named = json(&keeper, &format!("/api/v1{joint}")).await;
        assert_eq!((&named["items"][0]["unit_id"], &named["items"][0]["confirmed"]), (&json!("4"), &json!(null)));
        let ours = json(&other, "/api/v1/units/4/joint").await;
        assert_eq!((&ours["items"][0]["record_id"], &ours["items"][0]["topic"]), (&json!(record), &json!("支部联建")));

        let yes = json!({ "record": record, "answer": "yes" });
        assert_eq!(act(&site, &host, "d", "/units/4/joint", &yes).await.0, 404, "nobody confirms for another");
        assert_eq!(act(&site, &guest, "a", "/units/4/joint", &yes).await.0, 200);
        let named = json(&keeper, &format!("/api/v1{joint}")).await;
        assert_eq!(named["items"][0]["confirmed"], "2023-05-15");
        let clerk = site.sign_in(CLERK).await;
        assert_eq!(number(&clerk, 4).await, "1", "it counts for them");
        let drop = act(&site, &host, "e", &format!("{joint}/drop"), &json!({ "unit": 4 })).await;
        assert_eq!(drop.0, 200, "{}", drop.1);
        assert_eq!(json(&keeper, &format!("/api/v1{joint}")).await["items"], json!([]));
        assert_eq!(other.get(&format!("/api/v1{joint}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_topic_with_marks_of_addresses_goes_into_the_record_whole() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        planned(&secretary, "2023-05-16", "", "学习 A&B #1 +50%").await;
        let later = site.on_day(jiff::civil::date(2023, 5, 17));
        let secretary = later.sign_in(SECRETARY).await;
        let page = secretary.get(YEAR).await.text;
        let item = page.split("学习 A&amp;B").nth(1).unwrap();
        let link = item.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let form = secretary.get(&link).await.text;
        assert!(
            form.contains("value=\"学习 A&amp;B #1 +50%\"") && form.contains("value=\"2023-05-16\""),
            "{link}: {form}"
        );
    }
}

#[tokio::test]
async fn what_a_unit_plans_is_not_crowded_out_by_what_those_below_plan() {
    for site in sites().await {
        site.write(|tx, base| {
            let (below, at) = (unit::find(tx, FIRST)?, unit::find(tx, COMMITTEE)?);
            let plan = |on, topic: &str| plan::Plan {
                kind: "center-group-study".into(),
                on,
                topic: topic.into(),
                ..plan::Plan::default()
            };
            let (low, own) = (leave(base, &below, Verb::Write, TODAY), leave(base, &at, Verb::Write, TODAY));
            for _ in 0..201 {
                plan::add(tx, &low, &plan(TODAY, "支部安排"))?;
            }
            plan::add(tx, &own, &plan(jiff::civil::date(2023, 7, 1), "本级专题学习"))
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        for page in ["/units/2/meetings/center-group-study", "/units/2/2023/files/center-group-study"] {
            let text = clerk.get(page).await.text;
            assert!(text.contains("本级专题学习") && !text.contains("支部安排"), "{page}: {text}");
        }
    }
}
