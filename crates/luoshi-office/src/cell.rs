//! Cells as people really keep them, read as what they mean. Pure: a value in, a meaning or a fault out.
//!
//! Every function answers [`CellFault::Blank`] to an empty cell; whether that is a fault is for the caller to say.

mod day;

use serde::{Deserialize, Serialize};

pub use day::{Day, date};
pub(crate) use day::{iso, serial_of_iso};

use crate::Value;

/// Above this Excel has dropped digits: it keeps fifteen.
const EXACT: f64 = 1e15;

/// Why a cell does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CellFault {
    /// Nothing is there.
    Blank,
    /// A formula that failed, such as `#N/A`.
    Formula(String),
    /// No date, or a day that does not exist.
    NotDate(String),
    /// A number such as 2019.1, of this year: January, or October that lost its zero.
    Ambiguous(i16),
    /// A year without a month.
    NoMonth(String),
    /// No whole number.
    NotWhole(String),
    /// Not digits alone.
    NotDigits(String),
    /// Digits that Excel turned into scientific notation.
    Ruined(String),
}

impl CellFault {
    /// What is wrong and what to write instead, in Chinese or in English.
    pub fn say(&self, zh: bool) -> String {
        let (chinese, english) = match self {
            CellFault::Blank => ("此格为空，请填写。".to_owned(), "The cell is empty; fill it in.".to_owned()),
            CellFault::Formula(error) => (
                format!("公式出错（{error}）。请改填数值或文字。"),
                format!("The formula failed ({error}). Enter the value or text itself."),
            ),
            CellFault::NotDate(text) => (
                format!("“{text}”不是日期。请写成 2019-07-01 或 2019年7月。"),
                format!("“{text}” is no date. Write 2019-07-01 or 2019年7月."),
            ),
            CellFault::Ambiguous(year) => (
                format!("{year}.1 可能是 1 月，也可能是丢了零的 10 月。请写成 {year}-01 或 {year}-10。"),
                format!("{year}.1 may be January, or October without its zero. Write {year}-01 or {year}-10."),
            ),
            CellFault::NoMonth(text) => (
                format!("“{text}”只有年份。请写到月，如 2019年7月。"),
                format!("“{text}” is a year alone. Add the month, as in 2019年7月."),
            ),
            CellFault::NotWhole(text) => {
                (format!("“{text}”不是整数。请只填数字。"), format!("“{text}” is no whole number. Enter digits alone."))
            }
            CellFault::NotDigits(text) => {
                (format!("“{text}”不是号码。请只填数字。"), format!("“{text}” is no such number. Enter digits alone."))
            }
            CellFault::Ruined(text) => (
                format!("“{text}”：Excel 把号码变成了科学计数，末几位已丢失。请把此列设为“文本”格式后重新填写。"),
                format!(
                    "“{text}”: Excel turned the number into scientific notation; the digits are lost. Format the column as text and enter it again."
                ),
            ),
        };
        if zh { chinese } else { english }
    }
}

impl std::fmt::Display for CellFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.say(false))
    }
}

/// The words of a cell: trimmed, full-width letters and digits made plain, stray spaces inside removed.
///
/// Chinese punctuation stays: `（一）` is not `(一)`. A text of Chinese alone loses all its spaces, so `张　三` is `张三`.
pub fn text(value: &Value) -> Result<String, CellFault> {
    match value {
        Value::Text(raw) => {
            let plain: String = raw.chars().map(plain_word).collect();
            let joint = if plain.chars().all(|c| c.is_whitespace() || is_chinese(c)) { "" } else { " " };
            filled(plain.split_whitespace().collect::<Vec<_>>().join(joint))
        }
        other => Ok(shown(other)).and_then(|text| refuse_error(other).and(filled(text))),
    }
}

/// A whole number, also one stored as text: `１，２００`, ` 1,200 `, `12.0`.
pub fn whole(value: &Value) -> Result<i64, CellFault> {
    refuse_error(value)?;
    let fault = || CellFault::NotWhole(shown(value));
    match value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < EXACT => Ok(*number as i64),
        Value::Text(raw) => {
            let compact = compact(raw);
            let unsigned = compact.strip_prefix(['-', '+']).unwrap_or(&compact);
            let (digits, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
            if digits.is_empty() || decimals.chars().any(|c| c != '0') || !is_grouped(digits) {
                return Err(fault());
            }
            let sign = if compact.starts_with('-') { "-" } else { "" };
            format!("{sign}{}", digits.replace(',', "")).parse().map_err(|_| fault())
        }
        _ => Err(fault()),
    }
}

/// The digits of an identity number or a telephone, as text. The last may be `X`, the first a `+`.
pub fn digits(value: &Value) -> Result<String, CellFault> {
    refuse_error(value)?;
    match value {
        Value::Number(number) if number.abs() >= EXACT => Err(CellFault::Ruined(format!("{number:E}"))),
        Value::Number(number) if number.fract() == 0.0 && *number >= 0.0 => Ok(format!("{number:.0}")),
        Value::Text(raw) => {
            let compact = compact(raw);
            if is_scientific(&compact) {
                return Err(CellFault::Ruined(raw.trim().to_owned()));
            }
            let kept = compact.replace(['-', '–', '—', '\'', '(', ')'], "").to_ascii_uppercase();
            let inner = kept.strip_prefix('+').unwrap_or(&kept);
            let inner = inner.strip_suffix('X').unwrap_or(inner);
            let sound = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
            if sound { Ok(kept) } else { Err(CellFault::NotDigits(raw.trim().to_owned())) }
        }
        other => Err(CellFault::NotDigits(shown(other))),
    }
}

