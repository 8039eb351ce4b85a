//! Mutual aid: the fund of a unit and its account. Entries are added and never changed; two who write at once cannot
//! have the same number, so that a balance is not spent twice. Cases are in [`case`].

pub mod case;
pub(crate) mod erase;

use crate::{Fault, Row, Tx, audit, needs_scope, unit};
use jiff::civil::Date;
use luoshi_rules::aid::{Entry, Numbers, Sort, balance, counter, covers};
use luoshi_rules::{Actor, Handler, Refusal, Scope, Verb};

/// A fund. Whoever has one in hand may be told its numbers: it was found through a unit they may see, or theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct Fund {
    top: i64,
    /// key
    pub id: i64,
    /// the unit that keeps it
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// what it is called
    pub name: String,
    /// since when
    pub on: Date,
}

/// Money that comes in.
#[derive(Debug, Clone, PartialEq)]
pub struct Income {
    /// donation or dues
    pub sort: Sort,
    /// fen
    pub amount: i64,
    /// the day
    pub on: Date,
    /// how many gave
    pub givers: i64,
    /// who gave, if they are named and on a roll; or 0
    pub person: i64,
    /// who gave, if named and not on a roll
    pub giver: String,
    /// what more there is to say
    pub words: String,
}

/// Notes an act of a handler. Neither the object nor the detail says whose case it is.
pub(crate) fn note(tx: &Tx, by: &Handler, act: &str, object: i64) -> Result<(), Fault> {
    audit::by(tx, by.top(), by.person(), by.unit(), act, object, "")
}

/// Opens the fund of the handler's unit.
pub fn open(tx: &Tx, by: &Handler, name: &str) -> Result<(), Fault> {
    if name.trim().is_empty() || name.chars().count() > 60 {
        return Err(Refusal::field("name", "请填写名称，60字以内", "a name of at most 60 characters").into());
    }
    let sql = "insert into aid_fund (top_id, id, unit_id, name, on_date) values ($1, $2, $2, $3, $4)";
    let args = [by.top().into(), by.unit().into(), name.trim().into(), by.today().into()];
    tx.run(sql, &args)
        .map_err(|fault| fault.if_taken(Refusal::rule("本组织已设立互助金", "this unit keeps a fund already")))?;
    note(tx, by, "aid.open", by.unit())
}

/// The fund a handler's unit keeps: after a merger perhaps several, and the oldest first.
pub fn kept(tx: &Tx, by: &Handler) -> Result<Option<Fund>, Fault> {
    of_unit(tx, by.top(), by.unit())
}

/// The fund of the unit at the root of a scope.
pub fn seen(tx: &Tx, scope: &Scope, unit: i64) -> Result<Option<Fund>, Fault> {
    needs_scope(scope, Verb::See)?;
    let found = of_unit(tx, scope.top(), unit)?;
    let at = unit::find(tx, unit)?;
    Ok(found.filter(|_| scope.root().contains(&at.path)))
}

fn of_unit(tx: &Tx, top: i64, unit: i64) -> Result<Option<Fund>, Fault> {
    let sql = "select f.top_id, f.id, f.unit_id, u.short_name, f.name, f.on_date from aid_fund f
                 join unit u on u.top_id = f.top_id and u.id = f.unit_id
                where f.top_id = $1 and f.unit_id = $2 order by f.on_date, f.id limit 1";
    Ok(tx.rows(sql, &[top.into(), unit.into()], fund)?.pop())
}

/// The fund nearest to the actor's own unit, at it or above.
pub fn serving(tx: &Tx, actor: &Actor) -> Result<Option<Fund>, Fault> {
    let sql = "select f.top_id, f.id, f.unit_id, u.short_name, f.name, f.on_date from aid_fund f
                 join unit u on u.top_id = f.top_id and u.id = f.unit_id
                 join unit h on h.top_id = f.top_id and h.id = $2
                where f.top_id = $1 and substr(h.path, 1, length(u.path)) = u.path
                order by length(u.path) desc, f.on_date, f.id limit 1";
    Ok(tx.rows(sql, &[actor.top.into(), actor.home.into()], fund)?.pop())
}

fn fund(row: &Row) -> Result<Fund, Fault> {
    let (top, id, unit) = (row.int(0)?, row.int(1)?, row.int(2)?);
    Ok(Fund { top, id, unit, unit_name: row.text(3)?, name: row.text(4)?, on: row.parse(5)? })
}

/// Refuses the fund of another unit.
pub(crate) fn ours(by: &Handler, fund: &Fund) -> Result<(), Fault> {
    if (by.top(), by.unit()) == (fund.top, fund.unit) { Ok(()) } else { Err(Fault::NotFound) }
}

/// The account of a fund, first to last, with who gave where they are named.
pub fn account(tx: &Tx, by: &Handler, fund: &Fund) -> Result<Vec<Entry>, Fault> {
    ours(by, fund)?;
    entries(tx, fund.top, fund.id)
}

pub(crate) fn entries(tx: &Tx, top: i64, fund: i64) -> Result<Vec<Entry>, Fault> {
    let sql = "select e.seq, e.sort, e.amount, e.on_date, e.givers, coalesce(p.name, e.giver), e.words, e.case_id,
                      e.counters
                 from aid_entry e left join person p on p.top_id = e.top_id and p.id = e.person_id
                where e.top_id = $1 and e.fund_id = $2 order by e.seq";
    tx.rows(sql, &[top.into(), fund.into()], |row| {
        let sort = Sort::named(&row.text(1)?).ok_or_else(|| Fault::Engine("an unknown sort of entry".into()))?;
        let (seq, amount, on, givers) = (row.int(0)?, row.int(2)?, row.parse(3)?, row.int(4)?);
        let (giver, words, case, counters) = (row.text(5)?, row.text(6)?, row.int(7)?, row.int(8)?);
        Ok(Entry { seq, sort, amount, on, givers, giver, words, case, counters })
    })
}

