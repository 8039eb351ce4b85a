//! Forms as they come in: checked for where they came from, bounded, and kept so that a refused form can be shown
//! again as it was filled.

use crate::app::App;
use crate::trouble::Trouble;
use crate::visit::{Half, Visit};
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Lang, Refusal};
use std::collections::HashMap;
use std::time::Duration;

/// Most bytes of a form without files.
const LARGEST: usize = 2_000_000;
/// Most fields of a form.
const MOST: usize = 8_000;
/// Most bytes of a form of somebody who is not signed in.
const STRANGER: usize = 200_000;
/// How long it may take to come in, whoever sends it drop by drop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fields that are taken exactly as they were sent: passphrases.
const SECRET: [&str; 2] = ["passphrase", "old"];

/// What a form holds: each field with all its values.
pub(crate) type Fields = HashMap<String, Vec<String>>;

/// A form sent by somebody signed in, from our own page, or its fields sent by a program.
#[derive(Clone)]
pub(crate) struct Sent {
    /// who sent it
    pub visit: Visit,
    /// what it holds
    pub fields: Fields,
    /// the files it holds
    pub files: Vec<Upload>,
}

/// A file as it came in.
#[derive(Clone)]
pub(crate) struct Upload {
    /// field of the form
    pub field: String,
    /// name on the sender's machine
    pub name: String,
    /// what is in it; all who hold it share it
    pub bytes: Bytes,
}

/// A form sent by somebody not signed in.
pub(crate) struct Stranger(pub Fields);

/// Why a form is shown again: the words under a field, or above all of them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Complaints(Vec<Refusal>);

/// On an answer: what was done for many led here, and these were refused.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub to: String,
    pub left: Vec<(i64, Refusal)>,
}

/// A form sent by somebody whose second factor is still to come.
pub(crate) struct HalfSent(pub Sent);

impl FromRequest<App> for Sent {
    type Rejection = Trouble;

    async fn from_request(mut request: Request, app: &App) -> Result<Sent, Trouble> {
        // what a program sent was read already, as JSON
        if let Some(sent) = request.extensions_mut().remove::<Sent>() {
            return Ok(sent);
        }
        let HalfSent(sent) = HalfSent::from_request(request, app).await?;
        Ok(Sent { visit: sent.visit.whole()?, ..sent })
    }
}

impl FromRequest<App> for HalfSent {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<HalfSent, Trouble> {
        from_own_page(&request)?;
        let (mut parts, body) = request.into_parts();
        let Half(visit) = <Half as axum::extract::FromRequestParts<App>>::from_request_parts(&mut parts, app).await?;
        let (fields, files) = read(Request::from_parts(parts, body), app).await?;
        // a browser adds cookies by itself to what another site makes it send, but never a token
        if !visit.bearer && fields.get("csrf").and_then(|all| all.first()) != Some(&visit.csrf) {
            return Err(Trouble::Stale);
        }
        Ok(HalfSent(Sent { visit, fields, files }))
    }
}

impl FromRequest<App> for Stranger {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &App) -> Result<Stranger, Trouble> {
        from_own_page(&request)?;
        let read = axum::body::to_bytes(request.into_body(), STRANGER);
        let slow = |_| Refusal::rule("传输太慢，请重试", "that took too long to come in; please try again");
        let body = tokio::time::timeout(PATIENCE, read).await.map_err(slow)?.map_err(|_| too_large())?;
        Ok(Stranger(typed(&body)?))
    }
}

/// Refuses what another site made the browser send.
fn from_own_page(request: &Request) -> Result<(), Trouble> {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_none_or(|site| matches!(site, "same-origin" | "none")) { Ok(()) } else { Err(Trouble::Stale) }
}

async fn read(request: Request, app: &App) -> Result<(Fields, Vec<Upload>), Trouble> {
    let sort = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if sort.starts_with("multipart/form-data") {
        return multipart(request, app).await;
    }
    // a Chinese character takes three bytes, and nine as it is sent here
    let body = axum::body::to_bytes(request.into_body(), 3 * LARGEST).await.map_err(|_| too_large())?;
    Ok((typed(&body)?, Vec::new()))
}

