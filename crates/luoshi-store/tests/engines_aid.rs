//! Mutual aid: an account that is never overdrawn however many pay at once, and what is erased.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, actor, day, on_every_engine};
use jiff::ToSpan;
use luoshi_rules::aid::{Application, Sort, Step, balance};
use luoshi_rules::{Calendar, Handler, Unit, Verb};
use luoshi_store::aid::case::{self, Act};
use luoshi_store::aid::{self, Income};
use luoshi_store::{Db, Fault, Tx, person};
use std::sync::atomic::{AtomicUsize, Ordering};

fn calendar() -> Calendar {
    Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap()
}

fn handler(site: &Site, id: i64, after: i32) -> Handler {
    let mut who = actor(id, &site.branches[0], "aid_handler", &site.top);
    who.today = who.today.checked_add(after.days()).unwrap();
    who.handler(&site.pack, &site.top).unwrap()
}

fn enter(db: &Db, site: &Site, at: &Unit, name: &str) -> i64 {
    let entry = person::Entry {
        name: name.into(),
        search: name.into(),
        since: Some(day("2022-01-01")),
        ..person::Entry::default()
    };
    db.write(|tx| person::add(tx, &site.permit(Verb::Roll, at), &entry)).unwrap()
}

fn told(words: &str) -> Application {
    Application { reason: "accident".into(), words: words.into(), proof: "证明".into(), ..Application::default() }
}

/// A fund with so many fen.
fn fund(tx: &Tx, by: &Handler, fen: i64) -> Result<aid::Fund, Fault> {
    aid::open(tx, by, "互助金")?;
    let fund = aid::kept(tx, by)?.unwrap();
    let (giver, words) = (String::new(), String::new());
    let income = Income { sort: Sort::Donation, amount: fen, on: by.today(), givers: 30, person: 0, giver, words };
    aid::receive(tx, by, &fund, &income)?;
    Ok(fund)
}

#[test]
fn of_eight_payments_at_once_only_those_are_made_that_the_balance_covers() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let people: Vec<i64> = (0..8).map(|n| enter(db, &site, &site.branches[0], &format!("申请人{n}"))).collect();
        let (one, two) = (handler(&site, 900, 0), handler(&site, 901, 0));
        let (calendar, rules) = (calendar(), site.pack.aid.clone().unwrap());
        let fund = db.write(|tx| fund(tx, &one, 1_600_000)).unwrap();
        let cases: Vec<i64> = people
            .iter()
            .map(|id| {
                let asking = actor(*id, &site.branches[0], "member", &site.branches[0]);
                let asked = |tx: &Tx| {
                    let id = case::apply(tx, &asking, (&fund, &rules), &told("车祸"), &[])?;
                    for (step, by) in [(Step::Checked, &one), (Step::Approved, &two), (Step::Publicised, &one)] {
                        let act = Act { note: "属实".into(), amount: 500_000 };
                        case::take(tx, by, (&fund, &rules, &calendar), (id, step), &act, &|_| "S.".into())?;
                    }
                    Ok(id)
                };
                db.write(asked).unwrap()
            })
            .collect();
        let (paid, late) = (AtomicUsize::new(0), handler(&site, 900, 30));
        std::thread::scope(|scope| {
            for id in &cases {
                let (paid, late, fund, rules, calendar) = (&paid, &late, &fund, &rules, &calendar);
                scope.spawn(move || {
                    let act = Act::default();
                    let key = (*id, Step::Paid);
                    match db.write(|tx| case::take(tx, late, (fund, rules, calendar), key, &act, &|_| String::new())) {
                        Ok(()) => drop(paid.fetch_add(1, Ordering::Relaxed)),
                        Err(Fault::Refused(_)) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                });
            }
        });
        assert_eq!(paid.into_inner(), 3, "1,600,000 fen cover three of 500,000");
        let all = db.read(|tx| aid::account(tx, &one, &fund)).unwrap();
        assert_eq!((balance(&all), all.len()), (100_000, 4));
        assert!(all.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "no number is missing or twice");
        let numbers = db.read(|tx| aid::numbers(tx, &fund, 2023)).unwrap();
        assert_eq!((numbers.paid, numbers.helped, numbers.cases), (1_500_000, 3, 8));
    });
}

#[test]
fn the_handler_of_another_fund_and_an_earlier_handler_find_nothing() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let id = enter(db, &site, &site.branches[0], "申请人");
        let by = handler(&site, 900, 0);
        let fund = db.write(|tx| fund(tx, &by, 100)).unwrap();
        let asking = actor(id, &site.branches[0], "member", &site.branches[0]);
        let rules = site.pack.aid.clone().unwrap();
        let case = db.write(|tx| case::apply(tx, &asking, (&fund, &rules), &told("车祸"), &[])).unwrap();
        let elsewhere = actor(900, &site.branches[0], "aid_handler", &site.branches[0]);
        let elsewhere = elsewhere.handler(&site.pack, &site.branches[0]).unwrap();
        for outcome in [
            db.read(|tx| case::find(tx, &elsewhere, &fund, case).map(drop)),
            db.read(|tx| case::list(tx, &elsewhere, &fund).map(drop)),
            db.read(|tx| aid::account(tx, &elsewhere, &fund).map(drop)),
        ] {
            assert!(matches!(outcome, Err(Fault::NotFound)));
        }
        assert!(actor(900, &site.branches[0], "member", &site.branches[0]).handler(&site.pack, &site.top).is_err());
        assert_eq!(db.read(|tx| case::find(tx, &by, &fund, case)).unwrap().told.words, "车祸");
        assert_eq!(db.read(|tx| case::waiting(tx, &by)).unwrap(), 1);
        assert!(
            db.read(|tx| case::mine(tx, &actor(77, &site.branches[0], "member", &site.branches[0])))
                .unwrap()
                .is_empty()
        );
    });
}
