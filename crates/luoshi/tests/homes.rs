//! First pages: what each role is told without a click.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{account, holding, unit};
use place::*;
use std::collections::BTreeMap;

/// Those of the roll who get a post in these stories.
const DISCIPLINE: i64 = 106;

/// Rows of a page that tell of a duty, each with how often it is told.
fn duties(page: &str) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for row in page.split("<tr").skip(1).filter_map(|rest| rest.split("</tr>").next()) {
        let Some((_, address)) = row.split_once("/duties/") else { continue };
        let clause = address.split('"').next().unwrap();
        let unit = row.split_once("/units/").unwrap().1.split('/').next().unwrap();
        let due = row.split("<td class=\"nowrap\">").nth(1).unwrap_or_default().split('<').next().unwrap();
        *told.entry(format!("{unit} {clause} {due}")).or_default() += 1;
    }
    told
}

#[tokio::test]
async fn the_home_of_a_discipline_secretary_tells_each_duty_once() {
    for site in sites().await {
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, COMMITTEE)?, Verb::Roll, TODAY);
            let post = base.post("discipline_secretary").unwrap();
            holding::appoint(tx, &permit, post, DISCIPLINE, date(2022, 1, 1), "")?;
            account::add(tx, ROOT, DISCIPLINE, &format!("user{DISCIPLINE}"), "")
        })
        .await;
        // in May the next holiday is far, in June its message is due, and is a duty of the visitor's own
        for (day, message) in [(TODAY, false), (date(2023, 6, 10), true)] {
            let then = site.on_day(day);
            let page = then.sign_in(DISCIPLINE).await.get("/").await.text;
            assert!(page.contains("本人职责") && page.contains("下一次廉洁提醒"), "{page}");
            let told = duties(&page);
            assert!(told.keys().any(|duty| duty.contains("P4-04")), "{told:?}\n{page}");
            assert!(!message || told.keys().any(|duty| duty.contains("P4-03")), "{told:?}\n{page}");
            assert!(told.values().all(|times| *times == 1), "{day}: {told:?}");
        }
    }
}

#[tokio::test]
async fn whoever_is_to_take_a_post_over_is_told_on_the_first_page() {
    for site in sites().await {
        let (clerk, member) = (site.sign_in(CLERK).await, site.sign_in(MEMBER).await);
        assert!(!member.get("/").await.text.contains("待签字的交接"));
        let asked = format!("/units/3/handovers/new?post=branch_secretary&giver={SECRETARY}");
        let fields =
            [("post", "branch_secretary"), ("giver", &*SECRETARY.to_string()), ("taker", &*MEMBER.to_string())];
        let sent = clerk.send(&asked, "/units/3/handovers", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let home = member.get("/").await.text;
        let path = format!("/handovers/{}", sent.to.rsplit('/').next().unwrap());
        assert!(home.contains("待签字的交接") && home.contains(&path) && !home.contains("没有要您答复"), "{home}");
        assert!(member.get_english("/").await.text.contains("A handover to sign: "));
        for who in [&member, &site.sign_in(SECRETARY).await] {
            let signed = who.send(&path, &format!("{path}/signatures"), &[]).await;
            assert_eq!(signed.status, 303, "{}", signed.text);
        }
        assert!(!member.get("/").await.text.contains("待签字的交接"), "it is signed by both");
    }
}

#[tokio::test]
async fn links_of_a_first_page_and_of_ones_own_data_lead_somewhere() {
    let site = Site::new(None).await;
    site.write(|tx, base| {
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("auditor").unwrap(), MEMBER, date(2022, 1, 1), "")
    })
    .await;
    let member = site.sign_in(MEMBER).await;
    let own = member.get("/me").await.text;
    assert!(own.contains("安全审计员") && !own.contains("href=\"/units/1\""), "no link to what does not open: {own}");
    let hours = member.get("/units/3/2023/hours?kind=training&by=unit").await.text;
    let years: Vec<&str> = hours.split("href=\"").filter_map(|rest| rest.split('"').next()).collect();
    let years: Vec<String> =
        years.into_iter().filter(|to| to.contains("/2022/hours")).map(|to| to.replace("&amp;", "&")).collect();
    assert_eq!(years, ["/units/3/2022/hours?kind=training&by=unit"], "{hours}");
    assert_eq!(member.get(&years[0]).await.status, 200);
}

#[tokio::test]
async fn a_clerk_is_told_how_many_people_are_on_the_rolls_below_as_the_list_behind_the_number_has_them() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let home = clerk.get("/").await.text;
        let (way, rest) = home.split_once("/people?standing=full\">正式党员</a></dt><dd><b>").unwrap();
        let (told, unit) = (rest.split('<').next().unwrap(), way.rsplit("/units/").next().unwrap());
        let list = clerk.get(&format!("/units/{unit}/people?standing=full")).await.text;
        assert_eq!(list.matches("href=\"/people/").count().to_string(), told, "of all units, not of the clerk's alone");
    }
}

/// What the navigation of a page offers, by its words.
fn entries(page: &str) -> Vec<&str> {
    let side = page.split_once("<nav class=\"side\"").unwrap().1.split_once("</nav>").unwrap().0;
    side.split("<a ").skip(1).map(|entry| entry.split_once('>').unwrap().1.split_once('<').unwrap().0).collect()
}

#[tokio::test]
async fn nobody_has_more_than_nine_entries_of_navigation_and_settings_lead_to_each_other() {
    for site in sites().await {
        site.write(|tx, base| {
            let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("auditor").unwrap(), CLERK, date(2022, 1, 1), "")
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let home = clerk.get("/").await.text;
        assert_eq!(entries(&home).len(), 9, "{home}");
        let imports = clerk.get(&format!("/units/{ROOT}/imports")).await.text;
        for page in ["lists", "operations", "audit"] {
            assert!(imports.contains(&format!("<a href=\"/units/{ROOT}/{page}\">")), "{page}: {imports}");
            let text = clerk.get(&format!("/units/{ROOT}/{page}")).await.text;
            assert!(text.contains(&format!("<a href=\"/units/{ROOT}/imports\">导入</a>")), "{page}: {text}");
            assert!(text.contains("aria-current=\"page\">设置</a>"), "{page}: {text}");
        }
        let secretary = site.sign_in(SECRETARY).await.get("/").await.text;
        assert!(!entries(&secretary).contains(&"设置"), "{secretary}");
    }
}
