//! Random walks over whole trees: an inspection with findings, tasks and re-checks, a conduct check, an order, a
//! directive. Whatever people try, nothing is closed over what is not done; and wherever they have got to, the office,
//! the team and the unit can still bring it to a close.

use super::walks::{Chance, PEOPLE, actor, opened, unit};
use super::*;
use crate::{Pack, Verb};
use serde_json::json;

/// A matter and everything below it, by place in a list; the first is the whole.
struct Tree<'p> {
    pack: &'p Pack,
    all: Vec<Matter>,
    day: Date,
}

/// What brings a matter on, the most wanted first; what ends it without being done is left out.
const ONWARD: [&str; 26] = [
    "closed",
    "approved",
    "talked",
    "rechecked",
    "evaluated",
    "verified",
    "claimed",
    "kept",
    "passed",
    "resubmitted",
    "fed_back_body",
    "fed_back_head",
    "reported",
    "left",
    "arrived",
    "fed_back",
    "accepted",
    "noted",
    "agreed",
    "checked",
    "progress",
    "plan_filed",
    "long_term",
    "reopened",
    "relapsed",
    "returned",
];

impl<'p> Tree<'p> {
    fn of(pack: &'p Pack, flow: &str) -> Tree<'p> {
        let mut whole = opened(pack.flow(flow).unwrap());
        whole.id = 1;
        Tree { pack, all: vec![whole], day: "2023-03-01".parse().unwrap() }
    }

    fn flow(&self, at: usize) -> &'p Flow {
        self.pack.flow(&self.all[at].flow).unwrap()
    }

