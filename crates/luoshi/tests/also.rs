//! One meeting, one record: what it counts as besides its own kind, and who came from above to listen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{holding, unit};
use place::{COMMITTEE, OTHER, SECRETARY, TODAY, Visitor, leave, sites};

const FORM: &str = "/units/3/records/new?kind=theme-day";
const RECORDS: &str = "/units/3/records";

/// The line of the ledger for a clause and period.
async fn line(visitor: &Visitor<'_>, clause: &str, period: &str) -> String {
    let csv = visitor.get("/units/3/2023/matrix?as=csv").await.text;
    csv.lines().find(|line| line.contains(clause) && line.contains(period)).unwrap_or_default().to_owned()
}

/// What a figure of the branch says, and the records behind it.
async fn figure(visitor: &Visitor<'_>, id: &str) -> (usize, String) {
    let rows = visitor.get(&format!("/units/3/2023/figures/{id}/rows?as=csv")).await.text;
    (rows.lines().count() - 1, visitor.get(&format!("/units/3/2023/figures/{id}")).await.text)
}

#[tokio::test]
async fn a_theme_day_with_a_lecture_meets_both_duties_and_counts_once_in_each_figure() {
    for site in sites().await {
        site.app.count().await.unwrap();
        let secretary = site.sign_in(SECRETARY).await;
        let form = secretary.get(FORM).await.text;
        assert!(
            form.contains("同时算作")
                && form.contains("value=\"party-lecture\"")
                && form.contains("value=\"volunteer-service\"")
        );
        assert!(!secretary.get("/units/3/records/new?kind=general-meeting").await.text.contains("同时算作"));
        assert!(line(&secretary, "L3-04", "2023Q1").await.contains("逾期"));
        let fields = [
            ("kind", "theme-day"),
            ("on", "2023-03-10"),
            ("topic", "主题党日暨党课"),
            ("also", "party-lecture"),
            ("role-speaker", "102"),
            ("absent-105", "sick"),
        ];
        let looked = secretary.send(FORM, RECORDS, &[&fields[..], &[("check", "1")]].concat()).await.text;
        assert!(looked.contains("L3-04"), "told before it is saved: {looked}");
        let strange = [("kind", "theme-day"), ("on", "2023-03-10"), ("topic", "学习"), ("also", "election")];
        let refused = secretary.send(FORM, RECORDS, &strange).await;
        assert!(refused.status == 422 && refused.text.contains("请从列出的类型中选择"), "{}", refused.text);
        let done = secretary.send(FORM, RECORDS, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("同时算作") && page.contains("党课"), "{page}");
        assert!(!line(&secretary, "L3-04", "2023Q1").await.contains("逾期"), "the lecture of the quarter was held");
        let listed = secretary.get("/units/3/2023/records?kind=party-lecture").await.text;
        assert!(listed.contains("主题党日暨党课"), "found among the lectures: {listed}");

        // another lecture of its own; each figure has each record once
        let own = [("kind", "party-lecture"), ("on", "2023-03-20"), ("topic", "党课")];
        let lecture = secretary.send("/units/3/records/new?kind=party-lecture", RECORDS, &own).await;
        assert_eq!(lecture.status, 303, "{}", lecture.text);
        let (rows, page) = figure(&secretary, "branch-life").await;
        assert!(rows == 2 && page.contains(">2<"), "{rows} {page}");
        let (rows, _) = figure(&secretary, "theme-days").await;
        assert_eq!(rows, 1);
        // corrected: no lecture was held after all
        let correct = format!("{}/correct", done.to);
        let again = secretary.get(&correct).await;
        assert!(again.text.contains("value=\"party-lecture\" checked"), "{}", again.text);
        let without = [("kind", "theme-day"), ("version", "1"), ("on", "2023-03-10"), ("topic", "主题党日")];
        assert_eq!(secretary.send(&correct, &correct, &without).await.status, 303);
        let (rows, page) = figure(&secretary, "branch-life").await;
        assert!(rows == 1 && page.contains(">1<"), "{rows} {page}");
        let english = secretary.get_english(FORM).await.text;
        assert!(english.contains("Counts as well as") && english.contains("Volunteer service"));
    }
}

