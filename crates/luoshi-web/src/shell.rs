//! The frame around every page, and the pieces used on more than one.

use crate::form::Complaints;
use crate::visit::Visit;
use luoshi_rules::pack::Home;
use luoshi_rules::{Lang, Status, Unit, Verb};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// One of two wordings.
pub(crate) fn say<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A page without navigation: sign-in, trouble, set-up.
pub(crate) fn bare(lang: Lang, title: &str, body: Markup) -> Markup {
    document(
        lang,
        title,
        html! {
            header.bar { a.brand href="/" { b { "落实" } span { "Luoshi" } } }
            main.narrow { h1 { (title) } (body) }
        },
    )
}

fn document(lang: Lang, title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(say(lang, "zh-CN", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (say(lang, "落实", "Luoshi")) }
                link rel="icon" href="/static/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/static/style.css";
                script src="/static/luoshi.js" defer {}
            }
            body { a.skip href="#main" { (say(lang, "跳到正文", "Skip to content")) } (body) }
        }
    }
}

/// What a page is about, besides its title.
pub(crate) struct Page<'a> {
    /// who looks
    pub visit: &'a Visit,
    /// heading
    pub title: String,
    /// the unit it is about
    pub unit: Option<&'a Unit>,
    /// the year it is about
    pub year: i16,
    /// how the address continues after `/units/{id}/{year}`, for the year switch; empty when it has none
    pub dated: &'a str,
    /// which entry of the navigation it belongs to
    pub part: Part,
}

/// The entries of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// 首页
    Home,
    /// 待办
    Todo,
    /// 责任清单
    Matrix,
    /// 纪实
    Records,
    /// 督办
    FollowUp,
    /// 数读
    Figures,
    /// 组织
    Units,
    /// 党员
    People,
    /// 导入
    Import,
    /// 清单
    Lists,
    /// 审计
    Audit,
    /// 运行维护
    Operations,
}

/// A page in its frame.
pub(crate) fn page(page: &Page, body: Markup) -> Markup {
    let visit = page.visit;
    document(
        visit.lang,
        &page.title,
        html! {
            (bar(page))
            div.frame {
                (navigation(page))
                main #main {
                    @if !visit.app.setup().demo.is_empty() {
                        p.demo { (visit.say(
                            "演示数据：人名、单位和数字均为虚构。今天是",
                            "Demonstration: people, units and figures are invented. Today is"))
                            " " (visit.today)
                            @if !visit.app.setup().second { b { " " (visit.say("▲ 未要求两步验证。", "▲ The second step of signing in is off.")) } } }
                    }
                    @if let Some(copy) = visit.app.copy() {
                        p.demo role="note" { b { "▣ " (visit.say("单机副本", "Copy on a machine of its own")) } (visit.mark("："))
                            (copy.round) " " (visit.say("第", "team ")) (copy.exchange.team) (visit.say("组。只办理本轮事项，做完后打包交回，再擦除。",
                                ". Only this round is worked on here; then it is given back and wiped.")) }
                    }
                    (tabs(page))
                    h1 { (page.title) }
                    (body)
                }
            }
        },
    )
}

fn bar(page: &Page) -> Markup {
    let visit = page.visit;
    let unit = page.unit.map_or(visit.actor.home, |unit| unit.id);
    html! {
        header.bar {
            a.brand href="/" { b { "落实" } span { "Luoshi" } }
            @if let Some(unit) = page.unit {
                a.where href={ "/units/" (unit.id) } title=(unit.full_name) { (unit.short_name) }
                @if !page.dated.is_empty() {
                    nav.year aria-label=(visit.say("年度", "Year")) {
                        a href={ "/units/" (unit.id) "/" (page.year - 1) (page.dated) } { "‹" span.sr { (page.year - 1) } }
                        span { (page.year) }
                        a href={ "/units/" (unit.id) "/" (page.year + 1) (page.dated) } { "›" span.sr { (page.year + 1) } }
                    }
                }
            }
            form.find action={ "/units/" (unit) "/search" } method="get" role="search" {
                input type="search" name="q" aria-label=(visit.say("查找人员和事项", "Find people and matters"))
                    placeholder=(visit.say("人名、事项、拼音或首字母", "Name, matter, pinyin or initials"));
            }
            form.lang method="post" action="/language" {
                (hidden(visit))
                input type="hidden" name="back" value=(visit.address);
                button name="lang" value=(say(visit.lang, "en", "zh")) { (say(visit.lang, "English", "中文")) }
            }
            a.me href="/me" { (visit.actor.name) }
            form method="post" action="/sign-out" { (hidden(visit)) button { (visit.say("退出", "Sign out")) } }
        }
    }
}

