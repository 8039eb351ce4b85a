//! Random walks: whatever people try in whatever order, no matter is closed whose tasks were not verified, and nobody
//! verifies what they did themselves or what their own unit did.

use super::*;
use crate::{Actor, Held, Pack, Unit, Verb};
use serde_json::json;

/// Numbers that are the same each time.
pub(super) struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

/// Unit 1 opens, unit 2 below it answers, unit 3 stands beside it.
pub(super) fn unit(id: i64) -> Unit {
    let path = ["0001", "00010001", "00010002"][id as usize - 1];
    Unit {
        top: 1,
        id,
        path: path.to_owned().try_into().unwrap(),
        level: "organ_committee".into(),
        class: String::new(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: String::new(),
        full_name: String::new(),
        founded: "2010-01-01".parse().unwrap(),
        dissolved: None,
        past: Vec::new(),
    }
}

/// Who tries: their posts by unit. Some hold posts on both sides, or are on the roll of the unit that must answer.
pub(super) const PEOPLE: [(i64, &[(&str, i64)]); 8] = [
    (1, &[("inspection_officer", 1), ("member", 3)]),
    (2, &[("inspection_officer", 1), ("member", 2)]),
    (3, &[("party_affairs_worker", 1), ("branch_secretary", 2), ("member", 3)]),
    (4, &[("organ_committee_secretary", 2), ("member", 2)]),
    (5, &[("branch_secretary", 2), ("member", 2)]),
    (6, &[("leading_group_secretary", 1), ("member", 3)]),
    (7, &[("team_leader", 2), ("member", 3)]),
    (8, &[("party_affairs_worker", 1), ("organ_committee_secretary", 3), ("member", 3)]),
];

pub(super) fn actor(person: usize, day: Date) -> Actor {
    let (person, posts) = PEOPLE[person];
    let held = |(post, at): &(&str, i64)| Held { post: (*post).into(), unit: *at, top: 1, path: unit(*at).path };
    let posts = posts.iter().map(held).collect();
    Actor { person, top: 1, home: 3, name: String::new(), posts, operation: 1, today: day }
}

pub(super) fn opened(flow: &Flow) -> Matter {
    Matter {
        id: 1,
        flow: flow.id.clone(),
        unit: 2,
        path: unit(2).path,
        opener: 1,
        opener_path: unit(1).path,
        helpers: Vec::new(),
        parent: 0,
        round: 0,
        title: "原文".into(),
        data: json!({ "by": "2023-06-30" }),
        opened: "2023-03-01".parse().unwrap(),
        events: Vec::new(),
        parts: Vec::new(),
    }
}

/// A matter and its parts, and the acts tried on them.
struct World<'p> {
    pack: &'p Pack,
    whole: Matter,
    tasks: Vec<Matter>,
    day: Date,
}

impl<'p> World<'p> {
    /// Somebody tries a step of the whole (`None`) or of a task; whether it was taken.
    fn attempt(&mut self, who: usize, which: Option<usize>, step: usize) -> bool {
        let states = self.tasks.iter().map(|task| task.state(self.flow(task)).unwrap().id.clone()).collect();
        self.whole.parts = states;
        let matter = which.map_or(&self.whole, |at| &self.tasks[at]);
        let flow = self.flow(matter);
        // half the time something that may follow, half the time anything
        let then = &matter.state(flow).unwrap().then;
        let to = match then.get(step / 2 % then.len().max(1)).filter(|_| step.is_multiple_of(2)) {
            Some(next) => flow.step(next).unwrap().clone(),
            None => flow.step[step / 2 % flow.step.len()].clone(),
        };
        // who gives up ends the walk: most do not
        if ["withdrawn", "dropped"].contains(&to.id.as_str()) && step < 970 {
            return false;
        }
        let actor = actor(who, self.day);
        let side = unit(matter.acting(&to));
        let Ok(permit) = actor.permit(self.pack, Verb::Act, &side) else { return false };
        let offered = matter.open_to(flow, &permit).iter().any(|one| one.id == to.id);
        let taken = matter.next(flow, &to.id, &permit).is_ok();
        assert_eq!(offered, taken, "{}.{} for {who}", flow.id, to.id);
        if taken {
            let by = permit.person();
            self.taken(which, &to, by);
        }
        taken
    }