#[tokio::test]
async fn people_who_served_on_a_theme_day_are_counted_among_the_volunteers_once() {
    for site in sites().await {
        site.app.count().await.unwrap();
        let secretary = site.sign_in(SECRETARY).await;
        for day in ["2023-03-10", "2023-04-10"] {
            let fields = [("kind", "theme-day"), ("on", day), ("topic", "下沉社区"), ("also", "volunteer-service")];
            let with = |more: &[(&'static str, &'static str)]| [&fields[..], more].concat();
            // its hours are asked for, since they are counted
            let refused = secretary.send(FORM, RECORDS, &with(&[("hours", "")])).await;
            assert!(
                refused.status == 422 && refused.text.contains("志愿服务：每人服务小时：请填写"),
                "{}",
                refused.text
            );
            let refused = secretary.send(FORM, RECORDS, &with(&[("hours", "25")])).await;
            assert!(refused.status == 422 && refused.text.contains("最多 24"), "{}", refused.text);
            let done = secretary.send(FORM, RECORDS, &with(&[("hours", "3")])).await;
            assert_eq!(done.status, 303, "{}", done.text);
            let page = secretary.get(&done.to).await.text;
            assert!(page.contains("<dt>每人服务小时</dt><dd>3</dd>"), "{page}");
            let again = secretary.get(&format!("{}/correct", done.to)).await.text;
            assert!(again.contains("value=\"3\""), "a correction starts from what was recorded: {again}");
        }
        let idle = [("kind", "theme-day"), ("on", "2023-05-10"), ("topic", "学习"), ("hours", "2")];
        let refused = secretary.send(FORM, RECORDS, &idle).await;
        assert!(refused.status == 422 && refused.text.contains("请勾选它，或把数清空"), "{}", refused.text);
        let ledger = secretary.get("/units/3/2023/hours?kind=volunteer-service&as=csv").await.text;
        assert!(
            ledger.lines().any(|line| line.contains("张晓明") && line.ends_with("2,6")),
            "twice, six hours: {ledger}"
        );
        let (_, people) = figure(&secretary, "volunteers").await;
        assert!(people.contains(">11<") || people.contains("11人"), "eleven people, however often: {people}");
        let (_, times) = figure(&secretary, "volunteer-times").await;
        assert!(times.contains("22"), "{times}");
        let db = site.db.clone();
        tokio::task::spawn_blocking(move || luoshi_store::rollup::fold_all(&db).unwrap()).await.unwrap();
        let kept = site.write(|tx, _| luoshi_store::rollup::kept(tx, place::ROOT)).await;
        site.write(|tx, _| luoshi_store::rollup::rebuild(tx, place::ROOT).map(drop)).await;
        let anew = site.write(|tx, _| luoshi_store::rollup::kept(tx, place::ROOT)).await;
        assert!(!kept.is_empty() && kept == anew, "what acts kept is what the facts give: {kept:?} {anew:?}");
        let (_, again) = figure(&secretary, "volunteer-times").await;
        assert!(again.contains("22"), "{again}");
        let (_, hours) = figure(&secretary, "volunteer-hours").await;
        assert!(hours.contains(">66<") || hours.contains("66小时"), "eleven people, twice three hours: {hours}");
    }
}

#[tokio::test]
async fn observers_from_above_are_found_by_name_and_stand_on_the_record() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let permit = leave(base, &at, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("organ_committee_secretary").unwrap(), OTHER, date(2021, 1, 1), "")
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=general-meeting";
        assert!(secretary.get(form).await.text.contains("上级列席人员"));
        let base = [("kind", "general-meeting"), ("on", "2023-03-10"), ("topic", "学习")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let looked = secretary.send(form, RECORDS, &with(&[("above", "王"), ("check", "1")])).await;
        assert!(looked.status == 200 && looked.text.contains("王秀兰（机关党委）</option>"), "{}", looked.text);
        // by pinyin and initials too, as people are searched everywhere, in as many statements
        for typed in ["wangxiulan", "wxl", "WXL", "xiul"] {
            let before = site.db.asked();
            let looked = secretary.send(form, RECORDS, &with(&[("above", typed), ("check", "1")])).await;
            let asked = site.db.asked() - before;
            assert!(looked.text.contains("王秀兰（机关党委）</option>"), "{typed}: {}", looked.text);
            let before = site.db.asked();
            secretary.send(form, RECORDS, &with(&[("above", "王秀"), ("check", "1")])).await;
            assert!(asked <= site.db.asked() - before, "{typed}: {asked} statements");
        }
        let nobody = secretary.send(form, RECORDS, &with(&[("above", "无此人")])).await;
        assert!(
            nobody.status == 422
                && nobody.text.contains("没有任职人员叫“无此人”")
                && nobody.text.contains("value=\"无此人\"")
        );
        let done = secretary.send(form, RECORDS, &with(&[("above", "wxl")])).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("列席：王秀兰") && page.contains("应到 <b>11</b>"), "{page}");
        let again = secretary.get(&format!("{}/correct", done.to)).await.text;
        assert!(again.contains("selected>王秀兰（机关党委）</option>"), "kept through a correction: {again}");
        let chosen =
            secretary.send(form, RECORDS, &with(&[("role-observer", "103"), ("above", "王"), ("again", "1")])).await;
        assert_eq!(chosen.status, 303, "{}", chosen.text);
        let stranger = secretary.send(form, RECORDS, &with(&[("role-observer", "201"), ("again", "1")])).await;
        assert!(stranger.status == 422 && stranger.text.contains("请从名单中选择"), "{}", stranger.text);
    }
}
