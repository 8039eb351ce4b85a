//! By whom: the subject of a clause, as far as it is an organisation or a post, and the units that are meant.

use super::due::{self, Base, Due};
use super::lexicon::Lexicon;
use crate::nearest::Names;

/// No subject is longer than this many characters.
const LONGEST: usize = 26;
/// Nor one after 由 whose act is unknown.
const GIVEN: usize = 12;
/// Between who and must stand no more characters than this.
const NEAR: usize = 9;
/// A name less alike than this is not the one meant.
const SURE: f64 = 0.75;
/// A time without a day is named in no more characters than this.
const SEASON: usize = 6;
/// What a subject never begins with.
const PREPOSITIONS: &str = "对把向为在从以与和按经及并了是于";
/// What a due begins with, besides digits.
const DUES: &str = "每按逐今明当本次翌第一二三四五六七八九十两上下年全届期节会选到考结月季近即立长常持元春清端中国教“";
/// What may stand before a subject.
const CONNECTIVES: &[&str] = &["“", "于", "并由", "由", "同时", "其中", "此外", "今后", "原则上", "今年", "明年", "请"];
/// What makes a word an office although it begins like an act: 组织处.
const OFFICES: &str = "处科室部局委组厅";
/// Acts after which centres are named: 培训中心.
const CENTRES: &[&str] = &["培训", "服务", "调研", "研究", "测评", "评估", "考试", "宣讲", "审核", "督查"];

/// The organisations and posts a clause asks, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Subject {
    /// who answers for it
    pub leads: Vec<String>,
    /// who helps
    pub helps: Vec<String>,
    /// whether they are said to help: another answers for it
    pub assists: bool,
}

/// Reads subjects with the words of a lexicon.
pub(super) struct Subjects<'a> {
    pub lexicon: &'a Lexicon,
    pub base: Base<'a>,
}

