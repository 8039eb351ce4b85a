//! People on the roll. Nobody is deleted: who leaves keeps a row with the reason.

use crate::{FOREVER, Fault, Row, Tx, audit, new_id, unit};
use jiff::civil::Date;
use luoshi_rules::person::{self, Standing};
use luoshi_rules::{Permit, Refusal, Scope};

/// A person on the roll.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// key
    pub id: i64,
    /// on whose roll
    pub unit: i64,
    /// short name of that unit
    pub unit_name: String,
    /// how they stand
    pub standing: Standing,
    /// name
    pub name: String,
    /// `m`, `f`, or empty
    pub sex: String,
    /// day of birth
    pub born: Option<Date>,
    /// day of admission
    pub joined: Option<Date>,
    /// day of full membership
    pub full_on: Option<Date>,
    /// when and why they left
    pub left: Option<(Date, String)>,
}

/// What is said of a person when they are entered.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// key, or 0 for a new one
    pub id: i64,
    /// name
    pub name: String,
    /// name, pinyin, initials
    pub search: String,
    /// `m`, `f`, or empty
    pub sex: String,
    /// day of birth
    pub born: Option<Date>,
    /// how they stand; a member when nothing is said
    pub standing: Option<Standing>,
    /// day of admission
    pub joined: Option<Date>,
    /// day of full membership
    pub full_on: Option<Date>,
    /// since when on this unit's roll
    pub since: Option<Date>,
    /// identity number, or empty
    pub identity: String,
    /// phone, or empty
    pub phone: String,
}

/// Which people of a scope are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// characters, pinyin or initials
    pub search: String,
    /// a standing, or empty for all
    pub standing: String,
    /// only those of this unit, or 0
    pub unit: i64,
    /// whether those who left are wanted instead
    pub gone: bool,
    /// continue after this person's reading and id
    pub after: Option<(String, i64)>,
    /// how many at most
    pub most: i64,
}

/// Enters a person on the roll of the unit of the permit.
pub fn add(tx: &Tx, permit: &Permit, entry: &Entry) -> Result<i64, Fault> {
    let name = entry.name.trim();
    if name.is_empty() || name.chars().count() > 50 {
        return Err(Refusal::field("name", "姓名为1至50字", "a name has 1 to 50 characters").into());
    }
    let since = entry.since.unwrap_or(permit.today());
    if since > permit.today() {
        return Err(Refusal::field("since", "日期在今天之后", "the day is still to come").into());
    }
    let id = if entry.id == 0 { new_id() } else { entry.id };
    let standing = entry.standing.unwrap_or(Standing::Full);
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let sql =
        "insert into person (top_id, id, unit_id, path, standing, name, search, sex, born, joined, full_on, left_on)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = [
        permit.top().into(),
        id.into(),
        permit.unit().into(),
        permit.path().as_str().into(),
        standing.key().into(),
        name.into(),
        entry.search.as_str().into(),
        entry.sex.as_str().into(),
        day(entry.born).into(),
        day(entry.joined).into(),
        day(entry.full_on).into(),
        FOREVER.into(),
    ];
    tx.run(sql, &args)?;
    affiliate(tx, permit, id, since, "")?;
    stand(tx, permit, id, since, standing)?;
    seal(tx, permit.top(), id, "identity", &entry.identity)?;
    seal(tx, permit.top(), id, "phone", &entry.phone)?;
    audit::note(tx, permit, "person.add", id, "")?;
    Ok(id)
}

/// Opens the affiliation with the unit of the permit; the key allows one open for each person.
pub(crate) fn affiliate(tx: &Tx, permit: &Permit, id: i64, since: Date, why: &str) -> Result<(), Fault> {
    let sql = "insert into affiliation (top_id, person_id, until_date, from_date, unit_id, why)
               values ($1, $2, $3, $4, $5, $6)";
    let args = [permit.top().into(), id.into(), FOREVER.into(), since.into(), permit.unit().into(), why.into()];
    tx.run(sql, &args).map(drop)
}

fn stand(tx: &Tx, permit: &Permit, id: i64, from: Date, standing: Standing) -> Result<(), Fault> {
    let sql = "insert into standing (top_id, person_id, from_date, standing) values ($1, $2, $3, $4)
               on conflict (top_id, person_id, from_date) do update set standing = excluded.standing";
    tx.run(sql, &[permit.top().into(), id.into(), from.into(), standing.key().into()]).map(drop)
}

/// Seals an identity number (once in an organisation) or a phone. Empty text leaves what is there.
pub fn seal(tx: &Tx, top: i64, person: i64, field: &str, text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let clean = match field {
        "identity" => person::identity_number(text)?,
        _ => person::phone_number(text)?,
    };
    let blind = tx.keys().blind(field, &clean)?;
    let once = if field == "identity" { blind.clone() } else { person.to_string() };
    let sql = "insert into person_secret (top_id, person_id, field, sealed, blind, once)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (top_id, person_id, field)
               do update set sealed = excluded.sealed, blind = excluded.blind, once = excluded.once";
    let args = [top.into(), person.into(), field.into(), tx.keys().seal(&clean)?.into(), blind.into(), once.into()];
    tx.run(sql, &args).map(drop).map_err(|fault| match fault {
        Fault::Conflict => {
            Refusal::field("identity", "名册中已有同一身份证号的人", "someone on the roll has this identity number")
                .into()
        }
        other => other,
    })
}

