//! Mutual aid (爱心互助): a fund of a unit with an account of its own, and cases taken from an application to a payment.
//! Who is ill or in need is told to those who handle cases and to nobody else: they show a [`Handler`].

use crate::{Actor, Calendar, Label, Pack, Refusal, Unit, Verb};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

mod account;
mod figures;

pub use account::{Entry, Sort, balance, counter, covers};
pub use figures::{Numbers, shown};

/// What the pack says of mutual aid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aid {
    /// working days for which a decision is published before anything is paid
    pub workdays: i16,
    /// counts below this are not told to those who do not handle cases
    pub least: i64,
    /// for what help is given
    pub reason: Vec<Reason>,
}

/// For what help is given, and how much.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// key: `illness`
    pub id: String,
    /// shown name
    pub name: Label,
    /// so much by case, in fen
    pub fixed: Option<i64>,
    /// at most so much by case, in fen
    pub ceiling: Option<i64>,
    /// which rule says so
    #[serde(default)]
    pub source: Label,
}

/// Leave to read and handle the cases of the fund of one unit. Holding a post above it is not enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Handler {
    person: i64,
    top: i64,
    unit: i64,
    today: Date,
}

impl Handler {
    /// who handles
    pub fn person(&self) -> i64 {
        self.person
    }
    /// the organisation
    pub fn top(&self) -> i64 {
        self.top
    }
    /// the unit that keeps the fund
    pub fn unit(&self) -> i64 {
        self.unit
    }
    /// the day
    pub fn today(&self) -> Date {
        self.today
    }
}

impl Actor {
    /// Leave to handle the cases of a unit's fund, for who holds a post with this right in that very unit.
    pub fn handler(&self, pack: &Pack, unit: &Unit) -> Result<Handler, Refusal> {
        let here = |held: &crate::Held| held.unit == unit.id && pack.grants(&held.post, Verb::Aid, true);
        match self.posts.iter().any(here) {
            true => Ok(Handler { person: self.person, top: unit.top, unit: unit.id, today: self.today }),
            false => Err(Refusal::NotAllowed),
        }
    }

    /// Whether the actor may appoint to a post at a place. Handling cases is the one right that is given by who does not
    /// have it: by whoever rules there, who then still sees no case.
    pub fn may_appoint(&self, pack: &Pack, post: &str, at: &crate::UnitPath) -> bool {
        let given = |verb: &Verb| pack.grants(post, *verb, true) && *verb != Verb::Aid;
        let sealed = pack.grants(post, Verb::Aid, true) && self.may(pack, Verb::Rule, at);
        self.may_give(pack, post, at) || sealed && Verb::ALL.iter().filter(|v| given(v)).all(|v| self.may(pack, *v, at))
    }
}

/// What somebody says who asks for help. Kept sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// for what: a key of the pack
    pub reason: String,
    /// the kin it is for; empty when it is for themselves
    pub kin: String,
    /// how they are related
    pub relation: String,
    /// what happened
    pub words: String,
    /// what shows it
    pub proof: String,
    /// how much it cost them, in fen; 0 when they do not say
    pub cost: i64,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// somebody asked
    Applied,
    /// a handler looked into it
    Checked,
    /// another decided to help, and how much
    Approved,
    /// another decided not to
    Refused,
    /// the decision is published: initials and reason
    Publicised,
    /// it was paid
    Paid,
    /// what was paid came back, by a counter-entry
    Returned,
    /// all is done
    Closed,
    /// the applicant took it back
    Withdrawn,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// the step
    pub step: Step,
    /// by whom
    pub by: i64,
    /// when
    pub on: Date,
}

/// What is asked of a case before a step.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// who asked
    pub applicant: i64,
    /// whether it was declared that the one who acts is kin of who asked
    pub kin: bool,
    /// what happened, first to last
    pub taken: &'a [Taken],
}

