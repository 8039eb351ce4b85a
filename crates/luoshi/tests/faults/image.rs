//! The image of deploy/Dockerfile, without a machine for images: its last stage laid out as a folder, its user and its
//! environment, and nothing else.

use crate::harness::{Program, Room, ask};
use luoshi_store::new_id;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the image says of its environment, without the address, which the test chooses.
fn environment() -> Vec<(String, String)> {
    let text = include_str!("../../../../deploy/Dockerfile");
    let words = text.lines().filter_map(|line| line.strip_prefix("ENV ")).flat_map(str::split_whitespace);
    let pairs = words.filter_map(|word| word.split_once('='));
    pairs.filter(|(key, _)| *key != "LUOSHI_LISTEN").map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Lays the program and the libraries it is linked with into a folder, as the build stage does.
fn lay(root: &Path) {
    let program = env!("CARGO_BIN_EXE_luoshi");
    // the engine of images gives /proc, of which the program asks where it lies itself
    let script = "set -e; mkdir -p \"$1/usr/local/bin\" \"$1/proc/self\"; ln -s /usr/local/bin/luoshi \"$1/proc/self/exe\"; cp \"$0\" \"$1/usr/local/bin/luoshi\"
        ldd \"$0\" | grep -o '/[^ )]*' | xargs -I{} cp --parents -L {} \"$1/\"; chown -R 10001:10001 \"$1/data\"";
    let done = Command::new("sh").args(["-c", script, program]).arg(root).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_image_has_all_that_the_program_needs_to_serve_and_to_export() {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !root {
        eprintln!("only root may enter a folder as a machine of its own: not tried");
        return;
    }
    let image = std::env::temp_dir().join(format!("luoshi-image-{}", new_id()));
    let room = Room::at(image.join("data"), None);
    lay(&image);
    let mut enter = Command::new("chroot");
    enter.args(["--userspec=10001:10001"]).arg(&image).args(["/usr/local/bin/luoshi", "serve", "--listen"]);
    enter.arg(room.address.to_string()).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(environment());
    let program = Program(enter.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let until = Instant::now() + Duration::from_secs(60);
    while ask(room.address, "GET", "/healthz", "", None).is_err() {
        assert!(Instant::now() < until, "the program does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    for list in ["2023/records?as=xlsx", "2023/records?as=csv", "people?as=xlsx", "2023/archive"] {
        let status = room.get(&format!("/units/3/{list}")).unwrap().status;
        assert!(status == 200, "{list}: {status}");
    }
    program.kill();
    let _ = std::fs::remove_dir_all(&image);
}
