//! F2 and F3: the disk is full, the disk does not keep what was written.

use crate::harness::{Answer, Room, count, tell};
use crate::shim::{Knob, Shim};
use crate::writers::{Facts, Writers};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A form that takes 20 kB, sent once.
fn write(room: &Room, csrf: &str, topic: &str) -> Answer {
    let (operation, long) = (luoshi_store::new_id().to_string(), "开".repeat(6_000));
    let fields = [
        ("csrf", csrf),
        ("operation", &operation),
        ("kind", "general-meeting"),
        ("on", "2023-02-10"),
        ("again", "1"),
        ("topic", topic),
        ("minutes", &long),
        ("content", &long),
    ];
    room.post("/units/3/records", &fields).unwrap()
}

fn reads_go_on(room: &Room) {
    for path in ["/", "/units/3", "/units/3/2023/records", "/units/3/people"] {
        assert_eq!(room.get(path).unwrap().status, 200, "{path}");
    }
}

#[test]
fn f2_a_full_disk_is_told_reads_go_on_and_writes_resume_by_themselves() {
    let room = Room::new();
    let shim = Shim::new(&room.folder);
    let program = room.start(Some(&shim));
    let (csrf, rounds) = (room.csrf(), count(3, 50));
    forget_seen(&room);
    for round in 0..rounds {
        assert_eq!(write(&room, &csrf, &format!("room {round}")).status, 303);
        shim.set(Knob::Full, 1);
        let told = write(&room, &csrf, &format!("no room {round}"));
        assert_eq!(told.status, 507, "{}", told.text);
        assert!(told.text.contains("磁盘已满，没有保存") && told.text.contains("The disk is full"));
        reads_go_on(&room);
        shim.set(Knob::Full, 0);
        assert_eq!(write(&room, &csrf, &format!("room again {round}")).status, 303);
    }
    program.kill();
    let facts = Facts::lite(&room.file());
    assert_eq!(facts.records.len(), 2 * rounds);
    assert!(facts.records.iter().all(|(_, topic)| !topic.starts_with("no room")));
    tell(
        "F2 disk full (ENOSPC)",
        &format!("{rounds} times: told each time, reads went on, writes resumed, 0 half done"),
    );
}

/// As if everybody had last asked an hour ago: the next page wants to note that they are still there.
fn forget_seen(room: &Room) {
    let conn = rusqlite::Connection::open(room.file()).unwrap();
    conn.execute("update session set seen = seen - 3600000", []).unwrap();
}

/// A disk of its own in memory, of a size.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn new(size: &str) -> Option<SmallDisk> {
        let folder = std::env::temp_dir().join(format!("luoshi-small-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&folder).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(SmallDisk(folder));
        }
        let _ = std::fs::remove_dir(&folder);
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn f2_a_small_disk_that_fills_up_is_survived() {
    let Some(disk) = SmallDisk::new("6m") else {
        println!("skipped: only root may mount a small disk; the test above needs none");
        return;
    };
    let folder = &disk.0;
    let room = Room::at(folder.join("data"), None);
    let program = room.start(None);
    let (csrf, mut written, mut told) = (room.csrf(), 0, 0);
    let rounds = count(1, 10);
    for _ in 0..rounds {
        let mut ballast = File::create(folder.join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
        for turn in 0..60 {
            match write(&room, &csrf, &format!("{turn}")).status {
                303 => written += 1,
                507 => told += 1,
                other => panic!("{other}"),
            }
        }
        reads_go_on(&room);
        drop(ballast);
        std::fs::remove_file(folder.join("ballast")).unwrap();
        assert_eq!(write(&room, &csrf, "room again").status, 303);
        written += 1;
    }
    program.kill();
    assert!(told > 0, "the disk never filled up");
    assert_eq!(Facts::lite(&room.file()).records.len(), written);
    drop((room, disk));
    tell(
        "F2 disk full (6 MB tmpfs)",
        &format!("filled {rounds} times: {told} writes told, {written} kept, 0 half done"),
    );
}

#[test]
fn f3_when_the_disk_does_not_keep_what_was_written_the_program_says_so_and_ends() {
    let rounds = count(2, 20);
    for _ in 0..rounds {
        let room = Room::new();
        let shim = Shim::new(&room.folder);
        let program = room.start(Some(&shim));
        let writers = Writers::start(&room, 4);
        while writers.acknowledged() < 10 {
            std::thread::sleep(Duration::from_millis(5));
        }
        shim.set(Knob::SyncFails, 1);
        let (status, said) = program.end(Duration::from_secs(15));
        assert!(!status.success(), "it must not look like a normal end");
        assert!(said.contains("the disk did not keep"), "{said}");
        shim.set(Knob::SyncFails, 0);
        let program = room.start(None);
        let sum = writers.finish();
        program.kill();
        Facts::lite(&room.file()).hold(&sum);
        assert!(sum.repeated + sum.refused > 0);
    }
    tell("F3 fsync fails (EIO)", &format!("{rounds} times: the program ended with an error, 0 acknowledged lost"));
}