fn refuse_error(value: &Value) -> Result<(), CellFault> {
    match value {
        Value::Empty => Err(CellFault::Blank),
        Value::Text(raw) if raw.trim().is_empty() => Err(CellFault::Blank),
        Value::Error(name) => Err(CellFault::Formula(name.to_string())),
        _ => Ok(()),
    }
}

fn filled(text: String) -> Result<String, CellFault> {
    if text.is_empty() { Err(CellFault::Blank) } else { Ok(text) }
}

/// A value as the sheet shows it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Date(serial) => iso(*serial).unwrap_or_else(|| serial.to_string()),
        Value::Bool(claim) => if *claim { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Error(name) => name.to_string(),
    }
}

/// Full-width signs made plain and every space removed.
fn compact(raw: &str) -> String {
    raw.chars().map(plain_sign).filter(|c| !c.is_whitespace()).collect()
}

fn plain_sign(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn plain_word(c: char) -> char {
    match c {
        '，' | '；' | '：' | '！' | '？' | '（' | '）' | '～' => c,
        c => plain_sign(c),
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '·' | '•')
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '，' | '；' | '：' | '！' | '？' | '（' | '）')
}

fn is_grouped(digits: &str) -> bool {
    let mut groups = digits.split(',');
    let first = groups.next().unwrap_or_default();
    let plain = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let headed = !first.is_empty() && plain(first) && (rest.is_empty() || first.len() <= 3);
    headed && rest.iter().all(|group| group.len() == 3 && plain(group))
}

fn is_scientific(text: &str) -> bool {
    let Some((front, exponent)) = text.split_once(['e', 'E']) else { return false };
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number(front) && number(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn words_are_read_without_the_accidents_of_typing() {
        let cases = [
            (t(" 张　三 "), "张三"),
            (t("欧阳 修"), "欧阳修"),
            (t("买买提 · 艾力"), "买买提·艾力"),
            (t("ＡＢＣ　１２３"), "ABC 123"),
            (t("John   Smith"), "John Smith"),
            (t("第一 支部（机关）"), "第一支部（机关）"),
            (t("3 号楼"), "3 号楼"),
            (Value::Number(12.0), "12"),
            (Value::Number(1.5), "1.5"),
            (Value::Date(43647.0), "2019-07-01"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(&value).as_deref(), Ok(expected), "{value:?}");
        }
        assert_eq!(text(&Value::Empty), Err(CellFault::Blank));
        assert_eq!(text(&t(" 　 ")), Err(CellFault::Blank));
        assert_eq!(text(&Value::Error("#N/A".into())), Err(CellFault::Formula("#N/A".into())));
    }

    #[test]
    fn whole_numbers_are_read_however_they_are_stored() {
        let cases = [
            (Value::Number(25.0), 25),
            (Value::Number(-3.0), -3),
            (t("25"), 25),
            (t(" １，２００ "), 1200),
            (t("1,234,567"), 1_234_567),
            (t("12.0"), 12),
            (t("－7"), -7),
        ];
        for (value, expected) in cases {
            assert_eq!(whole(&value), Ok(expected), "{value:?}");
        }
        for wrong in [t("1,2"), t("2.5"), t("十"), t(","), t("--1"), t("1,2345"), t("."), t("99999999999999999999")] {
            assert!(matches!(whole(&wrong), Err(CellFault::NotWhole(_))), "{wrong:?}");
        }
        for wrong in [Value::Number(2.5), Value::Number(1e15), Value::Bool(true), Value::Date(43647.0)] {
            assert!(matches!(whole(&wrong), Err(CellFault::NotWhole(_))), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_of_people_keep_their_digits_or_are_refused() {
        let cases = [
            (t("510102199001011234"), "510102199001011234"),
            (t(" 5101 0219-9001 01123ｘ"), "51010219900101123X"),
            (t("１３８００１３８０００"), "13800138000"),
            (t("+86 138-0013-8000"), "+8613800138000"),
            (t("（028）8612 3456"), "02886123456"),
            (t("'510102199001011234"), "510102199001011234"),
            (Value::Number(13_800_138_000.0), "13800138000"),
        ];
        for (value, expected) in cases {
            assert_eq!(digits(&value).as_deref(), Ok(expected), "{value:?}");
        }
        for ruined in [t("5.10102E+17"), t("5.1e17"), Value::Number(510_102_199_001_011_234.0), Value::Number(1e15)] {
            assert!(matches!(digits(&ruined), Err(CellFault::Ruined(_))), "{ruined:?}");
        }
        for wrong in [t("无"), t("X"), t("12X3"), t("-"), Value::Number(1.5), Value::Number(-1.0)] {
            assert!(matches!(digits(&wrong), Err(CellFault::NotDigits(_))), "{wrong:?}");
        }
    }

    #[test]
    fn every_fault_speaks_both_languages() {
        let text = || "x".to_owned();
        let faults = [
            CellFault::Blank,
            CellFault::Formula(text()),
            CellFault::NotDate(text()),
            CellFault::Ambiguous(2019),
            CellFault::NoMonth(text()),
            CellFault::NotWhole(text()),
            CellFault::NotDigits(text()),
            CellFault::Ruined(text()),
        ];
        for fault in faults {
            assert!(fault.say(true).contains('。') && fault.say(false).ends_with('.'), "{fault:?}");
        }
    }
}
