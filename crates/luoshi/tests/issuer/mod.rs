//! An issuer of single sign-on for tests: the npm package oidc-provider, which `make tools` installs, in a process of
//! its own on loopback. `issuer.mjs` says what it does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an issuer that does not start is a failed test")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running issuer, ended when dropped.
pub struct Provider {
    child: Child,
    /// its name and address
    pub issuer: String,
}

impl Provider {
    /// Starts one that sends browsers back to this address; over HTTPS when a folder with certificates is named.
    pub fn start(back: &str, certificates: Option<&Path>) -> Provider {
        let room = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/issuer"));
        assert!(room.join("node_modules/oidc-provider").exists(), "oidc-provider is missing: run `make tools`");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/issuer/issuer.mjs");
        let copy = room.join(format!("issuer-{}.mjs", luoshi_store::new_id()));
        std::fs::copy(script, &copy).unwrap(); // packages are found beside the script
        let mut node = Command::new("node");
        node.arg(&copy).arg(back);
        if let Some(folder) = certificates {
            node.arg(folder.join("server.pem")).arg(folder.join("server.key"));
        }
        let mut child = node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node is missing");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = lines.map(Result::unwrap).find(|line| line.starts_with("http")).expect("the issuer did not start");
        std::fs::remove_file(copy).unwrap();
        Provider { child, issuer }
    }

    /// Ends it before its time.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.end();
    }
}
