//! Teams: a seat lasts for one round and gives rights in the units of the team and nowhere else. Rights are read anew
//! at each request, so they end on the day somebody moves into a unit they look at, without anybody doing anything.

use super::own;
use crate::{FOREVER, Fault, Tx, audit, needs, unit};
use jiff::ToSpan;
use jiff::civil::Date;
use luoshi_rules::pack::Post;
use luoshi_rules::round::{Ground, Kind, Service, recusal};
use luoshi_rules::{Actor, Held, Pack, Permit, Refusal, Scope, Unit, UnitPath, Verb};
use serde_json::Value as Json;

/// Where the answers of a visit say who came, by their keys.
pub const VISITORS: &str = "visitors";

/// Somebody on a team.
#[derive(Debug, Clone)]
pub struct Member {
    /// who
    pub person: i64,
    /// shown name
    pub name: String,
    /// which team
    pub team: i64,
    /// the post on it
    pub post: String,
    /// first day
    pub from: Date,
    /// last day, when they left it before the round ended
    pub until: Option<Date>,
    /// why
    pub why: String,
    /// units of the team they must be kept from now, and why
    pub barred: Vec<(String, Ground)>,
}

/// Gives somebody of the organisation a seat on a team of a round of the permit's unit.
pub fn seat(
    tx: &Tx,
    permit: &Permit,
    pack: &Pack,
    (round, team, person): (i64, i64, i64),
    post: &Post,
) -> Result<(), Fault> {
    let round = own(tx, permit, round)?;
    let kind = pack.round(&round.kind).ok_or(Fault::NotFound)?;
    if !post.round || !(1..=200).contains(&team) {
        return Err(Refusal::NotAllowed.into());
    }
    let sql = "select m.team from round_member m where m.top_id = $1 and m.round_id = $2 and m.until_date = $3
                  and (m.person_id = $4 or (m.team = $5 and m.post = 'team_leader' and $6 = 'team_leader'))";
    let top = permit.top();
    let args = [top.into(), round.id.into(), FOREVER.into(), person.into(), team.into(), post.id.as_str().into()];
    if !tx.rows(sql, &args, |row| row.int(0))?.is_empty() {
        let zh = "此人已在本轮某组，或该组已有组长";
        return Err(Refusal::field("person", zh, "they are on a team already, or the team has a leader").into());
    }
    for target in targets(tx, top, (round.id, team))? {
        must_be_kept(tx, permit, kind, person, &target)?;
    }
    let sql = "insert into round_member (top_id, round_id, person_id, until_date, team, post, from_date, why, actor_id)
               values ($1, $2, $3, $4, $5, $6, $7, '', $8)";
    let args = [
        top.into(),
        round.id.into(),
        person.into(),
        FOREVER.into(),
        team.into(),
        post.id.as_str().into(),
        permit.today().into(),
        permit.person().into(),
    ];
    tx.run(sql, &args)?;
    audit::note(tx, permit, "round.seat", person, &post.id)
}

/// Takes somebody off their team; yesterday was their last day. Of two seats that end on one day the first is kept: the
/// second began and ended today.
pub fn dismiss(tx: &Tx, permit: &Permit, (round, person): (i64, i64), why: &str) -> Result<(), Fault> {
    let round = own(tx, permit, round)?;
    if why.trim().is_empty() {
        return Err(Refusal::field("why", "请写明调整原因", "please say why").into());
    }
    let last = permit.today().saturating_sub(1.day());
    let args = [permit.top().into(), round.id.into(), person.into(), last.into(), why.trim().into()];
    let sql = "delete from round_member
                where top_id = $1 and round_id = $2 and person_id = $3 and until_date = '9999-12-31'
                  and exists (select 1 from round_member o where o.top_id = $1 and o.round_id = $2
                                 and o.person_id = $3 and o.until_date = $4)";
    let undone = tx.run(sql, &args[..4])?;
    let sql = "update round_member set until_date = $4, why = $5
                where top_id = $1 and round_id = $2 and person_id = $3 and until_date = '9999-12-31'";
    if undone + tx.run(sql, &args)? == 0 {
        return Err(Fault::NotFound);
    }
    audit::note(tx, permit, "round.dismiss", person, "")
}

