//! The archive of a year of one unit: everything it did, owed and answered, in files that open without this program,
//! with digests. Equal facts make an equal archive.

use crate::export::{attachment, body, kept};
use crate::obligation::{self, Ledger};
use crate::routes::Routes;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use crate::{holding as posts, matter, record as records};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::{Date, date};
use luoshi_office::{Bundle, Cell, Format, Kind, Table};
use luoshi_rules::{Obligation, Scope, Unit, Verb};
use luoshi_store::record::{self, File as Attachment, Filter};
use luoshi_store::{Fault, Tx, holding, plan};
use maud::{DOCTYPE, Markup, html};
use serde_json::json;
use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;

pub fn routes() -> Routes {
    Routes::new().route("/units/{unit}/{year}/archive", get(take))
}

async fn take(visit: Visit, Place((id, Year(year))): Place<(i64, Year)>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let ledger = obligation::ledger(&visit, &at, year, None).await?;
    let matters = matter::ledger(&visit, &at, year).await?;
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
    let title = format!("{} {year} {}", at.short_name, visit.say("归档", "archive"));
    let year = Arc::new(OfYear { visit, at, year, scope, ledger, matters });
    year.visit.took(&year.at, luoshi_store::sight::Sort::Archive);
    let (app, shared) = (year.visit.app.clone(), year.clone());
    let file = app.read_long(move |tx| shared.write(tx)).await?;
    Ok((attachment(&title, "zip", "application/zip"), body(file)?).into_response())
}

/// A year of a unit, and what was read of it already.
struct OfYear {
    visit: Visit,
    at: Unit,
    year: i16,
    scope: Scope,
    ledger: Arc<Ledger>,
    matters: Table,
}

fn broken(fault: luoshi_office::Fault) -> Fault {
    Fault::Engine(format!("{fault:?}"))
}

impl OfYear {
    fn days(&self) -> (Date, Date) {
        (date(self.year, 1, 1), date(self.year, 12, 31))
    }

    fn write(&self, tx: &Tx) -> Result<File, Fault> {
        let mut out = Bundle::begin(tempfile::tempfile().map_err(kept)?);
        let mut lists = Vec::new();
        for (name, table) in [
            ("records", self.records(tx)?),
            ("duties", self.duties()),
            ("follow-ups", self.matters.clone()),
            ("posts", self.posts(tx)?),
            ("plans", self.plans(tx)?),
        ] {
            for format in [Format::Xlsx, Format::Json] {
                let bytes = table.write(format).map_err(broken)?;
                out.add(&format!("{name}.{}", format.extension()), &bytes).map_err(broken)?;
            }
            lists.push((name, table));
        }
        let files = self.files(tx, &mut out)?;
        out.add("index.html", self.index(&lists, &files).into_string().as_bytes()).map_err(broken)?;
        let missing: Vec<&str> = files.iter().filter(|one| !one.sound).map(|one| one.to.as_str()).collect();
        let about = json!({ "unit": self.at.full_name, "year": self.year, "missing_or_changed": missing });
        out.end(about).map_err(broken)
    }

    fn records(&self, tx: &Tx) -> Result<Table, Fault> {
        let (first, last) = self.days();
        let filter = Filter { kind: String::new(), first, last, unit: self.at.id, after: None, most: 0 };
        let mut table = records::table(&self.visit, "", self.year);
        let names = records::all_names(&self.visit, tx, self.at.top)?;
        record::each(tx, &self.scope, &filter, |line| {
            table.rows.push(records::cells(&self.visit, &line, (&names, &self.at.path)));
            Ok(())
        })?;
        Ok(table)
    }

    fn duties(&self) -> Table {
        let own: Vec<&Obligation> = self.ledger.of_unit(self.at.id).collect();
        let mut table = obligation::table(&self.visit, &own, &self.ledger, &Default::default());
        table.note = String::new(); // the day it was taken is no fact
        table
    }

    fn posts(&self, tx: &Tx) -> Result<Table, Fault> {
        let scope = self.visit.actor.scope(&self.visit.rules.base, Verb::People, &self.at)?;
        let (first, last) = self.days();
        let mut held = holding::of_unit(tx, &scope, self.at.id)?;
        held.retain(|line| line.from <= last && line.until.is_none_or(|until| until >= first));
        Ok(posts::table(&self.visit, &self.at, &held))
    }

