//! A meeting: who is due, how many must come, who may chair, what is decided by vote, and when it began and ended.

use crate::person::Standing;
use crate::vote::{Abstain, Ballot, Entitled, No, Present, Yes};
use crate::{Label, Refusal};
use jiff::civil::Time;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Most decisions of one meeting.
pub const DECISIONS: usize = 20;
/// No meeting lasts longer than so many minutes: begin and end were mixed up.
const LONGEST: i32 = 12 * 60;

/// Who is due at a meeting, in which roles people stand on its record, and the rules it is held by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meeting {
    /// who is due by default
    pub due: Due,
    /// roles one may give to people: `chair`, `recorder`, `speaker` …; a role of the pack
    #[serde(default)]
    pub role: Vec<String>,
    /// for `due = "posts"`: the posts that make up the body; empty means every post of the unit
    #[serde(default)]
    pub post: Vec<String>,
    /// who of those due may vote; empty means all of them
    #[serde(default)]
    pub entitled: Vec<Standing>,
    /// for what more than half of those entitled and due must be there
    pub quorum: Option<Quorum>,
    /// posts whose holders may chair; empty means anybody
    #[serde(default)]
    pub chair: Vec<String>,
    /// whether it decides by vote
    #[serde(default)]
    pub votes: bool,
    /// the meeting that important matters go through first
    pub before: Option<Before>,
    /// how it is done, step by step
    #[serde(default)]
    pub step: Vec<Label>,
    /// what is marked of each of those due, where it is not whether they came
    pub marks: Option<Marks>,
}

/// What is marked of people where nobody comes together: that they paid their dues, for one. It counts as no attendance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// of everyone, unless marked otherwise: 已交
    pub done: Label,
    /// of those who did not: 未交
    pub missing: Label,
}

/// Who is due at a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// everyone on the roll of the unit, members only
    Members,
    /// those who hold a post in the unit
    Posts,
    /// nobody until named
    Named,
    /// two by two: only who talked with whom is kept
    Pairs,
    /// the members of the youth groups that are named
    Groups,
    /// the members of the Party groups of the branch that are named; all members of a branch that has none
    BranchGroups,
}

impl Due {
    /// Whether groups are named that came together.
    pub fn is_of_groups(self) -> bool {
        matches!(self, Due::Groups | Due::BranchGroups)
    }
}

/// What more than half must be there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// to meet at all
    Meet,
    /// to vote
    Vote,
}

/// The meeting that comes first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// its kind
    pub kind: String,
    /// at most so many days before
    pub days: i32,
    /// the part of a unit without which it has no such meeting
    pub part: String,
}

/// A decision, and how many were for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// what was decided on
    pub matter: String,
    /// whether it is an important matter, which goes through another meeting first
    pub important: bool,
    /// the vote
    pub ballot: Ballot,
}

impl Meeting {
    /// Whether somebody of this standing may vote.
    pub fn entitles(&self, standing: Standing) -> bool {
        self.entitled.is_empty() || self.entitled.contains(&standing)
    }

    /// Refuses what this meeting may not do with so few: meet, or vote.
    pub fn check_quorum(&self, due: Entitled, present: Present, votes: bool) -> Result<(), Refusal> {
        let Some(quorum) = self.quorum else { return Ok(()) };
        if due.has_quorum(present) || quorum == Quorum::Vote && !votes {
            return Ok(());
        }
        let (n, here, need) = (due.0, present.0, due.quorum().0);
        Err(match quorum {
            Quorum::Meet => Refusal::field(
                "people",
                format!(
                    "应到 {n} 人，实到 {here} 人，须超过半数（至少 {need} 人）到会方可召开：请核对到会情况，或改期再开"
                ),
                format!(
                    "{n} due, {here} came; more than half ({need} at least) must be there to meet: check who came, or meet another day"
                ),
            ),
            Quorum::Vote => Refusal::field(
                "people",
                format!(
                    "有表决权的应到 {n} 人，实到 {here} 人，须超过半数（至少 {need} 人）到会方可表决：请核对到会情况，或删去表决事项"
                ),
                format!(
                    "{n} entitled to vote were due, {here} came; more than half ({need} at least) must be there to vote: check who came, or take the votes out"
                ),
            ),
        })
    }

