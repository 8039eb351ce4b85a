//! Signing in on every engine: codes that serve once, guesses that are counted, invitations that lend nobody's rights,
//! sessions and tokens that end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, day, on_every_engine, opening};
use luoshi_rules::{Actor, Verb};
use luoshi_store::account::{self, Account, Over};
use luoshi_store::person::Entry;
use luoshi_store::{Db, Fault, holding, now, person, round, second, session, token, unit};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Somebody on the roll of the first branch, with an account.
fn enter(db: &Db, site: &Site, login: &str) -> Actor {
    let at = &site.branches[0];
    let roll = site.permit(Verb::Roll, at);
    let entry = Entry { name: login.into(), search: login.into(), since: Some(day("2022-01-01")), ..Entry::default() };
    let id = db.write(|tx| person::add(tx, &roll, &entry)).unwrap();
    db.write(|tx| account::add(tx, at.top, id, login, "hash")).unwrap();
    common::actor(id, at, "member", at)
}

fn account(actor: &Actor) -> Account {
    Account { top: actor.top, person: actor.person, hash: String::new() }
}

/// Sets a second factor up and returns its secret and recovery codes.
fn enrol(db: &Db, actor: &Actor, token: &str) -> (String, Vec<String>) {
    let secret = db.read(|tx| second::offer(tx, actor, token)).unwrap().secret;
    let code = second::shown(&secret, now());
    let codes = db.write(|tx| second::enrol(tx, actor, token, &code)).unwrap();
    (secret, codes)
}

/// Puts somebody on a team of a round.
fn seat(db: &Db, site: &Site, person: i64) {
    let permit = site.permit(Verb::Act, &site.top);
    let level = vec!["branch".into()];
    let kind = luoshi_rules::round::Kind { level, ..site.pack.round("unit_inspection").unwrap().clone() };
    let (from, until) = (day("2022-01-01"), day("2026-12-31"));
    let plan = round::Plan { name: "规划".into(), from, until, teams: 1, each: 2, per_year: 2 };
    db.write(|tx| {
        let coverage = round::plan(tx, &permit, &kind, &plan)?;
        let (from, until) = (day("2023-05-01"), day("2023-12-31"));
        let opened = round::Opened { coverage, name: "第一轮".into(), from, until, paper: "文件".into() };
        let round = round::open(tx, &permit, &opened)?;
        round::seat(tx, &permit, &site.pack, (round, 1, person), site.pack.post("team_member").unwrap())
    })
    .unwrap();
}

fn tried(db: &Db, actor: &Actor, code: &str) -> Result<bool, Fault> {
    db.write(|tx| second::attempt(tx, &account(actor)))?;
    db.write(|tx| second::matches(tx, &account(actor), code))
}

#[test]
fn a_code_serves_once_and_so_does_each_recovery_code() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let actor = enter(db, &site, "zhang");
        let wrong = db.write(|tx| second::enrol(tx, &actor, "t", "000000"));
        assert!(matches!(wrong, Err(Fault::Refused(_))) && db.read(|tx| second::known(tx, &actor)).unwrap().is_none());
        let (secret, recovery) = enrol(db, &actor, "t");
        assert_eq!((secret.len(), recovery.len()), (32, 10));
        let used = second::shown(&secret, now());
        assert!(!tried(db, &actor, &used).unwrap(), "the code that set it up does not serve again");
        let next = second::shown(&secret, now() + 30_000);
        assert!(tried(db, &actor, &next).unwrap());
        assert!(!tried(db, &actor, &next).unwrap(), "replayed");
        assert!(tried(db, &actor, &recovery[0].to_lowercase()).unwrap());
        assert!(!tried(db, &actor, &recovery[0]).unwrap(), "replayed");
        assert_eq!(db.read(|tx| second::known(tx, &actor)).unwrap().unwrap().left, 9);
        let fresh = db.write(|tx| second::recovery(tx, &actor)).unwrap();
        assert!(!tried(db, &actor, &recovery[1]).unwrap(), "the old ones ended");
        assert!(tried(db, &actor, &fresh[1]).unwrap());
    });
}