/// Writes down that somebody must be kept from a unit because family is there. Who it is, is asked by nobody.
pub fn declare(tx: &Tx, permit: &Permit, person: i64, unit: i64) -> Result<(), Fault> {
    needs(permit, Verb::Act)?;
    let key = [permit.top().into(), person.into(), unit.into()];
    let sql = "select person_id from recusal where top_id = $1 and person_id = $2 and unit_id = $3";
    if !tx.rows(sql, &key, |row| row.int(0))?.is_empty() {
        return Ok(());
    }
    let sql = "insert into recusal (top_id, person_id, unit_id, actor_id, on_date) values ($1, $2, $3, $4, $5)";
    let [top, who, at] = key;
    tx.run(sql, &[top, who, at, permit.person().into(), permit.today().into()])?;
    audit::note(tx, permit, "round.recuse", person, "")
}

/// Who is or was on the teams of a round, and whom it must keep from a unit of theirs today.
pub fn members(tx: &Tx, scope: &Scope, kind: &Kind, round: i64, today: Date) -> Result<Vec<Member>, Fault> {
    let sql = "select m.person_id, p.name, m.team, m.post, m.from_date, m.until_date, m.why
                 from round_member m
                 join round r on r.top_id = m.top_id and r.id = m.round_id
                 join unit u on u.top_id = r.top_id and u.id = r.unit_id
                 join person p on p.top_id = m.top_id and p.id = m.person_id
                where m.top_id = $1 and u.path >= $2 and u.path < $3 and m.round_id = $4
                order by m.team, m.until_date desc, m.post, p.search";
    let mut args = unit::range(scope).to_vec();
    args.push(round.into());
    let mut all = tx.rows(sql, &args, |row| {
        Ok(Member {
            person: row.int(0)?,
            name: row.text(1)?,
            team: row.int(2)?,
            post: row.text(3)?,
            from: row.parse(4)?,
            until: row.day(5)?,
            why: row.text(6)?,
            barred: Vec::new(),
        })
    })?;
    let (stood, declared) = services(tx, scope.top(), (round, 0))?;
    let targets = targets(tx, scope.top(), (round, 0))?;
    for member in all.iter_mut().filter(|member| member.until.is_none()) {
        let stood = of(&stood, member.person);
        let declared = of(&declared, member.person);
        for target in targets.iter().filter(|target| target.team == member.team) {
            let ground = recusal(&target.path, &stood, &declared, (kind.served, today));
            member.barred.extend(ground.map(|ground| (target.name.clone(), ground)));
        }
    }
    Ok(all)
}

/// A unit a team looks at.
struct Target {
    team: i64,
    path: UnitPath,
    name: String,
}

/// The units of a team of a round, or of all its teams.
fn targets(tx: &Tx, top: i64, (round, team): (i64, i64)) -> Result<Vec<Target>, Fault> {
    let sql = "select t.team, u.path, u.short_name from round_target t
                 join matter a on a.top_id = t.top_id and a.id = t.matter_id
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where t.top_id = $1 and t.round_id = $2 and (t.team = $3 or $3 = 0) order by u.path";
    tx.rows(sql, &[top.into(), round.into(), team.into()], |row| {
        Ok(Target { team: row.int(0)?, path: row.path(1)?, name: row.text(2)? })
    })
}

/// Rows of people.
type Of<T> = Vec<(i64, T)>;

fn of<T: Clone>(rows: &Of<T>, person: i64) -> Vec<T> {
    rows.iter().filter(|(one, _)| *one == person).map(|(_, row)| row.clone()).collect()
}

