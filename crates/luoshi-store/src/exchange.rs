//! Sealed exchange: a team of a round works on a machine of its own without network. While it is out, nobody at home
//! takes a step on its matters, so that no two sides can take the same one; what it did comes back and is merged once.

mod copy;
mod key;
mod merge;
mod package;
mod parcel;
mod receipt;
mod turned;

pub use copy::{Copy, Issued, copy, fill, give, is_fresh, open_head};
pub use key::PublicKey;
pub use merge::{Merged, Sent, head, merge, plan};
pub use package::{Head, LARGEST, Package, Way};
pub use parcel::{Carried, Happened, Harvest, Outfit, unwrap, wrap};
pub use receipt::{Piece, Receipt, about, keep, sign};
pub use turned::Turned;

use crate::{Fault, Row, Tx, audit, needs, new_id, secret};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::{Matter, Pack, Permit, Refusal, Scope, Unit, Verb};
use serde_json::Value as Json;

/// Days for which a package is taken.
const DAYS: i32 = 30;

/// A team that is or was out.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// key
    pub id: i64,
    /// the round
    pub round: i64,
    /// the team
    pub team: i64,
    /// the day it went out
    pub on: Date,
    /// last day on which the package can be opened
    pub until: Date,
    /// public key of the other side
    pub partner: PublicKey,
    /// how it ended: empty while out, then `returned` or `void`
    pub ended: String,
    /// when
    pub ended_on: Option<Date>,
    /// why it was given up
    pub why: String,
    /// packages that came back
    pub returns: Vec<Return>,
    /// the receipt of the wiping
    pub receipt: Option<Receipt>,
}

/// A package that came back.
#[derive(Debug, Clone)]
pub struct Return {
    /// 1, 2, 3 …
    pub no: i64,
    /// digest of what was in it
    pub digest: String,
    /// whether it was the last one
    pub last: bool,
    /// new matters in it
    pub matters: i64,
    /// new events in it
    pub events: i64,
    /// the day
    pub on: Date,
}

/// The public key of this installation.
pub fn own_key(tx: &Tx) -> Result<PublicKey, Fault> {
    PublicKey::of(tx.keys())
}

/// A digest of the rules, so that both sides work by the same.
pub fn rules(pack: &Pack) -> String {
    secret::digest(format!("{:?}", (&pack.flow, &pack.round, &pack.post)).as_bytes())
}

