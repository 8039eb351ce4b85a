//! Collections: what units below are asked to fill in, and what they answered. Who is asked is derived from the tree.

mod burden;

pub use burden::{About, Burden, answer as answer_burden, list as burdens, raise};

use crate::{FOREVER, Fault, Row, Tx, audit, needs, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::collection::{Question, Sort};
use luoshi_rules::period::Cadence;
use luoshi_rules::{Collection, Permit, Refusal, Scope, Unit, Verb};
use serde_json::Value as Json;

/// What one unit answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// the collection
    pub collection: i64,
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// which time
    pub period: String,
    /// one value for each question, in their order, and what the system had filled in
    pub data: Json,
    /// the day
    pub on: Date,
}

/// Collections of an organisation that ask a unit or units below it, or are asked by them, the newest first: those
/// that went on at any time since a day.
pub fn list(tx: &Tx, scope: &Scope, since: Date) -> Result<Vec<Collection>, Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.ground, c.every, c.due, c.level, c.class,
                      c.questions, c.from_date, c.until_date
                 from collection c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and c.until_date >= $4
                  and (u.path >= $2 and u.path < $3 or substr($2, 1, length(u.path)) = u.path)
                order by c.from_date desc, c.id desc limit 2000";
    let mut args = unit::range(scope).to_vec();
    args.push(since.into());
    tx.rows(sql, &args, collection)
}

/// Those that ask a unit of a permit or units below it from its day on, or are asked by them.
fn going_on(tx: &Tx, permit: &Permit) -> Result<Vec<Collection>, Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.ground, c.every, c.due, c.level, c.class,
                      c.questions, c.from_date, c.until_date
                 from collection c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and c.until_date = '9999-12-31' and (c.every <> '' or c.due >= $4)
                  and (u.path >= $2 and u.path < $3 or substr($2, 1, length(u.path)) = u.path)";
    let (path, end) = (permit.path().as_str(), permit.path().end());
    tx.rows(sql, &[permit.top().into(), path.into(), end.into(), permit.today().into()], collection)
}

/// What a unit of a scope is asked for by units above it, and what it answered: collections that went on at any time
/// since a day, the newest first. One statement.
pub fn asked_of(tx: &Tx, scope: &Scope, at: i64, since: Date) -> Result<(Vec<Collection>, Vec<Answer>), Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.ground, c.every, c.due, c.level, c.class,
                      c.questions, c.from_date, c.until_date, a.period, a.data, a.on_date
                 from unit w
                 join collection c on c.top_id = w.top_id and c.until_date >= $5
                 join unit u on u.top_id = c.top_id and u.id = c.unit_id and u.id <> w.id
                            and substr(w.path, 1, length(u.path)) = u.path
                 left join collection_answer a on a.top_id = c.top_id and a.collection_id = c.id and a.unit_id = w.id
                where w.top_id = $1 and w.path >= $2 and w.path < $3 and w.id = $4
                order by c.from_date desc, c.id desc, a.period desc limit 2000";
    let mut args = unit::range(scope).to_vec();
    args.extend([at.into(), since.into()]);
    let (mut all, mut answers) = (Vec::<Collection>::new(), Vec::new());
    tx.rows(sql, &args, |row| {
        let one = collection(row)?;
        let period = row.text(13)?;
        if !period.is_empty() {
            let (data, on) = (row.json(14)?, row.parse(15)?);
            answers.push(Answer { collection: one.id, unit: at, unit_name: String::new(), period, data, on });
        }
        if all.last().is_none_or(|last| last.id != one.id) {
            all.push(one);
        }
        Ok(())
    })?;
    Ok((all, answers))
}

/// One of [`list`], whenever it went on.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Collection, Fault> {
    let sql = "select c.id, c.unit_id, u.short_name, u.path, c.title, c.ground, c.every, c.due, c.level, c.class,
                      c.questions, c.from_date, c.until_date
                 from collection c join unit u on u.top_id = c.top_id and u.id = c.unit_id
                where c.top_id = $1 and c.id = $4
                  and (u.path >= $2 and u.path < $3 or substr($2, 1, length(u.path)) = u.path)";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, collection)
}

fn collection(row: &Row) -> Result<Collection, Fault> {
    let (every, questions) = (row.text(6)?, row.json(10)?);
    Ok(Collection {
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        path: row.path(3)?,
        title: row.text(4)?,
        ground: row.text(5)?,
        every: if every.is_empty() { None } else { Some(Cadence::try_from(every).map_err(Fault::Engine)?) },
        due: row.parse(7)?,
        level: row.text(8)?,
        class: row.text(9)?,
        questions: serde_json::from_value(questions).map_err(|e| Fault::Engine(e.to_string()))?,
        from: row.parse(11)?,
        until: row.day(12)?,
    })
}

/// What the units of a scope answered to a collection.
pub fn answers(tx: &Tx, scope: &Scope, to: i64) -> Result<Vec<Answer>, Fault> {
    let sql = "select a.collection_id, a.unit_id, u.short_name, a.period, a.data, a.on_date from collection_answer a
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where a.top_id = $1 and u.path >= $2 and u.path < $3 and a.collection_id = $4
                order by u.path, a.period desc limit 20000";
    let mut args = unit::range(scope).to_vec();
    args.push(to.into());
    tx.rows(sql, &args, |row| {
        let (collection, unit, unit_name) = (row.int(0)?, row.int(1)?, row.text(2)?);
        Ok(Answer { collection, unit, unit_name, period: row.text(3)?, data: row.json(4)?, on: row.parse(5)? })
    })
}

