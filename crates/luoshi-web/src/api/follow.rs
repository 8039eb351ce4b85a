//! Follow-ups: those of a subtree, how old they are by unit, opening them and taking a step for many.

use super::Route;
use super::page::{Column, many, may, must};
use crate::matter::{follow, remind};
use luoshi_office::Kind::{Date, Key, Number, Text};

pub(super) fn routes() -> Vec<Route> {
    [lists(), acts()].into_iter().flatten().collect()
}

/// What is listed of a follow-up.
const FOLLOW_UPS: &[Column] = &[
    ("no", Number, "序号 · number"),
    ("clause", Text, "条款 · clause"),
    ("title", Text, "事项 · the matter"),
    ("unit", Text, "责任组织 · unit responsible"),
    ("opener", Text, "督办组织 · the unit that opened it"),
    ("opened", Date, "发出日期 · opened on"),
    ("limit", Date, "办理期限 · to be answered by"),
    ("state", Text, "督办方式 · how far it is"),
    ("answer", Text, "办理情况 · the last note"),
    ("duty", Text, "落实情况 · how its duty stands"),
    ("closed", Text, "已销号 · whether it is closed"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "责任组织的编号 · key of the unit responsible"),
    ("opener_id", Key, "督办组织的编号 · key of the unit that opened it"),
];

/// What is listed of a unit with follow-ups.
const AGES: &[Column] = &[
    ("unit", Text, "组织 · the unit"),
    ("open", Number, "在办 · how many are open"),
    ("week", Number, "7天内 · within 7 days"),
    ("month", Number, "8–30天 · 8 to 30 days"),
    ("two_months", Number, "31–60天 · 31 to 60 days"),
    ("longer", Number, "60天以上 · over 60 days"),
    ("repeat", Text, "反复督办的条款 · clauses followed up again"),
    ("unit_id", Key, "组织的编号 · key of the unit"),
];

fn lists() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/follow-ups",
            ("督办台账", "The ledger of follow-ups"),
            vec![
                may("state", "open（默认）、closed 或 all · open (as when absent), closed or all"),
                may("rung", "停在哪一步，按流程中的键 · only at this step, by its key in the flow"),
                may("clause", "条款的编号 · only about this clause"),
                may("unit", "责任组织的编号 · only those this unit must answer"),
            ],
            FOLLOW_UPS,
            follow::board,
        ),
        Route::list(
            "/units/{unit}/follow-ups/units",
            ("各组织督办的在办时长和反复督办", "Age of follow-ups and repeat cases by unit"),
            vec![],
            AGES,
            follow::by_units,
        ),
    ]
}

fn acts() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/follow-ups",
            (
                "对选定的职责发提醒；已在督办中或已落实的跳过，件数在 address 中",
                "Remind of duties that are picked; those followed up or met already are skipped, and counted in the address",
            ),
            vec![
                may("year", "哪一年的职责 · of which year"),
                many("pick", "组织/条款/周期，如 3/L1-01/2023-Q1 · unit/clause/period, such as 3/L1-01/2023-Q1"),
            ],
            remind::remind,
        ),
        Route::form(
            "/units/{unit}/follow-ups/steps",
            (
                "为选定的督办事项办理一步；不能办的跳过，件数在 address 中",
                "Take a step for follow-ups that are picked; those that cannot take it are skipped, and counted in the address",
            ),
            vec![
                must("to", "slip 督办单，circular 通报，talk 约谈，closed 销号 · slip, circular, talk or closed"),
                may("note", "说明；通报、约谈、销号须写明 · a note; a circular, a talk and closing need one"),
                many("pick", "督办事项的编号 · keys of the follow-ups"),
            ],
            follow::take_many,
        ),
    ]
}
