//! A team out and back, by the pages and by the command.

use super::*;

#[tokio::test]
async fn a_team_goes_out_works_alone_comes_back_whole_and_its_machine_is_wiped_with_a_receipt() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let (at, page) = (format!("{round}/exchanges"), clerk.get(&round).await.text);
        assert!(page.contains("在单机上，自 2023-05-15"), "{page}");
        let whole = matter(&page, "设计院党委");

        // meanwhile nobody takes a step at home, and says why
        let leader = site.sign_in(LEADER).await;
        let matter_page = leader.get(&format!("/units/5/matters/{whole}")).await.text;
        assert!(
            matter_page.contains("收回之后才能在这里办理") && !matter_page.contains("name=\"to\""),
            "{matter_page}"
        );
        refused(&step(&leader, whole, "arrived", &[]).await, "在单机上办理");
        refused(
            &clerk.send(&round, &format!("{round}/targets"), &[("team", "1"), ("units", "机关党委")]).await,
            "单机",
        );

        // the team has what it needs and nothing else
        let (away, words) = (machine.site().await, ["何志远", "罗成文", "宋佳音"]);
        let own = away.sign_in(LEADER).await;
        let home = own.get("/").await.text;
        assert!(home.contains("单机副本") && home.contains("第一轮"), "{home}");
        for name in words {
            assert!(!finds(&machine.folder, name).is_empty(), "{name} is needed");
        }
        for name in ["李建国", "张晓明", PHONE, "外人甲"] {
            assert!(finds(&machine.folder, name).is_empty(), "{name} stays at home");
        }
        for path in ["/units/2", "/units/1/people", "/people/130", &round] {
            assert_eq!(own.get(path).await.status, 404, "{path}");
        }

        done(&step(&own, whole, "arrived", &[]).await);
        done(&step(&own, whole, "counted", &[("talks", "20"), ("questionnaires", "50")]).await);
        found(&away, whole, 0..5).await;
        let interim = machine.give(false).await;
        found(&away, whole, 5..12).await;
        let finding = matter(&own.get(&format!("/units/5/matters/{whole}")).await.text, "（3）");
        done(&attach(&away, &own, finding, PAPER).await);
        done(&step(&own, whole, "left", &[]).await);
        done(&step(&own, whole, "reported", &[]).await);
        let package = machine.give(true).await;
        refused(&step(&own, whole, "leads", &[("leads", "1")]).await, "");
        let more = [("flow", "finding"), ("found-title", "晚了"), ("found-aspect", "team"), ("found-problem", "晚")];
        let page = format!("/units/5/matters/{whole}");
        let late = own.send("/me/requests", &format!("{page}/parts"), &more).await;
        refused(&late, "不再办理");

        // back in two packages, each twice, the older one after the newer too
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("taken=1"));
        let early = counted(&site).await;
        assert_eq!(early.0, 5);
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("again=1"));
        assert_eq!(counted(&site).await, early);
        refused(&step(&leader, whole, "left", &[]).await, "在单机上办理");
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "2.luoshi", &package).await).ends_with("taken=2"));
        let all = counted(&site).await;
        assert_eq!(all, counted(&away).await, "nothing lost, nothing doubled");
        assert_eq!(all.0, 12);
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "2.luoshi", &package).await).ends_with("again=2"));
        assert!(done(&clerk.upload(&at, &format!("{round}/returns"), "1.luoshi", &interim).await).ends_with("again=1"));
        assert_eq!(counted(&site).await, all);

        // it reads as if it had been done here: who, when, the paper itself
        let page = clerk.get(&format!("/units/5/matters/{whole}")).await.text;
        assert!(page.contains("个别谈话人次 20") && page.contains("已报告"), "{page}");
        let told =
            site.write(move |tx, _| luoshi_store::mine::copy(tx, &holding::actor(tx, ROOT, LEADER, TODAY)?)).await;
        let (_, own) = told.iter().find(|(table, _)| *table == "matter_event").unwrap();
        assert_eq!(own.len(), all.1 - 1, "each step is kept as theirs who took it, but that of the office");
        let (status, bytes) = clerk.get_bytes(&format!("/units/5/matters/{finding}/evidence/2/0")).await;
        assert_eq!((status, String::from_utf8(bytes).unwrap().as_str()), (200, PAPER));
        assert!(clerk.get(&round).await.text.contains("已收回 2023-05-15"));
        done(&step_at(&clerk, ROOT, whole, "fed_back_head").await);

        // wiped: even through another name of the file, no byte of a finding is left
        let aside = machine.folder.with_extension("aside");
        std::fs::create_dir_all(&aside).unwrap();
        for (n, path) in finds(&machine.folder, "党费").into_iter().enumerate() {
            std::fs::hard_link(path, aside.join(n.to_string())).unwrap();
        }
        assert!(!finds(&aside, WORDS).is_empty() && !finds(&aside, PAPER).is_empty());
        let receipt = machine.folder.with_extension("receipt");
        let wiped =
            luoshi(&["exchange", "--data", machine.folder.to_str().unwrap(), "wipe", receipt.to_str().unwrap()]);
        assert!(wiped.status.success(), "{}", String::from_utf8_lossy(&wiped.stderr));
        assert!(!machine.folder.exists(), "key and all");
        assert!(finds(&aside, "党费").is_empty(), "overwritten, not only unlinked");
        let text = std::fs::read(&receipt).unwrap();
        let receipts = format!("{round}/receipts");
        let forged = String::from_utf8(text.clone()).unwrap().replace("\"last\":true", "\"last\":false");
        refused(&clerk.upload(&at, &receipts, "r", forged.as_bytes()).await, "不是该单机签署");
        refused(&clerk.upload(&at, &receipts, "r", b"{}").await, "不是该单机签署");
        done(&clerk.upload(&at, &receipts, "r", &text).await);
        done(&clerk.upload(&at, &receipts, "r", &text).await);
        assert!(clerk.get(&round).await.text.contains("擦除，回执有效"));
        let page = clerk.get(&at).await.text;
        assert!(page.contains("单机最后一份包是第 2 号") && page.contains("luoshi.db"), "{page}");
        assert!(clerk.get_english(&at).await.text.contains("receipt valid"));
        let trail = clerk.get(&at).await.status;
        assert_eq!(trail, 200);
        std::fs::remove_dir_all(aside).unwrap();
    }
}

