//! Mergers, ends and turns: what becomes of matters.

use super::*;

#[test]
fn a_merger_hands_over_people_units_and_open_matters_and_keeps_what_was_done() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let branch = found(db, &site, &old, "branch", "支部");
        let one = enter(db, &site, old.id, "某甲");
        let done = note(db, &site, old.id, "2023-02-01");
        note(db, &site, branch.id, "2023-02-01");
        let above = actor(1, &site.top, "party_affairs_worker", &site.top);
        let act = above.permit(&site.pack, Verb::Act, &site.top).unwrap();
        let flow = site.pack.flow("follow-up").unwrap();
        let opening = |addressee: &'_ Unit| Opening {
            flow,
            addressee: Box::leak(Box::new(addressee.clone())),
            subject: "1/2023Q1".into(),
            title: "提醒".into(),
            data: json!({}),
            note: String::new(),
        };
        let matter = db.write(|tx| matter::open(tx, &act, &opening(&old))).unwrap();
        db.write(|tx| matter::open(tx, &act, &opening(&new))).unwrap();

        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();

        let gone = now(db, old.id);
        assert_eq!(gone.dissolved.unwrap(), (day("2023-05-01"), "并入 merged into: 新委".into()));
        assert!(now(db, new.id).path.contains(&now(db, branch.id).path));
        assert_eq!((records(db, &site, new.id), records(db, &site, old.id)), (1, 1));
        let scope = site.scope(Verb::See, &now(db, old.id));
        assert_eq!(db.read(|tx| record::find(tx, &scope, done)).unwrap().record.unit, old.id);
        let people = site.scope(Verb::People, &now(db, new.id));
        assert_eq!(db.read(|tx| person::find(tx, &people, one)).unwrap().unit, new.id);
        let scope = site.scope(Verb::See, &now(db, new.id));
        let line = db.read(|tx| matter::find(tx, &scope, matter)).unwrap();
        // it says where it came from, and no step was taken in anybody's name
        assert_eq!((line.matter.unit, line.matter.events.len(), line.turns.len()), (new.id, 1, 1));
        assert!(line.turns[0].note.contains("旧委 → 新委") && line.turns[0].from == "旧委", "{:?}", line.turns);
        assert_eq!(history(db, &site, old.id), "2023-05-01 merge 新委; 2020-01-01 found ");
        assert_eq!(history(db, &site, new.id), "2023-05-01 merge 旧委; 2020-01-01 found ");
        assert_eq!(tree(db, &site, old.id, "2023-04-30"), ">>旧委 >>>支部");
        assert!(refused(move_to(db, &site, old.id, site.top.id, "2023-05-02")).contains("已于 2023-05-01 撤销"));
        assert!(refused(move_to(db, &site, branch.id, old.id, "2023-05-02")).contains("撤销"));
    });
}

/// An inspection of a committee by the top, with a finding that is closed and one that is under way.
fn inspected(db: &Db, site: &Site, at: &Unit) -> [i64; 3] {
    let open = |flow: &str, whole: i64, by: (&Unit, &str, i64), title: &str| {
        let leave = actor(by.2, by.0, by.1, by.0).permit(&site.pack, Verb::Act, by.0).unwrap();
        db.write(|tx| {
            let opening = Opening {
                flow: site.pack.flow(flow).unwrap(),
                addressee: &now(db, at.id),
                subject: title.into(),
                title: title.into(),
                data: json!({}),
                note: String::new(),
            };
            match whole {
                0 => matter::open(tx, &leave, &opening),
                _ => matter::add_part(tx, &leave, &site.pack, whole, (&opening, &[])),
            }
        })
        .unwrap()
    };
    let whole = open("inspection", 0, (&site.top, "inspection_officer", 1), "巡察");
    let found = |title: &str| open("finding", whole, (at, "team_leader", 2), title);
    [whole, found("已改"), found("在改")]
}

