//! What stands in the fields of the records of a demonstration.

use super::chance::Chance;
use jiff::civil::Date;
use luoshi_rules::record::{Field, Holds};
use serde_json::{Map, Value, json};

/// What meetings were about.
pub const TOPICS: [&str; 12] = [
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

/// What centre groups study, by quarter.
const STUDIED: [&str; 4] =
    ["学习全面从严治党部署", "主题教育专题研讨（扩大学习）", "学习调查研究方法", "学习党章党规和廉洁自律准则"];

/// A theme day of March that one branch in four spends in its community.
pub fn served(data: &mut Map<String, Value>) {
    data.insert("topic".into(), "学雷锋志愿服务进社区".into());
    data.insert("also".into(), serde_json::json!(["volunteer-service"]));
    data.insert("hours".into(), 2.into());
}

/// What a centre group studied, and whether others joined.
pub fn study(data: &mut Map<String, Value>, on: Date) {
    let quarter = usize::try_from((on.month() - 1) / 3).unwrap_or_default();
    data.insert("topic".into(), STUDIED.get(quarter).copied().unwrap_or(STUDIED[0]).into());
    data.insert("outline".into(), "一、原文导读；二、重点发言；三、对照本单位工作研讨。".into());
    if quarter == 1 {
        data.insert("extended".into(), 46.into());
    } else {
        data.remove("extended");
    }
}

/// A believable answer to a field.
pub fn answer(key: &str, holds: Holds, chosen: Option<&str>, field: &Field, chance: &mut Chance) -> Option<Value> {
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
