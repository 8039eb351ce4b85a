//! The plan of a year: what the unit means to do, month by month, and meetings proposed for what it still owes.

use crate::export;
use crate::form::{Complaints, Fields, Sent, all, one, operation};
use crate::obligation::{self, Ledger, kind_name};
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use jiff::civil::{Date, date};
use luoshi_office::{Kind as Sort, Table};
use luoshi_rules::plan::{Closes, Meant, closes, propose};
use luoshi_rules::{Kind, Obligation, Refusal, Unit, Verb};
use luoshi_store::plan::{self, Plan};
use maud::{Markup, html};
use std::collections::HashMap;
use std::sync::Arc;

/// Most meetings accepted at once.
const MOST: usize = 200;

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::See).await?;
    if asked.contains_key("as") {
        let (plans, ledger) = found(&visit, (&at, year)).await?;
        return export::list(&asked, || Seen::of(&visit, (&at, year), &ledger).table(&plans))?.ok_or(Trouble::NotFound);
    }
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    Ok(page(&visit, (&at, year), &filled).await?.into_response())
}

/// What the page is made of.
struct Seen<'a> {
    visit: &'a Visit,
    at: &'a Unit,
    year: i16,
    owed: Vec<&'a Obligation<'a>>,
    kinds: Vec<&'a Kind>,
}

/// What is planned for a year and the one after, and the ledger of the year.
async fn found(visit: &Visit, (at, year): (&Unit, i16)) -> Result<(Vec<Plan>, Arc<Ledger>), Trouble> {
    let scope = visit.actor.scope(&visit.rules.base, Verb::See, at)?;
    let (unit, days) = (at.id, (date(year, 1, 1), date(year + 1, 12, 31)));
    let plans = visit.app.read(move |tx| plan::of_unit(tx, &scope, unit, days)).await?;
    Ok((plans, obligation::ledger(visit, at, year, None).await?))
}

/// A meeting of a plan for programs: the key of one that is planned already, what it is about, and what it would close.
pub(crate) struct Item {
    pub plan: Option<i64>,
    pub topic: String,
    pub meant: Meant,
}

/// The meetings that are planned for a year and ahead, then those that are proposed.
pub(crate) async fn items(visit: &Visit, (at, year): (&Unit, i16)) -> Result<(Vec<Item>, Vec<Item>), Trouble> {
    let (plans, ledger) = found(visit, (at, year)).await?;
    let of = Seen::of(visit, (at, year), &ledger);
    let ahead = plans.iter().filter(|plan| plan.on >= visit.today);
    let planned = ahead.map(|plan| Item { plan: Some(plan.id), topic: plan.topic.clone(), meant: of.meant(plan) });
    let proposed = of.proposed(&plans).into_iter();
    let proposed = proposed.map(|meant| Item { plan: None, topic: of.about(&meant), meant });
    Ok((planned.collect(), proposed.collect()))
}

async fn page(visit: &Visit, (at, year): (&Unit, i16), filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let (plans, ledger) = found(visit, (at, year)).await?;
    let of = Seen::of(visit, (at, year), &ledger);
    let title = visit.say("年度安排", "Plan of the year").to_owned();
    let head = Page { visit, title, unit: Some(at), year, dated: "/plan", part: Part::Records };
    let proposed = of.proposed(&plans);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        p.help { (visit.say("系统按本组织的职责提出会议安排：一次会议能落实几条的，只安排一次。逐项可改，采纳后可改期。",
            "Meetings are proposed for what this unit owes; one that meets several duties is held once. Change each as you like, before and after.")) }
        (of.months(&plans, &ledger))
        @if visit.may(Verb::Write, at) { (of.proposal(&proposed, filled)) }
        (shell::formats(visit))
        (links(visit, at))
        (crate::collection::burden_of_others(visit, at, at.top, ("plan", &year.to_string())))
    };
    Ok(shell::page(&head, body))
}

fn links(visit: &Visit, at: &Unit) -> Markup {
    html! {
        p.actions {
            @if visit.may(Verb::Write, at) { a.button href={ "/units/" (at.id) "/plans/new" } { (visit.say("另外安排一次", "Plan another")) } " " }
            a.button href={ "/units/" (at.id) "/joint" } { (visit.say("联合开展", "Joint meetings")) } " "
            a.button href={ "/me/calendar?unit=" (at.id) } { (visit.say("放到手机日历", "In my calendar program")) }
        }
    }
}

