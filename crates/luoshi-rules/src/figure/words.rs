//! A number in the trade's words: rounded down with 余, or close below a round one with 近.

use super::{About, Measure};
use crate::{Label, Lang};

/// `n` of a measure with the word for it. From 10,000 on a number rounded by the thousand or more is written in 万.
pub(super) fn words(n: i64, (measure, word): (Measure, &Label), about: Option<About>, lang: Lang) -> String {
    let (n, about) = match measure {
        Measure::Fen => return money(n, about, lang),
        _ => (n, about),
    };
    let (said, how) = rounded(n, about);
    let number = number(said, about, lang);
    let word = word.of(lang);
    match lang {
        Lang::Zh => format!("{}{number}{}{word}", how.before, how.after),
        Lang::En => format!("{}{number} {word}", how.english),
    }
}

/// What stands before and after a rounded number.
struct How {
    before: &'static str,
    after: &'static str,
    english: &'static str,
}

const EXACT: How = How { before: "", after: "", english: "" };

/// The number that is said, and how.
fn rounded(n: i64, about: Option<About>) -> (i64, How) {
    let Some(About { step, near }) = about.filter(|about| about.step > 1 && n >= about.step - about.near) else {
        return (n, EXACT);
    };
    let low = n - n % step;
    match n - low {
        0 => (n, EXACT),
        over if step - over <= near => (low + step, How { before: "近", after: "", english: "nearly " }),
        _ => (low, How { before: "", after: "余", english: "more than " }),
    }
}

fn number(n: i64, about: Option<About>, lang: Lang) -> String {
    let by_thousands = about.is_some_and(|about| about.step >= 1_000);
    match lang {
        Lang::Zh if by_thousands && n >= 10_000 => {
            let (whole, rest) = (n / 10_000, n % 10_000 / 1_000);
            if rest == 0 { format!("{whole}万") } else { format!("{whole}.{rest}万") }
        }
        Lang::Zh => n.to_string(),
        Lang::En => grouped(n),
    }
}

/// `12,345`.
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// Money, kept in fen and said in yuan; rounded ones without fen.
fn money(fen: i64, about: Option<About>, lang: Lang) -> String {
    if about.is_some() {
        return words(fen / 100, (Measure::Items, &Measure::Fen.name()), about, lang);
    }
    let (yuan, rest) = (fen / 100, (fen % 100).abs());
    match lang {
        Lang::Zh => format!("{yuan}.{rest:02}元"),
        Lang::En => format!("{}.{rest:02} yuan", grouped(yuan)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n: i64, measure: Measure, step: i64, near: i64, zh: &str, en: &str) {
        let about = (step > 0).then_some(About { step, near });
        let own = measure.name();
        assert_eq!(words(n, (measure, &own), about, Lang::Zh), zh);
        assert_eq!(words(n, (measure, &own), about, Lang::En), en);
    }

    #[test]
    fn a_number_is_said_as_reports_say_it() {
        check(523, Measure::Sessions, 100, 10, "500余场次", "more than 500 sessions");
        check(18_342, Measure::People, 1_000, 50, "1.8万余名", "more than 18,000 people");
        check(4_960, Measure::People, 1_000, 50, "近5000名", "nearly 5,000 people");
        check(1_034, Measure::People, 10, 0, "1030余名", "more than 1,030 people");
        check(60_400, Measure::PersonTimes, 1_000, 0, "6万余人次", "more than 60,000 person-times");
        check(500, Measure::Sessions, 100, 10, "500场次", "500 sessions");
        check(99, Measure::Sessions, 100, 10, "近100场次", "nearly 100 sessions");
        check(42, Measure::Sessions, 100, 10, "42场次", "42 sessions");
        check(11, Measure::Classes, 0, 0, "11期", "11 classes");
        let about = Some(About { step: 100, near: 10 });
        let word = Label::new("场", "lectures");
        assert_eq!(words(523, (Measure::Sessions, &word), about, Lang::Zh), "500余场");
        assert_eq!(words(523, (Measure::Sessions, &word), about, Lang::En), "more than 500 lectures");
        check(0, Measure::Items, 100, 0, "0项", "0 items");
        check(3_200_050, Measure::Fen, 0, 0, "32000.50元", "32,000.50 yuan");
        check(3_250_000, Measure::Fen, 1_000, 0, "3.2万余元", "more than 32,000 yuan");
    }
}
