//! What people ask about their own data: to correct, to erase, to lock, to unlock it; answered by whoever keeps the
//! roll they are on.

use crate::{FOREVER, Fault, Row, Tx, audit, erase, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::{Actor, Label, Permit, Refusal, Scope, Verb};

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// something is wrong
    Correct,
    /// put a pseudonym in the place of the name and drop what no rule obliges to keep
    Erase,
    /// keep it, but show it to nobody
    Lock,
    /// show it again
    Unlock,
}

/// Something asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// key
    pub id: i64,
    /// who asks
    pub person: i64,
    /// their name
    pub name: String,
    /// the unit on whose roll they are or were last
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// the day they left the roll
    pub left: Option<Date>,
    /// whether their data is locked
    pub locked: bool,
    /// what
    pub ask: Ask,
    /// in their words
    pub words: String,
    /// since when
    pub on: Date,
    /// `open`, `done`, `refused`, `withdrawn`
    pub state: String,
    /// the answer
    pub answer: String,
    /// where free text names the person
    pub found: Vec<erase::Mention>,
    /// the day it was answered
    pub answered: Option<Date>,
}

impl Ask {
    /// All of them.
    pub const ALL: [Ask; 4] = [Ask::Correct, Ask::Erase, Ask::Lock, Ask::Unlock];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Ask::Correct => "correct",
            Ask::Erase => "erase",
            Ask::Lock => "lock",
            Ask::Unlock => "unlock",
        }
    }

    /// The one with this key.
    pub fn named(key: &str) -> Option<Ask> {
        Ask::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Ask::Correct => Label::new("更正", "Correct"),
            Ask::Erase => Label::new("删除", "Erase"),
            Ask::Lock => Label::new("封存（只保存，不再使用）", "Lock (keep, but use no more)"),
            Ask::Unlock => Label::new("解除封存", "Unlock"),
        }
    }

    /// What one must be allowed to do at the unit to answer it.
    pub fn verb(self) -> Verb {
        if self == Ask::Erase { Verb::Rule } else { Verb::Roll }
    }
}

/// Asks something about one's own data.
pub fn add(tx: &Tx, actor: &Actor, ask: Ask, words: &str) -> Result<i64, Fault> {
    let words = words.trim();
    if ask == Ask::Correct && words.is_empty() {
        return Err(
            Refusal::field("words", "请写明哪里有误、应当是什么", "say what is wrong and what it should be").into()
        );
    }
    if words.chars().count() > 1_000 {
        return Err(Refusal::field("words", "最多1000字", "at most 1,000 characters").into());
    }
    let id = new_id();
    let sql = "insert into request (top_id, id, person_id, ask, words, on_date, state, answer, found, handler_id,
                                    answered)
               values ($1, $2, $3, $4, $5, $6, 'open', '', '', 0, '9999-12-31')";
    let args = [actor.top.into(), id.into(), actor.person.into(), ask.key().into(), words.into(), actor.today.into()];
    tx.run(sql, &args)?;
    audit::by(tx, actor.top, actor.person, actor.home, "request.add", id, ask.key())?;
    Ok(id)
}

