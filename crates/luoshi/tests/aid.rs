//! Mutual aid: from an application to a payment, who may not see it, the account, and two payments at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)]
mod place;

use jiff::civil::{Date, date};
use luoshi_rules::Verb;
use luoshi_rules::aid::{Application, Sort, Step};
use luoshi_store::aid::case::Act;
use luoshi_store::aid::{self as store, Income};
use luoshi_store::{account, holding, unit};
use place::program::json;
use place::*;

/// Two who handle the fund of the committee, one who used to, and who has other posts there.
const HANDLER: i64 = 106;
const DECIDER: i64 = 107;
const FORMER: i64 = 108;
const CHIEF: i64 = 109;
const AUDITOR: i64 = 110;
/// A member whom nobody here is.
const ASKING: i64 = 105;

const DESK: &str = "/units/2/aid";
const ENTRIES: &str = "/units/2/aid/entries";
const MINE: &str = "/me/aid";

/// Accounts and posts.
async fn staffed(site: &Site) {
    site.write(|tx, base| {
        for id in [ASKING, HANDLER, DECIDER, FORMER, CHIEF, AUDITOR, 111, 112] {
            account::add(tx, ROOT, id, &format!("user{id}"), "-")?;
        }
        let committee = unit::find(tx, COMMITTEE)?;
        let permit = leave(base, &committee, Verb::Roll, TODAY);
        let post = base.post("aid_handler").unwrap();
        for id in [HANDLER, DECIDER] {
            holding::appoint(tx, &permit, post, id, date(2023, 1, 2), "")?;
        }
        holding::recall(tx, &permit, (post, FORMER), (date(2021, 1, 1), date(2023, 5, 14)), "")?;
        let chief = base.post("organ_committee_secretary").unwrap();
        holding::appoint(tx, &permit, chief, CHIEF, date(2023, 1, 2), "")?;
        let permit = leave(base, &unit::find(tx, ROOT)?, Verb::Roll, TODAY);
        holding::appoint(tx, &permit, base.post("auditor").unwrap(), AUDITOR, date(2023, 1, 2), "")?;
        Ok(())
    })
    .await;
}

/// The fund of the committee, with so many fen given by twenty.
async fn funded(site: &Site, fen: i64) {
    site.write(move |tx, base| {
        let at = unit::find(tx, COMMITTEE)?;
        let by = holding::actor(tx, ROOT, HANDLER, date(2023, 3, 1))?.handler(base, &at)?;
        store::open(tx, &by, "爱心互助金")?;
        let (giver, words) = (String::new(), "一日捐".to_owned());
        let income =
            Income { sort: Sort::Donation, amount: fen, on: date(2023, 3, 1), givers: 20, person: 0, giver, words };
        store::receive(tx, &by, &store::kept(tx, &by)?.unwrap(), &income)
    })
    .await;
}

/// A case that was publicised long enough ago.
async fn due(site: &Site, person: i64, reason: &'static str, fen: i64) -> i64 {
    let calendar = luoshi_rules::Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap();
    site.write(move |tx, base| {
        let (on, at, aid) = (date(2023, 4, 10), unit::find(tx, COMMITTEE)?, base.aid.as_ref().unwrap());
        let who = |id: i64, on: Date| holding::actor(tx, ROOT, id, on);
        let told = Application {
            reason: reason.into(),
            words: "住院手术，花费较多".into(),
            proof: "出院小结".into(),
            ..Application::default()
        };
        let asking = who(person, on)?;
        let fund = store::serving(tx, &asking)?.unwrap();
        let id = store::case::apply(tx, &asking, (&fund, aid), &told, &[])?;
        for (step, by, amount) in
            [(Step::Checked, HANDLER, 0), (Step::Approved, DECIDER, fen), (Step::Publicised, HANDLER, 0)]
        {
            let by = who(by, on)?.handler(base, &at)?;
            let act = Act { note: "属实".into(), amount };
            store::case::take(tx, &by, (&fund, aid, &calendar), (id, step), &act, &|_| "T.Z.".into())?;
        }
        Ok(id)
    })
    .await
}

