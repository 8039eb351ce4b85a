//! Pledges: made by a member or a unit, looked back at once a year, seen by the branch and counted above it, published
//! only as long as the pledger agrees.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::date;
use luoshi_rules::Verb;
use luoshi_store::pledge::{self, Made};
use luoshi_store::{holding, unit};
use place::program::{act, json, tokens};
use place::{CLERK, COMMITTEE, MEMBER, OTHER, ROOT, SECRETARY, STRANGER, Site, TODAY, leave, sites};
use serde_json::json;

const MINE: &str = "/me/pledges";
const OURS: &str = "/units/3/2023/pledges";

fn pledge(text: &str) -> [(&str, &str); 3] {
    [("made-year", "2023"), ("made-text", text), ("made-measure", "四次")]
}

/// A member's pledge of the year before, which is to be looked back at.
async fn old(site: &Site, person: i64) -> i64 {
    site.write(move |tx, base| {
        let actor = holding::actor(tx, ROOT, person, date(2022, 12, 1))?;
        let permit = actor.permit(base, Verb::See, &unit::find(tx, actor.home)?)?;
        let made = Made { year: 2022, text: "每月值一次班", measure: "十二次", published: true };
        pledge::make(tx, &permit, base.pledge.as_ref().unwrap(), &made)
    })
    .await
}

#[tokio::test]
async fn the_branch_sees_a_pledge_those_above_count_it_and_the_page_shows_what_was_agreed() {
    for site in sites().await {
        // somebody above the branch who is not on its roll
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let post = base.post("organ_committee_secretary").unwrap();
            holding::appoint(tx, &leave(base, &at, Verb::Roll, TODAY), post, OTHER, date(2021, 1, 1), "")
        })
        .await;
        let (member, clerk) = (site.sign_in(MEMBER).await, site.sign_in(CLERK).await);
        let done = member.send(MINE, MINE, &pledge("每季走访一户")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let mine = member.get(MINE).await.text;
        assert!(mine.contains("每季走访一户") && mine.contains("○ 不公开"), "{mine}");
        let id = mine.split("/me/pledges/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let secretary = site.sign_in(SECRETARY).await;
        assert!(secretary.get(OURS).await.text.contains("每季走访一户"), "the branch sees it");
        let other = site.sign_in(OTHER).await;
        let above = other.get(OURS).await.text;
        assert!(!above.contains("每季走访一户") && !above.contains("张晓明"), "above it is counted: {above}");
        assert!(above.contains("共 <b>1</b> 条"), "{above}");
        assert!(other.get("/units/2/2023/pledges").await.text.contains("共 <b>1</b> 条"));
        let page = format!("{OURS}/published");
        assert!(!secretary.get(&page).await.text.contains("每季走访一户"), "nobody agreed yet");

        // only the pledger agrees, and only they take it back
        let consent = format!("{MINE}/{id}/consent");
        assert_eq!(other.send(MINE, &consent, &[("to", "publish")]).await.status, 404);
        let forced = secretary.send(OURS, &format!("/units/3/pledges/{id}/consent"), &[("to", "publish")]).await;
        assert_eq!(forced.status, 404, "the secretary does not agree for a member");
        assert_eq!(member.send(MINE, &consent, &[("to", "publish")]).await.status, 303);
        assert_eq!(member.send(MINE, &consent, &[("to", "publish")]).await.status, 303, "saying it twice is no harm");
        for who in [&secretary, &clerk, &other] {
            assert!(who.get(&page).await.text.contains("每季走访一户"));
        }
        let root = clerk.get("/units/1/2023/pledges/published").await.text;
        assert!(root.contains("每季走访一户") && root.contains("张晓明"), "{root}");
        let file = clerk.get(&format!("{page}?as=html")).await;
        assert!(file.text.starts_with("<!DOCTYPE html>") && file.text.contains("每季走访一户"), "{}", file.text);
        for elsewhere in ["http", "href", "src=", "<script", "@import", "url("] {
            assert!(!file.text.contains(elsewhere), "the file needs nothing from elsewhere: {elsewhere}");
        }
        assert_eq!(member.send(MINE, &consent, &[("to", "withhold")]).await.status, 303);
        for path in [page.clone(), format!("{page}?as=html"), "/units/1/2023/pledges/published".to_owned()] {
            assert!(!clerk.get(&path).await.text.contains("每季走访一户"), "{path}: gone once taken back");
        }
        assert!(!other.get(OURS).await.text.contains("每季走访一户"));
        let stranger = site.sign_in(STRANGER).await;
        assert_eq!((stranger.get(OURS).await.status, stranger.get(&page).await.status), (404, 404));
    }
}