/// Where those on the teams of a round stand and stood, or where one person does, and what they must be kept from.
fn services(tx: &Tx, top: i64, (round, person): (i64, i64)) -> Result<(Of<Service>, Of<UnitPath>), Fault> {
    let sql = "select h.person_id, h.path, h.until_date from holding h
                where h.top_id = $1 and (h.person_id = $3 or h.person_id in (
                      select m.person_id from round_member m where m.top_id = $1 and m.round_id = $2))
                union all
               select a.person_id, u.path, a.until_date from affiliation a
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where a.top_id = $1 and (a.person_id = $3 or a.person_id in (
                      select m.person_id from round_member m where m.top_id = $1 and m.round_id = $2))";
    let args = [top.into(), round.into(), person.into()];
    let stood = tx.rows(sql, &args, |row| Ok((row.int(0)?, Service { path: row.path(1)?, until: row.day(2)? })))?;
    let sql = "select r.person_id, u.path from recusal r join unit u on u.top_id = r.top_id and u.id = r.unit_id
                where r.top_id = $1 and (r.person_id = $3 or r.person_id in (
                      select m.person_id from round_member m where m.top_id = $1 and m.round_id = $2))";
    let declared = tx.rows(sql, &args, |row| Ok((row.int(0)?, row.path(1)?)))?;
    Ok((stood, declared))
}

/// Refuses somebody who must be kept from a unit.
fn must_be_kept(tx: &Tx, permit: &Permit, kind: &Kind, person: i64, target: &Target) -> Result<(), Fault> {
    let (stood, declared) = services(tx, permit.top(), (0, person))?;
    let ground = recusal(&target.path, &of(&stood, person), &of(&declared, person), (kind.served, permit.today()));
    ground.map_or(Ok(()), |ground| Err(barred(&target.name, &ground).into()))
}

/// Refuses a unit from which somebody on the team must be kept.
pub(super) fn must_be_free(
    tx: &Tx,
    permit: &Permit,
    kind: &Kind,
    (round, team): (i64, i64),
    unit: &Unit,
) -> Result<(), Fault> {
    let target = Target { team, path: unit.path.clone(), name: unit.short_name.clone() };
    let sql = "select person_id from round_member
                where top_id = $1 and round_id = $2 and team = $3 and until_date = '9999-12-31'";
    for person in tx.rows(sql, &[permit.top().into(), round.into(), team.into()], |row| row.int(0))? {
        must_be_kept(tx, permit, kind, person, &target)?;
    }
    Ok(())
}

/// Refuses a visit that names fewer than two of the team that looks at the unit of a matter.
pub(crate) fn must_be_two(tx: &Tx, top: i64, (matter, data): (i64, &Json), on: Date) -> Result<(), Fault> {
    let team = team_of(tx, top, matter, on)?;
    if team.len() < 2 {
        let zh = "检查须两人以上：请先给该组加人";
        return Err(Refusal::rule(zh, "a visit is made by two at least: put somebody else on the team first").into());
    }
    let named = |person: &&(i64, String)| {
        data[VISITORS].as_array().into_iter().flatten().any(|one| one.as_i64() == Some(person.0))
    };
    if team.iter().filter(named).count() < 2 {
        let zh = "请勾选到场检查的人，至少两人";
        return Err(Refusal::field(VISITORS, zh, "tick who came, two at least").into());
    }
    Ok(())
}

/// Who is on the team that looks at the unit of a matter on a day.
fn team_of(tx: &Tx, top: i64, matter: i64, on: Date) -> Result<Vec<(i64, String)>, Fault> {
    let sql = "select m.person_id, p.name from round_target t
                 join round_member m on m.top_id = t.top_id and m.round_id = t.round_id and m.team = t.team
                 join person p on p.top_id = m.top_id and p.id = m.person_id
                where t.top_id = $1 and t.matter_id = $2 and m.from_date <= $3 and m.until_date >= $3
                order by p.search, p.id";
    tx.rows(sql, &[top.into(), matter.into(), on.into()], |row| Ok((row.int(0)?, row.text(1)?)))
}

/// Who is on the team that looks at the unit of a matter today, for those who are on it themselves.
pub fn visitors(tx: &Tx, actor: &Actor, matter: i64) -> Result<Vec<(i64, String)>, Fault> {
    let team = team_of(tx, actor.top, matter, actor.today)?;
    Ok(if team.iter().any(|(person, _)| *person == actor.person) { team } else { Vec::new() })
}