fn told<'a>(reason: &'a str, words: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("reason", reason), ("words", words), ("proof", "诊断证明一份"), ("agree", "1")]
}

async fn asked(who: &Visitor<'_>, fields: &[(&str, &str)]) {
    let done = who.send(MINE, MINE, fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

/// The address of the first case on the desk.
async fn first_case(who: &Visitor<'_>) -> String {
    let desk = who.get(DESK).await.text;
    let rest = desk.split_once("/units/2/aid/cases/").unwrap_or_else(|| panic!("no case in {desk}")).1;
    format!("{DESK}/cases/{}", rest.split('"').next().unwrap())
}

async fn step(who: &Visitor<'_>, case: &str, fields: &[(&str, &str)]) -> Answer {
    who.send(case, &format!("{case}/steps"), fields).await
}

#[tokio::test]
async fn a_member_asks_and_is_helped_step_by_step_by_two_who_handle_it() {
    for site in sites().await {
        staffed(&site).await;
        let (handler, decider, member) =
            (site.sign_in(HANDLER).await, site.sign_in(DECIDER).await, site.sign_in(MEMBER).await);
        assert!(member.get(MINE).await.text.contains("还没有设立互助金"));
        assert_eq!(handler.send(DESK, DESK, &[("name", "爱心互助金")]).await.status, 303);
        let again = handler.send(ENTRIES, DESK, &[("name", "第二个")]).await;
        assert!(again.status == 422 && again.text.contains("已设立互助金"), "{}", again.text);
        let gift =
            [("sort", "donation"), ("amount", "5000"), ("on", "2023-05-15"), ("givers", "10"), ("giver", "张晓明")];
        assert_eq!(handler.send(ENTRIES, ENTRIES, &gift).await.status, 303);
        assert!(member.get(MINE).await.text.contains("我的捐款"));

        asked(&member, &told("hardship", "家庭突遭变故，缺少生活来源")).await;
        let own = member.get(MINE).await.text;
        assert!(own.contains("我的申请") && own.contains("家庭突遭变故") && own.contains("已申请"), "{own}");
        let home = handler.get("/").await.text;
        assert!(home.contains("互助金经办") && home.contains("待办申请 <b>1</b>"), "{home}");
        let case = first_case(&handler).await;
        let page = handler.get(&case).await.text;
        assert!(page.contains("张晓明") && page.contains("家庭突遭变故") && page.contains("诊断证明一份"), "{page}");
        let bare = step(&handler, &case, &[("to", "checked"), ("checked-note", "")]).await;
        assert!(bare.status == 422 && bare.text.contains("请写明情况"), "{}", bare.text);
        assert_eq!(step(&handler, &case, &[("to", "checked"), ("checked-note", "走访属实")]).await.status, 303);
        let self_made = step(&handler, &case, &[("to", "approved"), ("approved-amount", "3000")]).await;
        assert!(self_made.status == 422 && self_made.text.contains("核实人不能审批"), "{}", self_made.text);
        let over = [("to", "approved"), ("approved-amount", "4000.00"), ("approved-note", "研究决定")];
        let over = step(&decider, &case, &over).await;
        assert!(over.status == 422 && over.text.contains("每例 3000.00 元"), "{}", over.text);
        assert!(
            over.text.contains("value=\"4000.00\"") && over.text.contains("研究决定</textarea>"),
            "filled as it was"
        );
        assert_eq!(step(&decider, &case, &[("to", "approved"), ("approved-amount", "3000")]).await.status, 303);
        let early = step(&decider, &case, &[("to", "paid")]).await;
        assert!(early.status == 422 && early.text.contains("已批准"), "{}", early.text);
        assert_eq!(step(&handler, &case, &[("to", "publicised")]).await.status, 303);
        let early = step(&decider, &case, &[("to", "paid")]).await;
        assert!(early.status == 422 && early.text.contains("公示至 2023-05-22"), "{}", early.text);
        for page in
            [member.get(MINE).await.text, site.sign_in(CLERK).await.get(&format!("{DESK}/publication")).await.text]
        {
            assert!(page.contains("Z.X.M.") && page.contains("生活困难"), "{page}");
        }
        let listed = json(&site.sign_in(CLERK).await, "/api/v1/units/2/aid/publication").await;
        assert_eq!(
            listed["items"],
            serde_json::json!([{ "initials": "Z.X.M.", "reason": "生活困难", "from": "2023-05-15", "until": "2023-05-22" }])
        );
        let printed = handler.get(&format!("{DESK}/publication")).await.text;
        assert!(printed.contains("Z.X.M.") && !printed.contains("张晓明") && !printed.contains("3000"), "{printed}");
        let other = site.sign_in(OTHER).await.get(MINE).await.text;
        assert!(other.contains("Z.X.M.") && !other.contains("张晓明") && !other.contains("变故"), "{other}");
    }
}

#[tokio::test]
async fn what_was_told_of_illness_is_seen_by_handlers_and_who_told_it_and_by_nobody_else() {
    const WORDS: &str = "肝移植术后排异";
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let member = site.sign_in(MEMBER).await;
        let mut fields = told("illness", WORDS);
        fields.extend([("kin", "欧阳慧敏"), ("relation", "配偶")]);
        asked(&member, &fields).await;
        let case = first_case(&site.sign_in(HANDLER).await).await;
        for person in [CLERK, SECRETARY, OTHER, ASKING, STRANGER, FORMER, CHIEF, AUDITOR] {
            let who = site.sign_in(person).await;
            for path in [case.as_str(), ENTRIES] {
                assert_eq!(who.get(path).await.status, 404, "{person} {path}");
            }
            for path in
                [format!("{case}/steps"), format!("{case}/recusal"), ENTRIES.into(), "/units/2/aid/counters".into()]
            {
                assert_eq!(
                    who.send("/me", &path, &[("to", "checked"), ("checked-note", "x")]).await.status,
                    404,
                    "{path}"
                );
            }
            for path in [
                DESK,
                "/units/1/aid",
                "/units/2/aid?as=csv",
                "/units/2/aid/publication",
                "/api/v1/units/2/aid",
                "/api/v1/units/2/aid/publication",
                "/",
                MINE,
                "/units/2",
                "/units/1/people?q=张晓明",
                "/units/1/matters?state=all",
                "/units/1/audit?act=aid",
                "/me/copy",
            ] {
                let page = who.get(path).await.text;
                assert!(!page.contains(WORDS) && !page.contains("欧阳慧敏"), "{person} {path}");
            }
        }
        let id = case.rsplit('/').next().unwrap();
        let stolen = site.sign_in(ASKING).await.send(MINE, &format!("{MINE}/{id}/steps"), &[("to", "withdrawn")]).await;
        assert_eq!(stolen.status, 404, "nobody withdraws the case of another");
        let audit = site.sign_in(AUDITOR).await.get("/units/1/audit?act=aid&as=csv").await.text;
        assert!(audit.contains("申请互助金") && !audit.contains("张晓明"), "{audit}");
        // for programs there is what everybody is told, and nothing of cases or the account
        let mut open: Vec<_> = luoshi_web::paths().into_iter().filter(|path| path.contains("/aid")).collect();
        open.retain(|path| path.starts_with("/api"));
        open.sort_unstable();
        assert_eq!(open, ["/api/v1/units/{unit}/aid", "/api/v1/units/{unit}/aid/publication"]);
        if site.db.engine().contains("SQLite") {
            let mut bytes = std::fs::read(site.file()).unwrap();
            bytes.extend(std::fs::read(format!("{}-wal", site.file().display())).unwrap_or_default());
            for words in [WORDS, "欧阳慧敏", "诊断证明一份"] {
                assert!(!bytes.windows(words.len()).any(|at| at == words.as_bytes()), "{words} lies in the file");
            }
            assert!(bytes.windows(12).any(|at| at == "爱心互助".as_bytes()), "the search finds what is there");
        }
        let copy = member.get_bytes("/me/copy").await;
        assert_eq!(copy.0, 200);
    }
}

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

#[tokio::test]
async fn whoever_rules_appoints_handlers_but_not_themselves_and_sees_no_case_by_it() {
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let clerk = site.sign_in(CLERK).await;
        let posts = "/units/2/posts";
        let itself = [("post", "aid_handler"), ("person", "周文静"), ("from", "2023-05-15")];
        let refused = clerk.send(posts, posts, &itself).await;
        assert!(refused.status == 422 && refused.text.contains("不能任命自己"), "{}", refused.text);
        let other = [("post", "aid_handler"), ("person", "同志112"), ("from", "2023-05-15")];
        assert_eq!(clerk.send(posts, posts, &other).await.status, 303);
        assert!(site.sign_in(112).await.get(DESK).await.text.contains("待办"));
        assert_eq!(clerk.get(ENTRIES).await.status, 404);
    }
}

