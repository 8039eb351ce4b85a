//! Handovers: when a post changes hands, everything open of it is written down, and one signature from each side
//! moves it. A matter of the unit with itself; what was handed over is frozen when it is opened.

use crate::holding::{self, Seat};
use crate::matter::{self, Line, Opening};
use crate::plan::{self, Plan};
use crate::{Fault, Tx, audit, term, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::flow::Step;
use luoshi_rules::pack::Post;
use luoshi_rules::{Actor, Event, Flow, Matter, Pack, Permit, Refusal, Scope, Unit};
use serde_json::{Value as Json, json};

/// Key of the flow in the pack.
pub const FLOW: &str = "handover";

/// Most matters that one handover lists.
const MOST: i64 = 500;

/// What a post has open, besides its duties, which are derived.
#[derive(Debug, Clone)]
pub struct Open {
    /// matters of the unit that are not closed
    pub matters: Vec<Line>,
    /// addresses of the forms the holder has half filled for the unit
    pub drafts: Vec<String>,
    /// what the unit means to do from today on
    pub plans: Vec<Plan>,
    /// the term of the unit
    pub term: Option<term::Line>,
}

/// Who hands what to whom.
#[derive(Debug, Clone)]
pub struct Handing<'a> {
    /// the unit of the post
    pub unit: &'a Unit,
    /// the post
    pub post: &'a Post,
    /// who holds it
    pub giver: i64,
    /// who takes it
    pub taker: i64,
    /// every open duty, matter, draft and date, as shown on the page
    pub items: Json,
}

/// What a holder of a post in a unit has open.
pub fn items(tx: &Tx, scope: &Scope, (unit, giver): (i64, i64), today: Date) -> Result<Open, Fault> {
    let filter = matter::Filter { state: matter::State::Open, unit, most: MOST, ..matter::Filter::default() };
    let plans = plan::of_unit(tx, scope, unit, (today, today.saturating_add(2.years())))?;
    let sql = "select form from draft where top_id = $1 and person_id = $2 and form like $3 order by form";
    let drafts = tx.rows(sql, &[scope.top().into(), giver.into(), forms(unit).into()], |row| row.text(0))?;
    Ok(Open {
        matters: matter::list(tx, scope, &filter)?,
        drafts,
        plans,
        term: term::of_unit(tx, scope, unit)?.into_iter().next(),
    })
}

/// Addresses of the forms of a unit.
fn forms(unit: i64) -> String {
    format!("/units/{unit}/%")
}

/// Opens the handover of a post in the unit of the permit; one at a time for each post.
pub fn open(tx: &Tx, permit: &Permit, flow: &Flow, handing: &Handing) -> Result<i64, Fault> {
    if handing.giver == handing.taker {
        return Err(Refusal::field("taker", "移交人与接收人相同", "giver and taker are the same").into());
    }
    let post = &handing.post.id;
    let sql = "select p.name from holding h join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.unit_id = $2 and h.post = $3 and h.person_id = $4
                  and h.until_date = '9999-12-31'";
    let top = permit.top();
    let key = [top.into(), handing.unit.id.into(), post.as_str().into(), handing.giver.into()];
    let giver = tx.rows(sql, &key, |row| row.text(0))?.pop();
    let giver =
        giver.ok_or_else(|| Refusal::field("giver", "移交人现不任该职", "the giver does not hold this post"))?;
    let sql = "select name from person where top_id = $1 and id = $2 and left_on = '9999-12-31'";
    let taker = tx.rows(sql, &[top.into(), handing.taker.into()], |row| row.text(0))?.pop();
    let taker = taker.ok_or_else(|| Refusal::field("taker", "名册中没有此人", "this person is not on the roll"))?;
    let opening = Opening {
        flow,
        addressee: handing.unit,
        subject: subject(tx, top, flow, handing)?,
        title: format!("{}：{giver} → {taker}", handing.post.name.zh),
        data: json!({
            "post": post, "giver": handing.giver, "taker": handing.taker, "giver_name": giver, "taker_name": taker,
            "signers": format!(" {} {} ", handing.giver, handing.taker), "items": handing.items,
        }),
        note: String::new(),
    };
    matter::begin(tx, permit, &opening).map_err(|fault| fault.if_taken(under_way()))
}

/// The subject of the next handover of a post: two begun at once would have the same, and the key allows one.
fn subject(tx: &Tx, top: i64, flow: &Flow, handing: &Handing) -> Result<String, Fault> {
    let seat = if handing.post.many { handing.giver } else { 0 };
    let name = format!("{}:{seat}:", handing.post.id);
    let sql = "select m.id, (select e.step from matter_event e where e.top_id = m.top_id and e.matter_id = m.id
                              order by e.seq desc limit 1)
                 from matter m
                where m.top_id = $1 and m.flow = 'handover' and m.unit_id = $2 and m.subject like $3";
    let args = [top.into(), handing.unit.id.into(), format!("{name}%").into()];
    let steps = tx.rows(sql, &args, |row| row.text(1))?;
    if steps.iter().any(|step| !flow.closes(step)) {
        return Err(under_way().into());
    }
    Ok(format!("{name}{}", steps.len() + 1))
}

fn under_way() -> Refusal {
    let zh = "该岗位的交接正在进行，请先完成或取消";
    Refusal::rule(zh, "a handover of this post is under way; finish or cancel it first")
}

