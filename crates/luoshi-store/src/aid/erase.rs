//! Erasing a person from mutual aid: what they told goes, their name in what others told gives way to a pseudonym, and
//! the account stays.

use crate::{Fault, Tx};

/// Erases a person; `traces` are the words by which they can be recognised.
pub(crate) fn person(tx: &Tx, top: i64, id: i64, (traces, pseudonym): (&[String], &str)) -> Result<(), Fault> {
    let key = [top.into(), id.into()];
    for sql in [
        "update aid_event set sealed = '', initials = '', reason = ''
          where top_id = $1 and case_id in (select c.id from aid_case c where c.top_id = $1 and c.person_id = $2)",
        "update aid_case set sealed = '' where top_id = $1 and person_id = $2",
        "delete from aid_kin where top_id = $1 and person_id = $2",
    ] {
        tx.run(sql, &key)?;
    }
    for trace in traces {
        let sql = "update aid_entry set giver = replace(giver, $2, $3), words = replace(words, $2, $3)
                    where top_id = $1 and (giver like '%' || $2 || '%' or words like '%' || $2 || '%')";
        tx.run(sql, &[top.into(), trace.as_str().into(), pseudonym.into()])?;
    }
    sealed(tx, top, (traces, pseudonym))
}

/// Opens every sealed text of the organisation and seals those anew that named the person.
fn sealed(tx: &Tx, top: i64, (traces, pseudonym): (&[String], &str)) -> Result<(), Fault> {
    let again = |sealed: &str| -> Result<Option<String>, Fault> {
        let told = tx.keys().open(sealed)?;
        let clean = traces.iter().fold(told.clone(), |text, trace| text.replace(trace.as_str(), pseudonym));
        if clean == told { Ok(None) } else { tx.keys().seal(&clean).map(Some) }
    };
    let sql = "select id, sealed from aid_case where top_id = $1 and sealed <> ''";
    for (id, text) in tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))? {
        if let Some(text) = again(&text)? {
            let sql = "update aid_case set sealed = $3 where top_id = $1 and id = $2";
            tx.run(sql, &[top.into(), id.into(), text.into()])?;
        }
    }
    let sql = "select case_id, seq, sealed from aid_event where top_id = $1 and sealed <> ''";
    for (id, seq, text) in tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?)))? {
        if let Some(text) = again(&text)? {
            let sql = "update aid_event set sealed = $4 where top_id = $1 and case_id = $2 and seq = $3";
            tx.run(sql, &[top.into(), id.into(), seq.into(), text.into()])?;
        }
    }
    Ok(())
}