/// The fields of a form without files.
fn typed(body: &[u8]) -> Result<Fields, Trouble> {
    let (mut fields, mut bytes) = (Fields::new(), 0);
    for (count, (key, value)) in form_urlencoded::parse(body).enumerate() {
        if count >= MOST {
            return Err(too_many());
        }
        bytes += value.len();
        if bytes > LARGEST {
            return Err(too_large());
        }
        let value = if SECRET.contains(&&*key) { value.into_owned() } else { clean(&value) };
        fields.entry(key.into_owned()).or_default().push(value);
    }
    Ok(fields)
}

async fn multipart(request: Request, app: &App) -> Result<(Fields, Vec<Upload>), Trouble> {
    let unreadable = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Refusal::rule("上传中断，请重试", "the upload broke off; please try again").into(),
    };
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| too_large())?;
    let (mut fields, mut files, mut count) = (Fields::new(), Vec::new(), 0);
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        count += 1;
        if count > MOST {
            return Err(too_many());
        }
        let key = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(ToOwned::to_owned);
        let bytes = part.bytes().await.map_err(|_| too_large())?;
        match name {
            Some(name) if !name.is_empty() => files.push(Upload { field: key, name: clean(&name), bytes }),
            Some(_) => {}
            None if bytes.len() > LARGEST => return Err(too_large()),
            None => fields.entry(key).or_default().push(clean(&String::from_utf8_lossy(&bytes))),
        }
    }
    Ok((fields, files))
}

/// Reads the question of an address as forms are read: without what no clerk typed. Who asks with such characters gets
/// the page without them; a path that has them leads nowhere.
pub(crate) async fn clean_question(mut request: Request, next: axum::middleware::Next) -> axum::response::Response {
    let uri = request.uri();
    let path = percent_decode(uri.path());
    if clean(&path) != path {
        return match path.starts_with("/api/v1/") {
            true => crate::api::nothing(),
            false => crate::trouble::nothing_here(request.headers().clone()).await,
        };
    }
    if let Some(question) = uri.query() {
        let pairs: Vec<_> = form_urlencoded::parse(question.as_bytes()).collect();
        if pairs.iter().any(|(_, value)| clean(value) != *value) {
            let mut cleaned = form_urlencoded::Serializer::new(String::new());
            cleaned.extend_pairs(pairs.iter().map(|(key, value)| (key, clean(value))));
            if let Ok(uri) = format!("{}?{}", uri.path(), cleaned.finish()).parse() {
                *request.uri_mut() = uri;
            }
        }
    }
    next.run(request).await
}

fn percent_decode(path: &str) -> String {
    form_urlencoded::parse(path.replace('+', "%2B").replace(['&', '='], "_").as_bytes())
        .map(|(text, _)| text.into_owned())
        .collect()
}

/// Drops what no clerk typed: NUL and other control characters, and marks that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace("\r\n", "\n").chars().filter(|c| !hidden(*c)).collect()
}

fn too_large() -> Trouble {
    Refusal::rule("内容太大：文字不超过 2 MB，文件不超过 20 MB", "too large: text up to 2 MB, files up to 20 MB").into()
}

fn too_many() -> Trouble {
    Refusal::rule("表单项目过多，请分次提交", "too many fields in one form; send it in parts").into()
}

/// The first value of a field, trimmed; empty when there is none.
pub(crate) fn one<'f>(fields: &'f Fields, key: &str) -> &'f str {
    fields.get(key).and_then(|all| all.first()).map_or("", |text| text.trim())
}

/// The first value of a field exactly as it was sent, for passphrases.
pub(crate) fn whole<'f>(fields: &'f Fields, key: &str) -> &'f str {
    fields.get(key).and_then(|all| all.first()).map_or("", String::as_str)
}

