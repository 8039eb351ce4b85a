//! Transfers of affiliation: the letters of a unit, asking for one, its steps.

use super::Route;
use super::page::{may, must};
use crate::transfer;
use luoshi_office::Kind::{Date, Key, Text};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/transfers",
            ("组织关系转接台账", "The ledger of transfers"),
            vec![may("state", "open（默认）或 closed · open (as when absent) or closed")],
            &[
                ("name", Text, "姓名 · name"),
                ("from", Text, "转出组织 · from"),
                ("to", Text, "转入组织 · to"),
                ("state", Text, "进展 · how far it is"),
                ("asked", Date, "申请日期 · asked for on"),
                ("limit", Date, "有效期至 · good until"),
                ("id", Key, "编号 · key"),
                ("person_id", Key, "人员的编号 · key of the person"),
                ("from_id", Key, "转出组织的编号 · key of the unit left"),
                ("to_id", Key, "转入组织的编号 · key of the unit joined"),
            ],
            transfer::list,
        ),
        Route::form(
            "/people/{id}/transfers",
            ("申请转出组织关系", "Ask for a transfer"),
            vec![must("to", "转入组织的全称或编号 · full name or key of the unit"), may("why", "原因 · why")],
            transfer::request,
        ),
        Route::form(
            "/units/{unit}/transfers/{id}/steps",
            ("办理转接的一步", "Take a step of a transfer"),
            vec![
                must(
                    "to",
                    "issued 开出，accepted 接收，refused 退回，withdrawn 撤回，expired 过期 · issued, accepted, refused, withdrawn or expired",
                ),
                may("note", "说明；退回、撤回须写明 · a note; refusing and withdrawing need one"),
            ],
            transfer::advance,
        ),
    ]
}
