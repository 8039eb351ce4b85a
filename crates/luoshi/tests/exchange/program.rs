//! A team out and back by programs alone: two installations, each asked under `/api/v1`.

use super::*;
use place::MEMBER;
use place::program::Program;
use serde_json::{Value as Json, json};

/// Sends the team out by a program; its exchange and the package.
async fn sent_by(home: &Program<'_>, round: &str, machine: &Machine) -> (String, Vec<u8>) {
    let (key, fingerprint) = machine.key().await;
    let at = format!("{round}/exchanges");
    let id = home.done(&at, json!({ "team": 1, "key": key, "fingerprint": fingerprint })).await;
    let (status, sort, bytes) = home.file(&format!("{at}/{id}/package")).await;
    assert_eq!((status, sort.as_str()), (200, "application/octet-stream"));
    (id, bytes)
}

/// The inspected unit's matter, as programs of the round read it.
async fn whole(home: &Program<'_>) -> String {
    let all = home.get("/units/1/matters?flow=inspection").await;
    all["items"][0]["id"].as_str().unwrap().to_owned()
}

/// Records findings from this number on, by a program.
async fn finds_out(team: &Program<'_>, at: &str, numbers: std::ops::Range<usize>) {
    for n in numbers {
        let title = format!("{WORDS}（{n}）");
        let body = json!({ "flow": "finding", "title": title, "aspect": "organisation", "problem": "党费管理不规范" });
        team.done(&format!("{at}/parts"), body).await;
    }
}

fn address((status, told): (u16, Json)) -> String {
    assert_eq!(status, 200, "{told}");
    told["address"].as_str().unwrap().to_owned()
}

#[track_caller]
fn not_taken((status, told): (u16, Json), words: &str) {
    assert_eq!((status, told["parameter"].is_null()), (422, told["parameter"] != "file"), "{told}");
    assert!(told["detail"].as_str().unwrap().contains(words), "{words}: {told}");
    assert!(told["detail_en"].as_str().unwrap().is_ascii(), "{told}");
}

#[tokio::test]
async fn a_round_leaves_comes_back_once_and_is_wiped_with_proof_by_programs_alone() {
    for site in sites().await {
        let round = furnished(&site).await;
        let (home, machine) = (Program::of(&site, CLERK).await, Machine::new());
        let at = format!("{round}/exchanges");
        let own = home.get(&at).await;
        assert_eq!(
            (own["key"].as_str().unwrap().to_owned(), own["fingerprint"].as_str().unwrap().to_owned()),
            key(&site).await
        );
        assert_eq!(own["items"], json!([]));
        let (id, package) = sent_by(&home, &round, &machine).await;
        let out = &home.get(&at).await["items"][0];
        assert_eq!((&out["id"], &out["team"], &out["state"]), (&json!(id), &json!(1), &json!("out")));
        assert_eq!((&out["units"], &out["fingerprint"]), (&json!(["设计院党委"]), &json!(machine.key().await.1)));
        machine.open(package, key(&site).await).await.unwrap();

        let whole = whole(&home).await;
        let matter = format!("/units/5/matters/{whole}");
        let away = machine.site().await;
        let team = Program::of(&away, LEADER).await;
        team.done(&format!("{matter}/steps"), json!({ "to": "arrived" })).await;
        finds_out(&team, &matter, 0..3).await;
        let interim = machine.give(false).await;
        finds_out(&team, &matter, 3..5).await;
        team.done(&format!("{matter}/steps"), json!({ "to": "left" })).await;
        let last = machine.give(true).await;
        assert_eq!(team.ask(&format!("{matter}/steps"), &json!({ "to": "reported" })).await.0, 422, "it does no more");

        let returns = format!("{round}/returns");
        assert!(address(home.upload(&returns, &interim).await).ends_with("?taken=1"));
        assert_eq!(counted(&site).await.0, 3);
        assert!(address(home.upload(&returns, &interim).await).ends_with("?again=1"), "another key, the same package");
        assert!(address(home.upload(&returns, &last).await).ends_with("?taken=2"));
        let all = counted(&site).await;
        assert_eq!((all, all.0), (counted(&away).await, 5), "nothing lost, nothing doubled");
        assert!(address(home.upload(&returns, &last).await).ends_with("?again=2"));
        assert!(address(home.upload(&returns, &interim).await).ends_with("?again=1"));
        assert_eq!(counted(&site).await, all);
        let back = &home.get(&at).await["items"][0];
        assert_eq!((&back["state"], &back["ended_on"]), (&json!("returned"), &json!("2023-05-15")));
        let returns: Vec<_> = back["returns"].as_array().unwrap().iter().map(|r| (&r["no"], &r["last"])).collect();
        assert_eq!(returns, [(&json!(1), &json!(false)), (&json!(2), &json!(true))]);
        assert_eq!(home.file(&format!("{at}/{id}/package")).await.0, 422, "it is not made again");

        let receipt = machine.folder.with_extension("receipt");
        let wiped =
            luoshi(&["exchange", "--data", machine.folder.to_str().unwrap(), "wipe", receipt.to_str().unwrap()]);
        assert!(wiped.status.success() && !machine.folder.exists(), "{}", String::from_utf8_lossy(&wiped.stderr));
        let (receipts, text) = (format!("{round}/receipts"), std::fs::read(&receipt).unwrap());
        let forged = String::from_utf8(text.clone()).unwrap().replace("\"last\":true", "\"last\":false");
        not_taken(home.upload(&receipts, forged.as_bytes()).await, "不是该单机签署");
        address(home.upload(&receipts, &text).await);
        address(home.upload(&receipts, &text).await);
        let proof = &home.get(&at).await["items"][0]["receipt"];
        assert_eq!((&proof["package"], &proof["complete"]), (&json!(2), &json!(true)));
        assert!(proof["files"].as_array().unwrap().iter().any(|file| file["name"] == "luoshi.db"), "{proof}");
        std::fs::remove_file(receipt).unwrap();
    }
}