fn barred(unit: &str, ground: &Ground) -> Refusal {
    let (zh, en) = match ground {
        Ground::Belongs => ("现在该组织".to_owned(), "they belong to it".to_owned()),
        Ground::Served(until) => {
            (format!("曾在该组织任职或隶属，至 {until}"), format!("they served there until {until}"))
        }
        Ground::Declared => ("已登记亲属回避".to_owned(), "family is there".to_owned()),
    };
    Refusal::field(
        "person",
        format!("对“{unit}”须回避：{zh}。请换人，或把该组织调给另一组"),
        format!("must be kept from {unit}: {en}. Choose somebody else, or give the unit to another team"),
    )
}

/// A unit that somebody looks at today.
#[derive(Debug, Clone)]
pub struct Duty {
    /// the unit
    pub unit: i64,
    /// its short name
    pub name: String,
    /// its matter
    pub matter: i64,
    /// what the round is called
    pub round: String,
    /// the day on which their rights end
    pub until: Date,
    /// the post on the team
    pub post: String,
}

/// The units of the teams somebody is on today, but not those they must be kept from.
pub fn duties(tx: &Tx, actor: &Actor) -> Result<Vec<Duty>, Fault> {
    let sql = "select a.unit_id, u.short_name, t.matter_id, r.name, r.until_date, m.post
                 from round_member m
                 join round r on r.top_id = m.top_id and r.id = m.round_id and r.from_date <= $3 and r.until_date >= $3
                 join round_target t on t.top_id = m.top_id and t.round_id = m.round_id and t.team = m.team
                 join matter a on a.top_id = t.top_id and a.id = t.matter_id
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where m.top_id = $1 and m.person_id = $2 and m.from_date <= $3 and m.until_date >= $3
                order by r.until_date, u.path";
    let mut all = tx.rows(sql, &[actor.top.into(), actor.person.into(), actor.today.into()], |row| {
        let (unit, name, matter) = (row.int(0)?, row.text(1)?, row.int(2)?);
        Ok(Duty { unit, name, matter, round: row.text(3)?, until: row.parse(4)?, post: row.text(5)? })
    })?;
    all.retain(|duty| actor.posts.iter().any(|held| held.unit == duty.unit && held.post == duty.post));
    Ok(all)
}

/// The posts somebody holds today through rounds: in the units of their team, or the heirs of these, but not where they must be kept from
/// them since.
pub(crate) fn seats(tx: &Tx, top: i64, person: i64, today: Date) -> Result<Vec<Held>, Fault> {
    let sql = "select m.post, a.unit_id, u.path
                 from round_member m
                 join round r on r.top_id = m.top_id and r.id = m.round_id and r.from_date <= $3 and r.until_date >= $3
                 join round_target t on t.top_id = m.top_id and t.round_id = m.round_id and t.team = m.team
                 join matter a on a.top_id = t.top_id and a.id = t.matter_id
                 join unit u on u.top_id = a.top_id and u.id = a.unit_id
                 join person p on p.top_id = m.top_id and p.id = m.person_id and p.left_on = '9999-12-31'
                where m.top_id = $1 and m.person_id = $2 and m.from_date <= $3 and m.until_date >= $3
                  and substr(p.path, 1, length(u.path)) <> u.path
                  and not exists (select 1 from holding h where h.top_id = $1 and h.person_id = $2
                                     and h.from_date <= $3 and h.until_date >= $3
                                     and substr(h.path, 1, length(u.path)) = u.path)
                  and not exists (select 1 from recusal k join unit ku on ku.top_id = k.top_id and ku.id = k.unit_id
                                   where k.top_id = $1 and k.person_id = $2
                                     and (substr(ku.path, 1, length(u.path)) = u.path
                                       or substr(u.path, 1, length(ku.path)) = ku.path))
                order by u.path";
    tx.rows(sql, &[top.into(), person.into(), today.into()], |row| {
        Ok(Held { post: row.text(0)?, unit: row.int(1)?, top, path: row.path(2)? })
    })
}
