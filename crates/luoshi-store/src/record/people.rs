//! Who stood where on a record, and what was attached. Attendance is kept by exception: the frozen list of those due,
//! and rows only for the absent, the guests, and those in a role.

use super::File;
use crate::{Fault, Tx, secret};
use jiff::civil::Date;
use luoshi_rules::Scope;
use serde_json::Value as Json;

/// A person on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// the person
    pub person: i64,
    /// a role of the pack, or `absent`
    pub role: String,
    /// class of absence, or empty
    pub why: String,
}

/// A person on the page of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attended {
    /// the person
    pub person: i64,
    /// shown name
    pub name: String,
    /// whether they were due
    pub due: bool,
    /// roles, `absent` among them
    pub roles: Vec<(String, String)>,
}

/// Attendance of one person in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    /// the record
    pub record: i64,
    /// its unit
    pub unit: i64,
    /// its kind
    pub kind: String,
    /// the day
    pub on: Date,
    /// what it was about
    pub topic: String,
    /// class of absence; none when present
    pub absent: Option<String>,
}

/// Roles as text for the row of the record: `role:person`, the absent left out.
pub(super) fn roles(stood: &[Stood]) -> String {
    let mut out: Vec<String> =
        stood.iter().filter(|one| one.role != "absent").map(|one| format!("{}:{}", one.role, one.person)).collect();
    out.sort();
    out.dedup();
    out.join(" ")
}

/// Keeps a list of those due and returns its digest; the same list is kept once.
pub(super) fn freeze(tx: &Tx, top: i64, due: &[i64]) -> Result<String, Fault> {
    let people = Json::from(due.to_vec());
    let digest = secret::digest(people.to_string().as_bytes());
    let sql = "insert into roll (top_id, digest, people) values ($1, $2, $3) on conflict (top_id, digest) do nothing";
    tx.run(sql, &[top.into(), digest.as_str().into(), people.into()])?;
    Ok(digest)
}

/// Writes down who stood where.
pub(super) fn stand(tx: &Tx, top: i64, (id, version): (i64, i64), stood: &[Stood]) -> Result<(), Fault> {
    let sql = "insert into record_person (top_id, record_id, version, person_id, role, why)
               values ($1, $2, $3, $4, $5, $6) on conflict (top_id, record_id, version, person_id, role) do nothing";
    for one in stood {
        let args = [
            top.into(),
            id.into(),
            version.into(),
            one.person.into(),
            one.role.as_str().into(),
            one.why.as_str().into(),
        ];
        tx.run(sql, &args)?;
    }
    Ok(())
}

/// Writes down what was attached.
pub(super) fn attach(tx: &Tx, top: i64, (id, version): (i64, i64), files: &[File]) -> Result<(), Fault> {
    let sql = "insert into record_file (top_id, record_id, version, seq, field, name, digest, mime, size)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    for (seq, file) in files.iter().enumerate() {
        let args = [
            top.into(),
            id.into(),
            version.into(),
            (seq as i64).into(),
            file.field.as_str().into(),
            file.name.as_str().into(),
            file.digest.as_str().into(),
            file.mime.as_str().into(),
            file.size.into(),
        ];
        tx.run(sql, &args)?;
    }
    Ok(())
}

/// Everyone on a record: those due and those who stood in a role, in the order of their names' reading. Someone due
/// who is not on the unit's roll of that day stands with the role `due`.
pub fn attended(tx: &Tx, scope: &Scope, id: i64, version: i64) -> Result<Vec<Attended>, Fault> {
    let key = [scope.top().into(), id.into(), version.into(), scope.from().into(), scope.until().into()];
    let sql = "select l.people from record r join roll l on l.top_id = r.top_id and l.digest = r.roll
                where r.top_id = $1 and r.id = $2 and r.version = $3 and r.path >= $4 and r.path < $5";
    let due = tx.rows(sql, &key, |row| row.json(0))?.pop().map(ids).unwrap_or_default();
    let sql = "select p.search, p.id, p.name, '' as role, '' as why from record r
                 join affiliation a on a.top_id = r.top_id and a.unit_id = r.unit_id
                                   and a.from_date <= r.on_date and a.until_date >= r.on_date
                 join person p on p.top_id = a.top_id and p.id = a.person_id
                where r.top_id = $1 and r.id = $2 and r.version = $3 and r.path >= $4 and r.path < $5
                union all
               select p.search, p.id, p.name, s.role, s.why from record r
                 join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                 join person p on p.top_id = s.top_id and p.id = s.person_id
                where r.top_id = $1 and r.id = $2 and r.version = $3 and r.path >= $4 and r.path < $5
                order by 1, 2, 4";
    let rows = tx.rows(sql, &key, |row| Ok((row.int(1)?, row.text(2)?, row.text(3)?, row.text(4)?)))?;
    let mut people: Vec<Attended> = Vec::new();
    for (person, name, role, why) in rows {
        if people.last().is_none_or(|last| last.person != person) {
            people.push(Attended { person, name, due: due.contains(&person), roles: Vec::new() });
        }
        if let Some(last) = people.last_mut().filter(|_| !role.is_empty()) {
            last.roles.push((role, why));
        }
    }
    people.retain(|one| one.due || !one.roles.is_empty());
    Ok(people)
}

