//! Sealing and verifying the audit chain, beside writing the same rows.

use luoshi_store::audit::{self, Chain};
use luoshi_store::{Db, Keys, unit};
use std::path::Path;
use std::time::Instant;

const ROWS: i64 = 50_000;

pub fn job(folder: &Path) {
    let db = Db::open(folder.join("chain.db").to_str().unwrap(), Keys::new(&[3; 32])).unwrap();
    let founding = unit::Founding {
        id: 1,
        level: "organ_committee".into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: "机关党委".into(),
        full_name: "机关党委".into(),
        search: String::new(),
        on: jiff::civil::date(2020, 1, 1),
    };
    let top = db.write(|tx| unit::found_top(tx, &founding)).unwrap().id;
    let told = |name: &str, at: Instant| {
        let took = at.elapsed().as_secs_f64();
        println!("| {name} | {:.0} | | {:.0} | {ROWS} rows |", took * 1e3, ROWS as f64 / took);
    };
    for chain in [Chain::Sha256, Chain::Sm3] {
        let at = Instant::now();
        db.write(|tx| (0..ROWS).try_for_each(|n| audit::by(tx, top, 1, 0, "record.add", n, "theme-day"))).unwrap();
        told("floor: write audit rows", at);
        let at = Instant::now();
        audit::seal_all(&db, chain).unwrap();
        told(&format!("seal the audit trail ({chain:?})"), at);
        let at = Instant::now();
        assert!(audit::verify(&db, &[]).unwrap().iter().all(|verdict| verdict.wrong.is_none()));
        told(&format!("verify all there is ({chain:?} last)"), at);
    }
}
