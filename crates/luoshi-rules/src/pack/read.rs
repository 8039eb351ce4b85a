//! Reading a pack so that every fault is told, with its line and column.

use super::{Fault, Pack, check, said};
use crate::Label;
use crate::aid::Aid;
use crate::campaign::Campaign;
use crate::collection::Burden;
use crate::pledge::Pledges;
use crate::youth::Youth;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// A pack may not be larger than this many bytes.
const LARGEST: usize = 2_000_000;

/// The faults found so far, and the text they stand in.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: Vec<Fault>,
}

/// Reads a pack that stands on `base`.
pub(super) fn pack(text: &str, base: &Pack) -> Result<Pack, Vec<Fault>> {
    let mut faults = Faults::of(text);
    if !faults.found.is_empty() {
        return Err(faults.found);
    }
    let (root, wrong) = DeTable::parse_recoverable(text);
    wrong.iter().for_each(|error| faults.error_in(error, &(0..0)));
    let mut pack = Pack::default();
    if faults.found.is_empty() {
        let parts = sections(&mut pack, root.into_inner(), &mut faults);
        check::all(&pack, &parts, base, &mut faults);
    }
    faults.end().map(|()| pack)
}

/// Where the elements of a pack stand in the text, by their section and in their order.
#[derive(Default)]
pub(super) struct Places(HashMap<&'static str, Vec<Range<usize>>>);

impl Places {
    /// Elements of a section, each with the bytes it begins at.
    pub(super) fn of<'p, T>(
        &'p self,
        section: &str,
        items: &'p [T],
    ) -> impl Iterator<Item = (&'p T, &'p Range<usize>)> {
        items.iter().zip(self.0.get(section).into_iter().flatten())
    }
}

/// What a pack may say.
const SECTIONS: [&str; 22] = [
    "pack", "level", "class", "part", "post", "grant", "tie", "role", "absence", "kind", "flow", "round", "section",
    "source", "clause", "figure", "youth", "burden", "campaign", "hours", "aid", "pledge",
];

fn sections(pack: &mut Pack, root: DeTable, faults: &mut Faults) -> Places {
    let mut places = Places::default();
    let mut headed = false;
    for (key, value) in root {
        match key.get_ref().as_ref() {
            "pack" => {
                headed = true;
                pack.head = one(value, faults).map(|(head, _)| head).unwrap_or_default();
            }
            "level" => pack.level = each("level", value, &mut places, faults),
            "class" => pack.class = each("class", value, &mut places, faults),
            "part" => pack.part = each("part", value, &mut places, faults),
            "post" => pack.post = each("post", value, &mut places, faults),
            "grant" => pack.grant = each("grant", value, &mut places, faults),
            "tie" => pack.tie = each("tie", value, &mut places, faults),
            "role" => pack.role = each("role", value, &mut places, faults),
            "absence" => pack.absence = each("absence", value, &mut places, faults),
            "kind" => pack.kind = each("kind", value, &mut places, faults),
            "flow" => pack.flow = each("flow", value, &mut places, faults),
            "round" => pack.round = each("round", value, &mut places, faults),
            "section" => pack.section = each("section", value, &mut places, faults),
            "source" => pack.source = each("source", value, &mut places, faults),
            "clause" => pack.clause = each("clause", value, &mut places, faults),
            "hours" => pack.hours = each("hours", value, &mut places, faults),
            "figure" => pack.figure = each("figure", value, &mut places, faults),
            "youth" => pack.youth = youth(value, faults),
            "campaign" => pack.campaign = campaign(value, faults),
            "pledge" => pack.pledge = pledge(value, faults),
            "burden" => pack.burden = burden(value, faults),
            "aid" => pack.aid = aid(value, faults),
            other => {
                faults.unknown(&key.span(), &Label::new("部分", "section"), other, SECTIONS.into_iter());
            }
        }
    }
    if !headed {
        let hint = Label::new("在开头写 [pack] id、name、version", "begin with [pack] id, name, version");
        faults.add(0..0, Label::new("缺少 [pack]", "[pack] is missing"), hint);
    }
    places
}

