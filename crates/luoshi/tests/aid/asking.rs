//! Asking for help: what must be told, and whose case it is not.

use super::*;

#[tokio::test]
async fn nobody_handles_their_own_case_or_that_of_declared_kin() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let (handler, decider, member) =
            (site.sign_in(HANDLER).await, site.sign_in(DECIDER).await, site.sign_in(MEMBER).await);
        asked(&handler, &told("hardship", "本人困难")).await;
        let desk = handler.get(DESK).await.text;
        assert!(!desk.contains("/aid/cases/"), "one's own case is not on the desk: {desk}");
        let own = first_case(&decider).await;
        for answer in [handler.get(&own).await, step_bare(&handler, &own).await] {
            assert!(answer.status == 422 && answer.text.contains("本人或您亲属"), "{} {}", answer.status, answer.text);
        }
        assert_eq!(step(&decider, &own, &[("to", "checked"), ("checked-note", "属实")]).await.status, 303);
        assert_eq!(step_bare(&handler, &own).await.status, 422);

        let mut fields = told("accident", "车祸受伤");
        fields.push(("relatives", "同志107"));
        asked(&member, &fields).await;
        assert!(!decider.get(DESK).await.text.contains("张晓明"), "kin who was named does not see it");
        let case = first_case(&handler).await;
        assert!(decider.get(&case).await.text.contains("本人或您亲属"));
        assert_eq!(handler.send(&case, &format!("{case}/recusal"), &[]).await.status, 303);
        assert!(handler.get(&case).await.text.contains("本人或您亲属"), "who keeps away sees it no more");
        let unknown = [("relatives", "没有这人")];
        let fields = [&told("illness", "病")[..], &unknown[..]].concat();
        let refused = member.send(MINE, MINE, &fields).await;
        assert!(refused.status == 422 && refused.text.contains("请改正：没有这人"), "{}", refused.text);
        assert!(refused.text.contains("诊断证明一份</textarea>"), "filled as it was");
    }
}

async fn step_bare(who: &Visitor<'_>, case: &str) -> Answer {
    who.send("/me", &format!("{case}/steps"), &[("to", "checked"), ("checked-note", "属实")]).await
}

#[tokio::test]
async fn an_application_that_says_too_little_is_refused_and_one_may_take_it_back() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let member = site.sign_in(MEMBER).await;
        let long = "长".repeat(1_001);
        for (key, typed, words) in [
            ("reason", "lottery", "请选择情形"),
            ("words", "", "请写明情况"),
            ("words", &long, "1000字以内"),
            ("proof", " ", "有哪些证明"),
            ("agree", "", "请先勾选同意"),
            ("cost", "很多", "请填金额"),
            ("kin", "王五", "姓名和关系都要填"),
        ] {
            let mut fields = told("illness", "住院");
            fields.retain(|(name, _)| *name != key);
            fields.push((key, typed));
            let refused = member.send(MINE, MINE, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{key}: {}", refused.text);
        }
        assert!(!member.get(MINE).await.text.contains("我的申请"), "nothing was kept");
        asked(&member, &told("illness", "住院")).await;
        let double = member.send(MINE, MINE, &told("illness", "再次")).await;
        assert!(double.status == 422 && double.text.contains("不必重复"), "{}", double.text);
        let english = member.get_english(MINE).await.text;
        assert!(
            english.contains("What I asked for")
                && english.contains("Applied for")
                && english.contains("Serious illness")
        );
        let case = first_case(&site.sign_in(HANDLER).await).await;
        let desk = site.sign_in(HANDLER).await.get_english(&case).await.text;
        assert!(desk.contains("Write down what was found") && desk.contains("What shows it"), "{desk}");
        let id = case.rsplit('/').next().unwrap();
        assert_eq!(member.send(MINE, &format!("{MINE}/{id}/steps"), &[("to", "withdrawn")]).await.status, 303);
        assert!(member.get(MINE).await.text.contains("已撤回"));
        let late = member.send(MINE, &format!("{MINE}/{id}/steps"), &[("to", "withdrawn")]).await;
        assert!(late.status == 422 && late.text.contains("不能撤回"), "{}", late.text);
        let gone = step(&site.sign_in(HANDLER).await, &case, &[("to", "checked"), ("checked-note", "x")]).await;
        assert!(gone.status == 422 && gone.text.contains("已撤回"), "{}", gone.text);
    }
}
