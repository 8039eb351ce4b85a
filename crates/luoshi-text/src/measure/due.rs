//! By when: dates, ends of months, quarters and years, rhythms and spans, as directives word them, read from the day of
//! the document.

use super::lexicon::Festival;
use jiff::ToSpan;
use jiff::civil::Date;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// When something is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// by a day
    By(Date),
    /// again and again
    Every(Rhythm),
    /// within so many of a span, counted from something the text names
    Within(u32, Span),
    /// before or after something the text names
    Event,
    /// without end
    Standing,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// each week
    Week,
    /// every two weeks
    Fortnight,
    /// twice a month
    HalfMonth,
    /// each month
    Month,
    /// every two months
    TwoMonths,
    /// each quarter
    Quarter,
    /// each half-year
    Half,
    /// each year
    Year,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// hours
    Hour,
    /// working days
    Workday,
    /// days
    Day,
    /// weeks
    Week,
    /// months
    Month,
}

/// A due found in a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// when
    pub due: Due,
    /// bytes of the words
    pub at: Range<usize>,
}

/// The days a text counts from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base<'a> {
    /// the day of the document
    pub day: Date,
    /// the year it speaks of
    pub year: i16,
    /// the month its title speaks of, if any: its end is the end of the month
    pub month: Option<i8>,
    pub festivals: &'a [Festival],
}

const YEAR: &str = "(?:(?P<y>[0-9]{4})年|(?P<rel>今年|明年|当年|本年|次年|翌年)的?)?";
const PART: &str = "底|末|初|上旬|中旬|下旬|份|中";
const NUMBER: &str = "(?P<n>[0-9]{1,3}|[一二两三四五六七八九十]{1,3})";

struct Patterns {
    rhythm: Regex,
    day: Regex,
    month: Regex,
    quarter: Regex,
    half: Regex,
    year: Regex,
    within: Regex,
    event: Regex,
    near: Regex,
    next: Regex,
    standing: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::new().ok());

impl Patterns {
    fn new() -> Result<Patterns, regex::Error> {
        let month = "(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月";
        let until = "(?:(?:至|到|—|-|~)(?:(?P<y2>[0-9]{4})年)?(?:(?P<m2>1[0-2]|0?[1-9])月)?(?P<d2>[0-3]?[0-9])[日号])?";
        Ok(Patterns {
            rhythm: Regex::new(
                "(?:上、?下半年|上半年、下半年)(?:各|分别)|(?:每个?|按|逐)(?P<r>两周|双周|半个?月|两个?月|季度|季|半年|年度|年|月|周|星期)(?:至少|末|底|初|度)?(?:[0-9]{1,2}[月日](?:前|底前)?)?",
            )?,
            day: Regex::new(&format!(
                "{YEAR}{month}(?P<d>[0-3]?[0-9])[日号]{until}(?:上午|下午|中午|晚上?|下班)?(?:之前|以前|前|止|起)?"
            ))?,
            month: Regex::new(&format!(
                "{YEAR}{month}(?P<part1>{PART})?(?:(?:至|到|-|—)(?:(?P<y2>[0-9]{{4}})年|(?P<rel2>次年|翌年|明年))?(?P<m2>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?P<part>{PART})?)?(?:之前|以前|前|起)?"
            ))?,
            quarter: Regex::new(&format!("{YEAR}第?(?P<q>[一二三四1-4])季度(?:末|底|内)?(?:之前|前)?"))?,
            half: Regex::new(&format!("{YEAR}(?P<h>上半年|下半年|年中)(?:内|末|底)?(?:之前|前)?"))?,
            year: Regex::new(
                "(?:(?P<y>[0-9]{4})年|(?P<rel>今年|明年|当年|本年|次年))?(?:年?底|年?末|年?内|全年)(?:之前|前)?",
            )?,
            within: Regex::new(&format!(
                "{NUMBER}个?(?P<u>工作日|小时|日|天|周|星期|月)(?:之|以)?内|限期(?P<n2>[0-9]{{1,3}}|[一二两三四五六七八九十]{{1,3}})个?(?P<u2>工作日|小时|日|天|周|星期|月)"
            ))?,
            event: Regex::new(&format!(
                "(?:届满|期满|节|会|选举|到期|考核|结束)(?:之)?[前后](?:{NUMBER}(?:个月|个工作日|天|日|周))?"
            ))?,
            near: Regex::new(
                "(?P<w>本周[一二三四五六日天]?|下周[一二三四五六日天]?|本月底?|月底|本季度末?|近期|即日起|立即)(?:之前|前|内)?",
            )?,
            next: Regex::new(
                "(?P<w>本月|这个月|下个?月)(?:(?P<d>[0-3]?[0-9])[日号]|(?P<part>上旬|中旬|下旬|初|底|末|内))(?:之前|以前|前)?",
            )?,
            standing: Regex::new("长期坚持|常年坚持|长期|持续推进|常态化")?,
        })
    }
}

