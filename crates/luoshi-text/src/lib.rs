//! Text as people type and paste it: made clean, found by pinyin, matched to the nearest name, shortened in a list.
//! Text in, text out; this crate knows nothing of what the text is about.

pub mod clean;
pub mod measure;
pub mod nearest;
pub mod pinyin;
pub mod prefix;
pub mod restore;
pub mod search;
pub mod secrecy;

pub use measure::{Lexicon, Measure};
pub use nearest::nearest;
pub use restore::{Form, Restored, restore};
