//! Handovers: beginning one, what is handed over, both signatures.

use super::Route;
use super::page::{Column, must};
use crate::handover;
use luoshi_office::Kind::{Date, Text};

/// What a handover lists.
const ITEMS: &[Column] = &[
    ("sort", Text, "种类：未了职责、在办事项、已安排的日期 · open duty, open matter or date planned"),
    ("item", Text, "内容 · what it is"),
    ("day", Date, "期限或日期 · its limit or day"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/handovers",
            ("发起工作交接", "Begin a handover"),
            vec![
                must("post", "岗位，按规则包中的键 · the post, by its key in the pack"),
                must("giver", "移交人的编号 · key of who gives it"),
                must("taker", "接收人的姓名或编号 · name or key of who takes it"),
            ],
            handover::open,
        ),
        Route::list("/units/{unit}/handovers/{id}", ("交接清单", "What is handed over"), vec![], ITEMS, handover::show),
        Route::list(
            "/handovers/{id}",
            ("本人移交或接收的交接清单", "What one hands over or takes"),
            vec![],
            ITEMS,
            handover::mine,
        ),
        Route::form(
            "/handovers/{id}/signatures",
            (
                "本人签字；双方签字后岗位即由接收人担任",
                "Sign one's own handover; with both signatures the post is the taker's",
            ),
            vec![],
            handover::sign,
        ),
    ]
}
