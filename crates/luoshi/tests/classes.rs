//! A training class from its plan to the certificates: places, quotas, who waits, who came, hours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use place::program::{act, json, tokens};
use place::{CLERK, MEMBER, OTHER, SECRETARY, STRANGER, Visitor, sites};
use serde_json::json;

const HERE: &str = "/units/2/classes";
const MINE: &str = "/me/classes";

fn plan(quotas: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("title", "党务骨干培训班"),
        ("audience", "members"),
        ("from", "2023-05-15"),
        ("until", "2023-05-15"),
        ("place", "党校"),
        ("hours", "8"),
        ("places", "3"),
        ("closes", "2023-05-15"),
        ("quotas", quotas),
    ]
}

async fn planned(clerk: &Visitor<'_>, quotas: &str) -> String {
    let done = clerk.send(HERE, HERE, &plan(quotas)).await;
    assert_eq!(done.status, 303, "{}", done.text);
    done.to.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn places_go_by_order_and_quota_and_whoever_waits_moves_up() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let (other, member) = (site.sign_in(OTHER).await, site.sign_in(MEMBER).await);
        let id = planned(&clerk, "第一支部 1").await;
        let own = format!("/units/3/classes/{id}");
        let names = format!("{own}/names");
        let done = secretary.send(&own, &names, &[("people", "张晓明、同志105")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&own).await.text;
        assert!(page.contains("● 已录取") && page.contains("◔ 候补") && page.contains("1 / 3，候补 1"), "{page}");
        let there = format!("/units/4/classes/{id}");
        assert_eq!(other.send(&there, &format!("{there}/names"), &[("people", "王秀兰")]).await.status, 303);
        let seen = other.get(&there).await.text;
        assert!(seen.contains("王秀兰") && !seen.contains("张晓明") && seen.contains("另有其他组织 2 人"), "{seen}");

        let mine = member.get(MINE).await.text;
        assert!(mine.contains("党务骨干培训班") && mine.contains("● 已录取"), "{mine}");
        let drop = [("class", id.as_str()), ("to", "drop")];
        assert_eq!(member.send(MINE, MINE, &drop).await.status, 303);
        let page = secretary.get(&own).await.text;
        assert!(page.contains("同志105") && !page.contains("张晓明</a>") && !page.contains("◔ 候补"), "{page}");
        let join = [("class", id.as_str()), ("to", "names")];
        assert_eq!(member.send(MINE, MINE, &join).await.status, 303);
        assert!(member.get(MINE).await.text.contains("◔ 候补"), "at the end of the line");
        let twice = member.send(MINE, MINE, &join).await;
        assert!(twice.status == 422 && twice.text.contains("名单中有人已报名"), "{}", twice.text);

        // only people of one's own rolls, all or none, and what was typed stays
        let elsewhere = secretary.send(&own, &names, &[("people", "同志106、王秀兰")]).await;
        assert!(elsewhere.status == 422 && elsewhere.text.contains("不在本组织名册"), "{}", elsewhere.text);
        assert!(elsewhere.text.contains("同志106、王秀兰</textarea>"));
        let unknown = secretary.send(&own, &names, &[("people", "同志106、没有这人")]).await;
        assert!(unknown.status == 422 && unknown.text.contains("请改正：没有这人"), "{}", unknown.text);
        assert!(!secretary.get(&own).await.text.contains("同志106</a>"));
        assert_eq!(site.sign_in(STRANGER).await.get(&own).await.status, 404);
        let stolen = other.send(&there, &format!("{there}/names/drop"), &[("person", &MEMBER.to_string())]).await;
        assert_eq!(stolen.status, 422, "nobody takes a name of another unit off");
    }
}

