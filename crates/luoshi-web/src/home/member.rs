//! The home page of a member: when and where the next meeting is, one's own record, what one must answer.

use crate::obligation::{self, Ledger};
use crate::plan;
use crate::shell;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::class::expected;
use luoshi_rules::{Obligation, Status, Unit};
use luoshi_store::class::hours;
use luoshi_store::handover;
use luoshi_store::matter::{Line, proposal};
use luoshi_store::plan::Plan;
use luoshi_store::record;
use maud::{Markup, html};

/// The kind of record that says dues were collected.
const DUES: &str = "dues-collection";

pub(super) async fn page(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let (plans, _) = plan::coming(visit, at).await?;
    let (top, person, year) = (visit.actor.top, visit.actor.person, visit.year());
    let days = (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31));
    let actor = visit.actor.clone();
    let read = move |tx: &luoshi_store::Tx| {
        let taught = hours::own(tx, &actor, &[luoshi_store::class::KIND], days)?.pop().unwrap_or_default();
        let said = (proposal::mine(tx, &actor)?, handover::awaited(tx, &actor)?);
        Ok((record::attendance(tx, top, person, days)?, taught, said))
    };
    let (attended, taught, (raised, handovers)) = visit.app.read(read).await?;
    let meetings = crate::record::meetings(visit, &attended);
    let present = meetings.iter().filter(|one| one.absent.is_none()).count();
    let took_part = took_part(&attended, person);
    let ground = luoshi_rules::obligation::Ground { tally: &took_part, ..ledger.ground() };
    let owed = luoshi_rules::obligation::of_member(ground, at, person, year);
    let owed: Vec<&Obligation> = owed.iter().filter(|one| one.status != Status::Ahead).collect();
    let pledged = crate::pledge::to_do(visit, at).await?;
    Ok(html! {
        (pledged)
        (next_meeting(visit, plans.first()))
        div.columns {
            section.card {
                h2 { (visit.say("我的参会", "My attendance")) " " small { (present) " / " (meetings.len()) } }
                (came(visit, &meetings))
                (training(visit, &taught))
                (dues(visit, at, ledger, &attended))
                (links(visit))
            }
            section.card {
                h2 { (visit.say("我要答复的", "What I must answer")) }
                (crate::me::to_sign(visit, &handovers))
                @if visit.sees_proposals() { (answers(visit, &raised)) }
                @if owed.is_empty() && handovers.is_empty() { p.empty { (visit.say("现在没有要您答复的事项。", "Nothing awaits your answer.")) } }
                @if !owed.is_empty() { (obligation::rows(visit, ledger, &owed, false)) }
            }
        }
    })
}

/// When and where the next meeting is.
fn next_meeting(visit: &Visit, next: Option<&Plan>) -> Markup {
    html! {
        section.card.hero {
            h2 { (visit.say("下一次会议", "The next meeting")) }
            @match next {
                Some(next) => {
                    p.next { b { (next.on) " " (next.at) } " " (obligation::kind_name(visit, &next.kind)) " · " (next.topic) }
                    @if !next.place.is_empty() { p { (visit.say("地点：", "Where: ")) (next.place) } }
                    @if !next.reading.is_empty() { p { (visit.say("会前阅读：", "To read: ")) (next.reading) } }
                }
                None => p.empty { (visit.say("支部还没有安排下一次会议。", "Nothing is planned yet.")) }
            }
        }
    }
}

/// What the member came to, and what not.
fn came(visit: &Visit, attended: &[&record::Attendance]) -> Markup {
    html! {
        table.list { @for one in attended.iter().take(10) {
            tr { td.nowrap { (one.on) } td { a href={ "/units/" (one.unit) "/records/" (one.record) } { (obligation::kind_name(visit, &one.kind)) " " (one.topic) } }
                td { (crate::record::came(visit, &one.kind, one.absent.as_deref())) } }
        } }
    }
}

/// Hours of the year beside what is expected of somebody with these posts.
fn training(visit: &Visit, taught: &hours::Taught) -> Markup {
    let posts: Vec<String> = visit.actor.posts.iter().map(|held| held.post.clone()).collect();
    let wanted = expected(&visit.rules.base.hours, &posts);
    html! {
        p { (visit.year()) (visit.say(" 年学时 ", ", hours of training ")) b { (taught.hours) }
            @if wanted > 0 { " / " (wanted) " " @if taught.hours >= wanted { "● " (visit.say("已达到", "reached")) }
                @else { "◐ " (visit.say("还差 ", "short by ")) (wanted - taught.hours) } }
            " " a href="/me/classes" { (visit.say("我的培训", "My training")) } }
    }
}

