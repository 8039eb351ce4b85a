//! The builder: a question of one's own, its number, and a figure kept on the page of a unit.

use super::{counted, entered, lecture, lecture_data};
use crate::place::{CLERK, FIRST, SECRETARY, STRANGER};

#[tokio::test]
async fn a_figure_is_built_kept_and_taken_off_again() {
    for site in counted().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(SECRETARY).await);
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        lecture(&secretary, "2023-04-01", "grassroots", "70").await;
        let asked = "kind=lecture&count=sum:people&option=audience:grassroots&from=3&until=5";
        let form = format!("/units/1/2023/figures/new?{asked}");
        let page = clerk.get(&form).await;
        assert!(page.text.contains("70人次"), "{}", page.text);
        let fields =
            [("kind", "lecture"), ("count", "sum:people"), ("option", "audience:grassroots"), ("name", "基层听众")];
        assert_eq!(clerk.send(&form, "/units/1/figures", &fields).await.status, 303);
        let shown = clerk.get("/units/1/2023/figures").await;
        assert!(shown.text.contains("基层听众 70人次"), "{}", shown.text);
        let key = shown.text.split("/figures/own-").nth(1).unwrap().split(['"', '?', '/']).next().unwrap().to_owned();
        assert!(!secretary.get("/units/3/2023/figures").await.text.contains("基层听众"), "it is the other unit's own");
        let one = format!("/units/1/2023/figures/own-{key}");
        assert_eq!(clerk.send(&one, &format!("/units/1/figures/own-{key}/drop"), &[]).await.status, 303);
        assert!(!clerk.get("/units/1/2023/figures").await.text.contains("基层听众"));
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_answered_in_words() {
    for site in counted().await {
        let clerk = site.sign_in(CLERK).await;
        for (asked, words) in [
            ("kind=nothing", "请选择纪实类型"),
            ("kind=lecture&count=sum:topic", "数字字段"),
            ("kind=lecture&option=audience:nobody", "选项"),
            ("kind=lecture&from=13", "月份为1至12"),
            ("kind=lecture&from=5&until=3", "起始月份在结束月份之后"),
        ] {
            let page = clerk.get(&format!("/units/1/2023/figures/custom?{asked}")).await;
            assert!(page.status == 422 && page.text.contains(words), "{asked}: {} {}", page.status, page.text);
        }
        assert_eq!(clerk.get("/units/1/2023/figures/no-such-figure").await.status, 404);
        assert_eq!(site.sign_in(STRANGER).await.get("/units/1/2023/figures").await.status, 404);
    }
}

#[tokio::test]
async fn a_question_of_several_kinds_options_and_months_is_kept_as_it_was_asked() {
    for site in counted().await {
        for (on, audience) in
            [("2023-02-01", "youth"), ("2023-03-01", "youth"), ("2023-04-01", "grassroots"), ("2023-04-02", "members")]
        {
            entered(&site, FIRST, on, "lecture", lecture_data(audience)).await;
        }
        entered(&site, FIRST, "2023-05-01", "theme-day", serde_json::json!({ "topic": "主题党日" })).await;
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/1/2023/figures/new?kind=lecture&kind=theme-day&from=3&until=5&by=month";
        let page = clerk.get(form).await;
        assert!(page.text.contains("4场次") || page.text.contains("4项"), "{}", page.text);
        assert!(page.text.contains("as=xlsx") && page.text.contains("by=month"), "{}", page.text);
        let form =
            "/units/1/2023/figures/new?kind=lecture&option=audience:youth&option=audience:grassroots&from=3&until=5";
        let page = clerk.get(form).await;
        assert!(page.text.contains("2项") || page.text.contains("2场次"), "{}", page.text);
        let fields = [
            ("kind", "lecture"),
            ("count", "records"),
            ("option", "audience:youth,audience:grassroots"),
            ("from", "3"),
            ("until", "5"),
            ("name", "春季宣讲"),
        ];
        assert_eq!(clerk.send(form, "/units/1/figures", &fields).await.status, 303);
        let shown = clerk.get("/units/1/2023/figures?as=csv").await.text;
        assert!(shown.contains("春季宣讲,2,"), "{shown}");
        let key = clerk.get("/units/1/2023/figures").await.text;
        let key = key.split("/figures/own-").nth(1).unwrap().split(['"', '?', '/']).next().unwrap().to_owned();
        let one = clerk.get(&format!("/units/1/2023/figures/own-{key}")).await.text;
        assert!(one.contains("只计3–5月"), "{one}");
        let rows = clerk.get(&format!("/units/1/2023/figures/own-{key}/rows?as=csv")).await.text;
        assert_eq!(rows.matches("政策宣讲").count(), 2, "{rows}");
    }
}

