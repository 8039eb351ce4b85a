//! How much one account may ask for in a minute: acts, files, and what programs read. It is far beyond what anybody does
//! by hand, and keeps a program gone wild, or whoever stole a session, from filling the database or emptying it.

use super::Who;
use crate::app::hold;
use crate::trouble::Trouble;
use axum::http::{Method, Uri};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

/// How many acts weigh as much as a file that is taken away.
const OF_A_FILE: f64 = 10.0;
/// Accounts remembered at once.
const REMEMBERED: usize = 20_000;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sort {
    /// a page, which is not counted
    Page,
    /// an act
    Act,
    /// a file
    File,
    /// what a program reads
    Program,
}

/// What a request asks for.
pub(super) fn sort(method: &Method, uri: &Uri) -> Sort {
    let whole = ["/archive", "/package"].iter().any(|end| uri.path().ends_with(end));
    let file = super::asks_format(uri) || whole;
    match *method {
        Method::GET | Method::HEAD if uri.path().starts_with("/api/v1/") => Sort::Program,
        Method::GET | Method::HEAD if file || uri.path() == "/me/copy" => Sort::File,
        Method::GET | Method::HEAD => Sort::Page,
        _ => Sort::Act,
    }
}

/// Organisation and person, and what they ask for.
type Key = (i64, i64, Sort);

/// What accounts have left, each a bucket that fills evenly. Time is that of the machine since it started.
pub(crate) struct Paces {
    /// acts a minute; 0 for no limit
    most: f64,
    left: Mutex<HashMap<Key, (Instant, f64)>>,
}

impl Paces {
    pub fn new(most: u32) -> Paces {
        Paces { most: f64::from(most), left: Mutex::default() }
    }

    /// Takes what a request weighs, or refuses it and says in how many seconds it would not be.
    pub fn step(&self, who: Who, sort: Sort) -> Result<(), Trouble> {
        self.at(Instant::now(), (who.top, who.person, sort))
    }

    fn at(&self, now: Instant, key: Key) -> Result<(), Trouble> {
        if self.most == 0.0 || key.2 == Sort::Page {
            return Ok(());
        }
        let weight = if key.2 == Sort::File { OF_A_FILE } else { 1.0 };
        let full = |since: Instant, left: f64| {
            (left + self.most * now.saturating_duration_since(since).as_secs_f64() / 60.0).min(self.most)
        };
        let mut all = hold(&self.left);
        if all.len() >= REMEMBERED {
            all.retain(|_, (since, left)| full(*since, *left) < self.most);
        }
        let (since, left) = all.entry(key).or_insert((now, self.most));
        (*since, *left) = (now, full(*since, *left));
        if *left < weight {
            return Err(Trouble::Pace(((weight - *left) * 60.0 / self.most).ceil() as u32));
        }
        *left -= weight;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_acts_faster_than_any_hand_is_told_when_to_go_on_and_others_are_not_kept_waiting() {
        let (paces, began) = (Paces::new(60), Instant::now());
        let done = (0..100).filter(|_| paces.at(began, (1, 7, Sort::Act)).is_ok()).count();
        assert_eq!(done, 60, "a minute's worth at once");
        assert!(matches!(paces.at(began, (1, 7, Sort::Act)), Err(Trouble::Pace(1))));
        assert!(paces.at(began, (1, 8, Sort::Act)).is_ok() && paces.at(began, (2, 7, Sort::Act)).is_ok(), "others");
        assert!(paces.at(began, (1, 7, Sort::Page)).is_ok(), "reading goes on");
        let files = (0..100).filter(|_| paces.at(began, (1, 7, Sort::File)).is_ok()).count();
        assert_eq!(files, 6, "a file weighs as much as ten acts");
        assert!(matches!(paces.at(began, (1, 7, Sort::File)), Err(Trouble::Pace(10))));
        assert!(paces.at(began + Duration::from_secs(2), (1, 7, Sort::Act)).is_ok(), "it fills again");
        assert!((0..1000).all(|_| Paces::new(0).at(began, (1, 7, Sort::Act)).is_ok()), "no limit where none is set");
    }

    #[test]
    fn acts_files_and_what_programs_read_are_told_apart() {
        for (method, address, want) in [
            (Method::GET, "/units/1/people", Sort::Page),
            (Method::GET, "/units/1/people?q=z&as=csv", Sort::File),
            (Method::GET, "/units/1/people?q=z&%61s=csv", Sort::File),
            (Method::GET, "/units/1/people?has=csv&as=", Sort::Page),
            (Method::GET, "/units/1/2023/archive", Sort::File),
            (Method::GET, "/units/1/rounds/2/exchanges/3/package", Sort::File),
            (Method::GET, "/me/copy", Sort::File),
            (Method::GET, "/api/v1/units/1/people?q=z", Sort::Program),
            (Method::POST, "/units/1/records", Sort::Act),
            (Method::POST, "/api/v1/units/1/records", Sort::Act),
        ] {
            assert_eq!(sort(&method, &address.parse().unwrap()), want, "{address}");
        }
    }
}
