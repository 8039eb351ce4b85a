//! The public keys of an issuer. They are read again when a token names one that is not known, since issuers change
//! them; but not for every token, since anybody could make one up.

use super::read;
use crate::kept::Kept;
use crate::{Fault, Trust, http};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use std::sync::Arc;
use std::time::Duration;

/// How long keys are kept.
const KEPT: Duration = Duration::from_secs(3600);
/// How long unknown keys wait before the issuer is asked again.
const AGAIN: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Keys(Kept<Arc<JwkSet>>);

impl Keys {
    /// The key that signs by an algorithm and bears a name; without a name, the only one there is.
    pub async fn find(
        &self,
        trust: &Trust,
        address: &str,
        name: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, Fault> {
        let serves = |age: Duration, set: &Arc<JwkSet>| age < AGAIN || age < KEPT && pick(set, name, algorithm).is_ok();
        let set =
            self.0.get(serves, async { Ok(Arc::new(known(&read(http::get(trust, address, "").await?, "the keys")?))) });
        pick(&*set.await?, name, algorithm)
    }
}

/// The keys that can be read: an issuer may publish others, for other uses.
fn known(set: &serde_json::Value) -> JwkSet {
    let all = set.get("keys").and_then(serde_json::Value::as_array).into_iter().flatten();
    JwkSet { keys: all.filter_map(|one| serde_json::from_value(one.clone()).ok()).collect() }
}

fn pick(set: &JwkSet, name: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, Fault> {
    let fits = |one: &&Jwk| {
        let said = one.common.key_algorithm.map(|said| said.to_string());
        let signs = !matches!(one.common.public_key_use, Some(PublicKeyUse::Encryption));
        signs && said.is_none_or(|said| said == format!("{algorithm:?}"))
    };
    let mut fitting = set.keys.iter().filter(fits).filter(|one| name.is_none() || one.common.key_id.as_deref() == name);
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => DecodingKey::from_jwk(key).map_err(Fault::wrong),
        (None, _) => Err(Fault::Wrong("a token signed by a key that the issuer does not publish".into())),
        _ => Err(Fault::Wrong("a token that does not say which key signed it".into())),
    }
}
