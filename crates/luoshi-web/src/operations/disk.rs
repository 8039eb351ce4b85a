//! The room on the disk of the installation.

use std::path::Path;

/// Room on a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// what may still be written
    pub free: u64,
    /// all of it
    pub whole: u64,
}

impl Disk {
    /// The disk of a folder, or of the nearest one above it that exists.
    pub fn of(folder: &Path) -> Option<Disk> {
        let there = folder.ancestors().find(|folder| folder.exists())?;
        let told = rustix::fs::statvfs(there).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(told.f_frsize);
        Some(Disk { free: bytes(told.f_bavail), whole: bytes(told.f_blocks) })
    }

    /// Less than a twentieth, or than a gigabyte.
    pub fn is_short(&self) -> bool {
        self.free < self.whole / 20 || self.free < 1_000_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above() {
        let folder = std::env::temp_dir();
        let disk = Disk::of(&folder.join("not/there")).unwrap();
        assert!(disk.whole > 0 && disk.free <= disk.whole);
        assert_eq!(disk.whole, Disk::of(&folder).unwrap().whole);
    }

    #[test]
    fn a_disk_is_short_below_a_twentieth_or_a_gigabyte() {
        let disk = |free, whole| Disk { free, whole }.is_short();
        assert!(disk(4_000_000_000, 100_000_000_000) && disk(900_000_000, 10_000_000_000));
        assert!(!disk(6_000_000_000, 100_000_000_000));
    }
}
