//! Letters, handovers and matters: the same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, actor, day, on_every_engine};
use jiff::ToSpan;
use luoshi_rules::matter::Matter;
use luoshi_rules::{Actor, Permit, Refusal, Unit, Verb};
use luoshi_store::handover::Handing;
use luoshi_store::matter::{Filter, Opening, State};
use luoshi_store::person::Entry;
use luoshi_store::{Db, Fault, account, handover, holding, identity, matter, person, plan, transfer, unit};
use serde_json::json;

fn enter(db: &Db, permit: &Permit, name: &str) -> i64 {
    let entry = Entry { name: name.into(), search: name.into(), since: Some(day("2022-01-01")), ..Entry::default() };
    db.write(|tx| person::add(tx, permit, &entry)).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> String {
    match outcome.unwrap_err() {
        Fault::Refused(refusal @ (Refusal::Field { .. } | Refusal::Rule(_))) => refusal.say(luoshi_rules::Lang::Zh),
        other => panic!("{other:?}"),
    }
}

/// Two branches, each with a secretary of its own.
struct Two {
    site: Site,
    from: Permit,
    to: Permit,
}

impl Two {
    fn new(db: &Db) -> Two {
        let site = Site::new(db, &["一支部", "二支部"]);
        let permit =
            |n: i64, at: &Unit| actor(n, at, "branch_secretary", at).permit(&site.pack, Verb::Roll, at).unwrap();
        Two { from: permit(2, &site.branches[0]), to: permit(3, &site.branches[1]), site }
    }

    fn request(&self, db: &Db, person: i64, to: &Unit) -> Result<i64, Fault> {
        let flow = self.site.pack.flow("transfer").unwrap();
        db.write(|tx| transfer::request(tx, &self.from, flow, person, (to, "调动")))
    }

    fn step(&self, db: &Db, permit: &Permit, id: i64, to: &str) -> Result<Matter, Fault> {
        db.write(|tx| matter::advance(tx, permit, &self.site.pack, id, to, "已核对"))
    }

    fn home(&self, db: &Db, person: i64) -> i64 {
        db.read(|tx| person::find(tx, &self.site.scope(Verb::People, &self.site.top), person)).unwrap().unit
    }
}

/// The same permit so many days later.
fn later(days: i32, mut who: Actor, pack: &luoshi_rules::Pack, at: &Unit) -> Permit {
    who.today = who.today.checked_add(days.days()).unwrap();
    who.permit(pack, Verb::Roll, at).unwrap()
}

#[test]
fn only_acceptance_moves_a_person() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let [one, other] = [&two.site.branches[0], &two.site.branches[1]];
        let id = enter(db, &two.from, "张伟");
        let post = two.site.pack.post("branch_secretary").unwrap();
        db.write(|tx| holding::appoint(tx, &two.from, post, id, day("2023-01-01"), "")).unwrap();
        assert!(refused(two.request(db, id, one)).contains("已在"));
        let letter = two.request(db, id, other).unwrap();
        assert!(refused(two.request(db, id, other)).contains("正在转接"));
        assert!(refused(two.request(db, id, &two.site.top)).contains("正在转接"), "whatever the other unit");
        let leave = |on: &str| db.write(|tx| person::leave(tx, &two.from, id, "removed", day(on)));
        assert!(refused(leave("2023-05-10")).contains("正在转接"));
        assert!(refused(two.step(db, &two.to, letter, "accepted")).contains("已申请转出"), "no letter was issued yet");
        assert!(two.step(db, &two.to, letter, "issued").is_err(), "the other side cannot issue it");
        two.step(db, &two.from, letter, "issued").unwrap();
        assert_eq!(two.home(db, id), one.id);
        assert!(two.step(db, &two.from, letter, "accepted").is_err(), "nobody accepts their own letter");
        two.step(db, &two.to, letter, "accepted").unwrap();
        assert_eq!(two.home(db, id), other.id);
        let scope = two.site.scope(Verb::People, other);
        let who = db.read(|tx| person::find(tx, &scope, id)).unwrap();
        let stood = db.read(|tx| person::story(tx, &who)).unwrap().stays;
        let days: Vec<_> = stood.iter().map(|stay| (stay.unit, stay.from, stay.until)).collect();
        assert_eq!(days, [(other.id, day("2023-05-10"), None), (one.id, day("2022-01-01"), Some(day("2023-05-09")))]);
        assert_eq!(db.read(|tx| person::story(tx, &who)).unwrap().posts[0].until, Some(day("2023-05-09")));
        assert!(refused(two.step(db, &two.to, letter, "accepted")).contains("已接收"));
    });
}

