//! What is kept of how matters stand, boards made of it, and the words they are found by: on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod common;

use common::{Site, actor, day, on_every_engine};
use luoshi_rules::matter::words::Words;
use luoshi_rules::{Scope, Unit, Verb};
use luoshi_store::matter::{self, Filter, Opening, Order, State, Taken, Tier};
use luoshi_store::unit::{self, Decision};
use luoshi_store::{Db, dump};
use serde_json::json;

fn order(db: &Db, site: &Site, at: &Unit, (title, by): (&str, &str)) -> i64 {
    let opening = Opening {
        flow: site.pack.flow("directive").unwrap(),
        addressee: at,
        subject: title.into(),
        title: title.into(),
        data: json!({ "by": by, "sentence": "会议要求抓好落实", "intake": 1 }),
        note: String::new(),
    };
    db.write(|tx| matter::open(tx, &site.permit(Verb::Act, &site.top), &opening)).unwrap()
}

fn step(db: &Db, site: &Site, at: &Unit, (id, to): (i64, &str)) {
    let secretary = actor(50, at, "branch_secretary", at);
    let permit = secretary.permit(&site.pack, Verb::Act, at).unwrap();
    let data = json!({ "evidence": [1] });
    let taken = Taken { to, note: "已向支部大会通报情况", data, ..Taken::default() };
    db.write(|tx| matter::take(tx, &permit, &site.pack, id, &taken)).unwrap();
}

/// What is kept is what the events say.
#[track_caller]
fn must_be_derived(db: &Db, top: i64) {
    let kept = db.read(|tx| matter::kept(tx, top)).unwrap();
    matter::derive(db, top).unwrap();
    assert_eq!(kept, db.read(|tx| matter::kept(tx, top)).unwrap());
}

/// Every character and every pair of the title, the wording and the notes.
fn tokens(words: &Words) -> Vec<String> {
    let all = format!("{} {} {}", words.title, words.wording, words.notes);
    let chars: Vec<char> = all.chars().collect();
    let mut tokens: Vec<String> = chars.windows(2).map(|pair| pair.iter().collect()).collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

/// The titles of a scope in which a word of two characters stands.
fn found(db: &Db, site: &Site, at: &Unit, word: &str) -> Vec<String> {
    let scope = site.scope(Verb::See, at);
    let tiers = [Tier { groups: vec![vec![word.to_owned()]], depth: matter::Depth::Whole }];
    let judge = |line: &matter::Line| {
        let words = luoshi_rules::matter::words::of(&site.pack, &line.matter);
        let all = format!("{} {} {}", words.title, words.wording, words.notes);
        all.contains(word).then(|| line.matter.title.clone())
    };
    let mut found = db.read(|tx| matter::seek(tx, &scope, (&tiers, 50), judge)).unwrap().hits;
    found.sort();
    found
}

#[test]
fn what_is_kept_of_a_matter_is_what_its_events_say_after_every_act_and_every_move() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let [first, second] = [&site.branches[0], &site.branches[1]];
        let top = site.top.top;
        let id = order(db, &site, first, ("整改台账", "2023-05-01"));
        let other = order(db, &site, second, ("学习计划", "2023-06-30"));
        must_be_derived(db, top);
        step(db, &site, first, (id, "progress"));
        step(db, &site, first, (id, "claimed"));
        must_be_derived(db, top);
        db.write(|tx| {
            matter::advance(tx, &site.permit(Verb::Act, &site.top), &site.pack, other, "withdrawn", "不再需要")
        })
        .unwrap();
        must_be_derived(db, top);
        let rule = site.permit(Verb::Rule, first);
        let decision = Decision { permit: &rule, pack: &site.pack, on: day("2023-05-10"), note: "合并" };
        db.write(|tx| unit::merge(tx, &decision, &site.permit(Verb::Rule, second))).unwrap();
        must_be_derived(db, top);
        let open = Filter { state: State::Open, ..Filter::default() };
        let at = db.read(|tx| matter::list(tx, &site.scope(Verb::See, second), &open)).unwrap();
        assert_eq!(at.iter().map(|line| line.matter.title.as_str()).collect::<Vec<_>>(), ["整改台账"]);
    });
}

