//! Rows in, bytes out, and back again: every list that leaves the system and every spreadsheet that enters it.
//!
//! This crate knows no noun. A list is a [`Table`] and is written as .xlsx, .csv or JSON by [`Table::write`];
//! a file from outside is read by [`sheet::read`] into a [`Sheet`], within [`Caps`], and its cells, as people really
//! keep them, are understood by the functions of [`cell`]. [`annotate::xlsx`] gives a faulty file back with comments;
//! a [`Bundle`] is many files with their digests. A document from outside is read by [`paper::read`] as plain text.

mod archive;
mod caps;
mod fault;
mod look;

pub mod annotate;
pub mod bundle;
pub mod calendar;
pub mod cell;
pub mod head;
pub mod paper;
pub mod sheet;
pub mod table;

pub use annotate::Problem;
pub use bundle::Bundle;
pub use caps::Caps;
pub use cell::{CellFault, Day};
pub use fault::Fault;
pub use paper::Paper;
pub use sheet::{Area, Sheet, Value};
pub use table::{Cell, Column, Format, Kind, Table, Writer};
