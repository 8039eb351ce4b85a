//! Back-up and restore: while others write, onto another engine, and never over what is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[path = "place/small.rs"]
mod small;

use jiff::civil::date;
use luoshi_rules::{Actor, Held, Pack, Verb};
use luoshi_store::audit::{self, Chain};
use luoshi_store::person::{self, Entry};
use luoshi_store::{Db, Keys, account, dump, session, unit};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn luoshi(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_luoshi")).args(args).env_remove("LUOSHI_DATA").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The demonstration, served until it answers.
fn serve(folder: &Path) -> Child {
    start("demo", folder)
}

/// An installation or the demonstration, served until it answers.
fn start(act: &str, folder: &Path) -> Child {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    let command = command.args([act, "--listen", &address, "--data"]).arg(folder).stdout(Stdio::null());
    let child = command.spawn().unwrap();
    let asks = || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&address)?;
        stream
            .write_all(format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        stream.read_exact(&mut [0; 12])
    };
    let mut answers = (0..2400).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        asks().is_ok()
    });
    assert!(answers.any(|answers| answers), "the demonstration does not start");
    child
}

/// A small installation with one account.
fn small(folder: &Path) -> PathBuf {
    let (db, file, top) = small::small(folder);
    db.write(|tx| account::add(tx, top, 7, "clerk", "hash")).unwrap();
    file
}

fn rows(url: &str, key: &Path, folder: &Path) -> BTreeMap<String, usize> {
    std::fs::create_dir_all(folder).unwrap();
    let secret: [u8; 32] = std::fs::read(key).unwrap().try_into().unwrap();
    let db = Db::open(url, Keys::new(&secret)).unwrap();
    dump::write(&db, |name| std::fs::File::create(folder.join(name))).unwrap();
    let count = |name: &String| (name.clone(), std::fs::read_to_string(folder.join(name)).unwrap().lines().count());
    dump::tables().iter().map(count).collect()
}

struct Room(PathBuf);

