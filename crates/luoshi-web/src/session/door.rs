//! Before a passphrase is compared: a limit on wrong tries, and a short queue before the hashers, so that a storm of
//! sign-ins slows nobody's pages.

use crate::app::{App, hold};
use crate::trouble::Trouble;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use luoshi_store::secret;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Passphrases hashed at once: each takes a core and 19 MB for a while.
const HASHERS: usize = 2;
/// Who may wait for a hasher, beside those at it.
const QUEUE: usize = 100;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(3);
/// Wrong tries of one sign-in name in a minute.
const OF_A_NAME: u32 = 10;
/// Wrong tries from one address in a minute: a whole office may share one.
const OF_AN_ADDRESS: u32 = 60;
/// Names and addresses remembered at once.
const REMEMBERED: usize = 20_000;
const MINUTE: Duration = Duration::from_secs(60);

/// The queue and the wrong tries of the last minute. Time is that of the machine since it started, which no change of
/// the clock touches.
pub(crate) struct Door {
    hashers: Semaphore,
    queue: Semaphore,
    wrong: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Default for Door {
    fn default() -> Door {
        let (hashers, queue) = (Semaphore::new(HASHERS), Semaphore::new(HASHERS + QUEUE));
        Door { hashers, queue, wrong: Mutex::default() }
    }
}

impl Door {
    /// Counts a try as wrong before anything is compared; refuses it when there were too many within a minute.
    pub fn knock(&self, login: &str, from: &From) -> Result<(), Trouble> {
        let mut wrong = hold(&self.wrong);
        if wrong.len() >= REMEMBERED {
            wrong.retain(|_, (since, _)| since.elapsed() < MINUTE);
        }
        for (key, most) in keys(login, from) {
            let (since, count) = wrong.entry(key).or_insert((Instant::now(), 0));
            if since.elapsed() >= MINUTE {
                (*since, *count) = (Instant::now(), 0);
            }
            if *count >= most {
                return Err(Trouble::Often);
            }
            *count += 1;
        }
        Ok(())
    }

    /// The try was right after all.
    pub fn right(&self, login: &str, from: &From) {
        let mut wrong = hold(&self.wrong);
        for (key, _) in keys(login, from) {
            if let Some((_, count)) = wrong.get_mut(&key) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

/// What is counted, and how many are too many. Sign-in names are not kept as they are.
fn keys(login: &str, from: &From) -> impl Iterator<Item = (String, u32)> {
    let name = secret::digest(format!("name:{}", login.trim().to_lowercase()).as_bytes());
    [Some((name, OF_A_NAME)), from.0.clone().map(|from| (from, OF_AN_ADDRESS))].into_iter().flatten()
}

impl App {
    /// Work with a hasher, off the asynchronous threads.
    async fn hasher<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
        let door = self.door();
        let _waiting = door.queue.try_acquire().map_err(|_| Trouble::Busy)?;
        let turn = tokio::time::timeout(PATIENCE, door.hashers.acquire()).await;
        let _turn = turn.map_err(|_| Trouble::Busy)?.map_err(Trouble::broken)?;
        tokio::task::spawn_blocking(work).await.map_err(Trouble::broken)
    }

    /// Hashes a passphrase when it is its turn.
    pub(crate) async fn hash(&self, word: String) -> Result<String, Trouble> {
        Ok(self.hasher(move || secret::hash(&word)).await??)
    }

    /// Compares a passphrase when it is its turn.
    pub(crate) async fn is_right(&self, word: String, hash: String) -> Result<bool, Trouble> {
        self.hasher(move || secret::matches(&word, &hash)).await
    }
}

/// The address a request came from, as far as it is known: behind a proxy, what the proxy says.
pub(crate) struct From(Option<String>);

impl FromRequestParts<App> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<From, Infallible> {
        let said = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let said = said.and_then(|all| all.rsplit(',').next()).map(|last| last.trim().to_owned());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        Ok(From(said.filter(|_| app.setup().secure).or(peer).as_deref().map(counted)))
    }
}

/// What tries are counted under: an address, or of IPv6 its network, since a machine there has as many as it likes.
fn counted(said: &str) -> String {
    match said.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(six)) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(four) => four.to_string(),
        Err(_) => said.chars().take(64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_run_out_by_name_and_by_address_and_right_ones_do_not() {
        let (door, office) = (Door::default(), From(Some("192.0.2.1".into())));
        for _ in 0..1_000 {
            door.knock("zhang", &office).unwrap();
            door.right("zhang", &office);
        }
        for _ in 0..OF_A_NAME {
            door.knock("zhang", &office).unwrap();
        }
        assert!(matches!(door.knock("ZHANG ", &office), Err(Trouble::Often)));
        let others = (0..100).filter(|n| door.knock(&format!("user{n}"), &office).is_ok()).count();
        assert!((40..60).contains(&others), "{others} of the same office");
        assert!(door.knock("user1", &From(Some("192.0.2.2".into()))).is_ok(), "another office");
    }

    #[test]
    fn a_machine_that_has_a_whole_network_of_addresses_counts_as_one() {
        let network = "2001:db8:1:2::/64";
        assert_eq!((counted("2001:db8:1:2::1").as_str(), counted("2001:DB8:1:2:ffff::7").as_str()), (network, network));
        assert_ne!(counted("2001:db8:1:3::1"), network);
        assert_eq!(counted("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!((counted("192.0.2.1:4711").as_str(), counted(&"x".repeat(9_999)).len()), ("192.0.2.1:4711", 64));
    }
}