fn navigation(page: &Page) -> Markup {
    let visit = page.visit;
    let at = page.unit.map_or(visit.actor.home, |unit| unit.id);
    let year = if page.year == 0 { visit.year() } else { page.year };
    let everywhere = |verb| visit.actor.posts.iter().any(|held| visit.rules.base.grants(&held.post, verb, true));
    let entry = |part, href: String, zh: &str, en: &str| {
        html! {
            a href=(href) aria-current=[(part == page.part).then_some("page")] { (visit.say(zh, en)) }
        }
    };
    html! {
        nav.side aria-label=(visit.say("主导航", "Main")) {
            (entry(Part::Home, "/".into(), "首页", "Home"))
            (entry(Part::Todo, format!("/units/{at}/{year}/duties"), "待办", "To do"))
            (entry(Part::Records, format!("/units/{at}/{year}/records"), "纪实", "Records"))
            (entry(Part::Matrix, format!("/units/{at}/{year}/matrix"), "责任清单", "Duties"))
            (entry(Part::Figures, format!("/units/{at}/{year}/figures"), "数读", "Figures"))
            (entry(Part::Units, format!("/units/{at}"), "组织", "Units"))
            @if everywhere(Verb::Act) {
                (entry(Part::FollowUp, format!("/units/{at}/follow-ups"), "督办", "Follow-up"))
            }
            @if everywhere(Verb::People) {
                (entry(Part::People, format!("/units/{at}/people"), "党员", "People"))
            }
            @match settings(visit, at).as_slice() {
                [] => {}
                [(part, href, words)] => (entry(*part, href.clone(), words, words)),
                [(first, href, _), rest @ ..] => {
                    @let part = if rest.iter().any(|(part, ..)| *part == page.part) { page.part } else { *first };
                    (entry(part, href.clone(), "设置", "Settings"))
                }
            }
        }
    }
}

/// The pages of whoever sets things up: one entry of the navigation, with a row of links between them, so that the
/// navigation keeps to the nine entries that a person takes in.
fn settings(visit: &Visit, at: i64) -> Vec<(Part, String, &'static str)> {
    let base = &visit.rules.base;
    let holds = |verb| visit.actor.posts.iter().filter(move |held| base.grants(&held.post, verb, true));
    let mut pages = Vec::new();
    if holds(Verb::Rule).next().is_some() {
        pages.push((Part::Import, format!("/units/{at}/imports"), visit.say("导入", "Import")));
        pages.push((Part::Lists, format!("/units/{at}/lists"), visit.say("清单", "Lists")));
    }
    if holds(Verb::Rule).any(|held| held.unit == held.top) {
        let to = format!("/units/{}/operations", visit.actor.top);
        pages.push((Part::Operations, to, visit.say("运行维护", "Operations")));
    }
    if let Some(held) = holds(Verb::Audit).next() {
        pages.push((Part::Audit, format!("/units/{}/audit", held.unit), visit.say("审计", "Audit")));
    }
    pages
}

/// The links between the pages of settings, on each of them.
fn tabs(page: &Page) -> Markup {
    let at = page.unit.map_or(page.visit.actor.home, |unit| unit.id);
    let pages = settings(page.visit, at);
    html! {
        @if pages.len() > 1 && pages.iter().any(|(part, ..)| *part == page.part) {
            nav.toggle aria-label=(page.visit.say("设置", "Settings")) {
                @for (part, href, words) in &pages { a href=(href) aria-current=[(*part == page.part).then_some("page")] { (words) } }
            }
        }
    }
}

/// The home page a visitor sees: that of their foremost post.
pub(crate) fn home_of(visit: &Visit) -> Home {
    let homes = visit.actor.posts.iter().filter_map(|held| visit.rules.base.post(&held.post).map(|post| post.home));
    homes.min().unwrap_or(Home::Member)
}

/// The hidden fields of every form: where it came from, and the key of the act.
pub(crate) fn hidden(visit: &Visit) -> Markup {
    html! {
        // some browsers put what a hidden field held before in the place of what it holds now, unless told not to
        input type="hidden" name="csrf" value=(visit.csrf) autocomplete="off";
        input type="hidden" name="operation" value=(luoshi_store::new_id()) autocomplete="off";
    }
}

