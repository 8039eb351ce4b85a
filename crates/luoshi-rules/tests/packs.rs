//! The packs that ship are sound, and hold nothing that the rules against formalism forbid.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

use luoshi_rules::record::{Due, Holds};
use luoshi_rules::{Calendar, Label, Pack};

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

/// Words of attendance by device, points, rankings, online time, place, face, compulsory pictures and opened pages.
const FORBIDDEN: &str = "打卡 签到 签退 积分 排名 排行 名次 在线时长 学习时长 登录次数 登录率 活跃度 使用率 点赞 点击量 定位 轨迹 位置 \
    人脸 照片 拍照 截图 视频 check-in check_in checkin sign-in punch points score ranking leaderboard online-time \
    online_time log-in login location gps geo latitude face photo picture screenshot video";

#[test]
fn no_pack_asks_for_what_the_rules_against_formalism_forbid() {
    for text in [BASE, LISTS[0].1, LISTS[1].1] {
        let low = text.to_lowercase();
        let words: Vec<&str> = low.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).collect();
        for forbidden in FORBIDDEN.split_whitespace() {
            let found = if forbidden.is_ascii() { words.contains(&forbidden) } else { low.contains(forbidden) };
            assert!(!found, "a pack mentions {forbidden}");
        }
    }
}

#[test]
fn no_form_that_ships_demands_an_attachment_or_more_than_three_answers() {
    let base = Pack::base(BASE).unwrap();
    for kind in &base.kind {
        for field in kind.field.iter().filter(|field| field.holds == Holds::File) {
            assert!(field.optional, "{}.{} must be attached", kind.id, field.id);
        }
        let asked = kind.field.iter().filter(|field| !field.optional).count();
        assert!(asked <= 3, "{} asks {asked} things", kind.id);
    }
}

/// Talks, leads, decisions and complaints are counted; what was said and whom it was about has no place to be written.
#[test]
fn what_is_confidential_is_counted_and_never_told() {
    let base = Pack::base(BASE).unwrap();
    let kinds = "heart-talk branch-resolution admission-approval lead-received lead-proposal decision-effective \
        decision-filed complaint-received complaint-passed complaint-answered complaint-results applicant-observation";
    for id in kinds.split_whitespace() {
        let kind = base.kind(id).unwrap_or_else(|| panic!("no kind {id}"));
        // of a talk only the pair may be kept
        assert!(kind.meeting.as_ref().is_none_or(|one| one.due == Due::Pairs), "{id} names people");
        let free =
            kind.field.iter().filter(|field| !matches!(field.holds, Holds::Number | Holds::Choice | Holds::Choices));
        let free: Vec<_> = free.map(|field| field.id.as_str()).collect();
        assert!(free.is_empty(), "{id} tells more: {free:?}");
    }
}

#[test]
fn every_word_of_a_pack_is_there_in_both_languages() {
    let base = Pack::base(BASE).unwrap();
    let mut words: Vec<Label> = vec![base.head.name.clone()];
    for list in [&base.class, &base.part, &base.role, &base.absence, &base.tie] {
        words.extend(list.iter().map(|named| named.name.clone()));
    }
    words.extend(base.kind.iter().map(|kind| kind.name.clone()));
    words.extend(base.kind.iter().flat_map(|kind| &kind.field).map(|field| field.name.clone()));
    words.extend(
        base.kind.iter().flat_map(|kind| &kind.field).flat_map(|field| &field.option).map(|one| one.name.clone()),
    );
    words
        .extend(base.flow.iter().flat_map(|flow| &flow.step).flat_map(|step| [step.name.clone(), step.button.clone()]));
    for (_, text, _) in LISTS {
        let list = Pack::list(text, &base).unwrap();
        words.extend(list.clause.iter().map(|clause| clause.text.clone()));
        words.extend(list.section.iter().chain(&list.source).map(|named| named.name.clone()));
        assert!(list.head.note.zh.contains("演示") && list.head.note.en.contains("not the text of any province"));
    }
    for word in words {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(chinese(&word.zh) && !word.en.is_empty() && !chinese(&word.en), "{word:?}");
    }
}