#[tokio::test]
async fn who_came_is_written_down_once_and_hours_and_certificates_follow() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let id = planned(&clerk, "").await;
        let (own, held) = (format!("/units/3/classes/{id}"), format!("{HERE}/{id}"));
        let down = [("people", "张晓明、同志105、同志106、同志107")];
        assert_eq!(secretary.send(&own, &format!("{own}/names"), &down).await.status, 303);
        let conclude = format!("{held}/conclude");
        let member = MEMBER.to_string();
        let foreign = secretary.send(&own, &format!("{own}/conclude"), &[("came", "105")]).await;
        assert_eq!(foreign.status, 404, "only the unit that holds it concludes it");
        // 107 had no place, so ticking them does nothing
        let came = [("came", "105"), ("came", &member), ("came", "107")];
        assert_eq!(clerk.send(&held, &conclude, &came).await.status, 303);
        let page = clerk.get(&held).await.text;
        assert!(page.contains("● 已结业") && page.contains("到场纪实"), "{page}");
        let again = clerk.send(&held, &conclude, &came).await;
        assert!(again.status == 409 || again.status == 422, "{} {}", again.status, again.text);
        let records = clerk.get("/units/2/2023/records?kind=training&as=csv").await.text;
        assert_eq!(records.matches("党务骨干培训班").count(), 1, "{records}");

        let hours = clerk.get("/units/3/2023/hours?as=csv").await.text;
        let line = |name: &str| hours.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
        assert!(line("同志105").ends_with(",1,8,32"), "{hours}");
        assert!(line("同志106").ends_with(",0,0,32") && line("同志107").ends_with(",0,0,32"), "{hours}");
        assert!(line("李建国").ends_with(",0,0,56"), "a secretary is expected to have more: {hours}");
        let sums = clerk.get("/units/3/2023/hours").await.text;
        assert!(sums.contains("参加 <b>2</b> 名 / <b>2</b> 人次"), "{sums}");
        assert_eq!(site.sign_in(MEMBER).await.get("/units/3/2023/hours").await.status, 404, "a member sees their own");

        let mine = site.sign_in(MEMBER).await;
        assert!(mine.get(MINE).await.text.contains("学时 <b>8</b> / 32"));
        let sheet = mine.get(&format!("{MINE}/{id}/certificate")).await.text;
        assert!(sheet.contains("结业证明") && sheet.contains("张晓明") && sheet.contains("<b>8</b> 学时"), "{sheet}");
        assert_eq!(secretary.get(&format!("{MINE}/{id}/certificate")).await.status, 404, "who did not come has none");
        let all = clerk.get(&format!("{held}/certificates")).await.text;
        assert!(all.contains("张晓明") && all.contains("同志105") && !all.contains("同志106"), "{all}");
        let late = mine.send(MINE, MINE, &[("class", &id), ("to", "drop")]).await;
        assert!(late.status == 422 && late.text.contains("名单不再变动"), "{}", late.text);
    }
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused_and_one_may_be_called_off() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        for (key, typed, words) in [
            ("title", " ", "请填写名称"),
            ("from", "2023-05-14", "第一天已过"),
            ("until", "2023-02-30", "没有 30 日"),
            ("closes", "2023-05-16", "报名截止日应在今天与最后一天之间"),
            ("hours", "0", "时长为1至200"),
            ("places", "很多", "请填写数字"),
            ("audience", "everybody", "请选择对象或类别"),
            ("quotas", "第一支部 不限", "看不懂“第一支部 不限”"),
            ("quotas", "外单位党组 5", "下级组织中没有“外单位党组”"),
        ] {
            let mut fields = plan("");
            fields.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = typed);
            let refused = clerk.send(HERE, HERE, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{key}: {}", refused.text);
            assert!(refused.text.contains("value=\"党校\""), "what was typed stays");
        }
        let id = planned(&clerk, "第一支部：2人").await;
        let held = format!("{HERE}/{id}");
        let bare = clerk.send(&held, &format!("{held}/cancel"), &[("why", "")]).await;
        assert!(bare.status == 422 && bare.text.contains("请写明原因"), "{}", bare.text);
        assert_eq!(clerk.send(&held, &format!("{held}/cancel"), &[("why", "师资冲突")]).await.status, 303);
        let page = clerk.get(&held).await.text;
        assert!(page.contains("◇ 已取消") && page.contains("师资冲突") && !page.contains("name=\"people\""), "{page}");
        let member = site.sign_in(MEMBER).await;
        let late = member.send(MINE, MINE, &[("class", &id), ("to", "names")]).await;
        assert!(late.status == 422 && late.text.contains("或已结束、取消"), "{}", late.text);
        assert_eq!(
            clerk.send("/units/3/classes", "/units/3/classes", &plan("")).await.status,
            303,
            "a branch may hold one"
        );
    }
}

#[tokio::test]
async fn the_last_place_goes_to_one_of_two_who_ask_at_once() {
    for site in sites().await {
        let (clerk, member, other) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await, site.sign_in(OTHER).await);
        let mut plan = plan("");
        plan.retain(|(key, _)| *key != "places");
        plan.push(("places", "1"));
        let done = clerk.send(HERE, HERE, &plan).await;
        let id = done.to.rsplit('/').next().unwrap().to_owned();
        let join = [("class", id.as_str()), ("to", "names")];
        let (one, two) = tokio::join!(member.send(MINE, MINE, &join), other.send(MINE, MINE, &join));
        assert_eq!((one.status, two.status), (303, 303));
        let mut said = Vec::new();
        for who in [&member, &other] {
            let page = who.get(MINE).await.text;
            said.push((page.contains("● 已录取"), page.contains("◔ 候补")));
        }
        said.sort_unstable();
        assert_eq!(said, [(false, true), (true, false)]);
    }
}

