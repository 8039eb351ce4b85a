//! The page on which a document is looked over: its text on the left, its measures on the right.

use super::finding::Finding;
use super::kind_name;
use super::owner::Addressees;
use super::reading::lexicon;
use super::review::FLOW;
use crate::form::Complaints;
use crate::shell::{self, Page, Part, field};
use crate::visit::Visit;
use luoshi_rules::Unit;
use luoshi_store::intake::{Intake, Made};
use maud::{Markup, html};

/// Units of a group whose names are shown.
const SHOWN: usize = 6;

/// What the page is made from.
pub(super) struct Review<'a> {
    pub visit: &'a Visit,
    pub at: &'a Unit,
    pub intake: &'a Intake,
    pub made: &'a [Made],
    pub findings: &'a [Finding],
    pub addressees: &'a Addressees<'a>,
    pub complaints: &'a Complaints,
    pub address: String,
}

pub(super) fn show(review: &Review<'_>) -> Markup {
    let (visit, document) = (review.visit, &review.intake.document);
    let title = document.title.clone();
    let head = Page { visit, title, unit: Some(review.at), year: 0, dated: "", part: Part::FollowUp };
    let body = html! {
        (shell::complaints(visit, review.complaints))
        p { (visit.say("文件日期 ", "Day of the document ")) (document.day) " · " (visit.say("读取于 ", "read on ")) (review.intake.on)
            @if !document.name.is_empty() { " · " (document.name) }
            " · " (visit.say("措施 ", "measures ")) (review.findings.len())
            " · " (visit.say("已交办 ", "matters made ")) (review.made.len()) }
        @if !review.made.is_empty() { p.note { (visit.say("这份文件已经交办过，已交办的措施列在右侧，不会重复生成。",
            "Matters were made of this document before; they are shown with their measures and are not made twice.")) } }
        div.intake {
            section.source aria-label=(visit.say("正文", "Text")) { (text(review)) }
            (measures(review))
        }
    };
    shell::page(&head, body)
}

/// The clean text; each measure stands out and leads to its form.
fn text(review: &Review<'_>) -> Markup {
    let body = &review.intake.document.body;
    let mut marks: Vec<(&Finding, usize, usize)> =
        review.findings.iter().filter(|one| one.until > one.from).map(|one| (one, one.from, one.until)).collect();
    marks.sort_by_key(|(_, from, _)| *from);
    let (mut at, mut pieces) = (0, Vec::new());
    for (one, from, until) in marks {
        let (Some(plain), Some(marked)) = (body.get(at..from), body.get(from..until)) else { continue };
        pieces.push((None, plain));
        pieces.push((Some(one.seq), marked));
        at = until;
    }
    pieces.push((None, body.get(at..).unwrap_or_default()));
    html! {
        div.long { @for (seq, words) in pieces {
            @match seq {
                Some(seq) => mark #{ "s" (seq) } { a href={ "#m" (seq) } { (words) } },
                None => (words),
            }
        } }
    }
}

fn measures(review: &Review<'_>) -> Markup {
    let visit = review.visit;
    let open = review.findings.iter().any(|one| review.made.iter().all(|made| made.seq != one.seq));
    html! {
        form.measures method="post" action=(review.address) data-draft=(review.address) {
            (shell::hidden(visit))
            input type="hidden" name="edition" value=(review.intake.version);
            datalist #units { @for name in names(review) { option value=(name); } }
            @if review.findings.is_empty() { p.empty { (visit.say("没有找到可以交办的措施。可以自己补一条。", "No measures were found. Add one yourself.")) } }
            @for (at, one) in review.findings.iter().enumerate() {
                @let made: Vec<&Made> = review.made.iter().filter(|made| made.seq == one.seq).collect();
                @if made.is_empty() { (measure(review, one, at > 0)) } @else { (done(review, one, &made)) }
            }
            p.actions {
                @if open { button.main formaction={ (review.address) "/matters" } { (visit.say("生成交办事项", "Make matters")) } }
                button name="act" value="save" { (visit.say("只保存修改", "Save only")) }
                button name="act" value="add" { (visit.say("补一条", "Add one")) }
                small data-kept hidden { (visit.say("草稿已保存", "draft kept")) }
            }
        }
    }
}

/// Names to choose from, groups first.
fn names<'a>(review: &Review<'a>) -> Vec<&'a str> {
    let below = review.addressees.units.iter().filter(|unit| unit.id != review.at.id && unit.dissolved.is_none());
    ["各党支部", "各党总支"].into_iter().chain(below.map(|unit| unit.short_name.as_str())).collect()
}

