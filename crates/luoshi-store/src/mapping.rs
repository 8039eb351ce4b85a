//! Mappings of an organisation for the forms of other systems, and the rows that fill them. Numbers in full are for
//! those who may unmask, for a reason that each person named can read.

use crate::identity::{self, Field};
use crate::{FOREVER, Fault, Row, Tx, audit, needs, now, unit};
use luoshi_rules::{Permit, Scope, Verb};

/// A mapping as an organisation keeps it: none where the one that ships serves.
pub fn find(tx: &Tx, top: i64, id: &str) -> Result<Option<String>, Fault> {
    let sql = "select text from export_map where top_id = $1 and map_id = $2";
    Ok(tx.rows(sql, &[top.into(), id.into()], |row| row.text(0))?.pop())
}

/// Keeps a mapping for the organisation of the permit; an empty text goes back to the one that ships.
pub fn keep(tx: &Tx, permit: &Permit, id: &str, text: &str) -> Result<(), Fault> {
    needs(permit, Verb::Rule)?;
    let key = [permit.top().into(), id.into()];
    tx.run("delete from export_map where top_id = $1 and map_id = $2", &key)?;
    if !text.is_empty() {
        let [top, id] = key;
        let sql = "insert into export_map (top_id, map_id, text, actor_id, at) values ($1, $2, $3, $4, $5)";
        tx.run(sql, &[top, id, text.into(), permit.person().into(), now().into()])?;
    }
    audit::note(tx, permit, "export.mapping", permit.unit(), id)
}

/// Notes that a form was taken away filled.
pub fn taken(tx: &Tx, permit: &Permit, id: &str) -> Result<(), Fault> {
    needs(permit, Verb::People)?;
    audit::note(tx, permit, "export.form", permit.unit(), id)
}

/// A person as a form may ask for them.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// key
    pub id: i64,
    /// the unit
    pub unit: i64,
    /// key of how they stand
    pub standing: String,
    /// name
    pub name: String,
    /// `m`, `f`, or empty
    pub sex: String,
    /// days, or empty
    pub born: String,
    /// day of admission
    pub joined: String,
    /// day of full membership
    pub full_on: String,
    /// identity number in full; empty where it was not asked for
    pub identity: String,
    /// phone in full; empty where it was not asked for
    pub phone: String,
    /// short and full name of the unit
    pub unit_names: (String, String),
}

/// Who is on the rolls of a scope for people today, in the order of the tree, without numbers.
pub fn members(tx: &Tx, scope: &Scope, most: i64) -> Result<Vec<Member>, Fault> {
    if scope.verb() != Verb::People {
        return Err(luoshi_rules::Refusal::NotAllowed.into());
    }
    let sql =
        "select p.id, p.unit_id, p.standing, p.name, p.sex, p.born, p.joined, p.full_on, u.short_name, u.full_name
                 from person p join unit u on u.top_id = p.top_id and u.id = p.unit_id
                where p.top_id = $1 and p.path >= $2 and p.path < $3 and p.left_on = $4
                  and not exists (select 1 from person_lock k where k.top_id = p.top_id and k.person_id = p.id)
                order by p.path, p.search, p.id limit $5";
    let mut args = unit::range(scope).to_vec();
    args.extend([FOREVER.into(), most.into()]);
    tx.rows(sql, &args, member)
}

fn member(row: &Row) -> Result<Member, Fault> {
    Ok(Member {
        id: row.int(0)?,
        unit: row.int(1)?,
        standing: row.text(2)?,
        name: row.text(3)?,
        sex: row.text(4)?,
        born: row.text(5)?,
        joined: row.text(6)?,
        full_on: row.text(7)?,
        unit_names: (row.text(8)?, row.text(9)?),
        ..Member::default()
    })
}

/// Fills in the numbers of people in full, and writes down for each of them who looked and why.
pub fn unmask(tx: &Tx, permit: &Permit, people: &mut [Member], reason: &str) -> Result<(), Fault> {
    needs(permit, Verb::Unmask)?;
    identity::must_be_told(reason)?;
    let sql = "select s.person_id, s.field, s.sealed
                 from person_secret s join person p on p.top_id = s.top_id and p.id = s.person_id
                where s.top_id = $1 and p.path >= $2 and p.path < $3 and p.left_on = $4";
    let (path, end) = (permit.path(), permit.path().end());
    let args = [permit.top().into(), path.as_str().into(), end.into(), FOREVER.into()];
    let mut sealed = tx.rows(sql, &args, |row| Ok(((row.int(0)?, row.text(1)?), row.text(2)?)))?;
    sealed.sort();
    for one in people.iter_mut() {
        for field in [Field::Identity, Field::Phone] {
            let key = (one.id, field.key().to_owned());
            let found = sealed.binary_search_by(|(known, _)| known.cmp(&key)).ok().and_then(|at| sealed.get(at));
            let Some((_, text)) = found else { continue };
            let number = tx.keys().open(text)?;
            match field {
                Field::Identity => one.identity = number,
                _ => one.phone = number,
            }
            identity::looked(tx, permit, one.id, field, reason)?;
        }
    }
    Ok(())
}
