//! Where attachments are kept, each once, under the digest of its bytes: on the disk of the server, or in a store as S3
//! speaks it, which several servers share.

use luoshi_gateway::Fault;
use luoshi_gateway::bucket::Bucket;
use luoshi_store::secret;
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The place of attachments.
#[derive(Clone, Debug)]
pub enum Files {
    /// a folder on the disk
    Folder(PathBuf),
    /// a bucket of a store
    Bucket(Bucket),
}

impl Files {
    /// Where a file stands: one folder with all would be slow on many systems of files.
    pub fn name(digest: &str) -> String {
        let (head, rest) = digest.split_at_checked(2).unwrap_or(("00", digest));
        format!("files/{head}/{rest}")
    }

    /// Keeps a file, whole, before the fact that names its digest says so; the digest. Errors: `StorageFull`,
    /// `NotConnected` when the store does not answer, others.
    pub async fn keep(&self, bytes: Vec<u8>) -> Result<String, Error> {
        let digest = secret::digest(&bytes);
        match self {
            Files::Bucket(bucket) => bucket.put(&Files::name(&digest), &bytes).await.map_err(away)?,
            Files::Folder(folder) => {
                let place = folder.join(Files::name(&digest));
                tokio::task::spawn_blocking(move || put(&place, &bytes)).await??;
            }
        }
        Ok(digest)
    }

    /// The bytes of a digest; nothing else is ever handed out under it. Errors: `NotFound`, `InvalidData` when they are
    /// not what was kept, `NotConnected`, others.
    pub async fn read(&self, digest: &str) -> Result<Vec<u8>, Error> {
        let bytes = match self {
            Files::Bucket(bucket) => bucket.get(&Files::name(digest)).await.map_err(away)?,
            Files::Folder(folder) => {
                let place = folder.join(Files::name(digest));
                Some(tokio::task::spawn_blocking(move || std::fs::read(place)).await??)
            }
        };
        let bytes = bytes.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{digest} is gone")))?;
        match secret::digest(&bytes) == digest {
            true => Ok(bytes),
            false => Err(Error::new(ErrorKind::InvalidData, format!("{digest} is not what was kept"))),
        }
    }

    /// The digests of all that is kept, in their order.
    pub async fn digests(&self) -> Result<Vec<String>, Error> {
        let mut all = match self {
            Files::Folder(folder) => found(folder)?,
            Files::Bucket(bucket) => {
                let names = bucket.names("files/").await.map_err(away)?;
                names.iter().map(|name| name.trim_start_matches("files/").replace('/', "")).collect()
            }
        };
        all.retain(|one: &String| one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        all.sort();
        Ok(all)
    }
}

fn away(fault: Fault) -> Error {
    let kind = if matches!(fault, Fault::Away(_)) { ErrorKind::NotConnected } else { ErrorKind::Other };
    Error::new(kind, fault.to_string())
}

/// Writes a file so that it is on the disk, whole. Two who send the same file at once write halves of their own.
fn put(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    if !folder.exists() {
        std::fs::create_dir_all(folder)?;
        // the folder itself must be there after a crash: so must those above know of it
        for above in folder.ancestors().skip(1).take(2) {
            std::fs::File::open(above)?.sync_all()?;
        }
    }
    let half = place.with_extension(format!("half{}", luoshi_store::new_id()));
    let kept = std::fs::File::create(&half).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&half, place)?;
        std::fs::File::open(folder)?.sync_all()
    });
    kept.inspect_err(|_| drop(std::fs::remove_file(&half)))
}

/// What lies in a folder, by digest.
fn found(folder: &Path) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    let inside = |place: &Path| match std::fs::read_dir(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Error>>(),
    };
    let word = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    for head in inside(&folder.join("files"))? {
        if head.is_dir() {
            all.extend(inside(&head)?.iter().map(|rest| word(&head) + &word(rest)));
        }
    }
    Ok(all)
}