    fn plans(&self, tx: &Tx) -> Result<Table, Fault> {
        let say = |zh: &'static str, en: &'static str| self.visit.say(zh, en);
        let mut table = Table::new(say("安排", "Plans"))
            .column("on", say("日期", "Day"), Kind::Date)
            .column("at", say("时间", "Time"), Kind::Text)
            .column("kind", say("类型", "Kind"), Kind::Text)
            .column("topic", say("主题", "Topic"), Kind::Text)
            .column("place", say("地点", "Place"), Kind::Text)
            .column("reading", say("学习材料", "To read"), Kind::Text);
        let plans = plan::of_unit(tx, &self.scope, self.at.id, self.days())?;
        table.rows = plans
            .iter()
            .map(|one| {
                vec![
                    Cell::Date(one.on.to_string()),
                    one.at.as_str().into(),
                    obligation::kind_name(&self.visit, &one.kind).into(),
                    one.topic.as_str().into(),
                    one.place.as_str().into(),
                    one.reading.as_str().into(),
                ]
            })
            .collect();
        Ok(table)
    }

    /// Copies every attachment, and tells which are not there or not what they were.
    fn files(&self, tx: &Tx, out: &mut Bundle<File>) -> Result<Vec<Kept>, Fault> {
        let mut files = Vec::new();
        for (record, seq, file) in record::files_of(tx, &self.scope, self.at.id, self.days())? {
            let to = format!("files/{record}/{seq}-{}", file.name.replace('/', "_"));
            let read = tokio::runtime::Handle::current().block_on(self.visit.app.setup().files.read(&file.digest));
            let (to, sound) = match read {
                Ok(bytes) => (out.copy(&to, &mut bytes.as_slice()).map_err(broken)?.name, true),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => (to, false),
                // of what cannot be read now nobody may say that it is missing
                Err(error) if error.kind() == ErrorKind::NotConnected => return Err(Fault::Away(error.to_string())),
                Err(error) => return Err(kept(error)),
            };
            files.push(Kept { to, sound, file });
        }
        Ok(files)
    }
}

/// An attachment in the archive.
struct Kept {
    /// where it stands
    to: String,
    /// whether it is what was once attached
    sound: bool,
    file: Attachment,
}

const STYLE: &str = "body{font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;margin:2rem;line-height:1.6}\
table{border-collapse:collapse;margin-bottom:2rem}th,td{border:1px solid #bbb;padding:.2rem .5rem;text-align:left;\
vertical-align:top}thead{background:#eee}";

impl OfYear {
    /// The page one opens first.
    fn index(&self, lists: &[(&'static str, Table)], files: &[Kept]) -> Markup {
        let say = |zh: &'static str, en: &'static str| self.visit.say(zh, en);
        html! {
            (DOCTYPE)
            html lang=(say("zh-CN", "en")) {
                head { meta charset="utf-8"; title { (self.at.full_name) " " (self.year) } style { (STYLE) } }
                body {
                    h1 { (self.at.full_name) " " (self.year) }
                    p { (say("每张表另有 .xlsx 和 .json。校验：在解压后的文件夹中运行 sha256sum -c SHA256SUMS。",
                        "Each list is there as .xlsx and .json too. To check: run sha256sum -c SHA256SUMS in the unpacked folder.")) }
                    @for (name, table) in lists { (list(name, table)) }
                    h2 { (say("附件", "Attachments")) " (" (files.len()) ")" }
                    ul { @for one in files { li {
                        @if one.sound { a href=(one.to) { (one.file.name) } }
                        @else { "▲ " (one.file.name) " " (say("（缺失或已变）", "(missing or changed)")) }
                    } } }
                }
            }
        }
    }
}

fn list(name: &str, table: &Table) -> Markup {
    html! {
        h2 { (table.title) " (" (table.rows.len()) ") " a href={ (name) ".xlsx" } { ".xlsx" } " " a href={ (name) ".json" } { ".json" } }
        table {
            thead { tr { @for column in table.read() { th { (column.head) } } } }
            @for row in &table.rows { tr { @for cell in row.iter().take(table.read().len()) { td { (words(cell)) } } } }
        }
    }
}

fn words(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Date(text) => text.clone(),
        Cell::Number(number) | Cell::Key(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        Cell::Money(fen) => format!("{}.{:02}", fen / 100, fen % 100),
    }
}