#[test]
fn of_two_hundred_parallel_guesses_five_are_compared() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let actor = enter(db, &site, "zhang");
        enrol(db, &actor, "t");
        let compared = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for n in 0..200 {
                let (actor, compared) = (&actor, &compared);
                scope.spawn(move || {
                    if db.write(|tx| second::attempt(tx, &account(actor))).is_ok() {
                        compared.fetch_add(1, Ordering::Relaxed);
                        let guess = format!("{:06}", 1_000_000 - 200 + n);
                        let _ = db.write(|tx| second::matches(tx, &account(actor), &guess));
                    }
                });
            }
        });
        let compared = compared.into_inner();
        assert!((1..=5).contains(&compared), "{compared} were compared");
        while db.write(|tx| second::attempt(tx, &account(&actor))).is_ok() {}
        let Err(Fault::Refused(refusal)) = tried(db, &actor, "123456") else { panic!("not locked") };
        assert!(refusal.say(luoshi_rules::Lang::Zh).contains("分钟后再试"));
    });
}

#[test]
fn the_secret_is_sealed_and_follows_the_person_nowhere_but_by_transfer() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let (one, two) = (enter(db, &site, "zhang"), enter(db, &site, "li"));
        let (secret, recovery) = enrol(db, &one, "t");
        enrol(db, &two, "t");
        assert!(!tried(db, &two, &recovery[0]).unwrap(), "somebody else's recovery code");
        assert_ne!(db.read(|tx| second::offer(tx, &one, "t")).unwrap().secret, secret, "a new one is offered next");
        let copy = db.read(|tx| luoshi_store::mine::copy(tx, &one)).unwrap();
        let copy = format!("{copy:?}");
        assert!(!copy.contains(&secret) && !copy.contains(&recovery[1]));
    });
}

#[test]
fn an_invitation_recovers_an_account_and_the_second_factor_is_set_up_anew() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let actor = enter(db, &site, "zhang");
        enrol(db, &actor, "t");
        db.write(|tx| session::begin(tx, &account(&actor), &opening("old"))).unwrap();
        let over = Over { actor: &site.clerk, base: &site.pack, at: &site.branches[0], person: actor.person };
        db.write(|tx| account::invite(tx, &over, "", "link")).unwrap();
        db.write(|tx| account::accept(tx, actor.top, "link", "new")).unwrap();
        assert!(db.read(|tx| second::known(tx, &actor)).unwrap().is_none());
        assert!(db.read(|tx| session::known(tx, actor.top, "old", day("2023-05-10"))).is_err());
        let again = db.write(|tx| account::accept(tx, actor.top, "link", "third"));
        assert!(matches!(again, Err(Fault::NotFound)), "a link serves once");
        assert_eq!(db.write(|tx| account::attempt(tx, "zhang")).unwrap().hash, "new");
    });
}

#[test]
fn nobody_takes_over_an_account_with_more_rights_than_theirs() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let at = &site.branches[0];
        let (above, own) = (enter(db, &site, "clerk"), enter(db, &site, "member"));
        let post = site.pack.post("party_affairs_worker").unwrap();
        let permit = site.permit(Verb::Roll, &site.top);
        db.write(|tx| holding::appoint(tx, &permit, post, above.person, day("2022-02-01"), "")).unwrap();
        let secretary = common::actor(77, at, "branch_secretary", at);
        let over = |person| Over { actor: &secretary, base: &site.pack, at, person };
        for act in [
            db.write(|tx| account::invite(tx, &over(above.person), "", "one")),
            db.write(|tx| account::close(tx, &over(above.person))),
            db.write(|tx| account::uninvite(tx, &over(above.person))),
        ] {
            let Err(Fault::Refused(refusal)) = act else { panic!("done") };
            assert!(refusal.say(luoshi_rules::Lang::Zh).contains("权限以外"));
        }
        assert!(db.write(|tx| account::accept(tx, at.top, "one", "mine")).is_err());
        db.write(|tx| account::invite(tx, &over(own.person), "", "two")).unwrap();
        // appointed after the invitation: the link in the secretary's hand no longer serves
        std::thread::sleep(std::time::Duration::from_millis(5));
        db.write(|tx| holding::appoint(tx, &permit, post, own.person, day("2022-02-01"), "")).unwrap();
        let Err(Fault::Refused(refusal)) = db.write(|tx| account::accept(tx, at.top, "two", "mine")) else {
            panic!("taken over")
        };
        assert!(refusal.say(luoshi_rules::Lang::Zh).contains("职务有变动"));
        // given a seat on a team that looks at other units: likewise
        let inspector = enter(db, &site, "inspector");
        db.write(|tx| account::invite(tx, &over(inspector.person), "", "four")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        seat(db, &site, inspector.person);
        let Err(Fault::Refused(refusal)) = db.write(|tx| account::accept(tx, at.top, "four", "mine")) else {
            panic!("taken over")
        };
        assert!(refusal.say(luoshi_rules::Lang::Zh).contains("职务有变动"));
        // a member, and somebody of another branch, may do nothing of the kind
        let member = common::actor(78, at, "member", at);
        let refused = db.write(|tx| {
            account::invite(tx, &Over { actor: &member, base: &site.pack, at, person: own.person }, "", "three")
        });
        assert!(refused.is_err());
    });
}

