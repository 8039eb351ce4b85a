//! What programs ask to be done: the form of a page as JSON, done once for each `Idempotency-Key`.

use super::problem::Problem;
use super::shape::{Id, shape};
use crate::app::App;
use crate::form::{Fields, Sent, Upload, one};
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use luoshi_rules::{Actor, Lang, Refusal};
use luoshi_store::{operation, secret};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Bytes a request may hold.
const LARGEST: usize = 1_000_000;
/// Bytes a file may have.
const FILE: usize = 20_000_000;
/// Characters a key may have.
const KEY: usize = 200;

shape! {
    #[derive(Serialize)]
    Done {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Id> = "所写对象的编号；转到的是列表时没有", "key of what was written; absent where it leads to a list";
        address: String = "它的页面", "its page";
        refused: Option<Vec<Left>> = "批量办理时没有办理的", "of many, those that were not taken";
    }
}

shape! {
    #[derive(Serialize, Deserialize)]
    Left {
        id: Id = "编号", "key of the matter";
        detail: String = "原因", "why, in Chinese";
        detail_en: String = "原因（英文）", "why";
    }
}

impl Done {
    /// What was done, by the address the form would lead to.
    pub fn at(address: String) -> Done {
        Done { id: written(&address).map(Id), address, refused: None }
    }

    /// What was done for some of many.
    pub fn in_part(to: String, left: Vec<Left>) -> Done {
        Done { refused: Some(left), ..Done::at(to) }
    }
}

/// What is left of many, in words.
pub(super) fn left(part: &[(i64, Refusal)]) -> Vec<Left> {
    let one =
        |(id, why): &(i64, Refusal)| Left { id: Id(*id), detail: why.say(Lang::Zh), detail_en: why.say(Lang::En) };
    part.iter().map(one).collect()
}

/// The key of what an address shows: that of its fragment, or the last of its path. A list has none, and a number after
/// that of a unit is a year.
fn written(address: &str) -> Option<i64> {
    let (page, fragment) = address.split_once('#').unwrap_or((address, ""));
    if let Some(key) = fragment.rsplit('-').next().and_then(|part| part.parse().ok()) {
        return Some(key);
    }
    let mut parts = page.split('?').next().unwrap_or_default().rsplit('/');
    let key = parts.next().and_then(|part| part.parse().ok())?;
    let year = parts.next().is_some_and(|before| before.parse::<i64>().is_ok());
    (!year).then_some(key)
}

/// Something to be done: who asks, the parts of the address, and the fields as a form would send them.
pub(super) struct Act<P> {
    pub sent: Sent,
    pub at: P,
}

impl<P: DeserializeOwned + Send> FromRequest<App> for Act<P> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Act<P>, Problem> {
        let (mut parts, body) = request.into_parts();
        let at = Path::<P>::from_request_parts(&mut parts, app).await.map_err(|_| Problem::from(Trouble::NotFound))?;
        Ok(Act { sent: sent(&mut parts, body, app).await?, at: at.0 })
    }
}

/// What a program sent, as a form: its JSON object, done once for its key.
pub(super) async fn sent(parts: &mut Parts, body: Body, app: &App) -> Result<Sent, Problem> {
    let large = Refusal::rule("请求过大", "the request is too large");
    once_sent(parts, body, app, (LARGEST, large), |bytes| Ok((fields(&bytes)?, Vec::new()))).await
}

/// A file that a program sent, as a form with that file in a field; one without a byte is none. The other fields stand
/// behind the question mark of the address, with the file's `name`.
pub(super) async fn file(parts: &mut Parts, body: Body, app: &App, field: &str) -> Result<Sent, Problem> {
    let large = Refusal::field(
        "file",
        "文件超过 20 MB；是更大的交换包的，请用命令 luoshi exchange take",
        "larger than 20 MB; where it is a package, take it by the command luoshi exchange take",
    );
    let mut fields = Fields::new();
    for (key, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        fields.entry(key.into_owned()).or_default().push(crate::form::clean(&value));
    }
    let name = fields.remove("name").and_then(|mut given| given.pop()).unwrap_or_default();
    let field = field.replace("{to}", one(&fields, "to"));
    let upload = |bytes: Bytes| Upload { field, name, bytes };
    let whole = |bytes: Bytes| Ok((fields, Some(bytes).filter(|b| !b.is_empty()).map(upload).into_iter().collect()));
    once_sent(parts, body, app, (FILE, large), whole).await
}

