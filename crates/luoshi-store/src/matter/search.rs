//! Searching matters by their words (decision 0016). A token is found in blocks of some thousand matters, each with the
//! spots at which it stands; a matter is at one spot of one block, or not packed yet and looked through. What is found
//! so is only a candidate: the caller looks whether the words really stand there.

use super::{Line, read};
use crate::{Fault, Tx, Value, unit};
use luoshi_rules::Scope;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Spots of a block.
pub(super) const SPOTS: i64 = 65_536;
/// Candidates looked at together.
const BATCH: usize = 200;
/// Most candidates looked at for one search; more is said to the caller.
const LOOKED: usize = 3_000;
/// Most matters not packed yet that are looked through.
const LOOSE: i64 = 5_000;

/// What must stand in a matter: of each group one token.
pub type Groups = Vec<Vec<String>>;

/// One way to be found, better than the next one.
#[derive(Debug, Clone, Default)]
pub struct Tier {
    /// the tokens
    pub groups: Groups,
    /// whether what was noted must be read to judge it
    pub depth: Depth,
}

/// How much of a matter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// what it was opened with
    #[default]
    Opening,
    /// and its events
    Whole,
}

/// What was found.
pub struct Found<T> {
    /// what the caller made of each, in no order but that of the ways
    pub hits: Vec<T>,
    /// whether some candidates were not looked at
    pub more: bool,
}

/// Looks for matters of a scope, those last touched first, one way after the other, until there are enough. `judge` is
/// asked whether what it is given is one.
pub fn seek<T>(
    tx: &Tx,
    scope: &Scope,
    (tiers, most): (&[Tier], usize),
    judge: impl Fn(&Line) -> Option<T>,
) -> Result<Found<T>, Fault> {
    let mut found = Found { hits: Vec::new(), more: false };
    let loose = loose(tx, scope)?;
    found.more = loose.len() as i64 == LOOSE;
    found.hits.extend(loose.iter().filter_map(&judge));
    let known = postings(tx, scope.top(), tiers)?;
    let (mut seen, mut inside, mut looked) = (HashSet::new(), None, 0);
    for tier in tiers {
        let mut places = candidates(&tier.groups, &known);
        places.retain(|place| seen.insert(*place));
        if !places.is_empty() && !scope.is_whole() {
            let inside = match &mut inside {
                Some(inside) => inside,
                none => none.insert(of_scope(tx, scope)?),
            };
            places.retain(|place| inside.contains(place));
        }
        for batch in places.rchunks(BATCH) {
            if found.hits.len() >= most || looked >= LOOKED {
                found.more = true;
                return Ok(found);
            }
            looked += batch.len();
            let lines = at_places(tx, scope, (batch, tier.depth))?;
            found.hits.extend(lines.iter().filter_map(&judge));
        }
    }
    Ok(found)
}

/// The places at which every group has a token, in order.
fn candidates(groups: &Groups, known: &HashMap<String, Vec<i64>>) -> Vec<i64> {
    let mut lists: Vec<Vec<i64>> = groups
        .iter()
        .map(|group| {
            let mut all: Vec<i64> = group.iter().filter_map(|token| known.get(token)).flatten().copied().collect();
            if group.len() > 1 {
                all.sort_unstable();
                all.dedup();
            }
            all
        })
        .collect();
    // the rarest first: what it lacks no other can bring back
    lists.sort_by_key(Vec::len);
    let mut lists = lists.into_iter();
    let mut left = lists.next().unwrap_or_default();
    for list in lists {
        let mut at = 0;
        left.retain(|place| {
            at += list.get(at..).unwrap_or_default().partition_point(|one| one < place);
            list.get(at) == Some(place)
        });
    }
    left
}

/// Where the tokens stand, by token, in order.
fn postings(tx: &Tx, top: i64, tiers: &[Tier]) -> Result<HashMap<String, Vec<i64>>, Fault> {
    let wanted: BTreeSet<&String> = tiers.iter().flat_map(|tier| &tier.groups).flatten().collect();
    let wanted = wanted.into_iter().map(|token| (token.clone(), 1.into())).collect();
    let sql = "select token, block, spots from matter_word
                where top_id = $1 and token in (select j.key from jsonb_each($2) j) order by token, block";
    let mut known: HashMap<String, Vec<i64>> = HashMap::new();
    tx.rows(sql, &[top.into(), serde_json::Value::Object(wanted).into()], |row| {
        let (token, block) = (row.text(0)?, row.int(1)?);
        known.entry(token).or_default().extend(read_spots(&row.text(2)?).map(|spot| block * SPOTS + spot));
        Ok(())
    })?;
    Ok(known)
}

/// The places of every matter of a scope.
fn of_scope(tx: &Tx, scope: &Scope) -> Result<HashSet<i64>, Fault> {
    let sql = "select s.place from matter_state s where s.top_id = $1 and s.path >= $2 and s.path < $3 and s.place > 0
                union all
               select s.place from matter_state s
                where s.top_id = $1 and s.opener_path >= $2 and s.opener_path < $3 and s.place > 0
                  and not (s.path >= $2 and s.path < $3)
                union all
               select s.place from matter_helper h join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                 join matter_state s on s.top_id = h.top_id and s.matter_id = h.matter_id
                where h.top_id = $1 and hu.path >= $2 and hu.path < $3 and s.place > 0
                union all
               select s.place from matter_turn n join unit nu on nu.top_id = n.top_id and nu.id = n.unit_id
                 join matter_state s on s.top_id = n.top_id and s.matter_id = n.matter_id
                where n.top_id = $1 and nu.path >= $2 and nu.path < $3 and s.place > 0";
    Ok(tx.rows(sql, &unit::range(scope), |row| row.int(0))?.into_iter().collect())
}

