//! Erasing a person: a pseudonym takes the place of the name, and what no rule obliges to keep goes. What stays is what
//! the organisation did and who held which post, under a number that says nothing.

use crate::{Fault, Tx, Value, aid, audit, import, matter, needs};
use luoshi_rules::{Permit, Verb};
use std::fmt;

/// A text in which a person is named, written by somebody: only people can tell whether it may stay as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// `record`, `matter`, `plan`, `waiver`, `unit`, `collection`, `burden`
    pub sort: String,
    /// the unit it belongs to
    pub unit: i64,
    /// key
    pub id: i64,
}

impl Mention {
    /// What [`fmt::Display`] wrote.
    pub(crate) fn read(text: &str) -> Option<Mention> {
        let mut parts = text.split(':');
        let sort = parts.next()?.to_owned();
        Some(Mention { sort, unit: parts.next()?.parse().ok()?, id: parts.next()?.parse().ok()? })
    }
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.sort, self.unit, self.id)
    }
}

/// What a person is called once they are erased: digits of their key, so that two are not the same.
pub fn pseudonym(person: i64) -> String {
    format!("已删除人员{:06}", person % 1_000_000)
}

/// The words by which a person can be recognised: name, numbers, sign-in name.
fn traces(tx: &Tx, top: i64, person: i64) -> Result<Vec<String>, Fault> {
    let key = [top.into(), person.into()];
    let sql = "select name from person where top_id = $1 and id = $2
                union all select login from account where top_id = $1 and person_id = $2";
    let mut traces = tx.rows(sql, &key, |row| row.text(0))?;
    let sql = "select sealed from person_secret where top_id = $1 and person_id = $2";
    for sealed in tx.rows(sql, &key, |row| row.text(0))? {
        traces.push(tx.keys().open(&sealed)?);
    }
    traces.retain(|trace| trace.chars().count() > 1);
    Ok(traces)
}

