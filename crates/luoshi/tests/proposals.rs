//! Proposals: raised by a member, answered within ten working days, and signed as the member chose.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{holding, unit};
use place::{CLERK, MEMBER, OTHER, ROOT, SECRETARY, STRANGER, Site, TODAY, Visitor, leave, sites};

const HERE: &str = "/me/proposals";
const NAME: &str = "张晓明";

fn form<'a>(unit: &'a str, title: &'a str, signed: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("raised-unit", unit),
        ("raised-title", title),
        ("raised-about", "burden"),
        ("raised-text", "同一张表每月要填两次，建议合并。"),
        ("raised-signed", signed),
        ("plain", "1"),
    ]
}

/// The address of a proposal as the clerk at the top finds it.
async fn found(clerk: &Visitor<'_>, title: &str) -> String {
    let list = clerk.get("/units/1/matters?flow=proposal").await.text;
    let before = list.split(title).next().unwrap();
    let link = before.rsplit("href=\"").next().unwrap();
    link.split('"').next().unwrap().to_owned()
}

async fn auditor(site: &Site) {
    site.write(|tx, base| {
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("auditor").unwrap(), OTHER, date(2023, 1, 1), "")
    })
    .await;
}

#[tokio::test]
async fn who_raised_it_is_shown_as_they_chose_and_nowhere_else() {
    for site in sites().await {
        auditor(&site).await;
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        let secretary = site.sign_in(SECRETARY).await;
        for (unit, title, signed) in [("2", "合并报表", "nobody"), ("3", "换会议室", "unit"), ("3", "公开提议", "all")]
        {
            let done = member.send(HERE, HERE, &form(unit, title, signed)).await;
            assert_eq!(done.status, 303, "{}", done.text);
        }
        // shown to nobody: neither the name nor the branch it came from
        let at = found(&clerk, "合并报表").await;
        let page = clerk.get(&at).await.text;
        assert!(page.contains("同一张表每月要填两次") && page.contains("不署名"), "{page}");
        assert!(!page.contains(NAME) && !page.contains("第一支部"), "{page}");
        assert_eq!(secretary.get(&at).await.status, 404, "it stays with the unit it is addressed to");
        // shown to the unit that answers: its secretary, not the clerk above
        let at = found(&clerk, "换会议室").await;
        assert!(!clerk.get(&at).await.text.contains(NAME));
        let course = clerk.get(&format!("/api/v1{at}")).await;
        assert!(course.status == 200 && !course.text.contains(NAME), "nor by whom a step was taken: {}", course.text);
        let own = secretary.get(&at).await.text;
        assert!(own.contains("提出人：张晓明"), "{own}");
        // shown to all who see it
        let at = found(&clerk, "公开提议").await;
        assert!(clerk.get(&at).await.text.contains("提出人：张晓明"));

        let told = clerk.get("/api/v1/units/1/matters?flow=proposal").await.text;
        assert!(
            told.contains("合并报表") && !told.contains("proposer") && !told.contains(&format!("\"{MEMBER}\"")),
            "{told}"
        );
        let trail = site.sign_in(OTHER).await;
        let all = trail.get("/units/1/audit?act=proposal").await.text;
        assert!(all.contains("提出意见建议") && all.contains("（按承诺不显示）") && !all.contains(NAME), "{all}");
        let name: String = form_urlencoded::byte_serialize(NAME.as_bytes()).collect();
        let sought = trail.get(&format!("/units/1/audit?person={name}")).await.text;
        assert!(!sought.contains("提出意见建议"), "nor does a search by name give it away");
        // but it is among what is kept about them
        assert!(member.get(HERE).await.text.contains("合并报表"));
    }
}

