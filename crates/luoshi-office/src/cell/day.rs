//! Days as people write them, to the day or to the month.

use jiff::civil;

use super::{CellFault, plain_sign, refuse_error, shown};
use crate::Value;

/// A day, or a month when no day was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// From 1900 to 2100.
    pub year: i16,
    /// From 1 to 12.
    pub month: i8,
    /// From 1 to the end of the month, if written.
    pub day: Option<i8>,
}

/// Day numbers that are dates: from 1927 to 2100. Below lie years such as 2019 written alone.
const SERIALS: std::ops::Range<f64> = 10_000.0..73_416.0;

/// The day a cell means.
pub fn date(value: &Value) -> Result<Day, CellFault> {
    refuse_error(value)?;
    let fault = || CellFault::NotDate(shown(value));
    match value {
        Value::Date(serial) => of_serial(*serial).ok_or_else(fault),
        Value::Number(number) => of_number(*number).unwrap_or_else(|| Err(fault())),
        Value::Text(raw) => of_text(raw).unwrap_or_else(|| Err(fault())),
        _ => Err(fault()),
    }
}

fn of_number(number: f64) -> Option<Result<Day, CellFault>> {
    if SERIALS.contains(&number) {
        return of_serial(number).map(Ok);
    }
    let text = number.to_string();
    if let Some((year, "1")) = text.split_once('.')
        && let Some(year) = year_of(year)
    {
        return Some(Err(CellFault::Ambiguous(year)));
    }
    of_text(&text)
}

fn of_text(raw: &str) -> Option<Result<Day, CellFault>> {
    let plain: String = without_time(raw).chars().map(plain_sign).filter(|c| !c.is_whitespace()).collect();
    let plain = arabic(&plain);
    let groups: Vec<&str> = groups(&plain)?;
    match groups.as_slice() {
        [all] if all.len() == 8 => made(all.get(..4)?, all.get(4..6)?, Some(all.get(6..)?)),
        [all] if all.len() == 6 => made(all.get(..4)?, all.get(4..)?, None),
        [all] if all.len() == 5 => {
            all.parse().ok().filter(|serial| SERIALS.contains(serial)).and_then(of_serial).map(Ok)
        }
        [year] => year_of(year).map(|_| Err(CellFault::NoMonth(raw.trim().to_owned()))),
        [year, month] => made(year, month, None),
        [year, month, day] => made(year, month, Some(day)),
        _ => None,
    }
}

/// The text before a time of day, if there is one.
fn without_time(raw: &str) -> &str {
    let raw = raw.trim();
    let Some((front, _)) = raw.split_once([':', '：']) else { return raw };
    front.rfind(|c: char| c == 'T' || c.is_whitespace()).and_then(|end| front.get(..end)).unwrap_or(raw)
}

/// The runs of digits of a date; none if anything else is in it.
fn groups(plain: &str) -> Option<Vec<&str>> {
    let separators = ['.', '/', '-', '年', '月', '日', '号', '、', '。', '·', '–', '—', '\\'];
    let inner = plain.trim_end_matches(['.', '年', '月', '日', '号', '。', '份']);
    let groups: Vec<&str> = inner.split(separators).collect();
    let sound = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    groups.iter().all(sound).then_some(groups)
}

fn year_of(text: &str) -> Option<i16> {
    text.parse().ok().filter(|year| text.len() == 4 && (1900..=2100).contains(year))
}

fn made(year: &str, month: &str, day: Option<&str>) -> Option<Result<Day, CellFault>> {
    let year = year_of(year)?;
    let short = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    let month = short(month)?;
    let day = match day {
        Some(day) => Some(short(day)?),
        None => None,
    };
    civil::Date::new(year, month, day.unwrap_or(1)).ok()?;
    Some(Ok(Day { year, month, day }))
}