/// Texts written by people in which a person is named.
pub fn mentions(tx: &Tx, permit: &Permit, person: i64) -> Result<Vec<Mention>, Fault> {
    let sql = "select 'record' as sort, unit_id, id from record
                where top_id = $1 and (cast(data as text) like $2 or withdrawn like $2)
                union select 'matter', m.unit_id, m.id from matter m
                join matter_event e on e.top_id = m.top_id and e.matter_id = m.id
                where m.top_id = $1 and (e.note like $2 or e.data like $2 or m.title like $2
                                      or cast(m.data as text) like $2)
                union select 'matter', m.unit_id, m.id from matter m
                join matter_turn n on n.top_id = m.top_id and n.matter_id = m.id
                where m.top_id = $1 and n.note like $2
                union select 'plan', unit_id, id from plan
                where top_id = $1 and (topic like $2 or reading like $2 or place like $2)
                union select 'waiver', unit_id, 0 from waiver where top_id = $1 and reason like $2
                union select 'unit', unit_id, 0 from unit_change where top_id = $1 and note like $2
                union select 'unit', unit_id, 0 from figure_quote where top_id = $1 and paper like $2
                union select 'unit', unit_id, 0 from holding where top_id = $1 and how like $2
                union select 'record', r.unit_id, r.id from record_file f
                join record r on r.top_id = f.top_id and r.id = f.record_id and r.version = f.version
                where f.top_id = $1 and f.name like $2
                union select 'collection', unit_id, id from collection
                where top_id = $1 and (title like $2 or ground like $2)
                union select 'collection', unit_id, collection_id from collection_answer
                where top_id = $1 and cast(data as text) like $2
                union select 'unit', c.unit_id, 0 from class c
                left join class_session x on x.top_id = c.top_id and x.class_id = c.id
                where c.top_id = $1 and (c.title like $2 or c.need like $2 or c.cancelled like $2 or x.topic like $2)
                union select 'unit', g.unit_id, 0 from pledge g
                left join pledge_event e on e.top_id = g.top_id and e.pledge_id = g.id
                where g.top_id = $1 and g.person_id = 0 and (g.text like $2 or g.measure like $2 or e.words like $2)
                union select 'burden', unit_id, 0 from burden where top_id = $1 and (words like $2 or answer like $2)
                order by 1, 2, 3";
    let mut found: Vec<Mention> = Vec::new();
    for trace in traces(tx, permit.top(), person)? {
        let args = [permit.top().into(), format!("%{trace}%").into()];
        let some = tx.rows(sql, &args, |row| Ok(Mention { sort: row.text(0)?, unit: row.int(1)?, id: row.int(2)? }))?;
        found.extend(some.into_iter().filter(|one| !found.contains(one)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// Erases a person of the permit's organisation.
pub(crate) fn person(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    needs(permit, Verb::Rule)?;
    let traces = traces(tx, permit.top(), id)?;
    let sql = "select name from person where top_id = $1 and id = $2";
    let name = tx.row(sql, &[permit.top().into(), id.into()], |row| row.text(0))?;
    let key = [permit.top().into(), id.into(), pseudonym(id).into(), name.into()];
    titles(tx, permit.top(), &key)?;
    let sql = "update person set name = $3, search = $3, sex = '', born = '' where top_id = $1 and id = $2";
    if tx.run(sql, &key)? == 0 {
        return Err(Fault::NotFound);
    }
    for sql in [
        "delete from person_secret where top_id = $1 and person_id = $2",
        "delete from login where top_id = $1 and person_id = $2",
        "delete from account where top_id = $1 and person_id = $2",
        "delete from session where top_id = $1 and person_id = $2",
        "delete from invitation where top_id = $1 and person_id = $2",
        "delete from second_factor where top_id = $1 and person_id = $2",
        "delete from recovery_code where top_id = $1 and person_id = $2",
        "delete from access_token where top_id = $1 and person_id = $2",
        "delete from passkey where top_id = $1 and person_id = $2",
        "delete from calendar_feed where top_id = $1 and person_id = $2",
        "delete from draft where top_id = $1 and person_id = $2",
        "delete from operation where top_id = $1 and person_id = $2",
        "delete from look where top_id = $1 and person_id = $2",
        "delete from sight where top_id = $1 and person_id = $2",
        "delete from board_filter where top_id = $1 and person_id = $2",
        "delete from pledge_event where top_id = $1
            and pledge_id in (select id from pledge where top_id = $1 and person_id = $2)",
        "delete from pledge where top_id = $1 and person_id = $2",
        "delete from recusal where top_id = $1 and person_id = $2",
        "delete from person_lock where top_id = $1 and person_id = $2",
        "update request set words = '' where top_id = $1 and person_id = $2",
    ] {
        tx.run(sql, &key)?;
    }
    sheets(tx, permit.top(), &traces)?;
    aid::erase::person(tx, permit.top(), id, (&traces, &pseudonym(id)))?;
    audit::note(tx, permit, "person.erase", id, "")
}

/// Titles that the program made with the name, of letters and handovers, bear the pseudonym, and are found by it.
fn titles(tx: &Tx, top: i64, key: &[Value]) -> Result<(), Fault> {
    let sql = "update matter set title = replace(title, $4, $3)
                where top_id = $1
                  and (id in (select t.matter_id from transfer t where t.top_id = $1 and t.person_id = $2)
                       or data ->> 'giver' = cast($2 as text) or data ->> 'taker' = cast($2 as text))";
    if tx.run(sql, key)? > 0 {
        matter::forget_words(tx, top)?;
    }
    Ok(())
}

/// Sheets of imports and drafts of others that name the person go as a whole.
fn sheets(tx: &Tx, top: i64, traces: &[String]) -> Result<(), Fault> {
    let names = |text: &str| traces.iter().any(|trace| text.contains(trace.as_str()));
    let sql = "select id, body from import where top_id = $1 and coalesce(body, '') <> ''";
    for (id, body) in tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))? {
        if names(&import::open(tx.keys(), &body)?) {
            let sql = "update import set body = '', state = case when state = 'committed' then state else 'expired' end
                        where top_id = $1 and id = $2";
            tx.run(sql, &[top.into(), id.into()])?;
        }
    }
    let sql = "select person_id, form, data from draft where top_id = $1";
    for (person, form, data) in tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?, row.json(2)?)))? {
        if names(&data.to_string()) {
            let sql = "delete from draft where top_id = $1 and person_id = $2 and form = $3";
            tx.run(sql, &[top.into(), person.into(), form.into()])?;
        }
    }
    Ok(())
}
