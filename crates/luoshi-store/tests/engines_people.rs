//! People, posts, terms, numbers: the same story on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, actor, day, on_every_engine};
use luoshi_rules::person::Standing;
use luoshi_rules::{Permit, Refusal, Unit, Verb};
use luoshi_store::identity::Field;
use luoshi_store::person::{Entry, Filter, Person};
use luoshi_store::{Db, Fault, holding, identity, person, term};

const IDENTITY: &str = "11010519491231002X";

fn entry(name: &str, search: &str) -> Entry {
    Entry { name: name.into(), search: search.into(), since: Some(day("2022-01-01")), ..Entry::default() }
}

fn enter(db: &Db, permit: &Permit, name: &str) -> i64 {
    db.write(|tx| person::add(tx, permit, &entry(name, name))).unwrap()
}

/// The field a refusal names and its words.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> (String, String) {
    match outcome.unwrap_err() {
        Fault::Refused(Refusal::Field { field, why }) => (field, why.zh),
        Fault::Refused(Refusal::Rule(why)) => (String::new(), why.zh),
        other => panic!("{other:?}"),
    }
}

fn found(db: &Db, site: &Site, id: i64) -> Person {
    db.read(|tx| person::find(tx, &site.scope(Verb::People, &site.top), id)).unwrap()
}

fn names(db: &Db, site: &Site, at: &Unit, filter: &Filter) -> String {
    let rows = db.read(|tx| person::list(tx, &site.scope(Verb::People, at), filter)).unwrap();
    rows.iter().map(|(one, _)| one.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_roll_is_searched_by_characters_pinyin_and_initials_and_read_page_by_page() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let permit = site.permit(Verb::Roll, &site.branches[0]);
        let people = [("张伟", "zhangwei zw 张伟"), ("李娜", "lina ln 李娜"), ("张敏", "zhangmin zm 张敏")];
        for (name, search) in people {
            db.write(|tx| person::add(tx, &permit, &entry(name, search))).unwrap();
        }
        let other = site.permit(Verb::Roll, &site.branches[1]);
        let probationer = Entry { standing: Some(Standing::Probationary), ..entry("王芳", "wangfang wf 王芳") };
        db.write(|tx| person::add(tx, &other, &probationer)).unwrap();
        let all = Filter { most: 50, ..Filter::default() };
        assert_eq!(names(db, &site, &site.top, &all), "李娜 王芳 张敏 张伟");
        assert_eq!(names(db, &site, &site.branches[0], &all), "李娜 张敏 张伟");
        for (typed, want) in
            [("张", "张敏 张伟"), ("zhangm", "张敏"), ("ZW", "张伟"), ("%", ""), ("\\", ""), ("赵", "")]
        {
            assert_eq!(names(db, &site, &site.top, &Filter { search: typed.into(), ..all.clone() }), want, "{typed}");
        }
        let probationary = Filter { standing: "probationary".into(), ..all.clone() };
        assert_eq!(names(db, &site, &site.top, &probationary), "王芳");
        let first = Filter { most: 3, ..all.clone() };
        let scope = site.scope(Verb::People, &site.top);
        let page = db.read(|tx| person::list(tx, &scope, &first)).unwrap();
        let (last, reading) = page.last().unwrap();
        let next = Filter { after: Some((reading.clone(), last.id)), ..all };
        assert_eq!(names(db, &site, &site.top, &next), "张伟");
        let counts = db.read(|tx| person::counts(tx, &scope, 0)).unwrap();
        assert!(counts.contains(&(Standing::Full, 3)) && counts.contains(&(Standing::Probationary, 1)));
        assert_eq!(db.read(|tx| person::counts(tx, &scope, site.branches[1].id)).unwrap().len(), 1);
    });
}

#[test]
fn rows_of_people_need_leave_to_read_people() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let id = enter(db, &site.permit(Verb::Roll, &site.branches[0]), "张伟");
        let see = site.scope(Verb::See, &site.top);
        assert!(db.read(|tx| person::list(tx, &see, &Filter::default())).is_err());
        assert!(db.read(|tx| person::find(tx, &see, id)).is_err());
        assert!(db.read(|tx| person::names(tx, &see, site.branches[0].id)).is_err());
        let elsewhere = site.scope(Verb::People, &site.branches[1]);
        assert!(matches!(db.read(|tx| person::find(tx, &elsewhere, id)), Err(Fault::NotFound)));
        let write = site.permit(Verb::Write, &site.branches[0]);
        assert!(db.write(|tx| person::add(tx, &write, &entry("李娜", "lina"))).is_err());
    });
}

