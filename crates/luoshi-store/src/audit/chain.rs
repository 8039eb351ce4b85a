//! The chain over the audit trail of an organisation: each row is linked to the one before by a digest keyed with a
//! secret that is not in the database.
//!
//! Whoever can write the database but has not the key cannot link a row themselves, but the server links what waits: a
//! row put in unchained, or a tail set back, is linked again. The heads that were published outside (a file, the log, a
//! monthly report) tell, also when somebody has the key and writes the chain anew.

use crate::{Db, Fault, Tx, now};
use sha2::Sha256;
use sm3::Sm3;

/// Rows that take their place in one transaction.
const AT_ONCE: i64 = 2_000;

/// The digest of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chain {
    /// SHA-256
    #[default]
    Sha256,
    /// SM3 (GM/T 0004-2012), where national algorithms are asked for
    Sm3,
}

impl std::str::FromStr for Chain {
    type Err = String;
    fn from_str(text: &str) -> Result<Chain, String> {
        match text {
            "sha256" => Ok(Chain::Sha256),
            "sm3" => Ok(Chain::Sm3),
            _ => Err("the digest of the audit chain is sha256 or sm3".into()),
        }
    }
}

/// The end of a chain, as published.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// organisation
    pub top: i64,
    /// rows chained
    pub place: i64,
    /// link of the last of them
    pub link: String,
    /// when it was sealed, in milliseconds since 1970
    pub at: i64,
}

/// What is chained of a row.
struct Row {
    id: i64,
    at: i64,
    person: i64,
    unit: i64,
    act: String,
    object: i64,
    detail: String,
    place: i64,
    link: String,
}

impl Row {
    /// The bytes that are digested: JSON of a list, which no two different rows share.
    fn bytes(&self, top: i64, place: i64, before: &str) -> Result<Vec<u8>, Fault> {
        let row = (top, place, before, self.id, self.at, self.person, self.unit, &self.act, self.object, &self.detail);
        serde_json::to_vec(&row).map_err(|error| Fault::Engine(error.to_string()))
    }
}

fn link(tx: &Tx, chain: Chain, bytes: &[u8]) -> Result<String, Fault> {
    Ok(match chain {
        Chain::Sha256 => format!("sha256:{}", tx.keys().chained::<Sha256>(bytes)?),
        Chain::Sm3 => format!("sm3:{}", tx.keys().chained::<Sm3>(bytes)?),
    })
}

/// The digest a link was made with; the one in force for what is no link.
fn made_with(link: &str) -> Chain {
    link.split_once(':').and_then(|(name, _)| name.parse().ok()).unwrap_or_default()
}

/// Gives the rows of every organisation that are not chained yet their place. Returns the heads that moved.
pub fn seal_all(db: &Db, chain: Chain) -> Result<Vec<Head>, Fault> {
    let mut heads = Vec::new();
    for top in db.read(crate::unit::tops)? {
        let mut moved = None;
        while let Some(head) = db.write(|tx| seal(tx, top, chain))? {
            moved = Some(head);
        }
        heads.extend(moved);
    }
    Ok(heads)
}

/// Chains rows of one organisation, in the order of their keys; none when there is nothing to chain.
fn seal(tx: &Tx, top: i64, chain: Chain) -> Result<Option<Head>, Fault> {
    let sql = "select id, at, person_id, unit_id, act, object, detail, place, link from audit
                where top_id = $1 and place = 0 order by id limit $2";
    let rows = tx.rows(sql, &[top.into(), AT_ONCE.into()], row)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let (mut place, mut before) = head(tx, top)?;
    // `+ 0`, so that the row is found by its key: PostgreSQL would go through all that wait, by their place
    let sql = "update audit set place = $3, link = $4 where top_id = $1 and id = $2 and place + 0 = 0";
    for row in rows {
        place += 1;
        before = link(tx, chain, &row.bytes(top, place, &before)?)?;
        tx.run(sql, &[top.into(), row.id.into(), place.into(), before.as_str().into()])?;
    }
    Ok(Some(Head { top, place, link: before, at: now() }))
}

/// Place and link of the last row chained.
fn head(tx: &Tx, top: i64) -> Result<(i64, String), Fault> {
    let sql = "select place, link from audit where top_id = $1 and place > 0 order by place desc limit 1";
    let last = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.text(1)?)))?.pop();
    Ok(last.unwrap_or_default())
}

fn row(row: &crate::Row) -> Result<Row, Fault> {
    Ok(Row {
        id: row.int(0)?,
        at: row.int(1)?,
        person: row.int(2)?,
        unit: row.int(3)?,
        act: row.text(4)?,
        object: row.int(5)?,
        detail: row.text(6)?,
        place: row.int(7)?,
        link: row.text(8)?,
    })
}

