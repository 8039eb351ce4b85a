//! Youth groups: who is young enough on a day, which groups have room, and a proposal that puts everybody in one.

use crate::{Label, UnitPath};
use jiff::civil::{Date, date};
use serde::Deserialize;

/// What the pack says of youth groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Youth {
    /// members leave on the birthday on which they become so old
    pub until: i16,
    /// a group of a unit's own has at least so many
    pub least: usize,
    /// and at most so many
    pub most: usize,
    /// so many days before the birthday it shows on the to-do page
    pub notice: i32,
}

/// How people stand in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// 组长
    Leader,
    /// 学习秘书
    Secretary,
    /// 导师, who may be of any age
    Mentor,
    /// 宣讲员
    Speaker,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 4] = [Part::Leader, Part::Secretary, Part::Mentor, Part::Speaker];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Part::Leader => "leader",
            Part::Secretary => "secretary",
            Part::Mentor => "mentor",
            Part::Speaker => "speaker",
        }
    }

    /// The part with this key.
    pub fn named(key: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Part::Leader => Label::new("组长", "Leader"),
            Part::Secretary => Label::new("学习秘书", "Secretary"),
            Part::Mentor => Label::new("导师", "Mentor"),
            Part::Speaker => Label::new("宣讲员", "Speaker"),
        }
    }

    /// Whether it rotates: one at a time, and whoever takes it ends the turn of the one before.
    pub fn rotates(self) -> bool {
        matches!(self, Part::Leader | Part::Secretary)
    }

    /// Whether only members of the group stand so.
    pub fn of_members(self) -> bool {
        !matches!(self, Part::Mentor)
    }
}

/// The birthday on which somebody born on a day becomes so many years old. Who was born on 29 February has it on 1
/// March where the year has no such day: before, they are not yet so old.
pub fn birthday(born: Date, years: i16) -> Date {
    let year = born.year().saturating_add(years).min(9_998);
    Date::new(year, born.month(), born.day()).unwrap_or(date(year, 3, 1))
}

impl Youth {
    /// The first day on which somebody is too old.
    pub fn leaves(&self, born: Date) -> Date {
        birthday(born, self.until)
    }

    /// Whether somebody may be in a group on a day.
    pub fn is_young(&self, born: Date, on: Date) -> bool {
        on < self.leaves(born)
    }
}

/// A group as a proposal sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// key
    pub id: i64,
    /// place of its unit
    pub path: UnitPath,
    /// how many are in it
    pub members: usize,
}

/// Somebody young in no group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    /// the person
    pub person: i64,
    /// place of the unit on whose roll they are
    pub path: UnitPath,
}

/// Where everybody who is in no group would go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// person and group with room
    pub joins: Vec<(i64, i64)>,
    /// new groups: the unit that would keep each, and who would be in it; a joint group where they are of several units
    pub founds: Vec<(UnitPath, Vec<i64>)>,
}

