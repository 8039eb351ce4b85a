//! The chain over the audit trail: every way to tamper with it is found, and the first bad row is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other stories use the rest
mod common;

use common::*;
use luoshi_store::audit::{self, Chain, Head, Wrong};
use luoshi_store::{Db, Keys};

/// What somebody does who can write the database.
fn raw(url: &str, top: i64, sql: &str) {
    let sql = sql.replace("{top}", &top.to_string());
    match url.starts_with("postgres") {
        true => postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap(),
        false => rusqlite::Connection::open(url).unwrap().execute_batch(&sql).unwrap(),
    }
}

/// Notes so many acts and seals them.
fn sealed(db: &Db, top: i64, acts: i64, chain: Chain) -> Vec<Head> {
    for n in 0..acts {
        db.write(|tx| audit::by(tx, top, 1, 0, "session.begin", n, "")).unwrap();
    }
    audit::seal_all(db, chain).unwrap()
}

fn first_wrong(db: &Db, published: &[Head]) -> Option<Wrong> {
    let verdicts = audit::verify(db, published).unwrap();
    verdicts.into_iter().find_map(|one| one.wrong)
}

#[test]
fn rows_take_their_place_in_one_order_and_the_chain_is_sound() {
    on_every_engine(|db| {
        let top = Site::new(db, &["一支部"]).top.id;
        let heads = sealed(db, top, 5, Chain::Sha256);
        assert_eq!(heads.len(), 1);
        let more = sealed(db, top, 3, Chain::Sm3);
        assert_eq!(more[0].place, heads[0].place + 3, "another digest goes on from the same chain");
        assert!(more[0].link.starts_with("sm3:"));
        assert_eq!(audit::seal_all(db, Chain::Sha256).unwrap(), []);
        let verdict = audit::verify(db, &[heads[0].clone(), more[0].clone()]).unwrap().remove(0);
        assert_eq!((verdict.wrong, verdict.waiting, verdict.sound), (None, 0, more[0].place));
    });
}

#[test]
fn each_way_of_tampering_is_found_and_the_first_bad_row_named() {
    // edit, delete, insert, reorder, a place taken twice: found by the chain alone
    for (tamper, at, want) in [
        ("update audit set detail = 'x' where top_id = {top} and place = {n}", 3, "Row { place: {n}"),
        ("delete from audit where top_id = {top} and place = {n}", 3, "Missing { place: {n} }"),
        (
            "insert into audit (top_id, id, at, person_id, unit_id, act, object, detail, place, link)
             select {top}, 7, at, person_id, unit_id, act, object, 'put in', place, link from audit where top_id = {top} and place = {n}",
            3,
            "Row { place: {n}",
        ),
        (
            "update audit set object = (select sum(o.object) from audit o where o.top_id = {top} and o.place in ({n}, {n} + 1)) - object
              where top_id = {top} and place in ({n}, {n} + 1)",
            3,
            "Row { place: {n}",
        ),
        ("update audit set place = 2 * {n} + 1 - place where top_id = {top} and place in ({n}, {n} + 1)", 3, "Row { place: {n}"),
    ] {
        on_every_engine_at(|db, url| {
        let top = Site::new(db, &["一支部"]).top.id;
            let heads = sealed(db, top, 6, Chain::Sha256);
            let n = heads[0].place - 6 + at;
            raw(url, top, &tamper.replace("{n}", &n.to_string()));
            let wrong = format!("{:?}", first_wrong(db, &[]).expect(tamper));
            assert!(wrong.starts_with(&want.replace("{n}", &n.to_string())), "{tamper}: {wrong}");
        });
    }
}

#[test]
fn a_tail_cut_off_or_an_old_database_put_back_is_found_by_the_published_head() {
    on_every_engine_at(|db, url| {
        let top = Site::new(db, &["一支部"]).top.id;
        let heads = sealed(db, top, 6, Chain::Sha256);
        let last = heads[0].place;
        raw(url, top, &format!("delete from audit where top_id = {{top}} and place > {}", last - 2));
        assert_eq!(first_wrong(db, &[]), None, "the chain alone cannot know");
        assert_eq!(first_wrong(db, &heads), Some(Wrong::CutOff { ends: last - 2, published: last }));
        // and goes on as if nothing had been: the head no longer fits
        sealed(db, top, 3, Chain::Sha256);
        assert_eq!(first_wrong(db, &heads), Some(Wrong::Rewritten { place: last }));
    });
}

