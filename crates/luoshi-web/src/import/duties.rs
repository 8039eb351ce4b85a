//! A list of duties from a spreadsheet: each row becomes a clause, and the whole a pack that can be compared and put in
//! force like any other.

use super::columns::{self, Head, names, plain};
use super::sheet;
use crate::form::{Sent, Upload};
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_office::{Sheet, Value, cell};
use luoshi_rules::{Label, Lang};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// What is wrong at a cell of a list.
pub(super) struct Bad {
    /// its row, from 1
    pub row: usize,
    /// the head of its column
    pub column: String,
    /// what it holds
    pub cell: String,
    pub words: String,
}

/// Why a file makes no list.
pub(super) enum Unfit {
    /// it is something else
    Foreign(String),
    /// cells are wrong
    Cells(Vec<Bad>),
}

/// The text of an uploaded list as a pack: as it is when it is TOML, made from the rows when it is a spreadsheet; none
/// when nothing was uploaded. The inner error holds words for the user.
pub(crate) async fn list_text(sent: &Sent) -> Result<Result<Option<String>, Vec<String>>, Trouble> {
    let Some(file) = sent.files.first() else { return Ok(Ok(None)) };
    let visit = &sent.visit;
    let told = |bad: Bad| match visit.lang {
        Lang::Zh => format!("第{}行“{}”：{}", bad.row, bad.column, bad.words),
        Lang::En => format!("row {}, “{}”: {}", bad.row, bad.column, bad.words),
    };
    Ok(match text(visit, file).await? {
        Ok(text) => Ok(Some(text)),
        Err(Unfit::Foreign(words)) => Err(vec![words]),
        Err(Unfit::Cells(all)) => Err(all.into_iter().map(told).collect()),
    })
}

/// The text of a file as a pack, or what is wrong with it.
pub(super) async fn text(visit: &Visit, file: &Upload) -> Result<Result<String, Unfit>, Trouble> {
    if file.name.to_lowercase().ends_with(".toml") {
        let words = visit.say("文件不是 UTF-8 文本", "the file is no UTF-8 text").to_owned();
        return Ok(String::from_utf8(file.bytes.to_vec()).map_err(|_| Unfit::Foreign(words)));
    }
    let sheet = match sheet::read(&visit.app, &file.name, &file.bytes).await? {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(Unfit::Foreign(fault.say(visit.lang == Lang::Zh)))),
    };
    let Some(head) = columns::head(&sheet, "duties") else {
        let words = visit.say(
            "没有认出清单：要有“条款编号”“内容”“周期”三列，最好还有“级别”“岗位”“纪实类型”",
            "no list was recognised: it needs a number, a wording and a cadence; level, post and kind of record help",
        );
        return Ok(Err(Unfit::Foreign(words.to_owned())));
    };
    Ok(pack(visit, &sheet, &head, &file.name).map_err(Unfit::Cells))
}

fn pack(visit: &Visit, sheet: &Sheet, head: &Head, name: &str) -> Result<String, Vec<Bad>> {
    let title = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (mut clauses, mut sources) = (String::new(), BTreeSet::new());
    let (mut bad, mut seen) = (Vec::new(), HashMap::new());
    for row in head.row + 1..sheet.rows.len() {
        let at = Row { visit, sheet, head, row, bad: RefCell::default() };
        if at.text("id").is_empty() && at.text("text").is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(at.text("id"), row + 1) {
            at.wrong(
                "id",
                format!("{}{first}{}", visit.say("编号与第", "the same number as row "), visit.say("行重复", "")),
            );
        }
        clauses.push_str(&at.clause());
        sources.insert(at.text("source"));
        bad.extend(at.bad.take());
    }
    if !bad.is_empty() {
        return Err(bad);
    }
    let mut out = format!(
        "[pack]\nid = \"duties\"\nname = {{ zh = {0}, en = {0} }}\nversion = \"{1}\"\n\n[[section]]\nid = \"list\"\nname = {{ zh = \"责任清单\", en = \"Responsibility list\" }}\n",
        quoted(title),
        visit.today.year()
    );
    for source in sources.iter().filter(|source| !source.is_empty()).map(|source| quoted(source)) {
        let _ = write!(out, "\n[[source]]\nid = {source}\nname = {{ zh = {source}, en = {source} }}\n");
    }
    Ok(out + &clauses)
}

/// Marks between several words of a cell.
const MARKS: [char; 6] = ['、', ',', '，', ';', '；', '/'];

struct Row<'a> {
    visit: &'a Visit,
    sheet: &'a Sheet,
    head: &'a Head,
    row: usize,
    /// what was found to be wrong with it so far
    bad: RefCell<Vec<Bad>>,
}

