//! Identity numbers, phones and person codes: sealed at rest, found by a blind index, shown with their middles hidden, and in full
//! only for a reason that is logged and that the person can read.

use crate::account::{self, Account, Over};
use crate::{Fault, Tx, audit, needs, new_id, now};
use luoshi_rules::person::{identity_number, person_code, phone_number};
use luoshi_rules::{Label, Permit, Refusal, Verb};

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// identity number: stands once in an organisation
    Identity,
    /// phone: a family may share one
    Phone,
    /// code by which other systems of the organisation know them, and sign them in: stands once in it
    Code,
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
    pub const ALL: [Field; 3] = [Field::Identity, Field::Phone, Field::Code];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Field::Identity => "identity",
            Field::Phone => "phone",
            Field::Code => "code",
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
            Field::Code => Label::new("人员编号", "Person code"),
        }
    }

    fn read(self, text: &str) -> Result<String, Refusal> {
        match self {
            Field::Identity => identity_number(text),
            Field::Phone => phone_number(text),
            Field::Code => person_code(text),
        }
    }

    /// Whether it names one person of an organisation.
    fn is_unique(self) -> bool {
        self != Field::Phone
    }
}

/// Sets the person code of someone: whoever has it at another server signs in as them, so it is for those alone who
/// could have given them every post they hold.
pub fn give_code(tx: &Tx, over: &Over, text: &str) -> Result<(), Fault> {
    let permit = account::leave(tx, over)?;
    seal(tx, permit.top(), over.person, Field::Code, text)?;
    audit::note(tx, &permit, "person.identity", over.person, Field::Code.key())
}

/// Sets the identity number or phone of someone on the roll of the permit's unit.
pub fn set(tx: &Tx, permit: &Permit, person: i64, field: Field, text: &str) -> Result<(), Fault> {
    needs(permit, Verb::Roll)?;
    if field == Field::Code {
        return Err(Refusal::NotAllowed.into());
    }
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
    if field.is_unique() && holder(tx, top, field, &blind)?.is_some_and(|other| other != person) {
        return Err(taken(field).into());
    }
    let once = if field.is_unique() { blind.clone() } else { person.to_string() };
    let sql = "insert into person_secret (top_id, person_id, field, sealed, blind, once)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (top_id, person_id, field)
               do update set sealed = excluded.sealed, blind = excluded.blind, once = excluded.once";
    let sealed = tx.keys().seal(&clean)?;
    let args = [top.into(), person.into(), field.key().into(), sealed.into(), blind.into(), once.into()];
    tx.run(sql, &args).map(drop).map_err(|fault| fault.if_taken(taken(field)))
}

fn taken(field: Field) -> Refusal {
    if field == Field::Code {
        let zh = "名册中已有人用这个人员编号：请核对";
        return Refusal::field("code", zh, "someone on the roll has this person code: please check");
    }
    let zh = "名册中已有同一身份证号的人：请先查找此人，不要重复录入";
    Refusal::field("identity", zh, "someone on the roll has this identity number: look them up instead")
}

fn holder(tx: &Tx, top: i64, field: Field, blind: &str) -> Result<Option<i64>, Fault> {
    let sql = "select person_id from person_secret where top_id = $1 and field = $2 and blind = $3";
    Ok(tx.rows(sql, &[top.into(), field.key().into(), blind.into()], |row| row.int(0))?.pop())
}

/// Whose account another server means by a person code; none when nobody open has it. One that stands for people of
/// two organisations of the installation names nobody.
pub fn coded(tx: &Tx, code: &str) -> Result<Option<Account>, Fault> {
    let Ok(clean) = person_code(code) else { return Ok(None) };
    let sql = "select s.top_id, s.person_id from person_secret s
                 join account a on a.top_id = s.top_id and a.person_id = s.person_id and a.active = 1
                where s.field = 'code' and s.blind = $1 limit 2 -- fanout: who signs in is not known yet";
    let blind = tx.keys().blind(Field::Code.key(), &clean)?;
    let read = |row: &crate::Row| Ok(Account { top: row.int(0)?, person: row.int(1)?, hash: String::new() });
    let mut found = tx.rows(sql, &[blind.into()], read)?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Whoever of an organisation has an identity number: found without reading any.
pub fn find(tx: &Tx, top: i64, identity: &str) -> Result<Option<i64>, Fault> {
    let blind = tx.keys().blind("identity", &identity_number(identity)?)?;
    holder(tx, top, Field::Identity, &blind)
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

/// Gives the same person's numbers to another organisation, where they now belong. It knows them by a code of its own.
pub(crate) fn carry(tx: &Tx, (from, to): (i64, i64), person: i64) -> Result<(), Fault> {
    let sql = "select field, sealed from person_secret where top_id = $1 and person_id = $2 and field <> 'code'";
    let rows = tx.rows(sql, &[from.into(), person.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    for (field, sealed) in rows {
        if let Some(field) = Field::named(&field) {
            seal(tx, to, person, field, &tx.keys().open(&sealed)?)?;
        }
    }
    Ok(())
}
