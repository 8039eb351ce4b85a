//! F9: a back-up taken while people write, the machine lost, another one filled from the back-up.

use crate::harness::{Room, count, tell};
use crate::place;
use crate::server::Server;
use crate::writers::{Facts, Sum, Writers};
use luoshi_store::new_id;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs a command of the program on a folder, on SQLite there or on PostgreSQL elsewhere; it must end well.
fn luoshi(act: &str, folder: &Path, database: Option<&str>, file: Option<&Path>) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    command.env_remove("LUOSHI_DATA").env_remove("LUOSHI_DATABASE").args([act, "--data"]).arg(folder);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let began = Instant::now();
    let done = command.args(file).output().unwrap();
    assert!(done.status.success(), "{act}: {}", String::from_utf8_lossy(&done.stderr));
    began.elapsed()
}

/// What came of a drill.
struct Drill {
    /// acknowledged before the back-up began, all of which must be in it
    before: usize,
    /// acknowledged in all
    acknowledged: usize,
    backup: Duration,
    restore: Duration,
}

/// Backs up under four writers, loses the machine, restores elsewhere, and works on there.
fn drill(old: Room, spare: Option<String>, facts: impl Fn(&Path, Option<&str>) -> Facts) -> Drill {
    let file = std::env::temp_dir().join(format!("luoshi-drill-{}.zip", new_id()));
    let program = old.start(None);
    let writers = Writers::start(&old, 4);
    while writers.acknowledged() < 20 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = writers.so_far();
    let backup = luoshi("backup", &old.folder, old.database.as_deref(), Some(&file));
    let after = writers.so_far();
    assert!(after.len() > before.len(), "nobody could write while the back-up was made");
    let acknowledged = writers.finish().acknowledged.len();
    program.kill();

    // another machine has the back-up and the key, and nothing else
    let cookie = old.cookie.clone();
    let folder = std::env::temp_dir().join(format!("luoshi-fault-{}", new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(old.folder.join("luoshi.key"), folder.join("luoshi.key")).unwrap();
    let address = old.address;
    drop(old);
    let restore = luoshi("restore", &folder, spare.as_deref(), Some(&file));
    std::fs::remove_file(&file).unwrap();
    let kept = facts(&folder, spare.as_deref());
    kept.hold(&sum(before.clone()));
    let beyond = kept.records.iter().filter(|(_, topic)| !after.contains_key(topic)).count();
    assert!(beyond <= 4, "{beyond} records that nobody had sent when the back-up ended");
    luoshi("verify", &folder, spare.as_deref(), None);

    let new = Room { folder, cookie, address, database: spare };
    let program = new.start(None);
    let roll = new.get(&format!("/people/{}", place::SECRETARY)).unwrap();
    assert!(roll.status == 200 && roll.text.contains("李建国"), "who was signed in still is: {}", roll.status);
    let writers = Writers::start(&new, 2);
    while writers.acknowledged() < 3 {
        std::thread::sleep(Duration::from_millis(20));
    }
    writers.finish();
    program.kill();
    luoshi("verify", &new.folder, new.database.as_deref(), None);
    Drill { before: before.len(), acknowledged, backup, restore }
}

fn sum(acknowledged: HashMap<String, String>) -> Sum {
    Sum { acknowledged, repeated: 0, refused: 0, longest: Duration::ZERO }
}

/// Several drills, as a line of the table.
fn report(engine: &str, drills: &[Drill]) {
    let most = |of: fn(&Drill) -> Duration| drills.iter().map(of).max().unwrap();
    let words = format!(
        "{} drills under 4 writers: {} of {} writes acknowledged before the back-up began, all restored, none half done; trail sound, \
         sign-ins good, work goes on; back-up {:.1?}, restore {:.1?} at most",
        drills.len(),
        drills.iter().map(|one| one.before).sum::<usize>(),
        drills.iter().map(|one| one.acknowledged).sum::<usize>(),
        most(|one| one.backup),
        most(|one| one.restore),
    );
    tell(&format!("F9 back-up and restore, {engine}"), &words);
}

#[test]
fn f9_a_backup_taken_while_people_write_restores_on_another_machine() {
    let lite = |folder: &Path, _: Option<&str>| Facts::lite(&folder.join("luoshi.db"));
    let drills: Vec<Drill> = (0..count(1, 10)).map(|_| drill(Room::new(), None, lite)).collect();
    report("SQLite", &drills);
}

#[test]
fn f9_a_backup_taken_while_people_write_restores_on_another_database_server() {
    let post = |_: &Path, url: Option<&str>| Facts::post(url.unwrap());
    let one = |_| {
        let (server, other) = (Server::new(), Server::new());
        let folder = std::env::temp_dir().join(format!("luoshi-fault-{}", new_id()));
        drill(Room::at(folder, Some(server.url("luoshi"))), Some(other.url("luoshi")), post)
    };
    let drills: Vec<Drill> = (0..count(1, 5)).map(one).collect();
    report("PostgreSQL", &drills);
}