/// Sends a team out: from now on its matters are worked on by the machine of that key and nobody else.
pub fn send(
    tx: &Tx,
    permit: &Permit,
    (round, team): (i64, i64),
    (partner, spoken): (&str, &str),
) -> Result<i64, Fault> {
    needs(permit, Verb::Act)?;
    let key = partner_key(tx, partner, spoken)?;
    let top = permit.top();
    let sql = "select count(*),
                      (select count(*) from round_member m where m.top_id = $1 and m.round_id = $2 and m.team = $3
                          and m.until_date >= $5),
                      (select count(*) from exchange e where e.top_id = $1 and e.round_id = $2 and e.team = $3
                          and e.done = 0)
                 from round r join round_target t on t.top_id = r.top_id and t.round_id = r.id and t.team = $3
                where r.top_id = $1 and r.id = $2 and r.unit_id = $4 and r.until_date >= $5";
    let args = [top.into(), round.into(), team.into(), permit.unit().into(), permit.today().into()];
    let (units, members, out) = tx.row(sql, &args, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
    if units == 0 || members == 0 {
        let zh = "该组还没有对象或组员，或本轮已经结束，不能交给单机";
        return Err(Refusal::field("team", zh, "the team has no unit or nobody on it, or the round is over").into());
    }
    if out > 0 {
        let zh = "该组已经交给单机，收回或作废后才能再交";
        return Err(Refusal::field("team", zh, "the team is out already: take it back or give it up first").into());
    }
    let id = new_id();
    let sql = "insert into exchange (top_id, round_id, team, done, id, side, partner, until_date, actor_id, on_date)
               values ($1, $2, $3, 0, $4, 'home', $5, $6, $7, $8)";
    let args = [
        top.into(),
        round.into(),
        team.into(),
        id.into(),
        key.to_string().into(),
        permit.today().saturating_add(DAYS.days()).into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args).map_err(|fault| fault.if_taken(Fault::Clash))?;
    audit::note(tx, permit, "exchange.send", id, &format!("{round} {team} {}", key.fingerprint()))?;
    Ok(id)
}

/// The key of the other side, once the fingerprint that was read out is that of the key.
fn partner_key(tx: &Tx, partner: &str, spoken: &str) -> Result<PublicKey, Fault> {
    let Ok(key) = partner.parse::<PublicKey>() else {
        let zh = "这不是一份公钥：请在单机上运行 luoshi exchange key，把整行粘贴过来";
        return Err(Refusal::field(
            "key",
            zh,
            "no public key: run `luoshi exchange key` on the machine and paste the whole line",
        )
        .into());
    };
    if key == own_key(tx)? {
        let zh = "这是本系统自己的公钥：请填单机的公钥";
        return Err(Refusal::field("key", zh, "this is our own key: give that of the machine").into());
    }
    if !key.is_read_as(spoken) {
        let zh = "指纹与公钥不符：请对方当面或电话念出单机显示的八组数字；若仍不符，公钥可能被调换，不要交出";
        let en = "the fingerprint is not that of the key: have the eight groups read out; if they still differ, the key \
                  may have been exchanged on the way, so hand nothing over";
        return Err(Refusal::field("fingerprint", zh, en).into());
    }
    Ok(key)
}

/// The package of a team that is out, as of now: it can be made again until something has come back.
pub fn outfit(tx: &Tx, permit: &Permit, pack: &Pack, id: i64) -> Result<(Head, Outfit, PublicKey), Fault> {
    let exchange = own(tx, permit, id)?;
    if !exchange.ended.is_empty() || !exchange.returns.is_empty() {
        let zh = "该组已经收回过，不能再下载交出的包";
        return Err(Refusal::rule(zh, "something has come back already: the package is not made again").into());
    }
    let (top, today) = (permit.top(), permit.today());
    let sql = "select name from round where top_id = $1 and id = $2";
    let name = tx.row(sql, &[top.into(), exchange.round.into()], |row| row.text(0))?;
    let sql = "select m.person_id, coalesce(a.login, '') from round_member m
                 left join account a on a.top_id = m.top_id and a.person_id = m.person_id
                where m.top_id = $1 and m.round_id = $2 and m.team = $3 and m.until_date >= $4 order by m.person_id";
    let args = [top.into(), exchange.round.into(), exchange.team.into(), today.into()];
    let mut members = tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?)))?;
    for (n, (_, login)) in members.iter_mut().enumerate().filter(|(_, (_, login))| login.is_empty()) {
        *login = format!("team{}-{}", exchange.team, n + 1);
    }
    let rows = parcel::rows(tx, (top, exchange.round, exchange.team), today)?;
    let events = rows.get("matter_event").into_iter().flatten();
    let answers: Vec<Json> = events.filter_map(|row| serde_json::from_str(row.last()?.as_str()?).ok()).collect();
    let files = parcel::files(answers.iter());
    let (round, team, until) = (exchange.round, exchange.team, exchange.until);
    let outfit = Outfit { name, round, team, until, members, rows, files };
    let head = new_head(Way::Out, top, (exchange.id, 1, false), until, rules(pack));
    Ok((head, outfit, exchange.partner))
}

fn new_head(way: Way, top: i64, (exchange, no, last): (i64, i64, bool), until: Date, rules: String) -> Head {
    let schema = crate::version().to_owned();
    let (from, to, once) = (String::new(), String::new(), String::new());
    Head { way, top, exchange, no, last, made: crate::now(), until, from, to, schema, rules, once }
}

/// Seals a package for its receiver.
pub fn seal(tx: &Tx, to: &PublicKey, head: Head, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    package::seal(tx.keys(), to, head, plain)
}

/// Gives up a team that is out: its machine is lost, or it was a mistake. Nothing it made is taken from now on.
pub fn give_up(tx: &Tx, permit: &Permit, id: i64, why: &str) -> Result<(), Fault> {
    let exchange = own(tx, permit, id)?;
    if why.trim().is_empty() {
        return Err(Refusal::field("why", "请写明作废原因", "please say why").into());
    }
    end(tx, permit.top(), (&exchange, "void", why), permit.today())?;
    audit::note(tx, permit, "exchange.void", id, "")
}