#[tokio::test]
async fn the_unit_answers_in_its_window_and_the_member_says_whether_that_will_do() {
    for site in sites().await {
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        assert_eq!(member.send(HERE, HERE, &form("2", "合并报表", "nobody")).await.status, 303);
        let waiting = member.get(HERE).await.text;
        assert!(waiting.contains("待答复") && waiting.contains("答复期限 2023-05-29"), "ten working days: {waiting}");
        let at = found(&clerk, "合并报表").await;
        let steps = format!("{at}/steps");
        let silent = clerk.send(&at, &steps, &[("to", "answered"), ("answered-outcome", "adopted")]).await;
        assert!(silent.status == 422 && silent.text.contains("请写明情况"), "{}", silent.text);
        let words = [("to", "answered"), ("answered-outcome", "adopted"), ("answered-note", "六月起合并为一张。")];
        assert_eq!(clerk.send(&at, &steps, &words).await.status, 303);
        let answered = member.get(HERE).await.text;
        assert!(answered.contains("六月起合并为一张。") && answered.contains("不满意，请再答复"), "{answered}");

        let id = at.rsplit('/').next().unwrap().to_owned();
        let reply = format!("{HERE}/{id}/steps");
        let bare = member.send(HERE, &reply, &[("to", "again")]).await;
        assert!(bare.status == 422 && bare.text.contains("请写明情况"), "{}", bare.text);
        let stranger = site.sign_in(OTHER).await;
        let again = [("to", "again"), ("again-note", "六月太晚，五月可以吗？")];
        assert_eq!(stranger.send(HERE, &reply, &again).await.status, 404, "only who raised it replies");
        assert_eq!(member.send(HERE, &reply, &again).await.status, 303);
        assert!(clerk.get(&at).await.text.contains("六月太晚"));
        assert_eq!(clerk.send(&at, &steps, &words).await.status, 303);
        assert_eq!(member.send(HERE, &reply, &[("to", "settled")]).await.status, 303);
        assert!(member.get(HERE).await.text.contains("提出人满意"));
        let late = member.send(HERE, &reply, &again).await;
        assert!(late.status == 422 && late.text.contains("不能这样办理"), "{}", late.text);
    }
}

#[tokio::test]
async fn what_is_incomplete_not_about_work_or_addressed_elsewhere_is_not_kept() {
    for site in sites().await {
        let member = site.sign_in(MEMBER).await;
        let mut person = form("3", "反映问题", "nobody");
        person.pop();
        let refused = member.send(HERE, HERE, &person).await;
        assert!(refused.status == 422 && refused.text.contains("信访举报渠道"), "{}", refused.text);
        assert!(refused.text.contains("同一张表每月要填两次"), "what was typed stays");
        let empty = member.send(HERE, HERE, &form("3", " ", "nobody")).await;
        assert!(empty.status == 422 && empty.text.contains("请用一句话说清"), "{}", empty.text);
        let unsigned = member.send(HERE, HERE, &form("3", "题", "")).await;
        assert_eq!(unsigned.status, 422, "nobody decides for them how it is signed");
        for elsewhere in ["4", "9", "x"] {
            assert!(matches!(member.send(HERE, HERE, &form(elsewhere, "题", "all")).await.status, 403 | 404 | 422));
        }
        assert!(member.get(HERE).await.text.contains("还没有提过"));
        // nobody answers what they raised themselves
        let secretary = site.sign_in(SECRETARY).await;
        assert_eq!(secretary.send(HERE, HERE, &form("3", "自问", "all")).await.status, 303);
        let at = found(&site.sign_in(CLERK).await, "自问").await;
        assert!(!secretary.get(&at).await.text.contains("value=\"answered\""));
        let own = [("to", "answered"), ("answered-outcome", "adopted"), ("answered-note", "好")];
        let refused = secretary.send(&at, &format!("{at}/steps"), &own).await;
        assert!(refused.status == 422 && refused.text.contains("须由另一人办理"), "{}", refused.text);
        // and nobody floods
        for n in 0..9 {
            assert_eq!(secretary.send(HERE, HERE, &form("3", &format!("题{n}"), "all")).await.status, 303);
        }
        let eleventh = secretary.send(HERE, HERE, &form("3", "第十一条", "all")).await;
        assert!(eleventh.status == 422 && eleventh.text.contains("今天已提了10条"), "{}", eleventh.text);
        let outside = site.sign_in(STRANGER).await;
        assert_eq!(outside.get(&at).await.status, 404);
    }
}
