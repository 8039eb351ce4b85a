//! Reading a bundle: nothing is taken from it before every file has its digest.

use super::{CHUNK, MANIFEST, Part, plain};
use crate::Fault;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, Write};
use std::path::Path;
use zip::ZipArchive;

/// A bundle that is read.
pub struct Archive<R: Read + Seek> {
    zip: ZipArchive<R>,
    pub(super) files: Vec<Part>,
    about: Json,
}

/// Opens a bundle and reads its list.
pub fn open<R: Read + Seek>(from: R) -> Result<Archive<R>, Fault> {
    let mut zip = ZipArchive::new(from).map_err(Fault::unwritten)?;
    let list = zip.by_name(MANIFEST).map_err(Fault::unwritten)?;
    let list: Json = serde_json::from_reader(list.take(1 << 30)).map_err(Fault::unwritten)?;
    let files = serde_json::from_value(list["files"].clone()).map_err(Fault::unwritten)?;
    Ok(Archive { zip, files, about: list["about"].clone() })
}

impl<R: Read + Seek> Archive<R> {
    /// What is said at the head of the list, before any file was compared.
    pub fn about(&self) -> &Json {
        &self.about
    }

    /// Compares every file with its digest, and returns what is said at the head of the list.
    pub fn check(&mut self) -> Result<Json, Fault> {
        for file in self.files.clone() {
            let sha256 = self.copy(&file.name, &mut std::io::sink())?;
            if sha256 != file.sha256 {
                return Err(Fault::unwritten(format!("{} is not the file that was written", file.name)));
            }
        }
        Ok(self.about.clone())
    }

    /// Writes every file of the list into a folder.
    pub fn unpack(&mut self, folder: &Path) -> Result<(), Fault> {
        for file in self.files.clone() {
            let place = folder.join(plain(&file.name));
            if let Some(above) = place.parent() {
                std::fs::create_dir_all(above).map_err(Fault::unwritten)?;
            }
            let mut out = std::fs::File::create(&place).map_err(Fault::unwritten)?;
            self.copy(&file.name, &mut out)?;
        }
        Ok(())
    }

    fn copy(&mut self, name: &str, out: &mut impl Write) -> Result<String, Fault> {
        let mut file = self.zip.by_name(name).map_err(Fault::unwritten)?;
        let (mut digest, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
        loop {
            let read = file.read(&mut chunk).map_err(Fault::unwritten)?;
            let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            digest.update(bytes);
            out.write_all(bytes).map_err(Fault::unwritten)?;
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