#[test]
fn a_board_goes_by_limit_from_page_to_page_and_its_counts_are_those_of_its_rows() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        for n in 0..12 {
            // two of each day
            let by = format!("2023-05-{:02}", 6 + n / 2);
            order(db, &site, &site.branches[n % 2], (&format!("第{n}件"), &by));
        }
        let scope = site.scope(Verb::See, &site.top);
        let mut filter = Filter { state: State::Open, order: Order::Limit, most: 5, ..Filter::default() };
        let mut seen: Vec<String> = Vec::new();
        loop {
            let lines = db.read(|tx| matter::list(tx, &scope, &filter)).unwrap();
            let Some(last) = lines.last() else { break };
            filter.after = Some(Order::Limit.after(last));
            seen.extend(lines.iter().map(|line| line.matter.title.clone()));
        }
        assert_eq!(seen, (0..12).map(|n| format!("第{n}件")).collect::<Vec<_>>());
        let today = day("2023-05-10");
        let all = Filter { state: State::Open, ..Filter::default() };
        let counts = |at: &Unit, filter: &Filter| {
            let scope = site.scope(Verb::See, at);
            let counts = db.read(|tx| matter::counts(tx, &scope, filter, (today, day("2023-04-10")))).unwrap();
            (counts.iter().map(|one| one.n).sum::<i64>(), counts.iter().map(|one| one.late).sum::<i64>())
        };
        assert_eq!((counts(&site.top, &all), counts(&site.branches[0], &all)), ((12, 8), (6, 4)));
        let late = Filter { late: Some(today), ..all.clone() };
        assert_eq!(counts(&site.top, &late), (8, 8));
        let owner = Filter { owner: site.branches[1].id, ..all.clone() };
        assert_eq!(counts(&site.top, &owner).0, 6);
        let none = Filter { steps: vec!["directive:claimed".into()], ..all.clone() };
        assert_eq!(counts(&site.top, &none).0, 0);
        // owners are those of what the board shows, and of nothing else
        let owners = |filter: &Filter| {
            let all = db.read(|tx| matter::owners(tx, &scope, filter, today)).unwrap();
            all.into_iter().map(|one| (one.name, one.n, one.late)).collect::<Vec<_>>()
        };
        let both = |n, late| vec![("一支部".to_owned(), n, late), ("二支部".to_owned(), n, late)];
        assert_eq!(owners(&all), both(6, 4));
        assert_eq!(owners(&late), both(4, 4));
        assert_eq!(owners(&owner), both(6, 4)[1..]);
        assert_eq!(owners(&none), []);
        assert_eq!(owners(&Filter { state: State::Closed, ..Filter::default() }), [], "none of these is open");
        // a slip is due for what is a working day over, a reminder five before the limit
        let ring = Filter { ring: Some(today), order: Order::Limit, most: 50, ..all };
        let lines = db.read(|tx| matter::list(tx, &scope, &ring)).unwrap();
        let flow = site.pack.flow("directive").unwrap();
        let name = |line: &matter::Line| {
            let stand = line.stand.as_ref().unwrap();
            stand.ring(flow, &luoshi_rules::Calendar::default(), today).map(|timer| timer.id.clone()).unwrap()
        };
        let rings: Vec<(String, String)> = lines.iter().map(|line| (line.matter.title.clone(), name(line))).collect();
        assert_eq!(rings.first().unwrap(), &("第0件".to_owned(), "slip".to_owned()));
        assert_eq!(rings.last().unwrap(), &("第11件".to_owned(), "near".to_owned()));
        assert_eq!(rings.len(), 12);
    });
}