impl Row<'_> {
    fn text(&self, key: &str) -> String {
        let value = self.head.columns.get(key).map_or(&Value::Empty, |column| self.sheet.at(self.row, *column));
        cell::text(value).unwrap_or_default()
    }

    fn wrong(&self, key: &str, words: String) {
        let head = self.head.columns.get(key).map(|column| self.sheet.at(self.head.row, *column));
        let named = head.and_then(|head| cell::text(head).ok()).filter(|head| !head.is_empty());
        let column = named.unwrap_or_else(|| self.visit.of(&names().column("duties", key)).to_owned());
        self.bad.borrow_mut().push(Bad { row: self.row + 1, column, cell: self.text(key), words });
    }

    /// The row as a clause of a pack; what is wrong with it is told and left out.
    fn clause(&self) -> String {
        let (id, text, source) = (self.text("id"), self.text("text"), self.text("source"));
        for (key, _) in [("id", &id), ("text", &text)].into_iter().filter(|(_, said)| said.is_empty()) {
            self.wrong(key, self.visit.say("请填写", "please fill in").to_owned());
        }
        // it stands in addresses of pages
        if id.chars().count() > 20 || id.contains(['/', '\\', '?', '#', '%', '&']) || id.contains(char::is_whitespace) {
            let words = self.visit.say(
                "编号最多20字，不能有空格和 / \\ ? # % &",
                "a number has at most 20 characters, no spaces and none of / \\ ? # % &",
            );
            self.wrong("id", words.to_owned());
        }
        let (id, wording, every) = (quoted(&id), quoted(&text), self.every());
        let mut out = format!(
            "\n[[clause]]\nid = {id}\ntext = {{ zh = {wording}, en = {wording} }}\nsection = \"list\"\nevery = \"{every}\"\n"
        );
        for line in [self.levels(), self.classes(), self.post(), self.times(), self.due(&every)].into_iter().flatten() {
            let _ = writeln!(out, "{line}");
        }
        let counts: Vec<_> = self.kinds(&text).iter().map(|kind| format!("{{ record = \"{kind}\" }}")).collect();
        let _ = writeln!(out, "counts = [{}]", counts.join(", "));
        if !source.is_empty() {
            let _ = writeln!(out, "source = {}", quoted(&source));
        }
        out
    }

    fn every(&self) -> String {
        let every = self.text("every");
        let known = names().word("every", &every).map(str::to_owned);
        known.unwrap_or_else(|| {
            let words = self.visit.say(
                "周期要写每月、每季度、每半年、每年、每两年至每五年或每届；随事项发生的条款请用 .toml。现为",
                "the cadence must be monthly, quarterly, half-yearly, yearly, every two to five years or each term; what follows events needs a .toml. It is ",
            );
            self.wrong("every", format!("{words}“{every}”"));
            String::new()
        })
    }

    /// The levels a clause binds, several with a mark between them; all when none is named.
    fn levels(&self) -> Option<String> {
        let known: Vec<_> = self.visit.rules.base.level.iter().map(|one| (one.id.as_str(), &one.name)).collect();
        self.keys("level", ("级别", "level"), &known)
    }

    /// The classes of units it binds, in the same way.
    fn classes(&self) -> Option<String> {
        let known: Vec<_> = self.visit.rules.base.class.iter().map(|one| (one.id.as_str(), &one.name)).collect();
        self.keys("class", ("类别", "class"), &known)
    }

    fn keys(&self, column: &str, called: (&str, &str), known: &[(&str, &Label)]) -> Option<String> {
        let text = self.text(column);
        let mut keys = Vec::new();
        for one in text.split(MARKS).map(str::trim).filter(|one| !one.is_empty()) {
            let named = known.iter().find(|(_, name)| is_called(name, one)).map(|(id, _)| *id);
            let said = || names().word(column, one).filter(|id| known.iter().any(|(key, _)| key == id));
            match named.or_else(said) {
                Some(key) => keys.push(quoted(key)),
                None => self.unknown(column, called, one, known.iter().map(|(_, name)| *name)),
            }
        }
        (!keys.is_empty()).then(|| format!("{column} = [{}]", keys.join(", ")))
    }

    fn unknown<'n>(&self, key: &str, (zh, en): (&str, &str), said: &str, known: impl Iterator<Item = &'n Label>) {
        let known: Vec<&str> = known.map(|name| self.visit.of(name)).collect();
        let words = match self.visit.lang {
            Lang::Zh => format!("不认识{zh}“{said}”；可以写：{}", known.join("、")),
            Lang::En => format!("unknown {en} “{said}”; write one of: {}", known.join(", ")),
        };
        self.wrong(key, words);
    }

    fn post(&self) -> Option<String> {
        let (text, base) = (self.text("post"), &self.visit.rules.base);
        if text.is_empty() {
            return None;
        }
        let found = base.post.iter().find(|one| is_called(&one.name, &text));
        if found.is_none() {
            let known = base.post.iter().filter(|post| !post.round).map(|post| &post.name);
            self.unknown("post", ("岗位", "post"), &text, known);
        }
        found.map(|post| format!("post = \"{}\"", post.id))
    }

    fn times(&self) -> Option<String> {
        let value = self.sheet.at(self.row, *self.head.columns.get("times")?);
        match if value.is_blank() { Ok(1) } else { cell::whole(value) } {
            Ok(1) => None,
            Ok(times @ 2..=100) => Some(format!("at_least = {times}")),
            _ => {
                let words = self.visit.say("次数应为1至100的整数", "the times must be a number from 1 to 100");
                self.wrong("times", words.to_owned());
                None
            }
        }
    }

    fn due(&self, every: &str) -> Option<String> {
        let text = self.text("due");
        if text.is_empty() {
            return None;
        }
        let Some(due) = due(&text) else {
            let words = self.visit.say(
                "到期要写“3月31日”“次年1月底”“期末”或“期后5日”“期后10个工作日”，现为",
                "the due day must read 3月31日, 次年1月底, 期末, 期后5日 or 期后10个工作日; it is ",
            );
            self.wrong("due", format!("{words}“{text}”"));
            return None;
        };
        if due.contains('-') && !every.is_empty() && !(every == "year" || every.ends_with("years")) {
            let words =
                self.visit.say("按年的条款才能写几月几日到期", "only yearly clauses can be due on a day of the year");
            self.wrong("due", words.to_owned());
        }
        Some(format!("due = \"{due}\""))
    }

    /// The kinds of record that meet the clause: as said, or the one whose name stands in the wording.
    fn kinds(&self, text: &str) -> Vec<String> {
        let (said, kinds) = (self.text("kind"), self.visit.rules.kinds());
        let named = |one: &str| {
            let known = kinds.iter().find(|kind| is_called(&kind.name, one)).map(|kind| kind.id.clone());
            known.or_else(|| names().word("kind", one).map(str::to_owned))
        };
        let words = said.split(MARKS).map(str::trim).filter(|one| !one.is_empty());
        let all: Option<Vec<String>> = words.map(named).collect();
        if let Some(all) = all.filter(|all| !all.is_empty()) {
            return all;
        }
        let mut within: Vec<_> = kinds.iter().filter(|kind| text.contains(&kind.name.zh)).collect();
        within.sort_by_key(|kind| std::cmp::Reverse(kind.name.zh.len()));
        if let Some(kind) = within.first() {
            return vec![kind.id.clone()];
        }
        let words = self.visit.say(
            "看不出用哪类纪实落实，请在“纪实类型”列写明，如 党课、主题党日、报告",
            "say in the column “kind of record” which kind meets it, such as 党课, 主题党日, 报告",
        );
        self.wrong("kind", words.to_owned());
        Vec::new()
    }
}

