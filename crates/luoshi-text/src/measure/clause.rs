//! A clause: who is asked, what is asked, by when and how much, and whether it asks for anything at all.

use super::act::Act;
use super::due::{self, Due, Found};
use super::lexicon::Lexicon;
use super::owner::{Subject, Subjects};
use super::quantity::{Finder, Quantity};
use std::ops::Range;

/// How a part of a document speaks unless a sentence says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// it plans
    Plan,
    /// it looks back
    Past,
    /// it does either
    Neutral,
}

/// What a clause does in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// asks for something that can be seen
    Asks,
    /// states the past, or a failing
    Past,
    /// gives grounds, forbids, allows, or asks for an attitude
    Else,
}

/// A clause and what was read in it.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    /// bytes of the whole text
    pub at: Range<usize>,
    pub subject: Option<Subject>,
    pub dues: Vec<Found>,
    pub quantity: Option<Quantity>,
    pub modal: bool,
    pub asked: bool,
    /// the act only ends the acts before it
    pub ends: bool,
    /// it only says who answers for what follows: `由人事处牵头`
    pub leads: bool,
    /// it says nothing but by when: what follows is to be done by then
    pub timed: bool,
    pub act: Act,
    pub sense: Sense,
}

/// What is known of a clause when its sense is read.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// somebody is named in it
    named: bool,
    /// it holds a number
    counted: bool,
    /// it says must, and the clause before it by when
    due: bool,
    /// it holds a word for an act
    acts: bool,
}

/// Reads clauses.
pub(super) struct Reader<'a> {
    pub subjects: Subjects<'a>,
    pub finder: Finder<'a>,
    pub lexicon: &'a Lexicon,
}

impl Reader<'_> {
    /// Reads the clause that stands at `from` in the whole text, after one that only says when or not.
    pub fn read(&self, text: &str, from: usize, timed: bool) -> Clause {
        let mut dues = due::find(text, &self.subjects.base);
        let free = |one: &Quantity| dues.iter().all(|due| due.at.end <= one.at.start || one.at.end <= due.at.start);
        let quantity = self.finder.find(text).into_iter().find(free);
        let subject = self.subjects.of(text);
        let ends = self.ends(text, &dues, subject.is_some());
        let act = self.act(text, subject.as_ref());
        let modal = holds(text, &self.modals()) || text.trim_start_matches(['“', '并']).starts_with("可");
        let told = Told { named: subject.is_some(), counted: quantity.is_some(), due: timed && modal, acts: act.acts };
        let sense = self.sense(text, &dues, told);
        dues.iter_mut().for_each(|due| due.at = due.at.start + from..due.at.end + from);
        Clause {
            at: from..from + text.len(),
            modal,
            asked: text.contains('请'),
            leads: self.lexicon.owner.leading.iter().any(|word| text.ends_with(word.as_str())),
            timed: sense == Sense::Else && dues.iter().any(is_ahead) && self.is_time(text),
            sense,
            act,
            ends,
            subject,
            dues,
            quantity,
        }
    }

    /// Whether a text begins with something that can be done.
    pub fn begins_with_act(&self, text: &str) -> bool {
        self.subjects.begins_with_act(text)
    }

    fn modals(&self) -> Vec<&str> {
        self.lexicon.plan.modals.iter().map(String::as_str).filter(|word| *word != "可").collect()
    }

    fn sense(&self, text: &str, dues: &[Found], told: Told) -> Sense {
        let Told { named, counted, .. } = told;
        let soft = &self.lexicon.soft;
        let bare = text.trim_start_matches(['“', '并']);
        let vague = self.lexicon.owner.vague.iter().any(|word| bare.starts_with(word.as_str()));
        if vague || self.is_past(text, dues) {
            return Sense::Past;
        }
        let dated = dues.iter().any(|found| !matches!(found.due, Due::Standing));
        let attitude = soft.words.iter().any(|word| text.contains(word.as_str())) && !dated && !counted;
        let ground = soft.grounds.iter().any(|word| bare.starts_with(word.as_str()))
            && !named
            && !["以上", "以下", "以后"].iter().any(|word| bare.starts_with(word));
        let never = soft.never.iter().any(|word| text.contains(word.as_str()) && !text.contains("不得少于"))
            || soft.announced.iter().any(|word| text.contains(word.as_str()));
        let condition = is_topic(bare)
            || bare.ends_with('的')
            || bare.ends_with("期间")
            || bare.ends_with("后")
            || !named && self.is_time(text);
        // what is given a day ahead is to be done, whatever its verb
        let often = counted && dues.iter().any(|found| matches!(found.due, Due::Every(_)));
        let ahead = told.due || often || dues.iter().any(is_ahead);
        if attitude || ground || never || condition || !(told.acts || ahead || counted && named) {
            Sense::Else
        } else {
            Sense::Asks
        }
    }

    /// `集中整改结束后一个月内`: a clause that only says when.
    fn is_time(&self, text: &str) -> bool {
        due::find(text, &self.subjects.base).last().is_some_and(|found| found.at.end == text.len())
    }

    fn is_past(&self, text: &str, dues: &[Found]) -> bool {
        // `累计不少于40学时` is asked for
        let least =
            |word: &String| self.lexicon.quantity.at_least.iter().any(|least| text.contains(&format!("{word}{least}")));
        let bare = without_object(text);
        let word = self.lexicon.past.words.iter().any(|word| bare.contains(word.as_str()) && !least(word));
        let done = self.lexicon.act.words.iter().any(|act| text.contains(&format!("{act}了")));
        let day = self.subjects.base.day;
        let modal = holds(text, &self.modals());
        let before = dues.iter().any(|found| matches!(found.due, Due::By(by) if by < day && !modal));
        let told = !modal && self.lexicon.past.told.iter().any(|word| text.contains(word.as_str()));
        word || done || before || told || !modal && self.is_of_a_past_year(bare.trim_start())
    }

    /// `2022年共培训80人`, in a document of 2023
    fn is_of_a_past_year(&self, text: &str) -> bool {
        let year = text.split_once('年').and_then(|(year, _)| year.parse::<i16>().ok());
        year.is_some_and(|year| (1900..self.subjects.base.day.year()).contains(&year))
    }

    /// `12月25日前完成`: nothing but a date and an end.
    fn ends(&self, text: &str, dues: &[Found], subject: bool) -> bool {
        let named: usize = dues.iter().map(|found| found.at.len()).sum();
        let ended =
            self.lexicon.act.ends.iter().any(|word| text.trim_end_matches(['。', '；', '”']).ends_with(word.as_str()));
        ended && !subject && text.len().saturating_sub(named) <= "于全部完成整改到位。".len()
    }
}

