//! Moves.

use super::*;

/// A subtree of 500 units below a unit, each with a record: its root, and all of its ids.
fn five_hundred(db: &Db, site: &Site, above: &Unit) -> (Unit, Vec<i64>) {
    let root = found(db, site, above, "organ_committee", "大委");
    let units = db
        .write(|tx| {
            let below = |at: &Unit| site.permit(Verb::Rule, at);
            let mut units = vec![root.clone()];
            for branch in 0..19 {
                let general = unit::found(tx, &below(&root), &founding("general_branch", &format!("总支{branch}")))?;
                for n in 0..25 {
                    units.push(unit::found(tx, &below(&general), &founding("branch", &format!("支部{branch}-{n}")))?);
                }
                units.push(general);
            }
            for n in 0..5 {
                units.push(unit::found(tx, &below(&root), &founding("branch", &format!("直属{n}")))?);
            }
            for unit in &units {
                record::add(tx, &site.permit(Verb::Write, unit), &entry(&site.pack, "2023-02-01"))?;
            }
            Ok(units)
        })
        .unwrap();
    (root, units.iter().map(|unit| unit.id).collect())
}

#[test]
fn moving_five_hundred_units_keeps_every_right_record_and_tree_correct_as_of_each_day() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let (root, units) = five_hundred(db, &site, &old);
        assert_eq!(units.len(), 500);
        let (_, of_old) = secretary(db, &site, old.id, "old");
        let (_, of_new) = secretary(db, &site, new.id, "new");
        let (mover, of_root) = secretary(db, &site, root.id, "root");
        let before = tree(db, &site, site.top.id, "2023-05-01");
        assert!(sees(db, &site, &of_old, units[17]) && !sees(db, &site, &of_new, units[17]));
        assert_eq!((records(db, &site, old.id), records(db, &site, new.id)), (500, 0));

        move_to(db, &site, root.id, new.id, "2023-05-02").unwrap();

        assert!(!sees(db, &site, &of_old, units[17]) && sees(db, &site, &of_new, units[17]));
        assert!(sees(db, &site, &of_root, units[17]));
        assert_eq!((records(db, &site, old.id), records(db, &site, new.id)), (0, 500));
        let people = site.scope(Verb::People, &now(db, new.id));
        assert_eq!(db.read(|tx| person::find(tx, &people, mover)).unwrap().unit, root.id);
        assert_eq!(tree(db, &site, site.top.id, "2023-05-01"), before);
        assert_eq!(tree(db, &site, old.id, "2023-05-01").split(' ').count(), 501);
        assert_eq!(tree(db, &site, old.id, "2023-05-02"), ">>旧委");
        assert_eq!(tree(db, &site, new.id, "2023-05-02").split(' ').count(), 501);
        assert_eq!(tree(db, &site, new.id, "2023-05-01"), ">>新委");
        assert_eq!(history(db, &site, root.id), "2023-05-02 move 新委; 2020-01-01 found ");
        let scope = site.scope(Verb::See, &now(db, units[17]));
        let unit = db.read(|tx| unit::list(tx, &scope)).unwrap().remove(0);
        let past = unit.before(day("2023-05-01")).unwrap();
        assert!(old.path.contains(&past.path) && new.path.contains(&unit.path));
    });
}

#[test]
fn a_place_once_given_is_never_given_again() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let first = found(db, &site, &old, "branch", "甲");
        move_to(db, &site, first.id, new.id, "2023-05-01").unwrap();
        let second = found(db, &site, &old, "branch", "乙");
        assert_ne!(second.path, first.path);
        move_to(db, &site, first.id, old.id, "2023-05-02").unwrap();
        let back = now(db, first.id);
        assert!(![&first.path, &second.path].contains(&&back.path), "{:?}", back.path);
        decide(db, &site, second.id, "2023-05-03", |tx, decision| unit::dissolve(tx, decision, None)).unwrap();
        assert_ne!(found(db, &site, &old, "branch", "丙").path, second.path);
        let roots: Vec<_> = ["甲组织", "乙组织"]
            .map(|name| db.write(|tx| unit::found_top(tx, &founding("organ_committee", name))))
            .into();
        let numbers: Vec<u32> = roots.into_iter().map(|root| root.unwrap().path.number()).collect();
        assert_eq!(numbers, [2, 3]);
    });
}

