//! The copy on the machine: filled once from a package, it gives back what was done, and nothing else goes in.

use super::package::unsound;
use super::parcel::{self, Outfit};
use super::{Exchange, Head, Package, PublicKey, Return, Way, new_head, rules};
use crate::{Db, Fault, Tx, account, audit, now, operator, secret};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Pack, Refusal};

/// Days for which a package of the machine is taken at home.
const DAYS: i32 = 30;

/// What a database is a copy of.
#[derive(Debug, Clone)]
pub struct Copy {
    /// the organisation
    pub top: i64,
    /// the exchange, as this side has it: the partner is home
    pub exchange: Exchange,
    /// what the round is called
    pub round: String,
}

/// Somebody who works on the copy.
#[derive(Debug, Clone)]
pub struct Issued {
    /// name
    pub name: String,
    /// sign-in name
    pub login: String,
    /// where the one-time link leads
    pub path: String,
}

/// What this database is a copy of, if it is one. Copies are SQLite files.
pub fn copy(db: &Db) -> Result<Option<Copy>, Fault> {
    if db.engine() == "SQLite" { db.read(find) } else { Ok(None) }
}

fn find(tx: &Tx) -> Result<Option<Copy>, Fault> {
    let sql = "select e.id, e.round_id, e.team, e.on_date, e.until_date, e.partner, e.ended, e.ended_on, e.why,
                      e.top_id, r.name
                 from exchange e join round r on r.top_id = e.top_id and r.id = e.round_id
                where e.side = 'copy' -- fanout: a copy holds one organisation";
    let found =
        tx.rows(sql, &[], |row| Ok(Copy { exchange: super::exchange(row)?, top: row.int(9)?, round: row.text(10)? }))?;
    let Some(mut copy) = found.into_iter().next() else { return Ok(None) };
    super::history(tx, copy.top, &mut copy.exchange)?;
    Ok(Some(copy))
}

/// Opens a package that goes out: what is in it, once the sender is the one whose fingerprint was read out.
pub fn open_head<'p>(
    tx: &Tx,
    pack: &Pack,
    package: &'p Package,
    (from, spoken): (&str, &str),
    today: Date,
) -> Result<(&'p Head, Vec<u8>), Fault> {
    let sender = super::partner_key(tx, from, spoken)?;
    let plain = package.open(tx.keys(), &sender, (Way::Out, today))?;
    if package.head.schema != crate::version() || package.head.rules != rules(pack) {
        let zh = "两边程序版本不同：请在单机上安装与本级相同的版本";
        return Err(unsound(zh, "the programs of the two sides differ: install the version that home has").into());
    }
    Ok((&package.head, plain))
}

/// Whether nothing is in this database yet.
pub fn is_fresh(tx: &Tx) -> Result<bool, Fault> {
    let sql = "select top_id from top limit 1 -- fanout: dictionary of organisations";
    Ok(tx.rows(sql, &[], |row| row.int(0))?.is_empty())
}

/// Fills an empty database with what a package brought, and gives those on the team an account each.
pub fn fill(tx: &Tx, head: &Head, outfit: &Outfit, today: Date) -> Result<Vec<Issued>, Fault> {
    if !is_fresh(tx)? {
        let zh = "这个目录里已有数据：请换一个新目录";
        return Err(Refusal::rule(zh, "there are data in this folder already: choose a new one").into());
    }
    parcel::fill(tx, head.top, &outfit.rows)?;
    let sql = "insert into exchange (top_id, round_id, team, done, id, side, partner, until_date, actor_id, on_date)
               values ($1, $2, $3, 0, $4, 'copy', $5, $6, 0, $7)";
    let args = [
        head.top.into(),
        outfit.round.into(),
        outfit.team.into(),
        head.exchange.into(),
        head.from.as_str().into(),
        outfit.until.into(),
        today.into(),
    ];
    tx.run(sql, &args)?;
    audit::by(tx, head.top, 0, 0, "exchange.open", head.exchange, &head.made.to_string())?;
    outfit.members.iter().map(|(person, login)| issue(tx, (head.top, *person), login)).collect()
}

fn issue(tx: &Tx, (top, person): (i64, i64), login: &str) -> Result<Issued, Fault> {
    let sql = "select name from person where top_id = $1 and id = $2";
    let name = tx.row(sql, &[top.into(), person.into()], |row| row.text(0))?;
    account::add(tx, top, person, login, "")?;
    let token = secret::token()?;
    operator::invite(tx, login, &token)?;
    Ok(Issued { name, login: login.to_owned(), path: format!("/join#{top}.{token}") })
}

/// Everything done on the copy, numbered and noted in one act; with `last` nothing more is done on it.
pub fn give(tx: &Tx, pack: &Pack, last: bool, today: Date) -> Result<(Copy, Head, Vec<u8>, Vec<String>), Fault> {
    let Some(copy) = find(tx)? else {
        let zh = "这不是单机副本：只有打开过交换包的目录才能交回";
        return Err(
            Refusal::rule(zh, "this is no copy: only a folder into which a package was opened gives back").into()
        );
    };
    let last = last || copy.exchange.returns.iter().any(|one| one.last);
    let no = copy.exchange.returns.last().map_or(0, |one: &Return| one.no) + 1;
    let harvest = parcel::harvest(tx, copy.top, &copy.exchange)?;
    let text = serde_json::to_vec(&harvest).map_err(|error| Fault::Engine(error.to_string()))?;
    let events: usize = harvest.matters.iter().map(|one| one.events.len()).sum();
    let sql = "insert into exchange_return (top_id, exchange_id, no, digest, last, matters, events, actor_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7, 0, $8)";
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let args = [
        copy.top.into(),
        copy.exchange.id.into(),
        no.into(),
        secret::digest(&text).into(),
        i64::from(last).into(),
        number(harvest.matters.len()).into(),
        number(events).into(),
        today.into(),
    ];
    tx.run(sql, &args)?;
    audit::by(tx, copy.top, 0, 0, "exchange.return", copy.exchange.id, &no.to_string())?;
    let until = today.saturating_add(DAYS.days());
    let mut head = new_head(Way::Back, copy.top, (copy.exchange.id, no, last), until, rules(pack));
    head.made = now();
    Ok((copy, head, text, harvest.files))
}

impl Copy {
    /// The public key of home.
    pub fn home(&self) -> &PublicKey {
        &self.exchange.partner
    }
}