#[test]
fn an_inspection_by_the_work_committee_covers_leading_groups_and_nothing_else() {
    on_every_engine(|db| {
        let pack = common::pack();
        let work = db.write(|tx| unit::found_top(tx, &founding("work_committee", "工委"))).unwrap();
        let office = actor(1, &work, "inspection_officer", &work);
        let clerk = actor(2, &work, "party_affairs_worker", &work);
        let rule = clerk.permit(&pack, Verb::Rule, &work).unwrap();
        let group = db.write(|tx| unit::found(tx, &rule, &founding("leading_group", "某厅党组"))).unwrap();
        let rule = clerk.permit(&pack, Verb::Rule, &group).unwrap();
        let committee = db.write(|tx| unit::found(tx, &rule, &founding("organ_committee", "某厅党委"))).unwrap();
        let leave = office.permit(&pack, Verb::Act, &work).unwrap();
        let kind = pack.round("inspection").unwrap();
        let [from, until] = [day("2023-01-01"), day("2027-12-31")];
        let plan = round::Plan { name: "巡视".into(), from, until, teams: 1, each: 3, per_year: 2 };
        let matter = db.write(|tx| {
            let coverage = round::plan(tx, &leave, kind, &plan)?;
            let opened =
                round::Opened {
                    coverage, name: "第一轮".into(), from: day("2023-05-01"), until, paper: "通知".into()
                };
            let id = round::open(tx, &leave, &opened)?;
            assert!(round::add_target(tx, &leave, &pack, (id, 1), &committee).is_err(), "another kind's");
            round::add_target(tx, &leave, &pack, (id, 1), &group)
        });
        let matter = matter.unwrap();
        let team = actor(7, &group, "team_leader", &group).permit(&pack, Verb::Act, &group).unwrap();
        let came = matter::Taken { to: "arrived", on: Some(day("2023-05-10")), ..Default::default() };
        db.write(|tx| matter::take(tx, &team, &pack, matter, &came)).unwrap();
        let scope = clerk.scope(&pack, Verb::See, &work).unwrap();
        let visits = db.read(|tx| round::visits(tx, &scope)).unwrap();
        assert_eq!((visits.len(), visits[0].unit, visits[0].arrived), (1, group.id, Some(day("2023-05-10"))));
        let coverage = db.read(|tx| round::coverages(tx, &scope)).unwrap().remove(0);
        let places = db.read(|tx| round::places(tx, &scope, (&coverage, kind))).unwrap();
        assert_eq!(places.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["某厅党组"]);
    });
}

/// Takes a step with answers, as the holder of a post in a unit.
fn step(db: &Db, site: &Site, who: (&Unit, &str, i64), matter: i64, to: &str, data: serde_json::Value) {
    let leave = actor(who.2, who.0, who.1, who.0).permit(&site.pack, Verb::Act, &now(db, who.0.id)).unwrap();
    let taken = matter::Taken { to, note: "说明", data, on: None };
    db.write(|tx| matter::take(tx, &leave, &site.pack, matter, &taken)).unwrap();
}

/// How a matter reads from a unit: its unit, its state, the steps it went through, who had it before.
fn read(db: &Db, site: &Site, from: i64, matter: i64) -> (i64, String, Vec<String>, Vec<String>) {
    let scope = site.scope(Verb::See, &now(db, from));
    let line = db.read(|tx| matter::whole(tx, &scope, &site.pack, matter)).unwrap();
    let flow = site.pack.flow(&line.matter.flow).unwrap();
    let state = line.matter.state(flow).unwrap().id.clone();
    let steps = line.matter.events.iter().map(|event| event.step.clone()).collect();
    (line.matter.unit, state, steps, line.turns.iter().map(|turn| turn.from.clone()).collect())
}

#[test]
fn a_merger_in_the_middle_of_a_rectification_changes_no_step_and_the_heir_goes_on() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [whole, done, doing] = inspected(db, &site, &old);
        let top = (&site.top, "inspection_officer", 1);
        for finding in [done, doing] {
            step(db, &site, top, finding, "fed_back", json!({ "limit": "2023-08-01" }));
            step(db, &site, (&old, "organ_committee_secretary", 3), finding, "accepted", json!({}));
        }
        let task = {
            let leave = actor(3, &old, "organ_committee_secretary", &old);
            let leave = leave.permit(&site.pack, Verb::Act, &old).unwrap();
            let flow = site.pack.flow("task").unwrap();
            let data = json!({ "by": "2023-07-01", "leader": "书记", "term": "window" });
            let title = "建章立制".to_owned();
            let opening = Opening { flow, addressee: &old, subject: title.clone(), title, data, note: String::new() };
            db.write(|tx| matter::add_part(tx, &leave, &site.pack, done, (&opening, &[]))).unwrap()
        };
        step(db, &site, top, task, "passed", json!({}));
        let claim = json!({ "result": "done", "rules": 3, "persons": 2, "evidence": [{ "record": 1 }] });
        step(db, &site, (&old, "organ_committee_secretary", 3), task, "claimed", claim);

        merge(db, &site, old.id, new.id, "2023-05-01").unwrap();

        // the claim stands with its counts, by who made it; the clerk who merged may still verify
        assert_eq!(read(db, &site, new.id, task).0, new.id);
        let scope = site.scope(Verb::See, &now(db, new.id));
        let line = db.read(|tx| matter::find(tx, &scope, task)).unwrap();
        let claimed = line.matter.events.last().unwrap();
        assert_eq!((claimed.step.as_str(), claimed.actor, &claimed.data["rules"]), ("claimed", 3, &json!(3)));
        step(db, &site, top, task, "verified", json!({}));
        step(db, &site, top, task, "closed", json!({}));
        step(db, &site, top, done, "closed", json!({}));
        // and the heir plans what is still to be done
        let heir = actor(4, &new, "organ_committee_secretary", &new).permit(&site.pack, Verb::Act, &new).unwrap();
        let flow = site.pack.flow("task").unwrap();
        let data = json!({ "by": "2023-07-01", "leader": "书记", "term": "window" });
        let title = "接着改".to_owned();
        let opening = Opening { flow, addressee: &new, subject: title.clone(), title, data, note: String::new() };
        db.write(|tx| matter::add_part(tx, &heir, &site.pack, doing, (&opening, &[]))).unwrap();
        let (unit, state, steps, from) = read(db, &site, new.id, done);
        assert_eq!((unit, state.as_str(), from), (new.id, "closed", vec!["旧委".to_owned()]));
        assert_eq!(steps, ["found", "fed_back", "accepted", "closed"]);

        // a second merger: what was closed goes along too, can be read there and relapse there
        let third = found(db, &site, &site.top, "organ_committee", "第三委");
        merge(db, &site, new.id, third.id, "2023-05-02").unwrap();
        assert_eq!(read(db, &site, third.id, done).0, third.id);
        step(db, &site, top, done, "relapsed", json!({ "limit": "2023-09-01" }));
        let (unit, state, steps, from) = read(db, &site, third.id, task);
        assert_eq!((unit, state.as_str(), from.len()), (third.id, "reopened", 2), "{steps:?}");
        assert_eq!(read(db, &site, third.id, whole).0, third.id);
        // who had it before goes on seeing it
        assert_eq!(read(db, &site, old.id, task).0, third.id);
    });
}

