//! The door: lets connections in until it is told to close, then lets in those who are already waiting before it does.
//!
//! A listener that is simply dropped resets whoever has connected and not yet been let in: they would see their
//! request cut off. New connections are refused afterwards, which every proxy and browser understands.

use axum::serve::Listener;
use std::future::{Future, pending};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Nobody came for so long: nobody is waiting.
const QUIET: Duration = Duration::from_millis(20);
/// The door closes after this time even though they keep coming.
const LAST: Duration = Duration::from_secs(1);

/// A listener that empties its queue before it closes.
pub struct Door {
    listener: TcpListener,
    told: Pin<Box<dyn Future<Output = ()> + Send>>,
    closes: Option<Instant>,
    closed: Option<oneshot::Sender<()>>,
}

impl Door {
    /// A door that closes when it is `told` to, and what resolves once it has closed.
    pub fn new(
        listener: TcpListener,
        told: impl Future<Output = ()> + Send + 'static,
    ) -> (Door, impl Future<Output = ()> + Send + 'static) {
        let (closed, closing) = oneshot::channel();
        let door = Door { listener, told: Box::pin(told), closes: None, closed: Some(closed) };
        (door, async { drop(closing.await) })
    }

    /// The next one who waits, or nobody.
    async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        let came = match self.closes {
            Some(last) if Instant::now() < last => timeout(QUIET, self.listener.accept()).await.ok()?,
            Some(last) => timeout_at(last, self.listener.accept()).await.ok()?,
            None => tokio::select! {
                biased;
                () = &mut self.told => {
                    self.closes = Some(Instant::now() + LAST);
                    return Box::pin(self.next()).await;
                }
                came = self.listener.accept() => came,
            },
        };
        match came {
            Ok(came) => Some(came),
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                sleep(QUIET).await; // too many open files: some will close
                Box::pin(self.next()).await
            }
        }
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        match self.next().await {
            Some(came) => came,
            None => {
                drop(self.closed.take());
                pending().await
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
