//! What is kept about a person: the copy they take, being locked, and how long it is kept.

use super::*;

/// Columns that name a person.
const PEOPLE: [&str; 4] = ["person_id", "actor_id", "author_id", "handler_id"];
/// Columns that end alike and name something else.
const OTHERS: [&str; 20] = [
    "fund_id",
    "case_id",
    "exchange_id",
    "coverage_id",
    "round_id",
    "parent_id",
    "collection_id",
    "issuer_id",
    "class_id",
    "pledge_id",
    "group_id",
    "top_id",
    "unit_id",
    "other_id",
    "opener_id",
    "matter_id",
    "record_id",
    "pack_id",
    "map_id",
    "intake_id",
];
/// Tables that name people in another way: a key of their own, a list.
const NAMING: [&str; 3] = ["person", "matter", "roll"];

#[test]
fn every_table_that_names_people_is_in_the_copy_or_left_out_for_a_reason() {
    let mut naming: BTreeSet<String> = NAMING.map(String::from).into();
    for (table, columns) in schema() {
        for column in columns.iter().filter(|column| column.ends_with("_id")) {
            let known = PEOPLE.contains(&column.as_str()) || OTHERS.contains(&column.as_str());
            assert!(known, "say in this test whether {table}.{column} names a person");
            if PEOPLE.contains(&column.as_str()) {
                naming.insert(table.clone());
            }
        }
    }
    let copied: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(naming, copied, "left: tables of the schema that name people; right: what mine.rs says of tables");
    for (table, copy) in TABLES {
        match copy {
            Copy::Not(why) => assert!(why.len() > 20, "{table} is left out without a reason"),
            Copy::Rows(sql) => {
                let words: Vec<&str> = sql.split_whitespace().collect();
                let reads = words.windows(2).any(|two| matches!(two[0], "from" | "join") && two[1] == *table);
                assert!(reads, "{table} is not read by its statement");
            }
        }
    }
}

#[test]
fn every_table_has_a_date_and_a_rule_it_comes_from_and_the_administrator_can_read_it() {
    let tables: BTreeSet<String> = schema().into_iter().map(|(table, _)| table).collect();
    let ruled: BTreeSet<String> = RULES.iter().map(|rule| rule.table.to_owned()).collect();
    assert_eq!(tables, ruled);
    let text = include_str!("../../../../docs/operating.md");
    for rule in RULES {
        assert!(rule.source.len() > 5, "{} has no source", rule.table);
        if let Keep::Days(days, _) = rule.keep {
            let mut lines = text.lines().filter(|line| line.contains(&format!("`{}`", rule.table)));
            assert!(lines.any(|line| line.contains(&days.to_string())), "{}: {days} days", rule.table);
        }
    }
}

#[test]
fn the_copy_has_what_every_table_says_of_the_person_and_nothing_of_the_others() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let actor = traced(db, &site);
        let other = Entry { name: "某甲".into(), identity: "11010519800101001X".into(), ..Entry::default() };
        db.write(|tx| person::add(tx, &site.permit(Verb::Roll, &site.branches[0]), &other)).ok();
        ask(db, &site, &actor, Ask::Correct, "出生日期有误");
        let copy = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        let empty = [
            "transfer",
            "matter",
            "unit_change",
            "import",
            "intake",
            "exchange",
            "exchange_return",
            "exchange_receipt",
            "edition",
            "person_lock",
            "waiver",
            "export_map",
            "figure_own",
            "figure_quote",
            "collection_answer",
        ];
        for (table, rows) in &copy {
            assert_eq!(rows.is_empty(), empty.contains(table), "{table}: {rows:?}");
        }
        let text = serde_json::to_string(&copy).unwrap();
        for words in [NAME, IDENTITY, PHONE, LOGIN, "联系", "出生日期有误", "第一次会议"] {
            assert!(text.contains(words), "{words}");
        }
        for words in ["某甲", "argon2id", "11010519800101001X"] {
            assert!(!text.contains(words), "{words}");
        }
    });
}

#[test]
fn who_asks_to_be_locked_is_shown_nowhere_until_unlocked() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let (actor, permit) = (traced(db, &site), site.permit(Verb::Roll, &site.top));
        let scope = site.scope(Verb::People, &site.top);
        let all = Filter { most: 50, ..Filter::default() };
        let seen = || {
            db.read(|tx| {
                let list = person::list(tx, &scope, &all)?.len();
                assert_eq!(person::count(tx, &scope, &all)?, list as i64);
                Ok((list, person::find(tx, &scope, actor.person).is_ok()))
            })
            .unwrap()
        };
        assert_eq!(seen(), (1, true));
        let (on, old) = (day("2023-05-10"), (day("1900-01-01"), day("2023-05-10")));
        let named = || {
            db.read(|tx| {
                Ok([
                    youth::members(tx, &scope, (0, on))?.len(),
                    youth::with_members(tx, &scope, on)?.1.len(),
                    youth::born_between(tx, &scope, old, on)?.len(),
                    youth::turns(tx, &scope, 0)?.len(),
                    class::hours::pupils(tx, &scope, ("", old), on)?.len(),
                    luoshi_store::figure::standers(tx, &scope, &[actor.person])?.len(),
                ])
            })
            .unwrap()
        };
        assert_eq!(named(), [1; 6]);
        let lock = ask(db, &site, &actor, Ask::Lock, "");
        db.write(|tx| request::grant(tx, &permit, &lock, "")).unwrap();
        assert_eq!(seen(), (0, false));
        assert_eq!(named(), [0; 6]);
        let unmask = site.permit(Verb::Unmask, &site.top);
        assert!(db.write(|tx| identity::unmask(tx, &unmask, actor.person, Field::Phone, "核对信息")).is_err());
        assert_eq!(db.read(|tx| person::own(tx, &actor)).unwrap().name, NAME, "the person sees themselves");
        assert!(db.write(|tx| request::grant(tx, &permit, &lock, "")).is_err(), "answered once");
        let unlock = ask(db, &site, &actor, Ask::Unlock, "");
        db.write(|tx| request::grant(tx, &permit, &unlock, "")).unwrap();
        assert_eq!(seen(), (1, true));
    });
}

#[test]
fn the_daily_job_drops_what_is_past_its_day_and_nothing_else() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        let wish = ask(db, &site, &actor, Ask::Correct, "有误");
        db.write(|tx| request::refuse(tx, &site.permit(Verb::Roll, &site.top), &wish, "无误")).unwrap();
        ask(db, &site, &actor, Ask::Correct, "仍有误");
        let dropped = |days: i64| {
            let all = db.write(|tx| retain::run(tx, now() + days * 24 * 3600 * 1000)).unwrap();
            all.into_iter().filter(|(_, n)| *n > 0).collect::<Vec<_>>()
        };
        assert_eq!(dropped(0), []);
        assert_eq!(dropped(2), [("session", 1)]);
        assert_eq!(dropped(31), [("operation", 1), ("import", 1)]);
        assert_eq!(dropped(34), [("invitation", 1)]);
        assert_eq!(dropped(91), [("draft", 1)]);
        assert_eq!(dropped(1096), [("sight", 1), ("look", 1), ("request", 1)]);
        assert_eq!(dropped(10_000), []);
        let list = db.read(|tx| import::list(tx, &site.permit(Verb::Roll, &site.branches[0]))).unwrap();
        assert_eq!(list[0].state, "expired");
        let body = db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.branches[0]), list[0].id)).unwrap();
        assert_eq!(body, "");
    });
}