/// A measure that may still be mended.
fn measure(review: &Review<'_>, one: &Finding, merges: bool) -> Markup {
    let (visit, lang, seq) = (review.visit, review.visit.lang, one.seq);
    let key = |name: &str| format!("{name}-{seq}");
    let (text, owners, by, kind) = (key("text"), key("owners"), key("by"), key("kind"));
    html! {
        fieldset.stack #{ "m" (seq) } {
            legend { label { input type="checkbox" name=(key("take")) value="1" checked[one.take]; " "
                (visit.say("交办第 ", "Make measure ")) (seq) (visit.say(" 条", "")) } " " (sure(visit, one)) }
            (field(lang, &text, visit.say("做什么", "What"), "", review.complaints,
                html! { textarea id=(text) name=(text) rows="2" { (one.text) } }))
            (field(lang, &owners, visit.say("由谁办", "Who"), &meant(review, one), review.complaints,
                html! { input id=(owners) name=(owners) value=(one.owners) list="units" maxlength="600"; }))
            (field(lang, &by, visit.say("办结日期", "By"), &when(visit, one), review.complaints,
                html! { input id=(by) name=(by) type="date" value=(one.by); }))
            (field(lang, &kind, visit.say("类型", "Kind"), "", review.complaints, html! { select id=(kind) name=(kind) {
                @for known in lexicon().map(|words| words.kind.as_slice()).unwrap_or_default() {
                    option value=(known.id) selected[known.id == one.kind] { (kind_name(lang, &known.id)) }
                }
            } }))
            p.actions {
                @if one.until > one.from { a href={ "#s" (seq) } { (visit.say("看原句", "Its sentence")) } }
                @if merges { button name="act" value={ "merge-" (seq) } { (visit.say("并入上一条", "Merge into the one above")) } }
            }
        }
    }
}

/// How sure it is, in words: a share would promise more than is known.
fn sure(visit: &Visit, one: &Finding) -> Markup {
    let words = match one.confidence {
        0.0 => visit.say("自己补充", "added by hand"),
        sure if sure >= 0.8 => visit.say("把握大", "sure"),
        sure if sure >= 0.65 => visit.say("把握中等", "fairly sure"),
        _ => visit.say("请留意", "look closely"),
    };
    html! { small { (words) @if !one.speaker.is_empty() { " · " (visit.say("引自 ", "said by ")) (one.speaker) } } }
}

/// Which units the words mean.
fn meant(review: &Review<'_>, one: &Finding) -> String {
    let posts = match one.posts.is_empty() {
        true => String::new(),
        false => format!("{}{}", review.visit.say("；落到岗位：", "; post: "), one.posts),
    };
    units_meant(review, one) + &posts
}

fn units_meant(review: &Review<'_>, one: &Finding) -> String {
    let visit = review.visit;
    let Ok(units) = review.addressees.read(&one.owners) else {
        return visit
            .say(
                "本组织所辖组织的名称，几个之间用顿号；一类写“各党支部”。",
                "Names of units below, separated by 、; a sort of them as 各党支部.",
            )
            .to_owned();
    };
    let names: Vec<&str> = units.iter().take(SHOWN).map(|unit| unit.short_name.as_str()).collect();
    let more = if units.len() > SHOWN { visit.say("等", " …") } else { "" };
    let all = visit.aside(visit.say("共 N 个", "N in all").replace('N', &units.len().to_string()));
    format!("{}{more}{all}", names.join(visit.mark("、")))
}

fn when(visit: &Visit, one: &Finding) -> String {
    let how_much = if one.quantity.is_empty() {
        String::new()
    } else {
        format!("{}{}", visit.say("；数量：", "; how much: "), one.quantity)
    };
    let said = if one.due.is_empty() {
        visit.say("文件没有写明，请填", "The document does not say; please fill in").to_owned()
    } else {
        format!("{}{}", visit.say("文件写的是：", "The document says: "), one.due)
    };
    said + &how_much
}

/// A measure of which matters were made.
fn done(review: &Review<'_>, one: &Finding, made: &[&Made]) -> Markup {
    let visit = review.visit;
    let flow = visit.rules.base.flow(FLOW);
    let state = |made: &Made| flow.and_then(|flow| flow.step(&made.step)).map_or("", |step| visit.of(&step.name));
    html! {
        fieldset #{ "m" (one.seq) } {
            legend { "● " (visit.say("已交办第 ", "Made: measure ")) (one.seq) (visit.say(" 条", "")) }
            p { (one.text) }
            p { (visit.say("办结日期 ", "By ")) (one.by) @if !one.speaker.is_empty() { " · " (visit.say("引自 ", "said by ")) (one.speaker) } }
            details open[made.len() <= SHOWN] {
                summary { (made.len()) (visit.say(" 个事项", if made.len() == 1 { " matter" } else { " matters" })) }
                ul { @for one in made { li {
                    a href={ "/units/" (one.unit) "/matters/" (one.matter) } { (one.unit_name) } " " (state(one))
                } } }
            }
        }
    }
}
