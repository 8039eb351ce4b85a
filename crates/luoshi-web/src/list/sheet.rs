//! Lists of duties as spreadsheets: what a clause says in the words of a sheet, as it is taken away and read again.

use crate::obligation::{cadence, cited, kind_name};
use crate::visit::Visit;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::due::Length;
use luoshi_rules::{Clause, Due, Lang, Pack};
use luoshi_store::obligation::Edition;
use maud::{Markup, html};

/// What a clause says in a column: the head, and the words.
pub(super) struct Said(&'static str, pub(super) String);

impl Said {
    /// The words, with the head where they do not speak for themselves.
    pub(super) fn told(&self) -> String {
        match (self.0, self.1.as_str()) {
            (head, "") => format!("{head} —"),
            ("", words) => words.to_owned(),
            (head, words) => format!("{head} {words}"),
        }
    }
}

/// What a clause says, in the columns of a sheet.
pub(super) fn says(visit: &Visit, pack: &Pack, clause: &Clause) -> Vec<Said> {
    let base = &visit.rules.base;
    let all = |names: Vec<&str>| names.join(visit.mark("、"));
    let levels = clause.level.iter().filter_map(|id| base.level(id)).map(|level| visit.of(&level.name)).collect();
    let classes = base.class.iter().filter(|class| clause.class.contains(&class.id)).map(|class| visit.of(&class.name));
    let post = clause.post.as_deref().map(|post| crate::person::one::post_name(visit, post).to_owned());
    let mut kinds: Vec<&str> = clause.counts.iter().map(|count| kind_name(visit, &count.record)).collect();
    kinds.dedup();
    let source = luoshi_rules::pack::name_of(&pack.source, clause.source.as_deref().unwrap_or_default());
    let times = if clause.at_least == 1 { String::new() } else { clause.at_least.to_string() };
    vec![
        Said("", visit.of(&clause.text).to_owned()),
        Said(visit.say("级别", "level"), all(levels)),
        Said(visit.say("类别", "class"), all(classes.collect())),
        Said(visit.say("岗位", "post"), post.unwrap_or_default()),
        Said("", cadence(visit, clause.every)),
        Said(visit.say("次数", "times"), times),
        Said(visit.say("到期", "due"), due(visit, clause.due)),
        Said(visit.say("纪实类型", "kind of record"), all(kinds)),
        Said(visit.say("依据", "source"), cited(visit, source.map_or("", |name| visit.of(name)), clause)),
    ]
}

/// When a clause is due, in words that a sheet may say.
fn due(visit: &Visit, due: Due) -> String {
    let words = match due {
        Due::PeriodEnd => ("期末".to_owned(), "end of the period".to_owned()),
        Due::Day { years: 0, month, day } => (format!("{month}月{day}日"), format!("{month:02}-{day:02}")),
        Due::Day { years, month, day } => {
            let zh = if years == 1 { "次年".to_owned() } else { format!("{years}年后") };
            let en = if years == 1 { "next year".to_owned() } else { format!("{years} years later") };
            (format!("{zh}{month}月{day}日"), format!("{en} {month:02}-{day:02}"))
        }
        Due::Offset { n, unit } => {
            let (zh, en) = match unit {
                Length::Days => ("日", "days"),
                Length::Workdays => ("个工作日", "working days"),
                Length::Months => ("个月", "months"),
            };
            let (before, after) = if n < 0 { ("期前", "before") } else { ("期后", "after") };
            (format!("{before}{}{zh}", n.abs()), format!("{} {en} {after}", n.abs()))
        }
    };
    visit.say(&words.0, &words.1).to_owned()
}

/// Every clause of the lists in force and to come. Its columns are those that a sheet is read by, so that it serves as a
/// pattern of one's own; conditions and events are in the file of the list alone.
pub(super) fn table(visit: &Visit, editions: &[Edition]) -> Table {
    let mut table = Table::new(visit.say("责任清单", "Lists of duties"))
        .column("list", visit.say("清单", "List"), Kind::Text)
        .column("version", visit.say("版本", "Version"), Kind::Text)
        .column("from", visit.say("自何日起的周期", "Rules periods from"), Kind::Date)
        .column("clause", visit.say("条款编号", "No"), Kind::Text)
        .column("text", visit.say("内容", "Wording"), Kind::Text)
        .column("level", visit.say("级别", "Level"), Kind::Text)
        .column("class", visit.say("类别", "Class"), Kind::Text)
        .column("post", visit.say("岗位", "Post"), Kind::Text)
        .column("every", visit.say("周期", "Cadence"), Kind::Text)
        .column("times", visit.say("次数", "Times"), Kind::Text)
        .column("due", visit.say("到期", "Due"), Kind::Text)
        .column("kind", visit.say("纪实类型", "Kind of record"), Kind::Text)
        .column("source", visit.say("依据", "Source"), Kind::Text)
        .column("article", visit.say("条文", "Article"), Kind::Text);
    for edition in editions {
        let Ok(pack) = Pack::list(&edition.text, &visit.rules.base) else { continue };
        table.rows.extend(pack.clause.iter().map(|clause| {
            let list = [visit.of(&pack.head.name).into(), edition.version.as_str().into()];
            let from = [Cell::Date(edition.from.to_string()), clause.id.as_str().into()];
            let says = says(visit, &pack, clause).into_iter().map(|said| said.1.into());
            list.into_iter().chain(from).chain(says).chain([clause.article.as_str().into()]).collect()
        }));
    }
    table
}

/// Which columns a sheet is read by.
pub(super) fn help(visit: &Visit) -> Markup {
    let (must, may) = crate::import::list_columns();
    let join =
        |all: &[luoshi_rules::Label]| all.iter().map(|name| visit.of(name)).collect::<Vec<_>>().join(visit.mark("、"));
    let more = match visit.lang {
        Lang::Zh => "可以从上面导出的表改起，也可以从示例改起：",
        Lang::En => "Begin with the table exported above, or with the sample: ",
    };
    html! {
        p.help { (visit.say("表格要有的列：", "Columns a sheet must have: ")) b { (join(&must)) } (visit.say("；可有：", "; also: ")) (join(&may)) (visit.say("。", ". "))
            (more) a href="/samples/duties.csv" { "duties.csv" } }
    }
}
