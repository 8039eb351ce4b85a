//! A term of inspection: a round that is being put right, with a finding that relapsed, and one whose teams are on site;
//! orders of the office with their measures, one after the department itself was inspected from above.

mod more;
mod orders;

use super::Writer;
use super::people::{self, Staff};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::{Permit, Unit, Verb};
use luoshi_store::exchange::{self, PublicKey};
use luoshi_store::matter::{self, Opening, Taken};
use luoshi_store::{Fault, Keys, holding, record, round};
use serde_json::{Value as Json, json};

/// The round that is being put right: units and their team.
const SPRING: [(&str, i64); 6] = [
    ("规划院党委", 1),
    ("科研院党委", 1),
    ("总医院党委", 2),
    ("职业学院党委", 2),
    ("建设集团党委", 3),
    ("物资公司党委", 3),
];
/// The round whose teams are on site.
const AUTUMN: [(&str, i64); 4] = [("勘测院党委", 1), ("监测总站党委", 2), ("建设一公司党委", 3), ("设计公司党委", 3)];
/// Committees whose centre groups are sat in on, and how the first ones were found: preparation, discussion, practice.
const SITTING: [(&str, i64); 5] =
    [("规划院党委", 1), ("总医院党委", 2), ("建设集团党委", 3), ("勘测院党委", 1), ("职业学院党委", 2)];
const SEEN: [[&str; 3]; 3] = [["good", "good", "fair"], ["good", "fair", "fair"], ["fair", "fair", "poor"]];
/// Leader and deputy of each team, by the committee whose secretary and deputy they are.
const TEAMS: [&str; 3] = ["信息中心党委", "培训中心党委", "行业协会党委"];
/// What was found: aspect, problem, manifestation.
const FOUND: [(&str, &str, &str); 7] = [
    ("theory", "学习贯彻不够深入", "党委理论学习中心组2022年有3次学习只念文件、未安排研讨。"),
    ("theory", "学习贯彻不够深入", "所属4个支部的学习记录与党委的雷同，未结合本单位实际。"),
    ("governance", "廉政风险防控不严", "大额采购的2个项目未按制度进行比选。"),
    ("governance", "廉政风险防控不严", "廉政谈话一年只覆盖三成中层干部。"),
    ("team", "班子议事不规范", "党委会2022年有5个重大事项未形成会议纪要。"),
    ("organisation", "基层支部基础工作薄弱", "3个支部届满一年以上未换届。"),
    ("organisation", "基层支部基础工作薄弱", "2个支部半年未按期缴纳党费。"),
];
/// Tasks for a finding of that number: measure, days after feedback by which it is to be done.
const TASKS: [(usize, &str, i64); 9] = [
    (0, "制定中心组学习研讨计划，每次安排两人重点发言", 60),
    (1, "对所属支部学习记录逐本检查并通报", 90),
    (2, "补做采购比选的情况说明，修订采购办法", 120),
    (2, "对采购人员开展一次培训", 150),
    (3, "制定廉政谈话年度计划并按季公布进度", 180),
    (4, "补齐会议纪要，明确专人负责", 60),
    (5, "3个支部在两个月内完成换届", 120),
    (6, "补缴党费并公示", 40),
    (6, "每季度核对一次党费台账", 180),
];

/// The day the findings of the spring were fed back.
const FED_BACK: Date = date(2023, 6, 20);

/// Writes the term.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date) -> Result<(), Fault> {
    let teller = Teller { writer, units, staff, today };
    let kind = writer.base.round("unit_inspection").ok_or(Fault::NotFound)?;
    let plan = round::Plan {
        name: "本届巡察规划（2022—2026年）".into(),
        from: date(2022, 1, 1),
        until: date(2026, 12, 31),
        teams: 3,
        each: 2,
        per_year: 2,
    };
    let permit = writer.permit(Verb::Act, &writer.root, people::CLERK, date(2022, 1, 10))?;
    let coverage = round::plan(writer.tx, &permit, kind, &plan)?;
    let spring =
        Opened { coverage, name: "春季巡察", from: date(2023, 3, 1), until: date(2024, 6, 30), units: &SPRING };
    let targets = teller.round(&spring)?;
    teller.spring(&targets)?;
    teller.further(&targets)?;
    let autumn =
        Opened { coverage, name: "秋季巡察", from: date(2023, 10, 9), until: date(2024, 12, 31), units: &AUTUMN };
    let targets = teller.round(&autumn)?;
    teller.autumn(&targets)?;
    teller.away(&targets)?;
    teller.sitting()?;
    teller.checks()?;
    teller.order()?;
    teller.above()
}