/// Reads what questions cost: seconds, minutes and days that make sense.
fn burden(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Burden> {
    let (burden, span) = one::<Burden>(value, faults)?;
    let seconds = [burden.number, burden.text, burden.yes, burden.known, burden.matter];
    if seconds.iter().any(|n| !(0..=86_400).contains(n)) || burden.ceiling < 1 || !(1..=60).contains(&burden.answer) {
        let what = Label::new("填报负担的数值不合理", "what questions cost makes no sense");
        let hint = Label::new(
            "各项秒数在 0 至 86400 之间，ceiling 至少 1 分钟，answer 为 1 至 60 个工作日",
            "seconds are 0 to 86400, ceiling at least 1 minute, answer 1 to 60 working days",
        );
        faults.add(span, what, hint);
    }
    Some(burden)
}

/// Reads for what mutual aid is given: every reason once, with an amount or a ceiling.
fn aid(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Aid> {
    let (aid, span) = one::<Aid>(value, faults)?;
    let sound = |n: Option<i64>| n.is_none_or(|fen| fen > 0);
    let twice = |id: &String| aid.reason.iter().filter(|one| one.id == *id).count() > 1;
    let odd = |one: &crate::aid::Reason| {
        one.fixed.is_some() == one.ceiling.is_some() || !sound(one.fixed) || !sound(one.ceiling) || twice(&one.id)
    };
    if !(1..=60).contains(&aid.workdays) || aid.least < 2 || aid.reason.is_empty() || aid.reason.iter().any(odd) {
        let what = Label::new("互助金的标准不合理", "what is said of mutual aid makes no sense");
        let hint = Label::new(
            "workdays 为 1 至 60，least 至少 2；每个 reason 编号不重复，fixed 和 ceiling（分）写且只写一个",
            "workdays is 1 to 60, least at least 2; each reason once, with either `fixed` or `ceiling` in fen",
        );
        faults.add(span, what, hint);
    }
    Some(aid)
}

/// Reads the days of a campaign: the first is not after the last.
fn campaign(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Campaign> {
    let (campaign, span) = one::<Campaign>(value, faults)?;
    if campaign.from > campaign.until {
        let what = Label::new("活动的开始日在结束日之后", "the campaign ends before it begins");
        faults.add(span, what, Label::new("from 不晚于 until", "write `from` no later than `until`"));
    }
    Some(campaign)
}

/// Reads what is said of pledges: days that exist, room for words, and states.
fn pledge(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Pledges> {
    let (pledges, span) = one::<Pledges>(value, faults)?;
    let mut ids: Vec<&str> = pledges.state.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    let once = ids.windows(2).all(|two| two[0] != two[1]);
    let fits = pledges.window(2023).is_some_and(|(from, by)| from <= by) && (10..=2_000).contains(&pledges.most);
    if !fits || !once || pledges.state.len() < 2 {
        let what = Label::new("承诺的日期、字数或状态不合理", "days, room or states of pledges make no sense");
        let hint = Label::new(
            "from、by 写月-日，如 11-15；most 在 10 至 2000 之间；state 至少两个且不重复",
            "write `from` and `by` as month-day, such as 11-15; most is 10 to 2000; two states at least, each once",
        );
        faults.add(span, what, hint);
    }
    Some(pledges)
}

/// Reads what is said of youth groups: sizes and ages that make sense.
fn youth(value: Spanned<DeValue>, faults: &mut Faults) -> Option<Youth> {
    let (youth, span) = one::<Youth>(value, faults)?;
    let fits = (14..=100).contains(&youth.until) && youth.least >= 1 && youth.least <= youth.most && youth.notice >= 0;
    if !fits {
        let what = Label::new("青年小组的年龄或人数不合理", "ages or sizes of youth groups make no sense");
        let hint = Label::new(
            "until 在 14 至 100 之间，least 至少 1 且不大于 most，notice 不为负",
            "until is 14 to 100, least at least 1 and no more than most, notice not negative",
        );
        faults.add(span, what, hint);
    }
    Some(youth)
}

/// Reads an array of tables, each on its own, so that one bad element does not hide the next.
pub(super) fn each<T: DeserializeOwned>(
    section: &'static str,
    value: Spanned<DeValue>,
    places: &mut Places,
    faults: &mut Faults,
) -> Vec<T> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => {
            let read = items.into_iter().filter_map(|item| one(item, faults));
            let (items, spans) = read.unzip();
            places.0.insert(section, spans);
            items
        }
        _ => {
            let hint = Label::new("用双方括号，如 [[clause]]", "use double brackets, such as [[clause]]");
            faults.add(span, Label::new("此处应为列表", "a list is expected here"), hint);
            Vec::new()
        }
    }
}

pub(super) fn one<T: DeserializeOwned>(value: Spanned<DeValue>, faults: &mut Faults) -> Option<(T, Range<usize>)> {
    let span = value.span();
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(item) => Some((item, span)),
        Err(error) => {
            faults.error_in(&error, &span);
            None
        }
    }
}

impl<'t> Faults<'t> {
    /// No fault yet of a text, or that it is too large.
    pub(super) fn of(text: &'t str) -> Faults<'t> {
        let mut faults = Faults { text, found: Vec::new() };
        if text.len() > LARGEST {
            faults.add(0..0, Label::new("规则包超过 2 MB", "the pack is larger than 2 MB"), Label::default());
        }
        faults
    }

    /// Everything found, in the order of the text; nothing is well.
    pub(super) fn end(mut self) -> Result<(), Vec<Fault>> {
        self.found.sort_by_key(|fault| (fault.line, fault.column));
        self.found.dedup();
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }

    /// Notes a fault at these bytes of the text.
    pub(super) fn add(&mut self, span: Range<usize>, what: Label, hint: Label) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.found.push(Fault { line, column, what, hint });
    }

    /// Notes that a name is not known, with the nearest one that is.
    pub(super) fn unknown<'n>(
        &mut self,
        span: &Range<usize>,
        sort: &Label,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        let span = self.narrow(span, name);
        let near = known.map(|one| (strsim::jaro_winkler(one, name), one)).filter(|(likeness, _)| *likeness > 0.7);
        let near = near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, one)| one);
        let hint = near.map(|one| Label::new(format!("是否想写 `{one}`？"), format!("did you mean `{one}`?")));
        let what = Label::new(format!("没有{} `{name}`", sort.zh), format!("there is no {} `{name}`", sort.en));
        self.add(span, what, hint.unwrap_or_default());
    }

    /// Notes a fault about a word inside an element, at the word itself where it can be found.
    pub(super) fn at_word(&mut self, span: &Range<usize>, word: &str, what: Label, hint: Label) {
        let span = self.narrow(span, word);
        self.add(span, what, hint);
    }

    /// The bytes of a quoted word, or of a key, within an element; the element where it does not stand in it.
    fn narrow(&self, span: &Range<usize>, word: &str) -> Range<usize> {
        // the span of a `[[table]]` is its head: look on until the next one that is not a part of it
        let rest = self.text.get(span.start..).unwrap_or_default();
        let mut heads = rest.match_indices("\n[").map(|(at, _)| at);
        let end = heads.find(|at| !is_part(rest.get(*at..).unwrap_or_default())).unwrap_or(rest.len());
        let block = rest.get(..end).unwrap_or(rest);
        let ways = [format!("\"{word}\""), format!("'{word}'"), format!("{word} = ")];
        let found = ways.iter().find_map(|way| block.find(way));
        found.map_or(span.clone(), |at| span.start + at..span.start + at + word.len())
    }

    /// Notes what the parser said.
    pub(super) fn error_in(&mut self, error: &Error, within: &Range<usize>) {
        let span = error.span().filter(|span| *span != (0..0)).unwrap_or(within.clone());
        let message = error.message().to_owned();
        self.add(span, Label::new(format!("读不懂：{}", said::zh(&message)), message), Label::default());
    }
}

/// Whether a head such as `[[flow.step]]` belongs to the element before it.
fn is_part(head: &str) -> bool {
    head.lines().nth(1).is_some_and(|line| line.contains('.'))
}
