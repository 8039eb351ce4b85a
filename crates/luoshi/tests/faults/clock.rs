//! F4: the clock jumps.

use crate::harness::{Answer, Room, count, tell};
use crate::place;
use crate::shim::{Knob, Shim};
use luoshi_store::{Db, Keys, new_id};
use std::collections::HashSet;

const DAY: i64 = 86_400;

/// Seconds from now until noon in Beijing on a day.
fn until(day: &str) -> i64 {
    let day: jiff::civil::Date = day.parse().unwrap();
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    day.at(12, 0, 0, 0).to_zoned(zone).unwrap().timestamp().as_second() - jiff::Timestamp::now().as_second()
}

/// A new sign-in of somebody, as of now by the room's clock.
fn sign_in(room: &Room, person: i64) -> String {
    let db = Db::open(room.file().to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
    db.write(|tx| place::cookie(tx, person)).unwrap()
}

/// Moves a sign-in to where a jumped clock says it is now: the test itself does not jump.
fn begun_at(room: &Room, offset: i64) {
    let conn = rusqlite::Connection::open(room.file()).unwrap();
    let sql = "update session set began = began + ?1, seen = seen + ?1, ends = ends + ?1 where began < ?2";
    let now = luoshi_store::now() + 60_000;
    conn.execute(sql, [offset * 1000, now]).unwrap();
}

fn record(room: &Room, topic: &str) -> Answer {
    let (csrf, operation) = (room.csrf(), new_id().to_string());
    let fields = [
        ("csrf", csrf.as_str()),
        ("operation", &operation),
        ("kind", "general-meeting"),
        ("on", "2023-02-10"),
        ("again", "1"),
        ("topic", topic),
    ];
    room.post("/units/3/records", &fields).unwrap()
}

/// Reminds the first branch of one duty, as its clerk.
fn remind(room: &Room) {
    let (csrf, operation) = (room.get("/units/1/lists").unwrap().hidden("csrf"), new_id().to_string());
    let fields = [("csrf", csrf.as_str()), ("operation", &operation), ("year", "2023"), ("pick", "3/L3-01/2023Q1")];
    assert!(room.post("/units/1/follow-ups", &fields).unwrap().status < 500);
}

fn alive(room: &Room) -> bool {
    room.get("/").unwrap().status == 200
}

#[test]
fn f4_no_session_outlives_its_time_when_the_clock_jumps_back_or_forth() {
    let (jumps, mut tried) = ([DAY, 400 * DAY, until("2028-02-29"), until("2038-01-20")], 0);
    for _ in 0..count(1, 5) {
        for jump in jumps {
            let room = Room::new();
            let shim = Shim::new(&room.folder);
            let program = room.start(Some(&shim));
            assert!(alive(&room));
            shim.set(Knob::Clock, jump);
            assert!(!alive(&room), "a sign-in of yesterday opens the door after {jump} s");
            shim.set(Knob::Clock, 0);
            drop(program);
            tried += 1;
        }
        idle_then_back();
        from_the_future();
        tried += 2;
    }
    tell("F4 clock jumps: sign-ins", &format!("{tried} jumps, none kept a sign-in open longer"));
}

/// Three hours without a request, then the clock goes back two: the two hours one may be idle are over.
fn idle_then_back() {
    let room = Room::new();
    let shim = Shim::new(&room.folder);
    let program = room.start(Some(&shim));
    assert!(alive(&room));
    shim.set(Knob::Elapsed, 3 * 3600);
    shim.set(Knob::Clock, -2 * 3600);
    assert!(!alive(&room), "the clock went back and the sign-in lasted longer");
    drop(program);
}

/// Signed in by a clock that was a day ahead; the machine restarts with the right time.
fn from_the_future() {
    let room = Room::new();
    begun_at(&room, DAY);
    let program = room.start(None);
    assert!(!alive(&room), "a sign-in of tomorrow opens the door today");
    drop(program);
}

#[test]
fn f4_no_deadline_and_no_reminder_comes_twice_and_keys_stay_unique_when_the_clock_jumps() {
    let jumps = [0, DAY, -7_200, 400 * DAY, until("2028-02-29"), until("2038-01-19"), until("2038-01-20"), 0];
    let rounds = count(1, 5);
    let mut room = Room::new();
    let shim = Shim::new(&room.folder);
    let mut program = room.start(Some(&shim));
    let (mut ids, mut started) = (HashSet::new(), 0);
    for jump in jumps.repeat(rounds) {
        shim.set(Knob::Clock, jump);
        for restart in [false, true] {
            if restart {
                program.kill();
                program = room.start(Some(&shim));
                started = jump;
            }
            // what has been is over: to the program it is never earlier than when it started
            let now = jump.max(started);
            room.cookie = sign_in(&room, place::CLERK);
            begun_at(&room, now);
            remind(&room);
            for path in ["/", "/units/1", "/units/1/2023/matrix", "/units/3/2024/duties", "/people/104", "/me"] {
                assert_eq!(room.get(path).unwrap().status, 200, "{path} after {jump} s");
            }
            room.cookie = sign_in(&room, place::SECRETARY);
            begun_at(&room, now);
            for turn in 0..3 {
                let answer = record(&room, &format!("jump {jump} {restart} {turn}"));
                assert_eq!(answer.status, 303, "after {jump} s: {}", answer.text);
                assert!(ids.insert(answer.head("location").unwrap().to_owned()), "a key given twice");
            }
        }
    }
    program.kill();
    let conn = rusqlite::Connection::open(room.file()).unwrap();
    let one = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(one("select count(*) from matter where flow = 'follow-up'"), 1, "one duty, one reminder");
    assert_eq!(one("select count(*) from matter_event"), 1, "told once");
    assert_eq!(one("select count(distinct id) from record") as usize, ids.len());
    let words = format!(
        "{} jumps: 1 reminder of 1 duty, {} keys, none twice, every page answered",
        jumps.len() * rounds,
        ids.len()
    );
    tell("F4 clock jumps: deadlines and keys", &words);
}