/// Follow-ups and other matters opened in a year and addressed to units of a scope, by month, by who opened them:
/// month, the opener and its short name, how many.
pub fn matters(tx: &Tx, scope: &Scope, year: i16) -> Result<Vec<(i8, i64, String, i64)>, Fault> {
    let sql = "select substr(m.on_date, 6, 2), m.opener_id, o.short_name, count(*) from matter m
                 join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where m.top_id = $1 and u.path >= $2 and u.path < $3 and m.opener_id <> m.unit_id
                  and m.on_date >= $4 and m.on_date <= $5
                group by substr(m.on_date, 6, 2), m.opener_id, o.short_name order by 1, 2";
    let mut args = unit::range(scope).to_vec();
    args.extend([format!("{year:04}-01-01").into(), format!("{year:04}-12-31").into()]);
    tx.rows(sql, &args, |row| {
        let month = row.text(0)?.parse().map_err(|_| Fault::Engine("unreadable month".into()))?;
        Ok((month, row.int(1)?, row.text(2)?, row.int(3)?))
    })
}

/// Issues a collection from the unit of the permit. `check` says, as [`Collection::check`] by whoever knows the units,
/// whether it may be asked beside those that go on: they are read in the transaction that writes, so that of two who ask
/// the same at once one is refused.
pub fn issue(
    tx: &Tx,
    permit: &Permit,
    one: &Collection,
    check: impl Fn(&[Collection]) -> Result<(), Vec<Refusal>>,
) -> Result<i64, Fault> {
    needs(permit, Verb::Write)?;
    if let Err(wrong) = check(&going_on(tx, permit)?) {
        return Err(wrong.into_iter().next().unwrap_or(Refusal::NotAllowed).into());
    }
    let id = new_id();
    let sql = "insert into collection (top_id, id, unit_id, title, ground, every, due, level, class, questions,
                                       author_id, from_date, until_date)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let questions = serde_json::to_value(&one.questions).map_err(|e| Fault::Engine(e.to_string()))?;
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        one.title.as_str().into(),
        one.ground.as_str().into(),
        one.every.map(Cadence::key).unwrap_or_default().into(),
        one.due.into(),
        one.level.as_str().into(),
        one.class.as_str().into(),
        questions.into(),
        permit.person().into(),
        permit.today().into(),
        FOREVER.into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "collection.issue", id, "")?;
    Ok(id)
}

/// Ends a collection of the unit of the permit: from tomorrow nobody is asked.
pub fn end(tx: &Tx, permit: &Permit, id: i64) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    let sql = "update collection set until_date = $4
                where top_id = $1 and id = $2 and unit_id = $3 and until_date >= $4";
    if tx.run(sql, &[permit.top().into(), id.into(), permit.unit().into(), permit.today().into()])? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "collection.end", id, "")
}

/// Keeps what the unit of the permit answers; a later answer takes the place of an earlier one.
///
/// # Errors
/// Where the unit is not asked at that time, or an answer is missing or no number.
pub fn answer(
    tx: &Tx,
    permit: &Permit,
    (one, at): (&Collection, &Unit),
    period: &str,
    values: &[(String, String)],
) -> Result<(), Fault> {
    needs(permit, Verb::Write)?;
    let year = permit.today().year();
    let asked = [year - 1, year].iter().flat_map(|year| one.turns(*year)).any(|turn| turn.period == period);
    let once = one.every.is_none() && period == "once";
    if at.id != permit.unit() || !one.reaches(at) || one.until.is_some() || !(asked || once) {
        return Err(Fault::NotFound);
    }
    let mut wrong = Vec::new();
    for (n, question) in one.questions.iter().enumerate() {
        wrong.extend(values.get(n).map_or_else(|| missing(n), |(typed, _)| check(n, question, typed)));
    }
    if let Some(first) = wrong.into_iter().next() {
        return Err(first.into());
    }
    let data: Vec<Json> =
        values.iter().map(|(typed, filled)| serde_json::json!({ "value": typed, "filled": filled })).collect();
    let sql = "insert into collection_answer (top_id, collection_id, unit_id, period, data, author_id, on_date)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (top_id, collection_id, unit_id, period)
               do update set data = excluded.data, author_id = excluded.author_id, on_date = excluded.on_date";
    let args = [
        permit.top().into(),
        one.id.into(),
        at.id.into(),
        period.into(),
        Json::from(data).into(),
        permit.person().into(),
        permit.today().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "collection.answer", one.id, "")
}

fn missing(n: usize) -> Option<Refusal> {
    Some(Refusal::field(format!("value-{n}"), "请填写此项", "please fill this in"))
}

fn check(n: usize, question: &Question, typed: &str) -> Option<Refusal> {
    let field = format!("value-{n}");
    match question.sort {
        _ if typed.is_empty() => missing(n),
        _ if typed.chars().count() > 1_000 => Some(Refusal::field(field, "最多1000字", "at most 1,000 characters")),
        Sort::Number if !typed.parse::<f64>().is_ok_and(f64::is_finite) => {
            Some(Refusal::field(field, "请填写数字", "please enter a number"))
        }
        Sort::Yes if !matches!(typed, "yes" | "no") => {
            Some(Refusal::field(field, "请选择是或否", "please choose yes or no"))
        }
        _ => None,
    }
}