impl Aid {
    /// The reason with this key.
    pub fn reason(&self, id: &str) -> Option<&Reason> {
        self.reason.iter().find(|reason| reason.id == id)
    }

    /// The last day on which a decision is published.
    pub fn publicised_until(&self, calendar: &Calendar, from: Date) -> Date {
        calendar.plus_workdays(from, i32::from(self.workdays))
    }

    /// Refuses an application that says too little or too much.
    pub fn check(&self, told: &Application) -> Result<(), Refusal> {
        let refuse = |field: &str, zh: &str, en: &str| Err(Refusal::field(field, zh, en));
        let long = |text: &str, most| text.chars().count() > most;
        match told {
            told if self.reason(&told.reason).is_none() => refuse("reason", "请选择情形", "choose what it is for"),
            told if long(&told.kin, 40) => refuse("kin", "姓名最多40字", "a name of at most 40 characters"),
            told if told.kin.is_empty() != told.relation.is_empty() || long(&told.relation, 20) => refuse(
                "relation",
                "为亲属申请的，姓名和关系都要填",
                "for kin, give both their name and how they are related",
            ),
            told if told.words.is_empty() || long(&told.words, 1_000) => {
                refuse("words", "请写明情况，1000字以内", "say what happened, in at most 1,000 characters")
            }
            told if told.proof.is_empty() || long(&told.proof, 500) => {
                refuse("proof", "请写明有哪些证明，500字以内", "say what shows it, in at most 500 characters")
            }
            _ => Ok(()),
        }
    }
}

impl Reason {
    /// Refuses an amount that the rules do not allow.
    pub fn allows(&self, fen: i64) -> Result<(), Refusal> {
        let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
        match (self.fixed, self.ceiling) {
            (Some(fixed), _) if fen != fixed => {
                let (zh, en) = (format!("此类情形每例 {} 元", yuan(fixed)), format!("{} yuan by case", yuan(fixed)));
                Err(Refusal::field("amount", zh, en))
            }
            (_, Some(ceiling)) if fen > ceiling => {
                let (zh, en) = (
                    format!("此类情形每例最多 {} 元", yuan(ceiling)),
                    format!("at most {} yuan by case", yuan(ceiling)),
                );
                Err(Refusal::field("amount", zh, en))
            }
            _ if fen <= 0 => Err(Refusal::field("amount", "请填写大于零的金额", "an amount above zero")),
            _ => Ok(()),
        }
    }
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 9] = [
        Step::Applied,
        Step::Checked,
        Step::Approved,
        Step::Refused,
        Step::Publicised,
        Step::Paid,
        Step::Returned,
        Step::Closed,
        Step::Withdrawn,
    ];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Step::Applied => "applied",
            Step::Checked => "checked",
            Step::Approved => "approved",
            Step::Refused => "refused",
            Step::Publicised => "publicised",
            Step::Paid => "paid",
            Step::Returned => "returned",
            Step::Closed => "closed",
            Step::Withdrawn => "withdrawn",
        }
    }

    /// The step with this key.
    pub fn named(key: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.key() == key)
    }

    /// Shown name, as a state.
    pub fn name(self) -> Label {
        let (zh, en) = match self {
            Step::Applied => ("已申请", "Applied for"),
            Step::Checked => ("已核实", "Looked into"),
            Step::Approved => ("已批准", "Approved"),
            Step::Refused => ("未批准", "Refused"),
            Step::Publicised => ("公示中", "Publicised"),
            Step::Paid => ("已发放", "Paid"),
            Step::Returned => ("已退回", "Came back"),
            Step::Closed => ("已办结", "Closed"),
            Step::Withdrawn => ("已撤回", "Withdrawn"),
        };
        Label::new(zh, en)
    }

    /// Words on the button that takes it.
    pub fn button(self) -> Label {
        let (zh, en) = match self {
            Step::Applied => ("申请", "Apply"),
            Step::Checked => ("登记核实情况", "Write down what was found"),
            Step::Approved => ("批准", "Approve"),
            Step::Refused => ("不予批准", "Refuse"),
            Step::Publicised => ("公示", "Publicise"),
            Step::Paid => ("发放", "Pay"),
            Step::Returned => ("退回", "Take back"),
            Step::Closed => ("办结", "Close"),
            Step::Withdrawn => ("撤回申请", "Withdraw"),
        };
        Label::new(zh, en)
    }

    /// Whether nothing follows.
    pub fn is_end(self) -> bool {
        matches!(self, Step::Refused | Step::Closed | Step::Withdrawn)
    }

    /// Whether a note must be written by who takes it from another: what was found, why not, what was objected.
    pub fn needs_note(self, from: Step) -> bool {
        matches!(self, Step::Checked | Step::Refused) || self == Step::Closed && from != Step::Paid
    }

    /// What a handler may do next.
    pub fn then(self) -> &'static [Step] {
        match self {
            Step::Applied => &[Step::Checked],
            Step::Checked => &[Step::Approved, Step::Refused],
            Step::Approved => &[Step::Publicised],
            Step::Publicised => &[Step::Paid, Step::Closed],
            Step::Paid => &[Step::Closed],
            Step::Returned => &[Step::Paid, Step::Closed],
            Step::Refused | Step::Closed | Step::Withdrawn => &[],
        }
    }
}

