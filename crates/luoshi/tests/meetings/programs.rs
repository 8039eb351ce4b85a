//! Meetings by programs: how one is done, what is voted on, who came, and names of fields that would be lost.

use super::*;
use place::program::Program;
use serde_json::Value as Json;

fn held(on: &str, rest: &Json) -> Json {
    let mut body = json!({ "kind": "general-meeting", "on": on, "topic": "审议年度计划" });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_program_records_who_came_and_what_was_voted_on_and_reads_it_back() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let post = base.post("organ_committee_secretary").unwrap();
            holding::appoint(tx, &leave(base, &at, Verb::Roll, TODAY), post, OTHER, date(2022, 1, 1), "")
        })
        .await;
        let secretary = Program::of(&site, SECRETARY).await;
        let how = secretary.get("/units/3/meetings/general-meeting").await;
        assert_eq!((&how["due"], &how["quorum"], &how["quorum_to"]), (&json!(11), &json!(6), &json!("vote")), "{how}");
        assert!(how["steps"].as_array().unwrap().len() > 3 && how["chairs"] == json!(["李建国"]), "{how}");
        let meets = how["meets"].as_array().unwrap();
        assert!(meets.iter().any(|one| one["clause"] == "L3-01" && one["due"].is_string()), "{how}");

        let votes = json!({ "absent-104": "sick", "absent-105": "unexcused", "role-chair": SECRETARY.to_string(),
            "decision-0": "年度计划", "decision-0-yes": 8, "decision-0-no": 1 });
        let made = secretary.done("/units/3/records", held("2023-02-10", &votes)).await;
        let came = secretary.get(&format!("/units/3/records/{made}/attendance")).await;
        let numbers = ["due", "present", "on_leave", "absent", "rate"].map(|key| came[key].as_i64().unwrap());
        assert_eq!(numbers, [11, 9, 1, 1, 81], "{came}");
        let people = came["people"].as_array().unwrap();
        let of = |id: i64| people.iter().find(|one| one["person"].as_str() == Some(&id.to_string())).unwrap();
        assert_eq!((&of(104)["absence"], &of(104)["present"]), (&json!("sick"), &json!(false)), "{came}");
        assert_eq!(of(SECRETARY)["roles"], json!(["chair"]), "{came}");
        let kept = secretary.get(&format!("/units/3/records/{made}")).await;
        assert_eq!(kept["items"][0]["data"]["decisions"][0]["yes"], 8, "{kept}");
        let file = secretary.get("/units/3/2023/files/general-meeting").await;
        assert_eq!((&file["items"][0]["present"], &file["items"][0]["due"]), (&json!(9), &json!(11)), "{file}");

        let above = Program::of(&site, OTHER).await;
        let rates = above.get(&format!("/units/3/records/{made}/attendance")).await;
        assert!(rates["rate"] == 81 && rates["people"].is_null(), "above it is a rate: {rates}");
        assert_eq!(above.read(&format!("/units/4/records/{made}/attendance")).await.0, 404, "kept by another unit");
    }
}

#[tokio::test]
async fn a_mark_that_would_be_lost_is_refused_by_its_name() {
    for site in sites().await {
        let secretary = Program::of(&site, SECRETARY).await;
        for (key, value) in [
            ("absent", json!(["104"])),
            ("absent-104", json!("asleep")),
            ("absent-999", json!("sick")),
            ("role-juggler", json!("104")),
            ("decision-0-maybe", json!(3)),
            ("decision-99", json!("多了")),
            ("talked", json!("李建国 张晓明")),
            ("group", json!("1")),
            ("minuets", json!("笔误")),
        ] {
            let body = held("2023-02-10", &json!({ key: value }));
            secretary.refused("/units/3/records", body, key).await;
        }
        let talk =
            json!({ "kind": "heart-talk", "on": "2023-02-10", "talked": "李建国 张晓明", "minutes": "谈了什么" });
        secretary.refused("/units/3/records", talk, "minutes").await;
        assert_eq!(secretary.get("/units/3/records").await["items"], json!([]), "nothing was kept");
    }
}
