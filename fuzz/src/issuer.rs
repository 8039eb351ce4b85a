//! What an issuer of single sign-on answers, over a real connection. The first byte says which of its answers is
//! anything; the others are as they should be.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use luoshi_gateway::Trust;
use luoshi_gateway::oidc::{Asked, Issuer, Wish};
use serde_json::json;
use std::sync::{LazyLock, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// Which answer is anything, and how it reads.
static SAID: Mutex<(u8, Vec<u8>)> = Mutex::new((0, Vec::new()));

/// A runtime, and the address at which the issuer listens.
static SERVER: LazyLock<(Runtime, String, Trust)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let name = address.clone();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let name = name.clone();
            tokio::spawn(async move { drop(answer(stream, &name).await) });
        }
    });
    (runtime, address, Trust::new(None).expect("certificates"))
});

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    *SAID.lock().expect("one at a time") = (which % 6, rest.to_vec());
    let (runtime, address, trust) = &*SERVER;
    let wish = Wish {
        issuer: address.clone(),
        client: "luoshi".into(),
        secret: "secret".into(),
        claim: "code".into(),
        scope: "openid".into(),
        algorithm: Algorithm::ES256,
        second: vec!["mfa".into()],
    };
    let issuer = Issuer::new(wish, trust.clone()).expect("a safe address");
    let [state, nonce, verifier, back] = ["state", "nonce", "verifier", "http://localhost/back"].map(str::to_owned);
    let asked = Asked { state, nonce, verifier, back };
    let who = runtime.block_on(async {
        drop(issuer.address(&asked).await);
        issuer.who("code", &asked).await
    });
    assert!(who.is_err(), "nobody is believed without a signature");
}

/// One answer on one connection.
async fn answer(mut stream: TcpStream, name: &str) -> std::io::Result<()> {
    let mut room = vec![0; 8_192];
    let got = stream.read(&mut room).await?;
    let head = String::from_utf8_lossy(room.get(..got).unwrap_or_default()).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (which, bytes) = SAID.lock().expect("one at a time").clone();
    let usual = match path {
        "/token" => {
            let part = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
            let header = br#"{"alg":"ES256","kid":"one"}"#.as_slice();
            let (header, claims) =
                if which == 5 { (bytes.as_slice(), b"{}".as_slice()) } else { (header, bytes.as_slice()) };
            json!({ "id_token": format!("{}.{}.c2ln", part(header), part(claims)), "access_token": "a" })
        }
        "/keys" => json!({ "keys": [] }),
        _ => json!({
            "issuer": name, "authorization_endpoint": format!("{name}/authorise"),
            "token_endpoint": format!("{name}/token"), "jwks_uri": format!("{name}/keys"),
        }),
    };
    let anything =
        matches!((which, path), (1, "/token") | (2, "/keys")) || (which == 3 && path.starts_with("/.well-known"));
    let body = if anything { bytes.clone() } else { usual.to_string().into_bytes() };
    if which == 0 {
        stream.write_all(&bytes).await?; // no HTTP at all
    } else {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
    }
    stream.shutdown().await
}