impl<'a> Seen<'a> {
    fn of(visit: &'a Visit, (at, year): (&'a Unit, i16), ledger: &'a Ledger) -> Seen<'a> {
        let owed = ledger.pressing(at.id);
        Seen { visit, at, year, owed, kinds: crate::record::kinds_of(visit, at) }
    }

    /// Meetings for what is owed and not planned for.
    fn proposed(&self, plans: &[Plan]) -> Vec<Meant> {
        let today = self.visit.today;
        let ahead = plans.iter().filter(|plan| plan.on >= today).map(|plan| self.meant(plan)).collect::<Vec<_>>();
        propose(&self.owed, &ahead, &self.kinds, (&self.visit.rules.calendar, today))
    }
}

impl Seen<'_> {
    /// A plan, with what it would close.
    fn meant(&self, plan: &Plan) -> Meant {
        let (kind, tags) = (plan.kind.clone(), plan.tags.clone());
        let meant = Meant { kind, on: plan.on, tags, closes: Vec::new() };
        Meant { closes: closes(&meant, &self.owed, &self.kinds), ..meant }
    }

    /// What is planned, then what is proposed, as rows that can be taken away.
    fn table(&self, plans: &[Plan]) -> Table {
        let visit = self.visit;
        let columns = [
            ("state", "状态", "State", Sort::Text),
            ("on", "日期", "Day", Sort::Date),
            ("time", "时间", "Time", Sort::Text),
            ("kind", "类型", "Kind", Sort::Text),
            ("topic", "主题", "Topic", Sort::Text),
            ("place", "地点", "Place", Sort::Text),
            ("meets", "能落实", "Meets", Sort::Text),
        ];
        let title = format!("{} {} {}", self.at.short_name, self.year, visit.say("年度安排", "Plan of the year"));
        let mut table = export::head(visit, title, &columns);
        let row = |state: &str, meant: &Meant, [time, topic, place]: [&str; 3]| {
            let (kind, meets) = (kind_name(visit, &meant.kind), ids(&meant.closes));
            let on = export::day(meant.on);
            vec![state.into(), on, time.into(), kind.into(), topic.into(), place.into(), meets.into()]
        };
        let (planned, wanted) = (visit.say("已安排", "planned"), visit.say("建议", "proposed"));
        let held = plans.iter().map(|plan| row(planned, &self.meant(plan), [&plan.at, &plan.topic, &plan.place]));
        table.rows = held.collect();
        table.rows.extend(self.proposed(plans).iter().map(|one| row(wanted, one, ["", &self.about(one), ""])));
        table
    }

    /// Twelve months, each with what is planned; what the year's duties leave for the next comes after.
    fn months(&self, plans: &[Plan], ledger: &Ledger) -> Markup {
        let (visit, year) = (self.visit, self.year);
        let of = |y: i16, m: i8| plans.iter().filter(move |plan| plan.on.year() == y && plan.on.month() == m);
        let held = ledger.known.tally.of(self.at.id);
        let later: Vec<&Plan> = plans.iter().filter(|plan| plan.on.year() > year).collect();
        html! {
            div.plan data-months {
                @for month in 1..=12_i8 {
                    section.now[(year, month) == (visit.today.year(), visit.today.month())] data-month=(date(year, month, 1).strftime("%Y-%m")) {
                        h2 { (shell::month(visit.lang, month)) " " small { (held.iter().filter(|one| one.on.year() == year && one.on.month() == month).count()) (visit.say(" 条纪实", " records")) } }
                        @for plan in of(year, month) { (self.item(plan)) }
                    }
                }
                @if !later.is_empty() { section { h2 { (year + 1) } @for plan in later { (self.item(plan)) } } }
            }
        }
    }

    fn item(&self, plan: &Plan) -> Markup {
        let visit = self.visit;
        let ahead = plan.on >= visit.today;
        let closes = if ahead { self.meant(plan).closes } else { Vec::new() };
        html! {
            div.item id={ "plan-" (plan.id) } data-plan[ahead && visit.may(Verb::Write, self.at)] {
                b { (plan.on.strftime("%d")) (visit.say("日", "")) " " (plan.at) } " " (kind_name(visit, &plan.kind)) " " (plan.topic)
                @if !closes.is_empty() { " " small { (visit.say("落实 ", "meets ")) (ids(&closes)) } }
                @if visit.may(Verb::Write, self.at) {
                    @if ahead {
                        form data-move method="post" action={ "/units/" (plan.unit) "/plans/" (plan.id) "/move" } {
                            (shell::hidden(visit)) input type="hidden" name="was" value=(plan.on);
                            input type="date" name="on" value=(plan.on) min=(visit.today) aria-label=(visit.say("改期到", "Move to"));
                            button { (visit.say("改期", "Move")) } " "
                            a href={ "/units/" (plan.unit) "/plans/" (plan.id) } { (visit.say("修改", "Change")) }
                        }
                    } @else {
                        " " a href={ "/units/" (plan.unit) "/records/new?kind=" (plan.kind) "&on=" (plan.on) "&" (topic(plan)) (question(&plan.tags)) } { (visit.say("记录", "Record")) }
                    }
                }
            }
        }
    }

    /// The proposal as one form: each meeting can be left out or changed.
    fn proposal(&self, proposed: &[Meant], filled: &Filled) -> Markup {
        let visit = self.visit;
        html! {
            h2 { (visit.say("建议的安排", "Proposed")) " " small { (proposed.len()) } }
            @if proposed.is_empty() { p.empty { (visit.say("职责都已落实或已有安排，不需要再加会议。", "All duties are met or planned for; no more meetings are needed.")) } }
            @else { form method="post" action={ "/units/" (self.at.id) "/" (self.year) "/plan" } {
                (shell::hidden(visit))
                div.scroll { table.list {
                    thead { tr { th { (visit.say("采纳", "Take")) } th { (visit.say("类型", "Kind")) } th { (visit.say("日期", "Day")) } th { (visit.say("主题", "Topic")) } th { (visit.say("能落实", "Meets")) } } }
                    @for (n, item) in proposed.iter().enumerate() { (self.row(n, item, filled)) }
                } }
                p.actions { button.main { (visit.say("采纳勾选的安排", "Accept those ticked")) } }
            } }
        }
    }

    fn row(&self, n: usize, item: &Meant, filled: &Filled) -> Markup {
        let visit = self.visit;
        let again = filled.fields.contains_key("csrf");
        let kept = |key: String, fresh: String| if again { one(filled.fields, &key).to_owned() } else { fresh };
        let taken = !again || all(filled.fields, "take").contains(&n.to_string());
        let key = format!("on-{n}");
        html! {
            tr {
                td { input type="checkbox" name="take" value=(n) checked[taken] aria-label=(visit.say("采纳", "Take"));
                    input type="hidden" name={ "kind-" (n) } value=(item.kind); input type="hidden" name={ "tags-" (n) } value=(item.tags); }
                td { (kind_name(visit, &item.kind)) }
                td { input type="date" name=(key) min=(visit.today) value=(kept(key.clone(), item.on.to_string())) aria-label=(visit.say("日期", "Day"));
                    @if let Some(words) = filled.complaints.under(&key, visit.lang) { p.error { "▲ " (words) } } }
                td { input name={ "topic-" (n) } maxlength="200" value=(kept(format!("topic-{n}"), self.about(item))) aria-label=(visit.say("主题", "Topic")); }
                td { @for one in &item.closes { div { (self.words(one)) } } }
            }
        }
    }

    /// What a duty is, in words.
    fn words(&self, closes: &Closes) -> Markup {
        let visit = self.visit;
        let text =
            self.owed.iter().find(|one| one.clause.id == closes.clause).map_or("", |one| visit.of(&one.clause.text));
        let role = closes.role.as_ref().and_then(|role| luoshi_rules::pack::name_of(&visit.rules.base.role, role));
        html! { small { (closes.clause) " " (text) " · " (closes.period.of(visit.lang))
        @if let Some(role) = role { " · " (visit.say("责任人须为", "the holder as ")) (visit.of(role)) } } }
    }

    /// What a meeting is about, from the options it must have.
    fn about(&self, item: &Meant) -> String {
        let kind = self.kinds.iter().find(|kind| kind.id == item.kind);
        let tags = item.tags.split(' ').filter_map(|tag| tag.split_once(':'));
        let names = tags.filter_map(|(field, option)| {
            let option = kind?.field(field)?.option.iter().find(|one| one.id == option)?;
            Some(self.visit.of(&option.name).to_owned())
        });
        names.collect::<Vec<_>>().join(self.visit.say("、", ", "))
    }
}