impl Youth {
    /// Puts everybody in a group: in one with room of their own unit; in a new one of their unit when they are enough;
    /// in one with room nearby; else in a joint group with the nearest others, at the unit above both. `root` is where
    /// joint groups end.
    pub fn propose(&self, root: &UnitPath, groups: &[Group], uncovered: &[Uncovered]) -> Proposal {
        let mut rooms: Vec<(&Group, usize)> =
            groups.iter().map(|group| (group, self.most.saturating_sub(group.members))).collect();
        rooms.sort_by(|(a, _), (b, _)| (&a.path, a.id).cmp(&(&b.path, b.id)));
        let mut waiting: Vec<(UnitPath, i64)> =
            uncovered.iter().filter(|one| root.contains(&one.path)).map(|one| (one.path.clone(), one.person)).collect();
        let mut out = Proposal::default();
        let deepest = waiting.iter().map(|(path, _)| path.depth()).max().unwrap_or(0);
        for depth in (root.depth()..=deepest).rev() {
            waiting.sort();
            let (here, mut above): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(path, _)| path.depth() == depth);
            for of_unit in here.chunk_by(|(a, _), (b, _)| a == b) {
                above.extend(self.place(root, of_unit, &mut rooms, &mut out));
            }
            waiting = above;
        }
        out
    }

    /// Places those of one unit; whoever is left waits at the unit above.
    fn place(
        &self,
        root: &UnitPath,
        of_unit: &[(UnitPath, i64)],
        rooms: &mut [(&Group, usize)],
        out: &mut Proposal,
    ) -> Vec<(UnitPath, i64)> {
        let Some((at, _)) = of_unit.first() else { return Vec::new() };
        let mut people = of_unit.iter().map(|(_, person)| *person);
        let from = rooms.partition_point(|(group, _)| group.path < *at);
        let below = rooms.iter_mut().skip(from).take_while(|(group, _)| at.contains(&group.path));
        for (group, room) in below.filter(|(_, room)| *room > 0) {
            let joining: Vec<i64> = people.by_ref().take(*room).collect();
            *room -= joining.len();
            out.joins.extend(joining.into_iter().map(|person| (person, group.id)));
        }
        let near = out.founds.iter_mut().filter(|(path, _)| at.contains(path));
        for (_, new) in near {
            new.extend(people.by_ref().take(self.most.saturating_sub(new.len())));
        }
        let left: Vec<i64> = people.collect();
        match at.parent().filter(|_| at != root) {
            _ if left.is_empty() => Vec::new(),
            Some(above) if left.len() < self.least => left.into_iter().map(|person| (above.clone(), person)).collect(),
            _ => {
                // as even as can be, none larger than the most
                let (n, most) = (left.len(), self.most.max(1));
                let size = n.div_ceil(n.div_ceil(most));
                out.founds.extend(left.chunks(size).map(|some| (at.clone(), some.to_vec())));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const RULES: Youth = Youth { until: 40, least: 3, most: 5, notice: 30 };

    fn path(text: &str) -> UnitPath {
        text.to_owned().try_into().unwrap()
    }

    #[track_caller]
    fn check(born: Date, on: Date, young: bool) {
        assert_eq!(RULES.is_young(born, on), young, "{born} on {on}");
    }

    #[test]
    fn on_the_fortieth_birthday_one_is_too_old_and_the_day_before_one_is_not() {
        check(date(1983, 5, 16), date(2023, 5, 15), true);
        check(date(1983, 5, 15), date(2023, 5, 15), false);
        check(date(1983, 5, 14), date(2023, 5, 15), false);
        check(date(1984, 2, 29), date(2024, 2, 28), true);
        check(date(1984, 2, 29), date(2024, 2, 29), false);
        check(date(1983, 12, 31), date(2023, 12, 31), false);
        check(date(1984, 1, 1), date(2023, 12, 31), true);
        // 2100 has no 29 February
        assert_eq!(birthday(date(2060, 2, 29), 40), date(2100, 3, 1));
        assert_eq!(birthday(date(2000, 2, 29), 35), date(2035, 3, 1));
    }

    #[test]
    fn everybody_is_put_in_one_group_near_them_and_no_group_is_too_large() {
        let groups = [
            Group { id: 1, path: path("000100010001"), members: 4 },
            Group { id: 2, path: path("000100020001"), members: 5 },
        ];
        let people = [
            // two where one has room; the other goes to the unit above
            (11, "000100010001"),
            (12, "000100010001"),
            // enough for a group of their own
            (21, "000100010002"),
            (22, "000100010002"),
            (23, "000100010002"),
            // too few, in different units
            (31, "000100020001"),
            (32, "000100020002"),
            (33, "000100020003"),
        ];
        let uncovered: Vec<_> =
            people.iter().map(|(person, at)| Uncovered { person: *person, path: path(at) }).collect();
        let proposal = RULES.propose(&path("0001"), &groups, &uncovered);
        assert_eq!(proposal.joins, [(11, 1)]);
        let founds: Vec<(&str, &[i64])> = proposal.founds.iter().map(|(at, who)| (at.as_str(), &who[..])).collect();
        assert_eq!(
            founds,
            [("000100010002", &[21, 22, 23, 12][..]), ("00010002", &[31, 32, 33])],
            "the one who found no room joins the new group next door; where they are few, a joint group"
        );
    }

    #[test]
    fn a_proposal_for_any_number_covers_each_once_and_keeps_to_the_most() {
        for n in [0_i64, 1, 2, 5, 6, 11, 997] {
            let uncovered: Vec<_> =
                (0..n).map(|person| Uncovered { person, path: path(&format!("0001{:04}", person % 7 + 1)) }).collect();
            let proposal = RULES.propose(&path("0001"), &[], &uncovered);
            let placed: Vec<i64> = proposal.founds.iter().flat_map(|(_, who)| who.clone()).collect();
            assert_eq!(placed.iter().collect::<BTreeSet<_>>().len(), n as usize, "{n}");
            assert_eq!(placed.len(), n as usize);
            assert!(proposal.founds.iter().all(|(_, who)| who.len() <= 5 && !who.is_empty()));
        }
    }
}
