//! Mutual aid: what everybody who sees a unit is told of its fund. Cases and the account are for people alone.

use super::Route;
use super::page::may;
use crate::aid::{self, numbers};
use luoshi_office::Kind::{Date, Text};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/aid",
            ("互助金的收支和人数，少的不显示", "Money and counts of a fund; small counts are held back"),
            vec![may("year", "年度，默认本年 · the year; this one when absent")],
            &[("item", Text, "项目 · the item"), ("n", Text, "数量 · how much")],
            aid::show,
        ),
        Route::list(
            "/units/{unit}/aid/publication",
            ("现在公示的名单", "What is published now"),
            vec![],
            &[
                ("initials", Text, "姓名首字母 · initials"),
                ("reason", Text, "情形 · the reason"),
                ("from", Date, "公示自 · published from"),
                ("until", Date, "公示至 · published until"),
            ],
            numbers::publication,
        ),
    ]
}