#[test]
fn a_unit_with_open_matters_is_dissolved_only_into_a_successor_and_they_say_so() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [whole, _, doing] = inspected(db, &site, &old);
        let dissolve = |heir: Option<i64>| {
            decide(db, &site, old.id, "2023-05-01", |tx, decision| {
                let heir = heir.map(|id| Ok::<_, Fault>(site.permit(Verb::Rule, &unit::find(tx, id)?))).transpose()?;
                unit::dissolve(tx, decision, heir.as_ref())
            })
        };
        assert!(refused(dissolve(None)).contains("3 件在办事项"));
        assert!(refused(dissolve(Some(old.id))).contains("它自己"));
        dissolve(Some(new.id)).unwrap();
        assert!(now(db, old.id).dissolved.is_some());
        for matter in [whole, doing] {
            let (unit, _, steps, from) = read(db, &site, new.id, matter);
            assert_eq!((unit, steps.len(), from), (new.id, 1, vec!["旧委".to_owned()]));
        }
        assert_eq!(history(db, &site, old.id).split(';').next(), Some("2023-05-01 dissolve 新委"));
    });
}

#[test]
fn a_matter_is_passed_on_with_a_reason_and_the_old_unit_goes_on_seeing_it() {
    on_every_engine(|db| {
        let (site, old, new) = two_committees(db);
        let [_, _, doing] = inspected(db, &site, &old);
        let office =
            |unit: &Unit| actor(1, unit, "party_affairs_worker", unit).permit(&site.pack, Verb::Act, unit).unwrap();
        let pass = |leave: &Permit, to: &Unit, why: &str| {
            db.write(|tx| matter::pass_on(tx, leave, &site.pack, doing, (to, why)))
        };
        assert!(refused(pass(&office(&site.top), &new, " ")).contains("请写明原因"));
        assert!(refused(pass(&office(&site.top), &old, "职能调整")).contains("另一个组织"));
        assert!(refused(pass(&office(&site.top), &site.top, "职能调整")).contains("另一个组织"));
        assert!(pass(&office(&old), &new, "推给别人").is_err(), "the unit itself passes nothing on");
        pass(&office(&site.top), &new, "职能调整").unwrap();
        assert_eq!(read(db, &site, new.id, doing).0, new.id);
        let (unit, _, steps, from) = read(db, &site, old.id, doing);
        assert_eq!((unit, steps.len(), from), (new.id, 1, vec!["旧委".to_owned()]), "the old unit sees where it went");

        // a unit helps for a while; then it takes no step but goes on seeing
        let branch = found(db, &site, &old, "branch", "支部");
        let help = |unit: &Unit| db.write(|tx| matter::help(tx, &office(&site.top), &site.pack, doing, (unit, "协助")));
        help(&branch).unwrap();
        assert!(refused(help(&branch)).contains("已在协办"));
        let end =
            |unit: i64| db.write(|tx| matter::end_help(tx, &office(&site.top), &site.pack, doing, (unit, "完成")));
        end(branch.id).unwrap();
        assert!(matches!(end(branch.id), Err(Fault::NotFound)));
        let scope = site.scope(Verb::See, &branch);
        let line = db.read(|tx| matter::find(tx, &scope, doing)).unwrap();
        assert!(line.matter.helpers.is_empty());
        assert_eq!(line.turns.len(), 3);
        help(&branch).unwrap();
    });
}