    fn state(&self, at: usize) -> &'p str {
        self.all[at].state(self.flow(at)).unwrap().id.as_str()
    }

    fn parts(&self, at: usize) -> impl Iterator<Item = usize> {
        let whole = self.all[at].id;
        (0..self.all.len()).filter(move |part| self.all[*part].parent == whole)
    }

    /// Brings the steps at which the parts stand up to date, as the store does.
    fn look(&mut self, at: usize) {
        let count = |part: &usize| !self.flow(*part).beside;
        self.all[at].parts = self.parts(at).filter(count).map(|part| self.state(part).to_owned()).collect();
    }

    fn write(&mut self, at: usize, step: &Step, actor: i64, data: &Value) {
        let matter = &mut self.all[at];
        let seq = matter.events.len() as i64 + 1;
        matter.events.push(Event { data: data.clone(), ..Event::plain(seq, &step.id, actor, "", self.day) });
    }

    /// Somebody tries a step; whether it was taken.
    fn step(&mut self, who: usize, at: usize, to: &str, chance: &mut Chance) -> bool {
        self.look(at);
        let (matter, flow) = (&self.all[at], self.flow(at));
        let step = flow.step(to).unwrap();
        let Ok(permit) = actor(who, self.day).permit(self.pack, Verb::Act, &unit(matter.acting(step))) else {
            return false;
        };
        let offered = matter.open_to(flow, &permit).iter().any(|one| one.id == to);
        let taken = matter.next(flow, to, &permit).is_ok();
        assert_eq!(offered, taken, "{}.{to} for {who}", flow.id);
        if taken {
            let later = self.day.saturating_add(jiff::Span::new().days(1 + chance.below(90) as i64));
            let mut data = json!({});
            for field in &step.field {
                data[&field.id] = match field.holds {
                    Holds::Number => json!(chance.below(field.most.unwrap_or(20) as usize + 1)),
                    Holds::Date => json!(later.to_string()),
                    _ => json!("x"),
                };
            }
            self.write(at, step, permit.person(), &data);
            let limit = step.limit.as_ref().map_or(Value::Null, |field| json!({ "limit": data[field] }));
            for part in self.parts(at).collect::<Vec<_>>() {
                let again = step.reopens.as_ref().and_then(|again| self.all[part].reopens_to(self.flow(part), again));
                if let Some(again) = again {
                    self.write(part, again, permit.person(), &limit);
                }
            }
            let whole = self.all.iter().position(|one| one.id == self.all[at].parent);
            if let Some((again, whole)) = step.wakes.as_ref().zip(whole)
                && self.all[whole].is_closed(self.flow(whole))
            {
                // what was given up stays so
                if let Some(again) = self.all[whole].reopens_to(self.flow(whole), again) {
                    self.write(whole, again, permit.person(), &limit);
                }
            }
        }
        taken
    }

    /// Somebody tries to add a part; whether it was added.
    fn add(&mut self, who: usize, at: usize, part: &'p Flow) -> bool {
        let (whole, flow) = (&self.all[at], self.flow(at));
        let side = whole.acting(&part.step[0]);
        let Ok(permit) = actor(who, self.day).permit(self.pack, Verb::Act, &unit(side)) else { return false };
        if !whole.takes_part(part, &permit) || whole.is_closed(flow) && !part.beside {
            return false;
        }
        let mut new = Matter { parent: whole.id, id: self.all.len() as i64 + 1, ..opened(part) };
        new.data = json!({ "checker": 8, "by": self.day.saturating_add(jiff::Span::new().days(30)).to_string() });
        let first = &part.step[0];
        new.events = vec![Event::plain(1, &first.id, permit.person(), "", self.day)];
        self.all.push(new);
        true
    }

    /// Something at random; whether it was done.
    fn attempt(&mut self, chance: &mut Chance) -> bool {
        let (who, at) = (chance.below(PEOPLE.len()), chance.below(self.all.len()));
        let flow = self.flow(at);
        let parts: Vec<&Flow> = self.pack.parts(&flow.id).collect();
        let room = self.parts(at).count() < 3 && self.all.len() < 12;
        if room && !parts.is_empty() && chance.below(6) == 0 {
            return self.add(who, at, parts[chance.below(parts.len())]);
        }
        let then = &flow.step(self.state(at)).unwrap().then;
        let Some(to) = then.get(chance.below(then.len().max(1))) else { return false };
        // who gives up ends the walk: most do not
        if ["withdrawn", "dropped"].contains(&to.as_str()) && chance.below(40) > 0 {
            return false;
        }
        let to = to.clone();
        self.step(who, at, &to, chance)
    }

    /// What must hold wherever it has got to.
    fn check(&self) {
        for at in 0..self.all.len() {
            let (matter, state) = (&self.all[at], self.state(at));
            assert_eq!(matter.title, "原文");
            if !matter.is_closed(self.flow(at)) || state != "closed" {
                continue;
            }
            for part in self.parts(at).filter(|part| !self.flow(*part).beside) {
                let allowed = ["closed", "long_term", "dropped", "withdrawn"];
                assert!(
                    allowed.contains(&self.state(part)),
                    "{} closed over {} at {}",
                    matter.flow,
                    self.flow(part).id,
                    self.state(part)
                );
            }
            if ["finding", "order"].contains(&matter.flow.as_str()) {
                assert!(self.parts(at).any(|part| self.state(part) == "closed"), "{} with nothing done", matter.flow);
                assert!(self.parts(at).all(|part| self.state(part) != "long_term"));
            }
            if ["task", "measure", "directive"].contains(&matter.flow.as_str()) {
                self.was_verified(at);
            }
        }
    }

    /// Closed after others verified what was claimed, since it was last taken up.
    fn was_verified(&self, at: usize) {
        let events = &self.all[at].events;
        let last = |step: &str| events.iter().rfind(|event| event.step == step);
        let (claimed, verified) = (last("claimed").unwrap(), last("verified").unwrap());
        assert!(
            last("reopened").map_or(0, |event| event.seq) < claimed.seq && claimed.seq < verified.seq,
            "{events:?}"
        );
        for event in events.iter().filter(|event| ["verified", "closed"].contains(&event.step.as_str())) {
            assert!(![3, 4, 5].contains(&event.actor), "{} judged their own unit", event.actor);
        }
    }

    /// Whether those concerned, each doing what they may, bring the whole to a close.
    fn can_end(&mut self, chance: &mut Chance) -> bool {
        for round in 0..400 {
            if self.all[0].is_closed(self.flow(0)) {
                return true;
            }
            self.day = self.day.saturating_add(jiff::Span::new().days(1));
            // what lies deepest first
            let moved = (0..self.all.len()).rev().any(|at| self.moves_on(at, round, chance));
            if !moved {
                return false;
            }
        }
        false
    }

    /// Brings one matter a step on, or gives it a part where none was done.
    fn moves_on(&mut self, at: usize, round: usize, chance: &mut Chance) -> bool {
        if self.all[at].is_closed(self.flow(at)) {
            return false;
        }
        let then = self.flow(at).step(self.state(at)).unwrap().then.clone();
        let stands = self.state(at).to_owned();
        let taken = |tree: &Tree, to: &str| {
            let moved = tree.all[at].moved(tree.flow(at)).map_or(0, |event| event.seq);
            let scored =
                tree.all[at].events.iter().rfind(|event| event.step == "evaluated").map_or(0, |event| event.seq);
            tree.all[at].events.iter().any(|event| event.seq > moved.max(scored) && event.step == to)
        };
        for to in ONWARD.iter().filter(|to| then.iter().any(|one| one == *to) && **to != stands) {
            let aside = self.flow(at).step(to).unwrap().aside;
            let going_back = ["long_term", "reopened", "relapsed", "returned", "checked"].contains(to);
            if going_back || aside && taken(self, to) || *to == "evaluated" && self.has(at, "evaluated") {
                continue;
            }
            if (0..PEOPLE.len()).any(|who| self.step(who, at, to, chance)) {
                return true;
            }
        }
        let parts: Vec<&'p Flow> = self.pack.parts(&self.flow(at).id).filter(|part| part.is_open()).collect();
        let bare = !self.parts(at).any(|part| self.state(part) == "closed");
        let idle = self.parts(at).all(|part| self.all[part].is_closed(self.flow(part)));
        let wanted = bare && idle && round < 300 && ["finding", "order"].contains(&self.flow(at).id.as_str());
        wanted && self.all.len() < 60 && (0..PEOPLE.len()).any(|who| self.add(who, at, parts[0]))
    }

    fn has(&self, at: usize, step: &str) -> bool {
        self.all[at].events.iter().any(|event| event.step == step)
    }
}

