//! Whom we believe that they are who they say: the certificates of the machine, and those the administrator adds.

use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// The authorities whose certificates we take.
#[derive(Debug, Clone)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Those of the machine, and those of a file (PEM): an office often has an authority of its own.
    pub fn new(file: Option<&Path>) -> Result<Trust, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = file {
            let told = |error: &dyn ToString| format!("{}: {}", file.display(), error.to_string());
            let pem = CertificateDer::pem_file_iter(file).map_err(|error| told(&error))?;
            let own: Vec<CertificateDer> = pem.collect::<Result<_, _>>().map_err(|error| told(&error))?;
            if own.is_empty() {
                return Err(told(&"there is no certificate in it (PEM is expected)"));
            }
            own.into_iter().try_for_each(|one| roots.add(one)).map_err(|error| told(&error))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        Ok(Trust(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        self.0.clone()
    }
}
