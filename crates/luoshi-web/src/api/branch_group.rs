//! Party groups of branches: which there are and who is in them; founding, renaming, ending, and who is in which. And what
//! becomes of the problems that a record tells of.

use super::Route;
use super::page::{Column, may, must, rest};
use crate::branch_group::{self, arrange};
use crate::matter::problems;
use luoshi_office::Kind::{Date, Key, Number, Text};

/// Of a branch everybody by group, for who may see people; else the groups.
const GROUPS: &[Column] = &[
    ("branch?", Text, "支部，只在列各小组时有 · the branch, where groups are listed"),
    ("group", Text, "党小组 · the group"),
    ("name?", Text, "姓名，只在列组员时有 · the name, where members are listed"),
    ("leader", Text, "组长，列组员时为“是” · who leads it; of a member whether they do"),
    ("members?", Number, "人数 · how many are in it"),
    ("met?", Date, "本月会议 · when it met this month"),
    ("since", Date, "设立于，或编入于 · since when"),
    ("id?", Key, "党小组的编号，未编入的没有 · key of the group; none of who is in no group"),
    ("person_id?", Key, "组员的编号 · key of the member"),
    ("unit_id?", Key, "支部的编号 · key of the branch"),
];

pub(super) fn routes() -> Vec<Route> {
    let name = || must("name", "名称，最多30字 · its name, at most 30 characters").after("{id}-");
    vec![
        Route::list("/units/{unit}/branch-groups", ("党小组", "Party groups"), vec![], GROUPS, branch_group::show),
        Route::form(
            "/units/{unit}/branch-groups",
            ("设立党小组", "Found a Party group"),
            vec![must("name", "名称，最多30字 · its name, at most 30 characters")],
            branch_group::found,
        ),
        Route::form(
            "/units/{unit}/branch-groups/members",
            ("编组", "Put members into groups"),
            vec![rest(
                "每人三项：was-人员编号 为原来的小组编号（0 未编入，组长后加 *），group-人员编号 为新的小组编号，lead-人员编号 为 1 表示任组长 · for each person: was-KEY the group they were in (0 for none, with * after it if they led it), group-KEY the group they are to be in, lead-KEY 1 if they are to lead it",
            )],
            arrange::save,
        ),
        Route::form(
            "/units/{unit}/branch-groups/{id}/names",
            ("改名", "Rename a group"),
            vec![name()],
            branch_group::rename,
        ),
        Route::form(
            "/units/{unit}/branch-groups/{id}/ends",
            ("撤销；名称须与现名一致", "End a group; the name must be the one it has"),
            vec![name()],
            branch_group::end,
        ),
        problems_of_record(),
    ]
}

fn problems_of_record() -> Route {
    Route::form(
        "/units/{unit}/records/{record}/problems",
        ("把纪实中的问题列为整改事项", "Make matters of the problems a record tells of"),
        vec![
            must("lines", "问题，每行一个 · the problems, one a line").after("problems-"),
            must("by", "整改期限，YYYY-MM-DD · to be put right by").after("problems-"),
            may("owner", "责任组织名称，不填为本组织 · name of the unit responsible; the one itself when absent")
                .after("problems-"),
        ],
        problems::list,
    )
}
