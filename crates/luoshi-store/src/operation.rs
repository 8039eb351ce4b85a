//! Acts asked for once and done once: a form sent twice, or sent again after no answer, has one effect.

use crate::{Fault, Tx, now};
use luoshi_rules::Actor;

/// Does `work` unless the act was done before; returns where the user was sent then, or is sent now.
pub fn once(tx: &Tx, actor: &Actor, work: impl Fn(&Tx) -> Result<String, Fault>) -> Result<String, Fault> {
    if let Some(outcome) = outcome(tx, actor)? {
        return Ok(outcome);
    }
    let outcome = work(tx)?;
    let [top, id, person] = [actor.top.into(), actor.operation.into(), actor.person.into()];
    let add = "insert into operation (top_id, id, person_id, outcome, at) values ($1, $2, $3, $4, $5)";
    tx.run(add, &[top, id, person, outcome.as_str().into(), now().into()])?;
    Ok(outcome)
}

/// Where the user was sent when the act was done, if it was.
pub fn outcome(tx: &Tx, actor: &Actor) -> Result<Option<String>, Fault> {
    let find = "select outcome from operation where top_id = $1 and id = $2 and person_id = $3";
    let key = [actor.top.into(), actor.operation.into(), actor.person.into()];
    Ok(tx.rows(find, &key, |row| row.text(0))?.pop())
}