#[tokio::test]
async fn what_is_foreign_cut_changed_old_or_too_large_is_refused_by_its_field_and_nothing_is_kept() {
    for site in sites().await {
        let round = furnished(&site).await;
        let (home, machine, other) = (Program::of(&site, CLERK).await, Machine::new(), Machine::new());
        let at = format!("{round}/exchanges");
        let (key, fingerprint) = machine.key().await;
        let send = |key: &str, spoken: &str| json!({ "team": 1, "key": key, "fingerprint": spoken });
        home.refused(&at, send(&key, &other.key().await.1), "fingerprint").await;
        home.refused(&at, send(&key, ""), "fingerprint").await;
        home.refused(&at, send("key", &fingerprint), "key").await;
        home.refused(&at, json!({ "team": 9, "key": key, "fingerprint": fingerprint }), "team").await;
        let own = super::key(&site).await;
        home.refused(&at, send(&own.0, &own.1), "key").await;
        let (id, outward) = sent_by(&home, &round, &machine).await;
        home.refused(&at, send(&key, &fingerprint), "team").await;
        assert_eq!(home.file(&format!("{at}/{id}/package?surprise=1")).await.0, 400);
        assert_eq!(home.file(&format!("{at}/9/package")).await.0, 404);
        assert!(other.open(outward.clone(), own.clone()).await.is_err(), "only that machine opens it");
        machine.open(outward.clone(), own).await.unwrap();

        let whole = whole(&home).await;
        let away = machine.site().await;
        let team = Program::of(&away, LEADER).await;
        team.done(&format!("/units/5/matters/{whole}/steps"), json!({ "to": "arrived" })).await;
        let (first, second) = (machine.give(false).await, machine.give(false).await);
        let (returns, before) = (format!("{round}/returns"), counted(&site).await);
        let twin = Machine::new();
        copied(&machine.folder.join("luoshi.db"), &twin.folder.join("luoshi.db"));
        let mut turned = first.clone();
        turned[first.len() / 2] ^= 1;
        for (bytes, words) in [
            (Vec::new(), "请选择文件"),
            (b"PK\x03\x04 something else".to_vec(), "不是本系统的交换包"),
            (first[..first.len() / 2].to_vec(), ""),
            ([first.as_slice(), b"x"].concat(), ""),
            (turned, ""),
            (twin.give(false).await, "签名方不是约定的对方"),
            (outward, "签名方不是约定的对方"),
            (vec![0; 20_000_001], "超过 20 MB"),
        ] {
            not_taken(home.upload(&returns, &bytes).await, words);
        }
        assert_eq!(counted(&site).await, before, "nothing was kept");
        assert_eq!(home.get(&at).await["items"][0]["returns"], json!([]));
        address(home.upload(&returns, &second).await);
        not_taken(home.upload(&returns, &first).await, "");

        // by those who may not, not at all; the same key serves for nothing else
        let member = Program::of(&site, MEMBER).await;
        for path in [&returns, &at, &format!("{round}/receipts"), &format!("{at}/{id}/voids")] {
            assert_eq!(member.upload(path, b"{}").await.0, 404, "{path}");
        }
        assert_eq!(member.read(&at).await.0, 404);
        assert_eq!(member.file(&format!("{at}/{id}/package")).await.0, 404);
        home.only_here(&format!("{at}/{id}/voids"), &format!("{at}/9/voids"), json!({ "why": "遗失" })).await;
        home.refused(&format!("{at}/{id}/voids"), json!({ "why": " " }), "why").await;
        home.done(&format!("{at}/{id}/voids"), json!({ "why": "单机遗失" })).await;
        let void = &home.get(&at).await["items"][0];
        assert_eq!((&void["state"], &void["why"]), (&json!("void"), &json!("单机遗失")));
        not_taken(home.upload(&returns, &machine.give(true).await).await, "");
        for machine in [machine, other, twin] {
            std::fs::remove_dir_all(machine.folder).unwrap();
        }
    }
}
