//! Bundles: many files in one .zip, with a list of their digests by which anybody can check that none has changed.
//! The same files make the same bundle, byte for byte, at any time and on any machine.

mod read;

pub use read::{Archive, open};

use crate::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The list for programs.
pub const MANIFEST: &str = "manifest.json";
/// The list for `sha256sum -c`.
pub const SUMS: &str = "SHA256SUMS";
/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// A bundle being written: nothing of it is kept in memory but the names and digests.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    files: Vec<Part>,
}

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// name within the bundle
    pub name: String,
    /// bytes
    pub size: u64,
    /// SHA-256 in hexadecimal
    pub sha256: String,
}

impl<W: Write + Seek> Bundle<W> {
    /// Begins a bundle.
    pub fn begin(out: W) -> Bundle<W> {
        Bundle { zip: ZipWriter::new(out), files: Vec::new() }
    }

    /// Adds a file.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.copy(name, &mut &*bytes).map(drop)
    }

    /// Adds a file as it is read, and returns what was written.
    pub fn copy(&mut self, name: &str, from: &mut impl Read) -> Result<Part, Fault> {
        let name = plain(name);
        self.zip.start_file(name.as_str(), options()).map_err(Fault::unwritten)?;
        let (mut digest, mut size, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
        loop {
            let read = from.read(&mut chunk).map_err(Fault::unwritten)?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            digest.update(bytes);
            self.zip.write_all(bytes).map_err(Fault::unwritten)?;
            size += read as u64;
        }
        let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let part = Part { name, size, sha256 };
        self.files.push(part.clone());
        Ok(part)
    }

    /// Ends the bundle with its lists; `about` is said at the head of the one for programs.
    pub fn end(mut self, about: Json) -> Result<W, Fault> {
        let mut files = std::mem::take(&mut self.files);
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let list = serde_json::json!({ "about": about, "digest": "SHA-256", "files": files });
        let list = serde_json::to_vec_pretty(&list).map_err(Fault::unwritten)?;
        self.add(MANIFEST, &list)?;
        files.append(&mut self.files);
        let sums: String = files.iter().map(|one| format!("{}  {}\n", one.sha256, one.name)).collect();
        self.add(SUMS, sums.as_bytes())?;
        self.zip.finish().map_err(Fault::unwritten)
    }
}

/// How a file is packed: without a day, so that the day does not show.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(true)
}

/// A name that leads nowhere outside the bundle and stands on one line; folders stay.
fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_control() || "\\:*?\"<>|".contains(c) { '_' } else { c };
    let parts = name.split('/').map(|part| part.trim().chars().map(kept).collect::<String>());
    parts.filter(|part| !matches!(part.as_str(), "" | "." | "..")).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn bundle() -> Vec<u8> {
        let mut out = Bundle::begin(Cursor::new(Vec::new()));
        out.add("纪实/一.txt", "甲".as_bytes()).unwrap();
        out.copy("../../b\n.txt", &mut Cursor::new(vec![7; CHUNK * 2 + 1])).unwrap();
        out.end(serde_json::json!({ "unit": "一支部" })).unwrap().into_inner()
    }

    #[test]
    fn a_bundle_lists_the_digest_of_every_file_and_of_its_list() {
        let bytes = bundle();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = |name: &str| std::io::read_to_string(zip.by_name(name).unwrap()).unwrap();
        let list: Json = serde_json::from_str(&text(MANIFEST)).unwrap();
        assert_eq!(list["about"]["unit"], "一支部");
        assert_eq!(list["files"][0]["name"], "b_.txt", "no name leads outside");
        assert_eq!(list["files"][0]["size"], CHUNK as u64 * 2 + 1);
        let sums = text(SUMS);
        let names: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
        assert_eq!(names, ["b_.txt", "纪实/一.txt", MANIFEST]);
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
            let real: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(real, sum, "{name}");
        }
    }

    #[test]
    fn a_bundle_is_read_only_when_every_file_is_the_one_that_was_written() {
        let folder = std::env::temp_dir().join(format!("luoshi-bundle-{}", std::process::id()));
        let bytes = bundle();
        let mut archive = open(Cursor::new(bytes.clone())).unwrap();
        assert_eq!(archive.check().unwrap()["unit"], "一支部");
        archive.unpack(&folder).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("纪实/一.txt")).unwrap(), "甲");
        std::fs::remove_dir_all(folder).unwrap();
        let mut other = Bundle::begin(Cursor::new(Vec::new()));
        other.add("纪实/一.txt", "乙".as_bytes()).unwrap();
        let mut changed = open(Cursor::new(other.end(serde_json::json!({})).unwrap().into_inner())).unwrap();
        changed.files[0].sha256 = "0".repeat(64);
        assert!(format!("{:?}", changed.check().unwrap_err()).contains("纪实/一.txt"));
        assert!(open(Cursor::new(bytes[..bytes.len() / 2].to_vec())).is_err(), "half a file");
    }

    #[test]
    fn the_same_files_make_the_same_bundle_at_any_time() {
        let first = bundle();
        std::thread::sleep(std::time::Duration::from_millis(2100));
        assert_eq!(first, bundle());
    }
}