#[tokio::test]
async fn a_figure_that_cannot_be_kept_comes_back_as_it_was_filled_with_the_reason_beside_the_field() {
    for site in counted().await {
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/1/2022/figures/new?kind=lecture&count=sum:people&option=audience:grassroots&from=3&until=5";
        let fields = [
            ("year", "2022"),
            ("kind", "lecture"),
            ("count", "sum:people"),
            ("option", "audience:grassroots"),
            ("from", "3"),
            ("until", "5"),
        ];
        let long = "长".repeat(61);
        for (name, words) in [(" ", "请给这个数起个名字"), (long.as_str(), "名称最多60字")] {
            let mut sent = fields.to_vec();
            sent.push(("name", name));
            let page = clerk.send(form, "/units/1/figures", &sent).await;
            assert_eq!(page.status, 422, "{}", page.text);
            let text = &page.text;
            let beside = text.split("name=\"name\"").nth(1).unwrap().split("</form>").next().unwrap();
            assert!(beside.contains(&format!("value=\"{}\"", name.trim())) && beside.contains(words), "{text}");
            // the question stands in the builder, and goes on there
            assert!(text.contains("<option value=\"lecture\" selected>"), "{text}");
            assert!(
                text.contains("value=\"audience:grassroots\" selected") && text.contains("name=\"from\""),
                "{text}"
            );
            assert!(text.contains("action=\"/units/1/2022/figures/new\""), "{text}");
        }
        // months that are none stand beside their box, in the builder too
        let mut sent = fields.to_vec();
        sent.extend([("name", "春季"), ("until", "13")]);
        sent.retain(|pair| *pair != ("until", "5"));
        let page = clerk.send(form, "/units/1/figures", &sent).await;
        assert!(page.status == 422 && page.text.contains("value=\"春季\""), "{}", page.text);
        assert!(page.text.contains("value=\"13\"") && page.text.contains("月份为1至12"), "{}", page.text);
        let asked = clerk.get("/units/1/2023/figures/new?kind=lecture&from=5&until=3").await;
        assert!(asked.status == 422 && asked.text.contains("起始月份在结束月份之后"), "{}", asked.text);
        assert!(asked.text.contains("<option value=\"lecture\" selected>"), "{}", asked.text);
        assert!(!clerk.get("/units/1/2023/figures").await.text.contains("春季"), "nothing was kept");
    }
}

#[tokio::test]
async fn every_part_of_a_figure_of_ones_own_opens_though_units_below_do_not_know_it() {
    for site in counted().await {
        entered(&site, FIRST, "2023-03-01", "lecture", lecture_data("youth")).await;
        entered(&site, FIRST, "2023-04-01", "lecture", lecture_data("grassroots")).await;
        entered(&site, FIRST, "2023-02-01", "lecture", lecture_data("youth")).await;
        let clerk = site.sign_in(CLERK).await;
        let form = "/units/2/2023/figures/new?kind=lecture";
        let fields = [
            ("kind", "lecture"),
            ("count", "sum:people"),
            ("option", "audience:youth,audience:grassroots"),
            ("from", "3"),
            ("until", "5"),
            ("name", "春季听众"),
        ];
        assert_eq!(clerk.send(form, "/units/2/figures", &fields).await.status, 303);
        let year = clerk.get("/units/2/2023/figures").await.text;
        let key = year.split("/figures/own-").nth(1).unwrap().split(['"', '?', '/']).next().unwrap();
        let parts = clerk.get(&format!("/units/2/2023/figures/own-{key}?by=unit")).await.text;
        let line = parts.split("第一支部").nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(line.contains("20人次"), "{line}");
        let rows = line.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let rows = clerk.get(&rows).await;
        assert_eq!(rows.status, 200, "{}", rows.text);
        assert_eq!(rows.text.matches("10人次").count(), 2, "{}", rows.text);
    }
}
