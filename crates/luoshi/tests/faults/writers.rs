//! Writers who record meetings over HTTP, repeat what got no answer, and remember what was acknowledged.

use crate::harness::{Room, ask};
use luoshi_store::new_id;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Some of them at work.
pub struct Writers {
    stop: Arc<AtomicBool>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    acknowledged: Mutex<HashMap<String, String>>,
    repeated: AtomicU64,
    refused: AtomicU64,
    longest: Mutex<Duration>,
}

/// What came of it.
pub struct Sum {
    /// topic → address of the record
    pub acknowledged: HashMap<String, String>,
    /// forms sent again because no answer came
    pub repeated: u64,
    /// answers that told of a fault of the server, and were sent again
    pub refused: u64,
    /// the longest anybody waited from first sending a form until it was acknowledged
    pub longest: Duration,
}

impl Writers {
    /// Starts them. The program must be answering.
    pub fn start(room: &Room, count: usize) -> Writers {
        let (stop, shared) = (Arc::new(AtomicBool::new(false)), Arc::new(Shared::default()));
        let (csrf, cookie, address) = (room.csrf(), room.cookie.clone(), room.address);
        let work = |number: usize| {
            let (stop, shared) = (stop.clone(), shared.clone());
            let (csrf, cookie) = (csrf.clone(), cookie.clone());
            std::thread::spawn(move || {
                for turn in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let topic = format!("w{number}-{turn}");
                    let form = format!(
                        "csrf={csrf}&operation={}&kind=general-meeting&on=2023-02-10&again=1&topic={topic}&absent-104=sick",
                        new_id()
                    );
                    let began = Instant::now();
                    let to =
                        shared.until_acknowledged(|| ask(address, "POST", "/units/3/records", &cookie, Some(&form)));
                    let mut longest = shared.longest.lock().unwrap();
                    *longest = began.elapsed().max(*longest);
                    shared.acknowledged.lock().unwrap().insert(topic, to);
                }
            })
        };
        let threads = (0..count).map(work).collect();
        Writers { stop, shared, threads }
    }

    /// How many forms are acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.lock().unwrap().len()
    }

    /// What is acknowledged so far: topic → address of the record.
    pub fn so_far(&self) -> HashMap<String, String> {
        self.shared.acknowledged.lock().unwrap().clone()
    }

    /// Lets everyone finish what they hold. The program must be answering.
    pub fn finish(self) -> Sum {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        let shared = &self.shared;
        Sum {
            acknowledged: shared.acknowledged.lock().unwrap().clone(),
            repeated: shared.repeated.load(Ordering::Relaxed),
            refused: shared.refused.load(Ordering::Relaxed),
            longest: *shared.longest.lock().unwrap(),
        }
    }
}

impl Shared {
    /// Sends a form until it is acknowledged, and returns where the user was sent.
    fn until_acknowledged(&self, send: impl Fn() -> std::io::Result<crate::harness::Answer>) -> String {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            match send() {
                Ok(answer) if answer.status == 303 => return answer.head("location").unwrap().to_owned(),
                Ok(answer) if answer.status >= 500 => self.refused.fetch_add(1, Ordering::Relaxed),
                Ok(answer) => panic!("{} {:?}", answer.status, answer.complaint()),
                Err(_) => self.repeated.fetch_add(1, Ordering::Relaxed),
            };
            assert!(Instant::now() < until, "no answer for two minutes");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What the facts say, whichever engine keeps them: id and topic of the records, outcomes of the operations, the
/// records that the audit names, the absences.
pub struct Facts {
    pub records: Vec<(i64, String)>,
    pub outcomes: HashSet<String>,
    pub audited: Vec<i64>,
    pub absent: Vec<i64>,
}

const SELECTS: [&str; 4] = [
    "select id, data ->> 'topic' from record",
    "select 0, outcome from operation where outcome like '/units/3/records/%'",
    "select object, '' from audit where act = 'record.add'",
    "select record_id, '' from record_person where role = 'absent'",
];

impl Facts {
    /// Of an SQLite file, once the engine has found nothing wrong with it.
    pub fn lite(file: &std::path::Path) -> Facts {
        let conn = rusqlite::Connection::open(file).unwrap();
        let sound: String = conn.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        assert!(conn.prepare("pragma foreign_key_check").unwrap().query([]).unwrap().next().unwrap().is_none());
        Facts::of(|sql| {
            let mut statement = conn.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        })
    }

    /// Of a PostgreSQL database.
    pub fn post(url: &str) -> Facts {
        let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
        Facts::of(|sql| {
            let sql = sql.replace("select 0,", "select 0::bigint,");
            client.query(&sql, &[]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
        })
    }

    fn of(mut rows: impl FnMut(&str) -> Vec<(i64, String)>) -> Facts {
        let [records, outcomes, audited, absent] = SELECTS.map(&mut rows);
        let ids = |rows: Vec<(i64, String)>| rows.into_iter().map(|(id, _)| id).collect();
        let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        Facts { records, outcomes, audited: ids(audited), absent: ids(absent) }
    }

    /// Everything acknowledged is there, nothing is there twice, and each record has its operation, its absence and
    /// its row of the audit: nothing is half done.
    pub fn hold(&self, sum: &Sum) {
        let known: HashMap<&str, String> =
            self.records.iter().map(|(id, topic)| (topic.as_str(), format!("/units/3/records/{id}"))).collect();
        assert_eq!(known.len(), self.records.len(), "a form sent again acted twice");
        let lost: Vec<_> =
            sum.acknowledged.iter().filter(|(topic, to)| known.get(topic.as_str()) != Some(to)).collect();
        assert!(lost.is_empty(), "{} acknowledged and lost: {:?}", lost.len(), lost.first());
        let addresses: HashSet<String> = known.into_values().collect();
        assert!(addresses == self.outcomes, "{} records, {} operations", addresses.len(), self.outcomes.len());
        let mut ids: Vec<i64> = self.records.iter().map(|(id, _)| *id).collect();
        for mut others in [self.audited.clone(), self.absent.clone()] {
            ids.sort_unstable();
            others.sort_unstable();
            assert!(ids == others, "{} records of {} half done", ids.len().abs_diff(others.len()), ids.len());
        }
    }
}
