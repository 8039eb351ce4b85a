//! A list of duties from a spreadsheet: each row becomes a clause, and the whole a pack that can be compared and put in
//! force like any other.

use super::columns::{self, Head, names, plain};
use super::sheet;
use crate::form::{Sent, Upload};
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_office::{Sheet, Value, cell};
use std::fmt::Write;

/// The text of an uploaded list as a pack: as it is when it is TOML, made from the rows when it is a spreadsheet; none
/// when nothing was uploaded. The inner error holds words for the user.
pub(crate) async fn list_text(sent: &Sent) -> Result<Result<Option<String>, Vec<String>>, Trouble> {
    let Some(file) = sent.files.first() else { return Ok(Ok(None)) };
    Ok(text(&sent.visit, file).await?.map(Some))
}

/// The text of a file as a pack, or what is wrong with it.
pub(super) async fn text(visit: &Visit, file: &Upload) -> Result<Result<String, Vec<String>>, Trouble> {
    if file.name.to_lowercase().ends_with(".toml") {
        let words = visit.say("文件不是 UTF-8 文本", "the file is no UTF-8 text").to_owned();
        return Ok(String::from_utf8(file.bytes.clone()).map_err(|_| vec![words]));
    }
    let zh = visit.lang == luoshi_rules::Lang::Zh;
    let sheet = match sheet::read(&visit.app, &file.name, &file.bytes).await? {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(vec![fault.say(zh)])),
    };
    let Some(head) = columns::head(&sheet, "duties") else {
        let words = visit.say(
            "没有认出清单：要有“条款编号”“内容”“周期”三列，最好还有“级别”“岗位”“纪实类型”",
            "no list was recognised: it needs a number, a wording and a cadence; level, post and kind of record help",
        );
        return Ok(Err(vec![words.to_owned()]));
    };
    Ok(pack(visit, &sheet, &head, &file.name))
}