fn end(tx: &Tx, top: i64, (exchange, how, why): (&Exchange, &str, &str), today: Date) -> Result<(), Fault> {
    let sql = "update exchange set done = id, ended = $3, ended_on = $4, why = $5
                where top_id = $1 and id = $2 and done = 0";
    match tx.run(sql, &[top.into(), exchange.id.into(), how.into(), today.into(), why.trim().into()])? {
        0 => Err(Refusal::rule("该组已经收回或作废", "the team is back already, or was given up").into()),
        _ => Ok(()),
    }
}

/// An exchange of a round of the permit's unit.
fn own(tx: &Tx, permit: &Permit, id: i64) -> Result<Exchange, Fault> {
    needs(permit, Verb::Act)?;
    let sql = "select e.id, e.round_id, e.team, e.on_date, e.until_date, e.partner, e.ended, e.ended_on, e.why
                 from exchange e join round r on r.top_id = e.top_id and r.id = e.round_id
                where e.top_id = $1 and e.id = $2 and r.unit_id = $3 and e.side = 'home'";
    let mut one = tx.row(sql, &[permit.top().into(), id.into(), permit.unit().into()], exchange)?;
    history(tx, permit.top(), &mut one)?;
    Ok(one)
}

/// The exchanges of a round that the scope reaches, the latest first, without what came back. One statement.
pub fn brief(tx: &Tx, scope: &Scope, round: i64) -> Result<Vec<Exchange>, Fault> {
    let sql = "select e.id, e.round_id, e.team, e.on_date, e.until_date, e.partner, e.ended, e.ended_on, e.why, c.body
                 from exchange e join round r on r.top_id = e.top_id and r.id = e.round_id
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 left join exchange_receipt c on c.top_id = e.top_id and c.exchange_id = e.id
                where e.top_id = $1 and u.path >= $2 and u.path < $3 and e.round_id = $4 and e.side = 'home'
                order by e.id desc";
    let mut args = crate::unit::range(scope).to_vec();
    args.push(round.into());
    tx.rows(sql, &args, |row| {
        let mut one = exchange(row)?;
        one.receipt = Receipt::read(&row.text(9)?, &one.partner).ok();
        Ok(one)
    })
}

/// The same with what came back.
pub fn list(tx: &Tx, scope: &Scope, round: i64) -> Result<Vec<Exchange>, Fault> {
    let mut all = brief(tx, scope, round)?;
    let sql = "select r.exchange_id, r.no, r.digest, r.last, r.matters, r.events, r.on_date
                 from exchange e join exchange_return r on r.top_id = e.top_id and r.exchange_id = e.id
                where e.top_id = $1 and e.round_id = $2 order by r.exchange_id, r.no";
    let args = [scope.top().into(), round.into()];
    for (id, one) in tx.rows(sql, &args, |row| Ok((row.int(0)?, returned(row, 1)?)))? {
        all.iter_mut().filter(|exchange| exchange.id == id).for_each(|exchange| exchange.returns.push(one.clone()));
    }
    Ok(all)
}

/// The unit that sends a round: whoever works from the command line names the round alone.
pub fn sender(tx: &Tx, round: i64) -> Result<i64, Fault> {
    let sql = "select unit_id from round where id = $1 -- fanout: a command names a round, not its organisation";
    tx.row(sql, &[round.into()], |row| row.int(0))
}

/// The round of an exchange.
pub fn round_of(tx: &Tx, id: i64) -> Result<i64, Fault> {
    let sql = "select round_id from exchange where id = $1 -- fanout: a package names its exchange alone";
    tx.row(sql, &[id.into()], |row| row.int(0)).map_err(|fault| match fault {
        Fault::NotFound => package::unsound("这个包不是本系统交出去的", "no machine of ours made this").into(),
        other => other,
    })
}

fn exchange(row: &Row) -> Result<Exchange, Fault> {
    let partner = row.text(5)?.parse().map_err(|()| Fault::Engine("a kept key cannot be read".into()))?;
    Ok(Exchange {
        id: row.int(0)?,
        round: row.int(1)?,
        team: row.int(2)?,
        on: row.parse(3)?,
        until: row.parse(4)?,
        partner,
        ended: row.text(6)?,
        ended_on: row.day(7)?,
        why: row.text(8)?,
        returns: Vec::new(),
        receipt: None,
    })
}

fn returned(row: &Row, at: usize) -> Result<Return, Fault> {
    let (no, digest, last) = (row.int(at)?, row.text(at + 1)?, row.int(at + 2)? == 1);
    let (matters, events) = (row.int(at + 3)?, row.int(at + 4)?);
    Ok(Return { no, digest, last, matters, events, on: row.parse(at + 5)? })
}

