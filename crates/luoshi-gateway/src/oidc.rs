//! OpenID Connect: sends a browser to the issuer of the organisation and believes what the issuer says of who came back
//! (authorization code with PKCE; OpenID Connect Core 1.0, section 3.1).

mod keys;

use self::keys::Keys;
use crate::kept::Kept;
use crate::{Fault, Trust, http};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
pub use jsonwebtoken::Algorithm;
use jsonwebtoken::{Validation, decode, decode_header, get_current_timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// How far clocks of the issuer and ours may differ, in seconds.
const SLACK: u64 = 60;
/// How long what the issuer says of itself is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// What the administrator says of the issuer.
#[derive(Debug, Clone)]
pub struct Wish {
    /// its address, exactly as it names itself
    pub issuer: String,
    /// our name there
    pub client: String,
    /// our secret there; empty when it gave none
    pub secret: String,
    /// the claim that holds the person code
    pub claim: String,
    /// what we ask for
    pub scope: String,
    /// how tokens are signed, and in no other way
    pub algorithm: Algorithm,
    /// values of `amr` or `acr` that say that two factors were asked for
    pub second: Vec<String>,
}

/// What belongs to one sign-in, and is told to nobody else.
#[derive(Debug, Clone)]
pub struct Asked {
    /// comes back with the browser
    pub state: String,
    /// comes back in the token
    pub nonce: String,
    /// shows that who redeems the code asked for it
    pub verifier: String,
    /// where the browser comes back to
    pub back: String,
}

/// Who came back, by the word of the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// person code
    pub code: String,
    /// whether two factors were asked for
    pub second: bool,
}

/// An issuer of single sign-on.
#[derive(Debug)]
pub struct Issuer {
    wish: Wish,
    trust: Trust,
    about: Kept<Arc<About>>,
    keys: Keys,
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: String,
}

/// What a token says; signature, issuer, audience and times are checked before these are looked at.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    iat: u64,
    aud: Value,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(default)]
    acr: String,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