fn pack(visit: &Visit, sheet: &Sheet, head: &Head, name: &str) -> Result<String, Vec<String>> {
    let title = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut out = format!(
        "[pack]\nid = \"duties\"\nname = {{ zh = {0}, en = {0} }}\nversion = \"{1}\"\n\n[[section]]\nid = \"list\"\nname = {{ zh = \"责任清单\", en = \"Responsibility list\" }}\n",
        quoted(title),
        visit.today.year()
    );
    let mut faults = Vec::new();
    for row in head.row + 1..sheet.rows.len() {
        let at = Row { visit, sheet, head, row };
        if at.text("id").is_empty() && at.text("text").is_empty() {
            continue;
        }
        match at.clause() {
            Ok(clause) => out.push_str(&clause),
            Err(words) => faults.push(format!("{}{}{} {words}", visit.say("第", "row "), row + 1, visit.say("行", ""))),
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

/// Marks between several words of a cell.
const MARKS: [char; 6] = ['、', ',', '，', ';', '；', '/'];

struct Row<'a> {
    visit: &'a Visit,
    sheet: &'a Sheet,
    head: &'a Head,
    row: usize,
}

impl Row<'_> {
    fn text(&self, key: &str) -> String {
        let value = self.head.columns.get(key).map_or(&Value::Empty, |column| self.sheet.at(self.row, *column));
        cell::text(value).unwrap_or_default()
    }

    fn clause(&self) -> Result<String, String> {
        let (id, text) = (self.text("id"), self.text("text"));
        if id.is_empty() || text.is_empty() {
            return Err(self.visit.say("编号和内容都要填写", "the number and the wording are needed").to_owned());
        }
        let (id, wording, every) = (quoted(&id), quoted(&text), self.every()?);
        let mut out = format!(
            "\n[[clause]]\nid = {id}\ntext = {{ zh = {wording}, en = {wording} }}\nsection = \"list\"\nevery = \"{every}\"\n"
        );
        for line in [self.levels()?, self.post()?, self.times()?, self.due(&every)?].into_iter().flatten() {
            let _ = writeln!(out, "{line}");
        }
        let _ = writeln!(out, "counts = [{{ record = \"{}\" }}]", self.kind(&text)?);
        let source = self.text("source");
        if !source.is_empty() {
            let _ = writeln!(out, "note = {}", quoted(&source));
        }
        Ok(out)
    }

    fn every(&self) -> Result<String, String> {
        let every = self.text("every");
        names().word("every", &every).map(str::to_owned).ok_or_else(|| {
            let words = self.visit.say(
                "周期要写每月、每季度、每半年、每年、每两年至每五年或每届，现为",
                "the cadence must be monthly, quarterly, half-yearly, yearly, every two to five years or each term; it is",
            );
            format!("{words}“{every}”")
        })
    }

    /// The levels a clause binds, several with a mark between them; all when none is named.
    fn levels(&self) -> Result<Option<String>, String> {
        let (text, base) = (self.text("level"), &self.visit.rules.base);
        let mut keys = Vec::new();
        for one in text.split(MARKS).map(str::trim).filter(|one| !one.is_empty()) {
            let named = base.level.iter().find(|level| plain(&level.name.zh) == plain(one)).map(|level| &*level.id);
            let known = named.or_else(|| names().word("level", one)).filter(|id| base.level(id).is_some());
            keys.push(quoted(
                known.ok_or_else(|| format!("{}“{one}”", self.visit.say("不认识级别", "unknown level ")))?,
            ));
        }
        Ok((!keys.is_empty()).then(|| format!("level = [{}]", keys.join(", "))))
    }

    fn post(&self) -> Result<Option<String>, String> {
        let (text, base) = (self.text("post"), &self.visit.rules.base);
        if text.is_empty() {
            return Ok(None);
        }
        let said = plain(&text);
        let found = base.post.iter().find(|one| plain(&one.name.zh) == said || plain(&one.name.en) == said);
        let unknown = || format!("{}“{text}”", self.visit.say("不认识岗位", "unknown post "));
        found.map(|post| Some(format!("post = \"{}\"", post.id))).ok_or_else(unknown)
    }

    fn times(&self) -> Result<Option<String>, String> {
        let Some(column) = self.head.columns.get("times") else { return Ok(None) };
        let value = self.sheet.at(self.row, *column);
        match if value.is_blank() { Ok(1) } else { cell::whole(value) } {
            Ok(1) => Ok(None),
            Ok(times @ 2..=100) => Ok(Some(format!("at_least = {times}"))),
            _ => Err(self.visit.say("次数应为1至100的整数", "the times must be a number from 1 to 100").to_owned()),
        }
    }

    fn due(&self, every: &str) -> Result<Option<String>, String> {
        let text = self.text("due");
        if text.is_empty() {
            return Ok(None);
        }
        let due = due(&text).ok_or_else(|| {
            let words = self.visit.say(
                "到期要写“3月31日”“次年1月底”“期末”或“期后5日”“期后10个工作日”，现为",
                "the due day must read 3月31日, 次年1月底, 期末, 期后5日 or 期后10个工作日; it is",
            );
            format!("{words}“{text}”")
        })?;
        if due.contains('-') && !(every == "year" || every.ends_with("years")) {
            let words =
                self.visit.say("按年的条款才能写几月几日到期", "only yearly clauses can be due on a day of the year");
            return Err(words.to_owned());
        }
        Ok(Some(format!("due = \"{due}\"")))
    }

    /// The kind of record that meets the clause: as said, or the one whose name stands in the wording.
    fn kind(&self, text: &str) -> Result<String, String> {
        let (said, kinds) = (self.text("kind"), self.visit.rules.kinds());
        let named = kinds.iter().find(|kind| !said.is_empty() && plain(&kind.name.zh) == plain(&said));
        let within = || {
            let mut found: Vec<_> = kinds.iter().filter(|kind| text.contains(&kind.name.zh)).collect();
            found.sort_by_key(|kind| std::cmp::Reverse(kind.name.zh.len()));
            found.first().copied()
        };
        let words = self.visit.say(
            "看不出用哪类纪实落实，请在“纪实类型”列写明，如 党课、主题党日、报告",
            "say in the column “kind of record” which kind meets it, such as 党课, 主题党日, 报告",
        );
        named.or_else(within).map(|kind| kind.id.clone()).ok_or_else(|| words.to_owned())
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A due day as people write it, as a pack writes it.
fn due(text: &str) -> Option<String> {
    let text = text.trim_end_matches(['前', '内']).trim_end_matches("之");
    if matches!(text, "期末" | "月末" | "季末" | "季度末" | "半年末" | "年末" | "年底" | "当期") {
        return Some("period_end".into());
    }
    let after = ["期后", "月后", "季后", "季度后", "半年后", "年后"].iter().find_map(|head| text.strip_prefix(head));
    if let Some(length) = after {
        let workdays = length.strip_suffix("个工作日").or_else(|| length.strip_suffix("工作日")).map(|n| (n, "WD"));
        let days = length.strip_suffix(['日', '天']).map(|n| (n, "D"));
        let months = length.strip_suffix("个月").map(|n| (n, "M"));
        let (n, unit) = workdays.or(days).or(months)?;
        return n.parse::<u16>().ok().map(|n| format!("P{n}{unit}_after:period_end"));
    }
    let next = ["次年", "下一年", "翌年"].iter().find_map(|head| text.strip_prefix(head));
    let day = next.unwrap_or(text).trim_start_matches("每年").trim_start_matches("当年");
    let (month, day) = day.split_once('月').or_else(|| day.split_once('-'))?;
    let month: i8 = month.parse().ok()?;
    let first = jiff::civil::Date::new(2023, month, 1).ok()?;
    let day = match day.trim_end_matches(['日', '号']) {
        "底" | "末" => first.days_in_month(),
        day => day.parse().ok()?,
    };
    jiff::civil::Date::new(2023, month, day).ok()?;
    Some(format!("{}{month:02}-{day:02}", if next.is_some() { "P1Y_end+" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::due;
    use luoshi_rules::Due;

    #[test]
    fn a_due_day_is_read_as_people_write_it_and_as_a_pack_understands_it() {
        for (said, read) in [
            ("3月31日前", "03-31"),
            ("每年12月底前", "12-31"),
            ("02-28", "02-28"),
            ("次年1月底", "P1Y_end+01-31"),
            ("次年1月15日之前", "P1Y_end+01-15"),
            ("年底", "period_end"),
            ("季末", "period_end"),
            ("季后5日内", "P5D_after:period_end"),
            ("期后10个工作日", "P10WD_after:period_end"),
            ("年后1个月内", "P1M_after:period_end"),
        ] {
            assert_eq!(due(said).as_deref(), Some(read), "{said}");
            assert!(Due::try_from(read.to_owned()).is_ok(), "{read}");
        }
        for wrong in ["尽快", "13月1日", "2月30日", "期后很久", "-", "月", ""] {
            assert_eq!(due(wrong), None, "{wrong}");
        }
    }
}
