//! The year as a picture to share: the largest figures as one SVG, drawn here, with nothing from outside.

use super::question::Question;
use crate::trouble::Trouble;
use crate::visit::{Place, Visit, Year};
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use luoshi_rules::figure::total;
use maud::{PreEscaped, html};
use std::collections::HashMap;

/// Figures on a picture.
const SHOWN: usize = 6;

pub(super) async fn show(
    visit: Visit,
    Place((id, Year(year))): Place<(i64, Year)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let question = Question::read(&visit, id, year, &asked).await?;
    let lots = question.lots(&visit, question.figures.clone()).await?;
    let mut shown = Vec::new();
    for figure in &question.figures {
        let n = total(&question.parts(&lots, figure, year));
        if n > 0 && shown.len() < SHOWN {
            shown.push((figure.words(n, visit.lang), visit.of(&figure.name).to_owned()));
        }
    }
    let height = 260 + shown.len().div_ceil(2) * 190;
    let picture = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 1080 " (height) } width="1080" height=(height)
            font-family="PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif" {
            rect width="1080" height=(height) fill="#f7f6f3" {}
            rect width="1080" height="12" fill="#a8201a" {}
            text x="60" y="110" font-size="44" font-weight="bold" fill="#1f2328" { (question.at.short_name) " " (year) " " (visit.say("年数读", "in figures")) }
            text x="60" y="160" font-size="26" fill="#57606a" { (visit.say("截至 ", "as of ")) (question.today) }
            @for (n, (number, name)) in shown.iter().enumerate() {
                @let (x, y) = (60 + n % 2 * 500, 250 + n / 2 * 190);
                text x=(x) y=(y) font-size="26" fill="#57606a" { (name) }
                text x=(x) y=(y + 66) font-size="58" font-weight="bold" fill="#a8201a" { (number) }
            }
        }
    };
    let head = [
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"figures-{year}.svg\"")),
    ];
    Ok((head, PreEscaped(picture.into_string()).into_string()).into_response())
}
