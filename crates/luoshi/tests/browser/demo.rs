//! The demonstration department, served by the program itself for as long as a test lasts.
#![allow(clippy::unwrap_used, reason = "a demonstration that does not start is a failed test")]

use crate::built::{self, Built};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A demonstration of its own, ended and removed when dropped.
pub struct Demo {
    child: Child,
    folder: PathBuf,
    /// where it serves, ending with a slash
    pub url: String,
}

impl Demo {
    /// Serves it on a free port.
    pub fn start() -> Demo {
        Demo::called("127.0.0.1", |_, _| Vec::new())
    }

    /// That of the province.
    pub fn of_the_province() -> Demo {
        Demo::copied(Built::Province, "127.0.0.1", |_, _| Vec::new())
    }

    /// The same under a name: browsers bind passkeys to names and not to numbers.
    pub fn at_localhost() -> Demo {
        Demo::called("localhost", |_, _| Vec::new())
    }

    /// The same, asking for a second factor as an installation does.
    pub fn with_second_factor() -> Demo {
        Demo::called("127.0.0.1", |_, _| vec!["--second-factor".into()])
    }

    /// The same with single sign-on, by an issuer that is started once the address is known.
    pub fn with_issuer(issuer: impl FnOnce(&str) -> String) -> Demo {
        Demo::called("localhost", |url, folder| {
            let secret = folder.join("secret-of-the-issuer");
            std::fs::write(&secret, "a secret & more").unwrap();
            let issuer = format!("--oidc-issuer={}", issuer(url));
            let secret = format!("--oidc-secret-file={}", secret.display());
            vec![issuer, secret, "--oidc-client=luoshi".into(), "--oidc-claim=staff".into()]
        })
    }

    /// A one-time link for an account, as the operator makes it: its path.
    pub fn invite(&self, login: &str) -> String {
        let mut said = String::new();
        // the server that has just started counts its figures, and writes for a while
        for _ in 0..10 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
            let command = command.args(["user", "--demo", "--data"]).arg(&self.folder).args(["invite", login]);
            let made = command.output().unwrap();
            said = String::from_utf8_lossy(&[made.stdout, made.stderr].concat()).into_owned();
            if let Some(path) = said.split_whitespace().find(|word| word.starts_with("/join")) {
                return path.to_owned();
            }
            std::thread::sleep(std::time::Duration::from_secs(2));
        }
        panic!("no link: {said}");
    }

    fn called(host: &str, more: impl FnOnce(&str, &Path) -> Vec<String>) -> Demo {
        Demo::copied(Built::Department, host, more)
    }

    fn copied(which: Built, host: &str, more: impl FnOnce(&str, &Path) -> Vec<String>) -> Demo {
        let folder = std::env::temp_dir().join(format!("luoshi-demo-{}", luoshi_store::new_id()));
        built::copy(which, &folder);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (address, url) = (format!("127.0.0.1:{port}"), format!("http://{host}:{port}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_luoshi"))
            .args(["demo", "--listen", &address, "--origin", &url, "--data"])
            .arg(&folder)
            .args(which.options())
            .args(more(&url, &folder))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("http://")), "the demonstration does not start");
        // the address is printed just before it listens
        for _ in 0..100 {
            if std::net::TcpStream::connect(&address).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Demo { child, folder, url: format!("{url}/") }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
