//! How each matter stands, kept in the transaction of each event (decision 0016). It can be derived again at any time;
//! after a change of flows or working days it is, before anything is served.

use super::read;
use crate::tx::Ground;
use crate::{Db, FOREVER, Fault, Row, Tx};
use jiff::civil::Date;
use luoshi_rules::Matter;
use luoshi_rules::matter::Stand;
use serde_json::{Value as Json, json};

/// Matters read and written at once when states are derived again.
const AT_ONCE: i64 = 1_000;

/// Derives how a matter stands from its events and keeps it; its words are to be packed again.
pub(crate) fn keep(tx: &Tx, top: i64, id: i64) -> Result<(), Fault> {
    let Some(ground) = tx.ground() else {
        // a program that has not said by which rules leaves it to the next one that does
        return tx.run("delete from matter_mark where top_id = $1", &[top.into()]).map(drop);
    };
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m where m.top_id = $1 and m.id = $2";
    let mut matter = tx.row(sql, &[top.into(), id.into()], read::line)?.matter;
    matter.events = read::events(tx, top, id)?;
    write(tx, top, &[row(ground, &matter)])
}

/// A matter's row, as an object under its key.
fn row(ground: &Ground, matter: &Matter) -> (String, Json) {
    let flow = ground.pack.flow(&matter.flow);
    let stand = flow.map(|flow| matter.stand(flow, &ground.calendar));
    // a flow that is no more closes its matters
    let stand = stand.unwrap_or_else(|| Stand {
        step: String::new(),
        open: false,
        limit: None,
        touched: matter.touched(),
        ring: None,
    });
    let day = |day: Option<Date>| day.map_or_else(|| FOREVER.to_owned(), |day| day.to_string());
    let row = json!({
        "path": matter.path.as_str(), "opener_path": matter.opener_path.as_str(), "unit": matter.unit,
        "opener": matter.opener, "flow": matter.flow, "round": matter.round, "step": stand.step,
        "open": i64::from(stand.open), "opened": matter.opened.to_string(), "limit": day(stand.limit),
        "still": day(Some(stand.touched).filter(|_| stand.open)), "touched": stand.touched.to_string(),
        "ring": day(stand.ring), "seq": matter.events.last().map_or(0, |event| event.seq),
    });
    (matter.id.to_string(), row)
}

fn write(tx: &Tx, top: i64, rows: &[(String, Json)]) -> Result<(), Fault> {
    let sql =
        "insert into matter_state (top_id, matter_id, path, opener_path, unit_id, opener_id, flow, round_id, step,
                                         open, opened, limit_on, still_on, touched, ring_on, seq, place)
               select $1, cast(j.key as bigint), j.value ->> 'path', j.value ->> 'opener_path',
                      cast(j.value ->> 'unit' as bigint), cast(j.value ->> 'opener' as bigint), j.value ->> 'flow',
                      cast(j.value ->> 'round' as bigint), j.value ->> 'step', cast(j.value ->> 'open' as bigint),
                      j.value ->> 'opened', j.value ->> 'limit', j.value ->> 'still', j.value ->> 'touched',
                      j.value ->> 'ring', cast(j.value ->> 'seq' as bigint), 0
                 from jsonb_each($2) j where true
               on conflict (top_id, matter_id) do update
                  set path = excluded.path, opener_path = excluded.opener_path, unit_id = excluded.unit_id,
                      opener_id = excluded.opener_id, step = excluded.step, open = excluded.open,
                      limit_on = excluded.limit_on, still_on = excluded.still_on, touched = excluded.touched,
                      ring_on = excluded.ring_on, seq = excluded.seq, place = 0";
    let rows: serde_json::Map<String, Json> = rows.iter().cloned().collect();
    tx.run(sql, &[top.into(), Json::Object(rows).into()]).map(drop)
}

/// How a matter stands, from four columns: step, open, limit, touched, ring.
pub(super) fn read_stand(row: &Row, at: usize) -> Result<Stand, Fault> {
    Ok(Stand {
        step: row.text(at)?,
        open: row.int(at + 1)? == 1,
        limit: row.day(at + 2)?,
        touched: row.parse(at + 3)?,
        ring: row.day(at + 4)?,
    })
}

/// Derives the states of every organisation whose states were derived by other rules than these, or never. Returns how
/// many matters that were.
pub fn refresh(db: &Db) -> Result<u64, Fault> {
    let tops = db.read(|tx| {
        let Some(ground) = tx.ground() else { return Ok(Vec::new()) };
        let sql = "select t.top_id from top t
                    where not exists (select 1 from matter_mark k where k.top_id = t.top_id and k.mark = $1)
                   -- fanout: dictionary of organisations";
        tx.rows(sql, &[ground.mark.as_str().into()], |row| row.int(0))
    })?;
    let mut all = 0;
    for top in tops {
        all += derive(db, top)?;
    }
    Ok(all)
}

/// Derives the states of an organisation again, with the words they are found by.
pub fn derive(db: &Db, top: i64) -> Result<u64, Fault> {
    db.write(|tx| {
        for sql in [
            "delete from matter_mark where top_id = $1",
            "delete from matter_word where top_id = $1",
            "delete from matter_state where top_id = $1",
        ] {
            tx.run(sql, &[top.into()])?;
        }
        Ok(())
    })?;
    let (mut after, mut all) = (0, 0);
    loop {
        let (last, done) = db.write(|tx| some(tx, top, after))?;
        all += done;
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    db.write(|tx| {
        let Some(ground) = tx.ground() else { return Ok(()) };
        let sql = "insert into matter_mark (top_id, mark) values ($1, $2)
                   on conflict (top_id) do update set mark = excluded.mark";
        tx.run(sql, &[top.into(), ground.mark.as_str().into()]).map(drop)
    })?;
    Ok(all)
}

/// The states of the next matters after a key; the last key, until there is none.
fn some(tx: &Tx, top: i64, after: i64) -> Result<(Option<i64>, u64), Fault> {
    let Some(ground) = tx.ground() else { return Ok((None, 0)) };
    let sql = "select m.id, m.unit_id, m.opener_id, m.flow, m.title, m.data, m.on_date, '', '', m.top_id,
                      m.path, m.opener_path, m.parent_id, m.round_id
                 from matter m where m.top_id = $1 and m.id > $2 order by m.id limit $3";
    let lines = tx.rows(sql, &[top.into(), after.into(), AT_ONCE.into()], read::line)?;
    let lines = read::with_their_events(tx, top, lines)?;
    let rows: Vec<(String, Json)> = lines.iter().map(|line| row(ground, &line.matter)).collect();
    write(tx, top, &rows)?;
    Ok((lines.last().map(|line| line.matter.id), rows.len() as u64))
}

/// Everything that is kept, as one text for each matter but the place of its words: lets a test see that what is kept
/// is what would be derived again.
pub fn kept(tx: &Tx, top: i64) -> Result<Vec<String>, Fault> {
    let sql = "select matter_id, path, opener_path, unit_id, opener_id, flow, round_id, step, open, opened, limit_on,
                      still_on, touched, ring_on, seq
                 from matter_state where top_id = $1 order by matter_id";
    tx.rows(sql, &[top.into()], |row| {
        let text = |at: usize| match at {
            0 | 3 | 4 | 6 | 8 | 14 => row.int(at).map(|n| n.to_string()),
            _ => row.text(at),
        };
        Ok((0..15).map(text).collect::<Result<Vec<_>, _>>()?.join(" "))
    })
}
