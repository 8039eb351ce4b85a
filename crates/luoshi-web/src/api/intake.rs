//! Directive intake: a text is read, its measures are mended, dropped, merged and added, and matters made of the rest.

use super::Route;
use super::page::{Column, may, must, rest};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::intake::finding::Finding;
use crate::intake::{self, review};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_store::intake::Made as Carried;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Directive {
        id: Id = "编号", "key";
        title: String = "标题", "its title";
        day: Date = "文件日期，期限由此算起", "its day, from which deadlines count";
        on: Date = "读取日期", "the day on which it was read";
        edition: i64 = "第几版；修改和交办时随表单送回", "its edition, to be sent along when it is changed";
        body: String = "还原后的正文，简体", "the clean text";
        measures: Vec<Measure> = "措施，按正文顺序", "its measures in the order of the text";
    }
}

shape! {
    #[derive(Serialize)]
    Measure {
        seq: i64 = "序号，字段名末尾的数字", "its number, which ends the names of its fields";
        from: i64 = "正文中的起点（字节）；人工增加的为0", "where it begins in the text, in bytes; 0 where a person added it";
        until: i64 = "正文中的终点（字节）", "where it ends";
        text: String = "做什么", "what is to be done";
        owners: String = "由谁办", "by whom, as it would be typed";
        posts: String = "落到的岗位", "the posts that are asked";
        by: Option<Date> = "办结日期", "the day by which it is to be done";
        due: String = "文件写的期限", "the deadline as written";
        kind: String = "类型，按词库中的键", "its kind, by its key in the lexicon";
        quantity: String = "数量", "how much";
        speaker: String = "引自谁", "who is quoted";
        confidence: f64 = "把握，0至1；人工增加的为0", "how sure the reading is, 0 to 1; 0 where a person added it";
        take: bool = "是否要交办", "whether it is to become a matter";
        matters: Vec<Made> = "已交办的事项", "the matters made of it";
    }
}

shape! {
    #[derive(Serialize)]
    Made {
        id: Id = "事项的编号", "key of the matter";
        unit: Id = "责任组织", "the unit that must answer";
        unit_name: String = "责任组织简称", "its short name";
    }
}

/// What is listed of a document.
const DOCUMENTS: &[Column] = &[
    ("title", Text, "文件 · the document"),
    ("on", Day, "读取日期 · read on"),
    ("matters", Number, "已交办 · matters made"),
    ("id", Key, "编号 · key"),
];

/// The fields of measures.
const MEASURES: &str = "各措施的栏目，N 为其 seq：text-N 做什么，owners-N 由谁办（组织名称，顿号分隔，或“各党支部”），by-N 办结日期，kind-N 类型，take-N 1 表示要交办、空表示不交办；没有送的不变 · fields of measures, N being their seq: text-N, owners-N (names or groups of units, with commas), by-N (a day), kind-N, take-N (1 to make it a matter, empty to drop it); what is not sent stays";
/// The edition.
const EDITION: &str = "读到的 edition · the edition as read";

pub(super) fn routes() -> Vec<Route> {
    [desk(), measures()].into_iter().flatten().collect()
}

fn measures() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/intake/{id}",
            ("修改、取舍、合并、增加措施", "Mend, drop, merge and add measures"),
            vec![
                must("edition", EDITION),
                may(
                    "act",
                    "merge-N 并入上一条，add 增加一条，不填只保存 · merge-N to add it to the one before, add for a new one, or nothing to save",
                ),
                rest(MEASURES),
            ],
            review::save,
        ),
        Route::form(
            "/units/{unit}/intake/{id}/matters",
            ("把要交办的措施立为事项", "Make matters of the measures that are to be taken"),
            vec![must("edition", EDITION), rest(MEASURES)],
            review::make,
        ),
    ]
}

fn desk() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/intake",
            ("已读取的文件，新的在前", "Documents read so far, newest first"),
            vec![may("before", "接着这份文件之前的（编号） · those before this one, by its key")],
            DOCUMENTS,
            intake::list,
        ),
        Route::form_or_file(
            "/units/{unit}/intake",
            (
                "读取一份文件：全文，或文件本身（.docx、.txt、.html、.md）",
                "Read a document: its text, or the file itself (.docx, .txt, .html, .md)",
            ),
            (
                vec![
                    may("text", "全文；涉密文件一律不得送入 · the whole text, never of anything classified"),
                    may("day", "文件日期，YYYY-MM-DD，不填则从文中读取 · its day; read from the text if left out"),
                ],
                "file",
            ),
            intake::upload,
        ),
        Route::read::<Nothing, Directive>(
            "/units/{unit}/intake/{id}",
            ("一份文件和从中找出的措施", "A document and the measures found in it"),
            get(one),
        ),
    ]
}

fn measure(one: &Finding, made: &[Carried]) -> Measure {
    let number = |n: usize| i64::try_from(n).unwrap_or(0);
    let own = made.iter().filter(|made| made.seq == one.seq);
    let matter = |made: &Carried| Made { id: Id(made.matter), unit: Id(made.unit), unit_name: made.unit_name.clone() };
    Measure {
        seq: one.seq,
        from: number(one.from),
        until: number(one.until),
        text: one.text.clone(),
        owners: one.owners.clone(),
        by: one.by.parse().ok(),
        due: one.due.clone(),
        kind: one.kind.clone(),
        quantity: one.quantity.clone(),
        speaker: one.speaker.clone(),
        posts: one.posts.clone(),
        confidence: one.confidence,
        take: one.take,
        matters: own.map(matter).collect(),
    }
}

async fn one(call: Call<(i64, i64), Nothing>) -> Result<Json<Directive>, Problem> {
    let desk = review::Desk::open(&call.visit, call.at.0, call.at.1).await?;
    let document = &desk.intake.document;
    Ok(Json(Directive {
        id: Id(desk.intake.id),
        title: document.title.clone(),
        day: document.day,
        on: desk.intake.on,
        edition: desk.intake.version,
        body: document.body.clone(),
        measures: desk.findings.iter().map(|one| measure(one, &desk.made)).collect(),
    }))
}
