//! Collections (数据收集): what units below are asked to fill in, what it costs them, and what they are asked twice.
//! Rules: 中办《整治形式主义为基层减负若干规定》 (2024) and 国办函〔2026〕12号 forbid asking for what is known already;
//! every request has an owner, a ground, a rhythm and a list of what it asks.

use crate::period::Cadence;
use crate::{Label, Refusal, Unit, UnitPath};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the pack says of the cost of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burden {
    /// seconds it takes to find and type a number
    pub number: i64,
    /// seconds to write a text
    pub text: i64,
    /// seconds to say yes or no
    pub yes: i64,
    /// seconds to look over what the system filled in
    pub known: i64,
    /// seconds to answer a follow-up or another matter
    pub matter: i64,
    /// most minutes a month that one unit may ask of another by collections
    pub ceiling: i64,
    /// working days within which it is answered when somebody says that something adds to their burden
    pub answer: i32,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// a number
    Number,
    /// a text
    Text,
    /// yes or no
    Yes,
    /// something the system knows, by its key: it arrives filled in
    Known(String),
}

impl Sort {
    /// Those that are typed by hand, with keys for forms and shown names.
    pub fn typed() -> [(&'static str, Sort, Label); 3] {
        [
            ("number", Sort::Number, Label::new("数字", "Number")),
            ("text", Sort::Text, Label::new("文字", "Text")),
            ("yes", Sort::Yes, Label::new("是或否", "Yes or no")),
        ]
    }
}

/// One thing asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// shown name
    pub name: String,
    /// what it holds
    pub sort: Sort,
}

impl Question {
    /// Whether two ask the same: by the key of what is known, or by their names without spaces and marks.
    pub fn is_same(&self, other: &Question) -> bool {
        match (&self.sort, &other.sort) {
            (Sort::Known(one), Sort::Known(two)) => one == two,
            _ => normal(&self.name) == normal(&other.name),
        }
    }
}

/// A name as it is compared: letters and digits alone, small, without words that say nothing.
pub fn normal(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ["情况", "数量", "总数", "的"].iter().fold(letters, |name, word| name.replace(word, ""))
}

/// What is looked at before something is asked.
#[derive(Debug, Clone)]
pub struct Ground {
    /// what questions cost
    pub burden: Burden,
    /// the units of the scope
    pub units: Vec<Unit>,
    /// keys and names of what the system knows
    pub known: Vec<(String, String)>,
    /// what records of duties hold
    pub held: Vec<Held>,
}

/// A request for data, as registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// key
    pub id: i64,
    /// the unit that asks
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// its place: units below it are asked
    pub path: UnitPath,
    /// title
    pub title: String,
    /// the rule or paper that it stands on
    pub ground: String,
    /// how often; none for once
    pub every: Option<Cadence>,
    /// the last day when it is asked once
    pub due: Date,
    /// level of the units asked; empty for all
    pub level: String,
    /// class of the units asked; empty for all
    pub class: String,
    /// what it asks
    pub questions: Vec<Question>,
    /// since when
    pub from: Date,
    /// until when; none while it goes on
    pub until: Option<Date>,
}

/// One time a collection is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// names the period; `once` where there is one
    pub period: String,
    /// first day
    pub first: Date,
    /// last day
    pub due: Date,
}

impl Collection {
    /// Whether a unit is asked.
    pub fn reaches(&self, unit: &Unit) -> bool {
        unit.dissolved.is_none()
            && unit.path != self.path
            && self.path.contains(&unit.path)
            && (self.level.is_empty() || self.level == unit.level)
            && (self.class.is_empty() || self.class == unit.class)
    }

    /// The times it is due in a year, while it goes on.
    pub fn turns(&self, year: i16) -> Vec<Turn> {
        let all = match self.every {
            None => vec![Turn { period: "once".into(), first: self.from, due: self.due }],
            Some(every) => {
                let periods = every.of_year(year).into_iter();
                periods.map(|one| Turn { period: one.key(), first: one.first, due: one.last }).collect()
            }
        };
        let goes_on = |turn: &Turn| {
            turn.due.year() == year && turn.due >= self.from && self.until.is_none_or(|until| turn.due <= until)
        };
        all.into_iter().filter(goes_on).collect()
    }

    /// What is typed by hand.
    pub fn typed(&self) -> usize {
        self.questions.iter().filter(|one| !matches!(one.sort, Sort::Known(_))).count()
    }