/// Whether people call it so.
fn is_called(name: &Label, said: &str) -> bool {
    let said = plain(said);
    plain(&name.zh) == said || plain(&name.en) == said
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A due day as people write it, as a pack writes it.
fn due(text: &str) -> Option<String> {
    let text = text.trim_end_matches(['前', '内']).trim_end_matches("之");
    if let Some(length) = text.strip_suffix(" after") {
        let read = |word: &str, unit: &'static str| Some((length.strip_suffix(word)?.parse::<u16>().ok()?, unit));
        let (n, unit) = read(" working days", "WD").or(read(" days", "D")).or(read(" months", "M"))?;
        return Some(format!("P{n}{unit}_after:period_end"));
    }
    if matches!(text, "end of the period" | "期末" | "月末" | "季末" | "季度末" | "半年末" | "年末" | "年底" | "当期")
    {
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
    let next = ["next year ", "次年", "下一年", "翌年"].iter().find_map(|head| text.strip_prefix(head));
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
            ("end of the period", "period_end"),
            ("10 working days after", "P10WD_after:period_end"),
            ("next year 01-31", "P1Y_end+01-31"),
        ] {
            assert_eq!(due(said).as_deref(), Some(read), "{said}");
            assert!(Due::try_from(read.to_owned()).is_ok(), "{read}");
        }
        for wrong in ["尽快", "13月1日", "2月30日", "期后很久", "-", "月", ""] {
            assert_eq!(due(wrong), None, "{wrong}");
        }
    }
}
