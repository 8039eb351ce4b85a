//! Text as people type and paste it: made clean, found by pinyin, matched to the nearest name, shortened in a list.
//! Text in, text out; this crate knows nothing of what the text is about.

pub mod clean;
pub mod nearest;
pub mod pinyin;
pub mod prefix;

pub use nearest::nearest;
