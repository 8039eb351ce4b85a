//! Youth groups: the fortieth birthday, who is covered, the proposal, and turns.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::Verb;
use luoshi_rules::person::Standing;
use luoshi_store::{person, unit};
use place::program::{act, json, tokens};
use place::{CLERK, FIRST, MEMBER, ROOT, SECOND, SECRETARY, Site, TODAY, leave, sites};
use serde_json::json;

/// Enters somebody born on a day.
async fn enter(site: &Site, at: i64, id: i64, name: &str, born: Option<Date>) {
    let name = name.to_owned();
    site.write(move |tx, base| {
        let at = unit::find(tx, at)?;
        let entry = person::Entry {
            id,
            search: luoshi_text::pinyin::key(&name),
            name: name.clone(),
            born,
            standing: Some(Standing::NonMember),
            since: Some(date(2022, 1, 1)),
            ..Default::default()
        };
        person::add(tx, &leave(base, &at, Verb::Roll, TODAY), &entry)
    })
    .await;
}

async fn group(visitor: &place::Visitor<'_>, unit: i64, name: &str) -> String {
    let page = format!("/units/{unit}/groups");
    let done = visitor.send(&page, &page, &[("name", name)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    done.to
}

#[tokio::test]
async fn on_the_fortieth_birthday_a_member_is_out_by_itself_and_the_notice_shows_before() {
    for site in sites().await {
        let forty = |day: Date| day.checked_sub(40.years()).unwrap();
        let tomorrow = TODAY.tomorrow().unwrap();
        enter(&site, FIRST, 501, "今天满四十", Some(forty(TODAY))).await;
        enter(&site, FIRST, 502, "明天满四十", Some(forty(tomorrow))).await;
        enter(&site, FIRST, 503, "没有生日", None).await;
        let clerk = site.sign_in(CLERK).await;
        let at = group(&clerk, FIRST, "青年一组").await;
        let join = |names: &'static str| [("people", names)];
        let old = clerk.send(&at, &format!("{at}/members"), &join("今天满四十")).await;
        assert!(old.status == 422 && old.text.contains("已于 2023-05-15 满 40 周岁"), "{}", old.text);
        let unknown = clerk.send(&at, &format!("{at}/members"), &join("没有生日")).await;
        assert!(unknown.text.contains("没有出生日期") && unknown.text.contains("没有生日</textarea>"));
        assert_eq!(clerk.send(&at, &format!("{at}/members"), &join("明天满四十")).await.status, 303);
        let page = clerk.get("/units/3/groups").await.text;
        assert!(page.contains("<b>1</b> / 1（100%）") && page.contains("12 人没有出生日期"), "{page}");
        assert!(page.contains("2023-05-16 满 40 周岁，届时自动退出"), "{page}");
        let todo = site.sign_in(SECRETARY).await.get("/units/3/2023/duties").await.text;
        assert!(todo.contains("明天满四十") && todo.contains("届时自动退出，无须办理"), "{todo}");

        // in the group on the day before; on the day out of it, with the notice, and nobody did anything
        let young = |page: &str| page.contains("<b>1</b> / 1（100%）");
        assert!(young(&page) && clerk.get(&at).await.text.contains("明天满四十</a>"));
        let birthday = site.on_day(tomorrow);
        let clerk = birthday.sign_in(CLERK).await;
        let page = clerk.get("/units/3/groups").await.text;
        assert!(!young(&page) && page.contains("2023-05-16 满 40 周岁，已自动退出"), "{page}");
        let own = clerk.get(&at).await.text;
        assert!(own.contains("1 人已到龄，自动退出") && !own.contains("明天满四十</a>"), "{own}");
        let todo = birthday.sign_in(SECRETARY).await.get("/units/3/2023/duties").await.text;
        assert!(todo.contains("明天满四十") && todo.contains("已自动退出"), "the secretary is told: {todo}");

        // the row stays as it is; the day makes them leave
        site.write(move |tx, base| {
            let scope = place_scope(base, &unit::find(tx, ROOT)?);
            let members = luoshi_store::youth::members(tx, &scope, (0, tomorrow))?;
            let rules = base.youth.unwrap();
            assert_eq!(members.len(), 1);
            let born = members[0].born.unwrap();
            assert!(rules.is_young(born, TODAY) && !rules.is_young(born, tomorrow));
            Ok(())
        })
        .await;
    }
}

fn place_scope(base: &luoshi_rules::Pack, at: &luoshi_rules::Unit) -> luoshi_rules::Scope {
    let held =
        luoshi_rules::Held { post: "party_affairs_worker".into(), unit: at.id, top: at.top, path: at.path.clone() };
    let actor = luoshi_rules::Actor {
        person: CLERK,
        top: at.top,
        home: at.id,
        name: String::new(),
        posts: vec![held],
        operation: 0,
        today: TODAY,
    };
    actor.scope(base, Verb::People, at).unwrap()
}

#[tokio::test]
async fn a_clerk_sees_who_is_in_no_group_and_accepts_a_proposal_that_covers_them() {
    for site in sites().await {
        for id in 510..=512 {
            enter(&site, FIRST, id, &format!("甲支部{id}"), Some(date(1990, 1, 1))).await;
        }
        enter(&site, SECOND, 513, "乙支部独一人", Some(date(1995, 6, 1))).await;
        enter(&site, SECOND, 514, "乙支部老同志", Some(date(1970, 6, 1))).await;
        let clerk = site.sign_in(CLERK).await;
        let path = "/units/1/groups/uncovered";
        let page = clerk.get(path).await;
        assert!(page.text.contains("<b>4</b> 人") && page.text.contains("新设小组"), "{}", page.text);
        assert!(page.text.contains("乙支部独一人") && !page.text.contains("乙支部老同志"));
        let digest = page.hidden("digest");
        let export = clerk.get(&format!("{path}?as=csv")).await.text;
        assert!(export.contains("乙支部独一人"));

        // somebody comes between looking and accepting: the old proposal is not carried out
        enter(&site, SECOND, 515, "乙支部新来的", Some(date(1996, 6, 1))).await;
        let stale = clerk.send(path, path, &[("digest", &digest)]).await;
        assert!(stale.status == 422 && stale.text.contains("方案已重新生成") && stale.text.contains("乙支部新来的"));
        assert!(clerk.get("/units/1/groups").await.text.contains("<b>0</b> / 5"), "nothing was done");

        let digest = stale.hidden("digest");
        assert_eq!(clerk.send(path, path, &[("digest", &digest)]).await.status, 303);
        let after = clerk.get("/units/1/groups").await.text;
        assert!(after.contains("<b>5</b> / 5（100%）") && after.contains("第一支部青年小组1"), "{after}");
        assert!(clerk.get(path).await.text.contains("所有青年干部都已编入小组"));
        let english = clerk.get_english("/units/1/groups").await.text;
        assert!(english.contains("Youth study groups") && english.contains("Under 40 today and in a group"));
    }
}

#[tokio::test]
async fn of_two_who_put_one_person_into_two_groups_at_once_one_is_told() {
    for site in sites().await {
        enter(&site, FIRST, 520, "抢手的人", Some(date(1990, 1, 1))).await;
        let (one, two) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        let (a, b) = (group(&one, FIRST, "甲组").await, group(&one, FIRST, "乙组").await);
        let join = [("people", "抢手的人")];
        let (to_a, to_b) = (format!("{a}/members"), format!("{b}/members"));
        let sent = tokio::join!(one.send(&a, &to_a, &join), two.send(&b, &to_b, &join));
        let mut status = [sent.0.status, sent.1.status];
        status.sort_unstable();
        assert_eq!(status, [303, 422]);
        let told = if sent.0.status == 422 { &sent.0.text } else { &sent.1.text };
        assert!(told.contains("一人同时只在一个小组"), "{told}");
    }
}

#[tokio::test]
async fn leaders_rotate_mentors_come_from_outside_and_a_joint_study_has_the_members_of_its_groups() {
    for site in sites().await {
        for (id, name) in [(530, "青年甲"), (531, "青年乙"), (532, "青年丙")] {
            enter(&site, FIRST, id, name, Some(date(1990, 1, 1))).await;
        }
        let secretary = site.sign_in(SECRETARY).await;
        let (a, b) = (group(&secretary, FIRST, "甲组").await, group(&secretary, FIRST, "乙组").await);
        let done = secretary.send(&a, &format!("{a}/members"), &[("people", "青年甲、青年乙")]).await;
        assert_eq!(done.status, 303);
        secretary.send(&b, &format!("{b}/members"), &[("people", "青年丙")]).await;
        let parts = format!("{a}/parts");
        let take = |part, person| [("part", part), ("person", person)];
        assert_eq!(secretary.send(&a, &parts, &take("leader", "青年甲")).await.status, 303);
        assert_eq!(secretary.send(&a, &parts, &take("leader", "青年乙")).await.status, 303);
        assert_eq!(secretary.send(&a, &parts, &take("mentor", "张晓明")).await.status, 303);
        let outside = secretary.send(&a, &parts, &take("speaker", "张晓明")).await;
        assert!(outside.status == 422 && outside.text.contains("由组员担任"), "{}", outside.text);
        let page = secretary.get(&a).await.text;
        let leader = page.split("组长</dt>").nth(1).unwrap().split("</dd>").next().unwrap();
        assert!(leader.contains("青年乙") && !leader.contains("青年甲"), "{leader}");
        assert!(page.contains("张晓明") && page.contains("历任"));

        let form = "/units/3/records/new?kind=youth-study";
        let choose = secretary.get(form).await.text;
        assert!(choose.contains("哪些小组参加") && choose.contains("甲组") && choose.contains("乙组"));
        let (a, b) = (a.rsplit('/').next().unwrap(), b.rsplit('/').next().unwrap());
        let joint = format!("{form}&group={a}&group={b}");
        assert!(secretary.get(&joint).await.text.contains("青年丙"));
        let fields = [
            ("kind", "youth-study"),
            ("on", "2023-05-15"),
            ("topic", "联学"),
            ("form", "joint"),
            ("group", a),
            ("group", b),
            ("absent-532", "official"),
        ];
        let done = secretary.send(&joint, "/units/3/records", &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let record = secretary.get(&done.to).await.text;
        assert!(record.contains("青年小组：乙组、甲组") || record.contains("青年小组：甲组、乙组"), "{record}");
        assert!(record.contains("应到 <b>3</b>") && record.contains("实到 <b>2</b>"), "{record}");
        let none = secretary.send(&joint, "/units/3/records", &fields[..4]).await;
        assert!(none.status == 422 && none.text.contains("请选择参加学习的青年小组"), "{}", none.text);
    }
}

#[tokio::test]
async fn names_of_a_group_are_seen_by_who_may_see_people_and_changed_by_who_keeps_the_roll() {
    let site = Site::new(None).await;
    enter(&site, FIRST, 540, "青年甲", Some(date(1990, 1, 1))).await;
    let secretary = site.sign_in(SECRETARY).await;
    let at = group(&secretary, FIRST, "甲组").await;
    secretary.send(&at, &format!("{at}/members"), &[("people", "青年甲")]).await;
    let member = site.sign_in(MEMBER).await;
    assert_eq!(member.get(&at).await.status, 404);
    assert_eq!(member.get("/units/3/groups/uncovered").await.status, 404);
    let page = member.get("/units/3/groups").await;
    assert!(page.status == 200 && page.text.contains("<b>1</b> / 1") && !page.text.contains("青年甲"));
    // a name leads where one may go
    assert!(page.text.contains("<td>甲组</td>") && !page.text.contains(&at), "{}", page.text);
    assert!(secretary.get("/units/3/groups").await.text.contains(&format!("<a href=\"{at}\">甲组</a>")));
    assert_eq!(secretary.get("/units/4/groups").await.status, 404);
    let other = at.replace("/units/3", "/units/4");
    assert_eq!(site.sign_in(CLERK).await.get(&other).await.status, 404, "the group of another unit");
}

#[tokio::test]
async fn a_program_covers_the_young_by_the_proposal_and_gives_a_group_its_leader() {
    for site in sites().await {
        for (id, name) in [(550, "青年甲"), (551, "青年乙"), (552, "青年丙")] {
            enter(&site, FIRST, id, name, Some(date(1990, 1, 1))).await;
        }
        let [reads, writes] = tokens(&site).await;
        let (secretary, groups) = (site.sign_in(SECRETARY).await, "/units/3/groups");
        let name = json!({ "name": "青年一组" });
        let (status, told) = act(&site, &writes, "a", groups, &name).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(act(&site, &writes, "a", groups, &name).await, (200, told.clone()), "asked again, it is done once");
        let group = told["id"].as_str().unwrap();
        let listed = json(&secretary, "/api/v1/units/3/groups").await;
        assert_eq!((&listed["items"].as_array().unwrap()[..], &listed["items"][0]["id"]).1, &json!(group), "{listed}");
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);

        let one = format!("{groups}/{group}");
        let (status, told) =
            act(&site, &writes, "b", &format!("{one}/members"), &json!({ "people": "青年甲、无此人" })).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("people")), "{told}");
        assert_eq!(act(&site, &writes, "c", &format!("{one}/members"), &json!({ "people": "青年甲" })).await.0, 200);
        let proposal = json(&secretary, "/api/v1/units/3/groups/uncovered").await;
        let waiting = proposal["items"].as_array().unwrap();
        assert_eq!((waiting.len(), &waiting[0]["group"]), (2, &json!(group)), "they fit into the group: {proposal}");
        let stale = act(&site, &writes, "d", &format!("{groups}/uncovered"), &json!({ "digest": "0" })).await;
        assert!(stale.0 == 422 && stale.1["detail"].as_str().unwrap().contains("方案已重新生成"), "{}", stale.1);
        let accept = json!({ "digest": proposal["digest"] });
        assert_eq!(act(&site, &writes, "e", &format!("{groups}/uncovered"), &accept).await.0, 200);
        let covered = json(&secretary, "/api/v1/units/3/groups/coverage").await;
        assert_eq!((&covered["items"][0]["covered"], &covered["items"][0]["all"]), (&json!(3), &json!(3)), "{covered}");

        let part = json!({ "part": "leader", "person": "青年乙" });
        assert_eq!(act(&site, &writes, "f", &format!("{one}/parts"), &part).await.0, 200);
        let wrong =
            act(&site, &writes, "g", &format!("{one}/parts"), &json!({ "part": "king", "person": "青年乙" })).await;
        assert_eq!((wrong.0, &wrong.1["parameter"]), (422, &json!("part")), "{}", wrong.1);
        assert_eq!(act(&site, &writes, "h", &format!("{one}/leave"), &json!({ "person": "552" })).await.0, 200);
        let whole = json(&secretary, &format!("/api/v1{one}")).await;
        assert_eq!(whole["members"].as_array().unwrap().len(), 2, "{whole}");
        assert_eq!((&whole["turns"][0]["part"], &whole["turns"][0]["person"]), (&json!("leader"), &json!("551")));
        assert_eq!(
            act(&site, &writes, "i", &format!("{one}/parts/end"), &json!({ "part": "leader", "person": 551 })).await.0,
            200
        );
        let mentor = json!({ "part": "mentor", "person": "张晓明" });
        assert_eq!(act(&site, &writes, "j", &format!("{one}/parts"), &mentor).await.0, 200);
        let mentors = json(&secretary, "/api/v1/units/3/groups/mentors").await;
        assert_eq!(
            (&mentors["items"][0]["mentor"], &mentors["items"][0]["group_id"]),
            (&json!("张晓明"), &json!(group))
        );
        assert_eq!(act(&site, &reads, "k", groups, &name).await.0, 403);
        assert_eq!(act(&site, &writes, "l", "/units/4/groups", &name).await.0, 404);
        let member = site.sign_in(MEMBER).await;
        assert_eq!(member.get(&format!("/api/v1{one}")).await.status, 404, "names are for who may see people");
    }
}
