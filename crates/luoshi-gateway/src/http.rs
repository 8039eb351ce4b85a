//! One question over HTTPS, one answer: no redirects, no proxies, a size and a time that end it.

use crate::{Fault, Trust};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// How long words and their answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that is words.
const WORDS: usize = 1 << 20;

/// What is asked.
pub(crate) struct Question<'a> {
    pub method: Method,
    pub address: &'a str,
    /// the head of that name; none when empty
    pub authorization: &'a str,
    /// the type of the body; none when empty
    pub kind: &'static str,
    pub body: Vec<u8>,
    /// bytes of the answer, at most
    pub largest: usize,
    /// how long the question and its answer may take
    pub patience: Duration,
}

/// Whether an address is one we ask: https, or http on this machine.
pub(crate) fn is_safe(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let here = matches!(uri.host(), Some("localhost" | "127.0.0.1"));
    match uri.scheme_str() {
        Some("https") => uri.host().is_some_and(|host| !host.is_empty()),
        Some("http") => here,
        _ => false,
    }
}

/// Reads what is at an address; the head `authorization` when there is one.
pub(crate) async fn get(trust: &Trust, address: &str, authorization: &str) -> Result<(u16, Vec<u8>), Fault> {
    words(trust, (Method::GET, address), authorization, ("", Vec::new())).await
}

/// Sends a form.
pub(crate) async fn post(
    trust: &Trust,
    address: &str,
    authorization: &str,
    form: String,
) -> Result<(u16, Vec<u8>), Fault> {
    let body = ("application/x-www-form-urlencoded", form.into_bytes());
    words(trust, (Method::POST, address), authorization, body).await
}

async fn words(
    trust: &Trust,
    (method, address): (Method, &str),
    authorization: &str,
    (kind, body): (&'static str, Vec<u8>),
) -> Result<(u16, Vec<u8>), Fault> {
    ask(trust, Question { method, address, authorization, kind, body, largest: WORDS, patience: PATIENCE }).await
}

/// Asks once.
pub(crate) async fn ask(trust: &Trust, question: Question<'_>) -> Result<(u16, Vec<u8>), Fault> {
    let Question { method, address, authorization, kind, body, largest, patience } = question;
    if !is_safe(address) {
        return Err(Fault::Wrong(format!("{address}: https is expected (http on this machine)")));
    }
    let uri: Uri = address.parse().map_err(Fault::wrong)?;
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    let path = uri.path_and_query().map_or("/".to_owned(), ToString::to_string);
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.uri_mut() = path.parse().map_err(Fault::wrong)?;
    let heads = request.headers_mut();
    heads.insert(header::HOST, HeaderValue::from_str(&host).map_err(Fault::wrong)?);
    if largest == WORDS {
        heads.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    if !kind.is_empty() {
        heads.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if !authorization.is_empty() {
        heads.insert(header::AUTHORIZATION, HeaderValue::from_str(authorization).map_err(Fault::wrong)?);
    }
    *request.method_mut() = method;
    let asked = timeout(patience, send(trust, &uri, request, largest)).await;
    asked.map_err(|_| Fault::Away(format!("{host}: no answer within {} s", patience.as_secs())))?
}

async fn send(
    trust: &Trust,
    uri: &Uri,
    request: Request<Full<Bytes>>,
    largest: usize,
) -> Result<(u16, Vec<u8>), Fault> {
    let secure = uri.scheme_str() == Some("https");
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let told = |error: std::io::Error| Fault::Away(format!("{host}: {error}"));
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(told)?;
    if !secure {
        return talk(stream, request, largest).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(Fault::wrong)?;
    let stream = TlsConnector::from(trust.config()).connect(name, stream).await.map_err(told)?;
    talk(stream, request, largest).await
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>, largest: usize) -> Result<(u16, Vec<u8>), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(Fault::away)?;
    let driver = tokio::spawn(connection);
    let answered = async {
        let answer = sender.send_request(request).await.map_err(Fault::away)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), largest).collect().await.map_err(Fault::wrong)?;
        Ok((status, body.to_bytes().to_vec()))
    }
    .await;
    driver.abort();
    answered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked_or_this_machine() {
        for address in ["https://id.example.org/x", "http://localhost:1/x", "http://127.0.0.1/x"] {
            assert!(is_safe(address), "{address}");
        }
        for address in ["http://id.example.org", "ftp://localhost", "//id.example.org", "", "http://localhost.evil.org"]
        {
            assert!(!is_safe(address), "{address}");
        }
    }
}