#[test]
fn a_closed_account_lets_nobody_in_until_it_is_invited_anew() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let actor = enter(db, &site, "zhang");
        let over = Over { actor: &site.clerk, base: &site.pack, at: &site.branches[0], person: actor.person };
        db.write(|tx| session::begin(tx, &account(&actor), &opening("s"))).unwrap();
        db.write(|tx| account::invite(tx, &over, "", "early")).unwrap();
        db.write(|tx| account::close(tx, &over)).unwrap();
        assert!(matches!(db.write(|tx| account::attempt(tx, "zhang")), Err(Fault::NotFound)));
        assert!(db.read(|tx| session::known(tx, actor.top, "s", day("2023-05-10"))).is_err());
        assert!(db.write(|tx| account::accept(tx, actor.top, "early", "h")).is_err(), "taken back with it");
        db.write(|tx| account::invite(tx, &over, "", "late")).unwrap();
        db.write(|tx| account::accept(tx, actor.top, "late", "h")).unwrap();
        assert!(db.write(|tx| account::attempt(tx, "zhang")).is_ok());
        let own = Over { actor: &Actor { person: actor.person, ..site.clerk.clone() }, ..over };
        assert!(matches!(db.write(|tx| account::close(tx, &own)), Err(Fault::Refused(_))));
    });
}

#[test]
fn two_sessions_of_one_second_end_one_by_one() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let (actor, other) = (enter(db, &site, "zhang"), enter(db, &site, "li"));
        for token in ["a", "b", "c"] {
            db.write(|tx| session::begin(tx, &account(&actor), &opening(token))).unwrap();
        }
        db.write(|tx| session::begin(tx, &account(&other), &opening("d"))).unwrap();
        let alive = |token: &str| db.read(|tx| session::known(tx, actor.top, token, day("2023-05-10"))).is_ok();
        let all = db.read(|tx| session::list(tx, &actor)).unwrap();
        assert_eq!((all.len(), all[0].device.as_str()), (3, "Firefox"));
        let own = luoshi_store::secret::digest(b"b");
        assert!(!db.write(|tx| session::end_one(tx, &other, &own)).unwrap(), "another's session is not theirs to end");
        assert!(alive("b"));
        assert!(db.write(|tx| session::end_one(tx, &actor, &own)).unwrap());
        assert!(!alive("b") && alive("a") && alive("c"));
        db.write(|tx| session::end_others(tx, &actor, "c")).unwrap();
        assert!(!alive("a") && alive("c") && alive("d"));
    });
}