#[test]
fn a_chain_written_anew_with_the_key_itself_is_found_by_the_published_head() {
    on_every_engine_at(|db, url| {
        let top = Site::new(db, &["一支部"]).top.id;
        let heads = sealed(db, top, 6, Chain::Sha256);
        raw(url, top, "update audit set place = 0, link = null, detail = 'rewritten' where top_id = {top}");
        audit::seal_all(db, Chain::Sha256).unwrap();
        assert_eq!(first_wrong(db, &[]), None, "the chain itself holds");
        assert_eq!(first_wrong(db, &heads), Some(Wrong::Rewritten { place: heads[0].place }));
    });
}

#[test]
fn rows_of_one_organisation_do_not_pass_for_those_of_another() {
    on_every_engine_at(|db, url| {
        let top = Site::new(db, &["一支部"]).top.id;
        let other = Site::new(db, &["别处支部"]).top.id;
        sealed(db, top, 2, Chain::Sha256);
        raw(url, top, &format!("delete from audit where top_id = {other}"));
        raw(url, top, &format!("update audit set top_id = {other} where top_id = {top}"));
        let verdicts = audit::verify(db, &[]).unwrap();
        let swapped = verdicts.iter().find(|one| one.top == other).unwrap();
        assert!(matches!(swapped.wrong, Some(Wrong::Row { place: 1, .. })), "{swapped:?}");
    });
}

#[test]
fn without_the_key_no_row_can_be_linked() {
    on_every_engine_at(|db, url| {
        let top = Site::new(db, &["一支部"]).top.id;
        sealed(db, top, 4, Chain::Sha256);
        let stranger = Db::open(url, Keys::new(&[9; 32])).unwrap();
        assert!(matches!(first_wrong(&stranger, &[]), Some(Wrong::Row { place: 1, .. })));
    });
}

#[test]
fn writers_at_once_lose_no_row() {
    on_every_engine(|db| {
        let top = Site::new(db, &["一支部"]).top.id;
        let before = audit::verify(db, &[]).unwrap().iter().map(|one| one.waiting).sum::<i64>();
        std::thread::scope(|scope| {
            // one seals while eight write; what clashes is sealed the next time
            scope.spawn(|| (0..20).for_each(|_| drop(audit::seal_all(db, Chain::Sha256))));
            for writer in 0..8 {
                scope.spawn(move || {
                    for n in 0..25 {
                        db.write(|tx| audit::by(tx, top, writer, 0, "session.begin", n, "")).unwrap();
                    }
                });
            }
        });
        audit::seal_all(db, Chain::Sha256).unwrap();
        let verdict = audit::verify(db, &[]).unwrap().remove(0);
        assert_eq!((verdict.wrong, verdict.waiting, verdict.sound), (None, 0, before + 200));
    });
}

#[test]
fn an_act_that_is_committed_after_a_later_one_still_shows() {
    use std::sync::atomic::{AtomicBool, Ordering};
    on_every_engine(|db| {
        let top = Site::new(db, &["一支部"]).top.id;
        let stamp = || db.read(|tx| audit::stamp(tx, top)).unwrap();
        let act = |n: i64| db.write(|tx| audit::by(tx, top, 1, 0, "session.begin", n, "")).unwrap();
        let before = stamp();
        assert_eq!(stamp(), before, "nothing was done");
        act(1);
        assert_ne!(stamp(), before);
        if db.engine() == "SQLite" {
            return; // its writers follow one another
        }
        let (noted, go) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|threads| {
            let slow = threads.spawn(|| {
                db.write(|tx| {
                    audit::by(tx, top, 1, 0, "session.begin", 2, "")?;
                    noted.store(true, Ordering::SeqCst);
                    while !go.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                    Ok(())
                })
            });
            while !noted.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            act(3);
            let between = stamp();
            go.store(true, Ordering::SeqCst);
            slow.join().unwrap().unwrap();
            assert_ne!(stamp(), between, "the older key came later");
        });
    });
}