#[test]
fn an_entry_that_cannot_be_true_is_refused_at_its_field() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let permit = site.permit(Verb::Roll, &site.branches[0]);
        let cases = [
            ("name", Entry { name: "  ".into(), ..Entry::default() }),
            ("name", entry(&"长".repeat(51), "")),
            ("sex", Entry { sex: "x".into(), ..entry("甲", "") }),
            ("born", Entry { born: Some(day("2024-01-01")), ..entry("甲", "") }),
            ("since", Entry { since: Some(day("2023-05-11")), ..entry("甲", "") }),
            ("full_on", Entry { joined: Some(day("2010-07-01")), full_on: Some(day("2009-07-01")), ..entry("甲", "") }),
            ("identity", Entry { identity: "5.10102E+17".into(), ..entry("甲", "") }),
            ("phone", Entry { phone: "12".into(), ..entry("甲", "") }),
        ];
        for (field, wrong) in cases {
            assert_eq!(refused(db.write(|tx| person::add(tx, &permit, &wrong))).0, field);
        }
        assert_eq!(names(db, &site, &site.top, &Filter { most: 9, ..Filter::default() }), "", "nothing is half-done");
    });
}

#[test]
fn a_standing_changed_for_an_earlier_day_does_not_change_today() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let permit = site.permit(Verb::Roll, &site.branches[0]);
        let applicant = Entry { standing: Some(Standing::Applicant), ..entry("张伟", "zw") };
        let id = db.write(|tx| person::add(tx, &permit, &applicant)).unwrap();
        let change = |to, on| db.write(|tx| person::change_standing(tx, &permit, id, to, day(on)));
        change(Standing::Full, "2023-03-01").unwrap();
        change(Standing::Probationary, "2022-03-01").unwrap();
        assert_eq!(refused(change(Standing::Full, "2023-05-11")).0, "from");
        let now = found(db, &site, id);
        assert_eq!(
            (now.standing, now.joined, now.full_on),
            (Standing::Full, Some(day("2022-03-01")), Some(day("2023-03-01")))
        );
        let history = db.read(|tx| person::story(tx, &now)).unwrap().standings;
        assert_eq!(
            history.iter().map(|(one, _)| *one).collect::<Vec<_>>(),
            [Standing::Full, Standing::Probationary, Standing::Applicant]
        );
    });
}

#[test]
fn who_leaves_keeps_a_row_with_the_reason_and_leaves_once() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let branch = &site.branches[0];
        let permit = site.permit(Verb::Roll, branch);
        let id = enter(db, &permit, "张伟");
        let post = site.pack.post("branch_secretary").unwrap();
        db.write(|tx| holding::appoint(tx, &permit, post, id, day("2023-02-01"), "")).unwrap();
        let leave = |why: &str, on: &str| db.write(|tx| person::leave(tx, &permit, id, why, day(on)));
        assert_eq!(refused(leave("bored", "2023-05-01")).0, "why");
        assert_eq!(refused(leave("deceased", "2023-05-11")).0, "on");
        assert_eq!(refused(leave("deceased", "2023-01-15")).0, "on", "before the post began");
        leave("deceased", "2023-05-01").unwrap();
        assert!(refused(leave("deceased", "2023-05-02")).1.contains("2023-05-01"));
        let gone = found(db, &site, id);
        assert_eq!(gone.left, Some((day("2023-05-01"), "deceased".to_owned())));
        assert_eq!(db.read(|tx| person::story(tx, &gone)).unwrap().posts[0].until, Some(day("2023-05-01")));
        assert_eq!(db.read(|tx| person::story(tx, &gone)).unwrap().stays[0].until, Some(day("2023-05-01")));
        assert!(matches!(db.read(|tx| holding::actor(tx, site.top.top, id, day("2023-05-10"))), Err(Fault::NotFound)));
        let list = Filter { most: 9, ..Filter::default() };
        assert_eq!(names(db, &site, branch, &list), "");
        assert_eq!(names(db, &site, branch, &Filter { gone: true, ..list }), "张伟");
        assert!(matches!(
            db.write(|tx| person::leave(tx, &permit, 99, "deceased", day("2023-05-01"))),
            Err(Fault::NotFound)
        ));
    });
}