#[test]
fn a_board_narrowed_to_few_shows_what_a_board_of_all_shows_of_them_in_every_order_page_by_page() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部", "三支部"]);
        for n in 0..30 {
            let at = &site.branches[n % 3];
            let id = order(db, &site, at, (&format!("第{n}件"), &format!("2023-05-{:02}", 30 - n % 7)));
            if n % 4 == 0 {
                step(db, &site, at, (id, "claimed"));
            }
            if [2, 11, 29].contains(&n) {
                let permit = site.permit(Verb::Act, &site.top);
                db.write(|tx| matter::advance(tx, &permit, &site.pack, id, "withdrawn", "不再需要")).unwrap();
            }
        }
        let scope = site.scope(Verb::See, &site.top);
        // one of the first branch is helped with by the third
        let helped = order(db, &site, &site.branches[0], ("有协办的一件", "2023-05-20"));
        let permit = site.permit(Verb::Act, &site.top);
        db.write(|tx| matter::help(tx, &permit, &site.pack, helped, (&site.branches[2], "熟悉情况"))).unwrap();
        let pages_of = |scope: &Scope, filter: &Filter| {
            let (mut filter, mut seen) = (filter.clone(), Vec::new());
            loop {
                let lines = db.read(|tx| matter::list(tx, scope, &filter)).unwrap();
                let Some(last) = lines.last() else { return seen };
                filter.after = Some(filter.order.after(last));
                seen.extend(lines.iter().map(|line| (line.matter.unit, line.matter.id, line.stand.clone().unwrap())));
            }
        };
        let pages = |filter: &Filter| pages_of(&scope, filter);
        for order in [Order::Newest, Order::Limit, Order::Still] {
            // of any state, so that it is walked
            let all = pages(&Filter { order, most: 7, ..Filter::default() });
            assert_eq!(all.len(), 31);
            let open = Filter { state: State::Open, order, most: 4, ..Filter::default() };
            let claimed = Filter { steps: vec!["directive:claimed".into()], ..open.clone() };
            let wanted: Vec<_> = all.iter().filter(|(.., stand)| stand.step == "claimed").cloned().collect();
            assert_eq!((wanted.len(), pages(&claimed)), (8, wanted), "{order:?}");
            let owner = Filter { owner: site.branches[1].id, ..open.clone() };
            let wanted: Vec<_> = all.iter().filter(|(unit, ..)| *unit == owner.owner).cloned().collect();
            assert_eq!((wanted.len(), pages(&owner)), (10, wanted), "{order:?}");
            assert_eq!(pages(&Filter { steps: vec!["directive:returned".into()], ..open }), [], "{order:?}");
            // of any state and of what is over, by the steps at which they stand
            let any = Filter { order, most: 4, ..Filter::default() };
            let closes = |step: &str| site.pack.flow("directive").unwrap().closes(step);
            for (steps, flow, state) in [
                (vec!["directive:claimed".to_owned(), "directive:withdrawn".to_owned()], "", State::Any),
                (vec!["directive:withdrawn".to_owned(), "directive:withdrawn".to_owned()], "", State::Closed),
                (vec!["directive:returned".to_owned()], "", State::Any),
                (vec!["-".to_owned()], "", State::Any),
                (Vec::new(), "directive", State::Closed),
                (Vec::new(), "follow-up", State::Any),
            ] {
                let fits = |step: &str| {
                    (steps.is_empty() || steps.contains(&format!("directive:{step}")))
                        && (state == State::Any || closes(step))
                        && flow != "follow-up"
                };
                let wanted: Vec<_> = all.iter().filter(|(.., stand)| fits(&stand.step)).cloned().collect();
                let filter = Filter { steps: steps.clone(), flow: flow.into(), state, ..any.clone() };
                assert_eq!(pages(&filter), wanted, "{order:?} {steps:?} {flow}");
            }
            // of any state, of one unit: asked from above or by itself
            let second = &site.branches[1];
            let wanted: Vec<_> = all.iter().filter(|(unit, ..)| *unit == second.id).cloned().collect();
            assert_eq!(pages(&Filter { owner: second.id, ..any.clone() }), wanted, "{order:?}");
            assert_eq!(pages(&Filter { unit: second.id, ..any.clone() }), wanted, "{order:?}");
            assert_eq!(pages_of(&site.scope(Verb::See, second), &any), wanted, "{order:?}");
            assert_eq!(pages(&Filter { unit: site.top.id, ..any.clone() }), all, "opened there: {order:?}");
            let own = site.scope(Verb::See, &site.branches[0]);
            let with_third = pages_of(&own, &Filter { unit: site.branches[2].id, ..any.clone() });
            assert_eq!(with_third.iter().map(|(_, id, _)| *id).collect::<Vec<_>>(), [helped], "{order:?}");
        }
    });
}

