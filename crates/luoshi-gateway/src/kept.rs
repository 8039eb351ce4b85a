//! What another server said, kept for a while. Many who ask at once read it once; while it does not answer, they are
//! told so at once instead of waiting in line.

use crate::Fault;
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a server that did not answer is left alone.
const ALONE: Duration = Duration::from_secs(5);

/// What another server said.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    said: Option<(Instant, T)>,
    silent: Option<Instant>,
}

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept(Mutex::new(State { said: None, silent: None }))
    }
}

impl<T: Clone> Kept<T> {
    /// What was said, if its age and it serve; otherwise what is read now.
    pub async fn get(
        &self,
        serves: impl Fn(Duration, &T) -> bool,
        read: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut state = self.0.lock().await;
        if let Some((_, said)) = state.said.as_ref().filter(|(at, said)| serves(at.elapsed(), said)) {
            return Ok(said.clone());
        }
        if state.silent.is_some_and(|at| at.elapsed() < ALONE) {
            return Err(Fault::Away("it did not answer a moment ago".into()));
        }
        let read = read.await;
        state.silent = matches!(read, Err(Fault::Away(_))).then(Instant::now);
        if let Ok(said) = &read {
            state.said = Some((Instant::now(), said.clone()));
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_said_is_read_once_and_a_silent_server_is_left_alone() {
        let kept = Kept::default();
        let young = |age: Duration, _: &i32| age < Duration::from_secs(60);
        assert_eq!(kept.get(young, async { Ok(1) }).await.unwrap(), 1);
        assert_eq!(kept.get(young, async { panic!("asked again") }).await.unwrap(), 1);
        let never = |_: Duration, _: &i32| false;
        assert_eq!(kept.get(never, async { Ok(2) }).await.unwrap(), 2);
        let away = kept.get(never, async { Err(Fault::Away("x".into())) }).await;
        assert!(matches!(away, Err(Fault::Away(_))));
        let alone = kept.get(never, async { panic!("asked again") }).await;
        assert!(matches!(alone, Err(Fault::Away(_))));
        assert_eq!(kept.get(young, async { Ok(3) }).await.unwrap(), 2, "what was said before still serves");
        let wrong = Kept::<i32>::default();
        assert!(matches!(wrong.get(never, async { Err(Fault::Wrong("x".into())) }).await, Err(Fault::Wrong(_))));
        assert_eq!(wrong.get(never, async { Ok(4) }).await.unwrap(), 4, "who answers wrongly is asked again");
    }
}