impl Issuer {
    /// An issuer that has not been asked yet: it may be down when we start.
    pub fn new(wish: Wish, trust: Trust) -> Result<Issuer, String> {
        let signed = !matches!(wish.algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
        if !signed {
            return Err("tokens signed by a shared secret are not taken; RS256 or ES256 is usual".into());
        }
        if !http::is_safe(&wish.issuer) {
            return Err(format!("{}: an address with https is expected (http on this machine)", wish.issuer));
        }
        if let Some((key, _)) = [("client", &wish.client), ("claim", &wish.claim)].iter().find(|(_, v)| v.is_empty()) {
            return Err(format!("the {key} is not named"));
        }
        Ok(Issuer { wish, trust, about: Kept::default(), keys: Keys::default() })
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        &self.wish.issuer
    }

    /// Where to send the browser.
    pub async fn address(&self, asked: &Asked) -> Result<String, Fault> {
        let about = self.about().await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.verifier.as_bytes()));
        let question = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.wish.client)
            .append_pair("redirect_uri", &asked.back)
            .append_pair("scope", &self.wish.scope)
            .append_pair("state", &asked.state)
            .append_pair("nonce", &asked.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let joint = if about.authorization_endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{question}", about.authorization_endpoint))
    }

    /// Who came back with a code.
    pub async fn who(&self, code: &str, asked: &Asked) -> Result<Who, Fault> {
        let about = self.about().await?;
        let tokens = self.redeem(&about, code, asked).await?;
        let claims = self.believed(&about, &tokens.id_token, &asked.nonce).await?;
        let said = match text(claims.others.get(&self.wish.claim)) {
            Some(said) => said,
            None if self.wish.claim == "sub" => claims.sub.clone(),
            None => self.looked_up(&about, &tokens.access_token, &claims.sub).await?,
        };
        let second = self.wish.second.iter().any(|value| claims.acr == *value || claims.amr.contains(value));
        Ok(Who { code: said, second })
    }

    /// What the issuer says of itself, asked once an hour.
    async fn about(&self) -> Result<Arc<About>, Fault> {
        self.about.get(|age, _| age < KEPT, self.introduced()).await
    }

    async fn introduced(&self) -> Result<Arc<About>, Fault> {
        let address = format!("{}/.well-known/openid-configuration", self.wish.issuer.trim_end_matches('/'));
        let about: About = read(http::get(&self.trust, &address, "").await?, "what the issuer says of itself")?;
        if about.issuer != self.wish.issuer {
            let words = format!("the issuer names itself {}, the configuration {}", about.issuer, self.wish.issuer);
            return Err(Fault::Wrong(words));
        }
        if !http::is_safe(&about.authorization_endpoint) {
            return Err(Fault::Wrong("its page for signing in is not https".into()));
        }
        Ok(Arc::new(about))
    }

    /// Gives the code for tokens, which serves once.
    async fn redeem(&self, about: &About, code: &str, asked: &Asked) -> Result<Tokens, Fault> {
        let known = &about.token_endpoint_auth_methods_supported;
        let in_head = known.is_empty() || known.iter().any(|one| one == "client_secret_basic");
        let in_head = in_head && !self.wish.secret.is_empty();
        let head = if in_head { self.credentials() } else { String::new() };
        let form = self.form(code, asked, !in_head);
        read(http::post(&self.trust, &about.token_endpoint, &head, form).await?, "the token")
    }

    fn form(&self, code: &str, asked: &Asked, credentials: bool) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &asked.back)
            .append_pair("code_verifier", &asked.verifier);
        if credentials {
            form.append_pair("client_id", &self.wish.client);
        }
        if credentials && !self.wish.secret.is_empty() {
            form.append_pair("client_secret", &self.wish.secret);
        }
        form.finish()
    }

    fn credentials(&self) -> String {
        let coded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!("Basic {}", STANDARD.encode(format!("{}:{}", coded(&self.wish.client), coded(&self.wish.secret))))
    }

    /// What a token says, once everything about it is right.
    async fn believed(&self, about: &About, token: &str, nonce: &str) -> Result<Claims, Fault> {
        let head = decode_header(token).map_err(Fault::wrong)?;
        if head.alg != self.wish.algorithm {
            return Err(Fault::Wrong(format!("a token signed by {:?}", head.alg)));
        }
        let key = self.keys.find(&self.trust, &about.jwks_uri, head.kid.as_deref(), head.alg).await?;
        let mut rules = Validation::new(self.wish.algorithm);
        rules.leeway = SLACK;
        rules.validate_nbf = true;
        rules.set_issuer(&[&self.wish.issuer]);
        rules.set_audience(&[&self.wish.client]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims: Claims = decode(token, &key, &rules).map_err(Fault::wrong)?.claims;
        let party = claims.azp.as_deref();
        let many = claims.aud.as_array().is_some_and(|all| all.len() > 1);
        if party.is_some_and(|party| party != self.wish.client) || many && party.is_none() {
            return Err(Fault::Wrong("a token for another party".into()));
        }
        if claims.iat > get_current_timestamp() + SLACK {
            return Err(Fault::Wrong("a token of a moment to come".into()));
        }
        if claims.nonce != nonce {
            return Err(Fault::Wrong("a token of another sign-in".into()));
        }
        Ok(claims)
    }

    /// The person code, where the issuer tells it only when asked who a token is of.
    async fn looked_up(&self, about: &About, token: &str, sub: &str) -> Result<String, Fault> {
        let missing = || Fault::Codeless(format!("the issuer does not tell the claim `{}`", self.wish.claim));
        let address = about.userinfo_endpoint.as_ref().filter(|_| !token.is_empty()).ok_or_else(missing)?;
        let answer = http::get(&self.trust, address, &format!("Bearer {token}")).await?;
        let said: serde_json::Map<String, Value> = read(answer, "who the token is of")?;
        if text(said.get("sub")).as_deref() != Some(sub) {
            return Err(Fault::Wrong("the issuer told of somebody else".into()));
        }
        text(said.get(&self.wish.claim)).ok_or_else(missing)
    }
}

/// A text or a number, as text.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An answer that must be JSON. Of a refusal only the short code of the error goes into the log.
fn read<T: DeserializeOwned>((status, body): (u16, Vec<u8>), what: &str) -> Result<T, Fault> {
    match status {
        200 => serde_json::from_slice(&body).map_err(|error| Fault::Wrong(format!("{what}: {error}"))),
        400..=499 => {
            let said: Value = serde_json::from_slice(&body).unwrap_or_default();
            let code = said.get("error").and_then(Value::as_str).unwrap_or("-");
            Err(Fault::No(format!("{what}: {status} {code}")))
        }
        500..=599 => Err(Fault::Away(format!("{what}: {status}"))),
        _ => Err(Fault::Wrong(format!("{what}: {status}"))),
    }
}
