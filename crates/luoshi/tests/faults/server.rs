//! F5: the database server restarts, or hands over to its synchronous standby, while people write.

use crate::harness::{Room, chance, count, tell};
use crate::writers::{Facts, Writers};
use luoshi_store::new_id;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A PostgreSQL server of our own, that may be hurt.
pub struct Server {
    folder: PathBuf,
    port: u16,
}

/// Where the programs of the newest PostgreSQL are.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    found.pop().map_or(PathBuf::new(), |(_, folder)| folder)
}

/// Runs one of its programs as somebody who is not root, which the server asks for.
fn run(program: &str, args: &[&str]) {
    assert!(attempt(program, args), "{program} {args:?}");
}

fn attempt(program: &str, args: &[&str]) -> bool {
    let program = programs().join(program).display().to_string();
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut words: Vec<&str> = if root { vec!["runuser", "-u", "postgres", "--"] } else { Vec::new() };
    words.push(&program);
    words.extend(args);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("PostgreSQL: make tools").success()
}

fn room_for(what: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("luoshi-{what}-{}", new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    let _ = Command::new("chown").arg("postgres").arg(&folder).stderr(Stdio::null()).status();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Server {
    /// Makes and starts one.
    pub fn new() -> Server {
        let folder = room_for("server");
        let data = folder.join("data");
        run(
            "initdb",
            &["-D", text(&data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        );
        let server = Server::on_a_free_port(folder);
        server.start();
        server.ask("create database luoshi", "postgres");
        server
    }

    /// A standby of this server that has everything before a commit is told.
    fn standby(&self) -> Server {
        let folder = room_for("standby");
        let (data, port) = (folder.join("data"), self.port.to_string());
        run(
            "pg_basebackup",
            &["-D", text(&data), "-R", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-c", "fast"],
        );
        let standby = Server::on_a_free_port(folder);
        standby.start();
        self.ask("alter system set synchronous_standby_names = '*'", "postgres");
        self.ask("select pg_reload_conf()", "postgres");
        let until = Instant::now() + Duration::from_secs(30);
        while self.count("select count(*) from pg_stat_replication where sync_state = 'sync'") == 0 {
            assert!(Instant::now() < until, "the standby does not follow");
            std::thread::sleep(Duration::from_millis(20));
        }
        standby
    }

    fn on_a_free_port(folder: PathBuf) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Server { folder, port }
    }

    fn start(&self) {
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        let sockets = text(&self.folder);
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={sockets}", self.port);
        run("pg_ctl", &["-D", text(&data), "-w", "-t", "60", "-l", text(&log), "-o", &options, "start"]);
    }

    /// Stops it: `fast`, or `immediate` as if the machine had failed.
    fn stop(&self, mode: &str) {
        run("pg_ctl", &["-D", text(&self.folder.join("data")), "-w", "-m", mode, "stop"]);
    }

    fn promote(&self) {
        run("pg_ctl", &["-D", text(&self.folder.join("data")), "-w", "promote"]);
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements.
    pub fn ask(&self, sql: &str, database: &str) {
        postgres::Client::connect(&self.url(database), postgres::NoTls).unwrap().batch_execute(sql).unwrap();
    }

    fn count(&self, sql: &str) -> i64 {
        let mut client = postgres::Client::connect(&self.url("postgres"), postgres::NoTls).unwrap();
        client.query_one(sql, &[]).unwrap().get(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        attempt("pg_ctl", &["-D", text(&data), "-m", "immediate", "stop"]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How long after a moment somebody is answered again.
fn first_answer(writers: &Writers, since: Instant) -> Duration {
    let (then, until) = (writers.acknowledged(), Instant::now() + Duration::from_secs(30));
    while writers.acknowledged() == then {
        assert!(Instant::now() < until, "nobody is answered any more");
        std::thread::sleep(Duration::from_millis(5));
    }
    since.elapsed()
}

#[test]
fn f5_nothing_acknowledged_is_lost_when_the_database_server_restarts() {
    let server = Server::new();
    let room = Room::at(std::env::temp_dir().join(format!("luoshi-fault-{}", new_id())), Some(server.url("luoshi")));
    let program = room.start(None);
    let (writers, restarts, mut gap) = (Writers::start(&room, 8), count(3, 50), Duration::ZERO);
    for turn in 0..restarts {
        std::thread::sleep(Duration::from_millis(200 + chance(300)));
        server.stop(if turn % 2 == 0 { "immediate" } else { "fast" });
        server.start();
        gap = gap.max(first_answer(&writers, Instant::now()));
    }
    let sum = writers.finish();
    program.kill();
    Facts::post(&server.url("luoshi")).hold(&sum);
    assert!(gap < Duration::from_secs(5), "{gap:?} until the first answer");
    let words = format!(
        "{restarts} restarts under 8 writers: {} acknowledged, 0 lost, 0 done twice; {} told to come back; first answer {gap:.2?} \
         after the server is up at the latest; longest wait of anyone, outage included, {:.1?}",
        sum.acknowledged.len(),
        sum.refused,
        sum.longest
    );
    tell("F5 PostgreSQL restarts", &words);
}

#[test]
fn f5_nothing_acknowledged_is_lost_when_the_standby_takes_over() {
    let (rounds, mut acknowledged, mut gap) = (count(1, 5), 0, Duration::ZERO);
    for _ in 0..rounds {
        let first = Server::new();
        let (folder, second) = (std::env::temp_dir().join(format!("luoshi-fault-{}", new_id())), first.standby());
        let both = format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}", first.port, second.port);
        let room = Room::at(folder, Some(format!("{both}/luoshi?target_session_attrs=read-write")));
        let program = room.start(None);
        let writers = Writers::start(&room, 8);
        std::thread::sleep(Duration::from_millis(1_000 + chance(1_000)));
        let failed = Instant::now();
        first.stop("immediate");
        second.promote();
        gap = gap.max(first_answer(&writers, failed));
        std::thread::sleep(Duration::from_millis(500));
        let sum = writers.finish();
        program.kill();
        Facts::post(&second.url("luoshi")).hold(&sum);
        acknowledged += sum.acknowledged.len();
    }
    assert!(gap < Duration::from_secs(5), "{gap:?} from the failure until the first answer");
    let words = format!(
        "{rounds} times under 8 writers: {acknowledged} acknowledged, 0 lost; first answer {gap:.2?} after the failure \
         at the latest"
    );
    tell("F5 fail-over to a standby", &words);
}

#[test]
fn a_database_across_a_network_is_reached_by_tls_and_only_by_whom_we_believe() {
    let server = Server::new();
    let certificates = server.folder.join("certificates");
    crate::place::certificates(&certificates);
    let data = server.folder.join("data");
    for name in ["server.pem", "server.key"] {
        std::fs::copy(certificates.join(name), data.join(name)).unwrap();
        let _ = Command::new("chown").arg("postgres").arg(data.join(name)).stderr(Stdio::null()).status();
    }
    server.ask("alter system set ssl_cert_file = 'server.pem'", "postgres");
    server.ask("alter system set ssl_key_file = 'server.key'", "postgres");
    server.ask("alter system set ssl = on", "postgres");
    std::fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
    server.stop("fast");
    server.start();
    let list = |question: &str, authority: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(["user", "--database", &(server.url("luoshi") + question), "--data"]).arg(&server.folder);
        command.arg("list").env("SSL_CERT_FILE", authority).output().unwrap()
    };
    let ours = certificates.join("authority.pem");
    let done = list("?sslmode=require", &ours);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(!list("", &ours).status.success(), "this server takes nobody without TLS");
    let done = list("?sslmode=require", &certificates.join("server.pem"));
    assert!(!done.status.success(), "a certificate by an authority that nobody trusts");
}

#[test]
fn the_password_of_the_database_stands_in_a_file_and_changes_while_the_program_runs_or_there_is_none() {
    let server = Server::new();
    server.ask("create role luoshi login password 'the first'", "postgres");
    server.ask("create database facts owner luoshi", "postgres");
    let data = server.folder.join("data");
    let me = Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8(me).unwrap().trim().to_owned();
    let rules = "local all luoshi peer map=program\nhost all postgres 127.0.0.1/32 trust\nhost all luoshi 127.0.0.1/32 scram-sha-256\n";
    std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
    std::fs::write(data.join("pg_ident.conf"), format!("program {me} luoshi\n")).unwrap();
    server.ask("select pg_reload_conf()", "postgres");
    let file = server.folder.join("password");
    let own = |question: &str| format!("postgres://luoshi@127.0.0.1:{}/facts{question}", server.port);
    let named = own(&format!("?passwordfile={}&connect_timeout=5", file.display()));
    let open = |url: &str| luoshi_store::Db::open(url, luoshi_store::Keys::new(&[7; 32]));
    std::fs::write(&file, "the wrong one\n").unwrap();
    assert!(open(&own("")).is_err() && open(&named).is_err());
    std::fs::write(&file, "the first\n").unwrap();
    let db = open(&named).unwrap();
    assert!(!db.read(luoshi_store::account::any).unwrap());
    // somebody changes it, and every connection there is ends
    server.ask("alter role luoshi password 'the second'", "postgres");
    std::fs::write(&file, "the second\n").unwrap();
    server.ask("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'luoshi'", "postgres");
    assert!(!db.read(luoshi_store::account::any).unwrap(), "nobody has to start it again");
    // and by the socket without any
    let socket = format!("postgres://luoshi@/facts?host={}&port={}", server.folder.display(), server.port);
    assert!(!open(&socket).unwrap().read(luoshi_store::account::any).unwrap());
}