impl Subjects<'_> {
    /// Who is asked to act in a clause.
    pub fn of(&self, clause: &str) -> Option<Subject> {
        self.at_start(clause).or_else(|| self.by(clause))
    }

    fn at_start(&self, clause: &str) -> Option<Subject> {
        let mut rest = clause.trim_start();
        loop {
            let shorter = CONNECTIVES.iter().find_map(|word| rest.strip_prefix(word)).or_else(|| self.after_due(rest));
            match shorter {
                Some(shorter) => rest = shorter.trim_start(),
                None => break,
            }
        }
        let ends = || rest.char_indices().skip(1).take(LONGEST).filter_map(|(at, _)| rest.split_at_checked(at));
        let strict = ends().find(|(phrase, tail)| self.is_subject(phrase) && self.is_predicate(tail));
        // `新任支部书记任职半年内须…`: when stands between who and must
        let (phrase, tail) =
            strict.or_else(|| ends().filter(|(phrase, tail)| self.is_subject(phrase) && self.is_bound(tail)).last())?;
        let leads = split(phrase, &self.lexicon.owner.ends);
        let helps = tail.strip_prefix("会同").map(|helper| self.helpers(helper)).unwrap_or_default();
        let assists = self.lexicon.owner.helping.iter().any(|word| tail.trim_end_matches('。') == word.as_str());
        Some(Subject { leads, helps, assists })
    }

    /// `会同人事处，于…`: here the name may also end the clause.
    fn helpers(&self, text: &str) -> Vec<String> {
        let ends = &self.lexicon.owner.ends;
        let whole = Some(text).filter(|text| ends.iter().any(|end| text.ends_with(end.as_str())));
        whole.map(|text| split(text, ends)).or_else(|| Some(self.at_start(text)?.leads)).unwrap_or_default()
    }

    /// `问题由所在党支部整改`, `办理情况请各单位报送`, `会议责成财务处核实`
    fn by(&self, clause: &str) -> Option<Subject> {
        let part = |at: usize| clause.get(..at).is_some_and(|head| head.ends_with(['申', '邀', '提', '理', '自']));
        let marks = ["由", "请", "责成", "责令", "委托", "让"];
        let after = |mark: &&'static str| {
            let all = clause.match_indices(*mark).filter(|(at, _)| !part(*at));
            all.filter_map(|(at, mark)| clause.get(at + mark.len()..)).find_map(|rest| self.at_start(rest))
        };
        marks.iter().find_map(after).or_else(|| self.given(clause))
    }

    /// `由支部书记领誓`: after 由 a name is one whatever is done.
    fn given(&self, clause: &str) -> Option<Subject> {
        let rest = clause.strip_prefix('由').or_else(|| clause.strip_prefix("并由"))?;
        let ends = rest.char_indices().skip(1).take(GIVEN).filter_map(|(at, _)| rest.split_at_checked(at));
        let (phrase, _) = ends.filter(|(phrase, _)| self.is_subject(phrase)).last()?;
        Some(Subject { leads: split(phrase, &self.lexicon.owner.ends), ..Subject::default() })
    }

    /// What follows a due, where a text begins with one.
    pub fn after_due<'t>(&self, rest: &'t str) -> Option<&'t str> {
        // no due begins otherwise: most texts need no reading
        let first = rest.chars().next().filter(|c| c.is_ascii_digit() || DUES.contains(*c))?;
        let end = rest.char_indices().nth(LONGEST).map_or(rest.len(), |(at, _)| at.max(first.len_utf8()));
        let found = due::find(rest.get(..end)?, &self.base).into_iter().find(|found| found.at.start == 0)?;
        rest.get(found.at.end..)
    }

    fn is_subject(&self, phrase: &str) -> bool {
        let words = &self.lexicon.owner;
        let named = words.ends.iter().any(|end| phrase.ends_with(end.as_str()));
        named
            && !words.never.iter().any(|word| word == phrase)
            && !phrase.contains(['，', '。', '：', '“', '”', '要', '须', '将', '由'])
            && without_brackets(phrase).is_some_and(|bare| self.is_name(&bare))
            && !due::find(phrase, &self.base).iter().any(|found| found.due != Due::Standing)
    }

    /// Whether what ends like a name is one: no verb, no preposition, nothing that says how.
    fn is_name(&self, phrase: &str) -> bool {
        let words = &self.lexicon.owner;
        let other = is_question(phrase) || is_object(phrase) || is_handling(phrase) || is_sending(phrase);
        let ground = |word: &String| word.len() > 3 && phrase.starts_with(word.as_str());
        !other
            && !phrase.starts_with(|c| PREPOSITIONS.contains(c))
            && !words.parts.iter().any(|part| phrase.contains(part.as_str()))
            && !self.lexicon.soft.grounds.iter().any(ground)
            && !self.begins_with_how(phrase)
            && (!self.begins_with_act(phrase) || self.is_called_so(phrase))
    }

    /// Whether a name may begin like an act: 整改领导小组办公室, or told by what it does, 联系包保村的单位.
    fn is_called_so(&self, phrase: &str) -> bool {
        let words = &self.lexicon.owner;
        let described = |end: &String| phrase.strip_suffix(end.as_str()).is_some_and(|who| who.ends_with('的'));
        words.bodies.iter().any(|end| phrase.ends_with(end.as_str())) || words.ends.iter().any(described)
    }

    /// Whether a text begins with a verb that names nobody, or says how something is done: 适时调整支部 is no branch.
    fn begins_with_how(&self, text: &str) -> bool {
        let rest = |word: &String| text.strip_prefix(word.as_str()).filter(|_| word != "各");
        let turned = |rest: &str| rest.starts_with(|c| PREPOSITIONS.contains(c));
        if self.lexicon.act.hows.iter().filter_map(rest).any(turned) {
            return true;
        }
        let bare = self.without_how(text);
        let starts = self.lexicon.act.starts.iter().any(|verb| bare.starts_with(verb.as_str()));
        starts || bare.len() < text.len() && self.begins_with_act(bare)
    }

    /// A text without what says how before its verb.
    pub fn without_how<'t>(&self, text: &'t str) -> &'t str {
        let mut rest = text;
        while let Some(shorter) = self.lexicon.act.hows.iter().find_map(|how| rest.strip_prefix(how.as_str())) {
            rest = shorter;
        }
        rest
    }

    /// Whether a text begins with something that can be done, and not with an office named after it.
    pub fn begins_with_act(&self, text: &str) -> bool {
        let centre = CENTRES.iter().any(|act| text.strip_prefix(act).is_some_and(|rest| rest.starts_with("中心")));
        let office = |rest: &str| centre || rest.starts_with(|c| OFFICES.contains(c)) || is_bureau(rest);
        self.lexicon.act.words.iter().any(|word| text.strip_prefix(word.as_str()).is_some_and(|rest| !office(rest)))
    }

    /// Whether a text says must within a few characters.
    fn is_bound(&self, tail: &str) -> bool {
        let near: String = tail.chars().take(NEAR).take_while(|c| !"，。；：".contains(*c)).collect();
        ["须", "应当", "必须"].iter().any(|word| near.contains(word))
    }

    fn is_predicate(&self, tail: &str) -> bool {
        let plan = &self.lexicon.plan;
        plan.modals.iter().chain(&plan.begins).any(|word| tail.starts_with(word.as_str()))
            || self.begins_with_act(tail)
            || !tail.starts_with(['各', '新']) && self.begins_with_act(self.without_how(tail))
            || self.is_each(tail)
            || self.after_a_season(tail).is_some_and(|rest| self.is_predicate(rest))
            || self.after_due(tail).is_some()
    }

    /// `汛期内至少…`, `活动期间要…`: what follows a time that has no day.
    fn after_a_season<'t>(&self, tail: &'t str) -> Option<&'t str> {
        let ends = ["期内", "期间"].iter().filter_map(|end| Some(tail.find(end)? + end.len())).min()?;
        tail.get(ends..).filter(|_| tail.get(..ends).is_some_and(|when| when.chars().count() <= SEASON))
    }

    /// `双方支部各形成一篇小结`, but not `机关党委各组织`.
    fn is_each(&self, tail: &str) -> bool {
        let named = |rest: &str| self.lexicon.owner.ends.iter().any(|end| rest.starts_with(end.as_str()));
        tail.strip_prefix('各').is_some_and(|rest| self.begins_with_act(rest) && !named(rest))
    }

    /// Whether a clause is nothing but units described by how they stand: `尚未启动的11个支部`. These are asked then, and
    /// nobody can tell which they are.
    pub fn is_described(&self, clause: &str) -> bool {
        let named = self.lexicon.owner.ends.iter().any(|end| clause.ends_with(end.as_str()));
        named && clause.contains('的') && !clause.starts_with(|c| PREPOSITIONS.contains(c))
    }
}

