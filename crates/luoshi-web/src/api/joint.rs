//! Joint meetings: which units took part in a record, and those of others in which a unit took part.

use super::Route;
use super::page::must;
use crate::record::joint;
use luoshi_office::Kind::{Date, Key, Text};

pub(super) fn routes() -> Vec<Route> {
    lists().into_iter().chain(acts()).collect()
}

fn lists() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/joint",
            ("由其他组织记录、本组织参加的会议", "Meetings recorded by others in which the unit took part"),
            vec![],
            &[
                ("on", Date, "日期 · the day"),
                ("kind", Text, "类型 · the kind"),
                ("topic", Text, "主题 · the topic"),
                ("keeper", Text, "由谁记录 · the unit that keeps the record"),
                ("confirmed", Date, "确认日期；没有的待确认 · the day it was confirmed; none while it is not"),
                ("record_id", Key, "纪实编号 · key of the record"),
            ],
            joint::list,
        ),
        Route::list(
            "/units/{unit}/records/{record}/joint",
            ("联合开展一次会议的其他组织", "Other units that took part in a meeting"),
            vec![],
            &[
                ("unit", Text, "组织 · the unit"),
                ("confirmed", Date, "确认日期；没有的待确认 · the day it confirmed; none while it has not"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            joint::joined,
        ),
    ]
}

fn acts() -> Vec<Route> {
    vec![
        Route::form(
            "/units/{unit}/joint",
            ("确认参加，或没有参加", "Confirm that the unit took part, or that it did not"),
            vec![
                must("record", "纪实编号 · key of the record"),
                must("answer", "yes 参加，no 没有参加 · yes if it took part, no if not"),
            ],
            joint::answered,
        ),
        Route::form(
            "/units/{unit}/records/{record}/joint",
            ("登记一起开展的组织", "Name the units that took part"),
            vec![must("units", "组织名称，每行或用顿号隔开一个 · names of units, one a line")],
            joint::name,
        ),
        Route::form(
            "/units/{unit}/records/{record}/joint/drop",
            ("移除一个组织", "Take a unit off again"),
            vec![must("unit", "组织编号 · key of the unit")],
            joint::drop_one,
        ),
    ]
}
