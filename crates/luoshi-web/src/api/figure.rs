//! Figures: those of a year as the page says them, one opened or built, the rows and people behind it, quotes, and the
//! acts.

use super::Route;
use super::page::{Field, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::figure::one::Opened;
use crate::figure::quote::Looked;
use crate::figure::{build, one, people, quote, rows, year};
use crate::visit::Year;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

shape! {
    #[derive(Serialize)]
    Figure {
        key: String = "键", "its key in the pack";
        name: String = "名称", "its name";
        n: i64 = "数值", "the number";
        before: i64 = "上年同期", "a year before";
        measure: String = "单位", "what it counts, in words";
        sentence: String = "怎么说", "how it is said";
    }
}

shape! {
    #[derive(Serialize)]
    Figures { items: Vec<Figure> = "数读", "the figures"; }
}

shape! {
    #[derive(Serialize)]
    FigurePart {
        name: String = "分组", "the part";
        n: i64 = "数值，金额为分", "how much; money in fen";
    }
}

shape! {
    #[derive(Serialize)]
    FigureOpened {
        name: String = "名称", "its name";
        n: i64 = "数值，金额为分", "the number; money in fen";
        before: i64 = "上年同期", "a year before";
        measure: String = "单位", "what it counts, in words";
        sentence: String = "怎么说", "how it is said";
        first: Date = "期间第一天", "first day";
        last: Date = "期间最后一天", "last day";
        parts: Vec<FigurePart> = "按 by 分组", "its parts, by what is asked";
    }
}

shape! {
    #[derive(Serialize)]
    FigureQuoted {
        id: Id = "编号", "key";
        paper: String = "用于哪份材料", "in which paper";
        name: String = "数的名称", "name of the figure";
        sentence: String = "引用时怎么说", "how it was said";
        first: Date = "期间第一天", "first day";
        last: Date = "期间最后一天", "last day";
        known: Option<Date> = "按该日所知", "as known on this day";
        on: Date = "引用日期", "the day it was quoted";
        by: String = "引用人", "who quoted it";
        n: i64 = "引用时的数值，金额为分", "the number as quoted; money in fen";
        rows: i64 = "引用时的明细条数", "rows behind it as quoted";
        digest: String = "引用时明细的摘要", "digest of those rows";
        now: i64 = "同一口径现在的数值", "what the same question gives now";
        rows_now: i64 = "现在的明细条数", "rows behind it now";
        same: bool = "明细是否没有变化", "whether the rows are the same";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    OfYear {
        year: Option<Year> = "年度，默认本年", "the year; this one when absent";
        known: Option<Date> = "按该日所知", "as known on this day";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    Asks {
        by: Option<String> = "怎么分组：class（默认）、level、unit、month，或 choice:栏目", "its parts: class (as when absent), level, unit, month, or choice:field";
        from: Option<i64> = "从几月", "first month";
        until: Option<i64> = "到几月", "last month";
        known: Option<Date> = "按该日所知", "as known on this day";
        kind: Option<String> = "自己数（键为 custom）：纪实类型的键，可用逗号隔开几个", "of one that is built (key custom): keys of kinds of record, between commas";
        count: Option<String> = "数什么：records（默认）、present、people、sum:栏目、each:hours", "what is counted: records (as when absent), present, people, sum:field or each:hours";
        option: Option<String> = "只算，栏目:选项，可用逗号隔开几个", "only those with field:option, several between commas";
        name: Option<String> = "名称", "its name";
    }
}

impl Asks {
    /// As it stands in the address of the page.
    fn pairs(self) -> HashMap<String, String> {
        let pairs = [
            ("by", self.by),
            ("from", self.from.map(|month| month.to_string())),
            ("until", self.until.map(|month| month.to_string())),
            ("known", self.known.map(|day| day.to_string())),
            ("kind", self.kind),
            ("count", self.count),
            ("option", self.option),
            ("name", self.name),
        ];
        let said = pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        said.filter(|(_, value)| !value.is_empty()).collect()
    }
}

pub(super) fn routes() -> Vec<Route> {
    reads().into_iter().chain(behind()).chain(acts()).collect()
}

fn reads() -> Vec<Route> {
    vec![
        Route::read::<OfYear, Figures>("/units/{unit}/figures", ("一年的数读", "Figures of a year"), get(list)),
        Route::read::<Asks, FigureOpened>(
            "/units/{unit}/{year}/figures/{figure}",
            ("打开一个数；键为 custom 时自己数一个", "A figure opened, or with the key custom one that is built"),
            get(opened),
        ),
        Route::list(
            "/units/{unit}/quotes",
            ("引用过的数", "Figures quoted"),
            vec![],
            &[
                ("paper", Text, "用于哪份材料 · in which paper"),
                ("sentence", Text, "怎么说 · how it was said"),
                ("n", Number, "数值，金额为元 · the number; money in yuan"),
                ("first", Day, "期间第一天 · first day"),
                ("last", Day, "期间最后一天 · last day"),
                ("on", Day, "引用日期 · the day it was quoted"),
                ("by", Text, "引用人 · who quoted it"),
                ("id", Key, "编号 · key"),
            ],
            quote::list,
        ),
        Route::read::<Nothing, FigureQuoted>(
            "/units/{unit}/quotes/{quote}",
            ("一个引用过的数和现在的对比", "A figure quoted beside what it is now"),
            get(quoted),
        ),
    ]
}

/// What the question of a figure is made of, in lists and acts.
fn question() -> Vec<Field> {
    vec![
        may(
            "kind",
            "自己数（键为 custom）：纪实类型的键，可用逗号隔开几个 · of one that is built (key custom): keys of kinds of record, between commas",
        ),
        may(
            "count",
            "数什么：records、present、people、sum:栏目、each:hours · what is counted: records, present, people, sum:field or each:hours",
        ),
        may("option", "只算，栏目:选项，可用逗号隔开几个 · only those with field:option, several between commas"),
        may("from", "从几月 · first month"),
        may("until", "到几月 · last month"),
    ]
}

fn known() -> Field {
    may("known", "按该日所知，YYYY-MM-DD · as known on this day")
}

fn behind() -> Vec<Route> {
    let of_rows = [
        may("class", "只看这一类单位 · of units of this class alone"),
        may("level", "只看这一级组织 · of units of this level alone"),
        may("choice", "只看，栏目:选项 · with this field:option alone"),
    ];
    vec![
        Route::list(
            "/units/{unit}/{year}/figures/{figure}/rows",
            ("一个数的明细", "The records behind a figure"),
            question().into_iter().chain([known()]).chain(of_rows).collect(),
            &[
                ("on", Day, "日期 · the day"),
                ("unit", Text, "组织 · the unit"),
                ("kind", Text, "类型 · the kind"),
                ("topic", Text, "主题 · the topic"),
                ("n", Number, "计入多少，金额为元 · how much it adds; money in yuan"),
                ("record_id", Key, "纪实编号 · key of the record"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            rows::show,
        ),
        Route::list(
            "/units/{unit}/{year}/figures/{figure}/people",
            ("一个数是哪些人，数人的才有", "The people behind a figure, where people are counted"),
            question().into_iter().chain([known()]).collect(),
            &[
                ("name", Text, "姓名 · the name"),
                ("unit", Text, "现在所在组织 · their unit today"),
                ("person_id", Key, "人员编号 · key of the person"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            people::show,
        ),
    ]
}

fn acts() -> Vec<Route> {
    let paper = must("paper", "用于哪份材料 · in which paper");
    let name = must("name", "名称，60字以内 · its name, at most 60 characters");
    vec![
        Route::form(
            "/units/{unit}/{year}/figures/{figure}/quotes",
            (
                "记为引用：冻结口径、数值和明细摘要",
                "Quote a figure: its question, number and the digest of its rows are kept",
            ),
            question().into_iter().chain([known(), paper]).collect(),
            quote::add,
        ),
        Route::form(
            "/units/{unit}/figures",
            ("把自己数的保存到本组织数读", "Keep a figure that was built on the unit's page"),
            question().into_iter().chain([name]).collect(),
            build::keep,
        ),
        Route::form(
            "/units/{unit}/figures/{figure}/drop",
            ("不再显示本组织自己的一个数", "Take a figure of one's own off the page"),
            vec![],
            build::drop_own,
        ),
    ]
}

async fn list(call: Call<i64, OfYear>) -> Result<Json<Figures>, Problem> {
    let Call { visit, at, asked } = call;
    let figures = year(&visit, at, asked.year.map_or(visit.year(), |one| one.0), asked.known).await?;
    let items = figures
        .into_iter()
        .map(|(figure, n, before)| Figure {
            key: figure.id.clone(),
            name: visit.of(&figure.name).to_owned(),
            measure: visit.of(&figure.measure.name()).to_owned(),
            sentence: figure.sentence(n, visit.lang),
            n,
            before,
        })
        .collect();
    Ok(Json(Figures { items }))
}

async fn opened(call: Call<(i64, Year, String), Asks>) -> Result<Json<FigureOpened>, Problem> {
    let Call { visit, at: (id, Year(year), key), asked } = call;
    let opened = one::open(&visit, (id, year, &key), &asked.pairs()).await?;
    let (n, before) = opened.numbers();
    let Opened { question, figure, lines, .. } = opened;
    let (first, last) = question.days(year);
    Ok(Json(FigureOpened {
        name: visit.of(&figure.name).to_owned(),
        measure: visit.of(&figure.measure.name()).to_owned(),
        sentence: figure.sentence(n, visit.lang),
        n,
        before,
        first,
        last,
        parts: lines.into_iter().map(|line| FigurePart { name: line.name, n: line.n }).collect(),
    }))
}

async fn quoted(call: Call<(i64, i64), Nothing>) -> Result<Json<FigureQuoted>, Problem> {
    let Call { visit, at, .. } = call;
    let Looked { quote, figure, known, now, rows, same, .. } = quote::look(&visit, at.0, at.1).await?;
    Ok(Json(FigureQuoted {
        id: Id(quote.id),
        name: visit.of(&figure.name).to_owned(),
        sentence: figure.sentence(quote.n, visit.lang),
        paper: quote.paper,
        first: quote.first,
        last: quote.last,
        known,
        on: quote.on,
        by: quote.by,
        n: quote.n,
        rows: quote.rows,
        digest: quote.digest,
        now,
        rows_now: rows as i64,
        same,
    }))
}
