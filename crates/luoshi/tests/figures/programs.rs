//! What programs read and do of figures.

use super::{counted, lecture};
use crate::place::program::{act, json, tokens};
use crate::place::{MEMBER, SECRETARY};
use serde_json::json;

#[tokio::test]
async fn a_program_opens_builds_keeps_and_quotes_a_figure() {
    for site in counted().await {
        let [reads, writes] = tokens(&site).await;
        let secretary = site.sign_in(SECRETARY).await;
        lecture(&secretary, "2023-03-01", "youth", "60").await;
        lecture(&secretary, "2023-04-01", "grassroots", "70").await;
        let figures = "/api/v1/units/3/2023/figures";
        let whole = json(&secretary, &format!("{figures}/lecture-audience?by=month")).await;
        assert_eq!((&whole["n"], &whole["parts"][0]), (&json!(130), &json!({ "name": "2023-03", "n": 60 })), "{whole}");
        let rows = json(&secretary, &format!("{figures}/lecture-audience/rows?from=4&until=4")).await;
        assert_eq!((rows["items"].as_array().unwrap().len(), &rows["items"][0]["n"]), (1, &json!(70)), "{rows}");
        let record = rows["items"][0]["record_id"].as_str().unwrap();
        assert_eq!(secretary.get(&format!("/api/v1/units/3/records/{record}")).await.status, 200);

        let asked = "kind=lecture&count=sum:people&option=audience:grassroots";
        let built = json(&secretary, &format!("{figures}/custom?{asked}")).await;
        assert_eq!((&built["n"], built["measure"].as_str().unwrap()), (&json!(70), "人次"), "{built}");
        assert_eq!(secretary.get(&format!("{figures}/custom?kind=nothing")).await.status, 422);
        assert_eq!(secretary.get(&format!("{figures}/custom?what=lecture")).await.status, 400);
        let question =
            json!({ "kind": "lecture", "count": "sum:people", "option": "audience:grassroots", "name": "基层听众" });
        assert_eq!(act(&site, &writes, "a", "/units/3/figures", &question).await.0, 200);
        assert_eq!(
            act(&site, &writes, "a", "/units/3/figures", &question).await.0,
            200,
            "asked again, it is kept once"
        );
        let all = json(&secretary, "/api/v1/units/3/figures").await;
        let own: Vec<_> = all["items"].as_array().unwrap().iter().filter(|one| one["name"] == "基层听众").collect();
        assert_eq!((own.len(), &own[0]["n"]), (1, &json!(70)), "{all}");
        let nameless = json!({ "kind": "lecture", "name": " " });
        let (status, told) = act(&site, &writes, "b", "/units/3/figures", &nameless).await;
        assert_eq!((status, &told["parameter"]), (422, &json!("name")), "{told}");

        // the question stands in the body: another question under the same key is another request
        let quotes = "/units/3/2023/figures/custom/quotes";
        let mut quote =
            json!({ "paper": "半年总结", "kind": "lecture", "count": "sum:people", "from": "3", "until": "3" });
        let (status, told) = act(&site, &writes, "c", quotes, &quote).await;
        assert_eq!(status, 200, "{told}");
        let one = format!("/api/v1/units/3/quotes/{}", told["id"].as_str().unwrap());
        let kept = json(&secretary, &one).await;
        assert_eq!((&kept["n"], &kept["rows"], &kept["same"]), (&json!(60), &json!(1), &json!(true)), "{kept}");
        assert_eq!((&kept["first"], &kept["last"]), (&json!("2023-03-01"), &json!("2023-03-31")), "{kept}");
        quote["from"] = json!("4");
        assert_eq!(act(&site, &writes, "c", quotes, &quote).await.0, 422, "the key was used");
        lecture(&secretary, "2023-03-20", "youth", "5").await;
        let later = json(&secretary, &one).await;
        assert_eq!((&later["n"], &later["now"], &later["same"]), (&json!(60), &json!(65), &json!(false)), "{later}");
        let listed = json(&secretary, "/api/v1/units/3/quotes").await;
        assert_eq!((&listed["items"][0]["paper"], &listed["items"][0]["id"]), (&json!("半年总结"), &kept["id"]));

        let drop = format!("/units/3/figures/{}/drop", own[0]["key"].as_str().unwrap());
        assert_eq!(act(&site, &writes, "d", &drop, &json!({})).await.0, 200);
        assert_eq!(act(&site, &reads, "e", "/units/3/figures", &question).await.0, 403);
        assert_eq!(act(&site, &writes, "f", "/units/4/figures", &question).await.0, 404);
        let member = site.sign_in(MEMBER).await;
        assert_eq!(
            member.get(&format!("{figures}/trained/people")).await.status,
            404,
            "names are for who may read the roll"
        );
        assert_eq!(json(&secretary, &format!("{figures}/trained/people")).await["items"], json!([]));
    }
}