#[test]
fn eight_who_accept_the_same_letter_at_once_move_the_person_once() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let id = enter(db, &two.from, "张伟");
        let letter = two.request(db, id, &two.site.branches[1]).unwrap();
        two.step(db, &two.from, letter, "issued").unwrap();
        let outcomes: Vec<_> = std::thread::scope(|threads| {
            let tries: Vec<_> = (0..8).map(|_| threads.spawn(|| two.step(db, &two.to, letter, "accepted"))).collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for one in lost {
            assert!(refused(one).contains("已接收"));
        }
        let who = db.read(|tx| person::find(tx, &two.site.scope(Verb::People, &two.site.top), id)).unwrap();
        assert_eq!(db.read(|tx| person::story(tx, &who)).unwrap().stays.len(), 2);
    });
}

#[test]
fn two_who_ask_to_transfer_one_person_at_once_write_one_letter() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let id = enter(db, &two.from, "张伟");
        let places = [&two.site.branches[1], &two.site.top];
        let outcomes: Vec<_> = std::thread::scope(|threads| {
            let two = &two;
            let tries: Vec<_> = places.iter().map(|to| threads.spawn(move || two.request(db, id, to))).collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 1);
        outcomes.into_iter().filter(Result::is_err).for_each(|one| assert!(refused(one).contains("正在转接")));
    });
}

#[test]
fn a_letter_refused_or_withdrawn_leaves_the_person_and_another_may_be_written() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let id = enter(db, &two.from, "张伟");
        for (who, step) in [(&two.to, "refused"), (&two.from, "withdrawn")] {
            let letter = two.request(db, id, &two.site.branches[1]).unwrap();
            two.step(db, &two.from, letter, "issued").unwrap();
            let silent = db.write(|tx| matter::advance(tx, who, &two.site.pack, letter, step, " "));
            assert!(refused(silent).contains("请写明"));
            two.step(db, who, letter, step).unwrap();
            assert_eq!(two.home(db, id), two.site.branches[0].id);
        }
        two.request(db, id, &two.site.branches[1]).unwrap();
        let scope = two.site.scope(Verb::People, &two.site.branches[1]);
        let count = |state| db.read(|tx| transfer::list(tx, &scope, state, 50)).unwrap().len();
        assert_eq!((count(State::Any), count(State::Open), count(State::Closed)), (3, 1, 2));
    });
}

#[test]
fn a_letter_expires_ninety_days_after_it_was_issued() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let [one, other] = [&two.site.branches[0], &two.site.branches[1]];
        let pack = &two.site.pack;
        let id = enter(db, &two.from, "张伟");
        let letter = two.request(db, id, other).unwrap();
        two.step(db, &two.from, letter, "issued").unwrap();
        let sender = |days| later(days, actor(2, one, "branch_secretary", one), pack, one);
        let taker = |days| later(days, actor(3, other, "branch_secretary", other), pack, other);
        assert!(refused(two.step(db, &sender(90), letter, "expired")).contains("尚未过期"));
        assert!(refused(two.step(db, &taker(91), letter, "accepted")).contains("过期"));
        let flow = pack.flow("transfer").unwrap();
        let known = db.read(|tx| transfer::find(tx, &two.site.scope(Verb::People, other), letter)).unwrap();
        assert!(!known.expired(flow, day("2023-08-08")) && known.expired(flow, day("2023-08-09")));
        assert_eq!((known.name.as_str(), known.line.unit_name.as_str()), ("张伟", "二支部"));
        let again = db.write(|tx| transfer::request(tx, &sender(91), flow, id, (other, ""))).unwrap();
        two.step(db, &sender(91), again, "issued").unwrap();
        two.step(db, &taker(92), again, "accepted").unwrap();
        assert_eq!(two.home(db, id), other.id);
        let old = db.read(|tx| transfer::find(tx, &two.site.scope(Verb::People, other), letter)).unwrap();
        assert_eq!(old.line.matter.events.last().map(|event| (event.step.as_str(), event.actor)), Some(("expired", 0)));
    });
}

