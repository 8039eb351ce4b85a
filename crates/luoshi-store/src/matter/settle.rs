//! Follow-ups of a unit that ends. As long as it lives, one whose duty is met is closed by derivation (decision 0007);
//! of a unit that is no more nothing is derived, so what was closed is written down before anything passes on.

use super::{append, read};
use crate::{Fault, Tx, audit};
use luoshi_rules::{Event, Pack, Permit};

/// What is noted.
const WHY: &str = "应办已落实，随组织变更销号 the duty was met when the unit ended";

/// Closes the follow-ups of the permit's unit whose duties are met, by their keys; what was closed meanwhile stays as
/// it is, and what another unit must answer stays open.
pub fn settle(tx: &Tx, permit: &Permit, pack: &Pack, met: &[i64]) -> Result<(), Fault> {
    for id in met {
        let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                          m.path, m.opener_path, m.parent_id, m.round_id
                     from matter m where m.top_id = $1 and m.id = $2 and m.unit_id = $3 and m.flow = 'follow-up'";
        let args = [permit.top().into(), (*id).into(), permit.unit().into()];
        let Some(mut line) = tx.rows(sql, &args, read::line)?.pop() else { continue };
        line.matter.events = read::events(tx, permit.top(), *id)?;
        let flow = pack.flow(&line.matter.flow).ok_or(Fault::NotFound)?;
        let Some(end) = flow.step.iter().find(|step| step.is_end()) else { continue };
        if line.matter.is_closed(flow) {
            continue;
        }
        let seq = line.matter.events.len() as i64 + 1;
        append(tx, permit.top(), *id, &Event::plain(seq, &end.id, permit.person(), WHY, permit.today()))?;
        audit::note(tx, permit, "matter.advance", *id, &end.id)?;
    }
    Ok(())
}