fn history(tx: &Tx, top: i64, exchange: &mut Exchange) -> Result<(), Fault> {
    let sql = "select no, digest, last, matters, events, on_date from exchange_return
                where top_id = $1 and exchange_id = $2 order by no";
    exchange.returns = tx.rows(sql, &[top.into(), exchange.id.into()], |row| returned(row, 0))?;
    Ok(())
}

/// A team that is out, for pages at home.
#[derive(Debug, Clone)]
pub struct Away {
    /// since when
    pub since: Date,
    /// fingerprint of the machine
    pub fingerprint: String,
}

/// Whether a matter is being worked on by a machine that is out.
pub fn away(tx: &Tx, top: i64, matter: &Matter) -> Result<Option<Away>, Fault> {
    let sql = "select e.on_date, e.partner from exchange e
                 join round_target t on t.top_id = e.top_id and t.round_id = e.round_id and t.team = e.team
                 join matter w on w.top_id = t.top_id and w.id = t.matter_id
                where e.top_id = $1 and e.round_id = $2 and e.done = 0 and e.side = 'home'
                  and substr($3, 1, length(w.path)) = w.path";
    let args = [top.into(), matter.round.into(), matter.path.as_str().into()];
    let found = tx.rows(sql, &args, |row| Ok((row.parse(0)?, row.text(1)?)))?.pop();
    Ok(found.map(|(since, partner)| Away {
        since,
        fingerprint: partner.parse::<PublicKey>().map_or_else(|()| partner, |key| key.fingerprint()),
    }))
}

/// Refuses a step on a matter that is being worked on elsewhere: at home while the team is out, on the machine once it
/// has sent its last package.
pub(crate) fn must_be_here(tx: &Tx, top: i64, matter: &Matter) -> Result<(), Fault> {
    if matter.round == 0 {
        return Ok(());
    }
    if let Some(Away { since, fingerprint }) = away(tx, top, matter)? {
        let zh = format!("该组自 {since} 起在单机上办理（指纹 {fingerprint}），收回之后才能在这里办理");
        let en = format!("the team works on a machine of its own since {since} ({fingerprint}): take it back first");
        return Err(Refusal::rule(zh, en).into());
    }
    let sql = "select count(*) from exchange e
                 join exchange_return r on r.top_id = e.top_id and r.exchange_id = e.id and r.last = 1
                where e.top_id = $1 and e.round_id = $2 and e.side = 'copy'";
    if tx.row(sql, &[top.into(), matter.round.into()], |row| row.int(0))? > 0 {
        let zh = "最后一份包已经做好，这份副本不再办理；请把包交回，然后擦除";
        return Err(Refusal::rule(zh, "the last package has been made: nothing more is done on this copy").into());
    }
    Ok(())
}

/// Refuses another unit for a team that is out: its machine would not know it.
pub(crate) fn must_be_home(tx: &Tx, top: i64, (round, team): (i64, i64)) -> Result<(), Fault> {
    let sql = "select count(*) from exchange where top_id = $1 and round_id = $2 and team = $3 and done = 0";
    if tx.row(sql, &[top.into(), round.into(), team.into()], |row| row.int(0))? > 0 {
        let zh = "该组正在单机上办理，收回之后才能加对象";
        return Err(Refusal::field("units", zh, "the team is out on a machine of its own: take it back first").into());
    }
    Ok(())
}

/// Refuses to merge a unit that a team is out for: its matters go on elsewhere, and could not be handed on.
pub(crate) fn must_not_be_out(tx: &Tx, unit: &Unit) -> Result<(), Fault> {
    let sql = "select count(*) from exchange e
                 join round r on r.top_id = e.top_id and r.id = e.round_id
                 join round_target t on t.top_id = e.top_id and t.round_id = e.round_id and t.team = e.team
                where e.top_id = $1 and e.done = 0 and (t.unit_id = $2 or r.unit_id = $2)";
    if tx.row(sql, &[unit.top.into(), unit.id.into()], |row| row.int(0))? > 0 {
        let zh = "巡察（检查）小组正在单机上办理该组织的事项，请先收回或作废，再合并";
        return Err(Refusal::rule(zh, "a team works on its matters on a machine of its own: take it back first").into());
    }
    Ok(())
}
