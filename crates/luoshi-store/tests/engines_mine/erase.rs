//! Erasing, down to the bytes.

use super::*;

#[test]
fn erasing_needs_the_higher_right_and_that_the_person_has_left() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        let wish = ask(db, &site, &actor, Ask::Erase, "我已离开");
        let rule = site.permit(Verb::Rule, &site.top);
        let refused = db.write(|tx| request::grant(tx, &rule, &wish, "")).unwrap_err().to_string();
        assert!(refused.contains("名册") || refused.contains("roll"), "{refused}");
        leave(db, &site.permit(Verb::Roll, &site.branches[0]), actor.person);
        let wish = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        let roll = site.permit(Verb::Roll, &site.top);
        assert!(db.write(|tx| request::grant(tx, &roll, &wish, "")).is_err(), "keeping the roll is not enough");
        assert_eq!(wish.state, "open");
        db.write(|tx| request::grant(tx, &rule, &wish, "已办")).unwrap();
        let answered = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        assert_eq!((answered.state.as_str(), answered.words.as_str()), ("done", ""));
        assert!(answered.name.starts_with("已删除人员"), "{}", answered.name);
        assert!(db.write(|tx| account::attempt(tx, LOGIN)).is_err());
    });
}

#[test]
fn whose_name_is_one_character_can_be_erased_too() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (at, roll) = (&site.branches[0], site.permit(Verb::Roll, &site.branches[0]));
        let entry = Entry { name: "某".into(), since: Some(day("2022-01-01")), ..Entry::default() };
        let id = db.write(|tx| person::add(tx, &roll, &entry)).unwrap();
        let wish = ask(db, &site, &common::actor(id, at, "member", at), Ask::Erase, "我已离开");
        leave(db, &roll, id);
        let found = || db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &found(), "")).unwrap();
        let answered = found();
        assert!(answered.name.starts_with("已删除人员"), "{}", answered.name);
    });
}

#[test]
fn texts_that_name_the_person_are_told_to_whoever_erases() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (actor, at) = (traced(db, &site), &site.branches[0]);
        let kind = site.pack.kind.iter().find(|kind| kind.id == "theme-day").unwrap();
        let named = db
            .write(|tx| {
                let entry = record::Entry {
                    kind,
                    on: day("2023-03-03"),
                    data: serde_json::json!({ "topic": format!("{NAME}发言") }),
                    makes_up: String::new(),
                    due: None,
                    stood: Vec::new(),
                    files: Vec::new(),
                };
                record::add(tx, &site.permit(Verb::Write, at), &entry)
            })
            .unwrap();
        leave(db, &site.permit(Verb::Roll, at), actor.person);
        let wish = ask(db, &site, &actor, Ask::Erase, "");
        db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
        let answered = db.read(|tx| request::find(tx, &site.scope(Verb::Roll, &site.top), wish.id)).unwrap();
        let found: Vec<_> = answered.found.iter().map(|one| (one.sort.as_str(), one.unit, one.id)).collect();
        assert_eq!(found, [("record", at.id, named)]);
    });
}

/// Whether the bytes of a file hold a text in any encoding it could stand in.
fn holds(bytes: &[u8], text: &str) -> bool {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let blind = secret::digest(text.as_bytes());
    [text.as_bytes(), &utf16, blind.as_bytes()].iter().any(|needle| bytes.windows(needle.len()).any(|at| at == *needle))
}

