//! The copy of one's own data: a .zip of everything as JSON for programs, and as a workbook for people.

use super::table;
use crate::export::{attachment, body, kept};
use crate::obligation::kind_name;
use crate::person::one::{Known, own};
use crate::record::came;
use crate::request::ask_words;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::response::{IntoResponse, Response};
use luoshi_office::{Bundle, Cell, Kind, Table};
use luoshi_store::person::Change;
use luoshi_store::request::{self, Request};
use luoshi_store::{Fault, Tx, mine};
use serde_json::{Value as Json, json};
use std::fs::File;
use std::io::Cursor;

/// Everything the copy is made of.
struct Whole {
    known: Known,
    tables: Vec<(&'static str, Vec<Json>)>,
    requests: Vec<Request>,
}

pub(super) async fn take(visit: Visit) -> Result<Response, Trouble> {
    // what was raised under no name and told of illness is in it: no program of something else takes it along
    visit.in_person()?;
    let v = visit.clone();
    let file = visit.app.read(move |tx| write(&v, &read(tx, &v)?)).await?;
    let title = format!("{} {}", visit.say("我的数据", "My data"), visit.actor.name);
    Ok((attachment(&title, "zip", "application/zip"), body(file)?).into_response())
}

fn read(tx: &Tx, visit: &Visit) -> Result<Whole, Fault> {
    Ok(Whole {
        known: own(tx, &visit.actor, visit.year())?,
        tables: mine::copy(tx, &visit.actor)?,
        requests: request::mine(tx, &visit.actor)?,
    })
}

fn write(visit: &Visit, whole: &Whole) -> Result<File, Fault> {
    let broken = |fault: luoshi_office::Fault| Fault::Engine(format!("{fault:?}"));
    let mut out = Bundle::begin(tempfile::tempfile().map_err(kept)?);
    let tables: serde_json::Map<String, Json> =
        whole.tables.iter().map(|(name, rows)| ((*name).to_owned(), rows.clone().into())).collect();
    let text = serde_json::to_vec_pretty(&tables).map_err(|error| Fault::Engine(error.to_string()))?;
    out.add("data.json", &text).map_err(broken)?;
    let mut book = Cursor::new(Vec::new());
    luoshi_office::table::to_book(&sheets(visit, whole), &mut book).map_err(broken)?;
    out.add(&format!("{}.xlsx", visit.say("我的数据", "my-data")), book.get_ref()).map_err(broken)?;
    out.add("README.txt", readme(visit).as_bytes()).map_err(broken)?;
    out.end(json!({ "person": visit.actor.person, "day": visit.today.to_string() })).map_err(broken)
}

fn readme(visit: &Visit) -> String {
    visit
        .say(
            "这是系统保存的关于您的全部资料。\n表格文件供阅读；data.json 按数据表列出每一条记录，供程序读取。\n校验：在解压后的文件夹中运行 sha256sum -c SHA256SUMS\n",
            "This is everything the system keeps about you.\nThe workbook is for reading; data.json lists every row, table by table, for programs.\nTo check: run sha256sum -c SHA256SUMS in the unpacked folder\n",
        )
        .to_owned()
}

fn sheets(visit: &Visit, whole: &Whole) -> Vec<Table> {
    let all = &whole.known;
    vec![
        table(visit, all),
        meetings(visit, whole),
        written(visit, whole),
        looks(visit, all),
        changes(visit, all),
        asked(visit, whole),
    ]
}

fn text(row: &Json, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn rows<'w>(whole: &'w Whole, name: &str) -> &'w [Json] {
    whole.tables.iter().find(|(one, _)| *one == name).map_or(&[], |(_, rows)| rows.as_slice())
}

/// Every meeting at which the person was due, of all years; whether they came is known of this year.
fn meetings(visit: &Visit, whole: &Whole) -> Table {
    let mut table = Table::new(visit.say("应到会议", "Meetings"))
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("kind", visit.say("类型", "Kind"), Kind::Text)
        .column("topic", visit.say("主题", "Topic"), Kind::Text)
        .column("came", visit.say("到会", "Came"), Kind::Text);
    let attended = |row: &Json| whole.known.attended.iter().find(|one| Some(one.record) == row["record_id"].as_i64());
    table.rows = rows(whole, "roll")
        .iter()
        .map(|row| {
            vec![
                Cell::Date(text(row, "on_date")),
                kind_name(visit, &text(row, "kind")).into(),
                text(row, "topic").into(),
                attended(row).map_or(Cell::Empty, |one| came(visit, &one.kind, one.absent.as_deref()).into()),
            ]
        })
        .collect();
    table
}

/// The records the person wrote.
fn written(visit: &Visit, whole: &Whole) -> Table {
    let mut table = Table::new(visit.say("我写的纪实", "Records I wrote"))
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("kind", visit.say("类型", "Kind"), Kind::Text)
        .column("topic", visit.say("主题", "Topic"), Kind::Text)
        .column("written", visit.say("录入日期", "Entered"), Kind::Date);
    table.rows = rows(whole, "record")
        .iter()
        .map(|row| {
            vec![
                Cell::Date(text(row, "on_date")),
                kind_name(visit, &text(row, "kind")).into(),
                text(&row["data"], "topic").into(),
                Cell::Date(text(row, "written")),
            ]
        })
        .collect();
    table
}

fn looks(visit: &Visit, all: &Known) -> Table {
    let mut table = Table::new(visit.say("谁查看过我的号码", "Who looked at my numbers"))
        .column("at", visit.say("时间", "When"), Kind::Text)
        .column("name", visit.say("查看人", "Who"), Kind::Text)
        .column("field", visit.say("号码", "Number"), Kind::Text)
        .column("reason", visit.say("理由", "Why"), Kind::Text);
    let row = |look: &luoshi_store::identity::Look| {
        let field = look.field.name();
        vec![
            super::moment(look.at).into(),
            look.name.as_str().into(),
            visit.of(&field).into(),
            look.reason.as_str().into(),
        ]
    };
    table.rows = all.story.looks.iter().map(row).collect();
    table
}

fn changes(visit: &Visit, all: &Known) -> Table {
    let mut table = Table::new(visit.say("谁改动过我的数据", "Who changed my data"))
        .column("at", visit.say("时间", "When"), Kind::Text)
        .column("name", visit.say("经办人", "Who"), Kind::Text)
        .column("act", visit.say("事项", "What"), Kind::Text);
    let row = |one: &Change| {
        vec![super::moment(one.at).into(), one.name.as_str().into(), super::act_words(visit, &one.act).into()]
    };
    table.rows = all.story.changes.iter().map(row).collect();
    table
}

fn asked(visit: &Visit, whole: &Whole) -> Table {
    let mut table = Table::new(visit.say("我的申请", "What I asked"))
        .column("on", visit.say("日期", "Day"), Kind::Date)
        .column("ask", visit.say("申请", "Asked"), Kind::Text)
        .column("words", visit.say("说明", "In my words"), Kind::Text)
        .column("state", visit.say("进展", "Stands at"), Kind::Text)
        .column("answer", visit.say("答复", "Answer"), Kind::Text);
    let row = |one: &Request| {
        let (ask, state) = ask_words(visit, one);
        vec![
            Cell::Date(one.on.to_string()),
            ask.into(),
            one.words.as_str().into(),
            state.into(),
            one.answer.as_str().into(),
        ]
    };
    table.rows = whole.requests.iter().map(row).collect();
    table
}