/// What verifying one organisation found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// organisation
    pub top: i64,
    /// rows that are chained and right, up to the first wrong one
    pub sound: i64,
    /// rows that wait for their place; more than a second old, they mean that nothing seals
    pub waiting: i64,
    /// the end of the chain
    pub head: Option<Head>,
    /// the first thing that is wrong
    pub wrong: Option<Wrong>,
}

/// The first thing wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Wrong {
    /// the row at this place, with this key, is not what was chained: it was changed, put in, or stands elsewhere
    Row {
        /// its place
        place: i64,
        /// its key
        id: i64,
    },
    /// no row stands at this place, though later ones do
    Missing {
        /// the place
        place: i64,
    },
    /// the chain ends before a published head: its tail was cut off, or an older database was put back
    CutOff {
        /// the last place there is
        ends: i64,
        /// the place of the published head
        published: i64,
    },
    /// the chain holds, but is not the one whose head was published: it was written anew
    Rewritten {
        /// the place of the published head
        place: i64,
    },
}

/// Walks every chain from its first row and compares it with the published heads.
pub fn verify(db: &Db, published: &[Head]) -> Result<Vec<Verdict>, Fault> {
    let mut all = db.read(crate::unit::tops)?;
    all.extend(published.iter().map(|head| head.top));
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|top| one(db, top, published)).collect()
}

fn one(db: &Db, top: i64, published: &[Head]) -> Result<Verdict, Fault> {
    let (mut place, mut before, mut at) = (0, String::new(), 0);
    let mut wrong = None;
    let mut heads: Vec<&Head> = published.iter().filter(|head| head.top == top).collect();
    heads.sort_by_key(|head| head.place);
    while wrong.is_none() {
        let (rows, first_wrong) = db.read(|tx| walk(tx, top, (place, &before)))?;
        if rows.is_empty() && first_wrong.is_none() {
            break;
        }
        wrong = first_wrong;
        for row in rows {
            (place, at, before) = (row.place, row.at, row.link);
            if let Some(head) = heads.iter().find(|head| head.place == place && head.link != before) {
                wrong = Some(Wrong::Rewritten { place: head.place });
                break;
            }
        }
    }
    let beyond = heads.last().filter(|head| head.place > place && wrong.is_none());
    let wrong = wrong.or(beyond.map(|head| Wrong::CutOff { ends: place, published: head.place }));
    let waiting = db.read(|tx| waiting(tx, top))?;
    let head = (place > 0).then_some(Head { top, place, link: before, at });
    Ok(Verdict { top, sound: place, waiting, head, wrong })
}

/// Whether the chain has a published head: without it an older database was put back, or the chain written anew.
pub fn holds(tx: &Tx, head: &Head) -> Result<bool, Fault> {
    let sql = "select count(*) from audit where top_id = $1 and place = $2 and link = $3";
    let values = [head.top.into(), head.place.into(), head.link.as_str().into()];
    tx.row(sql, &values, |row| Ok(row.int(0)? > 0))
}

/// Rows after a place, in their order.
fn page(tx: &Tx, top: i64, after: i64) -> Result<Vec<Row>, Fault> {
    let sql = "select id, at, person_id, unit_id, act, object, detail, place, link from audit
                where top_id = $1 and place > $2 order by place, id limit $3";
    tx.rows(sql, &[top.into(), after.into(), AT_ONCE.into()], row)
}

/// The next rows that are right, and what is wrong with the first that is not.
fn walk(tx: &Tx, top: i64, (mut place, before): (i64, &str)) -> Result<(Vec<Row>, Option<Wrong>), Fault> {
    let (mut sound, mut before) = (Vec::new(), before.to_owned());
    for row in page(tx, top, place)? {
        place += 1;
        if row.place > place {
            return Ok((sound, Some(Wrong::Missing { place })));
        }
        let right = link(tx, made_with(&row.link), &row.bytes(top, place, &before)?)?;
        if row.place != place || right != row.link {
            return Ok((sound, Some(Wrong::Row { place: row.place, id: row.id })));
        }
        before.clone_from(&row.link);
        sound.push(row);
    }
    Ok((sound, None))
}

pub(super) fn waiting(tx: &Tx, top: i64) -> Result<i64, Fault> {
    tx.row("select count(*) from audit where top_id = $1 and place = 0", &[top.into()], |row| row.int(0))
}

/// Rows of every organisation that wait for their place.
pub fn waiting_all(tx: &Tx) -> Result<i64, Fault> {
    let sql = "select count(*) from top t join audit a on a.top_id = t.top_id and a.place = 0
               -- fanout: a figure for the operator";
    tx.row(sql, &[], |row| row.int(0))
}

/// The end of a chain, and how many rows wait.
pub(super) fn end(tx: &Tx, top: i64) -> Result<(i64, String, i64), Fault> {
    let (place, link) = head(tx, top)?;
    Ok((place, link, waiting(tx, top)?))
}