/// Matters of a scope whose words are not packed, newest first, with their events. `+ 0`, so that no engine goes
/// through all matters by their keys to spare itself the sorting of a few.
fn loose(tx: &Tx, scope: &Scope) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      s.step, s.open, s.limit_on, s.touched, s.ring_on
                 from matter_state s join matter m on m.top_id = s.top_id and m.id = s.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where s.top_id = $1 and s.place = 0
                  and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3)
                    or s.matter_id in (select h.matter_id from matter_helper h
                                         join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                                        where h.top_id = $1 and hu.path >= $2 and hu.path < $3)
                    or s.matter_id in (select n.matter_id from matter_turn n
                                         join unit nu on nu.top_id = n.top_id and nu.id = n.unit_id
                                        where n.top_id = $1 and nu.path >= $2 and nu.path < $3))
                order by s.matter_id + 0 desc limit $4";
    let mut args = unit::range(scope).to_vec();
    args.push(LOOSE.into());
    read::with_their_events(tx, scope.top(), tx.rows(sql, &args, read::standing_line)?)
}

/// Those of a scope at some places, newest first.
fn at_places(tx: &Tx, scope: &Scope, (places, depth): (&[i64], Depth)) -> Result<Vec<Line>, Fault> {
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, u.short_name, o.short_name,
                      m.top_id, m.path, m.opener_path, m.parent_id, m.round_id,
                      s.step, s.open, s.limit_on, s.touched, s.ring_on
                 from matter_state s join matter m on m.top_id = s.top_id and m.id = s.matter_id
                 left join unit u on u.top_id = m.top_id and u.id = m.unit_id
                 left join unit o on o.top_id = m.top_id and o.id = m.opener_id
                where s.top_id = $1 and s.place in (select cast(j.key as bigint) from jsonb_each($4) j)
                  and ((s.path >= $2 and s.path < $3) or (s.opener_path >= $2 and s.opener_path < $3)
                    or s.matter_id in (select h.matter_id from matter_helper h
                                         join unit hu on hu.top_id = h.top_id and hu.id = h.unit_id
                                        where h.top_id = $1 and hu.path >= $2 and hu.path < $3)
                    or s.matter_id in (select n.matter_id from matter_turn n
                                         join unit nu on nu.top_id = n.top_id and nu.id = n.unit_id
                                        where n.top_id = $1 and nu.path >= $2 and nu.path < $3))
                order by s.matter_id + 0 desc";
    let mut args: Vec<Value> = unit::range(scope).to_vec();
    args.push(Value::keys(places.iter().copied()));
    let lines = tx.rows(sql, &args, read::standing_line)?;
    match depth {
        Depth::Opening => Ok(lines),
        Depth::Whole => read::with_their_events(tx, scope.top(), lines),
    }
}

// ---- spots: the gaps between them as digits to the base 64, the last of each digit in characters of its own

/// Spots in order as text.
pub(super) fn write_spots(spots: &[i64]) -> String {
    let (mut text, mut before) = (String::with_capacity(spots.len() * 2), 0);
    for spot in spots {
        let gap = u32::try_from(spot - before).unwrap_or_default();
        before = *spot;
        let high: Vec<u32> =
            [gap >> 14, (gap >> 10) & 15, (gap >> 6) & 15].into_iter().skip_while(|n| *n == 0).collect();
        text.extend(high.into_iter().filter_map(|digit| char::from_u32(0x70 + digit)).map(carry));
        text.extend(char::from_u32(0x30 + (gap & 63)));
    }
    text
}

/// The sixteenth digit would be a control character: it is written as `!`.
fn carry(c: char) -> char {
    if c == '\u{7f}' { '!' } else { c }
}

/// The spots of a text.
pub(super) fn read_spots(text: &str) -> impl Iterator<Item = i64> {
    let (mut high, mut spot) = (0_i64, 0_i64);
    text.bytes().filter_map(move |byte| {
        match byte {
            b'!' => high = high * 16 + 15,
            0x70..=0x7e => high = high * 16 + i64::from(byte - 0x70),
            _ => {
                spot += high * 64 + i64::from(byte) - 0x30;
                high = 0;
                return Some(spot);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots_are_read_as_they_were_written() {
        let all = [1, 2, 65, 66, 129, 1_025, 1_088, 2_047, 18_431, 35_000, 65_535];
        for n in 0..all.len() {
            assert_eq!(read_spots(&write_spots(&all[n..])).collect::<Vec<_>>(), &all[n..]);
        }
        let every: Vec<i64> = (1..4_097).collect();
        assert_eq!(write_spots(&every).len(), every.len(), "who stands everywhere takes a character each");
        assert_eq!(read_spots(&write_spots(&every)).collect::<Vec<_>>(), every);
    }

    #[test]
    fn a_place_counts_when_every_group_has_a_token_there() {
        let known =
            HashMap::from([("a".to_owned(), vec![1, 3, 5]), ("b".to_owned(), vec![2, 3]), ("c".into(), vec![5])]);
        let group = |tokens: &[&str]| tokens.iter().map(|token| (*token).to_owned()).collect::<Vec<_>>();
        assert_eq!(candidates(&vec![group(&["a"]), group(&["b", "c"])], &known), [3, 5]);
        assert_eq!(candidates(&vec![group(&["a"]), group(&["d"])], &known), [] as [i64; 0]);
        assert_eq!(candidates(&vec![], &known), [] as [i64; 0]);
    }
}
