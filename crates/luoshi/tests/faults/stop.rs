//! F7: the program is told to stop while people work.

use crate::harness::{Room, ask, chance, count, tell};
use luoshi_store::new_id;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What the clients share.
struct Day {
    began: Instant,
    told: OnceLock<Instant>,
    answered: AtomicUsize,
}

#[test]
fn f7_whoever_is_being_served_when_the_program_is_told_to_stop_gets_the_whole_answer() {
    let (rounds, mut whole, mut slowest) = (count(2, 20), 0, Duration::ZERO);
    for _ in 0..rounds {
        let room = Room::new();
        let program = room.start(None);
        let csrf = room.csrf();
        let day = Arc::new(Day { began: Instant::now(), told: OnceLock::new(), answered: AtomicUsize::new(0) });
        let threads: Vec<_> = (0..50).map(|number| client(&room, &csrf, number, day.clone())).collect();
        std::thread::sleep(Duration::from_millis(900 + chance(300)));
        let told = Instant::now();
        day.told.set(told).unwrap();
        program.tell_to_stop();
        let (status, said) = program.end(Duration::from_secs(12));
        assert!(status.success(), "{said}");
        slowest = slowest.max(told.elapsed());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        whole += day.answered.load(Ordering::Relaxed);
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    let words =
        format!("{rounds} stops at 50 requests/s: {whole} answers whole, 0 cut off, longest stop {slowest:.1?}");
    tell("F7 SIGTERM", &words);
}

/// One of fifty who ask once a second, in turn, until nobody listens any more. Every third writes.
fn client(room: &Room, csrf: &str, number: u64, day: Arc<Day>) -> std::thread::JoinHandle<()> {
    let (address, cookie, csrf) = (room.address, room.cookie.clone(), csrf.to_owned());
    std::thread::spawn(move || {
        for turn in 0.. {
            let due = day.began + Duration::from_millis(number * 20 + turn * 1_000);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let form = format!(
                "csrf={csrf}&operation={}&kind=general-meeting&on=2023-02-10&again=1&topic=stop{number}-{turn}",
                new_id()
            );
            let asked = Instant::now();
            let answer = match number % 3 {
                0 => ask(address, "POST", "/units/3/records", &cookie, Some(&form)),
                _ => ask(address, "GET", "/units/3/2023/records", &cookie, None),
            };
            match answer {
                Ok(answer) => {
                    assert!(answer.status < 400, "{}", answer.text);
                    day.answered.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
                // knocked after the stop, as the door fell shut
                Err(error)
                    if (error.kind() == ErrorKind::ConnectionReset || error.to_string() == "cut off after 0 bytes")
                        && day.told.get().is_some_and(|told| *told <= asked) =>
                {
                    return;
                }
                Err(error) => panic!("cut off: {error}"),
            }
        }
    })
}