#[tokio::test]
async fn a_pledge_is_looked_back_at_once_a_year_by_whose_it_is() {
    for site in sites().await {
        let id = old(&site, MEMBER).await;
        let (member, secretary) = (site.sign_in(MEMBER).await, site.sign_in(SECRETARY).await);
        assert!(member.get("/").await.text.contains("我的承诺待回看：1"));
        let todo = secretary.get("/units/3/2023/duties").await.text;
        assert!(todo.contains("名册上党员尚未回看的承诺：1"), "{todo}");
        let to = format!("{MINE}/{id}/look-back");
        let (year, state, words, next) =
            (format!("{id}-year"), format!("{id}-state"), format!("{id}-words"), format!("{id}-next"));
        let back = |which: &'static str, stands: &'static str, said: &'static str| {
            [(year.as_str(), which), (state.as_str(), stands), (words.as_str(), said), (next.as_str(), "carry")]
        };
        let bare = member.send(MINE, &to, &back("2022", "kept", "")).await;
        assert!(bare.status == 422 && bare.text.contains("请用一句话说明"), "{}", bare.text);
        assert!(bare.text.contains("value=\"kept\" selected"), "what was chosen stays");
        let wrong = member.send(MINE, &to, &back("2022", "very-much", "好")).await;
        assert!(wrong.status == 422 && wrong.text.contains("请选择做得怎么样"), "{}", wrong.text);
        let theirs = secretary.send(MINE, &to, &back("2022", "kept", "替他说")).await;
        assert_eq!(theirs.status, 404, "nobody looks back for another");
        let (kept, open) = (back("2022", "kept", "值班十二次"), back("2022", "open", "没有做到"));
        let (one, two) = tokio::join!(member.send(MINE, &to, &kept), member.send(MINE, &to, &open));
        let mut said = [one.status, two.status];
        said.sort_unstable();
        assert!(said[0] == 303 && [409, 422].contains(&said[1]), "of two at once one counts: {said:?}");
        let again = member.send(MINE, &to, &back("2022", "kept", "再来一次")).await;
        assert!(again.status == 422 && again.text.contains("2022 年已回看过"), "{}", again.text);
        let early = member.send(MINE, &to, &back("2023", "kept", "早了")).await;
        assert!(early.status == 422 && early.text.contains("自 2023-11-15 起"), "{}", early.text);
        assert!(!member.get("/").await.text.contains("待回看"));
        let counts = secretary.get("/units/3/2022/pledges?as=csv").await.text;
        assert!(counts.contains("已兑现,1") || counts.contains("未兑现,1"), "{counts}");
        let now = secretary.get(OURS).await.text;
        assert!(now.contains("每月值一次班") && now.contains("未回看"), "carried into this year: {now}");
    }
}

#[tokio::test]
async fn a_unit_pledges_by_its_secretary_and_bad_input_comes_back() {
    for site in sites().await {
        let (secretary, member) = (site.sign_in(SECRETARY).await, site.sign_in(MEMBER).await);
        assert_eq!(secretary.send(OURS, "/units/3/pledges", &pledge("减掉三张表")).await.status, 303);
        let page = member.get(OURS).await.text;
        assert!(page.contains("减掉三张表") && !page.contains("action=\"/units/3/pledges\""), "{page}");
        assert_eq!(member.send(OURS, "/units/3/pledges", &pledge("替支部承诺")).await.status, 404);
        assert!(site.sign_in(CLERK).await.get(OURS).await.text.contains("减掉三张表"), "a unit's is seen above");
        let long = "承".repeat(201);
        for (key, typed, words) in [
            ("made-text", "", "请填写，200字以内"),
            ("made-text", long.as_str(), "请填写，200字以内"),
            ("made-measure", " ", "请填写，200字以内"),
            ("made-year", "2030", "请选择今年或明年"),
            ("made-year", "<script>", "请选择今年或明年"),
        ] {
            let mut fields = pledge("<b>办实事</b>");
            fields.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = typed);
            let refused = member.send(MINE, MINE, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{key}: {}", refused.text);
            assert!(!refused.text.contains("<b>办实事</b>"), "what is typed is no markup");
        }
        for n in 0..10 {
            let text = format!("承诺{n}");
            assert_eq!(member.send(MINE, MINE, &pledge(&text)).await.status, 303);
        }
        let many = member.send(MINE, MINE, &pledge("第十一条")).await;
        assert!(many.status == 422 && many.text.contains("已有10条承诺在进行"), "{}", many.text);
    }
}

#[tokio::test]
async fn a_program_pledges_for_its_unit_and_is_told_of_each_field_by_its_own_name() {
    for site in sites().await {
        let [reads, writes] = tokens(&site).await;
        let (list, all) = ("/api/v1/units/3/2023/pledges", "/units/3/pledges");
        let made = json!({ "year": "2023", "text": "每季走访一户", "measure": "四次", "published": "1" });
        let (status, told) = act(&site, &writes, "a", all, &made).await;
        assert_eq!((status, &told["address"]), (200, &json!(OURS)), "{told}");
        assert_eq!(act(&site, &writes, "a", all, &made).await.0, 200, "asked again, it is not done again");
        let secretary = site.sign_in(SECRETARY).await;
        let rows = json(&secretary, list).await;
        let counted: i64 = rows["items"].as_array().unwrap().iter().map(|row| row["pledges"].as_i64().unwrap()).sum();
        assert_eq!((counted, &rows["items"][0]["unit_id"]), (1, &json!("3")), "{rows}");

        let (status, told) =
            act(&site, &writes, "b", all, &json!({ "year": "2023", "text": "", "measure": "四次" })).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("text")), "{told}");
        assert_eq!(act(&site, &reads, "c", all, &made).await.0, 403);
        assert_eq!(act(&site, &writes, "d", "/units/1/pledges", &made).await.0, 404);
        let page = secretary.get(OURS).await.text;
        let id = page.split("/pledges/").filter_map(|rest| rest.split('/').next()?.parse::<i64>().ok()).next().unwrap();
        let hide = format!("{all}/{id}/consent");
        assert_eq!(act(&site, &writes, "e", &hide, &json!({ "to": "withhold" })).await.0, 200);
        assert!(!secretary.get(&format!("{OURS}/published")).await.text.contains("每季走访一户"));
    }
}