/// `对长期不过组织生活的支部`: of whom or what the rest of the sentence speaks.
fn is_topic(text: &str) -> bool {
    let about = text.starts_with("对") && !text.starts_with("对照") || text.starts_with("针对");
    let what = text.rsplit_once('的').map_or("", |(_, what)| what);
    about && (1..=6).contains(&what.chars().count())
}

/// Whether a due is a day to come, or a span.
fn is_ahead(found: &Found) -> bool {
    matches!(found.due, Due::By(_) | Due::Within(..))
}

/// A clause without what describes its object: what was done to that is past, not the clause: `对2022年以来提拔干部的档案逐人核查`.
fn without_object(text: &str) -> String {
    let cut = text.find('对').and_then(|at| Some((at, at + text.get(at..)?.find('的')?)));
    match cut.and_then(|(from, until)| Some((text.get(..from)?, text.get(until..)?))) {
        Some((head, tail)) => format!("{head}{tail}"),
        None => text.to_owned(),
    }
}

fn holds(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.match_indices(word).any(|(at, _)| !is_part(text, at, word)))
}

/// Whether a word found is part of another: 主要 is no 要, 相应 no 应, 将领 no 将.
fn is_part(text: &str, at: usize, word: &str) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let after = text.get(at + word.len()..).and_then(|tail| tail.chars().next());
    let (before, after) = (before.unwrap_or(' '), after.unwrap_or(' '));
    match word {
        "要" => "主重需必摘纲概简提有".contains(before) || "点求素闻件是".contains(after),
        "应" => "相反对适响供呼效".contains(before) || "用急对访到".contains(after),
        "将" => "即".contains(before) || "近".contains(after),
        "需" => "必急所".contains(before) || "求".contains(after),
        "请" => "申邀".contains(before) || "示".contains(after),
        "拟" => "模草".contains(before),
        "计划" => "度作习员展训".contains(before) || after.is_ascii_digit() || "的和与内中 ".contains(after),
        _ => false,
    }
}
