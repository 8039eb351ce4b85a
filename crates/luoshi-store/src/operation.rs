//! Acts asked for once and done once: a form sent twice, or sent again after no answer, has one effect.

use crate::{Fault, Tx, now};
use luoshi_rules::Actor;

/// Does `work` unless the act was done before; returns where the user was sent then, or is sent now.
pub fn once(tx: &Tx, actor: &Actor, work: impl Fn(&Tx) -> Result<String, Fault>) -> Result<String, Fault> {
    let find = "select outcome from operation where top_id = $1 and id = $2 and person_id = $3";
    let key = [actor.top.into(), actor.operation.into(), actor.person.into()];
    if let Some(outcome) = tx.rows(find, &key, |row| row.text(0))?.pop() {
        return Ok(outcome);
    }
    let outcome = work(tx)?;
    let [top, id, person] = key;
    let add = "insert into operation (top_id, id, person_id, outcome, at) values ($1, $2, $3, $4, $5)";
    tx.run(add, &[top, id, person, outcome.as_str().into(), now().into()])?;
    Ok(outcome)
}
