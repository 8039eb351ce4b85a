//! Directive intake: a document comes in, clean text and measures come out.

mod child;
mod reading;

pub use child::{ARGUMENT, parse_child};
pub use reading::{Dated, Reading, lexicon};
