//! Collections on every engine: of two who ask the same at once one is refused.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Site, day, on_every_engine};
use luoshi_rules::collection::{Burden, Ground, Question, Sort};
use luoshi_rules::{Collection, Refusal, Unit, Verb};
use luoshi_store::{Fault, collection};
use std::sync::Barrier;

fn ground(site: &Site) -> Ground {
    let units = [&site.top].into_iter().chain(&site.branches).cloned().collect();
    let burden = Burden { number: 60, text: 180, yes: 20, known: 10, matter: 600, ceiling: 30, answer: 5 };
    Ground { burden, units, known: Vec::new(), held: Vec::new() }
}

fn asking(at: &Unit, title: &str, question: &str) -> Collection {
    Collection {
        id: 0,
        unit: at.id,
        unit_name: at.short_name.clone(),
        path: at.path.clone(),
        title: title.into(),
        ground: "工委〔2023〕5号第三条".into(),
        every: None,
        due: day("2023-06-30"),
        level: "branch".into(),
        class: String::new(),
        questions: vec![Question { name: question.into(), sort: Sort::Number }],
        from: day("2023-05-10"),
        until: None,
    }
}

#[test]
fn of_two_who_ask_the_same_at_once_one_is_refused() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let ground = ground(&site);
        for round in 0..4 {
            let name = format!("活动室面积{round}");
            let (start, titles) = (Barrier::new(2), ["甲表", "乙表"]);
            let outcomes: Vec<Result<i64, Fault>> = std::thread::scope(|threads| {
                let (site, ground, start, name) = (&site, &ground, &start, &name);
                let tries = titles.map(|title| {
                    threads.spawn(move || {
                        let permit = site.permit(Verb::Write, &site.top);
                        let one = asking(&site.top, title, name);
                        // both have looked before, and saw nothing
                        one.check(ground, &[]).unwrap();
                        start.wait();
                        db.write(|tx| collection::issue(tx, &permit, &one, |others| one.check(ground, others)))
                    })
                });
                tries.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
            assert_eq!(won.len(), 1, "round {round}");
            match lost.into_iter().next().unwrap() {
                Err(Fault::Refused(Refusal::Field { field, why })) => {
                    assert!(field == "question-0" && why.zh.contains("重复"), "{field}: {}", why.zh);
                }
                other => panic!("{other:?}"),
            }
        }
        let scope = site.scope(Verb::See, &site.top);
        assert_eq!(db.read(|tx| collection::list(tx, &scope, day("2023-05-10"))).unwrap().len(), 4);
    });
}