/// Identity number and phone with their middles hidden: (field, masked).
pub fn masked(tx: &Tx, top: i64, person: i64) -> Result<Vec<(String, String)>, Fault> {
    let sql = "select field, sealed from person_secret where top_id = $1 and person_id = $2 order by field";
    tx.rows(sql, &[top.into(), person.into()], |row| Ok((row.text(0)?, person::mask(&tx.keys().open(&row.text(1)?)?))))
}

/// Identity number or phone in full, for a reason that is logged and that the person can read.
pub fn unmask(tx: &Tx, permit: &Permit, person: i64, field: &str, reason: &str) -> Result<String, Fault> {
    if permit.verb() != luoshi_rules::Verb::Unmask {
        return Err(Refusal::NotAllowed.into());
    }
    if reason.trim().chars().count() < 4 {
        let refusal = Refusal::field(
            "reason",
            "请写明查看理由（至少4个字），本人可以看到",
            "say why (4 characters or more); the person can read it",
        );
        return Err(refusal.into());
    }
    let sql = "select s.sealed from person_secret s join person p on p.top_id = s.top_id and p.id = s.person_id
                where s.top_id = $1 and s.person_id = $2 and s.field = $3 and p.path >= $4 and p.path < $5";
    let path = permit.path();
    let args = [permit.top().into(), person.into(), field.into(), path.as_str().into(), path.end().into()];
    let sealed = tx.row(sql, &args, |row| row.text(0))?;
    audit::note(tx, permit, "person.unmask", person, &format!("{field}: {}", reason.trim()))?;
    tx.keys().open(&sealed)
}

/// Who looked at a person's identity number or phone: when, who, why.
pub fn lookers(tx: &Tx, top: i64, person: i64) -> Result<Vec<(i64, String, String)>, Fault> {
    let sql = "select a.at, p.name, a.detail from audit a
                 left join person p on p.top_id = a.top_id and p.id = a.person_id
                where a.top_id = $1 and a.object = $2 and a.act = 'person.unmask' order by a.at desc";
    tx.rows(sql, &[top.into(), person.into()], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))
}

/// Whoever has an identity number, by its blind index.
pub fn by_identity(tx: &Tx, top: i64, identity: &str) -> Result<Option<i64>, Fault> {
    let blind = tx.keys().blind("identity", identity)?;
    let sql = "select person_id from person_secret where top_id = $1 and field = 'identity' and blind = $2";
    Ok(tx.rows(sql, &[top.into(), blind.into()], |row| row.int(0))?.pop())
}

/// People of a scope in the order of their names' reading. Needs a scope for people.
pub fn list(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Vec<(Person, String)>, Fault> {
    let sql = "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                      p.left_why, p.search
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3
                  and (p.unit_id = $4 or $4 = 0) and (p.standing = $5 or $5 = '')
                  and (p.search like $6) and (p.search > $7 or (p.search = $7 and p.id > $8))
                  and ((p.left_on = '9999-12-31' and $9 = 'on') or (p.left_on < '9999-12-31' and $9 = 'off'))
                order by p.search, p.id limit $10";
    let (search, id) = filter.after.clone().unwrap_or_default();
    let mut args = unit::range(scope).to_vec();
    args.extend([
        filter.unit.into(),
        filter.standing.as_str().into(),
        pattern(&filter.search).into(),
        search.into(),
        id.into(),
        if filter.gone { "off" } else { "on" }.into(),
        filter.most.into(),
    ]);
    tx.rows(sql, &args, |row| Ok((person(row)?, row.text(11)?)))
}

fn pattern(search: &str) -> String {
    let clean: String = search.trim().to_lowercase().chars().filter(|c| !matches!(c, '%' | '_')).collect();
    format!("%{clean}%")
}

/// A person in a scope.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Person, Fault> {
    let sql = "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                      p.left_why
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.id = $4";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, person)
}

/// One's own row, or that of whoever one may see: who calls has checked.
pub fn own(tx: &Tx, top: i64, id: i64) -> Result<Person, Fault> {
    let sql = "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                      p.left_why
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.id = $2";
    tx.row(sql, &[top.into(), id.into()], person)
}

/// Where a person is on the roll: the unit's id. The directory of who belongs where, without a name.
pub fn unit_of(tx: &Tx, id: i64) -> Result<i64, Fault> {
    let sql = "select unit_id from person where id = $1 and left_on = '9999-12-31'
                union all select unit_id from person where id = $1 -- fanout: an address names a person only";
    tx.rows(sql, &[id.into()], |row| row.int(0))?.first().copied().ok_or(Fault::NotFound)
}