/// A round as it is opened.
struct Opened<'a> {
    coverage: i64,
    name: &'a str,
    from: Date,
    until: Date,
    units: &'a [(&'a str, i64)],
}

/// A unit of a round: its matter and its team.
struct Target<'u> {
    unit: &'u Unit,
    matter: i64,
    team: usize,
}

/// Who tells it all.
struct Teller<'a, 'b, 't> {
    writer: &'a Writer<'b, 't>,
    units: &'a [Unit],
    staff: &'a Staff,
    today: Date,
}

impl Teller<'_, '_, '_> {
    fn unit(&self, name: &str) -> Result<&Unit, Fault> {
        self.units.iter().find(|unit| unit.short_name == name).ok_or(Fault::NotFound)
    }

    fn holder(&self, unit: &Unit, post: &'static str) -> Result<i64, Fault> {
        self.staff.posts.get(&(unit.id, post)).copied().ok_or(Fault::NotFound)
    }

    /// Leave of a person to act for a unit on a day, by the posts they hold then.
    fn leave(&self, person: i64, unit: &Unit, on: Date) -> Result<Permit, Fault> {
        let actor = holding::actor(self.writer.tx, self.writer.root.top, person, on.min(self.today))?;
        Ok(actor.permit(self.writer.base, Verb::Act, unit)?)
    }

    /// The leader of a team.
    fn head(&self, team: usize) -> Result<i64, Fault> {
        self.holder(self.unit(TEAMS.get(team).ok_or(Fault::NotFound)?)?, "organ_committee_secretary")
    }

    fn round(&self, wanted: &Opened) -> Result<Vec<Target<'_>>, Fault> {
        let (tx, base) = (self.writer.tx, self.writer.base);
        let permit = self.leave(people::CLERK, &self.writer.root, wanted.from)?;
        let opened = round::Opened {
            coverage: wanted.coverage,
            name: wanted.name.into(),
            from: wanted.from,
            until: wanted.until,
            paper: format!("厅党组关于开展{}的通知", wanted.name),
        };
        let id = round::open(tx, &permit, &opened)?;
        for (name, team) in TEAMS.iter().zip(1_i64..) {
            let home = self.unit(name)?;
            let posts = [
                ("team_leader", "organ_committee_secretary"),
                ("team_deputy", "fulltime_deputy_secretary"),
                ("team_member", "discipline_secretary"),
            ];
            for (seat, post) in posts {
                let known = base.post(seat).ok_or(Fault::NotFound)?;
                round::seat(tx, &permit, base, (id, team, self.holder(home, post)?), known)?;
            }
        }
        let target = |(name, team): &(&str, i64)| {
            let unit = self.unit(name)?;
            let matter = round::add_target(tx, &permit, base, (id, *team), unit)?;
            Ok(Target { unit, matter, team: usize::try_from(*team - 1).unwrap_or_default() })
        };
        wanted.units.iter().map(target).collect()
    }

    /// A cycle of sitting in on centre-group study: two told and fed back, one whose note is late, two agreed on.
    fn sitting(&self) -> Result<(), Fault> {
        let (tx, root) = (self.writer.tx, &self.writer.root);
        let kind = self.writer.base.round("observation").ok_or(Fault::NotFound)?;
        let plan = round::Plan {
            name: "中心组学习列席旁听（2023—2024年）".into(),
            from: date(2023, 1, 1),
            until: date(2024, 12, 31),
            teams: 3,
            each: 4,
            per_year: 4,
        };
        let coverage =
            round::plan(tx, &self.writer.permit(Verb::Act, root, people::CLERK, date(2023, 1, 10))?, kind, &plan)?;
        let opened = Opened {
            coverage,
            name: "下半年列席旁听",
            from: date(2023, 7, 3),
            until: date(2024, 6, 30),
            units: &SITTING,
        };
        for (n, target) in self.round(&opened)?.iter().enumerate() {
            let head = self.head(target.team)?;
            let team = |on: Date| self.leave(head, target.unit, on);
            let agreed = json!({ "session": "2023-09-20", "topic": "学习研讨", "materials": "yes" });
            self.step(&team(date(2023, 9, 4))?, target.matter, "agreed", ("", agreed))?;
            let Some([preparation, discussion, practice]) = SEEN.get(n) else { continue };
            let seen = json!({ "day": "2023-09-20", "due": 9, "present": 9 - n,
                "preparation": preparation, "discussion": discussion, "practice": practice });
            self.step(&team(date(2023, 9, 21))?, target.matter, "arrived", ("", seen))?;
            if n < 2 {
                let text = "会前自学充分，两位同志作重点发言，研讨联系规划编制实际；建议会后形成转化清单。";
                self.step(&team(date(2023, 9, 28))?, target.matter, "noted", ("", json!({ "text": text })))?;
                let clerk = self.leave(people::CLERK, root, date(2023, 10, 10))?;
                self.step(&clerk, target.matter, "fed_back", ("学习有准备，可多联系实际问题研讨", Json::Null))?;
            }
        }
        Ok(())
    }

    fn step(&self, permit: &Permit, matter: i64, to: &str, (note, data): (&str, Json)) -> Result<(), Fault> {
        matter::take(self.writer.tx, permit, self.writer.base, matter, &Taken { to, note, data, on: None }).map(drop)
    }

    /// From arrival to the feedback, then as far as each has come.
    fn spring(&self, targets: &[Target]) -> Result<(), Fault> {
        for (n, target) in targets.iter().enumerate() {
            let head = self.head(target.team)?;
            let came = date(2023, 3, 6);
            let team = |on: Date| self.leave(head, target.unit, on);
            let none = || ("", Json::Null);
            self.step(&team(came)?, target.matter, "arrived", none())?;
            let counts = json!({ "talks": 40 + n, "questionnaires": 120 + 10 * n, "papers": 300, "visits": 6 });
            self.step(&team(date(2023, 4, 20))?, target.matter, "counted", ("", counts))?;
            let first = target.unit.short_name == "规划院党委";
            let found = FOUND.iter().enumerate().filter(|(at, _)| first || (at + n) % 3 != 0);
            let found = found.map(|(at, what)| Ok((at, self.finding(&team(date(2023, 4, 25))?, target, what)?)));
            let found = found.collect::<Result<Vec<(usize, i64)>, Fault>>()?;
            self.step(&team(date(2023, 4, 28))?, target.matter, "left", none())?;
            self.step(&team(date(2023, 5, 20))?, target.matter, "reported", none())?;
            self.fed_back(target, &found)?;
            self.put_right(target, &found, n)?;
        }
        Ok(())
    }

    fn finding(
        &self,
        permit: &Permit,
        target: &Target,
        (aspect, problem, words): &(&str, &str, &str),
    ) -> Result<i64, Fault> {
        let flow = self.writer.base.flow("finding").ok_or(Fault::NotFound)?;
        let (subject, title) = (format!("{}/{words}", target.matter), (*words).to_owned());
        let data = json!({ "aspect": aspect, "problem": problem });
        let opening = Opening { flow, addressee: target.unit, subject, title, data, note: String::new() };
        matter::add_part(self.writer.tx, permit, self.writer.base, target.matter, (&opening, &[]))
    }

    fn fed_back(&self, target: &Target, found: &[(usize, i64)]) -> Result<(), Fault> {
        let clerk = self.leave(people::CLERK, &self.writer.root, FED_BACK)?;
        let limit = json!({ "limit": FED_BACK.saturating_add(6.months()).to_string() });
        self.step(&clerk, target.matter, "fed_back_head", ("", Json::Null))?;
        self.step(&clerk, target.matter, "fed_back_body", ("", limit.clone()))?;
        let own = self.leave(
            self.holder(target.unit, "organ_committee_secretary")?,
            target.unit,
            FED_BACK.saturating_add(3.days()),
        )?;
        for (_, finding) in found {
            self.step(&clerk, *finding, "fed_back", ("", limit.clone()))?;
            self.step(&own, *finding, "accepted", ("", Json::Null))?;
        }
        self.step(&own, target.matter, "plan_filed", ("整改方案已经党委会审议通过，现报送。", Json::Null))?;
        let later = self.leave(people::CLERK, &self.writer.root, date(2023, 7, 3))?;
        self.step(&later, target.matter, "plan_passed", ("", Json::Null))
    }

    /// Tasks of the findings, at every stage.
    fn put_right(&self, target: &Target, found: &[(usize, i64)], n: usize) -> Result<(), Fault> {
        let flow = self.writer.base.flow("task").ok_or(Fault::NotFound)?;
        let own = |on: Date| self.leave(self.holder(target.unit, "organ_committee_secretary")?, target.unit, on);
        let clerk = |on: Date| self.leave(people::CLERK, &self.writer.root, on);
        for (at, (of, measure, days)) in TASKS.iter().enumerate() {
            let Some((_, finding)) = found.iter().find(|(no, _)| no == of) else { continue };
            let by = FED_BACK.saturating_add((*days).days());
            let data = json!({ "by": by.to_string(), "leader": "党委书记", "term": if *days > 160 { "long" } else { "window" } });
            let (subject, title) = (format!("{finding}/{measure}"), (*measure).to_owned());
            let opening = Opening { flow, addressee: target.unit, subject, title, data, note: String::new() };
            let plans = own(date(2023, 6, 28))?;
            let task = matter::add_part(self.writer.tx, &plans, self.writer.base, *finding, (&opening, &[]))?;
            self.step(&clerk(date(2023, 7, 3))?, task, "passed", ("", Json::Null))?;
            // of seven, one has not moved, one is under way, one waits for the office, four are closed
            let stage = (3 * at + n) % 7;
            if stage == 3 {
                // half of what has not moved has been warned about
                let over = by.saturating_add(5.days());
                if n.is_multiple_of(2) && over <= self.today {
                    let words = "请于一周内报送进展，并说明逾期原因。";
                    self.step(&clerk(over)?, task, "warned", (words, Json::Null))?;
                }
                continue;
            }
            let done = by.saturating_sub(20.days());
            self.step(&own(done)?, task, "progress", ("措施正在落实，已完成大半。", Json::Null))?;
            if stage == 2 {
                continue;
            }
            let told = by.saturating_sub(15.days());
            let record = self.record(target.unit, told)?;
            let shown = json!({ "result": "done", "rules": i64::from(at == 2), "evidence": [{ "record": record }] });
            self.step(&own(told)?, task, "claimed", ("已按措施整改到位。", shown))?;
            if stage != 1 {
                self.step(&clerk(told.saturating_add(4.days()))?, task, "verified", ("", Json::Null))?;
                self.step(&clerk(told.saturating_add(5.days()))?, task, "closed", ("", Json::Null))?;
                self.closed(*finding, (*of, n))?;
            }
        }
        Ok(())
    }

    /// The newest record of a unit or one below it.
    fn record(&self, unit: &Unit, on: Date) -> Result<i64, Fault> {
        let own = self.holder(unit, "organ_committee_secretary")?;
        let own = holding::actor(self.writer.tx, unit.top, own, on.min(self.today))?;
        let scope = own.scope(self.writer.base, Verb::See, unit)?;
        let filter =
            record::Filter { kind: String::new(), first: date(2023, 1, 1), last: on, unit: 0, after: None, most: 1 };
        let found = record::list(self.writer.tx, &scope, &filter)?;
        found.first().map(|line| line.record.id).ok_or(Fault::NotFound)
    }

    /// A finding with one task is closed with it; one of them had relapsed when it was looked at again.
    fn closed(&self, finding: i64, (of, n): (usize, usize)) -> Result<(), Fault> {
        if TASKS.iter().filter(|(no, ..)| *no == of).count() > 1 {
            return Ok(());
        }
        let clerk = |on: Date| self.leave(people::CLERK, &self.writer.root, on);
        self.step(&clerk(date(2023, 12, 8))?, finding, "closed", ("", Json::Null))?;
        if n == 1 {
            let words = "回头看时发现新一轮谈话又未覆盖中层干部，重新整改。";
            self.step(&clerk(date(2023, 12, 13))?, finding, "relapsed", (words, json!({ "limit": "2024-03-31" })))?;
        }
        Ok(())
    }

    /// Two units are looked at, one team has left, one has not come yet.
    fn autumn(&self, targets: &[Target]) -> Result<(), Fault> {
        for target in targets.iter().take(3) {
            let head = self.head(target.team)?;
            let team = |on: Date| self.leave(head, target.unit, on);
            self.step(&team(date(2023, 10, 16))?, target.matter, "arrived", ("", Json::Null))?;
            let counts = json!({ "talks": 22, "questionnaires": 80, "papers": 140 });
            self.step(&team(date(2023, 11, 10))?, target.matter, "counted", ("", counts))?;
            for what in FOUND.iter().skip(target.team).take(2) {
                self.finding(&team(date(2023, 11, 20))?, target, what)?;
            }
        }
        let Some(first) = targets.first() else { return Ok(()) };
        let leave = self.leave(self.head(first.team)?, first.unit, date(2023, 12, 1))?;
        self.step(&leave, first.matter, "left", ("", Json::Null))
    }

    /// The second team of the autumn works where there is no network, on a machine that nobody has: its key is made here.
    fn away(&self, targets: &[Target]) -> Result<(), Fault> {
        let Some(target) = targets.iter().find(|target| target.team == 1) else { return Ok(()) };
        let clerk = self.leave(people::CLERK, &self.writer.root, date(2023, 12, 4))?;
        let office = self.writer.actor(people::CLERK, date(2023, 12, 4));
        let scope = office.scope(self.writer.base, Verb::See, &self.writer.root)?;
        let round = matter::find(self.writer.tx, &scope, target.matter)?.matter.round;
        let machine = PublicKey::of(&Keys::new(&[29; 32]))?;
        let partner = (machine.to_string(), machine.fingerprint());
        exchange::send(self.writer.tx, &clerk, (round, 2), (&partner.0, &partner.1)).map(drop)
    }
}