/// Takes back what one asked, while it is open.
pub fn withdraw(tx: &Tx, actor: &Actor, id: i64) -> Result<(), Fault> {
    let sql = "update request set state = 'withdrawn', answered = $4
                where top_id = $1 and id = $2 and person_id = $3 and state = 'open'";
    if tx.run(sql, &[actor.top.into(), id.into(), actor.person.into(), actor.today.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::by(tx, actor.top, actor.person, actor.home, "request.withdraw", id, "")
}

/// What one has asked, newest first.
pub fn mine(tx: &Tx, actor: &Actor) -> Result<Vec<Request>, Fault> {
    let sql = "select q.id, q.person_id, p.name, p.unit_id, u.short_name, p.left_on, k.on_date, q.ask, q.words,
                      q.on_date, q.state, q.answer, q.found, q.answered
                 from request q
                 join person p on p.top_id = q.top_id and p.id = q.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 left join person_lock k on k.top_id = p.top_id and k.person_id = p.id
                where q.top_id = $1 and q.person_id = $2 order by q.id desc limit 50";
    tx.rows(sql, &[actor.top.into(), actor.person.into()], request)
}

/// What people on the rolls of a scope ask, the open ones first, then the newest; a scope to keep the roll.
pub fn list(tx: &Tx, scope: &Scope, most: i64) -> Result<Vec<Request>, Fault> {
    chosen(tx, scope, 0, most)
}

/// One of [`list`].
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Request, Fault> {
    chosen(tx, scope, id, 1)?.pop().ok_or(Fault::NotFound)
}

/// Those of a scope, or one of them.
fn chosen(tx: &Tx, scope: &Scope, id: i64, most: i64) -> Result<Vec<Request>, Fault> {
    if scope.verb() != Verb::Roll {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select q.id, q.person_id, p.name, p.unit_id, u.short_name, p.left_on, k.on_date, q.ask, q.words,
                      q.on_date, q.state, q.answer, q.found, q.answered
                 from request q
                 join person p on p.top_id = q.top_id and p.id = q.person_id
                 join unit u on u.top_id = p.top_id and u.id = p.unit_id
                 left join person_lock k on k.top_id = p.top_id and k.person_id = p.id
                where q.top_id = $1 and p.path >= $2 and p.path < $3 and (q.id = $4 or $4 = 0)
                order by q.answered desc, q.id desc limit $5";
    let mut args = unit::range(scope).to_vec();
    args.extend([id.into(), most.into()]);
    tx.rows(sql, &args, request)
}

fn request(row: &Row) -> Result<Request, Fault> {
    Ok(Request {
        id: row.int(0)?,
        person: row.int(1)?,
        name: row.text(2)?,
        unit: row.int(3)?,
        unit_name: row.text(4)?,
        left: row.day(5)?,
        locked: !row.text(6)?.is_empty(),
        ask: Ask::named(&row.text(7)?).ok_or_else(|| Fault::Engine("unknown request".into()))?,
        words: row.text(8)?,
        on: row.parse(9)?,
        state: row.text(10)?,
        answer: row.text(11)?,
        found: row.text(12)?.split_whitespace().filter_map(erase::Mention::read).collect(),
        answered: row.day(13)?,
    })
}

/// Says no, with a reason the person reads.
pub fn refuse(tx: &Tx, permit: &Permit, request: &Request, answer: &str) -> Result<(), Fault> {
    if answer.trim().is_empty() {
        return Err(Refusal::field("answer", "请写明不办的理由，本人会看到", "say why not; the person reads it").into());
    }
    close(tx, permit, request, ("refused", answer), "")
}

/// Does what was asked: locks, unlocks or erases; a correction was made on the person's page.
pub fn grant(tx: &Tx, permit: &Permit, request: &Request, answer: &str) -> Result<(), Fault> {
    let (top, person) = (permit.top(), request.person);
    match request.ask {
        Ask::Correct => close(tx, permit, request, ("done", answer), ""),
        Ask::Lock => {
            let sql = "insert into person_lock (top_id, person_id, on_date) values ($1, $2, $3)
                       on conflict (top_id, person_id) do nothing";
            tx.run(sql, &[top.into(), person.into(), permit.today().into()])?;
            close(tx, permit, request, ("done", answer), "")
        }
        Ask::Unlock => {
            tx.run("delete from person_lock where top_id = $1 and person_id = $2", &[top.into(), person.into()])?;
            close(tx, permit, request, ("done", answer), "")
        }
        Ask::Erase => {
            if request.left.is_none() {
                return Err(on_the_roll().into());
            }
            let found = erase::mentions(tx, permit, person)?;
            let words: Vec<String> = found.iter().map(ToString::to_string).collect();
            close(tx, permit, request, ("done", answer), &words.join(" "))?;
            erase::person(tx, permit, person)
        }
    }
}

fn on_the_roll() -> Refusal {
    Refusal::rule(
        "此人还在名册上，党的组织原则要求保留其姓名：请先办理离开名册，或改为封存",
        "this person is on the roll, which must name its members: see to their leaving first, or lock the data instead",
    )
}

fn close(tx: &Tx, permit: &Permit, request: &Request, (state, answer): (&str, &str), found: &str) -> Result<(), Fault> {
    needs(permit, request.ask.verb())?;
    let sql = "update request set state = $3, answer = $4, found = $5, handler_id = $6, answered = $7
                where top_id = $1 and id = $2 and state = 'open'";
    let args = [
        permit.top().into(),
        request.id.into(),
        state.into(),
        answer.trim().into(),
        found.into(),
        permit.person().into(),
        permit.today().into(),
    ];
    if tx.run(sql, &args)? == 0 {
        return Err(Refusal::rule("这项申请已经办过，请刷新", "this was answered already; reload the page").into());
    }
    audit::note(tx, permit, "request.answer", request.person, &format!("{} {state}", request.ask.key()))
}

/// How many in a scope wait for an answer.
pub fn open(tx: &Tx, scope: &Scope) -> Result<i64, Fault> {
    let sql = "select count(*) from request q join person p on p.top_id = q.top_id and p.id = q.person_id
                where q.top_id = $1 and p.path >= $2 and p.path < $3 and q.answered = $4";
    let mut args = unit::range(scope).to_vec();
    args.push(FOREVER.into());
    tx.row(sql, &args, |row| row.int(0))
}
