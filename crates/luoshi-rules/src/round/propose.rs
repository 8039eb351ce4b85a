//! What the next round should take, so that every unit has had its turn when the term ends.

use jiff::civil::Date;
use std::collections::BTreeMap;

/// A unit that has not been looked at in this term.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// the unit
    pub unit: i64,
    /// its class
    pub class: String,
    /// the day it was last looked at, or was founded: since when it waits
    pub waits: Date,
    /// whether it stood on the list when the term began
    pub listed: bool,
}

/// How much the teams can do until the term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// teams that go out at once
    pub teams: u32,
    /// units a team looks at in a round
    pub each: u32,
    /// rounds still to come, the next one counted
    pub rounds: u32,
}

/// What the next round should take.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    /// the units, those of the list first, who has waited longest first
    pub units: Vec<i64>,
    /// units that would still be left when the term ends, however the rounds are filled
    pub left_over: u32,
    /// units a team would have to take in each round so that nobody is left
    pub each_needed: u32,
}

impl Room {
    /// Units one round can take.
    pub fn of_a_round(self) -> u32 {
        self.teams * self.each
    }
}

/// Spreads those who wait over the rounds still to come: the next one takes its even share of each class, so that no
/// class is left for the end; within a class who stood on the list goes first, then who has waited longest.
pub fn propose(waiting: &[Candidate], room: Room) -> Proposal {
    let (all, rounds) = (waiting.len() as u32, room.rounds.max(1));
    let share = all.div_ceil(rounds).min(room.of_a_round());
    let left_over = if room.rounds == 0 { all } else { all.saturating_sub(room.of_a_round() * rounds) };
    let each_needed = if room.teams == 0 { all } else { all.div_ceil(rounds).div_ceil(room.teams) };
    let mut classes: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
    for one in waiting {
        classes.entry(&one.class).or_default().push(one);
    }
    // place k of n in a class stands at (2k + 1) / 2n: taking the lowest first keeps the classes even
    let mut order: Vec<(u64, bool, Date, i64)> = Vec::new();
    for class in classes.values_mut() {
        class.sort_by_key(|one| (!one.listed, one.waits, one.unit));
        let n = class.len() as u64;
        let places = class.iter().zip(0_u64..);
        order.extend(places.map(|(one, k)| ((2 * k + 1) * 1_000_000 / (2 * n), !one.listed, one.waits, one.unit)));
    }
    order.sort_unstable();
    let units = order.into_iter().take(if room.rounds == 0 { 0 } else { share as usize }).map(|(.., unit)| unit);
    Proposal { units: units.collect(), left_over, each_needed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn waiting(counts: &[(&str, i64)]) -> Vec<Candidate> {
        let one = |class: &str, n: i64| Candidate {
            unit: n,
            class: class.into(),
            waits: date(2015, 1, 1).saturating_add(jiff::Span::new().days(n)),
            listed: true,
        };
        let mut next = 0;
        let mut all = Vec::new();
        for (class, count) in counts {
            for _ in 0..*count {
                next += 1;
                all.push(one(class, next));
            }
        }
        all
    }

    #[test]
    fn rounds_taken_as_proposed_reach_everybody_by_the_end() {
        for (counts, teams, each, rounds) in
            [(&[("organ", 24)][..], 4, 3, 2), (&[("organ", 10), ("enterprise", 13)], 3, 2, 4), (&[("a", 1)], 1, 1, 5)]
        {
            let mut left = waiting(counts);
            let total = left.len();
            let mut seen = Vec::new();
            for to_come in (1..=rounds).rev() {
                let room = Room { teams, each, rounds: to_come };
                let next = propose(&left, room);
                assert_eq!(next.left_over, 0);
                assert!(next.units.len() as u32 <= room.of_a_round());
                left.retain(|one| !next.units.contains(&one.unit));
                seen.extend(next.units);
            }
            assert!(left.is_empty() && seen.len() == total, "{counts:?}");
        }
    }

    #[test]
    fn it_says_when_the_teams_cannot_reach_everybody() {
        let short = propose(&waiting(&[("organ", 24)]), Room { teams: 2, each: 3, rounds: 3 });
        assert_eq!((short.units.len(), short.left_over, short.each_needed), (6, 6, 4));
        let over = propose(&waiting(&[("organ", 2)]), Room { teams: 2, each: 3, rounds: 0 });
        assert_eq!((over.units.len(), over.left_over), (0, 2));
        assert_eq!(propose(&[], Room { teams: 2, each: 3, rounds: 3 }), Proposal::default());
    }

    #[test]
    fn no_class_is_left_for_the_end_and_who_waited_longest_goes_first() {
        let all = waiting(&[("organ", 12), ("enterprise", 6)]);
        let next = propose(&all, Room { teams: 3, each: 2, rounds: 3 });
        let of = |class: &str| all.iter().filter(|one| one.class == class && next.units.contains(&one.unit)).count();
        assert_eq!((of("organ"), of("enterprise")), (4, 2));
        assert!(next.units.contains(&1) && next.units.contains(&13), "{:?}", next.units);
        let mut new = all.clone();
        new[0].listed = false;
        assert!(!propose(&new, Room { teams: 3, each: 2, rounds: 3 }).units.contains(&1), "those of the list go first");
    }
}
