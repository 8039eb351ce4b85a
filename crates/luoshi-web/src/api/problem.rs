//! What a program is told when it does not get what it asked for: RFC 9457, in both languages.

use crate::app::App;
use crate::trouble::{KeptOut, Told, Trouble, told};
use crate::visit::Visit;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use luoshi_rules::{Lang, Refusal};
use luoshi_store::Fault;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Why a program does not get what it asked for.
pub(super) struct Problem {
    status: StatusCode,
    zh: String,
    en: String,
    parameter: Option<String>,
    /// what is wrong with each field of an act
    errors: Vec<serde_json::Value>,
    /// why somebody was kept out, and in how many seconds to come again where it depends
    out: Option<Box<(KeptOut, Option<u32>)>>,
}

impl Problem {
    /// The request itself cannot be read.
    pub fn bad(zh: &str, en: &str) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, zh, en)
    }

    /// Acts are asked for with a token, never with a cookie.
    pub fn token() -> Problem {
        let (zh, en) = ("写入须用令牌（Authorization: Bearer）", "to write, send a token (Authorization: Bearer)");
        Problem::new(StatusCode::UNAUTHORIZED, zh, en)
    }

    /// Everything that the rules say against an act.
    pub fn all(refusals: Vec<Refusal>) -> Problem {
        let told = |refusal: &Refusal| {
            let mut one = json!({ "detail": refusal.say(Lang::Zh), "detail_en": refusal.say(Lang::En) });
            if let Refusal::Field { field, .. } = refusal {
                one["parameter"] = json!(field);
            }
            one
        };
        let errors = refusals.iter().map(told).collect();
        let first = refusals.into_iter().next().unwrap_or(Refusal::NotAllowed);
        Problem { errors, ..Problem::from(first) }
    }

    /// The same, with fields named without what their names begin with on the page.
    pub fn of_fields(mut self, before: &[String]) -> Problem {
        let bare =
            |name: &str| before.iter().find_map(|one| name.strip_prefix(one.as_str())).unwrap_or(name).to_owned();
        self.parameter = self.parameter.as_deref().map(bare);
        for error in &mut self.errors {
            if let Some(name) = error["parameter"].as_str().map(bare) {
                error["parameter"] = json!(name);
            }
        }
        self
    }

    fn new(status: StatusCode, zh: &str, en: &str) -> Problem {
        Problem { status, zh: zh.into(), en: en.into(), parameter: None, errors: Vec::new(), out: None }
    }

    /// The method is not one of those the address takes.
    pub fn method() -> Problem {
        let (zh, en) = ("此地址不接受这种方法，见 /api", "this address does not take that method; see /api");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, zh, en)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        if matches!(trouble, Trouble::SignIn) {
            let (zh, en) = ("请先登录", "sign in first");
            return Problem::new(StatusCode::UNAUTHORIZED, zh, en);
        }
        told(trouble).into()
    }
}

impl From<Told> for Problem {
    fn from(told: Told) -> Problem {
        let Told { status, zh, en, field: parameter, why, pause } = told;
        Problem { status, zh, en, parameter, errors: Vec::new(), out: Some(Box::new((KeptOut(why), pause))) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Trouble::from(refusal).into()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Trouble::from(fault).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank", "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(), "detail": self.zh, "detail_en": self.en,
        });
        if let Some(parameter) = self.parameter {
            body["parameter"] = json!(parameter);
        }
        if !self.errors.is_empty() {
            body["errors"] = self.errors.into();
        }
        let mut answer =
            (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let how = header::HeaderValue::from_static("Bearer realm=\"luoshi\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, how);
        }
        let pause = match (self.status, self.out.as_ref().and_then(|out| out.1)) {
            (_, Some(seconds)) => Some(seconds),
            (StatusCode::SERVICE_UNAVAILABLE, None) => Some(5),
            (StatusCode::TOO_MANY_REQUESTS, None) => Some(60),
            _ => None,
        };
        let pause = pause.map(|seconds| (header::RETRY_AFTER, header::HeaderValue::from(seconds)));
        answer.headers_mut().extend(pause);
        if let Some(out) = self.out {
            answer.extensions_mut().insert(out.0);
        }
        answer
    }
}

/// Who calls, the parts of the address, and the question after it: each told as a problem when it does not read.
pub(super) struct Call<P, Q> {
    pub visit: Visit,
    pub at: P,
    pub asked: Q,
}

impl<P: DeserializeOwned + Send, Q: DeserializeOwned + Send> FromRequestParts<App> for Call<P, Q> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Call<P, Q>, Problem> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let at = Path::<P>::from_request_parts(parts, app).await.map_err(|_| Problem::from(Trouble::NotFound))?;
        let asked = Query::<Q>::from_request_parts(parts, app).await.map_err(|bad| {
            let why = bad.body_text();
            let zh = format!("问号后的参数有误，见 /api：{why}");
            Problem::bad(&zh, &why)
        })?;
        Ok(Call { visit, at: at.0, asked: asked.0 })
    }
}
