//! A directory (LDAP): asks it whether a name and a passphrase belong together, always over TLS, and which person code
//! the entry holds.

use crate::{Fault, Trust};
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, SearchOptions, dn_escape, ldap_escape,
};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Sign-ins that ask at once.
const AT_ONCE: usize = 8;
/// Most characters of a name.
const LONGEST: usize = 128;
/// The answer to a wrong passphrase.
const WRONG_PASSPHRASE: u32 = 49;
/// The answer to a name that cannot be one.
const WRONG_NAME: u32 = 34;

/// What the administrator says of the directory.
#[derive(Debug, Clone)]
pub struct Wish {
    /// `ldaps://…`, or `ldap://…` with StartTLS
    pub url: String,
    /// how people are found
    pub way: Way,
    /// the attribute that holds the person code
    pub attribute: String,
}

/// How the entry of somebody is found; `{}` stands for the name typed.
#[derive(Debug, Clone)]
pub enum Way {
    /// its distinguished name follows from the name
    Template(String),
    /// it is searched for
    Search {
        /// below this entry
        base: String,
        /// by this filter
        filter: String,
        /// who searches; empty for nobody
        reader: String,
        /// their passphrase
        passphrase: String,
    },
}

/// A directory.
#[derive(Debug)]
pub struct Directory {
    wish: Wish,
    trust: Trust,
    room: Semaphore,
}

impl Directory {
    /// A directory that has not been asked yet.
    pub fn new(wish: Wish, trust: Trust) -> Result<Directory, String> {
        if !wish.url.starts_with("ldaps://") && !wish.url.starts_with("ldap://") {
            return Err(format!("{}: ldaps:// or ldap:// is expected; the second uses StartTLS", wish.url));
        }
        let (Way::Template(pattern) | Way::Search { filter: pattern, .. }) = &wish.way;
        if pattern.matches("{}").count() != 1 {
            return Err(format!("{pattern}: {{}} stands once, for the name"));
        }
        if let Way::Search { base, filter, .. } = &wish.way
            && (base.is_empty() || ldap3::parse_filter(filter.replace("{}", "x")).is_err())
        {
            return Err(format!("{filter}: a filter such as (uid={{}}) is expected, and the entry to search below"));
        }
        Ok(Directory { wish, trust, room: Semaphore::new(AT_ONCE) })
    }

    /// The person code of whoever has this name and passphrase.
    pub async fn who(&self, name: &str, passphrase: &str) -> Result<String, Fault> {
        let name = name.trim();
        // to many directories a name without a passphrase is a guest, who is always welcome (RFC 4513, 5.1.2)
        if name.is_empty() || passphrase.is_empty() {
            return Err(Fault::No("nothing typed".into()));
        }
        if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(Fault::No("a name that cannot be one".into()));
        }
        let waited = tokio::time::timeout(PATIENCE, self.room.acquire()).await;
        let _place = waited.map_err(|_| Fault::Busy)?.map_err(Fault::away)?;
        let mut ldap = self.connect().await?;
        let answered = self.ask(&mut ldap, name, passphrase).await;
        let _ = ldap.unbind().await;
        answered
    }

    async fn connect(&self) -> Result<Ldap, Fault> {
        let settings = LdapConnSettings::new()
            .set_conn_timeout(PATIENCE)
            .set_config(self.trust.config())
            .set_starttls(self.wish.url.starts_with("ldap://"));
        let opened = tokio::time::timeout(2 * PATIENCE, LdapConnAsync::with_settings(settings, &self.wish.url)).await;
        let (connection, ldap) = opened.map_err(Fault::away)?.map_err(Fault::away)?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::info!(%error, "directory");
            }
        });
        Ok(ldap)
    }

    async fn ask(&self, ldap: &mut Ldap, name: &str, passphrase: &str) -> Result<String, Fault> {
        match &self.wish.way {
            Way::Template(pattern) => {
                let entry = pattern.replace("{}", &dn_escape(name));
                bind(ldap, &entry, passphrase).await?;
                let mut found = self.find(ldap, (&entry, Scope::Base), "(objectClass=*)").await?;
                one(found.pop().ok_or_else(|| Fault::Codeless("nobody may read their own entry".into()))?.1)
            }
            Way::Search { base, filter, reader, passphrase: own } => {
                if !reader.is_empty() {
                    let bound = bind(ldap, reader, own).await;
                    bound.map_err(|fault| match fault {
                        Fault::No(why) => Fault::Wrong(format!("who searches is not let in: {why}")),
                        other => other,
                    })?;
                }
                let filter = filter.replace("{}", &ldap_escape(name));
                let mut found = self.find(ldap, (base, Scope::Subtree), &filter).await?;
                if found.len() > 1 {
                    return Err(Fault::Wrong("the name fits several entries".into()));
                }
                // a name that is nobody's is tried all the same, so that the time does not tell
                let (entry, codes) = found.pop().unwrap_or_else(|| (format!("cn=nobody,{base}"), Vec::new()));
                bind(ldap, &entry, passphrase).await?;
                one(codes)
            }
        }
    }

    /// Entries and their person codes.
    async fn find(
        &self,
        ldap: &mut Ldap,
        (base, scope): (&str, Scope),
        filter: &str,
    ) -> Result<Vec<(String, Vec<String>)>, Fault> {
        let options = SearchOptions::new().sizelimit(2).timelimit(PATIENCE.as_secs() as i32);
        let asked = ldap.with_search_options(options).with_timeout(PATIENCE);
        let found = asked.search(base, scope, filter, vec![self.wish.attribute.as_str()]).await.map_err(told)?;
        let (entries, _) = found.success().map_err(told)?;
        let entries = entries.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
        let read = entries.map(SearchEntry::construct).map(|entry| {
            let wanted = |name: &String| name.eq_ignore_ascii_case(&self.wish.attribute);
            let codes = entry.attrs.into_iter().find(|(name, _)| wanted(name)).map(|(_, values)| values);
            (entry.dn, codes.unwrap_or_default())
        });
        Ok(read.collect())
    }
}

async fn bind(ldap: &mut Ldap, entry: &str, passphrase: &str) -> Result<(), Fault> {
    let answer = ldap.with_timeout(PATIENCE).simple_bind(entry, passphrase).await.map_err(told)?;
    answer.success().map(drop).map_err(told)
}

/// The one value of an attribute.
fn one(mut codes: Vec<String>) -> Result<String, Fault> {
    match (codes.pop(), codes.is_empty()) {
        (Some(code), true) => Ok(code),
        _ => Err(Fault::Codeless("the entry has none, or several".into())),
    }
}

fn told(error: LdapError) -> Fault {
    match error {
        LdapError::LdapResult { result } if matches!(result.rc, WRONG_PASSPHRASE | WRONG_NAME) => {
            Fault::No(format!("answer {}", result.rc))
        }
        LdapError::LdapResult { result } => Fault::Wrong(format!("answer {}", result.rc)),
        other => Fault::away(other),
    }
}