/// Every due a text names, first to last; where two overlap, the more exact one.
pub(super) fn find(text: &str, base: &Base<'_>) -> Vec<Found> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    let mut add = |regex: &Regex, read: &dyn Fn(&Captures<'_>) -> Option<Due>| {
        for captures in regex.captures_iter(text) {
            let Some(at) = captures.get(0).map(|all| all.range()) else { continue };
            let free = found.iter().all(|one| one.at.end <= at.start || at.end <= one.at.start);
            // 对9月份的费用进行核查 says of which month, not by when
            let meant = !text.get(..at.start).unwrap_or_default().ends_with(['对', '自', '从', '把', '由']);
            if let Some(due) = read(&captures).filter(|_| free && meant) {
                found.push(Found { due, at });
            }
        }
    };
    add(&patterns.rhythm, &|c| rhythm(c));
    add(&patterns.day, &|c| day(c, base));
    add(&patterns.within, &|c| within(c));
    add(&patterns.event, &|_| Some(Due::Event));
    add(&patterns.quarter, &|c| quarter(c, base));
    add(&patterns.half, &|c| half(c, base, text));
    add(&patterns.month, &|c| month(c, base, text));
    add(&patterns.year, &|c| year_end(c, base, text));
    add(&patterns.next, &|c| next(c, base));
    add(&patterns.near, &|c| near(c, base));
    add(&patterns.standing, &|_| Some(Due::Standing));
    found.extend(festival(text, base));
    found.sort_by_key(|one| one.at.start);
    found
}

pub(super) fn part<'t>(captures: &Captures<'t>, name: &str) -> Option<&'t str> {
    captures.name(name).map(|found| found.as_str())
}

fn rhythm(captures: &Captures<'_>) -> Option<Due> {
    Some(Due::Every(match part(captures, "r").unwrap_or("半年") {
        "两周" | "双周" => Rhythm::Fortnight,
        "半月" | "半个月" => Rhythm::HalfMonth,
        "两月" | "两个月" => Rhythm::TwoMonths,
        "季" | "季度" => Rhythm::Quarter,
        "半年" => Rhythm::Half,
        "年" | "年度" => Rhythm::Year,
        "月" => Rhythm::Month,
        _ => Rhythm::Week,
    }))
}

/// The year a phrase names, and whether it names one.
fn year(captures: &Captures<'_>, base: &Base<'_>) -> (i16, bool) {
    match (part(captures, "y").and_then(|digits| digits.parse().ok()), part(captures, "rel")) {
        (Some(year), _) => (year, true),
        (_, Some("明年" | "次年" | "翌年")) => (base.day.year() + 1, true),
        (_, Some(_)) => (base.day.year(), true),
        _ => (base.year, false),
    }
}

/// A day without a year is the next one, where the last one is long past.
fn rolled(day: Date, named: bool, base: &Base<'_>) -> Due {
    let past = day.until(base.day).map_or(0, |span| span.get_days());
    let next = if !named && past > 120 { day.checked_add(1.year()).unwrap_or(day) } else { day };
    Due::By(next)
}

fn day(captures: &Captures<'_>, base: &Base<'_>) -> Option<Due> {
    let (year, named) = year(captures, base);
    let (m, d) = (number(part(captures, "m")?)?, number(part(captures, "d")?)?);
    let year = part(captures, "y2").and_then(|digits| digits.parse().ok()).unwrap_or(year);
    let m = part(captures, "m2").and_then(number).unwrap_or(m);
    let d = part(captures, "d2").and_then(number).unwrap_or(d);
    Some(rolled(made(year, m, d)?, named, base))
}

fn month(captures: &Captures<'_>, base: &Base<'_>, text: &str) -> Option<Due> {
    let (year, named) = year(captures, base);
    // 三个月 and 两月 are spans, not the third and second month
    let before = text.get(..captures.get(0)?.start())?;
    if before.ends_with(['每', '个', '第', '半']) || before.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (m, of) = match part(captures, "m2") {
        Some(until) => (number(until)?, part(captures, "part")),
        None => (number(part(captures, "m")?)?, part(captures, "part1")),
    };
    let next = part(captures, "rel2").map(|_| year + 1);
    let year = part(captures, "y2").and_then(|digits| digits.parse().ok()).or(next).unwrap_or(year);
    let end = i64::from(made(year, m, 1)?.days_in_month());
    let last = match of {
        Some("初" | "上旬") => 10,
        Some("中旬" | "中") => 20,
        _ => u32::try_from(end).ok()?,
    };
    Some(rolled(made(year, m, last)?, named, base))
}

fn quarter(captures: &Captures<'_>, base: &Base<'_>) -> Option<Due> {
    let (year, named) = year(captures, base);
    let m = number(part(captures, "q")?)? * 3;
    let first = made(year, m, 1)?;
    Some(rolled(first.last_of_month(), named, base))
}