/// Whether the branch has recorded the dues of each month, and how often it marked the member as having paid: what one
/// pays is between the member and the branch.
fn dues(visit: &Visit, at: &Unit, ledger: &Ledger, attended: &[record::Attendance]) -> Markup {
    let own: Vec<&record::Attendance> = attended.iter().filter(|one| one.kind == DUES).collect();
    let paid = own.iter().filter(|one| one.absent.is_none()).count();
    let months = ledger.of_unit(at.id).filter(|one| one.clause.counts.iter().any(|c| c.record == DUES));
    let begun: Vec<&Obligation> = months.filter(|one| one.period.first <= visit.today).collect();
    let met = begun.iter().filter(|one| matches!(one.status, Status::Met | Status::Late)).count();
    html! {
        @if let Some(last) = begun.last() {
            p { (visit.say("党费：支部今年已记收缴 ", "Dues: collected and recorded by the branch for ")) b { (met) } " / " (begun.len())
                (visit.say(" 期；本期 ", " periods this year; this one ")) (last.period.of(visit.lang)) " " (shell::badge(visit.lang, last.status))
                @if !own.is_empty() { (visit.say("；其中本人已交 ", "; of these you paid ")) b { (paid) } " / " (own.len()) } }
        }
    }
}

/// What was answered and waits for the member's word, and under which name each is said.
fn answers(visit: &Visit, raised: &[Line]) -> Markup {
    let waits = |line: &&Line| {
        let flow = visit.rules.base.flow(&line.matter.flow);
        let next = flow.and_then(|flow| Some((flow, line.matter.state(flow)?)));
        next.is_some_and(|(flow, step)| {
            step.then.iter().filter_map(|id| flow.step(id)).any(|step| step.person.is_some())
        })
    };
    let waiting: Vec<&Line> = raised.iter().filter(waits).collect();
    html! {
        @if !waiting.is_empty() { ul { @for line in waiting { li {
            a href="/me/proposals" { (line.matter.title) } (visit.mark("：")) (visit.say("已有答复，请说是否满意", "answered: say whether it will do"))
            " " span.mark { @match line.matter.data["signed"].as_str() {
                Some("all") => (visit.say("公开署名", "under your name")),
                Some("unit") => (visit.say("只对办理组织署名", "your name shows to the unit alone")),
                _ => (visit.say("不署名", "without your name")),
            } }
        } } } }
        p.help { (visit.say("下列职责以本人名义记录，支部看得到；意见建议按您选的署名，不署名的谁也看不到是您。",
            "The duties below are recorded under your name and seen by the branch; a proposal bears the name you chose, and one without a name shows it to nobody.")) }
    }
}

/// Where a member goes for what is theirs.
fn links(visit: &Visit) -> Markup {
    html! {
        p { a href="/me/classes" { (visit.say("培训和志愿服务报名", "Training and volunteering: put my name down")) } }
        @if visit.rules.base.pledge.is_some() { p { a href="/me/pledges" { (visit.say("我的承诺", "My pledges")) } } }
        @if visit.rules.base.aid.is_some() { p { a href="/me/aid" { (visit.say("爱心互助", "Mutual aid")) } } }
        p { a href="/me/proposals" { (visit.say("提意见、建议", "Raise a proposal")) } }
        p { a href="/me" { (visit.say("我的全部数据", "All that is held about me")) } }
    }
}

/// What a member took part in, as the rules count it.
fn took_part(attended: &[record::Attendance], person: i64) -> luoshi_rules::Tally {
    let mut tally = luoshi_rules::Tally::default();
    for one in attended.iter().filter(|one| one.absent.is_none()) {
        tally.add(luoshi_rules::tally::Fact {
            record: one.record,
            unit: one.unit,
            kind: one.kind.clone(),
            on: one.on,
            written: one.on,
            tags: String::new(),
            roles: format!("present:{person}"),
            makes_up: String::new(),
        });
    }
    tally
}