#[test]
fn the_command_says_what_it_does_and_refuses_in_words() {
    let folder = std::env::temp_dir().join(format!("luoshi-exchange-{}", luoshi_store::new_id()));
    let text = |out: &Output| String::from_utf8_lossy(&[out.stdout.as_slice(), &out.stderr].concat()).into_owned();
    let data = folder.to_str().unwrap();
    for act in ["key", "send", "open", "return", "take", "wipe", "receipt"] {
        let help = luoshi(&["exchange", act, "--help"]);
        assert!(help.status.success() && text(&help).contains("--json"), "{act}");
    }
    assert_eq!(luoshi(&["exchange", "send"]).status.code(), Some(2));
    let key = luoshi(&["exchange", "--data", data, "key", "--json"]);
    assert!(key.status.success() && text(&key).contains("\"fingerprint\""), "{}", text(&key));
    assert_eq!(text(&key), text(&luoshi(&["exchange", "--data", data, "key", "--json"])), "made once");
    for words in [
        vec!["return", "/tmp/nowhere.luoshi"],
        vec!["wipe", "/tmp/nowhere.receipt"],
        vec!["take", "/tmp/nowhere.luoshi", "--as", "nobody"],
    ] {
        let mut all = vec!["exchange", "--data", data];
        all.extend(&words);
        let out = luoshi(&all);
        assert_eq!(out.status.code(), Some(1), "{words:?}");
        assert!(text(&out).starts_with("luoshi: "), "{}", text(&out));
        assert!(folder.join("luoshi.key").exists(), "nothing was wiped");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
