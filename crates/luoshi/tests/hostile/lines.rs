//! Hostile connections to the real program: slow ones, huge ones, split ones.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program on a port of its own, ended when dropped.
struct Program(Child, std::path::PathBuf);

impl Program {
    fn start() -> (Program, SocketAddr) {
        let folder = std::env::temp_dir().join(format!("luoshi-lines-{}", luoshi_store::new_id()));
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(["serve", "--listen", &address.to_string(), "--data"]).arg(&folder).stdout(Stdio::null());
        let program = Program(command.spawn().unwrap(), folder);
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until);
            std::thread::sleep(Duration::from_millis(10));
        }
        (program, address)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

/// Sends bytes and reads until the other side closes; the status, or nothing when it just closed.
fn send(address: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).get(9..12).and_then(|status| status.parse().ok())
}

#[test]
fn huge_split_and_broken_requests_are_refused_and_others_are_served() {
    let (_program, address) = Program::start();
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(2 << 20));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(5_000));
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(1 << 20));
    let post =
        "POST /sign-in HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let both =
        format!("{post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
    let twice = format!("{post}content-length: 5\r\ncontent-length: 50\r\n\r\nhello");
    let liar = format!("{post}content-length: 99999999999999999999\r\n\r\nhello");
    for (name, bytes) in [
        ("huge head", huge.as_bytes()),
        ("many heads", many.as_bytes()),
        ("long address", long.as_bytes()),
        ("two lengths", twice.as_bytes()),
        ("impossible length", liar.as_bytes()),
        ("no request", b"\0\x01\x02\x03\r\n\r\n"),
        ("a folded head", b"GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n"),
    ] {
        let status = send(address, bytes);
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{name}: {status:?}");
        assert_eq!(
            send(address, b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
            Some(200),
            "after {name}"
        );
    }
    let status = send(address, both.as_bytes());
    assert!(status.is_none_or(|status| status < 500), "length and chunks: {status:?}");
}

/// So many connections that begin to speak and do not go on.
fn dawdlers(address: SocketAddr) -> Vec<TcpStream> {
    let one = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").unwrap();
        stream
    };
    (0..300).map(one).collect()
}

/// How many of them the other side has closed so far.
fn shown_out(slow: &[TcpStream]) -> usize {
    let closed = |stream: &&TcpStream| {
        stream.set_nonblocking(true).unwrap();
        let mut stream: &TcpStream = stream;
        is_closed(&stream.read_to_end(&mut Vec::new()))
    };
    slow.iter().filter(closed).count()
}

#[test]
fn those_who_send_drop_by_drop_are_shown_out_and_keep_nobody_waiting() {
    let (_program, address) = Program::start();
    // nobody is kept waiting: an answer comes while all of them are still inside. What a busy machine makes of a
    // second says nothing, the order does; where it was so busy that they were shown out first, it is tried again
    let slow = (0..10).find_map(|_| {
        let slow = dawdlers(address);
        assert_eq!(send(address, b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), Some(200));
        (shown_out(&slow) == 0).then_some(slow)
    });
    let mut slow = slow.expect("an answer before somebody slow was shown out");
    // each goes on drop by drop, and is shown out all the same
    let until = Instant::now() + Duration::from_secs(120);
    while shown_out(&slow) < slow.len() {
        assert!(Instant::now() < until, "{} of {} still inside", slow.len() - shown_out(&slow), slow.len());
        for stream in &mut slow {
            let _ = stream.write_all(b"x");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn who_is_not_signed_in_sends_no_long_form_and_none_drop_by_drop() {
    let (_program, address) = Program::start();
    let head = |length: usize| {
        format!(
            "POST /sign-in HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let long = [head(300_000).into_bytes(), vec![b'x'; 300_000]].concat();
    assert!(matches!(send(address, &long), Some(413 | 422) | None), "too long to be taken");
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(head(100).as_bytes()).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let (began, mut answer) = (Instant::now(), [0; 12]);
    slow.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 422") && began.elapsed() < Duration::from_secs(30), "{answer:?}");
}

/// Whether the other side closed, rather than still waiting for more.
fn is_closed(read: &std::io::Result<usize>) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    !matches!(read, Err(error) if matches!(error.kind(), WouldBlock | TimedOut))
}
