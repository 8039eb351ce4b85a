//! Proposals and complaints about work: raised by a member, answered by the unit they are addressed to. The matter is
//! kept at that unit alone, so that it does not tell which branch it came from; who raised it stands in its data and
//! is shown as they chose.

use super::{Opening, open, read};
use crate::{Fault, Tx, audit};
use luoshi_rules::flow::Side;
use luoshi_rules::{Actor, Matter, Pack, Permit, Refusal};

/// The flow of proposals.
pub const FLOW: &str = "proposal";
/// Where the data say who raised it.
pub const BY: &str = "proposer";
/// Where the data say to whom the name is shown: `all`, `unit` or `nobody`.
pub const SIGNED: &str = "signed";
/// How many one person may raise in a day.
const A_DAY: i64 = 10;

/// Raises a proposal to a unit above the permit's, or to that unit itself.
pub fn raise(tx: &Tx, permit: &Permit, opening: &Opening) -> Result<i64, Fault> {
    if opening.flow.id != FLOW || !opening.addressee.path.contains(permit.path()) {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select count(*) from matter_event e join matter m on m.top_id = e.top_id and m.id = e.matter_id
                where e.top_id = $1 and e.actor_id = $2 and e.seq = 1 and e.on_date = $3 and m.flow = 'proposal'";
    let args = [permit.top().into(), permit.person().into(), permit.today().into()];
    if tx.row(sql, &args, |row| row.int(0))? >= A_DAY {
        return Err(Refusal::rule(
            "您今天已提了10条，请明天再提，或把同类意见合在一条里",
            "you have raised ten today: go on tomorrow, or put what belongs together into one",
        )
        .into());
    }
    let mut opening = opening.clone();
    opening.data[BY] = permit.person().into();
    open::addressed(tx, permit, &opening)
}

/// What somebody raised, newest first, each with what happened.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<read::Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m join matter_event f on f.top_id = m.top_id and f.matter_id = m.id and f.seq = 1
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                where m.top_id = $1 and m.flow = 'proposal' and f.actor_id = $2 order by m.id desc limit 100";
    let args = [actor.top.into(), actor.person.into()];
    let lines = tx.rows(sql, &args, read::line)?;
    let sql = "select e.matter_id, e.seq, e.step, e.actor_id, e.note, e.on_date, e.data
                 from matter_event f
                 join matter m on m.top_id = f.top_id and m.id = f.matter_id and m.flow = 'proposal'
                 join matter_event e on e.top_id = f.top_id and e.matter_id = f.matter_id
                where f.top_id = $1 and f.actor_id = $2 and f.seq = 1 order by e.matter_id, e.seq";
    Ok(read::with_events(lines, tx.rows(sql, &args, read::event)?))
}

/// Who raised a proposal, by name, where they chose that the visitor may see it: everybody who sees the matter, or
/// those who answer for the unit it is addressed to.
pub fn signed(tx: &Tx, actor: &Actor, pack: &Pack, matter: &Matter) -> Result<Option<String>, Fault> {
    let steps = pack.flow(FLOW).map_or(&[][..], |flow| &flow.step);
    let answering: Vec<&String> =
        steps.iter().filter(|step| step.side == Side::Addressee).flat_map(|step| &step.by).collect();
    let of_unit = actor.posts.iter().any(|held| held.unit == matter.unit && answering.contains(&&held.post));
    let shown = match matter.data[SIGNED].as_str() {
        Some("all") => true,
        Some("unit") => of_unit,
        _ => false,
    };
    let person = matter.data[BY].as_i64().filter(|_| shown);
    let Some(person) = person else { return Ok(None) };
    let sql = "select name from person where top_id = $1 and id = $2";
    Ok(tx.rows(sql, &[actor.top.into(), person.into()], |row| row.text(0))?.pop())
}

/// Notes a step of whoever raised it, without telling from where it came.
pub(super) fn note(tx: &Tx, permit: &Permit, matter: &Matter, step: &str) -> Result<(), Fault> {
    audit::by(tx, permit.top(), permit.person(), matter.unit, "proposal.reply", matter.id, step)
}
