//! Signing in by other servers: which issuer and which directory, as the configuration says.

use crate::shelf::Shelf;
use clap::Args;
use luoshi_gateway::ldap::{self, Directory, Way};
use luoshi_gateway::oidc::{self, Algorithm, Issuer};
use luoshi_web::Origin;
use std::path::{Path, PathBuf};

/// Other servers that say who somebody is.
#[derive(Args)]
pub struct SignOn {
    /// Issuer of single sign-on (OpenID Connect), exactly as it names itself
    #[arg(long, env = "LUOSHI_OIDC_ISSUER")]
    oidc_issuer: Option<String>,
    /// Name of this installation at the issuer (client id)
    #[arg(long, env = "LUOSHI_OIDC_CLIENT")]
    oidc_client: Option<String>,
    /// File that holds the secret of this installation at the issuer; none where it gave none
    #[arg(long, env = "LUOSHI_OIDC_SECRET_FILE")]
    oidc_secret_file: Option<PathBuf>,
    /// Claim that holds the person code
    #[arg(long, env = "LUOSHI_OIDC_CLAIM")]
    oidc_claim: Option<String>,
    /// What the issuer is asked for
    #[arg(long, default_value = "openid profile", env = "LUOSHI_OIDC_SCOPE")]
    oidc_scope: String,
    /// How the issuer signs tokens: RS256, PS256, ES256, EdDSA …
    #[arg(long, default_value = "RS256", env = "LUOSHI_OIDC_ALGORITHM")]
    oidc_algorithm: Algorithm,
    /// Values of amr or acr, with commas between, by which the issuer says that it asked for two factors
    #[arg(long, value_delimiter = ',', env = "LUOSHI_OIDC_SECOND")]
    oidc_second: Vec<String>,
    /// Directory: ldaps://…, or ldap://… with StartTLS
    #[arg(long, env = "LUOSHI_LDAP_URL")]
    ldap_url: Option<String>,
    /// Distinguished name of people, {} for the name typed; instead of searching
    #[arg(long, env = "LUOSHI_LDAP_TEMPLATE")]
    ldap_template: Option<String>,
    /// Entry below which people are searched for
    #[arg(long, env = "LUOSHI_LDAP_BASE")]
    ldap_base: Option<String>,
    /// How people are found, {} for the name typed
    #[arg(long, default_value = "(uid={})", env = "LUOSHI_LDAP_FILTER")]
    ldap_filter: String,
    /// Who searches; nobody when absent
    #[arg(long, env = "LUOSHI_LDAP_READER")]
    ldap_reader: Option<String>,
    /// File that holds the passphrase of who searches
    #[arg(long, env = "LUOSHI_LDAP_READER_FILE")]
    ldap_reader_file: Option<PathBuf>,
    /// Attribute that holds the person code
    #[arg(long, default_value = "employeeNumber", env = "LUOSHI_LDAP_ATTRIBUTE")]
    ldap_attribute: String,
}

impl SignOn {
    /// The issuer and the directory, or what is missing to have them.
    pub fn servers(
        &self,
        origin: Option<&Origin>,
        shelf: &Shelf,
    ) -> Result<(Option<Issuer>, Option<Directory>), String> {
        Ok((self.issuer(origin, shelf)?, self.directory(shelf)?))
    }

    fn issuer(&self, origin: Option<&Origin>, shelf: &Shelf) -> Result<Option<Issuer>, String> {
        let Some(issuer) = &self.oidc_issuer else { return Ok(None) };
        if origin.is_none() {
            return Err("oidc-issuer: `origin` must be set too, so that the issuer can send browsers back".into());
        }
        let wish = oidc::Wish {
            issuer: issuer.clone(),
            client: needed("oidc-client", self.oidc_client.as_ref())?,
            secret: secret(self.oidc_secret_file.as_deref())?,
            claim: needed("oidc-claim", self.oidc_claim.as_ref())?,
            scope: self.oidc_scope.clone(),
            algorithm: self.oidc_algorithm,
            second: self.oidc_second.clone(),
        };
        Issuer::new(wish, shelf.trust()?).map(Some).map_err(|error| format!("oidc-issuer: {error}"))
    }

    fn directory(&self, shelf: &Shelf) -> Result<Option<Directory>, String> {
        let Some(url) = &self.ldap_url else { return Ok(None) };
        let way = match (&self.ldap_template, &self.ldap_base) {
            (Some(template), None) => Way::Template(template.clone()),
            (None, Some(base)) => Way::Search {
                base: base.clone(),
                filter: self.ldap_filter.clone(),
                reader: self.ldap_reader.clone().unwrap_or_default(),
                passphrase: secret(self.ldap_reader_file.as_deref())?,
            },
            _ => return Err("ldap-url: one of `ldap-template` and `ldap-base` must be set".into()),
        };
        if self.ldap_reader.is_some() != self.ldap_reader_file.is_some() {
            return Err("ldap-reader: it goes together with `ldap-reader-file`".into());
        }
        let wish = ldap::Wish { url: url.clone(), way, attribute: self.ldap_attribute.clone() };
        Directory::new(wish, shelf.trust()?).map(Some).map_err(|error| format!("ldap-url: {error}"))
    }
}

fn needed(key: &str, value: Option<&String>) -> Result<String, String> {
    value.cloned().ok_or_else(|| format!("oidc-issuer: `{key}` must be set too"))
}

/// The first line of a file that holds a secret; nothing without a file.
pub fn secret(file: Option<&Path>) -> Result<String, String> {
    let Some(file) = file else { return Ok(String::new()) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() {
        Err(format!("{}: the secret is expected in the first line", file.display()))
    } else {
        Ok(line)
    }
}
