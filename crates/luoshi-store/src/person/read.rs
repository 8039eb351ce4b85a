//! Reading the roll: lists, one person, counts, and what was before.

use crate::{Fault, Row, Tx, Value, unit};
use jiff::civil::Date;
use luoshi_rules::person::Standing;
use luoshi_rules::{Actor, Refusal, Scope, Verb};

/// A person on the roll. Only [`find`], [`list`] and [`own`] make one, so that whoever holds it was let to see it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Person {
    /// organisation
    pub top: i64,
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

/// People in the order of their names' reading, of which `$which` says which stand where they are read from. A reading
/// that is an expression keeps the engine from walking a whole organisation in order, in search of a few of its people.
macro_rules! people {
    (which: $which:literal, reading: $reading:literal) => {
        concat!(
            "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                    p.left_why, p.top_id, p.search
               from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
              where p.top_id = $1 and ",
            $which,
            "
                and (p.unit_id = $4 or $4 = 0) and (p.standing = $5 or $5 = '')
                and (p.search like $6) and (",
            $reading,
            " > $7 or (p.search = $7 and p.id > $8))
                and ((p.left_on = '9999-12-31' and $9 = 'on') or (p.left_on < '9999-12-31' and $9 = 'off'))
                and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
              order by ",
            $reading,
            ", p.id limit $10"
        )
    };
}

/// Those of a part of the organisation, by place.
const OF_PLACE: &str = people!(which: "p.path >= $2 and p.path < $3", reading: "p.search || ''");

/// Those of a whole organisation, in their order by the index `person_by_reading` until there are enough.
const OF_TOP: &str = people!(which: "$2 < $3 and p.search >= $7", reading: "p.search");

/// How many there are of those, up to a limit.
macro_rules! count {
    (which: $which:literal) => {
        concat!(
            "select count(*) from (
               select p.id from person p
                where p.top_id = $1 and ",
            $which,
            "
                  and (p.unit_id = $4 or $4 = 0) and (p.standing = $5 or $5 = '') and (p.search like $6)
                  and ((p.left_on = '9999-12-31' and $7 = 'on') or (p.left_on < '9999-12-31' and $7 = 'off'))
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                limit $8) counted"
        )
    };
}

const COUNT_OF_PLACE: &str = count!(which: "p.path >= $2 and p.path < $3");
const COUNT_OF_TOP: &str = count!(which: "$2 < $3 and p.search >= ''");

/// All of them, for the catalogue.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 4] = [OF_PLACE, OF_TOP, COUNT_OF_PLACE, COUNT_OF_TOP];

