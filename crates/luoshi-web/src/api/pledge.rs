//! Pledges: how many stand how, unit by unit, and making, looking back and agreeing to publish.

use super::Route;
use super::page::{Column, may, must};
use crate::pledge;
use luoshi_office::Kind::{Key, Number, Text};

/// What is listed of the pledges of a unit.
const COUNTS: &[Column] = &[
    ("unit", Text, "组织 · the unit"),
    ("state", Text, "进展 · how they stand"),
    ("pledges", Number, "条数 · how many"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/{year}/pledges",
            ("一年的承诺，按组织和进展", "Pledges of a year by unit and how they stand"),
            vec![],
            COUNTS,
            pledge::show,
        ),
        Route::form(
            "/units/{unit}/pledges",
            ("本组织作出承诺", "Make a pledge of the unit"),
            vec![
                must("year", "哪一年 · for which year").after("made-"),
                must("text", "承诺什么 · what is pledged").after("made-"),
                must("measure", "怎么算做到 · how one will see that it is kept").after("made-"),
                may("published", "1 表示同意公开 · 1 if it may be published").after("made-"),
            ],
            pledge::make,
        ),
        Route::form(
            "/units/{unit}/pledges/{id}/look-back",
            ("年终回看", "Look back at the end of the year"),
            vec![
                must("year", "哪一年 · the year").after("{id}-"),
                must("state", "做到没有，按规则包中的键 · how it stands, by its key in the pack").after("{id}-"),
                may("words", "说明 · in words").after("{id}-"),
                may("next", "close 表示不再延续 · close if it is not carried on").after("{id}-"),
            ],
            pledge::look_back,
        ),
        Route::form(
            "/units/{unit}/pledges/{id}/consent",
            ("同意或撤回公开", "Agree to publish, or take it back"),
            vec![must("to", "publish 公开，withhold 不公开 · publish or withhold")],
            pledge::consent,
        ),
    ]
}
