//! Sealing and verifying the audit chain, beside writing the same rows.

use luoshi_store::audit::{self, Chain};
use std::path::Path;
use std::time::Instant;

const ROWS: i64 = 50_000;

pub fn job(folder: &Path) {
    let (db, _, top) = super::small::small(&folder.join("chain"));
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