#[test]
fn a_single_seat_has_one_holder_at_a_time() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let branch = &site.branches[0];
        let permit = site.permit(Verb::Roll, branch);
        let (zhang, li) = (enter(db, &permit, "张伟"), enter(db, &permit, "李娜"));
        let post = site.pack.post("branch_secretary").unwrap();
        let appoint = |who, from: &str| db.write(|tx| holding::appoint(tx, &permit, post, who, day(from), "选举"));
        let recall = |who, from: &str, until: &str| {
            db.write(|tx| holding::recall(tx, &permit, (post, who), (day(from), day(until)), ""))
        };
        appoint(zhang, "2022-01-01").unwrap();
        assert!(refused(appoint(li, "2023-01-01")).1.contains("张伟"));
        assert!(refused(recall(li, "2021-06-01", "2022-01-01")).1.contains("2022-01-01"));
        recall(li, "2021-06-01", "2021-12-31").unwrap();
        assert_eq!(refused(recall(li, "2021-06-01", "2021-05-01")).0, "until");
        assert_eq!(refused(recall(li, "2021-06-01", "2023-05-10")).0, "until");
        assert_eq!(refused(appoint(4_711, "2023-01-01")).0, "person");
        let end = |on: &str| db.write(|tx| holding::end(tx, &permit, &post.id, zhang, day(on)));
        assert_eq!(refused(end("2021-12-31")).0, "on");
        end("2023-03-31").unwrap();
        assert_eq!(refused(end("2023-04-30")).0, "on", "it has ended already");
        assert!(refused(appoint(li, "2023-03-31")).1.contains("重叠"));
        appoint(li, "2023-04-01").unwrap();
        let scope = site.scope(Verb::See, branch);
        let lines = db.read(|tx| holding::of_unit(tx, &scope, branch.id)).unwrap();
        assert_eq!(
            lines.iter().map(|line| (line.name.as_str(), line.until)).collect::<Vec<_>>(),
            [("李娜", None), ("张伟", Some(day("2023-03-31"))), ("李娜", Some(day("2021-12-31")))]
        );
        let many = site.pack.post("group_leader").unwrap();
        for who in [zhang, li] {
            db.write(|tx| holding::appoint(tx, &permit, many, who, day("2023-01-01"), "")).unwrap();
        }
    });
}

#[test]
fn two_appointed_to_one_seat_at_once_leave_one_in_it() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let permit = site.permit(Verb::Roll, &site.branches[0]);
        let people: Vec<i64> = ["甲", "乙", "丙", "丁"].iter().map(|name| enter(db, &permit, name)).collect();
        let post = site.pack.post("branch_secretary").unwrap();
        let outcomes: Vec<Result<(), Fault>> = std::thread::scope(|threads| {
            let tries: Vec<_> = people
                .iter()
                .map(|who| {
                    let permit = &permit;
                    threads
                        .spawn(move || db.write(|tx| holding::appoint(tx, permit, post, *who, day("2023-05-01"), "")))
                })
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for one in lost {
            assert_eq!(refused(one).0, "from");
        }
    });
}

#[test]
fn who_signs_in_has_the_posts_of_the_day_and_is_a_member_at_home() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let branch = &site.branches[0];
        let permit = site.permit(Verb::Roll, branch);
        let id = enter(db, &permit, "张伟");
        let post = site.pack.post("branch_secretary").unwrap();
        db.write(|tx| holding::appoint(tx, &permit, post, id, day("2023-04-01"), "")).unwrap();
        let posts = |on: &str| {
            let before = db.asked();
            let actor = db.read(|tx| holding::actor(tx, site.top.top, id, day(on))).unwrap();
            assert_eq!(db.asked() - before, 2, "posts, and seats on teams");
            actor.posts.into_iter().map(|held| (held.post, held.unit)).collect::<Vec<_>>()
        };
        assert_eq!(posts("2023-03-31"), [("member".to_owned(), branch.id)]);
        assert_eq!(posts("2023-04-01"), [("branch_secretary".to_owned(), branch.id), ("member".to_owned(), branch.id)]);
    });
}

#[test]
fn an_identity_number_stands_once_is_sealed_and_is_shown_in_full_only_for_a_reason() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let permit = site.permit(Verb::Roll, &site.branches[0]);
        let known = Entry { identity: IDENTITY.to_lowercase(), phone: "138 0013 8000".into(), ..entry("张伟", "zw") };
        let id = db.write(|tx| person::add(tx, &permit, &known)).unwrap();
        assert_eq!(refused(db.write(|tx| person::add(tx, &permit, &known))).0, "identity");
        let other = enter(db, &permit, "李娜");
        let set = |field, text: &str| db.write(|tx| identity::set(tx, &permit, other, field, text));
        assert_eq!(refused(set(Field::Identity, IDENTITY)).0, "identity");
        set(Field::Phone, "13800138000").unwrap();
        db.write(|tx| identity::set(tx, &permit, id, Field::Identity, IDENTITY)).unwrap();
        assert_eq!(db.read(|tx| identity::find(tx, site.top.top, IDENTITY)).unwrap(), Some(id));
        let who = found(db, &site, id);
        let masked = db.read(|tx| person::story(tx, &who)).unwrap().numbers;
        assert_eq!(masked, [(Field::Identity, "110*************2X".into()), (Field::Phone, "138****8000".into())]);
        let unmask = site.permit(Verb::Unmask, &site.branches[0]);
        let full = |permit: &Permit, why: &str| db.write(|tx| identity::unmask(tx, permit, id, Field::Identity, why));
        assert_eq!(refused(full(&unmask, "看看")).0, "reason");
        assert!(full(&permit, "核对入党材料").is_err(), "another permit does not do");
        assert!(matches!(full(&site.permit(Verb::Unmask, &site.branches[1]), "核对入党材料"), Err(Fault::NotFound)));
        assert_eq!(db.read(|tx| person::story(tx, &who)).unwrap().looks, []);
        assert_eq!(full(&unmask, "核对入党材料").unwrap(), IDENTITY);
        let looks = db.read(|tx| person::story(tx, &who)).unwrap().looks;
        assert_eq!(
            looks.iter().map(|look| (look.field, look.reason.as_str())).collect::<Vec<_>>(),
            [(Field::Identity, "核对入党材料")]
        );
    });
}

