//! The fields of a record as programs send them: those every record has, those of a meeting, those of its kind. One that
//! the form does not have is refused by its name: somebody marked absent under a misspelt name would be there on record.

use crate::form::Fields;
use luoshi_rules::meeting::DECISIONS;
use luoshi_rules::record::{ALSO, Due, Meeting};
use luoshi_rules::{Kind, Refusal, Rulebook};
use serde_json::{Map, Value as Json, json};

/// Of every record: key, what it is, whether it must be there.
const EVERY: [(&str, &str, bool); 5] = [
    (
        "kind",
        "类型，按规则包中的键；该类型的栏目以各自的键并列 · kind, by its key in the pack; its fields stand beside it by their keys",
        true,
    ),
    ("on", "日期 · the day it happened", true),
    ("version", "所更正的是第几版 · the version that is corrected", true),
    ("why", "撤销原因 · why it is withdrawn", true),
    ("makes_up", "补办的周期 · the earlier period it makes up for", false),
];

/// Of meetings and talks, where the kind has them.
const OF_MEETINGS: [(&str, &str); 8] = [
    ("began", "开始时间，如 14:30 · when it began, such as 14:30"),
    ("ended", "结束时间 · when it ended"),
    ("others", "其他到会人员的姓名，一行一个 · names of others who came, one a line"),
    ("above", "上级列席人员的姓名 · names of observers from units above"),
    ("group", "开会的小组，按编号 · keys of the groups that met"),
    ("talked", "谁与谁谈，一行一对姓名 · who talked with whom, two names a line"),
    ("again", "当天另一次会议的，写 1 · 1 where it was another meeting of the same day"),
    (ALSO, "同时算作的类型，按键 · kinds it counts as too, by their keys"),
];

/// Fields whose names hold a key or a number.
const PATTERNS: [(&str, &str); 3] = [
    (
        "^absent-[0-9]+$",
        "没有到会的人（编号）和缺席类别的键；其余应到的都算到会 · somebody due who did not come, by key: the class of absence; all others due were there",
    ),
    ("^role-[a-z_-]+$", "担任一种角色的人，按编号 · keys of those who stood in a role, such as role-chair"),
    (
        "^decision-[0-9]+(-(due|present|yes|no|abstain|important))?$",
        "表决事项从 decision-0 起，和它的应到、实到、赞成、反对、弃权；important 写 1 的须先经委员会 · what was voted on, from decision-0 on, and its numbers; 1 as important: through the committee first",
    ),
];

/// The shape of what is sent: these fields of every record, and what a meeting may have where it is written down.
pub(super) fn shape(named: &[&str]) -> Json {
    let every = EVERY.iter().filter(|(key, ..)| named.contains(key));
    let must: Vec<&str> = every.clone().filter(|(.., must)| *must).map(|(key, ..)| *key).collect();
    let text = |words: &str| json!({ "type": "string", "description": words });
    let mut properties: Map<String, Json> = every.map(|(key, words, _)| ((*key).to_owned(), text(words))).collect();
    if !named.contains(&"kind") {
        return json!({ "type": "object", "required": must, "properties": properties, "additionalProperties": false });
    }
    properties.extend(OF_MEETINGS.iter().map(|(key, words)| ((*key).to_owned(), json!({ "description": words }))));
    let patterns: Map<String, Json> =
        PATTERNS.iter().map(|(key, words)| ((*key).to_owned(), json!({ "description": words }))).collect();
    json!({ "type": "object", "required": must, "properties": properties, "patternProperties": patterns })
}

/// Refuses a field that the form of this kind does not have.
pub(super) fn check(rules: &Rulebook, sent: &Fields, named: &[&str]) -> Result<(), Refusal> {
    let kind = sent.get("kind").and_then(|values| values.first()).and_then(|id| rules.kind(id));
    let known = |key: &str| named.contains(&key) || key == "operation" || kind.is_none_or(|kind| has(rules, kind, key));
    match sent.keys().filter(|key| !known(key)).min() {
        Some(key) => Err(Refusal::field(
            key,
            format!("这类纪实没有“{key}”这一项，见 /api"),
            format!("records of this kind have no field {key}; see /api"),
        )),
        None => Ok(()),
    }
}

/// Whether the form of a kind has a field.
fn has(rules: &Rulebook, kind: &Kind, key: &str) -> bool {
    let also = || kind.also.iter().filter_map(|id| rules.kind(id)).flat_map(|other| kind.asks_of(other));
    kind.field.iter().any(|field| field.id == key)
        || key == ALSO && !kind.also.is_empty()
        || also().any(|number| number.id == key)
        || kind.meeting.as_ref().is_some_and(|meeting| of_meeting(meeting, key))
}

fn of_meeting(meeting: &Meeting, key: &str) -> bool {
    if meeting.due == Due::Pairs {
        return key == "talked";
    }
    match key.split_once('-') {
        Some(("absent", person)) => person.parse::<i64>().is_ok(),
        Some(("role", role)) => meeting.role.iter().any(|one| one == role),
        Some(("decision", rest)) => meeting.votes && is_of_decision(rest),
        _ if key == "group" => meeting.due.is_of_groups(),
        _ => ["began", "ended", "others", "above", "again"].contains(&key),
    }
}

/// Whether what follows `decision-` is a number there may be, with one of its parts or none.
fn is_of_decision(rest: &str) -> bool {
    let (n, part) = rest.split_once('-').unwrap_or((rest, "yes"));
    n.parse().is_ok_and(|n: usize| n < DECISIONS)
        && ["due", "present", "yes", "no", "abstain", "important"].contains(&part)
}
