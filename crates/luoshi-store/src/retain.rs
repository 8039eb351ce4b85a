//! How long each table keeps its rows, and the job that sees to it. A test reads the schema: a table without a rule
//! fails it. docs/operating.md shows the same to the administrator.

use crate::{Fault, Tx};

/// How long the rows of a table are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// as long as the installation, or the row it belongs to
    Always,
    /// so many days; then the statement runs with the moment before which rows are due, in milliseconds since 1970
    Days(i64, &'static str),
}

/// The rule of a table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// the table
    pub table: &'static str,
    /// how long
    pub keep: Keep,
    /// by which rule, or why
    pub source: &'static str,
}

const fn always(table: &'static str, source: &'static str) -> Rule {
    Rule { table, keep: Keep::Always, source }
}

const fn days(table: &'static str, days: i64, sql: &'static str, source: &'static str) -> Rule {
    Rule { table, keep: Keep::Days(days, sql), source }
}

/// Papers of an organisation: kept for good or 30 or 10 years.
const PAPERS: &str = "国家档案局令第8号 (2006): the organisation's archive decides, the program deletes none";
/// The roll.
const ROLL: &str = "中国共产党党员教育管理工作条例, the member's file: ends by erasing, on request";
/// What a person no longer needs.
const NEED: &str = "个人信息保护法 art. 19: the shortest time the purpose needs";
/// What was done with personal data.
const PROOF: &str = "个人信息保护法 art. 56: kept three years";
/// Books of account.
const BOOKS: &str =
    "会计档案管理办法 (2015): books and vouchers are kept thirty years; the organisation's archive decides";
/// What was told of illness and hardship.
const SEALED: &str =
    "个人信息保护法 arts. 19, 28: sealed texts and what was published go three years after the case is over";
/// About the machine, and nobody.
const MACHINE: &str = "a year and a month of the machine's own past; no personal data";
/// Where things stand.
const PLACE: &str = "the tree, without personal data";

