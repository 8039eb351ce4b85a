//! The day of a document: from its last line, from what its page says, or from the year in its number or title.

use super::due::{made, number, part};
use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

/// The last full date of a text that stands alone on its line, or after the words of a page that say when it appeared.
pub fn find(text: &str, left_out: &[String]) -> Option<Date> {
    let own = text.lines().rev().find_map(|line| full(line).filter(|(_, alone)| *alone));
    let shown = || left_out.iter().find_map(|line| full(line));
    let year = || text.lines().take(12).find_map(year_of_number).or_else(|| year_of_title(text.lines().next()?));
    own.or_else(shown).map(|(day, _)| day).or_else(|| made(year()?, 1, 1))
}

/// `2023年工作要点`
fn year_of_title(title: &str) -> Option<i16> {
    let (head, _) = title.split_once('年')?;
    head.get(head.len().checked_sub(4)?..)?.parse().ok().filter(|year| (2000..2100).contains(year))
}

/// A full date in a line, and whether the line has little else.
fn full(line: &str) -> Option<(Date, bool)> {
    static FULL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("(?P<y>20[0-9]{2})[年./-](?P<m>[01]?[0-9])[月./-](?P<d>[0-3]?[0-9])日?").ok());
    let captures = FULL.as_ref()?.captures(line)?;
    let year = part(&captures, "y")?.parse().ok()?;
    let day = made(year, number(part(&captures, "m")?)?, number(part(&captures, "d")?)?)?;
    let rest = line.len() - captures.get(0)?.len();
    Some((day, rest <= "（印发）".len()))
}

/// The year in the number of a document, `〔2023〕5号`.
fn year_of_number(line: &str) -> Option<i16> {
    let (_, rest) = line.split_once(['〔', '[', '［', '【'])?;
    let (digits, tail) = rest.split_once(['〕', ']', '］', '】'])?;
    (tail.contains('号')).then(|| digits.parse().ok()).flatten().filter(|year| (2000..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_day_of_a_document_is_found() {
        for (text, left_out, day) in [
            ("通知\n内容\n2023年3月15日", "", Some(date(2023, 3, 15))),
            ("讲话\n2022年5月1日以来，成绩很大。", "发布时间：2023-04-10 来源：党委", Some(date(2023, 4, 10))),
            ("澄水党〔2022〕5号\n通知", "", Some(date(2022, 1, 1))),
            ("2021年工作要点\n正文", "", Some(date(2021, 1, 1))),
            ("没有日期", "", None),
        ] {
            assert_eq!(find(text, &[left_out.to_owned()]), day, "{text}");
        }
    }
}