impl Room {
    fn new() -> Room {
        let folder = std::env::temp_dir().join(format!("luoshi-backup-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        Room(folder)
    }
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_installation_gets_another_key_and_a_change_that_was_cut_off_is_ended() {
    let room = Room::new();
    let data = room.at("data");
    small(&data);
    let at = data.display().to_string();
    let run = |words: &[&str]| luoshi(&[words, &["--data", &at]].concat());
    let key = |name: &str| std::fs::read(data.join(name)).unwrap_or_default();
    let first = key("luoshi.key");
    let done = run(&["rekey"]);
    assert!(done.status.success() && said(&done).contains("sealed anew"), "{}", said(&done));
    let second = key("luoshi.key");
    assert!(second.len() == 64 && second[32..] == first && second[..32] != first);
    assert_eq!(key("luoshi.key.before"), first);
    assert!(run(&["verify"]).status.success(), "the trail goes on under its own key");
    // cut off after the next key was written: nothing starts until it is run again
    std::fs::write(data.join("luoshi.key.next"), &second).unwrap();
    let refused = luoshi(&["user", "--data", &at, "list"]);
    assert!(!refused.status.success() && said(&refused).contains("run `luoshi rekey` again"), "{}", said(&refused));
    let done = run(&["rekey", "--json"]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(key("luoshi.key.next").is_empty() && key("luoshi.key.before-2") == second, "and keeps every key of before");
    assert!(luoshi(&["user", "--data", &at, "list"]).status.success() && run(&["verify"]).status.success());
    std::fs::write(data.join("luoshi.key"), b"short").unwrap();
    assert!(said(&run(&["verify"])).contains("a key has 32 bytes"), "a damaged key is told");
}

#[test]
fn what_must_be_alone_with_an_installation_waits_until_nothing_else_runs_there() {
    let room = Room::new();
    let (data, zip) = (room.at("data"), room.at("all.zip"));
    small(&data);
    let at = data.to_str().unwrap();
    let zip = zip.to_str().unwrap();
    assert!(luoshi(&["backup", "--data", at, zip]).status.success());
    let key = std::fs::read(data.join("luoshi.key")).unwrap();
    let mut server = start("serve", &data);
    for (words, then) in [
        (vec!["rekey", "--data", at], "run `luoshi rekey` again"),
        (vec!["restore", "--force", "--data", at, zip], "restore again"),
    ] {
        let refused = luoshi(&words);
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
        assert!(said(&refused).contains("Stop it, then") && said(&refused).contains(then), "{}", said(&refused));
    }
    assert!(luoshi(&["user", "--data", at, "list"]).status.success(), "others may work beside the server");
    let there = |name: &str| data.join(name).exists();
    assert_eq!(std::fs::read(data.join("luoshi.key")).unwrap(), key, "nothing was changed");
    assert!(!there("luoshi.key.next") && !there("luoshi.key.before") && !there("luoshi.db.aside"));
    server.kill().unwrap();
    server.wait().unwrap();
    // while the key is exchanged nothing starts
    let alone = std::fs::File::open(data.join("luoshi.key")).unwrap();
    alone.try_lock().unwrap();
    let refused = luoshi(&["user", "--data", at, "list"]);
    assert!(
        !refused.status.success() && said(&refused).contains("start again when it has ended"),
        "{}",
        said(&refused)
    );
    drop(alone);
    let done = luoshi(&["rekey", "--data", at]);
    assert!(done.status.success(), "a server that was killed holds nothing: {}", said(&done));
}

#[test]
fn without_its_key_or_with_another_nothing_starts_and_no_new_one_takes_its_place() {
    let room = Room::new();
    let (data, vault) = (room.at("data"), room.at("vault.key"));
    small(&data);
    let key = data.join("luoshi.key");
    let list = || luoshi(&["user", "--data", data.to_str().unwrap(), "list"]);
    std::fs::rename(&key, &vault).unwrap();
    let refused = list();
    assert!(!refused.status.success() && said(&refused).contains("is gone; put the copy"), "{}", said(&refused));
    assert!(!key.exists(), "no new key is made for facts that are there");
    // what a vault hands over by a link: while it leads nowhere nothing starts
    std::os::unix::fs::symlink(&vault, &key).unwrap();
    assert!(list().status.success(), "{}", said(&list()));
    let refused = luoshi(&["rekey", "--data", data.to_str().unwrap()]);
    assert!(
        !refused.status.success() && said(&refused).contains("give the new one to the vault"),
        "{}",
        said(&refused)
    );
    std::fs::rename(&vault, room.at("away")).unwrap();
    assert!(said(&list()).contains("is gone") && key.is_symlink(), "{}", said(&list()));
    std::fs::remove_file(&key).unwrap();
    // another key opens nothing
    std::fs::copy(room.at("away"), &key).unwrap();
    let base = Pack::base(include_str!("../../../packs/base.toml")).unwrap();
    let db = Db::open(data.join("luoshi.db").to_str().unwrap(), Keys::new(&[5; 32])).unwrap();
    db.write(|tx| {
        let at = unit::find(tx, 1)?;
        let held = Held { post: "party_affairs_worker".into(), unit: 1, top: 1, path: at.path.clone() };
        let today = date(2023, 5, 15);
        let actor = Actor { person: 0, top: 1, home: 1, name: String::new(), posts: vec![held], operation: 0, today };
        let entry = Entry { name: "某甲".into(), phone: "13912345678".into(), ..Entry::default() };
        person::add(tx, &actor.permit(&base, Verb::Roll, &at)?, &entry)
    })
    .unwrap();
    std::fs::write(&key, [9; 32]).unwrap();
    assert!(said(&list()).contains("does not open what is sealed here"), "{}", said(&list()));
    std::fs::copy(room.at("away"), &key).unwrap();
    assert!(list().status.success(), "{}", said(&list()));
}

#[test]
fn a_restore_that_breaks_off_leaves_no_plain_text_behind() {
    let room = Room::new();
    let (old, new, zip) = (room.at("old"), room.at("new"), room.at("all.zip"));
    small(&old);
    assert!(luoshi(&["backup", "--data", old.to_str().unwrap(), zip.to_str().unwrap()]).status.success());
    std::fs::create_dir_all(&new).unwrap();
    std::fs::copy(old.join("luoshi.key"), new.join("luoshi.key")).unwrap();
    // the same facts are there already: their keys are taken
    let url = new.join("full.db");
    std::fs::copy(old.join("luoshi.db"), &url).unwrap();
    let words = ["restore", "--data", new.to_str().unwrap(), "--database", url.to_str().unwrap()];
    let refused = luoshi(&[&words[..], &[zip.to_str().unwrap()]].concat());
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(!new.join("restoring").exists(), "names and records lie there");
}

#[test]
fn on_a_terminal_back_up_and_restore_tell_how_far_they_are_and_elsewhere_only_when_asked() {
    let room = Room::new();
    let (data, copy) = (room.at("data"), room.at("copy"));
    small(&data);
    let run = |words: &[&str], at: &Path, file: &str| {
        let (at, file) = (at.display().to_string(), room.at(file).display().to_string());
        let done = luoshi(&[words, &["--data", &at, &file]].concat());
        assert!(done.status.success(), "{}", said(&done));
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    assert_eq!(run(&["backup"], &data, "quiet.zip"), "", "nothing for a timer to mail about");
    let told = run(&["backup", "--progress"], &data, "told.zip");
    assert!(told.contains("person: ") && told.contains("unit: ") && told.contains(" rows"), "{told}");
    std::fs::create_dir_all(&copy).unwrap();
    std::fs::copy(data.join("luoshi.key"), copy.join("luoshi.key")).unwrap();
    let told = run(&["restore", "--progress"], &copy, "told.zip");
    let steps = ["unpacking", "unit: ", "person: ", "attachments"].map(|step| told.find(step).expect(step));
    assert!(steps.is_sorted(), "in their order: {told}");
    assert_eq!(run(&["restore", "--force"], &copy, "told.zip"), "");
    // a terminal is a terminal: `script` gives the program one, where it is installed
    let terminal = room.at("terminal.zip").display().to_string();
    let line = format!("{} backup --data {} {terminal}", env!("CARGO_BIN_EXE_luoshi"), data.display());
    if let Ok(done) = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output() {
        assert!(said(&done).contains("person: "), "{}", said(&done));
    }
}

#[test]
fn a_running_installation_is_backed_up_wiped_and_restored_with_its_audit_trail_sound() {
    let room = Room::new();
    let (old, new, file) = (room.at("old"), room.at("new"), room.at("all.zip"));
    let (old_text, new_text, file_text) = (old.to_str().unwrap(), new.to_str().unwrap(), file.to_str().unwrap());
    let mut child = serve(&old);
    let paper = luoshi_web::Files::name(&luoshi_store::secret::digest(b"paper"));
    std::fs::create_dir_all(old.join(&paper).parent().unwrap()).unwrap();
    std::fs::write(old.join(&paper), b"paper").unwrap();
    let done = luoshi(&["backup", "--demo", "--data", old_text, file_text]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("1 attachments") && said(&done).contains("The key is not in it"));
    assert!(!luoshi(&["backup", "--demo", "--data", old_text, file_text]).status.success(), "never over a file");
    child.kill().unwrap();
    child.wait().unwrap();
    let nowhere = luoshi(&["backup", "--demo", "--data", old_text, "/dev/null/all.zip"]);
    assert!(!nowhere.status.success());
    let noted = luoshi_store::backup::list;
    let secret: [u8; 32] = std::fs::read(old.join("luoshi.key")).unwrap().try_into().unwrap();
    let db = Db::open(old.join("demo.db").to_str().unwrap(), Keys::new(&secret)).unwrap();
    let noted = db.read(noted).unwrap();
    assert_eq!(noted.iter().map(|one| one.failed).collect::<Vec<_>>(), [true, true, false], "each try is noted");
    assert!(noted[2].facts > 20_000 && noted[2].files == 1);
    drop(db);

    let refused = luoshi(&["restore", "--demo", "--data", new_text, file_text]);
    assert!(!refused.status.success() && said(&refused).contains("luoshi.key"), "{}", said(&refused));
    std::fs::create_dir_all(&new).unwrap();
    std::fs::copy(old.join("luoshi.key"), new.join("luoshi.key")).unwrap();
    let restored = luoshi(&["restore", "--demo", "--data", new_text, file_text]);
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(std::fs::read(new.join(&paper)).unwrap(), b"paper");
    let (key, demo) = (new.join("luoshi.key"), new.join("demo.db"));
    let counts = rows(demo.to_str().unwrap(), &key, &room.at("dump"));
    assert!(counts["unit"] == 494 && counts["person"] > 4_900 && counts["record"] > 20_000, "{counts:?}");
    assert!(luoshi(&["verify", "--demo", "--data", new_text]).status.success());
    let again = luoshi(&["restore", "--demo", "--data", new_text, file_text]);
    assert!(!again.status.success() && said(&again).contains("--force"), "{}", said(&again));
    assert!(luoshi(&["restore", "--demo", "--force", "--data", new_text, file_text]).status.success());
    assert!(new.join("demo.db.aside").exists());

    let half = std::fs::read(&file).unwrap();
    std::fs::write(room.at("half.zip"), &half[..half.len() / 2]).unwrap();
    let broken = luoshi(&["restore", "--demo", "--force", "--data", new_text, room.at("half.zip").to_str().unwrap()]);
    assert!(!broken.status.success(), "half a file is refused");
    assert_eq!(rows(demo.to_str().unwrap(), &key, &room.at("dump"))["unit"], 494, "and what is there stays");
}

#[test]
fn an_installation_moves_from_sqlite_to_postgresql() {
    let Ok(server) = std::env::var("LUOSHI_TEST_PG") else { return };
    let room = Room::new();
    let (old, file) = (room.at("old"), room.at("all.zip"));
    let sqlite = small(&old);
    let (old_text, file_text) = (old.to_str().unwrap(), file.to_str().unwrap());
    assert!(luoshi(&["export", "--data", old_text, file_text, "--json"]).status.success());
    let name = format!("luoshi_moved_{}", luoshi_store::new_id());
    postgres::Client::connect(&server, postgres::NoTls)
        .unwrap()
        .batch_execute(&format!("create database {name}"))
        .unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let meant = luoshi(&["import", "--data", old_text, "--database", &url, "--as", "clerk", file_text]);
    assert!(meant.status.code() == Some(1) && said(&meant).contains("taken in whole"), "{}", said(&meant));
    let moved = luoshi(&["import", "--data", old_text, "--database", &url, file_text]);
    assert!(moved.status.success(), "{}", said(&moved));
    let key = old.join("luoshi.key");
    let (mut a, b) = (rows(sqlite.to_str().unwrap(), &key, &room.at("a")), rows(&url, &key, &room.at("b")));
    assert_eq!(a.insert("backup".into(), 0), Some(1), "that it was made is noted where it was made");
    *a.get_mut("audit").unwrap() += 1; // that it was restored is in the trail
    assert_eq!(a, b);
    assert!(luoshi(&["verify", "--data", old_text, "--database", &url]).status.success());
    postgres::Client::connect(&server, postgres::NoTls)
        .unwrap()
        .batch_execute(&format!("drop database {name} with (force)"))
        .unwrap();
}

#[test]
fn each_command_says_what_it_does_and_refuses_what_it_does_not_know() {
    for command in ["serve", "demo", "check", "import", "export", "backup", "restore", "verify", "user", "intake"] {
        let help = luoshi(&[command, "--help"]);
        assert!(help.status.success() && said(&help).len() > 120, "{command}: {}", said(&help));
    }
    assert_eq!(luoshi(&["serv"]).status.code(), Some(2));
    assert_eq!(luoshi(&["backup", "--nonsense"]).status.code(), Some(2));
    let nowhere = luoshi(&["backup", "--data", "/nonexistent", "/tmp/x.zip"]);
    assert!(nowhere.status.code() == Some(1) && said(&nowhere).contains("name its folder with --data"));
}

#[test]
fn what_is_no_back_up_is_told_in_words_and_nothing_is_restored() {
    let room = Room::new();
    let (old, new, file) = (room.at("old"), room.at("new"), room.at("all.zip"));
    small(&old);
    let (data, zip) = (old.to_str().unwrap(), file.to_str().unwrap());
    assert!(luoshi(&["backup", zip, "--data", data]).status.success());
    std::fs::create_dir_all(&new).unwrap();
    std::fs::copy(old.join("luoshi.key"), new.join("luoshi.key")).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for (name, bytes) in [("words", &b"hello"[..]), ("cut", &whole[..whole.len() / 2]), ("empty", &b""[..])] {
        let wrong = room.at(name);
        std::fs::write(&wrong, bytes).unwrap();
        let refused = luoshi(&["restore", wrong.to_str().unwrap(), "--data", new.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(said(&refused).contains("this is no whole file of `luoshi backup`"), "{name}: {}", said(&refused));
        assert!(!new.join("luoshi.db").exists(), "{name}");
    }
}

#[test]
fn a_database_moved_aside_is_never_written_over_by_the_next() {
    let room = Room::new();
    let (old, file) = (room.at("old"), room.at("all.zip"));
    let sqlite = small(&old);
    let (data, zip) = (old.to_str().unwrap(), file.to_str().unwrap());
    assert!(luoshi(&["backup", "--data", data, zip]).status.success());
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "its owner alone may read it");
    let first = std::fs::read(&sqlite).unwrap();
    for _ in 0..2 {
        let restored = luoshi(&["restore", "--force", "--data", data, zip]);
        assert!(restored.status.success(), "{}", said(&restored));
    }
    assert_eq!(std::fs::read(old.join("luoshi.db.aside")).unwrap(), first, "the first is still there");
    assert!(old.join("luoshi.db.aside-2").exists());
}

#[test]
fn the_operator_sees_to_accounts_when_nobody_can_sign_in() {
    let room = Room::new();
    let old = room.at("old");
    small(&old);
    let data = old.to_str().unwrap();
    // the folder is named before or behind what is to be done
    let user = |rest: &[&str]| luoshi(&[&["user"], rest, &["--data", data]].concat());
    assert!(luoshi(&["user", "--data", data, "list"]).status.success());
    let listed: serde_json::Value = serde_json::from_slice(&user(&["list", "--json"]).stdout).unwrap();
    let clerk = listed.as_array().unwrap().iter().find(|line| line["login"] == "clerk").unwrap().clone();
    assert!(clerk["active"] == true && clerk["locked"] == false, "{clerk}");
    let invited = user(&["invite", "clerk"]);
    assert!(invited.status.success() && said(&invited).contains("/join#"), "{}", said(&invited));
    assert!(user(&["close", "clerk"]).status.success() && said(&user(&["list"])).contains("closed"));
    assert!(user(&["open", "clerk"]).status.success() && user(&["unlock", "clerk"]).status.success());
    for act in ["sign-out", "reset-factor"] {
        let done: serde_json::Value = serde_json::from_slice(&user(&[act, "clerk", "--json"]).stdout).unwrap();
        assert_eq!(done["login"], "clerk");
    }
    let noted = rusqlite::Connection::open(old.join("luoshi.db")).unwrap();
    let acts = "select count(distinct act) from audit where act in ('account.invite', 'account.close', 'account.open',
                'account.unlock', 'account.sign_out', 'factor.reset')";
    assert_eq!(noted.query_row(acts, [], |row| row.get::<_, i64>(0)).unwrap(), 6, "each is in the audit trail");
    let unknown = user(&["unlock", "nobody"]);
    assert!(unknown.status.code() == Some(1) && said(&unknown).contains("no sign-in name"), "{}", said(&unknown));
}

#[test]
fn an_old_database_put_back_signs_everybody_out_closes_links_and_is_told_at_the_start() {
    let room = Room::new();
    let (old, file) = (room.at("old"), room.at("all.zip"));
    let sqlite = small(&old);
    let (data, zip) = (old.to_str().unwrap(), file.to_str().unwrap());
    let db = Db::open(sqlite.to_str().unwrap(), Keys::new(&[5; 32])).unwrap();
    let top = 1;
    let who = account::Account { top, person: 7, hash: String::new() };
    let opening = session::Opening { token: "t".into(), strength: session::Strength::One, device: String::new() };
    db.write(|tx| session::begin(tx, &who, &opening)).unwrap();
    let invited = luoshi(&["user", "--data", data, "invite", "clerk"]);
    assert!(invited.status.success(), "{}", said(&invited));
    audit::seal_all(&db, Chain::default()).unwrap();
    assert!(luoshi(&["backup", "--data", data, zip]).status.success());
    // what is done later is published, and lost with the database that is put back
    db.write(|tx| account::add(tx, top, 8, "later", "hash")).unwrap();
    let later = audit::seal_all(&db, Chain::default()).unwrap().pop().unwrap();
    std::fs::write(old.join("audit-heads.jsonl"), serde_json::to_string(&later).unwrap() + "\n").unwrap();
    drop(db);
    let started = || {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        let command = command.args(["serve", "--data", data, "--listen", &format!("127.0.0.1:{port}")]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).env_remove("RUST_LOG").spawn().unwrap();
        let up = (0..400).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        child.kill().unwrap();
        assert!(up, "the program does not start");
        String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr).into_owned()
    };
    let words = "was an old back-up put back?";
    assert!(!started().contains(words), "the newest database lacks nothing");

    let restored = luoshi(&["restore", "--force", "--data", data, zip]);
    assert!(restored.status.success() && said(&restored).contains("Everybody signs in again"), "{}", said(&restored));
    let raw = rusqlite::Connection::open(&sqlite).unwrap();
    let count = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("select count(*) from session"), 0);
    assert_eq!(count("select count(*) from invitation where used = 0"), 0);
    assert_eq!(count("select count(*) from invitation"), 1);
    assert_eq!(count("select count(*) from audit where act = 'installation.restore'"), 1);
    assert!(started().contains(words));
    let verdict = luoshi(&["verify", "--data", data]);
    assert!(verdict.status.code() == Some(1), "{}", said(&verdict));
}