fn half(captures: &Captures<'_>, base: &Base<'_>, text: &str) -> Option<Due> {
    let (year, named) = year(captures, base);
    // 近两年中 and 全年中 are no middle of a year
    let before = text.get(..captures.get(0)?.start())?;
    let alone = before.is_empty() || before.ends_with(['，', '、', '于', '在', '“']);
    let last = match part(captures, "h")? {
        "年中" if !alone => return None,
        "下半年" => made(year, 12, 31),
        _ => made(year, 6, 30),
    };
    Some(rolled(last?, named, base))
}

fn year_end(captures: &Captures<'_>, base: &Base<'_>, text: &str) -> Option<Due> {
    let all = captures.get(0)?;
    let words = all.as_str();
    // the end of a month or a quarter is read by others; 内 and 底 alone are words of their own
    if !words.contains('年') || text.get(..all.start())?.ends_with(['半', '每']) {
        return None;
    }
    made(year(captures, base).0, 12, 31).map(Due::By)
}

fn within(captures: &Captures<'_>) -> Option<Due> {
    let span = match part(captures, "u").or(part(captures, "u2"))? {
        "工作日" => Span::Workday,
        "小时" => Span::Hour,
        "周" | "星期" => Span::Week,
        "月" => Span::Month,
        _ => Span::Day,
    };
    Some(Due::Within(number(part(captures, "n").or(part(captures, "n2"))?)?, span))
}

fn near(captures: &Captures<'_>, base: &Base<'_>) -> Option<Due> {
    let words = part(captures, "w")?;
    let monday = base.day.checked_sub(i64::from(base.day.weekday().to_monday_zero_offset()).days()).ok()?;
    let last = words
        .chars()
        .last()
        .and_then(|c| "一二三四五六日".chars().position(|day| day == c || (c == '天' && day == '日')));
    let offset = i64::try_from(last.unwrap_or(6)).ok()?;
    let day = match words {
        "即日起" | "立即" | "近期" => return None,
        week if week.starts_with("本周") => monday.checked_add(offset.days()),
        week if week.starts_with("下周") => monday.checked_add((offset + 7).days()),
        quarter if quarter.starts_with("本季度") => {
            return made(base.day.year(), u32::from(base.day.month().unsigned_abs()).div_ceil(3) * 3, 1)
                .map(|first| Due::By(first.last_of_month()));
        }
        _ => {
            let month = base.month.and_then(|month| Date::new(base.day.year(), month, 1).ok()).unwrap_or(base.day);
            return Some(Due::By(month.last_of_month()));
        }
    };
    day.ok().map(Due::By)
}

/// `下月10日前`, `本月中旬`
fn next(captures: &Captures<'_>, base: &Base<'_>) -> Option<Due> {
    let later = i32::from(part(captures, "w")?.starts_with('下'));
    let first = base.day.first_of_month().checked_add(later.months()).ok()?;
    let end = u32::try_from(first.days_in_month()).ok()?;
    let last = match (part(captures, "d"), part(captures, "part")) {
        (Some(digits), _) => number(digits)?,
        (_, Some("初" | "上旬")) => 10,
        (_, Some("中旬")) => 20,
        _ => end,
    };
    made(first.year(), u32::from(first.month().unsigned_abs()), last).map(Due::By)
}

/// `七一前`, `“七一”前夕`; in a row of festivals none is meant alone.
fn festival(text: &str, base: &Base<'_>) -> Option<Found> {
    base.festivals.iter().find_map(|one| text.match_indices(&one.name).find_map(|(at, _)| feast(text, at, one, base)))
}

fn feast(text: &str, at: usize, one: &Festival, base: &Base<'_>) -> Option<Found> {
    let bare = text.get(..at)?.trim_end_matches('“');
    let quoted = at - bare.len();
    let rest = text.get(at + one.name.len()..)?;
    let tail = rest.trim_start_matches('”');
    let ends = ["节前夕", "节前后", "节之前", "节前", "前夕", "前后", "之前", "前"];
    let end = ends.iter().find(|end| tail.starts_with(**end))?;
    let alone = !bare.ends_with(|c: char| "、二三四五六七八九十百第".contains(c));
    let until = text.len() - tail.len() + end.len();
    alone.then_some(Found { due: Due::By(one.after(base.day)?), at: at - quoted..until })
}

pub(super) fn made(year: i16, month: u32, day: u32) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A number in digits or in Chinese, up to 99.
pub(super) fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|known| known == c).or((c == '两').then_some(2));
    let (tens, ones) = match text.split_once('十') {
        None => (0, text.chars().try_fold(0, |sum, c| Some(sum * 10 + digit(c)?))?),
        Some((tens, ones)) => {
            (tens.chars().next().map_or(Some(1), digit)?, ones.chars().next().map_or(Some(0), digit)?)
        }
    };
    u32::try_from(tens * 10 + ones).ok()
}

#[cfg(test)]
mod tests;
