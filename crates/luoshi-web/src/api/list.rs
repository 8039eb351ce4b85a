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
            ("clause", Text, "条款编号 · the clause"),
            ("text", Text, "内容 · its wording"),
            ("level", Text, "级别 · levels it binds, all when empty"),
            ("class", Text, "类别 · classes it binds, all when empty"),
            ("post", Text, "岗位 · the post that answers for it"),
            ("every", Text, "周期 · how often"),
            ("times", Text, "次数 · how many records meet it, one when empty"),
            ("due", Text, "到期 · when it is due"),
            ("kind", Text, "纪实类型 · kinds of record that meet it"),
            ("source", Text, "依据 · the regulation it comes from"),
            ("article", Text, "条文 · the article it comes from"),
        ],
        list::show,
    )]
}