#[test]
fn after_erasing_no_byte_of_the_file_its_log_or_a_back_up_names_the_person() {
    let file = std::env::temp_dir().join(format!("luoshi-erase-{}.db", luoshi_store::new_id()));
    let db = Db::open(file.to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
    let site = Site::new(&db, &["一支部"]);
    let actor = traced(&db, &site);
    let read = |end: &str| std::fs::read(format!("{}{end}", file.display())).unwrap_or_default();
    let traces = [NAME, IDENTITY, PHONE, LOGIN, "联系欧阳", "oywh"];
    let before = [read(""), read("-wal")].concat();
    for trace in traces.iter().filter(|trace| ![IDENTITY, PHONE].contains(trace)) {
        assert!(holds(&before, trace), "{trace} was there before, so that the search proves something");
    }
    leave(&db, &site.permit(Verb::Roll, &site.branches[0]), actor.person);
    let wish = ask(&db, &site, &actor, Ask::Erase, &format!("{NAME}，{PHONE}"));
    db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
    db.scrub().unwrap();
    let copy = file.with_extension("backup");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.backup("main", &copy, None::<fn(rusqlite::backup::Progress)>).unwrap();
    let files = [("file", read("")), ("log", read("-wal")), ("back-up", std::fs::read(&copy).unwrap())];
    for (name, bytes) in &files {
        assert_eq!(bytes.is_empty(), *name == "log", "{name}");
        for trace in traces {
            assert!(!holds(bytes, trace), "{trace} is still in the {name}");
        }
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    std::fs::remove_file(copy).unwrap();
}

/// Files of a folder and those below it that hold a text, or its digest. Files of a running server come and go.
fn found_below(folder: &std::path::Path, text: &str) -> Option<String> {
    let digest = secret::digest(text.as_bytes());
    let mut grep = std::process::Command::new("grep");
    grep.args(["-rlaFs", "-e", text, "-e", &digest]).arg(folder).env("LC_ALL", "C");
    let said = String::from_utf8(grep.output().unwrap().stdout).unwrap();
    (!said.is_empty()).then_some(said)
}

/// What docs/operating.md tells the administrator of PostgreSQL to run after somebody was erased.
fn what_the_administrator_runs() -> Vec<String> {
    let text = std::fs::read_to_string("../../docs/operating.md").unwrap();
    let block = text.split("after somebody was erased\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn on_postgresql_what_the_administrator_runs_leaves_no_byte_in_tables_logs_or_a_back_up() {
    on_every_engine_at(|db, url| {
        if !url.starts_with("postgres") {
            return; // the file itself is searched in the story above
        }
        let mut admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
        let data: String = admin.query_one("show data_directory", &[]).unwrap().get(0);
        let data = std::path::Path::new(&data);
        let place: String = admin
            .query_one("select 'base/' || oid from pg_database where datname = current_database()", &[])
            .unwrap()
            .get(0);
        assert!(data.join(&place).exists(), "the server must be on this machine, and its files readable");
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        // other stories use the same server and write the same names into its log: this one is nobody else's
        let alone = format!("上官{}", luoshi_store::new_id());
        let roll = site.permit(Verb::Roll, &site.branches[0]);
        let other =
            Entry { name: alone.clone(), search: alone.clone(), since: Some(day("2022-01-01")), ..Entry::default() };
        let other = db.write(|tx| person::add(tx, &roll, &other)).unwrap();
        assert!(found_below(&data.join("pg_wal"), &alone).is_some(), "in the log, so that the search proves something");
        admin.batch_execute("analyze; checkpoint").unwrap();
        let traces = [NAME, IDENTITY, PHONE, LOGIN, "联系欧阳", "oywh", &alone];
        for trace in traces.iter().filter(|trace| ![IDENTITY, PHONE].contains(trace)) {
            assert!(
                found_below(&data.join(&place), trace).is_some(),
                "{trace} was there, so that the search proves something"
            );
        }
        let gone = [
            (actor, format!("{NAME}，{PHONE}")),
            (common::actor(other, &site.branches[0], "member", &site.branches[0]), alone.clone()),
        ];
        for (who, words) in &gone {
            leave(db, &roll, who.person);
            let wish = ask(db, &site, who, Ask::Erase, words);
            db.write(|tx| request::grant(tx, &site.permit(Verb::Rule, &site.top), &wish, "")).unwrap();
        }
        db.scrub().unwrap();
        assert!(found_below(&data.join(&place), &alone).is_some(), "erasing alone leaves bytes, as the document says");
        let told = what_the_administrator_runs();
        assert!(told.len() >= 4, "{told:?}");
        let left = || {
            let mut tables = traces.iter().filter_map(|trace| found_below(&data.join(&place), trace));
            tables.next().or_else(|| found_below(&data.join("pg_wal"), &alone))
        };
        // the document says "when nobody works": other stories do, on the same server, and may hold a file meanwhile
        for _ in 0..5 {
            for statement in &told {
                admin.batch_execute(statement).unwrap();
            }
            if left().is_none() {
                break;
            }
        }
        assert_eq!(left(), None, "still in the tables or the log");
        let copy = std::env::temp_dir().join(format!("luoshi-erase-{}", luoshi_store::new_id()));
        std::fs::create_dir_all(&copy).unwrap();
        luoshi_store::dump::write(db, |name| std::fs::File::create(copy.join(name))).unwrap();
        for trace in traces {
            assert_eq!(found_below(&copy, trace), None, "{trace} is still in the back-up");
        }
        std::fs::remove_dir_all(copy).unwrap();
    });
}
