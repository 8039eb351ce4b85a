//! Everything that reads bytes from outside, each as a function that takes any bytes and must come back: no panic, no
//! answer that is our fault, nothing endless. `scripts/fuzz` looks for bytes that break one; `tests/replay.rs` sends
//! what was found and what we thought of, in `corpus`, through them again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what breaks here is a finding")]
#![allow(clippy::too_many_lines, reason = "the small installation of the tests is part of it")]

mod archive;
mod book;
mod cell;
mod config;
mod issuer;
mod pack;
mod package;
mod paper;
mod passkey;
mod program;
mod request;
mod site;
mod store;
mod table;
mod text;
mod upload;

/// A reader of outside bytes.
pub type Target = fn(&[u8]);

/// All of them, by the names of their folders in `corpus`.
pub const TARGETS: [(&str, Target); 15] = [
    ("archive", archive::read),
    ("book", book::read),
    ("cell", cell::read),
    ("config", config::read),
    ("issuer", issuer::read),
    ("pack", pack::read),
    ("package", package::read),
    ("paper", paper::read),
    ("passkey", passkey::read),
    ("program", program::read),
    ("request", request::read),
    ("store", store::read),
    ("table", table::read),
    ("text", text::read),
    ("upload", upload::read),
];

/// The reader of a name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
