//! Other changes, ties, and the tree as it is read.

use super::*;

#[test]
fn a_change_has_a_day_not_before_the_last_and_leaves_what_was() {
    on_every_engine(|db| {
        let (site, old, _) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "甲支部");
        let name = |text: &str| Name { short: text.into(), full: format!("中共{text}"), search: text.into() };
        let rename = |text: &str, on: &str| {
            decide(db, &site, branch.id, on, |tx, decision| unit::rename(tx, decision, &name(text)))
        };
        rename("乙支部", "2023-03-01").unwrap();
        assert!(refused(rename("丙支部", "2023-02-28")).contains("2023-03-01"));
        assert!(refused(rename("乙支部", "2023-03-02")).contains("没有变更"));
        assert!(refused(rename("", "2023-03-02")).contains("1至100字"));
        rename("丙支部", "2023-03-01").unwrap();
        assert_eq!(tree(db, &site, branch.id, "2023-02-28"), ">>>甲支部");
        assert_eq!(tree(db, &site, branch.id, "2023-03-01"), ">>>丙支部");
        let sort = |level: &str, code: &str| Sort {
            level: level.into(),
            class: "organ".into(),
            code: code.into(),
            parts: vec!["committee".into()],
            order_no: 1,
        };
        let reclass =
            |sort: Sort| decide(db, &site, branch.id, "2023-04-01", |tx, decision| unit::reclass(tx, decision, &sort));
        assert!(refused(reclass(sort("branch", "611"))).contains("631"));
        assert!(refused(reclass(sort("work_committee", ""))).contains("最上级"));
        reclass(sort("general_branch", "621")).unwrap();
        let scope = site.scope(Verb::See, &now(db, branch.id));
        let unit = db.read(|tx| unit::list(tx, &scope)).unwrap().remove(0);
        assert_eq!((unit.level_on(day("2023-03-31")), unit.level_on(day("2023-04-01"))), ("branch", "general_branch"));
        assert!(unit.parts_on(day("2023-03-31")).is_empty() && unit.parts_on(day("2023-04-01")) == ["committee"]);
        let kinds = db.read(|tx| unit::history(tx, &scope, branch.id)).unwrap();
        assert_eq!(kinds[0].note, "党支部 机关 → 党总支 机关 621 支部委员会 · 批复1号");
        assert!(kinds.iter().any(|one| one.note == "甲支部 → 中共乙支部 · 批复1号"));
        let kinds: Vec<Change> = kinds.iter().map(|one| one.change).collect();
        assert_eq!(kinds, [Change::Reclass, Change::Rename, Change::Rename, Change::Found]);
    });
}

#[test]
fn a_split_founds_units_beside_the_old_one_and_moves_those_chosen() {
    on_every_engine(|db| {
        let (site, old, _) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let (stays, goes) = (enter(db, &site, branch.id, "某甲"), enter(db, &site, branch.id, "某乙"));
        let split = |people: Vec<i64>| {
            decide(db, &site, branch.id, "2023-05-01", |tx, decision| {
                let above = site.permit(Verb::Rule, &unit::find(tx, old.id)?);
                let part = Offshoot { founding: founding("branch", "第二支部"), people: people.clone() };
                unit::split(tx, decision, &above, &[part])
            })
        };
        assert!(refused(split(vec![goes, 4_711])).contains("不在该组织名册"));
        assert_eq!(tree(db, &site, old.id, "2023-05-01"), ">>旧委 >>>支部");
        let new = split(vec![goes]).unwrap().remove(0);
        assert_eq!((new.founded, new.path.parent()), (day("2023-05-01"), Some(old.path.clone())));
        let scope = site.scope(Verb::People, &now(db, old.id));
        let unit_of = |id: i64| db.read(|tx| person::find(tx, &scope, id)).unwrap().unit;
        assert_eq!((unit_of(stays), unit_of(goes)), (branch.id, new.id));
        assert_eq!(history(db, &site, new.id), "2023-05-01 split 支部; 2023-05-01 found ");
        assert_eq!(history(db, &site, branch.id), "2023-05-01 split 第二支部; 2020-01-01 found ");
    });
}

#[test]
fn a_unit_is_dissolved_only_when_nobody_and_nothing_is_left_in_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let (_, token) = secretary(db, &site, new.id, "new");
        let dissolve = |id: i64| decide(db, &site, id, "2023-05-01", |tx, decision| unit::dissolve(tx, decision, None));
        assert!(refused(dissolve(old.id)).contains("1 个下级组织"));
        assert!(refused(dissolve(new.id)).contains("1 人"));
        merge(db, &site, new.id, branch.id, "2023-05-01").unwrap();
        assert!(!sees(db, &site, &token, new.id), "posts end with the unit");
        merge(db, &site, branch.id, old.id, "2023-05-02").unwrap();
        assert!(refused(dissolve(branch.id)).contains("已于 2023-05-02 撤销"));
        assert_eq!(tree(db, &site, old.id, "2023-05-03"), ">>旧委");
        let empty = found(db, &site, &old, "branch", "空支部");
        decide(db, &site, empty.id, "2023-05-09", |tx, decision| unit::dissolve(tx, decision, None)).unwrap();
        assert_eq!(now(db, empty.id).dissolved.unwrap().0, day("2023-05-09"));
        let above = permit(db, &site, empty.id, Verb::Rule);
        assert!(refused(db.write(|tx| unit::found(tx, &above, &founding("branch", "迟")))).contains("上级组织已于"));
        assert_eq!(tree(db, &site, old.id, "2023-05-09"), ">>旧委 >>>空支部");
        assert_eq!(tree(db, &site, old.id, "2023-05-10"), ">>旧委");
    });
}

