//! Documents that came in as directives: kept once, saved by one person at a time, made into matters once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // each test binary uses its part
mod common;

use common::{Site, actor, day, on_every_engine};
use luoshi_rules::Verb;
use luoshi_store::intake::{self, Document};
use luoshi_store::matter::{self, Opening};
use luoshi_store::{Db, Fault};
use serde_json::json;

fn document(body: &str) -> Document {
    Document {
        title: body.lines().next().unwrap_or_default().to_owned(),
        name: "通知.docx".into(),
        digest: luoshi_store::secret::digest(body.as_bytes()),
        day: day("2023-03-15"),
        body: body.to_owned(),
        findings: json!([{ "seq": 1, "text": "组织学习" }]),
    }
}

fn keep(db: &Db, site: &Site, body: &str) -> i64 {
    let permit = site.permit(Verb::Act, &site.top);
    db.write(|tx| intake::keep(tx, &permit, &document(body))).unwrap()
}

#[test]
fn the_same_document_is_kept_once_at_each_unit() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        let permit = site.permit(Verb::Act, &site.top);
        let (first, other) = (keep(db, &site, "通知一"), keep(db, &site, "通知二"));
        assert_eq!(keep(db, &site, "通知一"), first);
        let lines = db.read(|tx| intake::list(tx, &permit, 0, 50)).unwrap();
        assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [other, first]);
        let older = db.read(|tx| intake::list(tx, &permit, other, 50)).unwrap();
        assert_eq!(older.len(), 1);
        let found = db.read(|tx| intake::find(tx, &permit, first)).unwrap();
        assert_eq!(
            (found.document.title.as_str(), found.document.day, found.version),
            ("通知一", day("2023-03-15"), 1)
        );
        let below = site.permit(Verb::Act, &site.branches[0]);
        assert!(matches!(db.read(|tx| intake::find(tx, &below, first)), Err(Fault::NotFound)));
    });
}

#[test]
fn eight_people_who_bring_the_same_document_at_once_get_the_same_one() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        let ids: Vec<i64> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| keep(db, &site, "通知"))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    });
}

#[test]
fn nobody_saves_over_what_another_saved() {
    on_every_engine(|db| {
        let site = Site::new(db, &[]);
        let (id, permit) = (keep(db, &site, "通知"), site.permit(Verb::Act, &site.top));
        db.write(|tx| intake::save(tx, &permit, (id, 1), &json!([{ "seq": 1, "text": "甲" }]))).unwrap();
        let second = db.write(|tx| intake::save(tx, &permit, (id, 1), &json!([{ "seq": 1, "text": "乙" }])));
        assert!(matches!(second, Err(Fault::Refused(_))), "{second:?}");
        let found = db.read(|tx| intake::find(tx, &permit, id)).unwrap();
        assert_eq!((found.version, &found.document.findings[0]["text"]), (2, &json!("甲")));
    });
}

#[test]
fn a_measure_is_made_once_for_each_unit_and_carried_to_its_end() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let (id, permit) = (keep(db, &site, "通知"), site.permit(Verb::Act, &site.top));
        let flow = site.pack.flow("directive").unwrap();
        let make = |at: usize| {
            let opening = Opening {
                flow,
                addressee: &site.branches[at],
                subject: format!("{id}/1"),
                title: "组织学习".into(),
                data: json!({ "by": "2023-06-30" }),
                note: String::new(),
            };
            db.write(|tx| intake::make(tx, &permit, (id, 1), &opening)).unwrap()
        };
        let first = make(0).unwrap();
        assert!(make(1).is_some() && make(0).is_none());
        let made = db.read(|tx| intake::made(tx, &permit, id)).unwrap();
        assert_eq!(made.iter().map(|one| one.unit_name.as_str()).collect::<Vec<_>>(), ["一支部", "二支部"]);

        let secretary = actor(9, &site.branches[0], "branch_secretary", &site.branches[0]);
        let own = secretary.permit(&site.pack, Verb::Act, &site.branches[0]).unwrap();
        let step = |who: &luoshi_rules::Permit, to: &str| {
            let data = if to == "claimed" { json!({ "evidence": [{ "record": 1 }] }) } else { json!(null) };
            db.write(|tx| {
                let taken = matter::Taken { to, note: "情况", data: data.clone(), on: None };
                matter::take(tx, who, &site.pack, first, &taken)
            })
        };
        assert!(matches!(step(&own, "verified"), Err(Fault::Refused(_))), "who does it does not verify it");
        assert!(matches!(step(&permit, "closed"), Err(Fault::Refused(_))), "nothing closes unverified");
        step(&own, "progress").unwrap();
        step(&own, "progress").unwrap();
        step(&own, "claimed").unwrap();
        assert!(matches!(step(&permit, "closed"), Err(Fault::Refused(_))), "nothing closes unverified");
        step(&permit, "returned").unwrap();
        step(&own, "claimed").unwrap();
        let verified = step(&permit, "verified").unwrap();
        assert_eq!(verified.limit(flow, &luoshi_rules::Calendar::default()), Some(day("2023-06-30")));
        let closed = step(&permit, "closed").unwrap();
        assert_eq!(closed.limit(flow, &luoshi_rules::Calendar::default()), None);
        let states: Vec<String> =
            db.read(|tx| intake::made(tx, &permit, id)).unwrap().into_iter().map(|one| one.step).collect();
        assert_eq!(states, ["closed", "assigned"]);
    });
}