#[test]
fn a_person_may_go_to_another_organisation_and_come_back() {
    on_every_engine(|db| {
        let two = Two::new(db);
        let there = Site::new(db, &["外单位支部"]);
        let (pack, branch) = (&two.site.pack, &there.branches[0]);
        let known = Entry {
            identity: "11010519491231002X".into(),
            code: "A-9".into(),
            name: "张伟".into(),
            search: "zw".into(),
            since: Some(day("2022-01-01")),
            ..Entry::default()
        };
        let id = db.write(|tx| person::add(tx, &two.from, &known)).unwrap();
        db.write(|tx| account::add(tx, two.site.top.top, id, "zhangwei", "hash")).unwrap();
        let letter = two.request(db, id, branch).unwrap();
        two.step(db, &two.from, letter, "issued").unwrap();
        let incoming = db.read(|tx| transfer::list(tx, &there.scope(Verb::People, branch), State::Open, 9)).unwrap();
        assert_eq!(
            (incoming.len(), incoming[0].name.as_str(), incoming[0].line.unit_name.as_str()),
            (1, "张伟", "外单位支部")
        );
        assert_eq!(incoming[0].line.matter.events.len(), 2);
        let taker = actor(9, branch, "branch_secretary", branch).permit(pack, Verb::Roll, branch).unwrap();
        two.step(db, &taker, letter, "accepted").unwrap();
        let who = db.read(|tx| person::find(tx, &there.scope(Verb::People, branch), id)).unwrap();
        assert_eq!((who.top, who.left.clone()), (there.top.top, None));
        assert_eq!(db.read(|tx| person::story(tx, &who)).unwrap().numbers.len(), 1, "the code is of the organisation");
        assert!(db.read(|tx| identity::coded(tx, "A-9")).unwrap().is_none(), "and lets nobody in who left");
        assert_eq!(db.read(|tx| person::story(tx, &who)).unwrap().standings.len(), 1);
        let left = db.read(|tx| person::find(tx, &two.site.scope(Verb::People, &two.site.top), id)).unwrap();
        assert_eq!(left.left, Some((day("2023-05-09"), "transferred".into())));
        assert_eq!(db.read(|tx| unit::of_person(tx, id)).unwrap().id, branch.id);
        assert_eq!(db.write(|tx| account::attempt(tx, "zhangwei")).unwrap().top, there.top.top);
        let home = &two.site.branches[0];
        let flow = pack.flow("transfer").unwrap();
        let back = db.write(|tx| transfer::request(tx, &taker, flow, id, (home, ""))).unwrap();
        two.step(db, &taker, back, "issued").unwrap();
        two.step(db, &two.from, back, "accepted").unwrap();
        assert_eq!(db.read(|tx| identity::coded(tx, "a-9")).unwrap().map(|account| account.person), Some(id));
        assert_eq!(two.home(db, id), home.id);
        assert_eq!(db.read(|tx| unit::of_person(tx, id)).unwrap().id, home.id);
    });
}

