//! A list of duties from a spreadsheet: each row becomes a clause, and the whole a pack that can be compared and put in
//! force like any other.

use super::columns::{self, Head, names, plain};
use super::sheet;
use crate::form::Sent;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_office::{Sheet, Value, cell};
use std::fmt::Write;

/// The text of an uploaded list as a pack: as it is when it is TOML, made from the rows when it is a spreadsheet; none
/// when nothing was uploaded. The inner error holds words for the user.
pub(crate) async fn list_text(sent: &Sent) -> Result<Result<Option<String>, Vec<String>>, Trouble> {
    let visit = &sent.visit;
    let Some(file) = sent.files.first() else { return Ok(Ok(None)) };
    if file.name.to_lowercase().ends_with(".toml") {
        let words = visit.say("文件不是 UTF-8 文本", "the file is no UTF-8 text").to_owned();
        return Ok(String::from_utf8(file.bytes.clone()).map(Some).map_err(|_| vec![words]));
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
    Ok(pack(visit, &sheet, &head, &file.name).map(Some))
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
        let base = &self.visit.rules.base;
        let (id, text) = (self.text("id"), self.text("text"));
        if id.is_empty() || text.is_empty() {
            return Err(self.visit.say("编号和内容都要填写", "the number and the wording are needed").to_owned());
        }
        let every = self.text("every");
        let every = names().word("every", &every).ok_or_else(|| {
            let words = self.visit.say(
                "周期要写每月、每季度、每半年或每年，现为",
                "the cadence must be monthly, quarterly, half-yearly or yearly; it is",
            );
            format!("{words}“{every}”")
        })?;
        let mut out = format!(
            "\n[[clause]]\nid = {0}\ntext = {{ zh = {1}, en = {1} }}\nsection = \"list\"\nevery = \"{every}\"\n",
            quoted(&id),
            quoted(&text)
        );
        let level = self.text("level");
        if !level.is_empty() {
            let known = names()
                .word("level", &level)
                .ok_or_else(|| format!("{}“{level}”", self.visit.say("不认识级别", "unknown level ")))?;
            let _ = writeln!(out, "level = [\"{known}\"]");
        }
        let post = self.text("post");
        if let Some(known) = base.post.iter().find(|one| plain(&one.name.zh) == plain(&post)) {
            let _ = writeln!(out, "post = \"{}\"", known.id);
        }
        if let Ok(times @ 2..=100) = self.text("times").parse::<u32>() {
            let _ = writeln!(out, "at_least = {times}");
        }
        let _ = writeln!(out, "counts = [{{ record = \"{}\" }}]", self.kind(&text)?);
        let source = self.text("source");
        if !source.is_empty() {
            let _ = writeln!(out, "note = {}", quoted(&source));
        }
        Ok(out)
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
