//! Wiping a machine's folder: its contents are listed by digest, overwritten, deleted; then the receipt is signed, and
//! last of all the key is destroyed. Broken off at any point, the same command goes on where it stopped.

use super::{private, told};
use crate::backup::Place;
use crate::{lock, serve};
use luoshi_store::exchange::{self, Piece, Receipt};
use luoshi_store::secret;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is being wiped, written before the first file is touched.
const PLAN: &str = "wiping.json";
/// The key, which goes last.
const KEY: &str = "luoshi.key";
/// Bytes overwritten at once.
const BLOCK: usize = 1 << 20;

/// Wipes the folder, and writes the receipt.
pub fn wipe(place: &Place, file: &Path, unreturned: bool) -> Result<Receipt, String> {
    let folder = &place.data;
    let plan = folder.join(PLAN);
    if is_inside(file, folder)? {
        return Err(format!("{}: the receipt must lie outside the folder that is wiped", file.display()));
    }
    // a server that runs would write again what is overwritten here
    if folder.join(KEY).exists() {
        drop(lock::alone(&folder.join(KEY), "wipe again")?);
    }
    let mut receipt = match plan.exists() {
        true => {
            let text = fs::read_to_string(&plan).map_err(told(&plan))?;
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", plan.display()))?
        }
        false => {
            super::must_be_new(file)?;
            planned(place, unreturned)?
        }
    };
    // a key is made by nobody here: without one there is nothing to sign with
    if !folder.join(KEY).exists() {
        return Err(format!("{}: there is no key here", folder.join(KEY).display()));
    }
    let keys = serve::keys(&folder.join(KEY))?;
    for (path, _) in found(folder)? {
        destroy(&path).map_err(told(&path))?;
    }
    folders(folder).map_err(told(folder))?;
    receipt.ended = luoshi_store::now();
    let text = exchange::sign(&keys, &receipt).map_err(|fault| fault.to_string())?;
    private(file, text.as_bytes()).map_err(told(file))?;
    destroy(&folder.join(KEY)).map_err(told(folder))?;
    destroy(&plan).map_err(told(folder))?;
    fs::remove_dir(folder).map_err(told(folder))?;
    Ok(receipt)
}

/// Says what will be wiped, on the disk, before anything is.
fn planned(place: &Place, unreturned: bool) -> Result<Receipt, String> {
    let db = place.open()?;
    let copy = exchange::copy(&db).map_err(|fault| fault.to_string())?;
    // closing it would delete the log of the database, and leave what is in it on the disk: it is overwritten instead
    std::mem::forget(db);
    let copy = copy
        .ok_or_else(|| format!("{}: no package was opened into this folder; it is not wiped", place.data.display()))?;
    let mut receipt = Receipt::of(&copy);
    if !receipt.last && !unreturned {
        return Err(
            "the last package has not been made: `luoshi exchange return FILE` first, or lose what was done since \
                    with --unreturned"
                .into(),
        );
    }
    receipt.began = luoshi_store::now();
    for (path, name) in found(&place.data)? {
        let bytes = fs::read(&path).map_err(told(&path))?;
        receipt.pieces.push(Piece { name, size: bytes.len() as u64, digest: secret::digest(&bytes) });
    }
    let text = serde_json::to_string(&receipt).map_err(|error| error.to_string())?;
    private(&place.data.join(PLAN), text.as_bytes()).map_err(told(&place.data))?;
    Ok(receipt)
}

fn is_inside(file: &Path, folder: &Path) -> Result<bool, String> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (parent, folder) = (parent.canonicalize().map_err(told(parent))?, folder.canonicalize().map_err(told(folder))?);
    Ok(parent.starts_with(folder))
}

/// Every file of the folder but the key and the plan, with its name in it.
fn found(folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let (mut all, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(one) = open.pop() {
        for entry in fs::read_dir(&one).map_err(told(&one))? {
            let path = entry.map_err(told(&one))?.path();
            let sort = fs::symlink_metadata(&path).map_err(told(&path))?;
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            match sort.is_dir() {
                true => open.push(path),
                false if name != KEY && name != PLAN => all.push((path, name)),
                false => {}
            }
        }
    }
    all.sort();
    Ok(all)
}

/// Overwrites a file where it lies, makes sure of it, and deletes it.
fn destroy(path: &Path) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_file() {
        let mut out = OpenOptions::new().write(true).open(path)?;
        let mut left = out.metadata()?.len();
        let zeros = vec![0_u8; BLOCK];
        while left > 0 {
            let some = left.min(BLOCK as u64);
            out.write_all(zeros.get(..usize::try_from(some).unwrap_or(BLOCK)).unwrap_or(&zeros))?;
            left -= some;
        }
        out.sync_all()?;
    }
    fs::remove_file(path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Deletes the folders inside, which are empty now.
fn folders(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            folders(&path)?;
            fs::remove_dir(&path)?;
        }
    }
    Ok(())
}
