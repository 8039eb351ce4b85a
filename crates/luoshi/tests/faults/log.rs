//! What the log says, and whom it never names.

use crate::harness::{Room, ask};

#[test]
fn the_log_is_an_object_a_line_and_holds_no_name_no_word_searched_for_and_no_secret() {
    let mut room = Room::new();
    room.environment = [("RUST_LOG", "trace"), ("LUOSHI_LOG", "json")].map(|(k, v)| (k.into(), v.into())).to_vec();
    let program = room.start(None);
    assert_eq!(room.get("/units/3/people").unwrap().status, 200);
    room.get("/people?q=SearchedForName").unwrap();
    room.get("/join/1/one-time-token-in-an-address").unwrap();
    room.get("/set-up?token=another-one-time-token").unwrap();
    let body = "login=somebody-who-typed&passphrase=typed-in-the-wrong-field";
    ask(room.address, "POST", "/sign-in", "", Some(body)).unwrap();
    // somebody looks where they may not, sends a form of another page, and shows a token that is none
    room.get("/units/4/people").unwrap();
    ask(room.address, "POST", "/units/3/records", &room.cookie, Some("csrf=SearchedForName&topic=SearchedForName"))
        .unwrap();
    ask(room.address, "GET", "/no-such-page", &room.cookie, None).unwrap();
    program.tell_to_stop();
    let (_, said) = program.end(std::time::Duration::from_secs(20));
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let answered = |route: &str| {
        lines.iter().any(|line| line["target"] == "request" && line["route"] == route && line["status"].is_u64())
    };
    assert!(answered("/units/{unit}/people") && answered("/join/{top}/{token}") && answered("/set-up"), "{said}");
    let refused: Vec<_> = lines.iter().filter(|line| line["target"] == "refused").collect();
    for (route, account, why) in
        [("/units/{unit}/people", "1.102", "outside"), ("/units/{unit}/records", "1.102", "forged or old form")]
    {
        let is = |line: &&&serde_json::Value| {
            line["route"] == route && line["account"] == account && line["why"] == why && line["level"] == "WARN"
        };
        assert_eq!(refused.iter().filter(is).count(), 1, "{route}: {refused:?}");
    }
    assert!(!refused.iter().any(|line| line["route"] == "none"), "an address that leads nowhere is no attempt");
    let secret = room.cookie.split('.').nth(1).unwrap();
    for word in [secret, "SearchedForName", "one-time-token", "somebody-who-typed", "typed-in-the-wrong-field"] {
        assert!(!said.contains(word), "{word} is in the log");
    }
}
