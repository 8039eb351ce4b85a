//! F8: an upgrade from a released version is killed, and started again; an older program meets a newer schema.
//!
//! The kill comes at every write of the program, to its files or to the database server: between any two of them the
//! disk is as a kill at any statement would leave it. Nothing in the program helps this test.

use crate::harness::{Program, Room, ask, count, tell};
use crate::shim::{Knob, Shim};
use luoshi_store::{Db, Keys, new_id};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The schema as version 0.1.0 left it, and what was kept in it.
const RELEASED: [(&str, &str); 3] = [
    ("0001_units", include_str!("../../../luoshi-store/schema/0001_units.sql")),
    ("0002_people", include_str!("../../../luoshi-store/schema/0002_people.sql")),
    ("0003_facts", include_str!("../../../luoshi-store/schema/0003_facts.sql")),
];
const KEPT: &str = include_str!("released-0.1.0.sql");
const FACTS: [&str; 8] = ["unit", "person", "standing", "holding", "account", "record", "operation", "audit"];

fn released() -> String {
    let mut script = "create table applied (name text not null primary key);".to_owned();
    for (name, sql) in RELEASED {
        script.push_str(sql);
        script.push_str(&format!("insert into applied (name) values ('{name}');"));
    }
    script + KEPT
}

/// A database of version 0.1.0, and copies of it.
enum Old {
    Lite(PathBuf),
    Post { server: String, name: String },
}

impl Old {
    fn lite() -> Old {
        let file = std::env::temp_dir().join(format!("luoshi-released-{}.db", new_id()));
        let conn = rusqlite::Connection::open(&file).unwrap();
        conn.execute_batch("pragma journal_mode = wal").unwrap();
        conn.execute_batch(&released()).unwrap();
        Old::Lite(file)
    }

    fn post(server: &str) -> Old {
        let old = Old::Post { server: server.to_owned(), name: format!("luoshi_released_{}", new_id()) };
        old.run(&format!("create database {}", old.name()));
        postgres::Client::connect(&old.url(old.name()), postgres::NoTls).unwrap().batch_execute(&released()).unwrap();
        old
    }

    fn name(&self) -> &str {
        match self {
            Old::Lite(_) => "SQLite",
            Old::Post { name, .. } => name,
        }
    }

    fn url(&self, database: &str) -> String {
        let Old::Post { server, .. } = self else { return String::new() };
        format!("{}/{database}", server.rsplit_once('/').unwrap().0)
    }

    fn run(&self, sql: &str) {
        let Old::Post { server, .. } = self else { return };
        postgres::Client::connect(server, postgres::NoTls).unwrap().batch_execute(sql).unwrap();
    }