#[test]
fn counts_without_follow_ups_whose_duty_is_met_are_those_asked_for_without_them() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        order(db, &site, &site.branches[0], ("整改台账", "2023-05-01"));
        let flow = site.pack.flow("follow-up").unwrap();
        for (n, on) in ["2023-02-01", "2023-03-20", "2023-04-20", "2023-05-08"].into_iter().enumerate() {
            let clerk = luoshi_rules::Actor { today: day(on), ..site.clerk.clone() };
            let permit = clerk.permit(&site.pack, Verb::Act, &site.top).unwrap();
            let opening = Opening {
                flow,
                addressee: &site.branches[n % 2],
                subject: format!("L3-01/{n}"),
                title: format!("第{n}件"),
                data: json!({ "clause": "L3-01", "period": format!("2023Q{n}"), "year": 2023 }),
                note: String::new(),
            };
            db.write(|tx| matter::open(tx, &permit, &opening)).unwrap();
        }
        let (scope, days) = (site.scope(Verb::See, &site.top), (day("2023-05-10"), day("2023-04-10")));
        let all = db.read(|tx| matter::follow_ups(tx, &scope)).unwrap();
        assert_eq!(all.len(), 4);
        let open = Filter { state: State::Open, ..Filter::default() };
        for picked in 0..16_usize {
            let met: Vec<_> =
                all.iter().enumerate().filter(|(n, _)| picked >> n & 1 == 1).map(|(_, one)| one.clone()).collect();
            let asked = Filter { met: met.iter().map(|one| one.id).collect(), ..open.clone() };
            let asked = db.read(|tx| matter::counts(tx, &scope, &asked, days)).unwrap();
            let mut counts = db.read(|tx| matter::counts(tx, &scope, &open, days)).unwrap();
            matter::without(&mut counts, &met, days);
            assert_eq!(counts, asked, "{picked}");
        }
    });
}

#[test]
fn words_are_found_packed_or_not_by_whoever_may_see_the_matter_and_nobody_else() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部", "二支部"]);
        let [first, second] = [&site.branches[0], &site.branches[1]];
        let ids: Vec<i64> =
            (0..300).map(|n| order(db, &site, first, (&format!("第{n}件整改"), "2023-06-01"))).collect();
        order(db, &site, second, ("蒲公英行动", "2023-06-01"));
        let all = |word: &str| {
            let at = |unit: &Unit| found(db, &site, unit, word).len().min(50);
            (at(&site.top), at(first), at(second))
        };
        assert_eq!((all("蒲公"), all("件整"), all("会议")), ((1, 0, 1), (50, 50, 0), (50, 50, 1)));
        assert_eq!(matter::pack(db, &site.pack, tokens).unwrap(), 301);
        assert_eq!((all("蒲公"), all("件整"), all("会议")), ((1, 0, 1), (50, 50, 0), (50, 50, 1)));
        // what is written later is found at once, and after it was packed again
        step(db, &site, first, (ids[7], "progress"));
        assert_eq!(found(db, &site, &site.top, "大会"), ["第7件整改"]);
        assert_eq!(found(db, &site, second, "大会"), [] as [&str; 0]);
        assert_eq!(matter::pack(db, &site.pack, tokens).unwrap(), 0, "one alone is not worth it");
        for id in ids.iter().filter(|id| **id != ids[7]) {
            step(db, &site, first, (*id, "progress"));
        }
        assert_eq!(matter::pack(db, &site.pack, tokens).unwrap(), 301, "with those of the block it takes the place of");
        assert_eq!((all("大会"), all("蒲公")), ((50, 50, 0), (1, 0, 1)));
        let (mut once, all) = (found(db, &site, first, "件整"), found(db, &site, first, "件整").len());
        once.dedup();
        assert_eq!((once.len(), once.len() >= 50), (all, true), "each once");
    });
}

#[test]
fn the_index_follows_a_back_up_and_a_program_that_does_not_know_the_rules_leaves_it_to_be_derived() {
    on_every_engine(|db| {
        let site = Site::new(db, &["一支部"]);
        order(db, &site, &site.branches[0], ("蒲公英行动", "2023-06-01"));
        let kept = db.read(|tx| matter::kept(tx, site.top.top)).unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(matter::refresh(db).unwrap(), 1, "an organisation that was never derived is, once");
        assert_eq!(matter::refresh(db).unwrap(), 0);
        assert_eq!(db.read(|tx| matter::kept(tx, site.top.top)).unwrap(), kept);
        let tables = dump::tables();
        assert!(tables.contains(&"matter_state".to_owned()));
        let stranger = actor(5, &site.branches[0], "branch_secretary", &site.branches[0]);
        assert!(stranger.scope(&site.pack, Verb::See, &site.top).is_err());
    });
}
