//! The door: lets connections in, gives each a time to say what it wants, and closes without cutting anybody off.
//!
//! A listener that is simply dropped resets whoever has connected and not yet been let in: they would see their
//! request cut off. So those who are already waiting are let in before the door closes; afterwards new connections are
//! refused, which every proxy and browser understands. Who sends the head of a request drop by drop is shown out.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// Nobody came for so long: nobody is waiting.
const QUIET: Duration = Duration::from_millis(20);
/// Who was let in before the door closed has this long to begin to speak.
const WORD: Duration = Duration::from_millis(300);
/// The door closes after this time even though they keep coming.
const LAST: Duration = Duration::from_secs(1);
/// How long the head of a request may take, and a connection may be idle between two requests.
const HEAD: Duration = Duration::from_secs(10);
/// Bytes of the head of a request.
const LARGEST: usize = 64 << 10;
/// Connections at once; more wait outside.
const ROOM: usize = 4_000;

/// Serves until `told` to stop and everybody inside has their answer.
pub async fn serve(listener: TcpListener, router: Router, told: impl Future<Output = ()>) {
    let (close, closing) = watch::channel(false);
    let (inside, mut last_one) = mpsc::channel::<()>(1);
    let (room, mut told, mut until) = (Arc::new(Semaphore::new(ROOM)), pin!(told), None);
    loop {
        let came = match until {
            None => tokio::select! {
                biased;
                () = &mut told => {
                    until = Some(Instant::now() + LAST);
                    continue;
                }
                came = listener.accept() => came,
            },
            Some(until) if Instant::now() < until => match timeout(QUIET, listener.accept()).await {
                Ok(came) => came,
                Err(_) => break,
            },
            Some(_) => break,
        };
        match came {
            Ok((stream, peer)) => {
                let place = room.clone().acquire_owned().await;
                let (router, closing, inside) = (router.clone(), closing.clone(), inside.clone());
                tokio::spawn(async move {
                    answer((stream, peer), router, closing).await;
                    drop((place, inside));
                });
            }
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                sleep(QUIET).await; // too many open files: some will close
            }
        }
    }
    drop((listener, inside));
    let _ = close.send(true);
    let _ = last_one.recv().await; // resolves when the last one inside has dropped its end
}

/// Answers what comes over one connection; when the door closes, the request under way is the last.
async fn answer((stream, peer): (TcpStream, SocketAddr), router: Router, mut closing: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_header_size(LARGEST);
    // told with each request: a layer would be put around every route anew for each who connects
    let routes = TowerToHyperService::new(router);
    let told = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.call(request)
    });
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), told));
    tokio::select! {
        _ = served.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => {}
    }
    // who was let in last may not have said yet what they want
    if timeout(WORD, served.as_mut()).await.is_ok() {
        return;
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await; // who breaks off is told nothing
}
