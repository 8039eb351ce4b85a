//! What a store of files answers when it is asked for its list.

use luoshi_gateway::bucket;

/// Reads it; whatever it says, names are names.
pub fn read(bytes: &[u8]) {
    if let Ok((_, names)) = bucket::page(bytes) {
        assert!(names.iter().map(String::len).sum::<usize>() <= bytes.len() * 4, "more than was answered");
    }
}
