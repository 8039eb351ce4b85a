//! Where attachments are kept, as the configuration says, and going through all of them.

use crate::sign_on::secret;
use clap::Args;
use luoshi_gateway::Trust;
use luoshi_gateway::bucket::{Bucket, Wish};
use luoshi_web::Files;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The place of attachments.
#[derive(Args, Clone)]
pub struct Shelf {
    /// Store of attachments as S3 speaks it, such as `https://minio.example.org`; the data folder when absent
    #[arg(long, env = "LUOSHI_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    /// Bucket of the store; it must be there
    #[arg(long, default_value = "luoshi", env = "LUOSHI_S3_BUCKET")]
    s3_bucket: String,
    /// Region of the bucket
    #[arg(long, default_value = "us-east-1", env = "LUOSHI_S3_REGION")]
    s3_region: String,
    /// Name of the access key
    #[arg(long, env = "LUOSHI_S3_KEY")]
    s3_key: Option<String>,
    /// File that holds the secret of the access key
    #[arg(long, env = "LUOSHI_S3_SECRET_FILE")]
    s3_secret_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted beside those of the machine when other servers are asked
    #[arg(long, env = "LUOSHI_TRUST_FILE")]
    trust_file: Option<PathBuf>,
}

impl Shelf {
    /// Where the attachments of an installation are: its folder, or the store that is named.
    pub fn files(&self, data: &Path) -> Result<Files, String> {
        let Some(endpoint) = &self.s3_endpoint else { return Ok(Files::Folder(data.to_owned())) };
        let (Some(key), Some(file)) = (&self.s3_key, &self.s3_secret_file) else {
            return Err("s3-endpoint: `s3-key` and `s3-secret-file` must be set too".into());
        };
        let wish = Wish {
            endpoint: endpoint.clone(),
            bucket: self.s3_bucket.clone(),
            region: self.s3_region.clone(),
            key: key.clone(),
            secret: secret(Some(file))?,
        };
        Bucket::new(wish, self.trust()?).map(Files::Bucket).map_err(|fault| format!("s3-endpoint: {fault}"))
    }

    /// Whose certificates are taken.
    pub fn trust(&self) -> Result<Trust, String> {
        Trust::new(self.trust_file.as_deref()).map_err(|error| format!("trust-file: {error}"))
    }
}

/// Copies everything from one place to another, or anywhere: `keep` gets digest and bytes. How many there were, and
/// how many of them are gone or not what was kept; those are told and left out.
pub fn each(files: &Files, mut keep: impl FnMut(&str, &[u8]) -> Result<(), String>) -> Result<(usize, usize), String> {
    let told = |error: std::io::Error| format!("attachments: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
    let (mut kept, mut damaged) = (0, 0);
    for digest in runtime.block_on(files.digests()).map_err(told)? {
        match runtime.block_on(files.read(&digest)) {
            Ok(bytes) => {
                keep(&digest, &bytes)?;
                kept += 1;
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
                eprintln!("left out: attachment {error}");
                damaged += 1;
            }
            Err(error) => return Err(told(error)),
        }
    }
    Ok((kept, damaged))
}

/// Keeps one file in a place.
pub fn keep(files: &Files, bytes: &[u8]) -> Result<(), String> {
    let told = |error: std::io::Error| format!("attachments: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
    runtime.block_on(files.keep(bytes.to_owned())).map(drop).map_err(told)
}
