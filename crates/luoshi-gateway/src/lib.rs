//! What goes out of the installation and what is answered: an issuer of single sign-on, a directory, a
//! store of files. Knows no noun, and goes nowhere that the administrator has not named.

pub mod bucket;
mod http;
mod kept;
pub mod ldap;
pub mod oidc;
mod tls;

pub use tls::Trust;

/// Why there is no answer that serves.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// the other server cannot be reached, or does not answer in time
    #[error("no answer: {0}")]
    Away(String),
    /// it answered what must not be believed, or is not set up as it should be
    #[error("not believed: {0}")]
    Wrong(String),
    /// it answered no: a wrong passphrase, a code that does not serve
    #[error("no: {0}")]
    No(String),
    /// it knows them, but tells no person code, or several
    #[error("no person code: {0}")]
    Codeless(String),
    /// too many wait for it already
    #[error("busy")]
    Busy,
}

impl Fault {
    fn away(cause: impl ToString) -> Fault {
        Fault::Away(cause.to_string())
    }

    fn wrong(cause: impl ToString) -> Fault {
        Fault::Wrong(cause.to_string())
    }
}