/// Every table.
pub const RULES: &[Rule] = &[
    always("applied", "the schema itself"),
    always("top", PLACE),
    always("unit", PLACE),
    always("unit_past", PLACE),
    always("unit_change", PAPERS),
    always("unit_tie", PLACE),
    always("edition", PAPERS),
    always("person", ROLL),
    always("affiliation", ROLL),
    always("standing", ROLL),
    always("person_secret", ROLL),
    always("transfer", ROLL),
    always("holding", PAPERS),
    always("term", PAPERS),
    always("login", "with the account"),
    always("account", "as long as the person is kept; ends by erasing"),
    always("second_factor", "with the account"),
    always("recovery_code", "with the second factor"),
    always("passkey", "until its owner removes it, or an invitation is taken up"),
    always("access_token", "until it is revoked or the account closed"),
    always("record", PAPERS),
    always("roll", PAPERS),
    always("record_person", PAPERS),
    always("record_file", PAPERS),
    always("youth_group", PAPERS),
    always("youth_member", PAPERS),
    always("youth_part", PAPERS),
    always("branch_group", PAPERS),
    always("branch_group_member", PAPERS),
    always("class", PAPERS),
    always("class_quota", PAPERS),
    always("class_seat", PAPERS),
    always("aid_fund", BOOKS),
    always("aid_entry", BOOKS),
    days(
        "aid_case",
        3 * 365,
        "update aid_case set sealed = ''
          where sealed <> '' and exists (select 1 from aid_event e
                                          where e.top_id = aid_case.top_id and e.case_id = aid_case.id and e.at < $1
                                            and e.step in ('refused', 'closed', 'withdrawn')
                                            and not exists (select 1 from aid_event n
                                                             where n.top_id = e.top_id and n.case_id = e.case_id
                                                               and n.seq > e.seq)) -- fanout: of all organisations",
        SEALED,
    ),
    // once what was told is gone, so goes what was written about it, and what was published
    days(
        "aid_event",
        3 * 365,
        "update aid_event set sealed = '', initials = '', reason = ''
          where at < $1 and (sealed <> '' or initials <> '')
            and exists (select 1 from aid_case c where c.top_id = aid_event.top_id and c.id = aid_event.case_id
                                                   and c.sealed = '') -- fanout: of all organisations",
        SEALED,
    ),
    always("aid_kin", "until the person is erased"),
    always("class_session", PAPERS),
    always("class_missed", PAPERS),
    always("plan", PAPERS),
    always("pledge", "a person's goes with the person; a unit's is a paper"),
    always("pledge_event", "with the pledge"),
    always("calendar_feed", "until it is revoked, or the person erased"),
    always("joint", PAPERS),
    always("collection", PAPERS),
    always("collection_answer", PAPERS),
    always("burden", PAPERS),
    always("waiver", PAPERS),
    always("closing", PAPERS),
    always("matter", PAPERS),
    always("matter_event", PAPERS),
    always("matter_helper", PAPERS),
    always("matter_state", "derived from the matter, made again when it changes"),
    always("matter_mark", "derived"),
    always("matter_word", "derived from the words of matters; emptied when one of them is erased"),
    always("matter_turn", PAPERS),
    always("board_filter", "a setting of its owner"),
    always("coverage", PAPERS),
    always("coverage_unit", PAPERS),
    always("round", PAPERS),
    always("round_target", PAPERS),
    always("round_member", PAPERS),
    always("exchange", PAPERS),
    always("exchange_return", PAPERS),
    always("exchange_receipt", PAPERS),
    always("recusal", "until the person is erased"),
    always("intake", PAPERS),
    always("intake_matter", PAPERS),
    always("figure_own", "a setting"),
    always("rollup", "counted from records, and counted anew from them"),
    always("rollup_person", "counted from records, and counted anew from them"),
    always("rollup_people", "counted from records, and counted anew from them"),
    always("rollup_delta", "until it is carried upward, seconds later"),
    always("rollup_kind", "a setting"),
    always("figure_quote", PAPERS),
    always("audit", "网络安全法 art. 21: at least six months; sealed, so that no row may go"),
    always("person_lock", "until it is unlocked, or the person erased"),
    always("export_map", "a setting"),
    days("session", 1, "delete from session where ends < $1 -- fanout: of all organisations", NEED),
    days("ticket", 1, "delete from ticket where used < $1 -- fanout: of all organisations", NEED),
    days("directory_try", 1, "delete from directory_try where seen < $1 -- fanout: names are not people yet", NEED),
    days("invitation", 30, "delete from invitation where ends < $1 -- fanout: of all organisations", NEED),
    days("operation", 30, "delete from operation where at < $1 -- fanout: of all organisations", NEED),
    days("backup", 400, "delete from backup where at < $1 -- fanout: of the whole installation", MACHINE),
    days("draft", 90, "delete from draft where at < $1 -- fanout: of all organisations", NEED),
    days(
        "import",
        30,
        "update import set body = '', state = 'expired'
          where at < $1 and state not in ('committed', 'undone', 'expired') -- fanout: of all organisations",
        NEED,
    ),
    days(
        "import",
        365,
        "update import set body = '' where at < $1 and body <> '' -- fanout: of all organisations",
        NEED,
    ),
    days("sight", 3 * 365, "delete from sight where at < $1 -- fanout: of all organisations", PROOF),
    days("look", 3 * 365, "delete from look where at < $1 -- fanout: of all organisations", PROOF),
    // keys begin with the moment, by 20 bits
    days(
        "request",
        3 * 365,
        "delete from request where state <> 'open' and id / 1048576 < $1 -- fanout: of all organisations",
        PROOF,
    ),
];

/// A day in milliseconds.
const DAY: i64 = 24 * 3600 * 1000;

/// Drops what is past its day at this moment; returns the tables and how many rows of each.
pub fn run(tx: &Tx, now: i64) -> Result<Vec<(&'static str, u64)>, Fault> {
    let mut dropped = Vec::new();
    for rule in RULES {
        if let Keep::Days(days, sql) = rule.keep {
            dropped.push((rule.table, tx.run(sql, &[(now - days * DAY).into()])?));
        }
    }
    Ok(dropped)
}