/// Chinese numerals made Arabic: 二〇一九 digit by digit, 二十一 by its tens.
fn arabic(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = Vec::new();
    for c in text.chars().chain(['\0']) {
        if "〇○零一二三四五六七八九十廿卅".contains(c) {
            run.push(c);
            continue;
        }
        out.push_str(&number(&run));
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn number(run: &[char]) -> String {
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).unwrap_or(0);
    let ones = |rest: &[char]| rest.iter().map(|c| digit(*c).to_string()).collect::<String>();
    let tens = |tens: usize, rest: &[char]| {
        let ones = ones(rest);
        format!("{tens}{}", if ones.is_empty() { "0" } else { &ones })
    };
    match run {
        ['十', rest @ ..] => tens(1, rest),
        ['廿', rest @ ..] => tens(2, rest),
        ['卅', rest @ ..] => tens(3, rest),
        [ten, '十', rest @ ..] => tens(digit(*ten), rest),
        other => ones(other),
    }
}

fn of_serial(serial: f64) -> Option<Day> {
    let date = civil::date(1899, 12, 30).checked_add(jiff::Span::new().try_days(serial.floor() as i64).ok()?).ok()?;
    let known = (1900..=2100).contains(&date.year());
    known.then(|| Day { year: date.year(), month: date.month(), day: Some(date.day()) })
}

/// A day number as `YYYY-MM-DD`.
pub(crate) fn iso(serial: f64) -> Option<String> {
    of_serial(serial).map(|day| format!("{:04}-{:02}-{:02}", day.year, day.month, day.day.unwrap_or(1)))
}

/// The day number of a text such as `2019-07-01T00:00:00`, as some workbooks hold dates.
pub(crate) fn serial_of_iso(text: &str) -> Option<f64> {
    let date: civil::Date = text.get(..10)?.parse().ok()?;
    civil::date(1899, 12, 30).until(date).ok().map(|span| f64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16, month: i8, day: i8) -> Result<Day, CellFault> {
        Ok(Day { year, month, day: Some(day) })
    }

    fn month(year: i16, month: i8) -> Result<Day, CellFault> {
        Ok(Day { year, month, day: None })
    }

    #[test]
    fn a_date_is_read_in_every_form_people_write() {
        let cases = [
            ("2019.7", month(2019, 7)),
            ("2019.07.01", day(2019, 7, 1)),
            ("2019年7月", month(2019, 7)),
            ("2019年7月1日", day(2019, 7, 1)),
            ("2019 年 7 月 1 日", day(2019, 7, 1)),
            ("2019/7/1", day(2019, 7, 1)),
            ("2019-7-1", day(2019, 7, 1)),
            ("20190701", day(2019, 7, 1)),
            ("201907", month(2019, 7)),
            ("43647", day(2019, 7, 1)),
            ("２０１９．７", month(2019, 7)),
            (" 2019 . 7 ", month(2019, 7)),
            ("2019.1", month(2019, 1)),
            ("2019.10", month(2019, 10)),
            ("二〇一九年七月", month(2019, 7)),
            ("二○一九年十二月二十一日", day(2019, 12, 21)),
            ("二零二〇年十月三十日", day(2020, 10, 30)),
            ("2019年7月1日.", day(2019, 7, 1)),
            ("2019-07-01 00:00:00", day(2019, 7, 1)),
            ("2019-07-01T08:30:00", day(2019, 7, 1)),
            ("2020-02-29", day(2020, 2, 29)),
        ];
        for (text, expected) in cases {
            assert_eq!(date(&Value::Text(text.to_owned())), expected, "{text}");
        }
    }

    #[test]
    fn a_number_is_a_day_number_or_a_year_and_month() {
        let cases = [
            (43647.0, day(2019, 7, 1)),
            (43647.99, day(2019, 7, 1)),
            (2019.7, month(2019, 7)),
            (2019.01, month(2019, 1)),
            (2019.11, month(2019, 11)),
            (2019.12, month(2019, 12)),
            (20190701.0, day(2019, 7, 1)),
            (201907.0, month(2019, 7)),
            (2019.1, Err(CellFault::Ambiguous(2019))),
            (2019.0, Err(CellFault::NoMonth("2019".to_owned()))),
        ];
        for (number, expected) in cases {
            assert_eq!(date(&Value::Number(number)), expected, "{number}");
        }
        assert_eq!(date(&Value::Date(43647.25)), day(2019, 7, 1));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in
            ["", "无", "2019.13", "2019-02-29", "19.7", "7/1/2019", "2019.7-2020.3", "99999", "1.2.3", "2019.007"]
        {
            assert!(date(&Value::Text(text.to_owned())).is_err(), "{text}");
        }
        for number in [0.0, -1.0, 1.5, 99_999.0, 201_913.0, 1e300, -1e300, f64::MAX] {
            assert!(date(&Value::Number(number)).is_err(), "{number}");
            assert!(number == 1.5 || number == 0.0 || date(&Value::Date(number)).is_err(), "{number}");
        }
        assert!(date(&Value::Bool(true)).is_err());
    }
}