/// People of a unit who were one of a pair that talked between two days; what they said is nowhere.
pub fn talked(tx: &Tx, scope: &Scope, unit: i64, (first, last): (Date, Date)) -> Result<Vec<i64>, Fault> {
    let sql = "select distinct s.person_id from record r
                 join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                                     and s.role = 'talked'
                where r.top_id = $1 and r.path >= $2 and r.path < $3 and r.unit_id = $4
                  and r.on_date >= $5 and r.on_date <= $6 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([unit.into(), first.into(), last.into()]);
    tx.rows(sql, &args, |row| row.int(0))
}

pub(super) fn ids(json: Json) -> Vec<i64> {
    json.as_array().map(|all| all.iter().filter_map(Json::as_i64).collect()).unwrap_or_default()
}

/// What a person took part in between two days, newest first: their own page, or one who may see people.
pub fn attendance(tx: &Tx, top: i64, person: i64, (first, last): (Date, Date)) -> Result<Vec<Attendance>, Fault> {
    let sql = "select r.id, r.unit_id, r.kind, r.on_date, r.data, l.people, s.role, s.why from record r
                 join roll l on l.top_id = r.top_id and l.digest = r.roll
                 left join record_person s on s.top_id = r.top_id and s.record_id = r.id and s.version = r.version
                                          and s.person_id = $2 and s.role = 'absent'
                where r.top_id = $1 and r.on_date >= $3 and r.on_date <= $4 and coalesce(r.withdrawn, '') = ''
                  and r.unit_id in (select b.unit_id from affiliation b
                                     where b.top_id = $1 and b.person_id = $2 and b.until_date >= $3)
                  and exists (select 1 from affiliation a
                               where a.top_id = r.top_id and a.person_id = $2 and a.unit_id = r.unit_id
                                 and a.from_date <= r.on_date and a.until_date >= r.on_date)
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date desc, r.id desc";
    let args = [top.into(), person.into(), first.into(), last.into()];
    let rows = tx.rows(sql, &args, |row| {
        let absent = (row.text(6)? == "absent").then(|| row.text(7)).transpose()?;
        let topic = row.json(4)?["topic"].as_str().unwrap_or_default().to_owned();
        let due = ids(row.json(5)?).contains(&person);
        let one =
            Attendance { record: row.int(0)?, unit: row.int(1)?, kind: row.text(2)?, on: row.parse(3)?, topic, absent };
        Ok((due, one))
    })?;
    Ok(rows.into_iter().filter(|(due, _)| *due).map(|(_, one)| one).collect())
}

/// Files of the newest versions of a unit's records between two days, with record and place.
pub fn files_of(
    tx: &Tx,
    scope: &Scope,
    unit: i64,
    (first, last): (Date, Date),
) -> Result<Vec<(i64, i64, File)>, Fault> {
    let sql = "select f.record_id, f.seq, f.field, f.name, f.digest, f.mime, f.size from record_file f
                 join record r on r.top_id = f.top_id and r.id = f.record_id and r.version = f.version
                where f.top_id = $1 and r.path >= $2 and r.path < $3 and r.unit_id = $4
                  and r.on_date >= $5 and r.on_date <= $6 and coalesce(r.withdrawn, '') = ''
                  and not exists (select 1 from record n
                                   where n.top_id = r.top_id and n.id = r.id and n.version > r.version)
                order by r.on_date, f.record_id, f.seq";
    let mut args = crate::unit::range(scope).to_vec();
    args.extend([unit.into(), first.into(), last.into()]);
    tx.rows(sql, &args, |row| {
        let (record, seq, field, name) = (row.int(0)?, row.int(1)?, row.text(2)?, row.text(3)?);
        let file = File { field, name, digest: row.text(4)?, mime: row.text(5)?, size: row.int(6)? };
        Ok((record, seq, file))
    })
}

/// Files of one version of a record.
pub fn files(tx: &Tx, scope: &Scope, id: i64, version: i64) -> Result<Vec<File>, Fault> {
    let sql = "select f.field, f.name, f.digest, f.mime, f.size from record_file f
                 join record r on r.top_id = f.top_id and r.id = f.record_id and r.version = f.version
                where f.top_id = $1 and f.record_id = $2 and f.version = $3 and r.path >= $4 and r.path < $5
                order by f.seq";
    let key = [scope.top().into(), id.into(), version.into(), scope.from().into(), scope.until().into()];
    tx.rows(sql, &key, |row| {
        Ok(File {
            field: row.text(0)?,
            name: row.text(1)?,
            digest: row.text(2)?,
            mime: row.text(3)?,
            size: row.int(4)?,
        })
    })
}
