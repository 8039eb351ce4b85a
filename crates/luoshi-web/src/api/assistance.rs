//! Paired assistance: its ledgers, and pairing. Steps of pairs and projects are those of matters.

use super::Route;
use super::page::{Column, may, must};
use crate::assistance;
use luoshi_office::Kind::{Date, Key, Number, Text};

const LEDGER: &[Column] = &[
    ("unit", Text, "帮扶单位 · the unit that helps"),
    ("village", Text, "帮扶村 · the village"),
    ("place", Text, "所在县乡 · county and township"),
    ("until", Date, "帮扶期至 · until when"),
    ("pair_state", Text, "结对进展 · where the pair stands"),
    ("visits", Number, "走访人次，每对只列一次 · visits in person-times, once for each pair"),
    ("project", Text, "项目 · the project"),
    ("about", Text, "类别 · what sort"),
    ("planned", Number, "计划资金（元） · planned, in yuan"),
    ("spent", Number, "已用资金（元） · spent, in yuan"),
    ("state", Text, "项目进展 · where the project stands"),
    ("outcome", Text, "成效 · outcome"),
    ("id", Key, "结对事项的编号 · key of the matter of the pair"),
    ("project_id?", Key, "项目事项的编号，没有项目的没有 · key of the matter of the project, where there is one"),
    ("unit_id", Key, "帮扶单位的编号 · key of the unit"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/assistance",
            ("定点帮扶台账", "Ledger of paired assistance"),
            vec![],
            LEDGER,
            assistance::show,
        ),
        Route::list(
            "/units/{unit}/assistance/{id}",
            ("一对的帮扶台账", "Ledger of one pair"),
            vec![],
            LEDGER,
            assistance::of_pair,
        ),
        Route::form(
            "/units/{unit}/assistance",
            ("结对；以后各步按事项办理", "Pair a unit and a village; its steps are those of a matter"),
            vec![
                may("unit", "帮扶单位名称，不填为本组织 · name of the unit that helps; the one itself when absent")
                    .after("paired-"),
                must("village", "帮扶村 · the village").after("paired-"),
                must("place", "所在县乡 · county and township").after("paired-"),
                must("by", "帮扶期至，YYYY-MM-DD · until when").after("paired-"),
            ],
            assistance::pair,
        ),
    ]
}
