//! The packs that ship are sound, and hold nothing that the rules against formalism forbid.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use luoshi_rules::{Calendar, Pack};

const BASE: &str = include_str!("../../../packs/base.toml");
const LISTS: [(&str, &str, usize); 2] = [
    ("duties", include_str!("../../../packs/duties.toml"), 59),
    ("duties-extended", include_str!("../../../packs/duties-extended.toml"), 27),
];

#[test]
fn every_pack_that_ships_is_sound() {
    let tell = |faults: Vec<luoshi_rules::pack::Fault>| faults.iter().map(|f| format!("{f}\n")).collect::<String>();
    let base = Pack::base(BASE).unwrap_or_else(|faults| panic!("base: {}", tell(faults)));
    for (id, text, clauses) in LISTS {
        let list = Pack::list(text, &base).unwrap_or_else(|faults| panic!("{id}: {}", tell(faults)));
        assert_eq!(list.head.id, id);
        assert_eq!(list.clause.len(), clauses);
    }
    Calendar::parse(include_str!("../../../packs/holidays.toml")).unwrap();
}

#[test]
fn no_pack_asks_for_what_the_rules_against_formalism_forbid() {
    let forbidden =
        ["打卡", "签到", "积分", "排名", "在线时长", "登录次数", "定位", "人脸", "check-in", "ranking", "leaderboard"];
    for text in [BASE, LISTS[0].1, LISTS[1].1] {
        for word in forbidden {
            assert!(!text.contains(word), "a pack mentions {word}");
        }
    }
}
