//! A directive from its text to the matters of branches, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod place;

use place::program::{Program, act, column};
use place::*;
use serde_json::json;

const HOME: &str = "/units/1/intake";
const NOTICE: &str = "关于开展主题学习的通知\n各党支部：\n去年共开展学习326次。\n\
    各党支部要在6月底前组织一次集中学习，7月15日前召开一次研讨会。第一支部要在5月底前报送学习计划。\n\
    办公室要及时做好保障。\n2023年5月10日";

/// Pastes a text and returns the address of what it became.
async fn paste(who: &Visitor<'_>, text: &str) -> String {
    let sent = who.send(HOME, HOME, &[("text", text)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    sent.to
}

/// The value of a field of the page.
fn value(page: &str, name: &str) -> String {
    let rest = page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    let tag = rest.split_once('>').unwrap();
    match tag.0.split_once("value=\"") {
        Some((_, value)) => value.split('"').next().unwrap().to_owned(),
        None => tag.1.split('<').next().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_pasted_directive_becomes_matters_and_each_branch_sees_its_own() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let address = paste(&clerk, NOTICE).await;
        let page = clerk.get(&address).await.text;
        assert!(page.contains("<mark id=\"s1\">") && page.contains("共 2 个"), "{page}");
        assert_eq!(value(&page, "by-1"), "2023-06-30");
        assert_eq!(value(&page, "owners-3"), "第一支部");
        assert!(!page.contains("name=\"take-4\" value=\"1\" checked"), "an office that is none of ours is not ticked");

        let fields = [
            ("edition", "1"),
            ("text-1", "组织一次集中学习，人人发言"),
            ("owners-1", "各党支部"),
            ("by-1", "2023-06-28"),
            ("kind-1", "study"),
            ("take-1", "1"),
            ("text-2", "召开研讨会"),
            ("owners-2", ""),
            ("by-2", ""),
            ("kind-2", "meeting"),
            ("text-3", "报送学习计划"),
            ("owners-3", "第一支部"),
            ("by-3", "2023-05-31"),
            ("kind-3", "report"),
            ("take-3", "1"),
        ];
        let made = clerk.send(&address, &format!("{address}/matters"), &fields).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let page = clerk.get(&address).await.text;
        assert!(
            page.contains("已交办 3") && page.contains("这份文件已经交办过") && page.contains("人人发言"),
            "{page}"
        );

        let home = site.sign_in(SECRETARY).await.get("/").await.text;
        assert!(home.contains("人人发言") && home.contains("2023-06-28") && home.contains("报送学习计划"), "{home}");
        let other = site.sign_in(OTHER).await.get("/").await.text;
        assert!(other.contains("人人发言") && !other.contains("报送学习计划"), "{other}");
        let secretary = site.sign_in(SECRETARY).await;
        let matter = home.split_once("/units/3/matters/").unwrap().1.split('"').next().unwrap();
        let shown = secretary.get(&format!("/units/3/matters/{matter}")).await.text;
        assert!(
            shown.contains("关于开展主题学习的通知") && shown.contains("填报进展") && !shown.contains("核实"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn the_same_document_again_shows_what_is_made_and_makes_nothing_twice() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let address = paste(&clerk, NOTICE).await;
        let fields = [("edition", "1")];
        assert_eq!(clerk.send(&address, &format!("{address}/matters"), &fields).await.status, 303);
        let before = clerk.get(&address).await.text;
        // the same text, spoiled on its way
        let spoiled = NOTICE.replace("机关", "機關").replace("学习", "学(xué)习(xí)").replace("6月", "６月");
        assert_eq!(paste(&clerk, &spoiled).await, address);
        let again = clerk.send(&address, &format!("{address}/matters"), &[("edition", "2")]).await;
        assert!(again.status == 422 && again.text.contains("请先勾选"), "{}", again.text);
        let count = |page: &str| page.matches("/matters/").count();
        assert_eq!(count(&clerk.get(&address).await.text), count(&before));
        assert!(clerk.get(HOME).await.text.contains("5 项"), "{}", clerk.get(HOME).await.text);
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_said_beside_its_field_and_what_was_typed_stays() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let address = paste(&clerk, NOTICE).await;
        let fields = [
            ("edition", "1"),
            ("text-1", "我改过的话"),
            ("owners-1", "第一枝部"),
            ("by-1", ""),
            ("take-1", "1"),
            ("text-3", "给自己的"),
            ("owners-3", "林泽厅党组"),
            ("by-3", "2023-05-31"),
            ("take-3", "1"),
        ];
        let answer = clerk.send(&address, &format!("{address}/matters"), &fields).await;
        assert_eq!(answer.status, 422);
        for words in ["我改过的话", "是不是“第一支部”", "请填办结日期", "不能交办给本级自己"]
        {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
        let english = clerk.get_english(&address).await.text;
        assert!(english.contains("Make matters") && !english.contains(">study<"), "{english}");
        let saved = clerk.send(&address, &address, &[("edition", "1"), ("act", "save"), ("text-1", "甲")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let late = clerk.send(&address, &address, &[("edition", "1"), ("act", "save"), ("text-1", "乙")]).await;
        assert!(late.status == 422 && late.text.contains("刚刚有人改过") && late.text.contains("乙"), "{}", late.text);
    }
}

#[tokio::test]
async fn a_day_that_does_not_exist_costs_nobody_the_text_they_pasted_and_every_document_is_in_the_file() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let wrong = clerk.send(HOME, HOME, &[("text", NOTICE), ("day", "2023-02-30")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("2 月没有 30 日"), "{}", wrong.text);
        assert!(wrong.text.contains("关于开展主题学习的通知") && wrong.text.contains("value=\"2023-02-30\""), "kept");
        for n in 0..52 {
            paste(&clerk, &format!("第{n}号通知\n各党支部要在6月底前报送学习计划。")).await;
        }
        let rows = clerk.get(&format!("{HOME}?as=csv")).await.text;
        assert_eq!(rows.matches("号通知").count(), 52, "not the first page alone");
        let page = clerk.get(HOME).await.text;
        assert_eq!(page.matches("号通知").count(), 50, "{page}");
    }
}

#[tokio::test]
async fn measures_are_merged_added_and_kept_as_a_draft() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let address = paste(&clerk, NOTICE).await;
        let page = clerk.get(&address).await;
        let draft = [
            ("csrf", page.hidden("csrf")),
            ("form", address.clone()),
            ("edition", "1".into()),
            ("text-1", "打了一半".into()),
        ];
        let draft: Vec<(&str, &str)> = draft.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(clerk.post("/drafts", &draft).await.status, 204);
        assert!(clerk.get(&address).await.text.contains("打了一半"));
        let merged = clerk.send(&address, &address, &[("edition", "1"), ("act", "merge-2")]).await;
        assert_eq!(merged.status, 303, "{}", merged.text);
        let page = clerk.get(&address).await.text;
        assert!(
            page.contains("组织一次集中学习；7月15日前召开一次研讨会") && !page.contains("name=\"text-2\""),
            "{page}"
        );
        clerk.send(&address, &address, &[("edition", "2"), ("act", "add")]).await;
        let page = clerk.get(&address).await.text;
        assert!(page.contains("自己补充") && page.contains("name=\"text-5\""), "{page}");
    }
}

#[tokio::test]
async fn who_may_not_give_orders_finds_nothing_and_marked_papers_leave_no_trace() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let address = paste(&clerk, NOTICE).await;
        for who in [MEMBER, STRANGER] {
            let visitor = site.sign_in(who).await;
            assert_eq!(visitor.get(HOME).await.status, 404);
            assert_eq!(visitor.get(&address).await.status, 404);
        }
        // a branch secretary may act in the branch, and sees nothing of the department's documents
        let secretary = site.sign_in(SECRETARY).await;
        let id = address.rsplit('/').next().unwrap();
        assert_eq!(secretary.get(&format!("/units/3/intake/{id}")).await.status, 404);
        let marked = clerk.send(HOME, HOME, &[("text", "机密★10年\n关于某某事项的通知")]).await;
        assert!(
            marked.status == 422 && marked.text.contains("未作保存") && !marked.text.contains("某某事项"),
            "{}",
            marked.text
        );
        assert!(!clerk.get(HOME).await.text.contains("某某事项"));
        for (name, bytes, words) in [
            ("a.docx", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"[..], "另存为 .docx"),
            ("a.txt", b"", "没有文字"),
            ("a.pdf", b"%PDF-1.7", "PDF"),
        ] {
            let answer = clerk.upload(HOME, HOME, name, bytes).await;
            assert!(answer.status == 422 && answer.text.contains(words), "{name}: {}", answer.text);
        }
        let large = vec![b'a'; 40 << 20];
        let answer = clerk.upload(HOME, HOME, "large.txt", &large).await;
        assert!(answer.status == 422 && answer.text.contains("20 MB"), "{} {}", answer.status, answer.text);
        let strange = clerk.send(HOME, HOME, &[("text", "關於學習的通知\n各鄉鎮黨委要在6月底前開展學習。")]).await;
        let page = clerk.get(&strange.to).await.text;
        assert!(page.contains("各乡镇党委") && !page.contains("checked"), "{page}");
    }
}

#[tokio::test]
async fn a_word_file_is_read_by_the_child() {
    let bytes = include_bytes!("../../luoshi-text/tests/marked/02-key-points.docx");
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let sent = clerk.upload(HOME, HOME, "要点.docx", bytes).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = clerk.get(&sent.to).await.text;
        assert!(
            page.contains("措施 10") && page.contains("要点.docx") && page.contains("走访慰问生活困难党员"),
            "{page}"
        );
        let program = Program::of(&site, CLERK).await;
        let (status, told) = program.upload(&format!("{HOME}?day=2023-03-01&name=points.docx"), bytes).await;
        assert_eq!(status, 200, "{told}");
        assert!(sent.to.contains(told["id"].as_str().unwrap()), "the same document was read already: {told}");
        for (question, file, words) in [
            ("", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"[..], "另存为 .docx"),
            ("", b"", "没有文字"),
            ("?day=soon", bytes, "日期"),
            ("?weather=fine", bytes, "没有“weather”"),
        ] {
            let (status, told) = program.upload(&format!("{HOME}{question}"), file).await;
            assert!(status == 422 && told["detail"].as_str().unwrap().contains(words), "{words}: {told}");
        }
    }
}

#[tokio::test]
async fn a_program_pastes_a_directive_mends_its_measures_and_makes_matters_of_them() {
    for site in sites().await {
        let clerk = Program::of(&site, CLERK).await;
        clerk.refused(HOME, json!({ "text": "" }), "text").await;
        clerk.refused(HOME, json!({ "text": NOTICE, "day": "昨天" }), "day").await;
        clerk.refused(HOME, json!({ "text": NOTICE, "file": "a.docx" }), "file").await;
        clerk.only_here(HOME, "/units/9/intake", json!({ "text": NOTICE })).await;
        let (status, told) = act(&site, &clerk.writing, "paste", HOME, &json!({ "text": NOTICE })).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(act(&site, &clerk.writing, "paste", HOME, &json!({ "text": NOTICE })).await.1, told);
        let id = told["id"].as_str().unwrap();
        let at = format!("{HOME}/{id}");
        assert_eq!(column(&clerk.get(HOME).await, "id"), [json!(id)]);
        let read = clerk.get(&at).await;
        let (body, all) = (read["body"].as_str().unwrap(), read["measures"].as_array().unwrap());
        let first = &all[0];
        let place = |key: &str| usize::try_from(first[key].as_u64().unwrap()).unwrap();
        assert_eq!(
            body.get(place("from")..place("until")),
            first["text"].as_str(),
            "each measure is told by its place"
        );
        assert_eq!((&first["by"], &first["take"]), (&json!("2023-06-30"), &json!(true)), "{first}");
        assert!(first["confidence"].as_f64().unwrap() > 0.6 && !first["kind"].as_str().unwrap().is_empty(), "{first}");
        assert_eq!(all[3]["take"], json!(false), "an office that is none of ours");

        // mended, dropped, merged, added; what is not sent stays
        let save = json!({ "edition": read["edition"], "text-1": "组织一次集中学习，人人发言", "take-2": false });
        clerk.done(&at, save.clone()).await;
        assert_eq!(clerk.ask(&at, &save).await.0, 422, "of two who mend one edition the second is told");
        let read = clerk.get(&at).await;
        let all = read["measures"].as_array().unwrap();
        assert_eq!((&all[0]["text"], &all[0]["by"]), (&json!("组织一次集中学习，人人发言"), &json!("2023-06-30")));
        assert_eq!((&all[0]["take"], &all[1]["take"]), (&json!(true), &json!(false)));
        clerk.done(&at, json!({ "edition": read["edition"], "act": "merge-2" })).await;
        let read = clerk.get(&at).await;
        assert_eq!(read["measures"].as_array().unwrap().len(), all.len() - 1);
        clerk.done(&at, json!({ "edition": read["edition"], "act": "add" })).await;
        let read = clerk.get(&at).await;
        let new = read["measures"].as_array().unwrap().last().unwrap()["seq"].to_string();

        let field = |name: &str| format!("{name}-{new}");
        let make = |by: &str| {
            json!({ "edition": read["edition"], field("text"): "报送小结", field("owners"): "第二支部",
                field("by"): by, field("take"): 1 })
        };
        clerk.refused(&format!("{at}/matters"), make("年底"), &field("by")).await;
        clerk.done(&format!("{at}/matters"), make("2023-07-31")).await;
        let read = clerk.get(&at).await;
        let last = read["measures"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["matters"][0]["unit"], json!("4"), "{last}");
        let theirs = clerk.get("/units/4/matters?flow=directive&own=true").await;
        assert!(column(&theirs, "title").contains(&json!("报送小结")), "{theirs}");
        assert!(
            column(&theirs, "title").iter().any(|one| one.as_str().unwrap().starts_with("组织一次集中学习，人人发言"))
        );
    }
}