#[tokio::test]
async fn hostile_text_in_any_of_its_forms_is_kept_as_text_or_refused_in_words() {
    let huge = "好".repeat(30_000);
    let hostile =
        ["<script>alert(1)</script>", "'; drop table aid_case; --", "=cmd|'/c calc'!A1", "-9223372036854775808", &huge];
    for site in sites().await {
        staffed(&site).await;
        funded(&site, 5_000_000).await;
        let (handler, member) = (site.sign_in(HANDLER).await, site.sign_in(MEMBER).await);
        asked(&member, &told("illness", "<script>alert(1)</script>")).await;
        let case = first_case(&handler).await;
        for text in hostile {
            for key in ["reason", "kin", "relation", "words", "proof", "cost", "relatives"] {
                let mut fields = told("hardship", "住院");
                fields.retain(|(name, _)| *name != key);
                fields.push((key, text));
                let answer = member.send(MINE, MINE, &fields).await;
                assert!([303, 422].contains(&answer.status), "{key}: {}", answer.status);
                let own = member.get(MINE).await.text;
                assert!(!own.contains("<script>alert(1)"), "{key} comes back as it is");
                if let Some(rest) = own.split_once("/me/aid/").filter(|_| answer.status == 303) {
                    let to = format!("{MINE}/{}/steps", rest.1.split('/').next().unwrap());
                    member.send(MINE, &to, &[("to", "withdrawn")]).await;
                }
            }
            for key in ["sort", "amount", "on", "givers", "giver", "note"] {
                let mut fields = vec![("sort", "donation"), ("amount", "1"), ("on", "2023-05-15"), ("givers", "1")];
                fields.retain(|(name, _)| *name != key);
                fields.push((key, text));
                let answer = handler.send(ENTRIES, ENTRIES, &fields).await;
                assert!([303, 422].contains(&answer.status), "{key}: {}", answer.status);
                assert!(!handler.get(ENTRIES).await.text.contains("<script>alert(1)"));
            }
            for fields in [[("counters", text), ("why", text)], [("counters", "1"), ("why", text)]] {
                assert!([303, 422].contains(&handler.send(ENTRIES, "/units/2/aid/counters", &fields).await.status));
            }
            for fields in [[("to", text), ("checked-note", "x")], [("to", "checked"), ("checked-note", text)]] {
                let answer = step(&handler, &case, &fields).await;
                assert!(
                    [303, 422].contains(&answer.status) && !answer.text.contains("<script>alert(1)"),
                    "{}",
                    answer.status
                );
            }
        }
    }
}
