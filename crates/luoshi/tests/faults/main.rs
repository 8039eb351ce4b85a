//! What must hold when things break: the real program, with real files and servers, under faults it did not choose.
//!
//! Short by default; `make faults` sets `LUOSHI_FAULTS=full`, runs the counts of docs/faults.md and prints a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod clock;
mod disk;
mod harness;
mod image;
mod kill;
mod log;
#[allow(dead_code)] // each test binary uses its part
#[path = "../place/mod.rs"]
mod place;
mod restore;
mod server;
mod shim;
mod stop;
mod upgrade;
mod writers;