/// Clauses, each once.
fn ids(closes: &[Closes]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for one in closes {
        if !ids.contains(&one.clause.as_str()) {
            ids.push(&one.clause);
        }
    }
    ids.join(" ")
}

/// What it is about, as it stands in an address.
fn topic(plan: &Plan) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("topic", &plan.topic).finish()
}

/// Options as they stand in an address.
fn question(tags: &str) -> String {
    tags.split(' ').filter_map(|tag| tag.split_once(':')).map(|(field, option)| format!("&{field}={option}")).collect()
}

/// The same for programs: the first of each list belong together, then the second.
pub(crate) async fn accept_lists(at: Place<(i64, Year)>, mut sent: Sent) -> Result<Response, Trouble> {
    let whole = all(&sent.fields, "kind").len().max(all(&sent.fields, "on").len());
    for key in ["kind", "on", "topic", "tags"] {
        for (n, value) in sent.fields.remove(key).into_iter().flatten().enumerate() {
            sent.fields.insert(format!("{key}-{n}"), vec![value]);
        }
    }
    sent.fields.insert("take".into(), (0..whole).map(|n| n.to_string()).collect());
    accept(at, sent).await
}

pub(super) async fn accept(Place((id, Year(year))): Place<(i64, Year)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Write).await?;
    let done = match read(&sent, &at) {
        Ok(items) => write(&sent, (at.clone(), year), items).await,
        Err(refusals) => Err(refusals),
    };
    match done {
        Ok(response) => Ok(response),
        Err(refusals) if refusals.is_empty() => Err(Trouble::NotFound),
        Err(refusals) => {
            let complaints = Complaints::new(refusals);
            let page = page(visit, (&at, year), &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
    }
}

/// The meetings that are ticked, as they were changed.
fn read(sent: &Sent, at: &Unit) -> Result<Vec<(String, Plan)>, Vec<Refusal>> {
    let (visit, fields) = (&sent.visit, &sent.fields);
    let kinds = crate::record::kinds_of(visit, at);
    let (mut items, mut refusals) = (Vec::new(), Vec::new());
    for n in all(fields, "take").iter().take(MOST) {
        let kind = kinds.iter().find(|kind| kind.meeting.is_some() && kind.id == one(fields, &format!("kind-{n}")));
        let key = format!("on-{n}");
        let Some(kind) = kind else {
            refusals.push(Refusal::field(key, "没有这个类型，请刷新", "there is no such kind; reload"));
            continue;
        };
        match crate::form::day(fields, &key) {
            Ok(on) => items.push((key, item(fields, (n, kind, on)))),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if items.is_empty() && refusals.is_empty() {
        refusals.push(Refusal::rule("请至少勾选一项", "tick at least one"));
    }
    if refusals.is_empty() { Ok(items) } else { Err(refusals) }
}

fn item(fields: &Fields, (n, kind, on): (&str, &Kind, Date)) -> Plan {
    let known = |tag: &&str| {
        let option = tag
            .split_once(':')
            .and_then(|(field, option)| kind.field(field)?.option.iter().find(|one| one.id == option));
        option.is_some()
    };
    let tags: Vec<&str> = one(fields, &format!("tags-{n}")).split(' ').filter(known).collect();
    let topic = one(fields, &format!("topic-{n}")).chars().take(200).collect();
    Plan { kind: kind.id.clone(), on, topic, tags: tags.join(" "), ..Plan::default() }
}

async fn write(sent: &Sent, (at, year): (Unit, i16), items: Vec<(String, Plan)>) -> Result<Response, Vec<Refusal>> {
    let visit = &sent.visit;
    let rules = visit.rules.clone();
    let back = format!("/units/{}/{year}/plan", at.id);
    let work = move |tx: &luoshi_store::Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Write, &at)?;
        for (key, item) in &items {
            plan::add(tx, &permit, item).map_err(|fault| at_row(key, fault))?;
        }
        Ok(back.clone())
    };
    match visit.act(operation(&sent.fields), work).await {
        Ok(to) => Ok(to.into_response()),
        Err(Trouble::Refused(refusal)) => Err(vec![refusal]),
        Err(other) => Ok(other.into_response()),
    }
}

/// A refusal at the row of the form it is about.
fn at_row(key: &str, fault: luoshi_store::Fault) -> luoshi_store::Fault {
    match fault {
        luoshi_store::Fault::Refused(Refusal::Field { why, .. }) => Refusal::Field { field: key.into(), why }.into(),
        other => other,
    }
}
