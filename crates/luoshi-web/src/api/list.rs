//! Lists of duties in force and to come.

use super::Route;
use crate::list;
use luoshi_office::Kind::{Date, Text};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::list(
        "/units/{unit}/lists",
        ("已生效和将生效的责任清单，逐条", "The lists of duties in force and to come, clause by clause"),
        vec![],
        &[
            ("list", Text, "清单 · the list"),
            ("version", Text, "版本 · its version"),
            ("from", Date, "自何日起的周期 · rules periods from this day"),
            ("clause", Text, "条款 · the clause"),
            ("text", Text, "内容 · its wording"),
            ("article", Text, "条文 · the article it comes from"),
        ],
        list::show,
    )]
}