#[test]
fn a_token_has_no_more_rights_than_its_owner_and_ends_with_its_day() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部", "第二支部"]);
        let owner = enter(db, &site, "clerk");
        let post = site.pack.post("party_affairs_worker").unwrap();
        let permit = site.permit(Verb::Roll, &site.top);
        db.write(|tx| holding::appoint(tx, &permit, post, owner.person, day("2022-02-01"), "")).unwrap();
        let wish = |name: &str, unit| token::Wish {
            name: name.into(),
            writes: false,
            proposals: false,
            unit,
            until: day("2023-06-10"),
        };
        let [one, two] = [&site.branches[0], &site.branches[1]];
        db.write(|tx| token::add(tx, &owner, &wish("all", 0), "all")).unwrap();
        db.write(|tx| token::add(tx, &owner, &wish("one", one.id), "one")).unwrap();
        let known = |token: &str, on| db.read(|tx| token::known(tx, &site.pack, (owner.top, token), day(on)));
        let all = known("all", "2023-06-10").unwrap();
        assert!(!all.writes && !all.factor && all.actor.may(&site.pack, Verb::Rule, &two.path));
        let narrow = known("one", "2023-05-10").unwrap().actor;
        assert!(narrow.may(&site.pack, Verb::Rule, &one.path));
        assert!(!narrow.may(&site.pack, Verb::See, &two.path) && !narrow.may(&site.pack, Verb::See, &site.top.path));
        assert!(known("all", "2023-06-11").is_err(), "its day is over");
        assert!(known("guess", "2023-05-10").is_err());
        for (name, until) in [("", "2023-06-10"), ("long", "2024-05-11"), ("past", "2023-05-09")] {
            let bad = token::Wish { until: day(until), ..wish(name, 0) };
            assert!(matches!(db.write(|tx| token::add(tx, &owner, &bad, "bad")), Err(Fault::Refused(_))), "{name}");
        }
        let other = enter(db, &site, "zhang");
        let id = luoshi_store::secret::digest(b"one");
        assert!(db.write(|tx| token::revoke(tx, &other, &id)).is_err(), "another's token is not theirs to revoke");
        db.write(|tx| token::revoke(tx, &owner, &id)).unwrap();
        assert!(known("one", "2023-05-10").is_err(), "revoked");
        db.write(|tx| holding::end(tx, &permit, &post.id, owner.person, day("2023-05-01"))).unwrap();
        assert!(!known("all", "2023-05-10").unwrap().actor.may(&site.pack, Verb::See, &two.path), "rights end at once");
    });
}

#[test]
fn a_post_with_rights_at_its_own_unit_lends_them_to_no_token_below() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let owner = enter(db, &site, "zhang");
        let (post, permit) = (site.pack.post("group_leader").unwrap(), site.permit(Verb::Roll, &site.branches[0]));
        db.write(|tx| holding::appoint(tx, &permit, post, owner.person, day("2022-02-01"), "")).unwrap();
        let rule = site.permit(Verb::Rule, &site.branches[0]);
        let below = db.write(|tx| unit::found(tx, &rule, &common::founding("party_group", "第一小组"))).unwrap();
        let wish =
            token::Wish { name: "w".into(), writes: true, proposals: false, unit: below.id, until: day("2023-06-10") };
        db.write(|tx| token::add(tx, &owner, &wish, "w")).unwrap();
        let narrow = db.read(|tx| token::known(tx, &site.pack, (owner.top, "w"), day("2023-05-10"))).unwrap();
        assert!(narrow.writes && narrow.actor.posts.is_empty(), "{:?}", narrow.actor.posts);
    });
}

#[test]
fn open_invitations_are_listed_taken_back_and_asked_by_page() {
    on_every_engine(|db| {
        let site = Site::new(db, &["第一支部"]);
        let people: Vec<Actor> = (0..53).map(|n| enter(db, &site, &format!("u{n:02}"))).collect();
        let over = |person| Over { actor: &site.clerk, base: &site.pack, at: &site.branches[0], person };
        for one in &people {
            db.write(|tx| account::invite(tx, &over(one.person), "", &format!("link {}", one.person))).unwrap();
        }
        let scope = site.scope(Verb::Roll, &site.top);
        let page =
            |after: (String, String)| db.read(|tx| account::invitations(tx, &scope, &after, account::PAGE)).unwrap();
        let first = page(Default::default());
        assert_eq!((first.len(), first[0].name.as_str()), (51, "u00"));
        let rest = page((first[49].name.clone(), first[49].id.clone()));
        assert_eq!(rest.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["u50", "u51", "u52"]);
        let invited = |n: usize| db.read(|tx| account::state(tx, site.top.top, people[n].person)).unwrap().unwrap();
        assert!(invited(0).invited > now() && invited(0).active && !invited(0).factor && invited(0).login == "u00");
        db.write(|tx| account::uninvite(tx, &over(people[0].person))).unwrap();
        assert_eq!((invited(0).invited, page(Default::default())[0].name.as_str()), (0, "u01"));
        let link = format!("link {}", people[0].person);
        assert!(matches!(db.write(|tx| account::accept(tx, site.top.top, &link, "h")), Err(Fault::NotFound)));
    });
}