#[track_caller]
fn walk(flow: &str, seeds: u64) {
    let pack = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let mut seen: Vec<String> = Vec::new();
    for seed in 0..seeds {
        let mut chance = Chance(seed);
        let mut tree = Tree::of(&pack, flow);
        for turn in 0..1_200 {
            if tree.attempt(&mut chance) {
                tree.check();
                let told = tree.all.iter().map(|one| (&one.flow, one.events.last()));
                let told = told.filter_map(|(flow, event)| Some(format!("{flow}.{}", event?.step)));
                seen.extend(told.filter(|one| !seen.contains(one)).collect::<Vec<_>>());
            }
            if turn % 97 == 0 {
                let from: Vec<String> =
                    (0..tree.all.len()).map(|at| format!("{}.{}", tree.all[at].flow, tree.state(at))).collect();
                let mut on = Tree { pack: &pack, all: tree.all.clone(), day: tree.day };
                let ended = on.can_end(&mut chance);
                let at: Vec<String> =
                    (0..on.all.len()).map(|at| format!("{}.{}", on.all[at].flow, on.state(at))).collect();
                assert!(ended, "seed {seed}, turn {turn}: no way on from {from:?}; stuck at {at:?}");
                on.check();
            }
            tree.day = tree.day.saturating_add(jiff::Span::new().days(i64::from(chance.below(12) == 0)));
        }
    }
    // a walk that never comes to a step shows nothing about it
    let mut own = vec![pack.flow(flow).unwrap()];
    for at in 0.. {
        let Some(whole) = own.get(at) else { break };
        let parts: Vec<&Flow> = pack.parts(&whole.id).collect();
        own.extend(parts);
    }
    for step in own.iter().flat_map(|flow| flow.step.iter().map(move |step| format!("{}.{}", flow.id, step.id))) {
        assert!(seen.contains(&step) || step == format!("{flow}.{}", own[0].step[0].id), "no walk came to {step}");
    }
}

#[test]
fn an_inspection_is_never_closed_over_what_is_not_done_and_can_always_be_closed() {
    walk("inspection", 60);
}

#[test]
fn a_conduct_check_is_never_closed_over_what_is_not_done_and_can_always_be_closed() {
    walk("conduct_check", 60);
}

#[test]
fn an_order_is_never_closed_over_what_is_not_done_and_can_always_be_closed() {
    walk("order", 40);
}

#[test]
fn a_directive_is_never_closed_unverified_and_can_always_be_closed() {
    walk("directive", 40);
}