    /// Seconds one unit needs for it, once.
    pub fn seconds(&self, burden: &Burden) -> i64 {
        let each = |one: &Question| match one.sort {
            Sort::Number => burden.number,
            Sort::Text => burden.text,
            Sort::Yes => burden.yes,
            Sort::Known(_) => burden.known,
        };
        self.questions.iter().map(each).sum()
    }

    /// How often it comes in a year.
    pub fn times(&self) -> i64 {
        match self.every {
            Some(Cadence::Months(n)) => i64::from(12 / n),
            _ => 1,
        }
    }

    /// Minutes that all who are asked need for it: in a year where it recurs. Whoever issues it has seen them.
    pub fn minutes(&self, ground: &Ground) -> i64 {
        let reached = ground.units.iter().filter(|unit| self.reaches(unit)).count() as i64;
        (self.seconds(&ground.burden) * reached * self.times() + 59).div_euclid(60)
    }

    /// Questions that another collection asks the same units for, while both go on.
    pub fn repeats<'a>(&'a self, other: &Collection, units: &[Unit]) -> Vec<&'a Question> {
        let together = self.id != other.id
            && self.until.is_none_or(|until| other.from <= until)
            && other.until.is_none_or(|until| self.from <= until)
            && self.last().is_none_or(|last| other.from <= last)
            && other.last().is_none_or(|last| self.from <= last)
            && units.iter().any(|unit| self.reaches(unit) && other.reaches(unit));
        let same = |one: &&Question| together && other.questions.iter().any(|two| one.is_same(two));
        self.questions.iter().filter(same).collect()
    }

    /// What units record already, each with how many of those it reaches do.
    fn held<'a>(&'a self, ground: &'a Ground) -> Vec<(&'a Question, &'a Held, i64)> {
        let reached = || ground.units.iter().filter(|unit| self.reaches(unit));
        let of = |one: &'a Question| {
            let asked: Vec<&Held> = ground.held.iter().filter(|held| held.is_asked_by(one)).collect();
            let n = reached().filter(|unit| asked.iter().any(|held| held.binds(unit))).count() as i64;
            let first = asked.into_iter().find(|held| reached().any(|unit| held.binds(unit)))?;
            Some((one, first, n))
        };
        self.questions.iter().filter_map(of).collect()
    }

    /// The last day when it is asked once.
    fn last(&self) -> Option<Date> {
        if self.every.is_none() { Some(self.due) } else { None }
    }

    /// Whether it may be issued beside those that there are.
    ///
    /// # Errors
    /// Where it asks for nothing new, for what is known or recorded, for what is asked already, or for more time than may
    /// be taken.
    pub fn check(&self, ground: &Ground, others: &[Collection]) -> Result<(), Vec<Refusal>> {
        let mut wrong = self.form();
        if !ground.units.iter().any(|unit| self.reaches(unit)) {
            wrong.push(Refusal::field("level", "没有符合条件的下级组织", "no unit below is of this level and class"));
        }
        for (n, one) in self.questions.iter().enumerate() {
            let twice = already(n, one, &ground.known).or_else(|| self.recorded(n, one, ground));
            wrong.extend(twice.or_else(|| self.asked(n, one, others, &ground.units)));
        }
        if wrong.is_empty() && self.typed() == 0 {
            wrong.push(Refusal::rule(
                "每一项系统都已掌握，不必收集：请直接看数读和名册，可导出",
                "everything asked is known already: read the figures and the roll, both can be exported",
            ));
        }
        wrong.extend(self.too_much(ground, others));
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn form(&self) -> Vec<Refusal> {
        let mut wrong = Vec::new();
        if self.title.is_empty() {
            wrong.push(Refusal::field("title", "请填写名称", "please name it"));
        }
        if self.ground.chars().count() < 4 {
            let (zh, en) = ("请写明依据：哪个文件、哪一条", "say what it stands on: which paper, which article");
            wrong.push(Refusal::field("ground", zh, en));
        }
        if self.every.is_none() && self.due <= self.from {
            wrong.push(Refusal::field("due", "截止日应在今天之后", "the last day is after today"));
        }
        if self.questions.is_empty() {
            wrong.push(Refusal::field("question-0", "请至少填写一项", "ask for one thing at least"));
        }
        let names = self.questions.iter().enumerate().map(|(n, one)| (format!("question-{n}"), &one.name, 60));
        let texts = [("title".to_owned(), &self.title, 100), ("ground".to_owned(), &self.ground, 200)];
        for (field, text, most) in texts.into_iter().chain(names) {
            if text.chars().count() > most {
                wrong.push(Refusal::field(field, format!("最多{most}字"), format!("at most {most} characters")));
            }
        }
        wrong
    }

    /// A question that other collections ask the same units.
    fn asked(&self, n: usize, one: &Question, others: &[Collection], units: &[Unit]) -> Option<Refusal> {
        let other = others.iter().find(|other| self.repeats(other, units).contains(&one))?;
        let (name, by, title) = (&one.name, &other.unit_name, &other.title);
        Some(Refusal::field(
            format!("question-{n}"),
            format!("“{name}”与{by}的《{title}》重复：请向其索取结果，不再向下收集"),
            format!("“{name}” is asked by {by} already in “{title}”: use their answers, do not ask again"),
        ))
    }

    /// Something typed by hand that units it reaches record already because a duty has them do so.
    fn recorded(&self, n: usize, one: &Question, ground: &Ground) -> Option<Refusal> {
        let of = |held: &&Held| held.is_asked_by(one) && ground.units.iter().any(|u| self.reaches(u) && held.binds(u));
        let held = ground.held.iter().find(of)?;
        let (name, clause, what) = (&one.name, &held.clause, &held.what);
        Some(Refusal::field(
            format!("question-{n}"),
            format!("“{name}”已在纪实里（{clause} {}）：请直接看纪实和数读，可导出", what.zh),
            format!(
                "“{name}” is in the records already ({clause}, {}): read them and the figures, both can be exported",
                what.en
            ),
        ))
    }

    /// More minutes in one month than one unit may take of another: of any that this reaches, with what else reaches it.
    fn too_much(&self, ground: &Ground, others: &[Collection]) -> Option<Refusal> {
        let burden = &ground.burden;
        let mine = others.iter().filter(|other| other.unit == self.unit && other.until.is_none());
        let mine: Vec<&Collection> = mine.collect();
        let reached = ground.units.iter().filter(|unit| self.reaches(unit));
        let beside: BTreeSet<Vec<bool>> =
            reached.map(|unit| mine.iter().map(|other| other.reaches(unit)).collect()).collect();
        let years = [self.from.year(), self.from.year() + 1];
        let month = |turn: Turn| (turn.due.year(), turn.due.month());
        let months = |one: &Collection| -> Vec<(i16, i8)> {
            years.iter().flat_map(|year| one.turns(*year)).map(month).collect()
        };
        let with: Vec<(i64, Vec<(i16, i8)>)> = mine.iter().map(|one| (one.seconds(burden), months(one))).collect();
        let most = months(self).into_iter().flat_map(|month| {
            let other = |set: &Vec<bool>| -> i64 {
                let reach = with.iter().zip(set).filter(|(_, reaches)| **reaches).map(|(one, _)| one);
                reach.filter(|(_, when)| when.contains(&month)).map(|(seconds, _)| seconds).sum()
            };
            beside.iter().map(|set| other(set) + self.seconds(burden)).collect::<Vec<_>>()
        });
        let (minutes, most_minutes) = (most.max().unwrap_or(0).div_euclid(60), burden.ceiling);
        (minutes > most_minutes).then(|| {
            Refusal::rule(
                format!("同一个月要占每个组织约{minutes}分钟，超过上限{most_minutes}分钟：请减项、并项或错开月份"),
                format!("it would take each unit {minutes} minutes in one month, above the ceiling of {most_minutes}: ask for less, or in another month"),
            )
        })
    }
}

/// Something typed by hand that the system knows.
fn already(n: usize, one: &Question, known: &[(String, String)]) -> Option<Refusal> {
    if matches!(one.sort, Sort::Known(_)) {
        return None;
    }
    let (_, name) = known.iter().find(|(_, name)| normal(name) == normal(&one.name))?;
    Some(Refusal::field(
        format!("question-{n}"),
        format!("“{name}”系统已掌握：请在类型中选“系统已有”下的同名项，到时自动填好"),
        format!("“{name}” is known already: choose it under “Known to the system”, and it arrives filled in"),
    ))
}

mod held;
mod load;
#[cfg(test)]
mod tests;

pub use held::Held;
pub use load::{Before, Load, Twice, twice};