#[test]
fn a_post_and_its_drafts_change_hands_with_one_signature_from_each_side() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let branch = &site.branches[0];
        let roll = site.permit(Verb::Roll, branch);
        let (giver, taker) = (enter(db, &roll, "张伟"), enter(db, &site.permit(Verb::Roll, &site.branches[1]), "李娜"));
        let post = site.pack.post("branch_secretary").unwrap();
        let flow = site.pack.flow("handover").unwrap();
        let act = site.permit(Verb::Act, branch);
        let items = json!({ "matters": [], "drafts": ["x"] });
        let open = |giver, taker| {
            let handing = Handing { unit: branch, post, giver, taker, items: items.clone() };
            db.write(|tx| handover::open(tx, &act, flow, &handing))
        };
        assert!(refused(open(giver, taker)).contains("现不任该职"));
        db.write(|tx| holding::appoint(tx, &roll, post, giver, day("2023-01-01"), "")).unwrap();
        assert!(refused(open(giver, giver)).contains("相同"));
        assert!(refused(open(giver, 4_711)).contains("没有此人"));
        let id = open(giver, taker).unwrap();
        assert!(refused(open(giver, taker)).contains("正在进行"));
        let who = |id| db.read(|tx| holding::actor(tx, site.top.top, id, day("2023-05-10"))).unwrap();
        let (old, new) = (who(giver), who(taker));
        for (person, form) in [(&old, "a"), (&old, "b"), (&new, "b")] {
            let form = format!("/units/{}/{form}", branch.id);
            db.write(|tx| plan::keep_draft(tx, person, &form, &json!({ "by": person.person }))).unwrap();
        }
        let sign = |actor: &Actor, home: &Unit| {
            let permit = actor.permit(&site.pack, Verb::See, home).unwrap();
            db.write(|tx| handover::sign(tx, &permit, &site.pack, id))
        };
        let third = actor(77, branch, "branch_deputy_secretary", branch);
        assert!(matches!(sign(&third, branch), Err(Fault::NotFound)), "only the two sign");
        sign(&new, &site.branches[1]).unwrap();
        assert!(refused(sign(&new, &site.branches[1])).contains("已签字"));
        assert_eq!(who(giver).posts.len(), 2, "one signature moves nothing");
        sign(&old, branch).unwrap();
        assert_eq!(who(giver).posts.iter().map(|held| held.post.as_str()).collect::<Vec<_>>(), ["member"]);
        assert_eq!(who(taker).posts[0].post, "branch_secretary");
        let draft = |person: &Actor, form: &str| {
            db.read(|tx| plan::draft(tx, person, &format!("/units/{}/{form}", branch.id))).unwrap()
        };
        assert_eq!((draft(&old, "a"), draft(&old, "b")), (None, None));
        assert_eq!(draft(&new, "a"), Some(json!({ "by": giver })));
        assert_eq!(draft(&new, "b"), Some(json!({ "by": taker })));
        let kept = db.read(|tx| handover::find(tx, &old, id)).unwrap();
        assert_eq!(kept.matter.data["items"], items);
        assert_eq!(db.read(|tx| handover::mine(tx, &new)).unwrap()[0].matter.events[0].seq, 3);
        assert!(matches!(db.read(|tx| handover::find(tx, &third, id)), Err(Fault::NotFound)));
        let back = open(taker, giver).unwrap();
        // who has left the roll since is given nothing
        db.write(|tx| person::leave(tx, &roll, giver, "withdrew", day("2023-05-10"))).unwrap();
        let sign = |actor: &Actor, home: &Unit| {
            let permit = actor.permit(&site.pack, Verb::See, home).unwrap();
            db.write(|tx| handover::sign(tx, &permit, &site.pack, back))
        };
        let tomorrow = Actor { today: day("2023-05-11"), ..new.clone() };
        let old = Actor { today: day("2023-05-11"), ..old };
        sign(&old, branch).unwrap();
        assert!(refused(sign(&tomorrow, &site.branches[1])).contains("接收人已不在名册"));
    });
}