impl Case<'_> {
    /// The step it stands at.
    pub fn state(&self) -> Step {
        self.taken.last().map_or(Step::Applied, |taken| taken.step)
    }

    /// The day on which it was last taken to a step.
    pub fn since(&self, step: Step) -> Option<Date> {
        self.taken.iter().rfind(|taken| taken.step == step).map(|taken| taken.on)
    }

    /// Refuses whoever has a part in it themselves, or is kin of who asked.
    pub fn handled_by(&self, person: i64) -> Result<(), Refusal> {
        match self.applicant == person || self.kin {
            false => Ok(()),
            true => Err(Refusal::rule(
                "这是您本人或您亲属的申请，须由其他经办人办理",
                "this is your own case or that of your kin: another handler sees to it",
            )),
        }
    }

    /// Refuses a step that does not follow, or is not for this person, or comes before the decision was published long
    /// enough.
    pub fn may(&self, aid: &Aid, calendar: &Calendar, (step, person): (Step, i64), today: Date) -> Result<(), Refusal> {
        self.handled_by(person)?;
        let state = self.state();
        if !state.then().contains(&step) {
            let name = state.name();
            return Err(Refusal::rule(
                format!("该申请现为“{}”，不能这样办理；请刷新页面查看", name.zh),
                format!("this case is now “{}”; reload the page to see how it stands", name.en),
            ));
        }
        let decides = matches!(step, Step::Approved | Step::Refused);
        if decides && self.taken.iter().any(|taken| taken.step == Step::Checked && taken.by == person) {
            return Err(Refusal::rule(
                "核实人不能审批，须由另一名经办人决定",
                "who looked into it does not decide: that is for another handler",
            ));
        }
        let until = self.since(Step::Publicised).map(|from| aid.publicised_until(calendar, from));
        match until.filter(|until| step == Step::Paid && today <= *until) {
            None => Ok(()),
            Some(until) => Err(Refusal::rule(
                format!("公示至 {until}，期满无异议后才能发放"),
                format!("it is publicised until {until}: pay when that day has passed"),
            )),
        }
    }

    /// Refuses to take a case back that is decided and paid, or over.
    pub fn may_withdraw(&self, person: i64) -> Result<(), Refusal> {
        let state = self.state();
        match self.applicant == person && !state.is_end() && state != Step::Paid {
            true => Ok(()),
            false => Err(Refusal::rule("已发放或已办结的申请不能撤回", "what was paid or is over cannot be withdrawn")),
        }
    }
}

#[cfg(test)]
mod tests;
