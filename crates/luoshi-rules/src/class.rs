//! Training classes (培训班): who has a place and who waits, and how many hours are expected of whom.

use crate::UnitPath;
use serde::Deserialize;

/// How many hours of training a year are expected of whom.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// the post it is expected of; left out: every member
    pub post: Option<String>,
    /// how many
    pub hours: i64,
    /// regulation it comes from
    #[serde(default)]
    pub source: String,
}

/// Who of those whose names are down has a place: first come, first served, as long as there are places in all and
/// within each quota that their unit falls under. The others wait, and move up by themselves when somebody leaves.
pub fn placed(names: &[UnitPath], places: i64, quotas: &[(UnitPath, i64)]) -> Vec<bool> {
    let mut taken = 0;
    let mut used = vec![0; quotas.len()];
    let mut has = |path: &UnitPath| {
        let over = |at: usize| quotas[at].0.contains(path);
        let ours: Vec<usize> = (0..quotas.len()).filter(|at| over(*at)).collect();
        let room = taken < places && ours.iter().all(|at| used[*at] < quotas[*at].1);
        if room {
            taken += 1;
            ours.iter().for_each(|at| used[*at] += 1);
        }
        room
    };
    names.iter().map(&mut has).collect()
}

/// How many hours are expected of a member who holds these posts: the most that any of them asks for.
pub fn expected(rules: &[Hours], posts: &[String]) -> i64 {
    let fits = |rule: &&Hours| rule.post.as_ref().is_none_or(|post| posts.contains(post));
    rules.iter().filter(fits).map(|rule| rule.hours).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> UnitPath {
        UnitPath::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn whoever_comes_first_has_a_place_and_the_next_moves_up() {
        let names = [path("0001"), path("0001"), path("0001")];
        assert_eq!(placed(&names, 2, &[]), [true, true, false]);
        assert_eq!(placed(&names[1..], 2, &[]), [true, true]);
        assert_eq!(placed(&names, 0, &[]), [false, false, false]);
    }

    #[test]
    fn a_quota_holds_for_the_unit_and_all_below_it_and_lets_others_pass() {
        let (own, below, other) = (path("00010001"), path("000100010001"), path("00010002"));
        let names = [own.clone(), below.clone(), below, other];
        assert_eq!(placed(&names, 3, &[(own, 2)]), [true, true, false, true]);
    }

    #[test]
    fn the_post_that_asks_for_most_counts() {
        let rule = |post: Option<&str>, hours| Hours { post: post.map(str::to_owned), hours, source: String::new() };
        let rules = [rule(None, 32), rule(Some("branch_secretary"), 56)];
        assert_eq!(expected(&rules, &[]), 32);
        assert_eq!(expected(&rules, &["branch_secretary".into()]), 56);
        assert_eq!(expected(&[], &["branch_secretary".into()]), 0);
    }
}
