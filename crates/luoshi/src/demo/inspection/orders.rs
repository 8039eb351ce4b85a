//! Orders of the office with their measures: one of a meeting, and one after 巡视 of the department itself. That round is
//! kept where it is sent from, in the province's demonstration: a department neither sends it nor closes what it found.
//! Here stand what a department has of it: the feedback as a record, the report that is owed within two months, and the
//! measures it gave to its committees.

use super::super::people::{CLERK, LEADER};
use super::Teller;
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::matter::{self, Opening};
use luoshi_store::record::{self, Entry, Stood};
use serde_json::{Value as Json, json};

/// The day the department reported what became of the feedback.
const REPORTED: Date = date(2023, 11, 8);

/// A measure: whose, what, by when.
type Measure = (&'static str, &'static str, &'static str);

impl Teller<'_, '_, '_> {
    /// An order of a meeting: four measures, one late, one still, one done.
    pub(super) fn order(&self) -> Result<(), Fault> {
        let data = json!({ "from": "meeting", "ref": "厅党组会议纪要（2023）第18期", "by": "2023-12-31" });
        let title = "年底前完成基层党组织规范化建设三项整改";
        let measures = [
            ("信息中心党委", "建成党员活动阵地网上预约", "2023-11-30"),
            ("培训中心党委", "编印支部工作手册", "2023-12-20"),
            ("职业学院党委", "完成届满支部换届", "2023-11-15"),
            ("总医院党委", "清理党费账户", "2023-12-31"),
        ];
        let given = self.give(date(2023, 10, 20), ("order:1", title), data, &measures)?;
        let [online, _, elections, _] = given.as_slice() else { return Ok(()) };
        self.reply(online, date(2023, 11, 14), "预约功能已上线试用，月底前全部开放。")?;
        self.ended(elections, date(2023, 11, 14), "12个届满支部全部完成换届。")
    }

    /// The department was inspected from above: the feedback, what was ordered on it, and the report.
    pub(super) fn above(&self) -> Result<(), Fault> {
        if self.today < REPORTED {
            return Ok(());
        }
        let topic = json!({ "topic": "省委第二巡视组向厅党组反馈巡视情况" });
        let body: Vec<i64> = self
            .staff
            .posts
            .range((self.writer.root.id, "")..(self.writer.root.id + 1, ""))
            .map(|(_, one)| *one)
            .collect();
        self.recorded("inspection-feedback", date(2023, 9, 12), topic, Some(body))?;
        let data = json!({ "from": "paper", "ref": "省委第二巡视组关于巡视林泽厅党组的反馈意见", "by": "2023-12-31" });
        let measures = [
            ("建设集团党委", "逐项排查重点工程廉政风险点并公示整改结果", "2023-12-20"),
            ("规划院党委", "把反馈的意识形态责任问题列入党委会年度议题", "2023-11-10"),
            ("服务公司党委", "补齐议事规则，重大事项先经党委会研究", "2023-12-31"),
        ];
        let given = self.give(date(2023, 9, 26), ("order:2", "落实省委巡视反馈意见整改"), data, &measures)?;
        let [risks, topics, _] = given.as_slice() else { return Ok(()) };
        self.reply(risks, date(2023, 10, 30), "已排查23个项目，4处风险点正在整改。")?;
        self.ended(topics, date(2023, 11, 6), "已列入议题计划，10月党委会作了专题研究。")?;
        let report = json!({ "about": "rectification", "topic": "巡视反馈意见集中整改情况报告，书记已签字" });
        self.recorded("report", REPORTED, report, None)
    }

    /// A record of the leading group, with those due where it is a meeting.
    fn recorded(&self, kind: &str, on: Date, data: Json, due: Option<Vec<i64>>) -> Result<(), Fault> {
        let kind = self.writer.base.kind(kind).ok_or(Fault::NotFound)?;
        let permit = self.writer.permit(Verb::Write, &self.writer.root, CLERK, on)?;
        let stood = match due {
            Some(_) => vec![Stood { person: LEADER, role: "chair".into(), why: String::new() }],
            None => Vec::new(),
        };
        let due = due.map(|mut due| {
            due.sort_unstable();
            due.dedup();
            due
        });
        let entry = Entry { kind, on, data, makes_up: String::new(), due, stood, files: Vec::new() };
        record::add(self.writer.tx, &permit, &entry).map(drop)
    }

    /// Gives an order and its measures.
    fn give(
        &self,
        on: Date,
        (subject, title): (&str, &str),
        data: Json,
        measures: &[Measure],
    ) -> Result<Vec<(&Unit, i64)>, Fault> {
        let (tx, base) = (self.writer.tx, self.writer.base);
        let clerk = self.leave(CLERK, &self.writer.root, on)?;
        let (subject, title) = (subject.to_owned(), title.to_owned());
        let flow = base.flow("order").ok_or(Fault::NotFound)?;
        let opening = Opening { flow, addressee: &self.writer.root, subject, title, data, note: String::new() };
        let order = matter::open(tx, &clerk, &opening)?;
        let flow = base.flow("measure").ok_or(Fault::NotFound)?;
        let one = |(name, title, by): &Measure| {
            let addressee = self.unit(name)?;
            let (subject, data) = (format!("{order}/{title}"), json!({ "by": by }));
            let opening = Opening { flow, addressee, subject, title: (*title).into(), data, note: String::new() };
            Ok((addressee, matter::add_part(tx, &clerk, base, order, (&opening, &[]))?))
        };
        measures.iter().map(one).collect()
    }

    /// The unit says how far it is.
    fn reply(&self, (unit, measure): &(&Unit, i64), on: Date, words: &str) -> Result<(), Fault> {
        let own = self.leave(self.holder(unit, "organ_committee_secretary")?, unit, on)?;
        self.step(&own, *measure, "reply", (words, Json::Null))
    }

    /// The unit says that it is done, and the office sees to it three days later.
    fn ended(&self, (unit, measure): &(&Unit, i64), on: Date, words: &str) -> Result<(), Fault> {
        let own = self.leave(self.holder(unit, "organ_committee_secretary")?, unit, on)?;
        self.step(&own, *measure, "claimed", (words, Json::Null))?;
        let clerk = self.leave(CLERK, &self.writer.root, on.saturating_add(jiff::ToSpan::days(3)))?;
        self.step(&clerk, *measure, "verified", ("", Json::Null))?;
        self.step(&clerk, *measure, "closed", ("", Json::Null))
    }
}
