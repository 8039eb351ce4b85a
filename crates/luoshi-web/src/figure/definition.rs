//! What a figure counts and what not, in words: records, units, days, rounding.

use super::class_name;
use super::one::filter_words;
use super::question::Question;
use crate::visit::Visit;
use luoshi_rules::figure::{About, Counted};
use luoshi_rules::{Figure, Lang};
use maud::{Markup, html};

pub(super) fn show(visit: &Visit, question: &Question, figure: &Figure) -> Markup {
    let kinds = |figure: &Figure| {
        figure
            .record
            .iter()
            .map(|kind| crate::obligation::kind_name(visit, kind))
            .collect::<Vec<_>>()
            .join(visit.say("、", ", "))
    };
    let counted = match figure.count {
        Counted::Records => visit.say("纪实条数", "records"),
        Counted::Present => visit.say("到会人次（应到减缺席，加来宾）", "those present: due less absent, and guests"),
        Counted::People => visit.say("不重复的人数", "distinct people"),
        Counted::Sum => visit.say("所填数字之和", "the sum of what was filled in"),
        Counted::Each => visit.say("所填数字乘到场人数之和", "what was filled in, once for each person present"),
    };
    let (first, last) = question.days(question.year);
    html! {
        section.card {
            h2 { (visit.say("口径", "Definition")) }
            dl.facts {
                dt { (visit.say("统计对象", "Records")) } dd { @for one in &question.with_added(figure) { (kinds(one)) (filter_words(visit, one)) " " } }
                dt { (visit.say("统计内容", "What is counted")) } dd { (counted) }
                dt { (visit.say("单位", "Measure")) } dd { (visit.of(&figure.unit())) }
                dt { (visit.say("范围", "Population")) } dd { (question.at.full_name) (visit.say("及所属各级组织", " and all units below"))
                    @for one in &question.with_added(figure) { (population(visit, one)) } }
                dt { (visit.say("期间", "Period")) } dd { (first) " – " (last)
                    @if let Some([from, until]) = figure.months { (visit.say("，只计", ", months ")) (from) "–" (until) (visit.say("月", " only")) } }
                dt { (visit.say("截至", "As of")) } dd { (question.known.unwrap_or(visit.today)) }
                @if let Some(about) = figure.about { dt { (visit.say("取整", "Rounding")) } dd { (rounding(visit, about)) } }
                @if !figure.note.zh.is_empty() { dt { (visit.say("说明", "Note")) } dd { (visit.of(&figure.note)) } }
            }
        }
    }
}

fn rounding(visit: &Visit, about: About) -> String {
    let near = match (about.near, visit.lang) {
        (0, _) => String::new(),
        (near, Lang::Zh) => format!("；距下一个整数不超过{near}时说“近”"),
        (near, Lang::En) => format!("; within {near} below the next multiple it is said of that one, as “nearly”"),
    };
    match visit.lang {
        Lang::Zh => format!("舍到{}的整数倍，加“余”{near}", about.step),
        Lang::En => format!("down to a multiple of {}, with “more than”{near}", about.step),
    }
}

/// The units whose records a figure counts, where not all are.
fn population(visit: &Visit, figure: &Figure) -> String {
    let level = |id: &String| visit.rules.base.level(id).map_or(id.as_str(), |level| visit.of(&level.name)).to_owned();
    let levels = figure.level.iter().map(level).collect::<Vec<_>>();
    let classes = figure.class.iter().map(|id| class_name(visit, id).to_owned()).collect::<Vec<_>>();
    let comma = visit.say("、", ", ");
    let words: Vec<String> =
        [classes, levels].iter().filter(|some| !some.is_empty()).map(|some| some.join(comma)).collect();
    match visit.lang {
        _ if words.is_empty() => String::new(),
        Lang::Zh => format!("，只计{}的记录", words.join("中的")),
        Lang::En => format!(", records of {} only", words.join(" that are ")),
    }
}