/// Signs for whichever side the permit's person is on.
pub fn sign(tx: &Tx, permit: &Permit, pack: &Pack, id: i64) -> Result<Matter, Fault> {
    let flow = pack.flow(FLOW).ok_or(Fault::NotFound)?;
    let known = signing(tx, (permit.top(), permit.person()), id)?.matter;
    let step = known.open_to(flow, permit).into_iter().find(|step| step.person.is_some());
    let step = step.ok_or_else(|| {
        Refusal::rule("您已签字，或交接已经办结", "you have signed already, or the handover is closed")
    })?;
    matter::advance(tx, permit, pack, id, &step.id, "")
}

/// What a step of a handover brings about: with both signatures, the post and the drafts are the taker's.
pub(crate) fn reached(tx: &Tx, permit: &Permit, pack: &Pack, step: &Step, matter: &Matter) -> Result<(), Fault> {
    if step.person.is_none() || !step.then.is_empty() {
        return Ok(());
    }
    let id = |key: &str| matter.data[key].as_i64().ok_or(Fault::NotFound);
    let (giver, taker) = (id("giver")?, id("taker")?);
    let post = matter.data["post"].as_str().and_then(|key| pack.post(key)).ok_or(Fault::NotFound)?;
    let (top, today) = (permit.top(), permit.today());
    let last = today.saturating_sub(1.day());
    let sql = "select from_date from holding where top_id = $1 and unit_id = $2 and post = $3 and person_id = $4
                  and until_date = '9999-12-31'";
    let key = [top.into(), matter.unit.into(), post.id.as_str().into(), giver.into()];
    let began: Option<Date> = tx.rows(sql, &key, |row| row.parse(0))?.pop();
    if began.is_none_or(|began| began > last) {
        let zh = "移交人现不任该职，或今天才任职（请明天再签）";
        let en = "the giver does not hold this post, or took it only today (sign tomorrow)";
        return Err(Refusal::rule(zh, en).into());
    }
    let sql = "select count(*) from person where top_id = $1 and id = $2 and left_on = '9999-12-31'";
    if tx.row(sql, &[top.into(), taker.into()], |row| row.int(0))? == 0 {
        let zh = "接收人已不在名册：请取消本次交接，另行指定接收人";
        return Err(
            Refusal::rule(zh, "the taker has left the roll: cancel this handover and name somebody else").into()
        );
    }
    holding::close(tx, (top, matter.unit), &post.id, giver, last)?;
    let at = unit::find(tx, matter.unit)?;
    let seat = Seat { unit: at.id, path: &at.path, post, person: taker, from: today, until: None };
    holding::take(tx, top, &seat, "")?;
    move_drafts(tx, top, at.id, (giver, taker))?;
    audit::note(tx, permit, "holding.hand_over", taker, &post.id)
}

/// Forms half filled for the unit go to the taker; one the taker has begun stays theirs.
fn move_drafts(tx: &Tx, top: i64, unit: i64, (giver, taker): (i64, i64)) -> Result<(), Fault> {
    let args = [top.into(), giver.into(), forms(unit).into(), taker.into()];
    let sql = "update draft set person_id = $4
                where top_id = $1 and person_id = $2 and form like $3
                  and form not in (select d.form from draft d where d.top_id = $1 and d.person_id = $4)";
    tx.run(sql, &args)?;
    tx.run("delete from draft where top_id = $1 and person_id = $2 and form like $3", &args).map(drop)
}

/// A handover on one of whose sides the actor is: they may read it wherever the post is.
pub fn find(tx: &Tx, actor: &Actor, id: i64) -> Result<Line, Fault> {
    signing(tx, (actor.top, actor.person), id)
}

fn signing(tx: &Tx, (top, person): (i64, i64), id: i64) -> Result<Line, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, u.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m join unit u on u.top_id = m.top_id and u.id = m.unit_id
                where m.top_id = $1 and m.id = $2 and m.flow = 'handover' and (m.data ->> 'signers') like $3";
    let mut line = tx.row(sql, &[top.into(), id.into(), signer(person).into()], matter::read_line)?;
    line.matter.events = matter::events(tx, top, id)?;
    Ok(line)
}

/// Handovers that wait for a signature of the actor or of the other side: key, title and unit.
pub fn awaited(tx: &Tx, actor: &Actor) -> Result<Vec<(i64, String, String)>, Fault> {
    let sql = "select m.id, m.title, u.short_name
                 from matter_state s
                 join matter m on m.top_id = s.top_id and m.id = s.matter_id
                 join unit u on u.top_id = m.top_id and u.id = m.unit_id
                where s.top_id = $1 and s.open = 1 and s.flow = 'handover' and (m.data ->> 'signers') like $2
                order by m.id desc";
    let args = [actor.top.into(), signer(actor.person).into()];
    tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))
}

/// Handovers on one of whose sides the actor is, newest first, each with its last event.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, u.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      e.seq, e.step, e.actor_id, e.note, e.on_date
                 from matter m
                 join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                  and e.seq = (select max(l.seq) from matter_event l where l.top_id = m.top_id and l.matter_id = m.id)
                where m.top_id = $1 and m.flow = 'handover' and (m.data ->> 'signers') like $2
                order by m.id desc";
    tx.rows(sql, &[actor.top.into(), signer(actor.person).into()], |row| {
        let mut line = matter::read_line(row)?;
        let event = Event::plain(row.int(14)?, &row.text(15)?, row.int(16)?, &row.text(17)?, row.parse(18)?);
        line.matter.events.push(event);
        Ok(line)
    })
}

fn signer(person: i64) -> String {
    format!("% {person} %")
}
