//! What the records of the demonstration say in their fields.

use super::chance::Chance;
use serde_json::{Value, json};

/// What meetings were about.
pub(super) const TOPICS: [&str; 12] = [
    "学习贯彻重要会议精神",
    "主题教育专题学习",
    "年度重点任务推进",
    "警示教育和纪律学习",
    "党章党规学习",
    "服务基层调研交流",
    "汛期防灾党员先锋岗",
    "义务植树活动",
    "青年干部成长座谈",
    "支部标准化建设讨论",
    "志愿服务进社区",
    "年终总结和来年打算",
];

/// A believable answer to a field.
pub(super) fn answer(
    key: &str,
    holds: luoshi_rules::record::Holds,
    chosen: Option<&str>,
    field: &luoshi_rules::record::Field,
    chance: &mut Chance,
) -> Option<Value> {
    use luoshi_rules::record::Holds;
    let first = field.option.first().map(|option| option.id.as_str());
    match holds {
        Holds::Text if key == "topic" => Some(chance.pick(&TOPICS, "年度重点任务推进").into()),
        Holds::Long if key == "text" => Some("已按方案完成，问题已列单整改，数字以自查纪实为准。".into()),
        Holds::Number if key == "hours" => Some(chance.between(16, 40).into()),
        Holds::Number => Some(chance.between(1, 20).into()),
        Holds::Money => Some((chance.between(800, 9_000) * 10).into()),
        Holds::Choice => chosen.or(first).map(Value::from),
        Holds::Choices => chosen.or(first).map(|one| json!([one])),
        _ => None,
    }
}