    /// Writes a step down, with what it brings about.
    fn taken(&mut self, which: Option<usize>, to: &Step, by: i64) {
        let event = |matter: &Matter, step: &str| Event {
            seq: matter.events.len() as i64 + 1,
            step: step.into(),
            actor: by,
            note: String::new(),
            data: Value::Null,
            on: self.day,
        };
        let matter = which.map_or(&mut self.whole, |at| &mut self.tasks[at]);
        matter.events.push(event(matter, &to.id));
        if let Some(again) = to.wakes.as_ref().filter(|_| which.is_some()) {
            let flow = self.pack.flow(&self.whole.flow).unwrap();
            if let Some(again) = self.whole.reopens_to(flow, again) {
                self.whole.events.push(event(&self.whole, &again.id));
            }
        }
        for task in self.tasks.iter_mut().filter(|_| which.is_none()) {
            let part = self.pack.flow(&task.flow).unwrap();
            if let Some(again) = to.reopens.as_ref().and_then(|again| task.reopens_to(part, again)) {
                task.events.push(event(task, &again.id));
            }
        }
    }

    fn flow(&self, matter: &Matter) -> &'p Flow {
        self.pack.flow(&matter.flow).unwrap()
    }

    /// What must hold whatever was tried.
    fn check(&self) {
        assert!(self.whole.title == "原文" && self.tasks.iter().all(|task| task.title == "原文"));
        let closed = |matter: &Matter| matter.state(self.flow(matter)).unwrap().id == "closed";
        for task in self.tasks.iter().filter(|task| closed(task)) {
            let last = |step: &str| task.events.iter().rfind(|event| event.step == step);
            let (claimed, verified) = (last("claimed").unwrap(), last("verified").unwrap());
            let again = last("reopened").map_or(0, |event| event.seq);
            assert!(again < claimed.seq && claimed.seq < verified.seq, "closed as {:?}", task.events);
            for event in task.events.iter().filter(|event| ["verified", "closed"].contains(&event.step.as_str())) {
                let own = |one: &&Event| one.step == "claimed" && one.seq < event.seq && one.actor == event.actor;
                assert!(!task.events.iter().any(|one| own(&one)), "{} judged their own work", event.actor);
                assert!(![3, 4, 5].contains(&event.actor), "{} judged their own unit", event.actor);
            }
            assert!(
                ![1, 2, 3, 6, 8].contains(&claimed.actor) || claimed.actor == 3,
                "{} answered for it",
                claimed.actor
            );
        }
        if closed(&self.whole) {
            let dropped = |task: &Matter| task.state(self.flow(task)).unwrap().id == "dropped";
            assert!(self.tasks.iter().all(|task| closed(task) || dropped(task)), "closed over open tasks");
            assert!(self.tasks.iter().any(closed), "closed with nothing done");
        }
    }
}

#[track_caller]
fn walk(whole: &str, part: &str, seeds: u64) {
    let pack = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
    let flows = [pack.flow(whole).unwrap(), pack.flow(part).unwrap()];
    let (mut taken, mut ends) = (0, 0);
    for seed in 0..seeds {
        let mut chance = Chance(seed);
        let mut world = World {
            pack: &pack,
            whole: opened(flows[0]),
            tasks: (0..chance.below(3)).map(|_| opened(flows[1])).collect(),
            day: "2023-03-01".parse().unwrap(),
        };
        for _ in 0..1_500 {
            let which = chance.below(world.tasks.len() + 1).checked_sub(1);
            if world.attempt(chance.below(PEOPLE.len()), which, chance.below(1_000)) {
                taken += 1;
                world.check();
            }
            world.day = world.day.saturating_add(jiff::Span::new().days(i64::from(chance.below(8) == 0)));
        }
        ends += i32::from(world.whole.events.iter().any(|event| event.step == "closed"));
    }
    assert!(taken > seeds * 8 && ends > 0, "the walks of {whole} went nowhere: {taken} steps, {ends} closed");
}

#[test]
fn no_sequence_of_acts_closes_a_finding_whose_tasks_are_not_verified() {
    walk("finding", "task", 80);
}

#[test]
fn no_sequence_of_acts_closes_an_order_whose_measures_are_not_verified() {
    walk("order", "measure", 80);
}
