//! Import: being built.
use crate::app::App;
use crate::form::Sent;
use crate::trouble::Trouble;
use axum::Router;

pub fn routes() -> Router<App> {
    Router::new()
}

/// The text of an uploaded list, if one was uploaded.
pub(crate) async fn list_text(sent: &Sent) -> Result<Result<Option<String>, Vec<String>>, Trouble> {
    let Some(file) = sent.files.first() else { return Ok(Ok(None)) };
    Ok(String::from_utf8(file.bytes.clone()).map(Some).map_err(|_| vec!["UTF-8".to_owned()]))
}
