//! What takes names ahead: training classes (培训班) and calls for volunteers (志愿服务). Who has a place and who waits,
//! which sessions somebody came to, and how many hours of training are expected of whom.

use crate::figure::Measure;
use crate::{Kind, Label, UnitPath};
use serde::Deserialize;

/// How records of a kind are planned ahead, with places for which names are put down.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// what one is called: 培训班
    pub name: Label,
    /// the deed of planning one: 办一期培训班
    pub plan: Label,
    /// the deed of writing down who came: 记到课，结业
    pub conclude: Label,
    /// the state once that is done: 已结业
    pub over: Label,
    /// the choice that says for whom it is, or of what sort
    pub sort: String,
    /// what the hours of it are
    pub hours: Measure,
    /// each session is a record of its own; otherwise all sessions are one record
    #[serde(default)]
    pub apart: bool,
    /// who came may print a certificate
    #[serde(default)]
    pub certificate: bool,
}

impl Enrol {
    /// What it writes down for so many hours about a topic, as answers to the fields of its kind.
    pub fn answers(&self, kind: &Kind, sort: &str, (topic, place, hours): (&str, &str, i64)) -> serde_json::Value {
        let many = kind.field(&self.sort).is_some_and(|field| field.holds == crate::record::Holds::Choices);
        let mut data = serde_json::json!({ "topic": topic, "hours": hours });
        data[&self.sort] = if many { serde_json::json!([sort]) } else { sort.into() };
        if kind.field("place").is_some() {
            data["place"] = place.into();
        }
        data
    }
}

/// For how many hours somebody came, by the sessions at which they were not missed.
pub fn attended(sessions: &[(i64, i64)], missed: impl Fn(i64) -> bool) -> i64 {
    sessions.iter().filter(|(no, _)| !missed(*no)).map(|(_, hours)| hours).sum()
}

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
    fn hours_are_those_of_the_sessions_somebody_came_to() {
        let sessions = [(1, 4), (2, 3), (3, 4)];
        assert_eq!(attended(&sessions, |_| false), 11);
        assert_eq!(attended(&sessions, |no| no == 2), 8);
        assert_eq!(attended(&sessions, |_| true), 0);
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
