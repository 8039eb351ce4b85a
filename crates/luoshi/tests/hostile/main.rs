//! What somebody sends who means harm: every form and every address, with what no clerk would type.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod crawl;
mod fences;
mod files;
mod forms;
mod lines;
#[allow(dead_code)] // each test binary uses its part
#[path = "../place/mod.rs"]
mod place;
