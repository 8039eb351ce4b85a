//! "This adds to my burden": said of something a unit is asked for, answered by whoever asked or by the top.

use crate::{Fault, Row, Tx, audit, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::{Permit, Refusal, Scope, Unit, UnitPath, Verb};

/// What it is said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// `collection`, `matter`, `clause`, `class`, `joint`, `plan` or `campaign`
    pub sort: String,
    /// its key
    pub key: String,
    /// as it was called
    pub title: String,
    /// the unit that asked
    pub issuer: i64,
}

/// Something said to be a burden. Who said it is kept for them alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Burden {
    /// key
    pub id: i64,
    /// whose burden
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// what it is said of
    pub about: About,
    /// short name of the unit that asked
    pub issuer_name: String,
    /// its place: it and those above it may answer
    pub issuer_path: UnitPath,
    /// why
    pub words: String,
    /// the day
    pub on: Date,
    /// to be answered by
    pub due: Date,
    /// the answer
    pub answer: String,
    /// the day it was answered
    pub answered: Option<Date>,
}

/// Says, for the unit of the permit, that something adds to its burden; answered by `due`.
pub fn raise(tx: &Tx, permit: &Permit, about: &About, words: &str, due: Date) -> Result<i64, Fault> {
    needs(permit, Verb::See)?;
    let words = short(words, ("请写明哪里增加了负担", "say what adds to the burden"))?;
    let sql = "select count(*) from burden where top_id = $1 and unit_id = $2 and sort = $3 and about = $4
                and answered = '9999-12-31'";
    let key = [permit.top().into(), permit.unit().into(), about.sort.as_str().into(), about.key.as_str().into()];
    if tx.row(sql, &key, |row| row.int(0))? > 0 {
        return Err(Refusal::rule(
            "本组织已就此反映过，正在等待答复",
            "your unit has said so already and awaits the answer",
        )
        .into());
    }
    let id = new_id();
    let sql = "insert into burden (top_id, id, unit_id, issuer_id, sort, about, title, words, author_id, on_date, due,
                                   answer, handler_id, answered)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, '9999-12-31')";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        about.issuer.into(),
        about.sort.as_str().into(),
        about.key.as_str().into(),
        about.title.as_str().into(),
        words.as_str().into(),
        permit.person().into(),
        permit.today().into(),
        due.into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "burden.raise", id, &about.sort)?;
    Ok(id)
}

/// What units of a scope said, or is said of what they ask: the open ones first, then the newest.
pub fn list(tx: &Tx, scope: &Scope) -> Result<Vec<Burden>, Fault> {
    let sql = "select b.id, b.unit_id, u.short_name, b.sort, b.about, b.title, b.issuer_id, i.short_name, b.words,
                      b.on_date, b.due, b.answer, b.answered, i.path
                 from burden b
                 join unit u on u.top_id = b.top_id and u.id = b.unit_id
                 join unit i on i.top_id = b.top_id and i.id = b.issuer_id
                where b.top_id = $1 and (u.path >= $2 and u.path < $3 or i.path >= $2 and i.path < $3)
                order by b.answered desc, b.id desc limit 500";
    tx.rows(sql, &unit::range(scope), burden)
}

fn burden(row: &Row) -> Result<Burden, Fault> {
    let about = About { sort: row.text(3)?, key: row.text(4)?, title: row.text(5)?, issuer: row.int(6)? };
    Ok(Burden {
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        about,
        issuer_name: row.text(7)?,
        issuer_path: row.path(13)?,
        words: row.text(8)?,
        on: row.parse(9)?,
        due: row.parse(10)?,
        answer: row.text(11)?,
        answered: row.day(12)?,
    })
}

/// Answers, from the unit that asked or from one above it.
pub fn answer(tx: &Tx, permit: &Permit, at: &Unit, id: i64, words: &str) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    let words = short(words, ("请写明答复", "please write the answer"))?;
    let sql = "update burden set answer = $3, handler_id = $4, answered = $5
                where top_id = $1 and id = $2 and answered = '9999-12-31'
                  and issuer_id in (select i.id from unit i where i.top_id = $1 and i.path >= $6 and i.path < $7)";
    let (top, person, today) = (permit.top(), permit.person(), permit.today());
    let args = [
        top.into(),
        id.into(),
        words.as_str().into(),
        person.into(),
        today.into(),
        at.path.as_str().into(),
        at.path.end().into(),
    ];
    if at.id != permit.unit() || tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "burden.answer", id, "")
}

fn short(words: &str, (zh, en): (&str, &str)) -> Result<String, Refusal> {
    let words = words.trim();
    match words.chars().count() {
        0 => Err(Refusal::field("words", zh, en)),
        1..=1_000 => Ok(words.to_owned()),
        _ => Err(Refusal::field("words", "最多1000字", "at most 1,000 characters")),
    }
}