#[test]
fn a_unit_does_not_move_below_itself_to_another_organisation_or_where_its_level_cannot_stand() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let general = found(db, &site, &old, "general_branch", "总支");
        let branch = found(db, &site, &general, "branch", "支部");
        assert!(refused(move_to(db, &site, old.id, old.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, general.id, branch.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, branch.id, general.id, "2023-05-01")).contains("已隶属"));
        assert!(refused(move_to(db, &site, old.id, branch.id, "2023-05-01")).contains("它自己"));
        assert!(refused(move_to(db, &site, new.id, branch.id, "2023-05-01")).contains("它可以设在：党组"));
        assert!(refused(move_to(db, &site, site.top.id, old.id, "2023-05-01")).contains("自行管理"));
        assert!(refused(move_to(db, &site, branch.id, new.id, "2023-05-11")).contains("今天之后"));
        assert!(refused(move_to(db, &site, branch.id, new.id, "2019-12-31")).contains("2020-01-01"));
        let other = db.write(|tx| unit::found_top(tx, &founding("organ_committee", "别处"))).unwrap();
        let theirs = actor(9, &other, "party_affairs_worker", &other);
        assert!(theirs.permit(&site.pack, Verb::Rule, &branch).is_err());
        let to = theirs.permit(&site.pack, Verb::Rule, &other).unwrap();
        let outcome = decide(db, &site, branch.id, "2023-05-01", |tx, decision| unit::move_to(tx, decision, &to));
        assert!(refused(outcome).contains("本单位"));
        assert_eq!(now(db, branch.id).path, branch.path);
    });
}

#[test]
fn of_two_moves_at_once_that_would_make_a_circle_one_is_refused() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let outcomes = std::thread::scope(|scope| {
            let (site, one, two) = (&site, old.id, new.id);
            let there = scope.spawn(move || move_to(db, site, one, two, "2023-05-01"));
            let back = scope.spawn(move || move_to(db, site, two, one, "2023-05-01"));
            [there.join().unwrap(), back.join().unwrap()]
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(tree(db, &site, site.top.id, "2023-05-10").split(' ').count(), 3);
    });
}

#[test]
fn organisations_below_a_unit_move_with_it() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        let (one, two) = (
            found(db, &site, &site.top, "organ_committee", "一委"),
            found(db, &site, &site.top, "organ_committee", "二委"),
        );
        let rule = permit(db, &site, one.id, Verb::Rule);
        let own = db.write(|tx| unit::found_top_below(tx, &rule, &founding("organ_committee", "自管"))).unwrap();
        let clerk = actor(5, &own, "party_affairs_worker", &own);
        let below = clerk.permit(&site.pack, Verb::Rule, &own).unwrap();
        let branch = db.write(|tx| unit::found(tx, &below, &founding("branch", "支部"))).unwrap();
        let write = clerk.permit(&site.pack, Verb::Write, &branch).unwrap();
        db.write(|tx| record::add(tx, &write, &entry(&site.pack, "2023-02-01"))).unwrap();
        move_to(db, &site, one.id, two.id, "2023-05-01").unwrap();
        assert!(now(db, two.id).path.contains(&now(db, branch.id).path));
        assert_eq!(records(db, &site, branch.id), 1);
        assert_eq!(tree(db, &site, own.id, "2023-04-30"), ">>>自管 >>>>支部");
        assert_eq!(tree(db, &site, own.id, "2023-05-01"), ">>>>自管 >>>>>支部");
        assert_eq!(db.read(|tx| unit::tops_below(tx, &now(db, two.id))).unwrap().len(), 1);
    });
}

#[test]
fn every_table_that_copies_a_place_is_rewritten_by_a_move() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let schema: Vec<String> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let place = include_str!("../../src/unit/place.rs");
    let mut table = "";
    let mut seen = 0;
    for line in schema.iter().flat_map(|text| text.lines()) {
        table = line.strip_prefix("create table ").and_then(|rest| rest.split(' ').next()).unwrap_or(table);
        let column = line.split_whitespace().next().unwrap_or_default();
        // where a unit stood, and where it stood when something was counted, stay as they were
        let past = table == "unit_past" || table.starts_with("rollup");
        if matches!(column, "path" | "opener_path") && !past {
            assert!(place.contains(&format!("update {table} set {column} = ")), "{table}.{column}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}
