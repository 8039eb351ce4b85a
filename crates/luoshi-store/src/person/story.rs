//! The story of a person: how they stood, where they were, what they held. One statement, since every page of a
//! person shows all of it.

use super::Person;
use crate::identity::{Field, Look};
use crate::sight::{Seen, Sort};
use crate::{Fault, Row, Tx, holding};
use jiff::civil::Date;
use luoshi_rules::person::{Standing, mask};

/// The story of a person, each part newest first.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// how they stood, and since when
    pub standings: Vec<(Standing, Date)>,
    /// on whose roll they were
    pub stays: Vec<Stay>,
    /// the posts they held
    pub posts: Vec<holding::Line>,
    /// identity number and phone, with their middles hidden
    pub numbers: Vec<(Field, String)>,
    /// who looked at those in full, and why
    pub looks: Vec<Look>,
    /// who saw their page or took a list away with them in it, in one's own story only
    pub seen: Vec<Seen>,
    /// what was done to what is kept about them, by the audit
    pub changes: Vec<Change>,
    /// the letter that is to take them elsewhere
    pub letter: Option<UnderWay>,
}

/// A stay on the roll of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// the unit
    pub unit: i64,
    /// its short name
    pub unit_name: String,
    /// first day
    pub from: Date,
    /// last day; none while it lasts
    pub until: Option<Date>,
}

/// A change to what is kept about somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// the moment, in milliseconds since 1970
    pub at: i64,
    /// what was done: a key of the audit
    pub act: String,
    /// who did it; empty when it was the program
    pub name: String,
}

/// A letter that is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct UnderWay {
    /// the matter
    pub id: i64,
    /// the unit it was asked for from
    pub unit: i64,
    /// from where to where
    pub title: String,
}

const STORY: &str =
    "select 'standing' as sort, s.standing as key, s.from_date as from_date, '' as until_date, 0 as unit_id,
                      '' as unit_name, '' as words, 0 as id
                 from standing s where s.top_id = $1 and s.person_id = $2
                union all
               select 'stay', '', a.from_date, a.until_date, a.unit_id, u.short_name, '', 0
                 from affiliation a join unit u on u.top_id = a.top_id and u.id = a.unit_id
                where a.top_id = $1 and a.person_id = $2
                union all
               select 'post', h.post, h.from_date, h.until_date, h.unit_id, u.short_name, h.how, 0
                 from holding h join unit u on u.top_id = h.top_id and u.id = h.unit_id
                where h.top_id = $1 and h.person_id = $2
                union all
               select 'number', n.field, '', '', 0, '', n.sealed, 0
                 from person_secret n where n.top_id = $1 and n.person_id = $2
                union all
               select 'letter', '', '', '', m.opener_id, '', m.title, m.id
                 from transfer t join matter m on m.top_id = t.top_id and m.id = t.matter_id
                where t.top_id = $1 and t.person_id = $2 and t.done = 0
                union all
               select 'look', l.field, '', '', l.at, w.name, l.reason, l.id
                 from look l left join person w on w.top_id = l.top_id and w.id = l.actor_id
                where l.top_id = $1 and l.person_id = $2
                union all
               select 'change', a.act, '', '', a.at, w.name, '', a.id
                 from audit a left join person w on w.top_id = a.top_id and w.id = a.person_id
                where a.top_id = $1 and a.object = $2 and a.act not like 'session.%' and a.act <> 'person.unmask'
                union all
               select 'sight', s.sort, s.on_date, '', 0, w.name, l.short_name, 0
                 from sight s
                 left join person w on w.top_id = s.top_id and w.id = s.actor_id
                 left join unit l on l.top_id = s.top_id and l.id = s.unit_id
                where $3 = $2 and s.top_id = $1 and s.actor_id <> $2
                  and (s.person_id = $2
                    or s.person_id = 0
                       and exists (select 1 from affiliation a
                                     join unit h on h.top_id = a.top_id and h.id = a.unit_id
                                    where a.top_id = $1 and a.person_id = $2
                                      and a.from_date <= s.on_date and a.until_date >= s.on_date
                                      and substr(h.path, 1, length(l.path)) = l.path))
                order by 3 desc, 4 desc, 2, 8 desc";

/// The story of somebody the reader was let to see.
pub fn story(tx: &Tx, of: &Person) -> Result<Story, Fault> {
    told(tx, of, 0)
}

/// One's own story, which tells besides who saw it.
pub fn own_story(tx: &Tx, of: &Person) -> Result<Story, Fault> {
    told(tx, of, of.id)
}

fn told(tx: &Tx, of: &Person, reader: i64) -> Result<Story, Fault> {
    let mut story = Story::default();
    let mut sealed = Vec::new();
    tx.rows(STORY, &[of.top.into(), of.id.into(), reader.into()], |row| match row.text(0)?.as_str() {
        "number" => {
            sealed.push((row.text(1)?, row.text(6)?));
            Ok(())
        }
        sort => read(&mut story, of, sort, row),
    })?;
    story.changes.sort_by_key(|one| -one.at);
    for field in Field::ALL {
        if let Some((_, text)) = sealed.iter().find(|(key, _)| key == field.key()) {
            story.numbers.push((field, mask(&tx.keys().open(text)?)));
        }
    }
    Ok(story)
}

fn look(row: &Row) -> Result<Option<Look>, Fault> {
    let (at, name, reason) = (row.int(4)?, row.text(5)?, row.text(6)?);
    Ok(Field::named(&row.text(1)?).map(|field| Look { at, name, field, reason }))
}

fn read(story: &mut Story, of: &Person, sort: &str, row: &Row) -> Result<(), Fault> {
    let (unit, unit_name) = (row.int(4)?, row.text(5)?);
    match sort {
        "standing" => story.standings.push((super::read::standing(&row.text(1)?)?, row.parse(2)?)),
        "stay" => story.stays.push(Stay { unit, unit_name, from: row.parse(2)?, until: row.day(3)? }),
        "post" => story.posts.push(holding::Line {
            unit,
            unit_name,
            post: row.text(1)?,
            person: of.id,
            name: of.name.clone(),
            from: row.parse(2)?,
            until: row.day(3)?,
            how: row.text(6)?,
        }),
        "look" => story.looks.extend(look(row)?),
        "sight" => {
            let (on, name, unit_name) = (row.parse(2)?, unit_name, row.text(6)?);
            story.seen.extend(Sort::named(&row.text(1)?).map(|sort| Seen { on, name, sort, unit_name }));
        }
        "change" => story.changes.push(Change { at: unit, act: row.text(1)?, name: unit_name }),
        _ => story.letter = Some(UnderWay { id: row.int(7)?, unit, title: row.text(6)? }),
    }
    Ok(())
}