/// A field with its label above, help under it, and what was wrong with it.
pub(crate) fn field(lang: Lang, key: &str, label: &str, help: &str, complaints: &Complaints, input: Markup) -> Markup {
    let wrong = complaints.under(key, lang);
    html! {
        div.field.wrong[wrong.is_some()] {
            label for=(key) { (label) }
            (input)
            @if !help.is_empty() { p.help { (help) } }
            @if let Some(words) = wrong { p.error id={ (key) "-error" } { "▲ " (words) } }
        }
    }
}

/// What was wrong with a form, above it.
pub(crate) fn complaints(visit: &Visit, complaints: &Complaints) -> Markup {
    html! {
        @if !complaints.is_empty() {
            div.complaints role="alert" {
                p { b { (visit.say("没有保存，请修改后再提交：", "Nothing was saved. Please mend and send again:")) } }
                ul { @for words in complaints.all(visit.lang) { li { (words) } } }
            }
        }
    }
}

/// What was wrong with something that has no field on the page.
pub(crate) fn complaints_under(visit: &Visit, complaints: &Complaints, key: &str) -> Markup {
    html! { @if let Some(words) = complaints.under(key, visit.lang) { p.error { "▲ " (words) } } }
}

/// Sign, words and class of a status.
pub(crate) fn status(lang: Lang, status: Status) -> (&'static str, &'static str, &'static str) {
    let (sign, zh, en, class) = match status {
        Status::Met => ("●", "已落实", "Met", "met"),
        Status::Late => ("◑", "迟办", "Met late", "late"),
        Status::Open => ("◐", "进行中", "Open", "open"),
        Status::Awaiting => ("◔", "待补录", "To be recorded", "awaiting"),
        Status::Overdue => ("▲", "已逾期", "Overdue", "overdue"),
        Status::Ahead => ("○", "未到期", "Ahead", "ahead"),
        Status::Waived => ("◇", "不适用", "Waived", "waived"),
    };
    (sign, say(lang, zh, en), class)
}

/// A status as shape, word and colour.
pub(crate) fn badge(lang: Lang, one: Status) -> Markup {
    let (sign, words, class) = status(lang, one);
    html! { span.badge.(class) { (sign) " " (words) } }
}

/// The legend of the statuses.
pub(crate) fn legend(lang: Lang) -> Markup {
    html! { p.legend { @for one in Status::ALL { (badge(lang, one)) " " } } }
}

/// A month of the year in words: 5月, May.
pub(crate) fn month(lang: Lang, month: i8) -> String {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = usize::try_from(month - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or_default();
    if lang == Lang::Zh { format!("{month}月") } else { name.to_owned() }
}

/// Fen as yuan.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

/// The row of links that every list has: other formats, and print. None beside a form that is given back.
pub(crate) fn formats(visit: &Visit) -> Markup {
    formats_of(visit, "")
}

/// The same for one of several lists of a page.
pub(crate) fn formats_of(visit: &Visit, list: &str) -> Markup {
    let (path, question) = visit.address.split_once('?').unwrap_or((&visit.address, ""));
    let rest: String = question
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("as=") && !pair.starts_with("list="))
        .map(|pair| format!("{pair}&"))
        .collect();
    let rest = if list.is_empty() { rest } else { format!("{rest}list={list}&") };
    html! { @if !visit.sends {
        p.formats {
            (visit.say("导出：", "Export: "))
            @for sort in ["xlsx", "csv", "json"] { a href={ (path) "?" (rest) "as=" (sort) } { (sort) } " " }
        }
    } }
}

/// A horizontal bar of parts of a whole, drawn with text beside it; `parts` are class, label and count.
pub(crate) fn bars(parts: &[(&str, String, i64)]) -> Markup {
    let total: i64 = parts.iter().map(|(_, _, n)| n).sum::<i64>().max(1);
    let mut x = 0.0;
    let mut rects = String::new();
    for (class, label, n) in parts.iter().filter(|(_, _, n)| *n > 0) {
        let width = *n as f64 * 600.0 / total as f64;
        rects += &format!(
            "<rect class=\"fill-{class}\" x=\"{x:.1}\" y=\"0\" width=\"{width:.1}\" height=\"14\"><title>{label}</title></rect>"
        );
        x += width;
    }
    html! {
        svg.bars viewBox="0 0 600 14" preserveAspectRatio="none" role="img"
            aria-label=(parts.iter().map(|(_, label, _)| label.as_str()).collect::<Vec<_>>().join("，")) {
            (PreEscaped(rects))
        }
    }
}
