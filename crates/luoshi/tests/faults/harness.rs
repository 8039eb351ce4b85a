//! The real program in a folder of its own, and a client that notices when an answer is cut off.

use crate::place;
use crate::shim::Shim;
use luoshi_rules::Pack;
use luoshi_store::{Db, Keys, new_id};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Whether all the counts are asked for: `full` for `make faults`, otherwise a few of each.
pub fn count(few: usize, full: usize) -> usize {
    if std::env::var("LUOSHI_FAULTS").is_ok_and(|asked| asked == "full") { full } else { few }
}

/// Tells what was survived: a line of the table that `make faults` prints.
pub fn tell(fault: &str, words: &str) {
    println!("{fault}\t{words}");
    let Ok(table) = std::env::var("LUOSHI_FAULTS_TABLE") else { return };
    let mut table = std::fs::OpenOptions::new().append(true).create(true).open(table).unwrap();
    table.write_all(format!("{fault}\t{words}\n").as_bytes()).unwrap();
}

/// A number below `most`, not a secret.
pub fn chance(most: u64) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) % most
}

/// A folder with a key and a small furnished installation, and a sign-in of the secretary of its first branch.
pub struct Room {
    pub folder: PathBuf,
    pub cookie: String,
    pub address: SocketAddr,
    /// where the facts are when not in the folder
    pub database: Option<String>,
    /// what the environment says besides
    pub environment: Vec<(String, String)>,
}

impl Room {
    /// In the folder for temporary files, on SQLite.
    pub fn new() -> Room {
        Room::at(std::env::temp_dir().join(format!("luoshi-fault-{}", new_id())), None)
    }

    /// In a folder, on SQLite there or on PostgreSQL elsewhere.
    pub fn at(folder: PathBuf, database: Option<String>) -> Room {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("luoshi.key"), [7; 32]).unwrap();
        let base = Pack::base(include_str!("../../../../packs/base.toml")).unwrap();
        let url = database.clone().unwrap_or_else(|| folder.join("luoshi.db").display().to_string());
        let db = Db::open(&url, Keys::new(&[7; 32])).unwrap();
        db.write(|tx| place::furnish(tx, &base)).unwrap();
        let cookie = db.write(|tx| place::cookie(tx, place::SECRETARY)).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Room { folder, cookie, address, database, environment: Vec::new() }
    }

    /// Where SQLite keeps the facts.
    pub fn file(&self) -> PathBuf {
        self.folder.join("luoshi.db")
    }

    /// Starts the program and waits until it answers.
    pub fn start(&self, shim: Option<&Shim>) -> Program {
        let program = self.launch(shim);
        let until = Instant::now() + Duration::from_secs(60);
        while ask(self.address, "GET", "/healthz", "", None).is_err() {
            assert!(Instant::now() < until, "the program does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
        program
    }

    /// Kills a running program and starts another on the same facts.
    pub fn start_over(&self, program: Program) -> Program {
        program.kill();
        self.start(None)
    }

    /// Starts the program.
    pub fn launch(&self, shim: Option<&Shim>) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(["serve", "--listen", &self.address.to_string(), "--data"]).arg(&self.folder);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command.env("LUOSHI_PACE", "0"); // writers here are faster than any hand
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        if let Some(shim) = shim {
            command.env("LD_PRELOAD", &shim.library).env("LUOSHI_SHIM", &shim.file);
        }
        Program(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// A page, signed in.
    pub fn get(&self, path: &str) -> io::Result<Answer> {
        ask(self.address, "GET", path, &self.cookie, None)
    }

    /// A form, signed in.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        ask(self.address, "POST", path, &self.cookie, Some(&body))
    }

    /// What forms of the session bear.
    pub fn csrf(&self) -> String {
        self.get("/units/3/records/new?kind=general-meeting").unwrap().hidden("csrf")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The running program.
pub struct Program(pub Child);

impl Program {
    /// SIGKILL.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// SIGTERM.
    pub fn tell_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the end: how it ended and what it said.
    pub fn end(mut self, patience: Duration) -> (ExitStatus, String) {
        let until = Instant::now() + patience;
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < until, "the program does not end"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status, said)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What came back, whole.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Answer {
    /// The value of a head.
    pub fn head(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// What the page complains of.
    pub fn complaint(&self) -> Option<&str> {
        let at = self.text.find("role=\"alert\"")?;
        self.text[at..].split("</div>").next()
    }

    /// The value of the first hidden field of this name.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&mark).unwrap_or_else(|| panic!("no {name} on {}", self.text)).1;
        rest.split('"').next().unwrap().to_owned()
    }
}

/// Asks over a connection of its own. An answer that is not whole is an error.
pub fn ask(to: SocketAddr, method: &str, path: &str, cookie: &str, body: Option<&str>) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let form = body.map_or(String::new(), |body| {
        format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", body.len())
    });
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncookie: {cookie}\r\n{form}\r\n");
    stream.write_all(format!("{head}{}", body.unwrap_or_default()).as_bytes())?;
    read(&mut stream)
}

/// Reads an answer up to the end of the connection.
pub fn read(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, format!("cut off after {} bytes", bytes.len()));
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let answer = Answer { status, head: head.to_owned(), text: body.to_owned() };
    let whole = match answer.head("content-length") {
        Some(length) => length == body.len().to_string(),
        None => answer.head("transfer-encoding").is_none() || body.ends_with("0\r\n\r\n"),
    };
    if whole { Ok(answer) } else { Err(cut()) }
}
