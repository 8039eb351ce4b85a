//! Problems found at a meeting or a check become matters, each knows its record, and the record says what came of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::{holding, unit};
use place::program::{act, json, tokens};
use place::{COMMITTEE, MEMBER, OTHER, SECRETARY, TODAY, leave, sites};
use serde_json::json;

#[tokio::test]
async fn problems_of_an_organisational_life_meeting_are_put_right_and_closed_by_another_unit() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let permit = leave(base, &at, Verb::Roll, TODAY);
            holding::appoint(tx, &permit, base.post("organ_committee_secretary").unwrap(), OTHER, date(2021, 1, 1), "")
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=org-life-meeting";
        let fields = [("kind", "org-life-meeting"), ("on", "2023-05-10"), ("topic", "组织生活会")];
        let record = secretary.send(form, "/units/3/records", &fields).await.to;
        let page = secretary.get(&record).await.text;
        assert!(page.contains("还没有列出问题") && page.contains("转为整改事项"), "{page}");
        let to = format!("{record}/problems");
        let send = |lines: &'static str, by: &'static str, owner: &'static str| {
            let (secretary, record, to) = (&secretary, record.clone(), to.clone());
            async move {
                let fields = [("problems-lines", lines), ("problems-by", by), ("problems-owner", owner)];
                secretary.send(&record, &to, &fields).await
            }
        };
        let past = send("理论学习不够深入", "2023-05-14", "").await;
        assert!(
            past.status == 422
                && past.text.contains("整改期限不能在今天之前")
                && past.text.contains("理论学习不够深入</textarea>")
        );
        assert!(send(" \n ", "2023-06-30", "").await.text.contains("请写出问题"));
        assert!(send("甲", "2023-06-30", "第二支部").await.text.contains("责任组织须是本组织或其下级组织"));
        assert!(send("甲", "", "").await.text.contains("请填日期"));
        let done = send("理论学习不够深入\n联系群众不够经常\n理论学习不够深入", "2023-06-30", "").await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&record).await.text;
        assert!(
            page.contains("联系群众不够经常") && page.contains("◐ 整改中") && page.contains("2023-06-30"),
            "{page}"
        );
        assert_eq!(page.matches("理论学习不够深入</a>").count(), 1, "each once: {page}");
        let again = send("群众观念\n联系群众不够经常", "2023-06-30", "").await;
        assert!(again.status == 422 && again.text.contains("“联系群众不够经常”已经列过"), "{}", again.text);
        assert!(!secretary.get(&record).await.text.contains("群众观念"), "all or nothing");

        let matter = page.split("/units/3/matters/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let matter = format!("/units/3/matters/{matter}");
        let open = secretary.get(&matter).await.text;
        assert!(open.contains("来自") && open.contains(&format!("href=\"{record}\"")), "it knows its record: {open}");
        let steps = format!("{matter}/steps");
        let id = record.rsplit('/').next().unwrap();
        let claim = [("to", "claimed"), ("claimed-note", "已补学三次"), ("claimed-evidence", id)];
        let claimed = secretary.send(&matter, &steps, &claim).await;
        assert_eq!(claimed.status, 303, "{}", claimed.text);
        let own = secretary.send(&matter, &steps, &[("to", "closed")]).await;
        assert!(own.status == 404 || own.status == 422 || own.status == 403, "nobody closes their own: {}", own.status);
        let above = site.sign_in(OTHER).await;
        let seen = above.get(&matter).await.text;
        assert!(seen.contains("核实销号"), "{seen}");
        let closed = above.send(&matter, &steps, &[("to", "closed")]).await;
        assert_eq!(closed.status, 303, "{}", closed.text);
        let page = secretary.get(&record).await.text;
        let card = page.split("id=\"problems\"").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(card.contains("● 已销号"), "{card}");
        let english = secretary.get_english(&record).await.text;
        assert!(english.contains("To be put right") && english.contains("List problems to be put right"));

        let member = site.sign_in(MEMBER).await;
        assert!(!member.get(&record).await.text.contains("转为整改事项"));
    }
}

#[tokio::test]
async fn a_record_of_another_kind_tells_of_no_problems() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=general-meeting";
        let fields = [("kind", "general-meeting"), ("on", "2023-05-10"), ("topic", "党员大会")];
        let record = secretary.send(form, "/units/3/records", &fields).await.to;
        assert!(!secretary.get(&record).await.text.contains("列出问题"));
        let fields = [("problems-lines", "甲"), ("problems-by", "2023-06-30")];
        assert_eq!(secretary.send(&record, &format!("{record}/problems"), &fields).await.status, 404);
    }
}

#[tokio::test]
async fn a_program_lists_the_problems_of_a_check_as_matters() {
    for site in sites().await {
        let [_, writes] = tokens(&site).await;
        let body = json!({ "kind": "org-life-meeting", "on": "2023-05-10", "topic": "组织生活会" });
        let (status, made) = act(&site, &writes, "a", "/units/3/records", &body).await;
        assert_eq!(status, 200, "{made}");
        let to = format!("/units/3/records/{}/problems", made["id"].as_str().unwrap());
        let late = json!({ "lines": "理论学习不够深入", "by": "2023-05-14" });
        let (status, told) = act(&site, &writes, "b", &to, &late).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("by")), "{told}");
        let two = json!({ "lines": "理论学习不够深入\n联系群众不够经常", "by": "2023-06-30" });
        assert_eq!(act(&site, &writes, "c", &to, &two).await.0, 200);
        let secretary = site.sign_in(SECRETARY).await;
        let list = json(&secretary, "/api/v1/units/3/matters?flow=put-right").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
        assert_eq!(list["items"][0]["limit"], "2023-06-30");
    }
}