/// Members and others on the roll of a scope, by standing.
pub fn counts(tx: &Tx, scope: &Scope) -> Result<Vec<(Standing, i64)>, Fault> {
    let sql = "select standing, count(*) from person
                where top_id = $1 and path >= $2 and path < $3 and left_on = '9999-12-31'
                group by standing";
    let rows = tx.rows(sql, &unit::range(scope), |row| Ok((row.text(0)?, row.int(1)?)))?;
    Ok(rows.into_iter().filter_map(|(key, n)| Some((Standing::named(&key)?, n))).collect())
}

/// Changes how a person stands from a day on.
pub fn change_standing(tx: &Tx, permit: &Permit, id: i64, to: Standing, from: Date) -> Result<(), Fault> {
    if from > permit.today() {
        return Err(Refusal::field("from", "日期在今天之后", "the day is still to come").into());
    }
    let sql =
        "update person set standing = $3 where top_id = $1 and id = $2 and unit_id = $4 and left_on = '9999-12-31'";
    let args = [permit.top().into(), id.into(), to.key().into(), permit.unit().into()];
    if tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    stand(tx, permit, id, from, to)?;
    audit::note(tx, permit, "person.standing", id, to.key())
}

/// A person leaves the roll with a reason; their posts, sessions and account end the same day.
pub fn leave(tx: &Tx, permit: &Permit, id: i64, why: &str, on: Date) -> Result<(), Fault> {
    if !person::LEAVING.iter().any(|(key, _, _)| *key == why) {
        return Err(Refusal::field("why", "请选择离开的原因", "please choose the reason for leaving").into());
    }
    if on > permit.today() {
        return Err(Refusal::field("on", "日期在今天之后", "the day is still to come").into());
    }
    let sql = "update person set left_on = $3, left_why = $4
                where top_id = $1 and id = $2 and unit_id = $5 and left_on = '9999-12-31'";
    let args = [permit.top().into(), id.into(), on.into(), why.into(), permit.unit().into()];
    if tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    let key = [permit.top().into(), id.into(), on.into()];
    tx.run(
        "update affiliation set until_date = $3 where top_id = $1 and person_id = $2 and until_date = '9999-12-31'",
        &key,
    )?;
    tx.run(
        "update holding set until_date = $3 where top_id = $1 and person_id = $2 and until_date = '9999-12-31'",
        &key,
    )?;
    tx.run("update account set active = 0 where top_id = $1 and person_id = $2", &key[..2])?;
    tx.run("delete from session where top_id = $1 and person_id = $2", &key[..2])?;
    audit::note(tx, permit, "person.leave", id, why)
}

/// Where a person has been on the roll, newest first: unit, short name, from, until.
pub fn affiliations(tx: &Tx, top: i64, id: i64) -> Result<Vec<(i64, String, Date, Option<Date>)>, Fault> {
    let sql = "select a.unit_id, u.short_name, a.from_date, a.until_date from affiliation a
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where a.top_id = $1 and a.person_id = $2 order by a.from_date desc";
    tx.rows(sql, &[top.into(), id.into()], |row| Ok((row.int(0)?, row.text(1)?, row.parse(2)?, row.day(3)?)))
}

/// How a person stood, newest first.
pub fn standings(tx: &Tx, top: i64, id: i64) -> Result<Vec<(Standing, Date)>, Fault> {
    let sql = "select standing, from_date from standing where top_id = $1 and person_id = $2 order by from_date desc";
    let rows = tx.rows(sql, &[top.into(), id.into()], |row| Ok((row.text(0)?, row.parse(1)?)))?;
    Ok(rows.into_iter().filter_map(|(key, from)| Some((Standing::named(&key)?, from))).collect())
}

pub(crate) fn person(row: &Row) -> Result<Person, Fault> {
    let standing = Standing::named(&row.text(3)?).ok_or_else(|| Fault::Engine("unknown standing".into()))?;
    Ok(Person {
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        standing,
        name: row.text(4)?,
        sex: row.text(5)?,
        born: row.day(6)?,
        joined: row.day(7)?,
        full_on: row.day(8)?,
        left: row.day(9)?.map(|on| Ok::<_, Fault>((on, row.text(10)?))).transpose()?,
    })
}

/// The person of each name in an organisation, those on the roll of `home` first; none where nobody or several match.
/// Asks once for every fifty names.
pub fn named(tx: &Tx, top: i64, home: i64, names: &[String]) -> Result<Vec<Option<i64>>, Fault> {
    let sql = "select name, id, unit_id from person
                where top_id = $1 and left_on = '9999-12-31' and name in
                      ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                       $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41,
                       $42, $43, $44, $45, $46, $47, $48, $49, $50, $51)";
    let mut found = Vec::new();
    for some in names.chunks(50) {
        let mut args = vec![top.into()];
        args.extend((0..50).map(|at| some.get(at).map_or("", String::as_str).into()));
        found.extend(tx.rows(sql, &args, |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)))?);
    }
    let one = |name: &String| {
        let all: Vec<_> = found.iter().filter(|(known, _, _)| known == name).collect();
        let here: Vec<_> = all.iter().filter(|(_, _, unit)| *unit == home).collect();
        match (here.as_slice(), all.as_slice()) {
            ([one], _) => Some(one.1),
            ([], [one]) => Some(one.1),
            _ => None,
        }
    };
    Ok(names.iter().map(one).collect())
}