    /// A room with a copy of it.
    fn copy(&self) -> Room {
        let folder = std::env::temp_dir().join(format!("luoshi-fault-{}", new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("luoshi.key"), [7; 32]).unwrap();
        let database = match self {
            Old::Lite(file) => {
                std::fs::copy(file, folder.join("luoshi.db")).unwrap();
                None
            }
            Old::Post { name, .. } => {
                let copy = format!("luoshi_upgraded_{}", new_id());
                self.run(&format!("create database {copy} template {name}"));
                Some(self.url(&copy))
            }
        };
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Room { folder, cookie: String::new(), address, database, environment: Vec::new() }
    }

    fn drop_copy(&self, room: Room) {
        if let Some(url) = &room.database {
            self.run(&format!("drop database {} with (force)", url.rsplit_once('/').unwrap().1));
        }
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        match &*self {
            Old::Lite(file) => drop(std::fs::remove_file(file)),
            Old::Post { name, .. } => self.run(&format!("drop database {name} with (force)")),
        }
    }
}

/// Waits until the program answers, or has died.
fn upgraded(room: &Room, mut program: Program) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while ask(room.address, "GET", "/healthz", "", None).is_err() {
        if program.0.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "neither dead nor alive");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Everything that makes the schema, and how many rows the released tables have.
fn state(room: &Room) -> (Vec<String>, Vec<i64>) {
    // the server counts figures when it starts, and says so in the audit trail
    let counts = FACTS.iter().map(|table| match *table {
        "audit" => "select count(*) from audit where act <> 'rollup.rebuild'".to_owned(),
        table => format!("select count(*) from {table}"),
    });
    let counts: Vec<String> = counts.collect();
    if let Some(url) = &room.database {
        let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let sql =
            "select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
                          coalesce(column_default, '') from information_schema.columns where table_schema = 'public'
                   union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
                   union all select 'key ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
                   union all select 'applied ' || name from applied order by 1";
        let schema = client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        return (schema, counts.iter().map(|sql| client.query_one(sql, &[]).unwrap().get(0)).collect());
    }
    let conn = rusqlite::Connection::open(room.file()).unwrap();
    let sound: String = conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let sql = "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_master
               union all select 'applied ' || name from applied order by 1";
    let schema = conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (schema, counts.iter().map(|sql| conn.query_row(sql, [], |row| row.get(0)).unwrap()).collect())
}

/// The schema of a fresh install beside an old database.
fn fresh(old: &Old) -> Vec<String> {
    let mut room = old.copy();
    match &room.database {
        None => std::fs::remove_file(room.file()).unwrap(),
        Some(url) => {
            let empty = format!("luoshi_fresh_{}", new_id());
            old.run(&format!("create database {empty}"));
            old.run(&format!("drop database {} with (force)", url.rsplit_once('/').unwrap().1));
            room.database = Some(old.url(&empty));
        }
    }
    let url = room.database.clone().unwrap_or_else(|| room.file().display().to_string());
    drop(Db::open(&url, Keys::new(&[7; 32])).unwrap());
    let schema = state(&room).0;
    old.drop_copy(room);
    schema
}

fn killed_at_every_write(old: &Old, engine: &str) {
    let fresh = fresh(old);
    let shim_folder = std::env::temp_dir().join(format!("luoshi-shim-{}", new_id()));
    std::fs::create_dir_all(&shim_folder).unwrap();
    let shim = Shim::new(&shim_folder);
    let room = old.copy();
    let before = state(&room).1;
    assert!(upgraded(&room, room.launch(Some(&shim))));
    assert!(state(&room) == (fresh.clone(), before.clone()), "an upgrade nobody disturbed");
    old.drop_copy(room);
    let writes = shim.get(Knob::Writes);
    let step = usize::try_from(writes).unwrap().div_ceil(count(6, usize::MAX)).max(1);
    let (mut kills, mut tries) = (0, 0);
    for at in (1..=writes).step_by(step) {
        let room = old.copy();
        shim.set(Knob::Writes, 0);
        shim.set(Knob::DieAt, at);
        tries += 1;
        kills += i32::from(!upgraded(&room, room.launch(Some(&shim))));
        shim.set(Knob::DieAt, 0);
        assert!(upgraded(&room, room.launch(None)), "killed at write {at}, it cannot be finished");
        let (schema, rows) = state(&room);
        assert!(schema == fresh, "killed at write {at}, the schema differs from a fresh install");
        assert_eq!(rows, before, "killed at write {at}, facts are gone");
        old.drop_copy(room);
    }
    let _ = std::fs::remove_dir_all(shim_folder);
    assert!(kills + 2 >= tries, "killed {kills} times in {tries}"); // the last writes answer our own questions
    let words =
        format!("from 0.1.0, killed at {kills} of {writes} writes: each finished by the next start, schema as fresh");
    tell(&format!("F8 upgrade killed, {engine}"), &words);
}

#[test]
fn f8_an_upgrade_that_was_killed_is_finished_by_the_next_start() {
    killed_at_every_write(&Old::lite(), "SQLite");
    if let Ok(server) = std::env::var("LUOSHI_TEST_PG") {
        killed_at_every_write(&Old::post(&server), "PostgreSQL");
    }
}

fn refused(old: &Old, mark: impl Fn(&Room)) {
    let room = old.copy();
    mark(&room);
    let (before, program) = (state(&room), room.launch(None));
    let (status, said) = program.end(Duration::from_secs(20));
    assert!(!status.success());
    assert!(said.contains("9999_of_a_newer_program") && said.contains("start that version"), "{said}");
    assert_eq!(state(&room), before, "it touched what it does not understand");
    old.drop_copy(room);
}

#[test]
fn f8_an_older_program_refuses_a_newer_schema_in_words_and_leaves_it_alone() {
    let sql = "insert into applied (name) values ('9999_of_a_newer_program')";
    let lite = |file: &Path| rusqlite::Connection::open(file).unwrap().execute(sql, []).unwrap();
    refused(&Old::lite(), |room| assert_eq!(lite(&room.file()), 1));
    if let Ok(server) = std::env::var("LUOSHI_TEST_PG") {
        refused(&Old::post(&server), |room| {
            let mut client = postgres::Client::connect(room.database.as_ref().unwrap(), postgres::NoTls).unwrap();
            client.batch_execute(sql).unwrap();
        });
    }
    tell("F8 newer schema", "an older program refuses it in words and leaves it alone");
}
