//! Filters of boards that their owner keeps under a name.

use crate::{Fault, Tx, audit};
use luoshi_rules::{Actor, Refusal};

/// Most filters somebody keeps.
const MOST: usize = 20;

/// A filter kept under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// the name
    pub name: String,
    /// as it stands in the address
    pub question: String,
}

/// The filters of whoever asks, by name.
pub fn filters(tx: &Tx, actor: &Actor) -> Result<Vec<Kept>, Fault> {
    let sql = "select name, question from board_filter where top_id = $1 and person_id = $2 order by name";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| {
        Ok(Kept { name: row.text(0)?, question: row.text(1)? })
    })
}

/// Keeps a filter; one of the same name gives way.
pub fn keep(tx: &Tx, actor: &Actor, kept: &Kept) -> Result<(), Fault> {
    let name = kept.name.trim();
    if name.is_empty() || name.chars().count() > 20 {
        return Err(Refusal::field("name", "请给筛选起一个20字以内的名字", "a name of at most 20 characters").into());
    }
    drop_one(tx, actor, name)?;
    if filters(tx, actor)?.len() >= MOST {
        return Err(Refusal::field("name", "最多保存20个筛选，请先删去一个", "20 at most: drop one first").into());
    }
    let sql = "insert into board_filter (top_id, person_id, name, question) values ($1, $2, $3, $4)";
    let args = [actor.top.into(), actor.person.into(), name.into(), kept.question.as_str().into()];
    tx.run(sql, &args)?;
    audit::by(tx, actor.top, actor.person, 0, "matter.filter_keep", actor.person, "")
}

/// Drops a filter.
pub fn forget(tx: &Tx, actor: &Actor, name: &str) -> Result<(), Fault> {
    if drop_one(tx, actor, name)? > 0 {
        audit::by(tx, actor.top, actor.person, 0, "matter.filter_drop", actor.person, "")?;
    }
    Ok(())
}

fn drop_one(tx: &Tx, actor: &Actor, name: &str) -> Result<u64, Fault> {
    let sql = "delete from board_filter where top_id = $1 and person_id = $2 and name = $3";
    tx.run(sql, &[actor.top.into(), actor.person.into(), name.into()])
}
