//! Identity numbers and phones: sealed at rest, found by a blind index, shown with their middles hidden, and in full
//! only for a reason that is logged and that the person can read.

use crate::{Fault, Tx, audit, needs, new_id, now};
use luoshi_rules::person::{identity_number, phone_number};
use luoshi_rules::{Label, Permit, Refusal, Verb};

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// identity number: stands once in an organisation
    Identity,
    /// phone: a family may share one
    Phone,
}

/// Someone looked at a number in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// the moment, in milliseconds since 1970
    pub at: i64,
    /// who looked
    pub name: String,
    /// at what
    pub field: Field,
    /// why
    pub reason: String,
}

/// Fewest characters of a reason.
const REASON: usize = 4;

impl Field {
    /// All of them.
    pub const ALL: [Field; 2] = [Field::Identity, Field::Phone];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Field::Identity => "identity",
            Field::Phone => "phone",
        }
    }

    /// The field with this key.
    pub fn named(key: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Field::Identity => Label::new("身份证号", "Identity number"),
            Field::Phone => Label::new("手机号", "Mobile number"),
        }
    }

    fn read(self, text: &str) -> Result<String, Refusal> {
        match self {
            Field::Identity => identity_number(text),
            Field::Phone => phone_number(text),
        }
    }
}

/// Sets the identity number or phone of someone on the roll of the permit's unit.
pub fn set(tx: &Tx, permit: &Permit, person: i64, field: Field, text: &str) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    let sql = "select id from person where top_id = $1 and id = $2 and unit_id = $3";
    tx.row(sql, &[permit.top().into(), person.into(), permit.unit().into()], |row| row.int(0))?;
    seal(tx, permit.top(), person, field, text)?;
    audit::note(tx, permit, "person.identity", person, field.key())
}

/// Checks and seals; empty text leaves what is there.
pub(crate) fn seal(tx: &Tx, top: i64, person: i64, field: Field, text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let clean = field.read(text)?;
    let blind = tx.keys().blind(field.key(), &clean)?;
    if field == Field::Identity && holder(tx, top, &blind)?.is_some_and(|other| other != person) {
        return Err(taken().into());
    }
    let once = if field == Field::Identity { blind.clone() } else { person.to_string() };
    let sql = "insert into person_secret (top_id, person_id, field, sealed, blind, once)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (top_id, person_id, field)
               do update set sealed = excluded.sealed, blind = excluded.blind, once = excluded.once";
    let sealed = tx.keys().seal(&clean)?;
    let args = [top.into(), person.into(), field.key().into(), sealed.into(), blind.into(), once.into()];
    tx.run(sql, &args).map(drop).map_err(|fault| match fault {
        Fault::Conflict => taken().into(),
        other => other,
    })
}

fn taken() -> Refusal {
    let zh = "名册中已有同一身份证号的人：请先查找此人，不要重复录入";
    Refusal::field("identity", zh, "someone on the roll has this identity number: look them up instead")
}

fn holder(tx: &Tx, top: i64, blind: &str) -> Result<Option<i64>, Fault> {
    let sql = "select person_id from person_secret where top_id = $1 and field = 'identity' and blind = $2";
    Ok(tx.rows(sql, &[top.into(), blind.into()], |row| row.int(0))?.pop())
}

/// Whoever of an organisation has an identity number: found without reading any.
pub fn find(tx: &Tx, top: i64, identity: &str) -> Result<Option<i64>, Fault> {
    let blind = tx.keys().blind("identity", &identity_number(identity)?)?;
    holder(tx, top, &blind)
}

/// A number in full, for a reason that is logged.
pub fn unmask(tx: &Tx, permit: &Permit, person: i64, field: Field, reason: &str) -> Result<String, Fault> {
    needs(permit, Verb::Unmask)?;
    must_be_told(reason)?;
    let sql = "select s.sealed from person_secret s join person p on p.top_id = s.top_id and p.id = s.person_id
                where s.top_id = $1 and s.person_id = $2 and s.field = $3 and p.path >= $4 and p.path < $5
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)";
    let path = permit.path();
    let args = [permit.top().into(), person.into(), field.key().into(), path.as_str().into(), path.end().into()];
    let sealed = tx.row(sql, &args, |row| row.text(0))?;
    looked(tx, permit, person, field, reason)?;
    tx.keys().open(&sealed)
}

/// Writes down that somebody looks at a number in full: for the audit who and what, for the person also why.
pub(crate) fn looked(tx: &Tx, permit: &Permit, person: i64, field: Field, reason: &str) -> Result<(), Fault> {
    let sql = "insert into look (top_id, person_id, id, at, actor_id, field, reason)
               values ($1, $2, $3, $4, $5, $6, $7)";
    let args = [
        permit.top().into(),
        person.into(),
        new_id().into(),
        now().into(),
        permit.person().into(),
        field.key().into(),
        reason.trim().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "person.unmask", person, field.key())
}

/// Refuses a reason that says nothing.
pub(crate) fn must_be_told(reason: &str) -> Result<(), Refusal> {
    if reason.trim().chars().count() >= REASON {
        return Ok(());
    }
    let zh = format!("请写明查看理由（至少 {REASON} 个字），本人可以看到");
    let en = format!("say why ({REASON} characters or more); the person can read it");
    Err(Refusal::field("reason", zh, en))
}

/// Gives the same person's numbers to another organisation, where they now belong.
pub(crate) fn carry(tx: &Tx, (from, to): (i64, i64), person: i64) -> Result<(), Fault> {
    let sql = "select field, sealed from person_secret where top_id = $1 and person_id = $2";
    let rows = tx.rows(sql, &[from.into(), person.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    for (field, sealed) in rows {
        if let Some(field) = Field::named(&field) {
            seal(tx, to, person, field, &tx.keys().open(&sealed)?)?;
        }
    }
    Ok(())
}