    /// The decisions of a filled form, `decision-0` and on; numbers left empty are those of the attendance.
    pub fn decisions(
        &self,
        form: &HashMap<String, Vec<String>>,
        (due, present): (Entitled, Present),
    ) -> Result<Vec<Decision>, Vec<Refusal>> {
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        for n in (0..DECISIONS).filter(|_| self.votes) {
            match decision(form, n, (due, present)) {
                Ok(one) => read.extend(one),
                Err(refusal) => faults.push(refusal),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }
}

fn decision(
    form: &HashMap<String, Vec<String>>,
    n: usize,
    (due, present): (Entitled, Present),
) -> Result<Option<Decision>, Refusal> {
    let key = |part: &str| if part.is_empty() { format!("decision-{n}") } else { format!("decision-{n}-{part}") };
    let text = |part: &str| form.get(&key(part)).and_then(|all| all.first()).map_or("", |text| text.trim());
    let number = |part: &str, else_: u32| match text(part) {
        "" => Ok(else_),
        given => given.parse().map_err(|_| {
            Refusal::field(
                key(part),
                format!("“{given}”不是人数，请填整数"),
                format!("“{given}” is no number of people"),
            )
        }),
    };
    let counted = ["yes", "no", "abstain"].iter().any(|part| !text(part).is_empty());
    let matter: String = text("").chars().take(crate::record::LINE).collect();
    if matter.is_empty() {
        let refusal = Refusal::field(key(""), "填了票数，请写明表决事项", "votes were counted: say what was voted on");
        return if counted { Err(refusal) } else { Ok(None) };
    }
    let ballot = Ballot::count(
        Entitled(number("due", due.0)?),
        Present(number("present", present.0)?),
        Yes(number("yes", 0)?),
        No(number("no", 0)?),
        Abstain(number("abstain", 0)?),
    );
    let ballot = ballot.map_err(|why| Refusal::Field {
        field: key("yes"),
        why: Label::new(format!("{matter}：{}", why.zh), format!("{matter}: {}", why.en)),
    })?;
    Ok(Some(Decision { matter, important: !text("important").is_empty(), ballot }))
}

impl Decision {
    /// As it is kept in the data of a record.
    pub fn to_json(&self) -> Value {
        let b = &self.ballot;
        json!({ "matter": self.matter, "important": self.important, "due": b.due().0, "present": b.present().0,
                "yes": b.yes().0, "no": b.no().0, "abstain": b.abstain().0 })
    }

    /// From the data of a record; none where it does not fit.
    pub fn from_json(kept: &Value) -> Option<Decision> {
        let number = |key: &str| kept[key].as_u64().and_then(|n| u32::try_from(n).ok());
        let ballot = Ballot::count(
            Entitled(number("due")?),
            Present(number("present")?),
            Yes(number("yes")?),
            No(number("no")?),
            Abstain(number("abstain")?),
        );
        let important = kept["important"].as_bool().unwrap_or(false);
        Some(Decision { matter: kept["matter"].as_str()?.to_owned(), important, ballot: ballot.ok()? })
    }
}

/// Minutes from a beginning to an end, which is of the next day when it is the earlier of the two.
pub fn lasted(began: &str, ended: &str) -> Result<Option<(i32, bool)>, Refusal> {
    let time = |key: &str, text: &str| {
        text.parse::<Time>().map_err(|_| {
            Refusal::field(key, format!("“{text}”不是时间，请填如 14:30"), format!("“{text}” is no time; write 14:30"))
        })
    };
    if began.is_empty() && ended.is_empty() {
        return Ok(None);
    }
    if began.is_empty() || ended.is_empty() {
        let field = if began.is_empty() { "began" } else { "ended" };
        return Err(Refusal::field(field, "开始和结束时间请都填写，或都不填", "give both times, or neither"));
    }
    let minute = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    let (from, until) = (minute(time("began", began)?), minute(time("ended", ended)?));
    let next_day = until <= from;
    let minutes = until - from + if next_day { 24 * 60 } else { 0 };
    if minutes > LONGEST {
        return Err(Refusal::field(
            "ended",
            format!("从 {began} 到 {ended} 超过 12 小时：请核对是否填反；跨过零点的会议，日期填开始的那一天"),
            format!(
                "from {began} to {ended} is more than 12 hours: were they mixed up? A meeting past midnight has the day it began"
            ),
        ));
    }
    Ok(Some((minutes, next_day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(quorum: Quorum) -> Meeting {
        Meeting {
            due: Due::Members,
            role: Vec::new(),
            post: Vec::new(),
            entitled: vec![Standing::Full],
            quorum: Some(quorum),
            chair: Vec::new(),
            votes: true,
            before: None,
            step: Vec::new(),
            marks: None,
        }
    }

    #[test]
    fn half_is_no_quorum_and_only_a_committee_may_not_even_meet_without() {
        let (half, more) = (Present(19), Present(20));
        assert!(meeting(Quorum::Meet).check_quorum(Entitled(38), half, false).is_err());
        assert!(meeting(Quorum::Meet).check_quorum(Entitled(38), more, false).is_ok());
        assert!(meeting(Quorum::Vote).check_quorum(Entitled(38), half, false).is_ok());
        assert!(meeting(Quorum::Vote).check_quorum(Entitled(38), half, true).is_err());
        assert!(meeting(Quorum::Vote).check_quorum(Entitled(38), more, true).is_ok());
        assert!(meeting(Quorum::Vote).check_quorum(Entitled(0), Present(0), true).is_err(), "nobody is no majority");
    }

    #[test]
    fn a_meeting_past_midnight_lasts_what_it_lasted() {
        assert_eq!(lasted("19:30", "00:40").unwrap(), Some((310, true)));
        assert_eq!(lasted("14:30", "16:00").unwrap(), Some((90, false)));
        assert_eq!(lasted("", "").unwrap(), None);
        for (began, ended) in [("14:30", "09:00"), ("14:30", "14:30"), ("14:30", ""), ("25:00", "26:00")] {
            assert!(lasted(began, ended).is_err(), "{began} {ended}");
        }
    }

    #[test]
    fn decisions_are_read_with_the_numbers_of_the_attendance_where_none_are_given() {
        let form = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), vec![(*v).to_owned()])).collect::<HashMap<_, _>>()
        };
        let given = form(&[("decision-0", "年度计划"), ("decision-0-yes", "30"), ("decision-0-abstain", "5")]);
        let read = meeting(Quorum::Vote).decisions(&given, (Entitled(38), Present(35))).unwrap();
        assert_eq!((read.len(), read[0].ballot.passes()), (1, true));
        assert_eq!(Decision::from_json(&read[0].to_json()), Some(read[0].clone()));
        for bad in [
            form(&[("decision-0-yes", "3")]),
            form(&[("decision-0", "甲"), ("decision-0-yes", "三")]),
            form(&[("decision-0", "甲"), ("decision-0-yes", "30")]),
        ] {
            assert!(meeting(Quorum::Vote).decisions(&bad, (Entitled(38), Present(35))).is_err(), "{bad:?}");
        }
    }
}
