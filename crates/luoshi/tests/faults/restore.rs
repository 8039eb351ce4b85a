//! F9: a back-up taken while people write, the machine lost, another one filled from the back-up.

use crate::harness::{Room, ask, count, tell};
use crate::place;
use crate::server::Server;
use crate::writers::{Facts, Sum, Writers};
use luoshi_store::{Db, Keys, new_id};
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

    let mut new = Room { folder, cookie, address, database: spare, environment: Vec::new() };
    let program = new.start(None);
    assert_eq!(new.get("/me").unwrap().head("location"), Some("/sign-in"), "who was signed in signs in again");
    let word = format!("login=user{}&passphrase=right+passphrase", place::MEMBER);
    let entered = ask(address, "POST", "/sign-in", "", Some(&word)).unwrap();
    assert_eq!((entered.status, entered.head("location")), (303, Some("/")), "{:?}", entered.complaint());
    let url = new.database.clone().unwrap_or_else(|| new.file().display().to_string());
    let db = Db::open(&url, Keys::new(&[7; 32])).unwrap();
    new.cookie = db.write(|tx| place::cookie(tx, place::SECRETARY)).unwrap();
    let roll = new.get(&format!("/people/{}", place::SECRETARY)).unwrap();
    assert!(roll.status == 200 && roll.text.contains("李建国"), "{}", roll.status);
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
         people sign in, work goes on; back-up {:.1?}, restore {:.1?} at most",
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

/// A process that ends with the test, however that ends.
struct Beside(std::process::Child);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

/// With `LUOSHI_LITESTREAM` naming the program Litestream, as `make faults` does: it copies while people write, then the
/// machine is lost at once, Litestream with it.
#[test]
fn f9_a_continuous_copy_lacks_no_more_than_its_last_seconds() {
    let Ok(litestream) = std::env::var("LUOSHI_LITESTREAM") else { return };
    let (rounds, mut acknowledged, mut lost) = (count(1, 10), 0, Vec::new());
    for _ in 0..rounds {
        let (old, replica) = (Room::new(), std::env::temp_dir().join(format!("luoshi-replica-{}", new_id())));
        let url = format!("file://{}", replica.display());
        let program = old.start(None);
        let mut copying = Command::new(&litestream);
        let copying = copying.args(["replicate", old.file().to_str().unwrap(), &url]);
        let quiet = std::process::Stdio::null;
        let copying = Beside(copying.stdout(quiet()).stderr(quiet()).spawn().unwrap());
        let writers = Writers::start(&old, 4);
        std::thread::sleep(Duration::from_secs(3));
        let before = writers.so_far();
        std::thread::sleep(Duration::from_secs(3));
        let after = writers.so_far();
        drop(copying); // SIGKILL
        let again = old.start_over(program);
        let told = writers.finish().acknowledged;
        again.kill();

        let folder = std::env::temp_dir().join(format!("luoshi-fault-{}", new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(old.folder.join("luoshi.key"), folder.join("luoshi.key")).unwrap();
        let (cookie, address) = (old.cookie.clone(), old.address);
        drop(old);
        let file = folder.join("luoshi.db");
        let done = Command::new(&litestream).args(["restore", "-o", file.to_str().unwrap(), &url]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        std::fs::remove_dir_all(&replica).unwrap();
        let facts = Facts::lite(&file);
        facts.hold(&sum(before.clone()));
        assert!(facts.records.iter().all(|(_, topic)| told.contains_key(topic)), "a record that nobody wrote");
        let kept: std::collections::HashSet<&str> = facts.records.iter().map(|(_, topic)| topic.as_str()).collect();
        lost.push(after.keys().filter(|topic| !kept.contains(topic.as_str())).count());
        acknowledged += after.len();
        luoshi("verify", &folder, None, None);
        let new = Room { folder, cookie, address, database: None, environment: Vec::new() };
        let program = new.start(None);
        assert_eq!(new.get("/units/3/2023/records").unwrap().status, 200);
        program.kill();
    }
    let words = format!(
        "{rounds} machines lost under 4 writers: {acknowledged} acknowledged, {} of them in the last second not copied yet \
         (at most {} at once), everything older restored, none half done; trail sound",
        lost.iter().sum::<usize>(),
        lost.iter().max().unwrap()
    );
    tell("F9 Litestream", &words);
}