#[test]
fn one_identity_number_entered_twice_at_once_stands_once() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let permits = [0, 1].map(|i| site.permit(Verb::Roll, &site.branches[i]));
        let known = Entry { identity: IDENTITY.into(), ..entry("张伟", "zw") };
        let outcomes: Vec<_> = std::thread::scope(|threads| {
            let known = &known;
            let tries: Vec<_> = permits
                .iter()
                .map(|permit| threads.spawn(move || db.write(|tx| person::add(tx, permit, known))))
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for one in lost {
            assert_eq!(refused(one).0, "identity");
        }
    });
}

#[test]
fn terms_do_not_overlap_and_are_extended_by_a_year_at_most() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let branch = &site.branches[0];
        let permit = site.permit(Verb::Roll, branch);
        let set = |from: &str, until: &str| db.write(|tx| term::set(tx, &permit, day(from), day(until)));
        let extend = |until: &str, why: &str| db.write(|tx| term::extend(tx, &permit, day(until), why));
        assert_eq!(refused(extend("2024-01-01", "疫情")).0, "until", "there is none yet");
        assert_eq!(refused(set("2020-06-01", "2020-06-01")).0, "until");
        set("2020-06-01", "2023-06-01").unwrap();
        assert_eq!(refused(set("2020-06-01", "2023-06-01")).0, "from");
        assert_eq!(refused(set("2022-06-01", "2025-06-01")).0, "from");
        assert_eq!(refused(set("2019-06-01", "2021-06-01")).0, "from");
        let scope = site.scope(Verb::See, &site.top);
        let due = |by: &str| db.read(|tx| term::due(tx, &scope, day(by))).unwrap().len();
        assert_eq!((due("2023-05-31"), due("2023-06-01")), (0, 1));
        assert_eq!(refused(extend("2023-12-01", " ")).0, "why");
        assert_eq!(refused(extend("2024-06-02", "疫情")).0, "until");
        extend("2024-06-01", "上级党组织批准").unwrap();
        assert_eq!((due("2023-06-01"), due("2024-06-01")), (0, 1));
        set("2023-06-01", "2026-06-01").unwrap();
        assert_eq!(due("2024-06-01"), 0, "a newer term has begun");
        let lines = db.read(|tx| term::of_unit(tx, &scope, branch.id)).unwrap();
        assert_eq!(lines.iter().map(term::Line::due).collect::<Vec<_>>(), [day("2026-06-01"), day("2024-06-01")]);
    });
}

#[test]
fn a_permit_reaches_only_the_roll_of_its_own_unit() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let id = enter(db, &site.permit(Verb::Roll, &site.branches[0]), "张伟");
        let other = actor(2, &site.branches[1], "branch_secretary", &site.branches[1]);
        assert!(other.permit(&site.pack, Verb::Roll, &site.branches[0]).is_err());
        let permit = other.permit(&site.pack, Verb::Roll, &site.branches[1]).unwrap();
        let gone = |fault| matches!(fault, Err(Fault::NotFound));
        assert!(gone(db.write(|tx| person::leave(tx, &permit, id, "deceased", day("2023-05-01")))));
        assert!(gone(db.write(|tx| person::correct(tx, &permit, id, &entry("李四", "ls")))));
        assert!(gone(db.write(|tx| person::change_standing(tx, &permit, id, Standing::Applicant, day("2023-05-01")))));
        assert!(gone(db.write(|tx| identity::set(tx, &permit, id, Field::Phone, "13800138000"))));
        assert_eq!(found(db, &site, id).name, "张伟");
    });
}
