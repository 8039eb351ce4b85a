//! F1: the program is killed while people write.

use crate::harness::{Room, chance, count, tell};
use crate::shim::{Knob, Shim};
use crate::writers::{Facts, Writers};
use std::time::Duration;

#[test]
fn f1_nothing_acknowledged_is_lost_and_nothing_is_half_done_when_the_program_is_killed() {
    let (room, kills) = (Room::new(), count(8, 200));
    let mut program = room.start(None);
    let writers = Writers::start(&room, 4);
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(20 + chance(180)));
        program.kill();
        program = room.start(None);
    }
    let sum = writers.finish();
    program.kill();
    let facts = Facts::lite(&room.file());
    facts.hold(&sum);
    assert!(sum.acknowledged.len() > kills, "hardly anybody wrote: {}", sum.acknowledged.len());
    let words = format!(
        "{kills} kills, {} writes acknowledged, 0 lost; {} sent again, 0 done twice; integrity check clean",
        sum.acknowledged.len(),
        sum.repeated
    );
    tell("F1 kill -9, SQLite", &words);
}

#[test]
fn f1_every_acknowledged_write_was_synced_to_the_disk_first() {
    let room = Room::new();
    let shim = Shim::new(&room.folder);
    let program = room.start(Some(&shim));
    let csrf = room.csrf();
    for turn in 0..count(20, 200) {
        let (before, operation) = (shim.get(Knob::Syncs), luoshi_store::new_id().to_string());
        let topic = format!("synced {turn}");
        let fields = [
            ("csrf", csrf.as_str()),
            ("operation", &operation),
            ("kind", "general-meeting"),
            ("on", "2023-02-10"),
            ("again", "1"),
            ("topic", &topic),
        ];
        assert_eq!(room.post("/units/3/records", &fields).unwrap().status, 303);
        assert!(shim.get(Knob::Syncs) > before, "write {turn} was acknowledged before it was on the disk");
    }
    program.kill();
    tell("F1 synced before the answer", &format!("{} of {0} writes", count(20, 200)));
}
