//! The home page of a member: when and where the next meeting is, one's own record, what one must answer.

use crate::obligation::{self, Ledger};
use crate::plan;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::{Obligation, Status, Unit};
use luoshi_store::record;
use maud::{Markup, html};

pub(super) async fn page(visit: &Visit, at: &Unit, ledger: &Ledger) -> Result<Markup, Trouble> {
    let (plans, _) = plan::coming(visit, at).await?;
    let (top, person, year) = (visit.actor.top, visit.actor.person, visit.year());
    let days = (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31));
    let attended = visit.app.read(move |tx| record::attendance(tx, top, person, days)).await?;
    let present = attended.iter().filter(|one| one.absent.is_none()).count();
    let took_part = took_part(&attended, person);
    let ground = luoshi_rules::obligation::Ground { tally: &took_part, ..ledger.ground() };
    let owed = luoshi_rules::obligation::of_member(ground, at, person, year);
    let owed: Vec<&Obligation> = owed.iter().filter(|one| one.status != Status::Ahead).collect();
    Ok(html! {
        section.card.hero {
            h2 { (visit.say("下一次会议", "The next meeting")) }
            @match plans.first() {
                Some(next) => {
                    p.next { b { (next.on) " " (next.at) } " " (obligation::kind_name(visit, &next.kind)) " · " (next.topic) }
                    @if !next.place.is_empty() { p { (visit.say("地点：", "Where: ")) (next.place) } }
                    @if !next.reading.is_empty() { p { (visit.say("会前阅读：", "To read: ")) (next.reading) } }
                }
                None => p.empty { (visit.say("支部还没有安排下一次会议。", "Nothing is planned yet.")) }
            }
        }
        div.columns {
            section.card {
                h2 { (visit.say("我的参会", "My attendance")) " " small { (present) " / " (attended.len()) } }
                table.list { @for one in attended.iter().take(10) {
                    tr { td.nowrap { (one.on) } td { a href={ "/units/" (one.unit) "/records/" (one.record) } { (obligation::kind_name(visit, &one.kind)) " " (one.topic) } }
                        td { @match &one.absent { None => (visit.say("● 到会", "● Present")), Some(why) => { "○ " (crate::record::absence(visit, why)) } } } }
                } }
                @if visit.rules.base.aid.is_some() { p { a href="/me/aid" { (visit.say("爱心互助", "Mutual aid")) } } }
                p { a href="/me/proposals" { (visit.say("提意见、建议", "Raise a proposal")) } }
                p { a href="/me" { (visit.say("我的全部数据", "All that is held about me")) } }
            }
            section.card {
                h2 { (visit.say("我要答复的", "What I must answer")) }
                @if owed.is_empty() { p.empty { (visit.say("现在没有要您答复的事项。", "Nothing awaits your answer.")) } }
                @else { (obligation::rows(visit, ledger, &owed, false)) }
            }
        }
    })
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
