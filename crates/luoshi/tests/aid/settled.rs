//! The account of a fund: what comes in, what it covers, and what is published of it.

use super::*;

#[tokio::test]
async fn what_the_account_does_not_cover_is_refused_with_the_form_as_it_was_filled() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 300_000).await;
        let case = format!("{DESK}/cases/{}", due(&site, ASKING, "accident", 500_000).await);
        let handler = site.sign_in(HANDLER).await;
        let refused = step(&handler, &case, &[("to", "paid"), ("paid-note", "转账到本人账户")]).await;
        assert!(
            refused.status == 422 && refused.text.contains("余额 3000.00 元，不足以支付 5000.00 元"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains("转账到本人账户</textarea>"));
        let dues = [("sort", "dues"), ("amount", "2500.50"), ("on", "2023-05-15"), ("note", "留存党费")];
        assert_eq!(handler.send(ENTRIES, ENTRIES, &dues).await.status, 303);
        assert_eq!(step(&handler, &case, &[("to", "paid")]).await.status, 303);
        let twice = step(&handler, &case, &[("to", "paid")]).await;
        assert!(twice.status == 422 && twice.text.contains("已发放"), "{}", twice.text);
        let csv = handler.get(&format!("{ENTRIES}?as=csv")).await.text;
        let rows: Vec<&str> = csv.lines().map(|line| line.trim_start_matches('\u{feff}')).collect();
        assert_eq!(rows[0], "序号,日期,项目,收入（元）,支出（元）,余额（元）", "{csv}");
        assert!(rows[1].ends_with("捐款,3000.00,,3000.00") && rows[2].contains("2500.50,,5500.50"), "{csv}");
        assert!(rows[3].ends_with("互助金发放,,5000.00,500.50") && !csv.contains("同志105"), "{csv}");
        assert!(handler.get_english(&format!("{ENTRIES}?as=csv")).await.text.contains("Aid paid"));

        // a gift that is spent cannot be made good; a payment that came back can, once, and may be paid anew
        let spent = handler.send(ENTRIES, "/units/2/aid/counters", &[("counters", "1"), ("why", "记错")]).await;
        assert!(
            spent.status == 422 && spent.text.contains("不足以支付") && spent.text.contains("value=\"记错\""),
            "{}",
            spent.text
        );
        let back = [("counters", "3"), ("why", "银行退票")];
        assert_eq!(handler.send(ENTRIES, "/units/2/aid/counters", &back).await.status, 303);
        let again = handler.send(ENTRIES, "/units/2/aid/counters", &back).await;
        assert!(again.status == 422 && again.text.contains("已经冲正"), "{}", again.text);
        assert!(handler.get(&case).await.text.contains("已退回"));
        assert_eq!(step(&handler, &case, &[("to", "paid")]).await.status, 303);
        assert_eq!(step(&handler, &case, &[("to", "closed")]).await.status, 303);
        assert!(handler.get(DESK).await.text.contains("余额 <b>500.50</b>"));
        for (key, typed, words) in [
            ("amount", "-1", "请填金额"),
            ("amount", "0", "大于零"),
            ("amount", "99999999999999999999", "请填金额"),
            ("on", "2023-05-16", "日期不能在今天之后"),
            ("on", "2023-02-30", "没有 30 日"),
            ("givers", "0", "请填写捐款人数"),
            ("sort", "payment", "请选择来源"),
        ] {
            let mut fields =
                vec![("sort", "donation"), ("amount", "10"), ("on", "2023-05-15"), ("givers", "2"), ("note", "补记")];
            fields.iter_mut().filter(|(name, _)| *name == key).for_each(|(_, value)| *value = typed);
            let refused = handler.send(ENTRIES, ENTRIES, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words), "{key} {typed}: {}", refused.text);
            assert!(refused.text.contains("value=\"补记\""), "filled as it was");
        }
    }
}

#[tokio::test]
async fn of_two_payments_at_once_from_a_balance_for_one_only_one_is_made() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 500_000).await;
        let one = format!("{DESK}/cases/{}", due(&site, ASKING, "accident", 500_000).await);
        let two = format!("{DESK}/cases/{}", due(&site, 111, "accident", 500_000).await);
        let (handler, decider) = (site.sign_in(HANDLER).await, site.sign_in(DECIDER).await);
        let (a, b) = tokio::join!(step(&handler, &one, &[("to", "paid")]), step(&decider, &two, &[("to", "paid")]));
        let mut said = [a.status, b.status];
        said.sort_unstable();
        assert_eq!(said, [303, 422]);
        let loser = if a.status == 422 { &a } else { &b };
        assert!(loser.text.contains("余额 0.00 元，不足以支付 5000.00 元"), "{}", loser.text);
        assert!(handler.get(DESK).await.text.contains("余额 <b>0.00</b>"));
        let twice = tokio::join!(step(&handler, &one, &[("to", "closed")]), step(&decider, &one, &[("to", "closed")]));
        assert!(twice.0.status != twice.1.status || twice.0.status == 422, "nobody closes it twice");
    }
}

#[tokio::test]
async fn others_are_told_numbers_that_tell_of_nobody() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let case = format!("{DESK}/cases/{}", due(&site, ASKING, "illness", 1_000_000).await);
        assert_eq!(step(&site.sign_in(HANDLER).await, &case, &[("to", "paid")]).await.status, 303);
        let clerk = site.sign_in(CLERK).await;
        let page = clerk.get(DESK).await.text;
        assert!(page.contains("50000.00") && page.contains("10000.00") && page.contains("40000.00"), "{page}");
        assert!(page.contains("不足5") && page.contains("人数少，不单列"), "one person helped is not told: {page}");
        for words in ["同志105", "住院手术", "/aid/cases/"] {
            assert!(!page.contains(words), "{words}");
        }
        let csv = clerk.get(&format!("{DESK}?as=csv")).await.text;
        assert!(csv.contains("帮助（人）,不足5") && csv.contains("捐款人次,20"), "{csv}");
        // a program is told the same numbers, also one of who handles cases
        for who in [CLERK, HANDLER] {
            let Answer { status, text, .. } = site.sign_in(who).await.get("/api/v1/units/2/aid?year=2023").await;
            let told = text.contains("不足5") && !text.contains("同志105");
            assert!(status == 404 && who == HANDLER || status == 200 && told, "{who} {status} {text}");
        }
        let english = clerk.get_english(DESK).await.text;
        assert!(english.contains("Persons helped") && english.contains("fewer than 5"), "{english}");
        assert!(clerk.get("/units/3/aid").await.text.contains("没有设立互助金"));
        for person in [STRANGER, SECRETARY] {
            assert_eq!(site.sign_in(person).await.get(DESK).await.status, 404, "{person}");
        }
    }
}