async fn once_sent(
    parts: &mut Parts,
    body: Body,
    app: &App,
    (most, large): (usize, Refusal),
    read: impl FnOnce(Bytes) -> Result<(Fields, Vec<Upload>), Problem>,
) -> Result<Sent, Problem> {
    let visit = Visit::from_request_parts(parts, app).await?;
    if !visit.bearer {
        return Err(Problem::token()); // a page of another site could send a cookie along
    }
    let key = key(&parts.headers, visit.actor.person)?;
    let bytes = axum::body::to_bytes(body, most).await.map_err(|_| Problem::from(large))?;
    let asked = parts.uri.path_and_query().map_or("", |asked| asked.as_str());
    let digest = secret::digest(format!("{asked} {}", secret::digest(&bytes)).as_bytes());
    let (mut fields, files) = read(bytes)?;
    once(&visit, key, digest).await?;
    fields.insert("operation".into(), vec![format!("={key}")]);
    Ok(Sent { visit, fields, files })
}

/// The key of the act, as the number of an operation: programs of two people may choose the same.
fn key(heads: &HeaderMap, person: i64) -> Result<i64, Problem> {
    let said = heads.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if said.is_empty() || said.len() > KEY {
        let (zh, en) = (
            "请带 Idempotency-Key 标头（最多200个字符）：同一个键只办一次",
            "send an Idempotency-Key head of at most 200 characters: the same key is done once",
        );
        return Err(Problem::bad(zh, en));
    }
    Ok(crate::form::short(&format!("key:{person}:{said}")))
}

/// The fields of a form: texts, numbers, truths, or lists of them.
fn fields(bytes: &[u8]) -> Result<Fields, Problem> {
    let wrong = || Problem::bad("请求体应为一个 JSON 对象", "the body must be one JSON object");
    let object: serde_json::Map<String, Json> = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    let word = |value: &Json| match value {
        Json::String(text) => Some(crate::form::clean(text)),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(if *truth { "1" } else { "" }.to_owned()),
        _ => None,
    };
    let mut fields = Fields::new();
    for (name, value) in object {
        let words: Option<Vec<String>> = match &value {
            Json::Array(all) => all.iter().map(word).collect(),
            one => word(one).map(|word| vec![word]),
        };
        let refusal =
            || Refusal::field(&name, "应为文字、数字或它们的列表", "must be a text, a number, or a list of them");
        let words = words.ok_or_else(|| Problem::from(refusal()))?;
        fields.insert(name, words);
    }
    Ok(fields)
}

/// Refuses a key that was used for something else. What was asked for under it is kept beside the act.
async fn once(visit: &Visit, key: i64, digest: String) -> Result<(), Problem> {
    let actor = Actor { operation: key ^ (1 << 60), ..visit.actor.clone() };
    let said = digest.clone();
    let first = visit.app.write(move |tx| operation::once(tx, &actor, |_| Ok(said.clone()))).await?;
    if first == digest {
        return Ok(());
    }
    let refusal = Refusal::field(
        "Idempotency-Key",
        "这个键已用于另一请求，请换一个",
        "this key was used for another request; take a new one",
    );
    Err(refusal.into())
}

/// Under which number of an operation it is kept what was left of many.
fn beside(visit: &Visit, key: i64) -> Actor {
    Actor { operation: key ^ (1 << 61), ..visit.actor.clone() }
}

/// Keeps what was left of many, so that the same key is answered the same.
pub(super) async fn keep_left(visit: &Visit, key: i64, left: &[Left]) -> Result<(), Problem> {
    let (actor, said) = (beside(visit, key), serde_json::to_string(left).map_err(Trouble::broken)?);
    visit.app.write(move |tx| operation::once(tx, &actor, |_| Ok(said.clone()))).await?;
    Ok(())
}

/// What was left when the act was done under this key, if it was one of many.
pub(super) async fn kept_left(visit: &Visit, key: i64) -> Result<Option<Vec<Left>>, Problem> {
    let actor = beside(visit, key);
    let said = visit.app.read(move |tx| operation::outcome(tx, &actor)).await?;
    Ok(said.and_then(|said| serde_json::from_str(&said).ok()))
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn an_address_tells_what_was_written_unless_it_is_that_of_a_list() {
        for (address, key) in [
            ("/units/3/records/88", Some(88)),
            ("/units/3/matters/88?done=2", Some(88)),
            ("/units/3/2023/plan#p-12", Some(12)),
            ("/people/7", Some(7)),
            ("/units/3", Some(3)),
            ("/units/1/follow-ups?opened=2&there=0&met=0", None),
            ("/units/1/rounds/55/exchanges?taken=1", None),
            ("/units/3/2023/matrix", None),
            ("/units/3/2023", None),
            ("/units/3/people#roll", None),
        ] {
            assert_eq!(written(address), key, "{address}");
        }
    }
}
