//! Another key: whatever is sealed is opened with the key of before and sealed with the next, all in one transaction.
//! The chain of the audit trail goes on under its own key, so that it proves what it did.

use crate::identity::Field;
use crate::{Db, Fault, Keys, Tx, audit};
use luoshi_rules::Refusal;

/// The tables and columns in which something is sealed. A test compares them with the schema.
pub const SEALED: [(&str, &str); 5] = [
    ("person_secret", "sealed"),
    ("second_factor", "sealed"),
    ("import", "body"),
    ("aid_case", "sealed"),
    ("aid_event", "sealed"),
];

/// What was sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// identity numbers, phones and person codes
    pub numbers: usize,
    /// seeds of authenticators
    pub factors: usize,
    /// uploaded sheets
    pub sheets: usize,
    /// what was told in mutual aid
    pub told: usize,
    /// recovery codes that have ended: only their digests are kept, by the key of before
    pub codes: u64,
}

/// Seals everything anew, or nothing. Nobody else may write meanwhile.
pub fn run(db: &Db, next: &Keys) -> Result<Done, Fault> {
    let tops = db.read(crate::unit::tops)?;
    db.write(|tx| {
        let mut done = Done::default();
        for top in &tops {
            nobody_is_out(tx, *top)?;
            done.numbers += numbers(tx, next, *top)?;
            done.factors += factors(tx, next, *top)?;
            done.sheets += sheets(tx, next, *top)?;
            done.told += cases(tx, next, *top)? + events(tx, next, *top)?;
            done.codes += tx.run("delete from recovery_code where top_id = $1", &[(*top).into()])?;
            audit::by(tx, *top, 0, 0, "installation.rekey", 0, "")?;
        }
        tx.run("delete from directory_try -- fanout: wrong tries of a quarter of an hour, by digests", &[])?;
        Ok(done)
    })
}

/// Whether what is sealed opens with a key; true where nothing is.
pub fn opens(db: &Db, keys: &Keys) -> Result<bool, Fault> {
    let sealed = db.read(|tx| {
        let one = |sql: &str| Ok::<_, Fault>(tx.rows(sql, &[], |row| row.text(0))?.pop());
        let number = one("select sealed from person_secret limit 1 -- fanout: any that was sealed")?;
        let factor = one("select sealed from second_factor limit 1 -- fanout: any that was sealed")?;
        let case = one("select sealed from aid_case where sealed <> '' limit 1 -- fanout: any that was sealed")?;
        let sheet = one("select body from import where body <> '' limit 1 -- fanout: any that was sealed")?;
        Ok([number, factor, case, sheet].into_iter().flatten().next())
    })?;
    Ok(sealed.is_none_or(|text| keys.open(&text).is_ok()))
}

/// A team that is out knows this installation by a key that is derived from ours.
fn nobody_is_out(tx: &Tx, top: i64) -> Result<(), Fault> {
    let sql = "select count(*) from exchange where top_id = $1 and done = 0";
    if tx.row(sql, &[top.into()], |row| row.int(0))? == 0 {
        return Ok(());
    }
    let zh = "还有工作组带着单机在外：请先收回或作废，再更换密钥";
    Err(Refusal::rule(
        zh,
        "a team is out with a machine: take its package back, or give it up, before the key is changed",
    )
    .into())
}

fn again(tx: &Tx, next: &Keys, sealed: &str) -> Result<String, Fault> {
    if sealed.is_empty() { Ok(String::new()) } else { next.seal(&tx.keys().open(sealed)?) }
}

fn numbers(tx: &Tx, next: &Keys, top: i64) -> Result<usize, Fault> {
    let sql = "select person_id, field, sealed from person_secret where top_id = $1";
    let rows = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))?;
    let sql = "update person_secret set sealed = $4, blind = $5, once = $6
                where top_id = $1 and person_id = $2 and field = $3";
    for (person, field, sealed) in &rows {
        let text = tx.keys().open(sealed)?;
        let blind = next.blind(field, &text)?;
        let once = match Field::named(field) {
            Some(Field::Phone) => person.to_string(),
            _ => blind.clone(),
        };
        let args =
            [top.into(), (*person).into(), field.as_str().into(), next.seal(&text)?.into(), blind.into(), once.into()];
        tx.run(sql, &args)?;
    }
    Ok(rows.len())
}

fn factors(tx: &Tx, next: &Keys, top: i64) -> Result<usize, Fault> {
    let sql = "select person_id, sealed from second_factor where top_id = $1";
    let rows = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let sql = "update second_factor set sealed = $3 where top_id = $1 and person_id = $2";
    for (person, sealed) in &rows {
        tx.run(sql, &[top.into(), (*person).into(), again(tx, next, sealed)?.into()])?;
    }
    Ok(rows.len())
}

fn sheets(tx: &Tx, next: &Keys, top: i64) -> Result<usize, Fault> {
    let sql = "select id, body from import where top_id = $1 and body <> ''";
    let rows = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let sql = "update import set body = $3 where top_id = $1 and id = $2";
    for (id, sealed) in &rows {
        tx.run(sql, &[top.into(), (*id).into(), again(tx, next, sealed)?.into()])?;
    }
    Ok(rows.len())
}

fn cases(tx: &Tx, next: &Keys, top: i64) -> Result<usize, Fault> {
    let sql = "select id, sealed from aid_case where top_id = $1 and sealed <> ''";
    let rows = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let sql = "update aid_case set sealed = $3 where top_id = $1 and id = $2";
    for (id, sealed) in &rows {
        tx.run(sql, &[top.into(), (*id).into(), again(tx, next, sealed)?.into()])?;
    }
    Ok(rows.len())
}

fn events(tx: &Tx, next: &Keys, top: i64) -> Result<usize, Fault> {
    let sql = "select case_id, seq, sealed from aid_event where top_id = $1 and sealed <> ''";
    let rows = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))?;
    let sql = "update aid_event set sealed = $4 where top_id = $1 and case_id = $2 and seq = $3";
    for (case, seq, sealed) in &rows {
        tx.run(sql, &[top.into(), (*case).into(), (*seq).into(), again(tx, next, sealed)?.into()])?;
    }
    Ok(rows.len())
}