/// Whether a phrase asks who, or only takes singly what was named before: 哪个处, 每队.
fn is_question(phrase: &str) -> bool {
    phrase.starts_with(['哪', '谁']) || phrase.starts_with('每') && phrase.chars().count() <= 2
}

/// Whether a phrase holds an object before its verb, or so many of something: 把支部书记, 选取3个支部.
fn is_object(phrase: &str) -> bool {
    let counted = phrase.contains('个') && !phrase.contains(['的', '每', '各']);
    counted || phrase.contains('把') && !phrase.contains("一把手")
}

/// Whether what ends in 办 is no office but handles something: 承办, 督办.
fn is_handling(phrase: &str) -> bool {
    phrase.strip_suffix('办').filter(|head| !head.ends_with("督查") && !head.ends_with("核查")).is_some_and(|head| {
        head.chars().count() < 2
            || head.ends_with(|c| "举主承协督交转经合催查开兴包代领帮即速快盯筹申联会待必停难通可未不".contains(c))
    })
}

/// Whether a phrase begins with sending something to whom it names: 报机关党委, but not 报社.
fn is_sending(phrase: &str) -> bool {
    let rest = phrase.strip_prefix(['报', '交', '送', '呈', '抄']);
    rest.is_some_and(|rest| !rest.starts_with(|c| "通流警易管社刊业".contains(c)))
}

/// A phrase without what stands in brackets in it, `各单位党组（党委）书记`, if they are closed.
fn without_brackets(phrase: &str) -> Option<String> {
    let mut out = String::with_capacity(phrase.len());
    let mut depth = 0_usize;
    for c in phrase.chars() {
        match c {
            '（' => depth += 1,
            '）' => depth = depth.checked_sub(1)?,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    (depth == 0 && !phrase.starts_with('（')).then_some(out)
}

/// Whether a text goes on with 办 as the name of an office, 整改办, and not with a verb, 整改办理.
fn is_bureau(rest: &str) -> bool {
    rest.strip_prefix('办').is_some_and(|rest| !rest.starts_with(|c| "理结好成班公法学".contains(c)))
}

/// The single names of a phrase that names several. `发展和改革委员会` is one name.
pub(super) fn split(phrase: &str, ends: &[String]) -> Vec<String> {
    let named = |part: &str| ends.iter().any(|end| part.ends_with(end.as_str()));
    let mut out = Vec::new();
    let mut depth = 0_i32;
    let apart = |c: char| {
        depth += i32::from(c == '（') - i32::from(c == '）');
        depth == 0 && matches!(c, '、' | '，' | '；')
    };
    for part in phrase.split(apart).map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once(['和', '及']).filter(|(one, other)| named(one) && named(other)) {
            Some((one, other)) => out.extend([one.to_owned(), other.to_owned()]),
            None => out.push(part.to_owned()),
        }
    }
    out
}

/// The units that a name means: all of a group (`各党支部`), or the one most like it.
pub(super) fn units(owner: &str, names: &Names<'_>, units: &[&str]) -> Vec<usize> {
    let group = ["各有关", "各直属", "各基层", "各级", "各", "全体", "所有", "每个"]
        .iter()
        .find_map(|word| owner.strip_prefix(word));
    if let Some(kind) = group.filter(|kind| kind.chars().count() > 1) {
        return (0..units.len()).filter(|at| units.get(*at).is_some_and(|name| name.ends_with(kind))).collect();
    }
    if let Some(same) = units.iter().position(|name| *name == owner) {
        return vec![same];
    }
    let near = names.nearest(owner, 2);
    let clear = |pair: &[crate::nearest::Near<'_>]| {
        pair.len() < 2 || pair.first().map(|one| one.likeness) > pair.get(1).map(|one| one.likeness)
    };
    let best = near.first().filter(|one| one.likeness >= SURE && clear(&near));
    best.map(|one| one.at).into_iter().collect()
}