/// All values of a field.
pub(crate) fn all<'f>(fields: &'f Fields, key: &str) -> &'f [String] {
    fields.get(key).map_or(&[], Vec::as_slice)
}

/// A value that reads as a `T`, or a refusal that names the field.
pub(crate) fn parse<T: std::str::FromStr>(fields: &Fields, key: &str, zh: &str, en: &str) -> Result<T, Refusal> {
    one(fields, key).parse().map_err(|_| Refusal::field(key, zh, en))
}

/// A day of a form.
pub(crate) fn day(fields: &Fields, key: &str) -> Result<jiff::civil::Date, Refusal> {
    let text = one(fields, key);
    text.parse().map_err(|_| match no_such_day(text) {
        Some((year, month, day)) => Refusal::field(
            key,
            format!("{year} 年 {month} 月没有 {day} 日，请核对日期"),
            format!("{} of {year} has no day {day}; check the day", crate::shell::month(Lang::En, month)),
        ),
        None => Refusal::field(key, "请填日期，如 2023-03-31", "a day, such as 2023-03-31"),
    })
}

/// Year, month and day of a date that does not exist, such as 29 February; one that is written in another way is none.
fn no_such_day(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.splitn(3, '-');
    let (year, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let day = parts.next()?.parse().ok()?;
    let missing = (1..=31).contains(&day) && jiff::civil::Date::new(year, month, day).is_err();
    (missing && jiff::civil::Date::new(year, month, 1).is_ok()).then_some((year, month, day))
}

/// The key of the act, so that a form sent twice acts once. It is made of the key on the page and of what was filled in:
/// a page that a browser brings back bears the key it had, and filled otherwise it is another act. A program names the
/// key of its act itself.
pub(crate) fn operation(fields: &Fields) -> i64 {
    let said = one(fields, "operation");
    if let Some(key) = said.strip_prefix('=').and_then(|key| key.parse().ok()) {
        return key;
    }
    let Ok(page) = said.parse::<i64>() else { return luoshi_store::new_id() };
    let mut filled: Vec<_> = fields.iter().filter(|(key, _)| !["csrf", "operation"].contains(&key.as_str())).collect();
    filled.sort();
    short(&format!("act:{page}:{filled:?}"))
}

/// The key of an act that is made of a text: the same of the same.
pub(crate) fn short(text: &str) -> i64 {
    let digits = luoshi_store::secret::digest(text.as_bytes());
    i64::from_str_radix(digits.get(..15).unwrap_or("1"), 16).unwrap_or(1)
}

/// A refusal at the field of one form of a page that has several: keys begin with the form's name.
pub(crate) fn under(form: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Field { field, why } if !field.starts_with(form) => {
            Refusal::Field { field: format!("{form}{field}"), why }
        }
        other => other,
    }
}

impl Complaints {
    /// The refusals of a form.
    pub fn new(refusals: Vec<Refusal>) -> Complaints {
        Complaints(refusals)
    }

    /// What is wrong with a sheet, in the words of the page's language.
    pub fn told(faults: &[String]) -> Complaints {
        Complaints(faults.iter().map(|words| Refusal::rule(words, words)).collect())
    }

    /// The page that bears them: programs read the reasons off the answer.
    pub fn answer(&self, page: impl IntoResponse) -> Response {
        if self.0.is_empty() {
            return page.into_response();
        }
        let mut answer = (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
        answer.extensions_mut().insert(self.clone());
        answer
    }

    /// The reasons themselves.
    pub fn into_refusals(self) -> Vec<Refusal> {
        self.0
    }

    /// The words under a field.
    pub fn under(&self, key: &str, lang: Lang) -> Option<String> {
        let mut found = self.0.iter().filter(|one| matches!(one, Refusal::Field { field, .. } if field == key));
        found.next().map(|refusal| refusal.say(lang))
    }

    /// Everything, for the head of the form.
    pub fn all(&self, lang: Lang) -> Vec<String> {
        self.0.iter().map(|refusal| refusal.say(lang)).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
