//! Reading a directive of 10,000 characters, beside its floor in the same run: `make bench`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use luoshi_office::paper::{self, Paper};
use luoshi_web::Reading;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

const CHARACTERS: usize = 10_000;
const TIMES: usize = 40;
/// What a directive of this length may take.
const BAR: f64 = 300.0;

fn main() {
    println!("| job | p50 ms | p95 ms | a second | note |\n| --- | ---: | ---: | ---: | --- |");
    let units: Vec<String> = (0..500).map(|n| format!("澄江省水利厅机关第{n}党支部")).collect();
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    for name in ["04-year-report.txt", "05-warning-month.txt", "06-rectify-notice.txt", "03-speech.html"] {
        let paper = long(name);
        let floor = time(|| black_box(paper.text.chars().map(|c| c.to_string()).collect::<String>()));
        line(&format!("floor: copy {name} character by character"), &floor, "");
        let mut found = 0;
        let took = time(|| {
            let reading = Reading::of(paper.clone(), None, jiff::civil::date(2023, 12, 20), (&units, &[])).unwrap();
            found = reading.measures.len();
        });
        let p95 =
            line(&format!("intake of {name}, {CHARACTERS} characters"), &took, &format!("{found} measures, 500 units"));
        assert!(p95 < BAR, "{p95} ms is over {BAR}");
    }
}

/// A marked document, repeated to the length that counts.
fn long(name: &str) -> Paper {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../luoshi-text/tests/marked").join(name);
    let paper = paper::read(&std::fs::read(file).unwrap(), name).unwrap();
    let times = CHARACTERS.div_ceil(paper.text.chars().count());
    let text = vec![paper.text.as_str(); times].join("\n").chars().take(CHARACTERS).collect();
    Paper { text, ..paper }
}

fn time<T>(mut work: impl FnMut() -> T) -> Vec<f64> {
    let once = |_| {
        let started = Instant::now();
        black_box(work());
        started.elapsed()
    };
    let mut took: Vec<Duration> = (0..TIMES).map(once).collect();
    took.sort_unstable();
    took.iter().map(|one| one.as_secs_f64() * 1e3).collect()
}

fn line(name: &str, took: &[f64], note: &str) -> f64 {
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    println!("| {name} | {:.2} | {:.2} | {:.0} | {note} |", at(0.5), at(0.95), 1e3 / at(0.5));
    at(0.95)
}