/// People of a scope in the order of their names' reading, each with it. Needs a scope for people.
pub fn list(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<Vec<(Person, String)>, Fault> {
    for_people(scope)?;
    let sql = if scope.is_whole() && filter.unit == 0 { OF_TOP } else { OF_PLACE };
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
    tx.rows(sql, &args, |row| Ok((person(row)?, row.text(12)?)))
}

/// Rows read at once by [`each`].
const BATCH: i64 = 5_000;

/// Gives every person [`list`] would give to `row` and keeps none: for lists of any length.
pub fn each(
    tx: &Tx,
    scope: &Scope,
    filter: &Filter,
    mut row: impl FnMut(Person) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut filter = Filter { most: BATCH, ..filter.clone() };
    loop {
        let people = list(tx, scope, &filter)?;
        filter.after = people.last().map(|(one, reading)| (reading.clone(), one.id));
        let full = people.len() as i64 == BATCH;
        people.into_iter().try_for_each(|(one, _)| row(one))?;
        if !full {
            return Ok(());
        }
    }
}

/// How many people [`list`] would give; counts no further than `filter.most`.
pub fn count(tx: &Tx, scope: &Scope, filter: &Filter) -> Result<i64, Fault> {
    for_people(scope)?;
    let sql = if scope.is_whole() && filter.unit == 0 { COUNT_OF_TOP } else { COUNT_OF_PLACE };
    let mut args = unit::range(scope).to_vec();
    args.extend([
        filter.unit.into(),
        filter.standing.as_str().into(),
        pattern(&filter.search).into(),
        if filter.gone { "off" } else { "on" }.into(),
        filter.most.into(),
    ]);
    tx.row(sql, &args, |row| row.int(0))
}

fn for_people(scope: &Scope) -> Result<(), Refusal> {
    if matches!(scope.verb(), Verb::People | Verb::Roll) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn pattern(search: &str) -> String {
    let plain = |c: &char| !matches!(c, '%' | '_' | '\\') && !c.is_control();
    let clean: String = search.trim().to_lowercase().chars().filter(plain).collect();
    match clean.is_empty() && !search.trim().is_empty() {
        true => "\u{1}".to_owned(), // nobody's name has it
        false => format!("%{clean}%"),
    }
}

/// Somebody of a unit on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct OnDay {
    /// the person
    pub id: i64,
    /// shown name
    pub name: String,
    /// how they stood on the day when they were on the roll; none for holders of posts from elsewhere
    pub standing: Option<Standing>,
    /// the posts they held in the unit on the day
    pub posts: Vec<String>,
}

/// Everyone on the roll of a unit on a day as they stood then, in the order of their names' reading, then those from
/// elsewhere who held a post in it. Needs more than leave to see.
pub fn on_day(tx: &Tx, scope: &Scope, at: i64, on: Date) -> Result<Vec<OnDay>, Fault> {
    if scope.verb() == Verb::See {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select p.id, p.name, p.search,
                      coalesce((select s.standing from standing s
                                 where s.top_id = p.top_id and s.person_id = p.id and s.from_date <= $5
                                 order by s.from_date desc limit 1), p.standing), ''
                 from affiliation a
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id and u.path >= $2 and u.path < $3
                 join person p on p.top_id = a.top_id and p.id = a.person_id
                where a.top_id = $1 and a.unit_id = $4 and a.from_date <= $5 and a.until_date >= $5
               union all
               select p.id, p.name, p.search, '', h.post
                 from holding h
                 join person p on p.top_id = h.top_id and p.id = h.person_id
                where h.top_id = $1 and h.path >= $2 and h.path < $3 and h.unit_id = $4
                  and h.from_date <= $5 and h.until_date >= $5
                order by 5, 3, 1";
    let mut args = unit::range(scope).to_vec();
    args.extend([at.into(), on.into()]);
    let mut all: Vec<OnDay> = Vec::new();
    tx.rows(sql, &args, |row| {
        let (id, post) = (row.int(0)?, row.text(4)?);
        if post.is_empty() {
            let standing = Some(standing(&row.text(3)?)?);
            all.push(OnDay { id, name: row.text(1)?, standing, posts: Vec::new() });
        } else if let Some(one) = all.iter_mut().find(|one| one.id == id) {
            one.posts.push(post);
        } else {
            all.push(OnDay { id, name: row.text(1)?, standing: None, posts: vec![post] });
        }
        Ok(())
    })?;
    Ok(all)
}

/// Names on the roll of one unit, for forms that name people: id, name, standing. Needs more than leave to see.
pub fn names(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<(i64, String, Standing)>, Fault> {
    if scope.verb() == Verb::See {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select id, name, standing from person
                where top_id = $1 and path >= $2 and path < $3 and unit_id = $4 and left_on = '9999-12-31'
                order by search, id";
    let mut args = unit::range(scope).to_vec();
    args.push(at.into());
    tx.rows(sql, &args, |row| Ok((row.int(0)?, row.text(1)?, standing(&row.text(2)?)?)))
}

/// The person of each name in an organisation, those on the roll of `home` first; none where nobody or several match.
/// One statement.
pub fn named(tx: &Tx, top: i64, home: i64, names: &[String]) -> Result<Vec<Option<i64>>, Fault> {
    let sql = "select name, id, unit_id from person
                where top_id = $1 and left_on = '9999-12-31' and name in (select j.key from jsonb_each($2) j)";
    let found = tx.rows(sql, &[top.into(), Value::keys(names)], |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)))?;
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

/// A person in a scope for people. Whose data is locked looks absent.
pub fn find(tx: &Tx, scope: &Scope, id: i64) -> Result<Person, Fault> {
    for_people(scope)?;
    let sql = "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                      p.left_why, p.top_id
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.id = $4
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)";
    let mut args = unit::range(scope).to_vec();
    args.push(id.into());
    tx.row(sql, &args, person)
}

/// Whoever is asking.
pub fn own(tx: &Tx, actor: &Actor) -> Result<Person, Fault> {
    let sql = "select p.id, p.unit_id, u.short_name, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, p.left_on,
                      p.left_why, p.top_id
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.id = $2";
    tx.row(sql, &[actor.top.into(), actor.person.into()], person)
}

/// Each standing beside how many of a scope, or of one unit of it, are of it: counted in the index of standings alone,
/// each by itself, since a province has 60,000 to put in order otherwise.
const STANDINGS: &str = "select s.standing,
                                (select count(*) from person p
                                  where p.top_id = $1 and p.left_on = '9999-12-31' and p.standing = s.standing
                                    and p.path >= $2 and p.path < $3 and (p.unit_id = $4 or $4 = 0))
                           from (select 'full' as standing union all select 'probationary' union all select 'prospect'
                                 union all select 'active_applicant' union all select 'applicant'
                                 union all select 'non_member') s";

/// Members and others on the roll of a scope, or of one unit of it when that is not 0, by standing: full members first.
pub fn counts(tx: &Tx, scope: &Scope, at: i64) -> Result<Vec<(Standing, i64)>, Fault> {
    let mut args = unit::range(scope).to_vec();
    args.push(at.into());
    let rows = tx.rows(STANDINGS, &args, |row| Ok((row.text(0)?, row.int(1)?)))?;
    let some = rows.into_iter().filter(|(_, n)| *n > 0);
    let mut counts: Vec<_> = some.filter_map(|(key, n)| Some((Standing::named(&key)?, n))).collect();
    counts.sort();
    Ok(counts)
}

pub(super) fn standing(key: &str) -> Result<Standing, Fault> {
    Standing::named(key).ok_or_else(|| Fault::Engine("unknown standing".into()))
}

fn person(row: &Row) -> Result<Person, Fault> {
    Ok(Person {
        top: row.int(11)?,
        id: row.int(0)?,
        unit: row.int(1)?,
        unit_name: row.text(2)?,
        standing: standing(&row.text(3)?)?,
        name: row.text(4)?,
        sex: row.text(5)?,
        born: row.day(6)?,
        joined: row.day(7)?,
        full_on: row.day(8)?,
        left: row.day(9)?.map(|on| Ok::<_, Fault>((on, row.text(10)?))).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{COUNT_OF_PLACE, COUNT_OF_TOP, OF_PLACE, OF_TOP, STANDINGS, Standing};
    use crate::Value;
    use crate::catalogue::{must_be_read_through, plan};

    #[test]
    fn people_of_a_whole_organisation_are_read_in_their_order_and_those_of_a_part_by_their_place() {
        must_be_read_through("INDEX person_by_reading", (OF_TOP, 10));
        must_be_read_through("INDEX person_by_reading", (COUNT_OF_TOP, 8));
        must_be_read_through("INDEX person_by_path", (COUNT_OF_PLACE, 8));
        must_be_read_through("COVERING INDEX person_by_standing", (STANDINGS, 4));
        assert!(Standing::ALL.iter().all(|one| STANDINGS.contains(&format!("'{}'", one.key()))));
        // few of a part: found first, and put in order then
        let args: Vec<Value> = (1..=10).map(Value::Int).collect();
        let steps = plan(OF_PLACE, &args);
        assert!(steps.iter().any(|step| step.contains("INDEX person_by_path")), "{steps:#?}");
    }
}
