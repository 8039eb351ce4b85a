//! Packing the words of matters into blocks (decision 0016), now and then, so that a search reads some rows for each
//! word and an act writes none. Nothing is wrong while it has not run: what is not packed is looked through.

use super::search::{SPOTS, write_spots};
use super::{Line, read};
use crate::{Db, Fault, Tx, Value};
use luoshi_rules::Pack;
use luoshi_rules::matter::words::{self, Words};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Matters of a block.
const BLOCK: i64 = 4_096;
/// A block with fewer that still stand there is packed again.
const HALF: i64 = BLOCK / 2;
/// So many must wait before it is worth it.
const LEAST: i64 = 256;

/// What is packed into one block.
struct Parcel {
    top: i64,
    block: i64,
    /// blocks it takes the place of
    folded: Vec<i64>,
    lines: Vec<(Line, i64)>,
}

/// Packs what waits in every organisation, by the tokens of each text; returns how many matters that were.
pub fn pack(db: &Db, pack: &Pack, tokens: impl Fn(&Words) -> Vec<String>) -> Result<u64, Fault> {
    let sql = "select top_id from top -- fanout: dictionary of organisations";
    let mut all = 0;
    for top in db.read(|tx| tx.rows(sql, &[], |row| row.int(0)))? {
        while let Some(parcel) = db.read(|tx| parcel(tx, top))? {
            all += parcel.lines.len() as u64;
            let words = by_token(pack, &parcel, &tokens);
            db.write(|tx| put(tx, &parcel, &words))?;
        }
    }
    Ok(all)
}

/// What is to be packed next: those that wait, and the matters of blocks that are more than half empty.
fn parcel(tx: &Tx, top: i64) -> Result<Option<Parcel>, Fault> {
    let sql = "select count(*) from (select 1 as one from matter_state where top_id = $1 and place = 0 limit $2) w";
    let waiting = tx.row(sql, &[top.into(), BLOCK.into()], |row| row.int(0))?;
    if waiting < LEAST {
        return Ok(None);
    }
    let sql = "select w.block, (select count(*) from matter_state s
                                 where s.top_id = $1 and s.place > w.block * 65536 and s.place < (w.block + 1) * 65536)
                 from matter_word w where w.top_id = $1 and w.token = '' order by 2, 1";
    let blocks = tx.rows(sql, &[top.into()], |row| Ok((row.int(0)?, row.int(1)?)))?;
    let (mut room, mut folded) = (BLOCK - waiting, Vec::new());
    for (block, living) in blocks.iter().filter(|(_, living)| *living < HALF) {
        if *living <= room {
            room -= living;
            folded.push(*block);
        }
    }
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id, s.place
                 from matter_state s join matter m on m.top_id = s.top_id and m.id = s.matter_id
                where s.top_id = $1 and (s.place = 0 or s.place / 65536 in (select cast(j.key as bigint)
                                                                              from jsonb_each($2) j))
                order by s.matter_id limit $3";
    let args = [top.into(), Value::keys(folded.iter().copied()), BLOCK.into()];
    let rows = tx.rows(sql, &args, |row| Ok((read::line(row)?, row.int(14)?)))?;
    let (lines, places): (Vec<Line>, Vec<i64>) = rows.into_iter().unzip();
    let lines = read::with_their_events(tx, top, lines)?.into_iter().zip(places).collect();
    let block = blocks.iter().map(|(block, _)| *block).max().unwrap_or(0) + 1;
    Ok(Some(Parcel { top, block, folded, lines }))
}

/// At which spots each token stands.
fn by_token(pack: &Pack, parcel: &Parcel, tokens: &impl Fn(&Words) -> Vec<String>) -> BTreeMap<String, Vec<i64>> {
    let mut words: BTreeMap<String, Vec<i64>> = BTreeMap::from([(String::new(), Vec::new())]);
    for ((line, _), spot) in parcel.lines.iter().zip(1..) {
        for token in tokens(&words::of(pack, &line.matter)) {
            words.entry(token).or_default().push(spot);
        }
    }
    words
}

fn put(tx: &Tx, parcel: &Parcel, words: &BTreeMap<String, Vec<i64>>) -> Result<(), Fault> {
    let sql = "delete from matter_word
                where top_id = $1 and block in (select cast(j.key as bigint) from jsonb_each($2) j)";
    if !parcel.folded.is_empty() {
        tx.run(sql, &[parcel.top.into(), Value::keys(parcel.folded.iter().copied())])?;
    }
    let all: Vec<(&String, &Vec<i64>)> = words.iter().collect();
    for some in all.chunks(5_000) {
        let rows = some.iter().map(|(token, spots)| ((*token).clone(), json!({ "spots": write_spots(spots) })));
        let sql = "insert into matter_word (top_id, token, block, spots)
                   select $1, j.key, $2, j.value ->> 'spots' from jsonb_each($3) j";
        tx.run(sql, &[parcel.top.into(), parcel.block.into(), Json::Object(rows.collect()).into()])?;
    }
    // a matter that was touched meanwhile stays where it is: unpacked
    let sql = "update matter_state set place = $3 where top_id = $1 and matter_id = $2 and seq = $4 and place = $5";
    for ((line, was), spot) in parcel.lines.iter().zip(1..) {
        let seq = line.matter.events.last().map_or(0, |event| event.seq);
        let place = parcel.block * SPOTS + spot;
        tx.run(sql, &[parcel.top.into(), line.matter.id.into(), place.into(), seq.into(), (*was).into()])?;
    }
    Ok(())
}

/// Empties the index of an organisation: what was erased may stand in any block, and not where it stood.
pub(crate) fn forget(tx: &Tx, top: i64) -> Result<(), Fault> {
    for sql in [
        "delete from matter_word where top_id = $1",
        "update matter_state set place = 0 where top_id = $1 and place > 0",
    ] {
        tx.run(sql, &[top.into()])?;
    }
    Ok(())
}
