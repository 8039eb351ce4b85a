//! Votes. Those due, those present and each sort of vote are numbers of different kinds that must fit each other.

use crate::Label;

/// How many who may vote were due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entitled(pub u32);
/// How many of them were there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Present(pub u32);
/// Votes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yes(pub u32);
/// Votes against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct No(pub u32);
/// Votes withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abstain(pub u32);

impl Entitled {
    /// The least number that is more than half.
    pub fn quorum(self) -> Present {
        Present(self.0 / 2 + 1)
    }

    /// Whether more than half are there.
    pub fn has_quorum(self, present: Present) -> bool {
        present.0 >= self.quorum().0
    }
}

/// A vote whose numbers fit. Only [`Ballot::count`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ballot {
    due: Entitled,
    present: Present,
    yes: Yes,
    no: No,
    abstain: Abstain,
}

impl Ballot {
    /// Counts a vote: no more present than due, more than half of them, and as many votes as present.
    pub fn count(due: Entitled, present: Present, yes: Yes, no: No, abstain: Abstain) -> Result<Ballot, Label> {
        let (d, p) = (due.0, present.0);
        if p > d {
            return Err(Label::new(
                format!("实到 {p} 人多于应到 {d} 人，请核对"),
                format!("{p} present are more than {d} due; check the numbers"),
            ));
        }
        if !due.has_quorum(present) {
            let need = due.quorum().0;
            return Err(Label::new(
                format!("应到 {d} 人，实到 {p} 人，不足 {need} 人不能表决"),
                format!("{d} due and {p} present: fewer than {need} may not vote"),
            ));
        }
        let votes = u64::from(yes.0) + u64::from(no.0) + u64::from(abstain.0);
        if votes != u64::from(p) {
            return Err(Label::new(
                format!("赞成、反对、弃权共 {votes} 票，与实到 {p} 人不符，请核对（未投票的计入弃权）"),
                format!("for, against and abstaining make {votes}, but {p} were present (who did not vote abstains)"),
            ));
        }
        Ok(Ballot { due, present, yes, no, abstain })
    }

    /// Whether it passes: more than half of those due are for it, not only of those present.
    pub fn passes(&self) -> bool {
        u64::from(self.yes.0) * 2 > u64::from(self.due.0)
    }

    /// Those who may vote and were due.
    pub fn due(&self) -> Entitled {
        self.due
    }

    /// Those of them who were there.
    pub fn present(&self) -> Present {
        self.present
    }

    /// Votes for.
    pub fn yes(&self) -> Yes {
        self.yes
    }

    /// Votes against.
    pub fn no(&self) -> No {
        self.no
    }

    /// Votes withheld.
    pub fn abstain(&self) -> Abstain {
        self.abstain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check((due, present): (u32, u32), (yes, no, abstain): (u32, u32, u32), want: Option<bool>) {
        let ballot = Ballot::count(Entitled(due), Present(present), Yes(yes), No(no), Abstain(abstain));
        assert_eq!(ballot.ok().map(|ballot| ballot.passes()), want, "{due} {present} {yes} {no} {abstain}");
    }

    #[test]
    fn votes_must_fit_and_pass_by_more_than_half_of_those_due() {
        check((38, 35), (35, 0, 0), Some(true));
        check((38, 35), (20, 10, 5), Some(true));
        check((38, 35), (19, 11, 5), Some(false)); // half of those due, though more than half of those present
        check((38, 19), (19, 0, 0), None);
        check((38, 39), (39, 0, 0), None);
        check((38, 35), (30, 0, 0), None);
        check((38, 35), (u32::MAX, u32::MAX, 37), None);
        check((1, 1), (1, 0, 0), Some(true));
        check((0, 0), (0, 0, 0), None);
    }
}