#[test]
fn nobody_sees_another_organisation_without_a_post_above_it() {
    on_every_engine(|db| {
        let pack = common::pack();
        let province = db.write(|tx| unit::found_top(tx, &founding("work_committee", "省直工委"))).unwrap();
        let clerk = actor(1, &province, "party_affairs_worker", &province);
        let rule = clerk.permit(&pack, Verb::Rule, &province).unwrap();
        let found = |name| db.write(|tx| unit::found_top_below(tx, &rule, &founding("leading_group", name))).unwrap();
        let (a, b) = (found("甲厅"), found("乙厅"));
        assert!(a.top == a.id && province.path.contains(&a.path) && a.path != b.path);
        let of_a = actor(2, &a, "party_affairs_worker", &a);
        assert!(clerk.may(&pack, Verb::See, &b.path) && of_a.may(&pack, Verb::See, &a.path));
        assert!(!of_a.may(&pack, Verb::See, &b.path) && !of_a.may(&pack, Verb::See, &province.path));
        let below = db.read(|tx| unit::tops_below(tx, &province)).unwrap();
        assert_eq!(below.iter().map(|one| one.id).collect::<Vec<_>>(), [a.id, b.id]);
        assert!(db.read(|tx| unit::tops_below(tx, &a)).unwrap().is_empty());
        let scope = clerk.scope(&pack, Verb::See, &province).unwrap();
        assert_eq!(db.read(|tx| unit::list(tx, &scope)).unwrap().len(), 1, "a scope stays within one organisation");
        let next = db.write(|tx| unit::found_top(tx, &founding("work_committee", "市直工委"))).unwrap();
        assert_eq!(next.path.as_str(), "0002");
    });
}

#[test]
fn ties_beside_the_tree_hold_from_day_to_day() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let permit = permit(db, &site, old.id, Verb::Rule);
        let add = |tie: &str, other: &Unit, from: &str| {
            db.write(|tx| unit::add_tie(tx, &permit, &site.pack, (tie, other), day(from)))
        };
        add("guidance", &new, "2023-01-01").unwrap();
        assert!(refused(add("guidance", &new, "2023-02-01")).contains("2023-01-01"));
        assert!(refused(add("guidance", &old, "2023-02-01")).contains("自己"));
        assert!(refused(add("friendship", &new, "2023-02-01")).contains("种类"));
        assert!(refused(add("territorial", &new, "2019-02-01")).contains("当日存在"));
        let scope = site.scope(Verb::See, &now(db, new.id));
        let ties = db.read(|tx| unit::ties(tx, &scope, new.id)).unwrap();
        assert_eq!((ties.len(), ties[0].unit_name.as_str(), ties[0].until), (1, "旧委", None));
        let end = |on: &str| db.write(|tx| unit::end_tie(tx, &permit, "guidance", new.id, day(on)));
        assert!(refused(end("2022-12-31")).contains("早于"));
        end("2023-03-31").unwrap();
        assert!(refused(end("2023-03-31")).contains("没有这一关系"));
        add("guidance", &new, "2023-04-01").unwrap();
        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();
        let ties = db.read(|tx| unit::ties(tx, &scope, new.id)).unwrap();
        assert!(ties.iter().all(|tie| tie.until.is_some()), "a tie ends with the unit: {ties:?}");
        let card = db.read(|tx| unit::card(tx, &scope, new.id, day("2023-06-01"))).unwrap();
        assert_eq!(card.ties, ties);
    });
}

#[test]
fn a_tree_is_read_by_words_with_who_leads_each_unit_and_how_many_belong_to_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        secretary(db, &site, old.id, "secretary");
        enter(db, &site, old.id, "某乙");
        let scope = site.scope(Verb::See, &now(db, site.top.id));
        let found = |words: &str| db.read(|tx| unit::search(tx, &scope, words, 10)).unwrap().len();
        assert_eq!((found("旧"), found("委"), found("%"), found("无此")), (1, 3, 3, 0));
        let heads = |on: &str| db.read(|tx| unit::heads(tx, &scope, day(on))).unwrap();
        assert_eq!(heads("2023-05-10")[&(old.id, "organ_committee_secretary".to_owned())], "secretary");
        assert!(heads("2020-12-31").is_empty());
        let card = |at: i64, on: &str| db.read(|tx| unit::card(tx, &scope, at, day(on))).unwrap();
        let of_old = card(old.id, "2023-05-10");
        assert_eq!(of_old.posts, db.read(|tx| holding::of_unit(tx, &scope, old.id)).unwrap());
        assert_eq!(of_old.counts, db.read(|tx| person::counts(tx, &scope, 0)).unwrap());
        assert_eq!(of_old.history, db.read(|tx| unit::history(tx, &scope, old.id)).unwrap());
        assert!(card(old.id, "2020-12-31").posts.is_empty() && card(new.id, "2023-05-10").posts.is_empty());
        let around = db.read(|tx| unit::around(tx, &now(db, old.id))).unwrap();
        assert_eq!(around.above, db.read(|tx| unit::ancestry(tx, &now(db, old.id))).unwrap());
        let members = db.read(|tx| unit::members(tx, &scope)).unwrap();
        assert_eq!((members.get(&old.id), members.get(&new.id)), (Some(&(2, 0)), None));
    });
}
