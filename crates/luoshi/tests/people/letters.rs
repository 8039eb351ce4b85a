//! Letters of transfer and handovers: what changes hands, by page and by program.

use super::*;

#[tokio::test]
async fn a_letter_takes_a_person_from_one_branch_to_the_other() {
    for site in sites().await {
        let member = MEMBER;
        let (from, to) = (SECRETARY, OTHER);
        let ask = format!("/people/{member}/transfers");
        let (status, _, page) = send(&site, from, &ask, &[("to", "中共第二支"), ("why", "调动")]).await;
        assert!(status == 422 && page.contains("中共第二支部") && page.contains("value=\"调动\""));
        // the name that pages show serves too
        let (status, letter, _) = send(&site, from, &ask, &[("to", " 第二支部"), ("why", "调动")]).await;
        assert_eq!(status, 303);
        let (status, _, page) = send(&site, from, &ask, &[("to", "中共机关党委")]).await;
        assert!(status == 422 && page.contains("正在转接"));
        let id = letter.rsplit('/').next().unwrap().to_owned();
        let theirs = format!("/units/{}/transfers/{id}", SECOND);
        let (_, page) = get(&site, to, &theirs).await;
        assert!(
            page.contains("张晓明") && !page.contains("接收</button>"),
            "nothing to accept before the letter is issued"
        );
        assert_eq!(send(&site, from, &format!("{letter}/steps"), &[("to", "issued")]).await.0, 303);
        let (_, list) = get(&site, to, &format!("/units/{}/transfers", SECOND)).await;
        assert!(list.contains("张晓明") && list.contains("已开介绍信"));
        let (_, page) = get(&site, to, &theirs).await;
        assert!(page.contains("接收</button>") && page.contains("退回</button>"));
        assert_eq!(
            send(&site, from, &format!("{letter}/steps"), &[("to", "accepted")]).await.0,
            404,
            "nobody accepts their own letter"
        );
        // the note of a step is that of its own form, and stays there when it is refused
        let steps = format!("{theirs}/steps");
        assert!(page.contains("name=\"refused-note\""), "{page}");
        let (status, _, page) = send(&site, to, &steps, &[("to", "refused"), ("refused-note", "")]).await;
        assert!(status == 422 && page.contains("id=\"refused-note-error\""), "{page}");
        let long = "长".repeat(2_001);
        let (status, _, page) = send(&site, to, &steps, &[("to", "refused"), ("refused-note", &long)]).await;
        assert!(status == 422 && page.contains(&long), "what was typed is there");
        assert_eq!(send(&site, to, &format!("{theirs}/steps"), &[("to", "accepted")]).await.0, 303);
        let (status, _, page) =
            send(&site, to, &format!("{theirs}/steps"), &[("to", "refused"), ("note", "不接收")]).await;
        assert!(status == 422 && page.contains("已接收"));
        assert_eq!(get(&site, from, &format!("/people/{member}")).await.0, 404);
        let (_, page) = get(&site, to, &format!("/people/{member}")).await;
        assert!(page.contains("第二支部") && page.contains("2023-05-14"));
    }
}

