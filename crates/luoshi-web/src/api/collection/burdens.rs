//! What collections and other tasks cost units in a year, and what was said to be a burden.

use super::super::Route;
use super::super::page::{Column, may};
use crate::collection::{askers, burden, meter, twice};
use luoshi_office::Kind::{Date as Day, Key, Number, Text};

const MONTHS: &[Column] = &[
    ("month", Text, "月份，YYYY-MM · the month"),
    ("things", Number, "要做要填的事 · things asked"),
    ("duties", Number, "到期职责 · duties due"),
    ("matters", Number, "督办和事项 · matters"),
    ("forms", Number, "表 · forms"),
    ("typed", Number, "手填项 · typed by hand"),
    ("by_system", Number, "系统自动答复 · answered by the system"),
    ("twice", Number, "重复要的 · asked twice"),
    ("minutes", Number, "估计用时（分钟） · minutes"),
    ("askers", Text, "谁要的表和事项，多的在前 · who asked for forms and matters, the heaviest first"),
];

const TWICE: &[Column] = &[
    ("month", Text, "月份，如 2023-05 · the month, such as 2023-05"),
    ("question", Text, "问的什么 · what is asked"),
    ("unit", Text, "谁又要 · the unit that asks again"),
    ("form", Text, "哪张表 · in which form"),
    ("before", Text, "已在哪里 · where it was answered already"),
    ("times", Number, "重复次数 · how often"),
    ("id", Key, "这张表的编号 · key of the form"),
    ("unit_id", Key, "发出组织的编号 · key of the unit that asks"),
];

const BURDENS: &[Column] = &[
    ("about", Text, "哪件事 · of what"),
    ("asked_by", Text, "发出组织 · the unit that asked"),
    ("unit", Text, "反映的组织 · whose burden"),
    ("on", Day, "反映日期 · the day"),
    ("words", Text, "哪里增加了负担 · what adds to the burden"),
    ("due", Day, "答复期限 · to be answered by"),
    ("answered", Day, "答复日期 · the day it was answered"),
    ("answer", Text, "答复 · the answer"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "反映组织的编号 · key of the unit"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/{year}/burden",
            ("一年中各月要做要填的", "What was asked for in each month of a year"),
            vec![],
            MONTHS,
            meter::show,
        ),
        Route::list(
            "/units/{unit}/{year}/burden/askers",
            ("一年或一个月中谁要得最多", "Who asked most in a year, or in a month of it"),
            vec![may("month", "只看这个月，1至12 · of this month only, 1 to 12")],
            &[
                ("unit", Text, "组织 · the unit that asks"),
                ("forms", Number, "表 · forms"),
                ("matters", Number, "督办和事项 · matters"),
                ("minutes", Number, "估计用时（分钟） · minutes"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            askers::list,
        ),
        Route::list(
            "/units/{unit}/{year}/burden/twice",
            (
                "一年中哪些重复要：谁在哪张表里要，已在哪里",
                "What was asked twice in a year: by whom, in which form, and where it was told already",
            ),
            vec![],
            TWICE,
            twice::list,
        ),
        Route::list(
            "/units/{unit}/burdens",
            ("负担反映和答复", "What was said to be a burden, and the answers"),
            vec![],
            BURDENS,
            burden::show,
        ),
    ]
}