/// Writes down money that came in.
pub fn receive(tx: &Tx, by: &Handler, fund: &Fund, income: &Income) -> Result<(), Fault> {
    ours(by, fund)?;
    check(income, by.today())?;
    let all = entries(tx, fund.top, fund.id)?;
    if income.on < all.last().map_or(fund.on.min(income.on), |last| last.on) {
        return Err(Refusal::field("on", "不能早于上一笔账的日期", "no earlier than the last entry").into());
    }
    let (giver, words) = (income.giver.clone(), income.words.clone());
    let entry = Entry {
        seq: 0,
        sort: income.sort,
        amount: income.amount,
        on: income.on,
        givers: income.givers,
        giver,
        words,
        case: 0,
        counters: 0,
    };
    add(tx, by, (fund.id, &all), &entry, income.person)?;
    note(tx, by, "aid.receive", fund.id)
}

fn check(income: &Income, today: Date) -> Result<(), Refusal> {
    let refuse = |field: &str, zh: &str, en: &str| Err(Refusal::field(field, zh, en));
    let donation = income.sort == Sort::Donation;
    match income {
        one if !matches!(one.sort, Sort::Donation | Sort::Dues) => {
            refuse("sort", "请选择来源", "choose where it came from")
        }
        one if !(1..=100_000_000_000).contains(&one.amount) => {
            refuse("amount", "请填写大于零的金额，最多10亿元", "an amount above zero, at most a billion yuan")
        }
        one if one.on > today => refuse("on", "日期不能在今天之后", "the day is still to come"),
        one if donation && !(1..=1_000_000).contains(&one.givers) => {
            refuse("givers", "请填写捐款人数，至少1人", "how many gave, one at least")
        }
        one if one.giver.chars().count() > 60 => refuse("giver", "最多60字", "at most 60 characters"),
        one if one.words.chars().count() > 200 => refuse("note", "最多200字", "at most 200 characters"),
        one if (one.person != 0 || !one.giver.is_empty()) && !donation => {
            refuse("giver", "只有捐款才填捐款人", "only a donation names who gave")
        }
        _ => Ok(()),
    }
}

/// Makes an entry good by one the other way. What was paid for a case came back: the case says so.
pub fn make_good(tx: &Tx, by: &Handler, fund: &Fund, seq: i64, why: &str) -> Result<(), Fault> {
    ours(by, fund)?;
    if why.trim().is_empty() || why.chars().count() > 200 {
        return Err(Refusal::field("why", "请写明原因，200字以内", "say why, in at most 200 characters").into());
    }
    let all = entries(tx, fund.top, fund.id)?;
    let wrong = counter(&all, seq)?;
    let entry = Entry {
        seq: 0,
        sort: Sort::Counter,
        amount: -wrong.amount,
        on: by.today(),
        givers: 0,
        giver: String::new(),
        words: why.trim().to_owned(),
        case: wrong.case,
        counters: seq,
    };
    if wrong.case != 0 {
        case::came_back(tx, by, wrong.case)?;
    }
    add(tx, by, (fund.id, &all), &entry, 0)?;
    note(tx, by, "aid.counter", fund.id)
}

/// Adds an entry after those that were read: whoever was quicker has its number, and then this is looked at again.
pub(crate) fn add(
    tx: &Tx,
    by: &Handler,
    (fund, all): (i64, &[Entry]),
    entry: &Entry,
    person: i64,
) -> Result<(), Fault> {
    covers(balance(all), entry.amount)?;
    let seq = all.last().map_or(1, |last| last.seq + 1);
    let sql = "insert into aid_entry (top_id, fund_id, seq, sort, amount, on_date, givers, person_id, giver, words,
                                      case_id, counters, actor_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let args = [
        by.top().into(),
        fund.into(),
        seq.into(),
        entry.sort.key().into(),
        entry.amount.into(),
        entry.on.into(),
        entry.givers.into(),
        person.into(),
        entry.giver.trim().into(),
        entry.words.trim().into(),
        entry.case.into(),
        entry.counters.into(),
        by.person().into(),
    ];
    tx.run(sql, &args).map(drop).map_err(|fault| fault.if_taken(Fault::Clash))
}

/// What the actor gave by name: the day and fen, the newest first.
pub fn given(tx: &Tx, actor: &Actor) -> Result<Vec<(Date, i64)>, Fault> {
    let sql = "select e.on_date, e.amount from aid_entry e
                where e.top_id = $1 and e.person_id = $2
                  and not exists (select 1 from aid_entry c where c.top_id = e.top_id and c.fund_id = e.fund_id
                                                             and c.counters = e.seq)
                order by e.on_date desc, e.seq desc";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], |row| Ok((row.parse(0)?, row.int(1)?)))
}

/// A year of a fund in numbers, without a name. Two statements.
pub fn numbers(tx: &Tx, fund: &Fund, year: i16) -> Result<Numbers, Fault> {
    let mut out = Numbers::of_account(&entries(tx, fund.top, fund.id)?, year);
    case::count(tx, (fund.top, fund.id), year, &mut out)?;
    Ok(out)
}