#[tokio::test]
async fn a_letter_is_sent_back_from_its_page_with_a_reason_that_the_sender_reads() {
    for site in sites().await {
        let (from, to) = (site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        let ask = format!("/people/{MEMBER}/transfers");
        let letter = from.send(&format!("/people/{MEMBER}"), &ask, &[("to", "中共第二支部")]).await.to;
        assert_eq!(from.send(&letter, &format!("{letter}/steps"), &[("to", "issued")]).await.status, 303);
        let theirs = letter.replace("/units/3/", "/units/4/");
        let form = [("to", "refused"), ("refused-note", "档案还没有到"), ("accepted-note", "")];
        let done = to.send(&theirs, &format!("{theirs}/steps"), &form).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = from.get(&letter).await.text;
        assert!(page.contains("已退回") && page.contains("档案还没有到"), "{page}");
        let (_, steps) = page.split_once("<ol class=\"timeline\">").unwrap();
        assert!(steps.contains("李建国") && steps.contains("王秀兰"), "who issued it and who sent it back: {page}");
    }
}

#[tokio::test]
async fn a_post_is_handed_over_with_both_signatures() {
    for site in sites().await {
        let (giver, taker, unit) = (SECRETARY, OTHER, FIRST);
        let id = giver.to_string();
        let (_, page) =
            get(&site, CLERK, &format!("/units/{unit}/handovers/new?post=branch_secretary&giver={id}")).await;
        assert!(page.contains("未了职责") && page.contains("发起交接"));
        let hand = |name: &'static str| [("post", "branch_secretary"), ("giver", id.as_str()), ("taker", name)];
        let (status, _, page) = send(&site, CLERK, &format!("/units/{unit}/handovers"), &hand("无此人")).await;
        assert!(status == 422 && page.contains("没有找到这个人") && page.contains("value=\"无此人\""));
        let (status, to, _) = send(&site, CLERK, &format!("/units/{unit}/handovers"), &hand("王秀兰")).await;
        assert_eq!(status, 303);
        let own = format!("/handovers/{}", to.rsplit('/').next().unwrap());
        assert_eq!(get(&site, MEMBER, &own).await.0, 404);
        let (_, me) = get(&site, taker, "/me").await;
        assert!(me.contains("待签字的交接") && me.contains(&own));
        assert_eq!(send(&site, taker, &format!("{own}/signatures"), &[]).await.0, 303);
        let (status, _, page) = send(&site, taker, &format!("{own}/signatures"), &[]).await;
        assert!(status == 422 && page.contains("您已签字"));
        assert_eq!(send(&site, giver, &format!("{own}/signatures"), &[]).await.0, 303);
        let (_, page) = get(&site, CLERK, &to).await;
        assert!(page.contains("交接完成") && page.matches("已签字").count() == 2);
        assert_eq!(get(&site, taker, &format!("/units/{unit}/people")).await.0, 200, "the taker is secretary at once");
        assert_eq!(get(&site, giver, &format!("/units/{unit}/people")).await.0, 404, "the giver no longer");
    }
}

#[tokio::test]
async fn programs_of_two_branches_transfer_somebody_and_hand_a_post_over() {
    for site in sites().await {
        let (from, to) = (Program::of(&site, SECRETARY).await, Program::of(&site, OTHER).await);
        let ask = format!("/people/{MEMBER}/transfers");
        from.refused(&ask, json!({ "to": "中共第二支", "why": "调动" }), "to").await;
        let body = json!({ "to": "中共第二支部", "why": "调动" });
        assert_eq!(act(&site, &from.reading, "reads", &ask, &body).await.0, 403);
        assert_eq!(to.ask(&ask, &body).await.0, 404, "not on their roll");
        let letter = from.done(&ask, body).await;
        let (theirs, ours) =
            (format!("/units/4/transfers/{letter}/steps"), format!("/units/3/transfers/{letter}/steps"));
        from.done(&ours, json!({ "to": "issued" })).await;
        let list = to.get("/units/4/transfers").await;
        assert_eq!(
            (column(&list, "id"), column(&list, "person_id")),
            (vec![json!(letter)], vec![json!(MEMBER.to_string())])
        );
        assert_eq!(from.ask(&ours, &json!({ "to": "accepted" })).await.0, 404, "nobody accepts their own letter");
        to.done(&theirs, json!({ "to": "accepted" })).await;
        assert_eq!(column(&to.get("/units/4/transfers?state=closed").await, "to_id"), [json!("4")]);
        assert_eq!(to.get(&format!("/people/{MEMBER}")).await["unit"], "4");
        assert_eq!(from.read(&format!("/people/{MEMBER}")).await.0, 404);

        let hands = |taker: &str| json!({ "post": "branch_secretary", "giver": SECRETARY, "taker": taker });
        let clerk = Program::of(&site, CLERK).await;
        clerk.refused("/units/3/handovers", hands("无此人"), "taker").await;
        let id = clerk.done("/units/3/handovers", hands("王秀兰")).await;
        let items = clerk.get(&format!("/units/3/handovers/{id}")).await;
        assert!(!column(&items, "item").is_empty() && items == to.get(&format!("/handovers/{id}")).await, "{items}");
        let sign = format!("/handovers/{id}/signatures");
        assert_eq!(clerk.ask(&sign, &json!({})).await.0, 404, "neither side");
        to.done(&sign, json!({})).await;
        assert_eq!(to.ask(&sign, &json!({})).await.0, 422, "signed already");
        from.done(&sign, json!({})).await;
        assert_eq!(to.read("/units/3/people").await.0, 200, "the taker is secretary at once");
        assert_eq!(from.read("/units/3/people").await.0, 404, "the giver no longer");
    }
}