#[test]
fn what_a_post_has_open_is_listed_for_the_handover() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let branch = &site.branches[0];
        let giver = enter(db, &site.permit(Verb::Roll, branch), "张伟");
        let remind = site.permit(Verb::Act, &site.top);
        let flow = site.pack.flow("follow-up").unwrap();
        for subject in ["a", "b"] {
            let opening = Opening {
                flow,
                addressee: branch,
                subject: subject.into(),
                title: subject.into(),
                data: json!({}),
                note: String::new(),
            };
            db.write(|tx| matter::open(tx, &remind, &opening)).unwrap();
        }
        let scope = site.scope(Verb::See, &site.top);
        let all = db.read(|tx| matter::list(tx, &scope, &Filter::default())).unwrap();
        let close = site.permit(Verb::Act, &site.top);
        db.write(|tx| matter::advance(tx, &close, &site.pack, all[0].matter.id, "closed", "已补开")).unwrap();
        let who = db.read(|tx| holding::actor(tx, site.top.top, giver, day("2023-05-10"))).unwrap();
        db.write(|tx| plan::keep_draft(tx, &who, &format!("/units/{}/records/theme-day", branch.id), &json!({})))
            .unwrap();
        db.write(|tx| plan::keep_draft(tx, &who, "/units/1/records/theme-day", &json!({}))).unwrap();
        let scope = site.scope(Verb::See, branch);
        let open = db.read(|tx| handover::items(tx, &scope, (branch.id, giver), day("2023-05-10"))).unwrap();
        assert_eq!(open.matters.iter().map(|line| line.matter.title.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!((open.drafts.len(), open.plans.len(), open.term), (1, 0, None));
    });
}

#[test]
fn matters_are_read_page_by_page_open_or_closed_by_either_side_and_nobody_else() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let permit = site.permit(Verb::Act, &site.top);
        let flow = site.pack.flow("follow-up").unwrap();
        let opened: Vec<i64> = (0..5)
            .map(|n: usize| {
                let opening = Opening {
                    flow,
                    addressee: &site.branches[n % 2],
                    subject: n.to_string(),
                    title: n.to_string(),
                    data: json!({}),
                    note: "请落实".into(),
                };
                db.write(|tx| matter::open(tx, &permit, &opening)).unwrap()
            })
            .collect();
        db.write(|tx| matter::advance(tx, &permit, &site.pack, opened[4], "closed", "已办")).unwrap();
        let titles = |at: &Unit, filter: &Filter| {
            let lines = db.read(|tx| matter::list(tx, &site.scope(Verb::See, at), filter)).unwrap();
            assert!(lines.iter().all(|line| line.stand.is_some()));
            lines.into_iter().map(|line| line.matter.title).collect::<Vec<_>>().concat()
        };
        let most = |most| Filter { most, ..Filter::default() };
        assert_eq!(titles(&site.top, &most(9)), "43210");
        assert_eq!(titles(&site.branches[0], &most(9)), "420");
        assert_eq!(titles(&site.top, &Filter { state: State::Open, ..most(9) }), "3210");
        assert_eq!(titles(&site.top, &Filter { state: State::Closed, ..most(9) }), "4");
        assert_eq!(titles(&site.top, &Filter { after: Some((String::new(), opened[3])), ..most(2) }), "21");
        assert_eq!(titles(&site.top, &Filter { unit: site.branches[1].id, ..most(9) }), "31");
        assert_eq!(titles(&site.top, &Filter { flow: "transfer".into(), ..most(9) }), "");
        let other = site.scope(Verb::See, &site.branches[1]);
        assert!(matches!(db.read(|tx| matter::find(tx, &other, opened[0])), Err(Fault::NotFound)));
        let stranger = actor(5, &site.branches[1], "branch_secretary", &site.branches[1]);
        let stranger = stranger.permit(&site.pack, Verb::Act, &site.branches[1]).unwrap();
        let tried = db.write(|tx| matter::advance(tx, &stranger, &site.pack, opened[0], "answered", "已办"));
        assert!(matches!(tried, Err(Fault::NotFound)));
        let again = Opening {
            flow,
            addressee: &site.branches[0],
            subject: "0".into(),
            title: String::new(),
            data: json!({}),
            note: String::new(),
        };
        assert!(matches!(db.write(|tx| matter::open(tx, &permit, &again)), Err(Fault::Conflict)));
        let letter = Opening { flow: site.pack.flow("transfer").unwrap(), ..again };
        assert!(db.write(|tx| matter::open(tx, &permit, &letter)).is_err(), "letters are opened where people are");
        assert_eq!(db.read(|tx| unit::find(tx, site.top.id)).unwrap().id, site.top.id);
    });
}
