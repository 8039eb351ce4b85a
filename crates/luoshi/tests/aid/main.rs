//! Mutual aid: from an application to a payment, who may not see it, the account, and two payments at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod asking;
#[allow(dead_code)]
#[path = "../place/mod.rs"]
mod place;
mod settled;

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
    let calendar = luoshi_rules::Calendar::parse(include_str!("../../../../packs/holidays.toml")).unwrap();
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
