//! Servers for tests, npm packages that `make tools` installs, each in a process of its own on loopback: an issuer of
//! single sign-on (oidc-provider) and a store of files (s3rver). The scripts beside this file say what they do.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "a server that does not start is a failed test")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server, ended when dropped.
pub struct Server {
    child: Child,
    /// where it is; an issuer's is its name too
    pub address: String,
}

impl Server {
    /// An issuer that sends browsers back to this address; over HTTPS when a folder with certificates is named.
    pub fn issuer(back: &str, certificates: Option<&Path>) -> Server {
        let mut words = vec![back.into()];
        words
            .extend(certificates.into_iter().flat_map(|folder| [folder.join("server.pem"), folder.join("server.key")]));
        Server::start("issuer.mjs", &words)
    }

    /// A store with a bucket `luoshi` in a folder, for the key `S3RVER` with the secret `S3RVER`.
    pub fn store(folder: &Path) -> Server {
        Server::start("store.mjs", &[folder.to_owned()])
    }

    fn start(script: &str, words: &[impl AsRef<OsStr>]) -> Server {
        let room = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/servers"));
        assert!(room.join("installed.json").exists(), "the servers for tests are missing: run `make tools`");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(script);
        let copy = room.join(format!("{}-{script}", luoshi_store::new_id()));
        std::fs::copy(from, &copy).unwrap(); // packages are found beside the script
        let mut node = Command::new("node");
        node.arg("--openssl-legacy-provider"); // s3rver marks the pages of a list with a cipher of old
        node.arg(&copy).args(words).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().expect("node is missing");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map(Result::unwrap).find(|line| line.starts_with("http"));
        std::fs::remove_file(copy).unwrap();
        Server { child, address: address.expect("the server did not start") }
    }

    /// Ends it before its time.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