#[tokio::test]
async fn a_program_plans_a_class_fills_it_and_writes_down_who_came() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let (secretary, classes) = (site.sign_in(SECRETARY).await, "/units/3/classes");
        let mut plan = json!({ "title": "轮训", "audience": "members", "from": "2023-05-15", "until": "2023-05-15",
            "sessions": "2023-05-15 4 上午\n2023-05-15 2 下午", "places": 2, "closes": "2023-05-15" });
        let (status, told) = act(&site, &writes, "a", classes, &plan).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(act(&site, &writes, "a", classes, &plan).await, (200, told.clone()), "asked again, it is done once");
        let id = told["id"].as_str().unwrap().to_owned();
        let listed = json(&secretary, "/api/v1/units/3/classes").await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["hours"]), (&json!(id), &json!(6)), "{listed}");
        plan["closes"] = json!("2023-05-16");
        let (status, told) = act(&site, &writes, "b", classes, &plan).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("closes")), "{told}");

        let one = format!("{classes}/{id}");
        let names = json!({ "people": "张晓明、同志105、同志106" });
        assert_eq!(act(&site, &writes, "c", &format!("{one}/names"), &names).await.0, 200);
        let whole = json(&secretary, &format!("/api/v1{one}")).await;
        let places: Vec<bool> = whole["names"].as_array().unwrap().iter().map(|one| one["place"] == true).collect();
        assert_eq!(places, [true, true, false], "the third waits: {whole}");
        let first = json!({ "person": whole["names"][0]["person"] });
        assert_eq!(act(&site, &writes, "d", &format!("{one}/names/drop"), &first).await.0, 200);
        let early = secretary.get(&format!("/api/v1{one}/certificates")).await;
        assert!(early.status == 422 && early.text.contains("结业后才有证明"), "{}", early.text);
        let came = json!({ "came": ["105.1", "105.2", "106.1"] });
        let (status, told) = act(&site, &writes, "e", &format!("{one}/conclude"), &came).await;
        assert_eq!(status, 200, "{told}");
        let sheets = json(&secretary, &format!("/api/v1{one}/certificates")).await;
        let hours: Vec<_> =
            sheets["items"].as_array().unwrap().iter().map(|one| (&one["name"], &one["hours"])).collect();
        assert_eq!(hours, [(&json!("同志105"), &json!(6)), (&json!("同志106"), &json!(4))]);
        let ledger = json(&secretary, "/api/v1/units/3/2023/hours").await;
        let of =
            |person: &str| ledger["items"].as_array().unwrap().iter().find(|one| one["person_id"] == person).unwrap();
        assert_eq!((&of("106")["hours"], &of("106")["expected"]), (&json!(4), &json!(32)), "{ledger}");
        let calls = json(&secretary, "/api/v1/units/3/2023/hours?kind=volunteer-service").await;
        assert!(calls["items"][0].get("expected").is_none(), "nobody is expected to serve: {calls}");
        let units = json(&secretary, "/api/v1/units/3/2023/hours/by-unit").await;
        assert_eq!((&units["items"][0]["people"], &units["items"][0]["hours"]), (&json!(2), &json!(10)), "{units}");

        let why = json!({ "why": "师资冲突" });
        assert_eq!(act(&site, &writes, "f", &format!("{one}/cancel"), &why).await.0, 422, "it is over");
        assert_eq!(act(&site, &reads, "g", classes, &plan).await.0, 403);
        assert_eq!(act(&site, &writes, "h", "/units/4/classes", &plan).await.0, 404);
        assert_eq!(site.sign_in(STRANGER).await.get(&format!("/api/v1{one}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_class_of_december_is_still_listed_in_january_to_be_recorded_and_for_who_was_there() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        planned(&clerk, "").await;
        let january = site.on_day(jiff::civil::date(2024, 1, 9));
        let list = january.sign_in(CLERK).await.get(HERE).await.text;
        assert!(list.contains("党务骨干培训班") && list.contains("待记到场"), "{list}");
        let mine = january.sign_in(MEMBER).await.get(MINE).await.text;
        assert!(mine.contains("党务骨干培训班"), "{mine}");
        let later = site.on_day(jiff::civil::date(2024, 7, 1));
        assert!(!later.sign_in(CLERK).await.get(HERE).await.text.contains("党务骨干培训班"), "a year later it is not");
    }
}
