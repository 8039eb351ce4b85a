//! Party groups of a branch: one form that moves everybody, whose meeting it was, and what each month asks of each group.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::{Date, date};
use luoshi_rules::Verb;
use luoshi_store::branch_group::{self, Place};
use luoshi_store::{person, unit};
use place::program::{act, json, tokens};
use place::{CLERK, FIRST, MEMBER, OTHER, SECOND, SECRETARY, Site, TODAY, leave, sites};
use serde_json::json;

const PAGE: &str = "/units/3/branch-groups";

async fn found(visitor: &place::Visitor<'_>, name: &str) -> String {
    let done = visitor.send(PAGE, PAGE, &[("name", name)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let key = done.to.split("#of-").nth(1).unwrap().to_owned();
    let page = visitor.get(PAGE).await.text;
    assert!(page.contains(&format!("id=\"of-{key}\"><td>{name}</td>")), "it leads to the group: {page}");
    key
}

/// Two groups founded on a day, these people in the one and those in the other, the first of each leading it.
async fn groups(site: &Site, on: Date, all: &'static [(&'static str, &'static [i64])]) -> Vec<i64> {
    site.write(move |tx, base| {
        let at = unit::find(tx, FIRST)?;
        let permit = leave(base, &at, Verb::Roll, on);
        let scope = place::scope(base, &at, Verb::Roll, on);
        let mut ids = Vec::new();
        for (name, people) in all {
            let group = branch_group::found(tx, &permit, &at, name)?;
            let wanted: Vec<Place> = people
                .iter()
                .enumerate()
                .map(|(n, person)| Place { person: *person, was: (0, false), now: (group, n == 0) })
                .collect();
            branch_group::arrange(tx, &permit, &scope, base.post("group_leader").unwrap(), &wanted)?;
            ids.push(group);
        }
        Ok(ids)
    })
    .await
}

/// The cell of a group on the page: how many are in it.
fn size(page: &str, name: &str) -> String {
    let row = page.split(&format!("<td>{name}</td>")).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    let cell = row.split("class=\"num\">").nth(1).unwrap().split("</td>").next().unwrap();
    cell.rsplit('>').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_secretary_founds_groups_and_puts_everybody_in_one_by_one_form() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        assert!(secretary.get("/units/3").await.text.contains("/units/3/branch-groups"), "a way there");
        let empty = secretary.get(PAGE).await.text;
        assert!(empty.contains("还没有党小组") && !empty.contains("group-104"), "{empty}");
        let (a, b) = (found(&secretary, "第一党小组").await, found(&secretary, "第二党小组").await);
        let short = secretary.send(PAGE, PAGE, &[("name", "1")]).await;
        assert!(short.status == 422 && short.text.contains("2 至"), "a name has two characters: {}", short.text);
        let twice = secretary.send(PAGE, PAGE, &[("name", "第一党小组")]).await;
        assert!(
            twice.status == 422
                && twice.text.contains("已有“第一党小组”")
                && twice.text.contains("value=\"第一党小组\"")
        );
        let page = secretary.get(PAGE).await;
        assert!(
            page.text.contains("还没有编入党小组的党员 <b>11</b> 名") && page.text.contains("未编入 <b>11</b>"),
            "{}",
            page.text
        );

        let save = format!("{PAGE}/members");
        let fields = [
            ("was-104", "0"),
            ("group-104", a.as_str()),
            ("lead-104", "1"),
            ("was-105", "0"),
            ("group-105", &a),
            ("was-106", "0"),
            ("group-106", &b),
            ("was-107", "0"),
            ("group-107", "0"),
        ];
        let done = secretary.send(PAGE, &save, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(PAGE).await.text;
        assert_eq!((size(&page, "第一党小组"), size(&page, "第二党小组")), ("2".into(), "1".into()));
        assert!(page.contains("未编入 <b>8</b>") && page.contains("value=\"0\" selected"), "{page}");
        let posts = secretary.get("/units/3/posts").await.text;
        assert!(posts.contains("党小组组长"), "the leader holds the post: {posts}");

        // what is wrong stands beside the person, and what was chosen stays
        let two = [("was-105", a.as_str()), ("group-105", &a), ("lead-105", "1")];
        let told = secretary.send(PAGE, &save, &two).await;
        assert!(told.status == 422 && told.text.contains("一个党小组只有一名组长"), "{}", told.text);
        let none = [("was-106", b.as_str()), ("group-106", "0"), ("lead-106", "1")];
        let told = secretary.send(PAGE, &save, &none).await;
        assert!(told.status == 422 && told.text.contains("不在党小组中，不能任组长"), "{}", told.text);
        let strange = [("was-106", b.as_str()), ("group-106", "77")];
        assert!(secretary.send(PAGE, &save, &strange).await.text.contains("没有这个党小组"));

        let list = secretary.get(&format!("{PAGE}?as=csv")).await.text;
        assert!(
            list.contains("党小组,姓名,组长,自") && list.contains("第一党小组,") && list.contains("2023-05-15"),
            "{list}"
        );
        let json = secretary.get(&format!("{PAGE}?as=json")).await.text;
        assert!(json.contains("\"group\":\"第二党小组\"") || json.contains("\"group\": \"第二党小组\""), "{json}");

        let named = secretary.send(PAGE, &format!("{PAGE}/{b}/names"), &[(&format!("{b}-name"), "青松小组")]).await;
        assert_eq!(named.status, 303, "{}", named.text);
        let (ends, key) = (format!("{PAGE}/{b}/ends"), format!("{b}-name"));
        let old = secretary.send(PAGE, &ends, &[(&key, "第二党小组")]).await;
        assert!(old.status == 422 && old.text.contains("撤销的是“青松小组”"), "{}", old.text);
        assert_eq!(secretary.send(PAGE, &ends, &[(&key, "青松小组")]).await.status, 303);
        let page = secretary.get(PAGE).await.text;
        assert!(!page.contains("青松小组") && page.contains("未编入 <b>9</b>"), "its member is in none: {page}");
        let english = secretary.get_english(PAGE).await.text;
        assert!(english.contains("Party groups") && english.contains("Save the groups") && english.contains("in none"));
    }
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_told_and_not_undone() {
    for site in sites().await {
        let ids = groups(&site, date(2023, 4, 1), &[("第一党小组", &[104, 105]), ("第二党小组", &[106])]).await;
        let (secretary, clerk) = (site.sign_in(SECRETARY).await, site.sign_in(CLERK).await);
        let (a, b, save) = (ids[0].to_string(), ids[1].to_string(), format!("{PAGE}/members"));
        let first = [("was-105", a.as_str()), ("group-105", &b)];
        let second = [("was-105", a.as_str()), ("group-105", "0"), ("was-106", &b), ("group-106", &a)];
        let sent = tokio::join!(secretary.send(PAGE, &save, &first), clerk.send(PAGE, &save, &second));
        let mut status = [sent.0.status, sent.1.status];
        status.sort_unstable();
        assert_eq!(status, [303, 422], "{} {}", sent.0.text, sent.1.text);
        let told = if sent.0.status == 422 { &sent.0.text } else { &sent.1.text };
        assert!(told.contains("刚刚被别人调整过"), "{told}");
        let page = secretary.get(PAGE).await.text;
        let kept = (size(&page, "第一党小组"), size(&page, "第二党小组"));
        let either = [("1".to_owned(), "2".to_owned()), ("2".to_owned(), "0".to_owned())];
        assert!(either.contains(&kept), "one of the two, whole: {kept:?}");
    }
}

#[tokio::test]
async fn only_the_members_of_the_group_that_met_are_due() {
    for site in sites().await {
        let ids =
            groups(&site, date(2023, 4, 1), &[("第一党小组", &[104, 105]), ("第二党小组", &[106, 107, 108])]).await;
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=group-meeting";
        let choose = secretary.get(form).await.text;
        assert!(choose.contains("哪个党小组开会") && choose.contains("第一党小组") && choose.contains("第二党小组"));
        let (a, b) = (ids[0].to_string(), ids[1].to_string());
        let of_b = format!("{form}&group={b}");
        let page = secretary.get(&of_b).await.text;
        assert!(page.contains("absent-106") && page.contains("absent-108") && !page.contains("absent-104"), "{page}");
        let fields = [
            ("kind", "group-meeting"),
            ("on", "2023-05-10"),
            ("topic", "学习党章"),
            ("group", b.as_str()),
            ("absent-107", "sick"),
            ("role-chair", "106"),
        ];
        let none = secretary.send(&of_b, "/units/3/records", &[&fields[..3], &fields[5..]].concat()).await;
        assert!(none.status == 422 && none.text.contains("请选择是哪个党小组开的会"), "{}", none.text);
        let done = secretary.send(&of_b, "/units/3/records", &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let record = secretary.get(&done.to).await.text;
        assert!(
            record.contains("党小组：第二党小组")
                && record.contains("应到 <b>3</b>")
                && record.contains("实到 <b>2</b>"),
            "{record}"
        );
        let again = secretary.get(&format!("{}/correct", done.to)).await.text;
        assert!(again.contains("第二党小组") && again.contains("absent-106") && !again.contains("absent-104"));
        let groups = secretary.get(PAGE).await.text;
        assert!(groups.contains("本月已开会 <b>1</b> / 2") && groups.contains("2023-05-10"), "{groups}");

        // on a day before there were groups the whole branch was due
        let early = [("kind", "group-meeting"), ("on", "2023-03-10"), ("topic", "学习"), ("group", &a)];
        let done = secretary.send(form, "/units/3/records", &early).await;
        let record = secretary.get(&done.to).await.text;
        assert!(record.contains("应到 <b>11</b>") && !record.contains("党小组："), "{record}");
    }
}

#[tokio::test]
async fn the_duty_of_a_month_is_met_when_every_group_has_met() {
    for site in sites().await {
        let ids = groups(&site, date(2023, 3, 20), &[("第一党小组", &[104, 105]), ("第二党小组", &[106])]).await;
        let secretary = site.sign_in(SECRETARY).await;
        let owed = || async {
            let csv = secretary.get("/units/3/2023/matrix?as=csv").await.text;
            csv.lines().find(|line| line.contains("L3-03") && line.contains("2023-04")).map(str::to_owned)
        };
        assert!(owed().await.unwrap().contains("逾期"), "from the first whole month on: {:?}", owed().await);
        let csv = secretary.get("/units/3/2023/matrix?as=csv").await.text;
        assert!(
            !csv.lines().any(|line| line.contains("L3-03") && line.contains("2023-03")),
            "not for the month begun: {csv}"
        );
        let record = |group: i64| {
            let (secretary, group) = (&secretary, group.to_string());
            async move {
                let form = format!("/units/3/records/new?kind=group-meeting&group={group}");
                let fields =
                    [("kind", "group-meeting"), ("on", "2023-04-10"), ("topic", "学习"), ("group", group.as_str())];
                let done = secretary.send(&form, "/units/3/records", &fields).await;
                assert_eq!(done.status, 303, "{}", done.text);
                done.to
            }
        };
        record(ids[0]).await;
        assert!(owed().await.unwrap().contains("逾期"), "one of two is not enough");
        let check = [
            ("kind", "group-meeting"),
            ("on", "2023-04-11"),
            ("topic", "学习"),
            ("group", &ids[1].to_string()),
            ("check", "1"),
        ];
        let form = format!("/units/3/records/new?kind=group-meeting&group={}", ids[1]);
        let looked = secretary.send(&form, "/units/3/records", &check).await.text;
        assert!(looked.contains("L3-03") && looked.contains("→"), "what it would close: {looked}");
        let last = record(ids[1]).await;
        assert!(!owed().await.unwrap().contains("逾期"), "{:?}", owed().await);
        assert!(secretary.get(&last).await.text.contains("L3-03"));
    }
}

#[tokio::test]
async fn who_leaves_the_branch_has_left_its_groups_and_is_not_back_by_coming_back() {
    for site in sites().await {
        let ids = groups(&site, date(2023, 4, 1), &[("第一党小组", &[104, 105, 106])]).await;
        let group = ids[0].to_string();
        let secretary = site.sign_in(SECRETARY).await;
        assert_eq!(size(&secretary.get(PAGE).await.text, "第一党小组"), "3");
        site.write(|tx, base| {
            let at = unit::find(tx, FIRST)?;
            person::leave(tx, &leave(base, &at, Verb::Roll, TODAY), 105, "deceased", date(2023, 5, 10))
        })
        .await;
        assert_eq!(size(&secretary.get(PAGE).await.text, "第一党小组"), "2");
        let form = secretary.get("/units/3/records/new?kind=group-meeting").await.text;
        assert!(form.contains("absent-106") && !form.contains("absent-105"), "one group needs no choice: {form}");
        let before = secretary.get("/units/3/records/new?kind=group-meeting&on=2023-05-02").await.text;
        assert!(before.contains("absent-105"), "due at what was held while they were there: {before}");

        let other = site.sign_in(OTHER).await;
        moves(&secretary, &other, (FIRST, SECOND, "中共第二支部")).await;
        assert_eq!(size(&secretary.get(PAGE).await.text, "第一党小组"), "1");
        moves(&other, &secretary, (SECOND, FIRST, "中共第一支部")).await;
        let back = secretary.get(PAGE).await.text;
        assert_eq!(size(&back, "第一党小组"), "1", "back on the roll, and in no group");
        assert!(back.contains("group-106"), "{back}");
        let again = [("was-106", "0"), ("group-106", &group)];
        assert_eq!(secretary.send(PAGE, &format!("{PAGE}/members"), &again).await.status, 303);
        assert_eq!(size(&secretary.get(PAGE).await.text, "第一党小组"), "2");
    }
}

/// Takes person 106 from one branch to another by letter.
async fn moves(from: &place::Visitor<'_>, to: &place::Visitor<'_>, (old, new, name): (i64, i64, &str)) {
    let letter = from.send("/people/106", "/people/106/transfers", &[("to", name), ("why", "调动")]).await.to;
    let id = letter.rsplit('/').next().unwrap().to_owned();
    let (ours, theirs) = (format!("/units/{old}/transfers/{id}"), format!("/units/{new}/transfers/{id}"));
    assert_eq!(from.send(&ours, &format!("{ours}/steps"), &[("to", "issued")]).await.status, 303);
    assert_eq!(to.send(&theirs, &format!("{theirs}/steps"), &[("to", "accepted")]).await.status, 303);
}

#[tokio::test]
async fn names_are_seen_by_who_may_see_people_and_changed_by_who_keeps_the_roll() {
    for site in sites().await {
        let ids = groups(&site, date(2023, 4, 1), &[("第一党小组", &[104, 105])]).await;
        let member = site.sign_in(MEMBER).await;
        let page = member.get(PAGE).await;
        assert!(
            page.status == 200 && page.text.contains("第一党小组") && !page.text.contains("同志105"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("保存编组"));
        let csv = member.get(&format!("{PAGE}?as=csv")).await.text;
        assert!(csv.contains("第一党小组") && !csv.contains("同志105") && !csv.contains("张晓明"), "{csv}");
        let above = site.sign_in(CLERK).await.get("/units/2/branch-groups").await.text;
        assert!(above.contains("第一支部") && above.contains("第一党小组") && !above.contains("保存编组"), "{above}");
        let other = site.sign_in(OTHER).await;
        assert_eq!(other.get(PAGE).await.status, 404);
        let theirs = format!("/units/4/branch-groups/{}/ends", ids[0]);
        let page = "/units/4/branch-groups";
        assert_eq!(other.send(page, &theirs, &[]).await.status, 404, "the group of another branch");
        let row = [("was-104", "0"), ("group-104", "0"), ("lead-104", "1")];
        let stranger = other.send(page, &format!("{page}/members"), &row).await;
        assert!(stranger.status == 422 && stranger.text.contains("已不在本支部名册"), "{}", stranger.text);
    }
}

#[tokio::test]
async fn a_program_founds_a_group_and_puts_members_in_it() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let groups = "/units/3/branch-groups";
        let name = json!({ "name": "第一党小组" });
        let (status, made) = act(&site, &writes, "a", groups, &name).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(act(&site, &writes, "a", groups, &name).await, (200, made.clone()), "asked again, it is one group");
        let id = made["id"].as_str().unwrap();
        let mut places = json!({ "was-104": "0", "lead-104": "1" });
        places["group-104"] = json!(id);
        assert_eq!(act(&site, &writes, "b", &format!("{groups}/members"), &places).await.0, 200);
        let secretary = site.sign_in(SECRETARY).await;
        let rows = json(&secretary, &format!("/api/v1{groups}")).await;
        let of =
            |person: &str| rows["items"].as_array().unwrap().iter().find(|row| row["person_id"] == person).cloned();
        let first = of("104").unwrap();
        assert_eq!((&first["id"], &first["group"], &first["leader"]), (&json!(id), &json!("第一党小组"), &json!("是")));
        assert_eq!(of("105").unwrap()["id"], json!(null), "in none");

        let one = format!("{groups}/{id}");
        let (status, told) = act(&site, &writes, "c", &format!("{one}/names"), &json!({ "name": " " })).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("name")), "{told}");
        let new = json!({ "name": "青松小组" });
        assert_eq!(act(&site, &writes, "d", &format!("{one}/names"), &new).await.0, 200);
        assert_eq!(act(&site, &writes, "e", &format!("{one}/ends"), &name).await.0, 422, "not its name any more");
        assert_eq!(act(&site, &writes, "f", &format!("{one}/ends"), &new).await.0, 200);
        assert_eq!(act(&site, &reads, "g", groups, &name).await.0, 403);
        assert_eq!(act(&site, &writes, "h", "/units/4/branch-groups", &name).await.0, 404);
    }
}
