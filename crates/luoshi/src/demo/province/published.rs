//! What the province published of its year, written as the records that say it: lectures, volunteers, sessions of centre
//! groups, classes and who was trained, papers, checks. Each number below comes out of these records and of no others.

use super::super::Writer;
use super::super::chance::Chance;
use super::super::classes::sessions;
use super::super::people::{CLERK, Staff};
use super::YEAR;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::{Kind, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::class::{self, Plan};
use luoshi_store::record::{self, Entry, Stood};
use serde_json::{Value, json};

/// Lectures held by the work committee itself, and how many came to each of the first and of the others: 62,680 in all.
const OWN_LECTURES: i64 = 104;
const OWN_AUDIENCE: i64 = 560;
/// Lectures of departments.
const THEIR_LECTURES: usize = 412;
/// Members who served as volunteers, of any number of members.
const VOLUNTEERS: usize = 18_264;
/// Sessions of each committee's centre group; those of departments are monthly.
const COMMITTEE_SESSIONS: i64 = 2;
/// Training classes of the work committee.
const CLASSES: [(&str, &str, i64, i64); 11] = [
    ("党支部书记示范培训班（第一期）", "secretary", 3, 24),
    ("党支部书记示范培训班（第二期）", "secretary", 4, 24),
    ("党支部书记示范培训班（第三期）", "secretary", 5, 24),
    ("新任党务工作者培训班", "workers", 5, 40),
    ("机关党委专职副书记培训班", "workers", 6, 32),
    ("机关纪委书记业务培训班", "workers", 6, 32),
    ("青年理论骨干培训班（第一期）", "members", 7, 24),
    ("青年理论骨干培训班（第二期）", "members", 8, 24),
    ("发展对象集中培训班", "members", 9, 24),
    ("中心组学习秘书培训班", "workers", 10, 16),
    ("党员骨干专题研讨班", "members", 11, 24),
];
/// Places of a class; each class has eight who were in the one before: 11 × 102 − 10 × 8 people, less the eight who
/// stayed away, are 1,034.
const PLACES: usize = 102;
const AGAIN: usize = 8;
/// Papers the work committee issued.
const PAPERS: [(&str, &str, Date); 3] = [
    ("省直机关党支部规范化建设办法", "云直工发〔2022〕6号", date(2022, 4, 18)),
    ("省直机关党员教育培训学时管理办法", "云直工发〔2022〕11号", date(2022, 7, 11)),
    ("省直机关中心组学习列席旁听实施办法", "云直工发〔2022〕17号", date(2022, 10, 24)),
];
/// Rounds of special checks, and person-times in each.
const CHECKS: i64 = 22;
const CHECKED: i64 = 19;

const TOPICS: [&str; 6] =
    ["党的创新理论进基层", "政策法规宣讲", "青年成长成才", "安全生产和法治", "乡村振兴政策", "行业先进事迹"];
const AUDIENCES: [&str; 6] = ["grassroots", "grassroots", "grassroots", "youth", "enterprise", "organ"];
const STUDIED: [&str; 6] = [
    "学习党章党规",
    "学习全面从严治党部署",
    "调查研究方法专题研讨",
    "安全发展专题研讨",
    "学习廉洁自律准则",
    "基层治理专题研讨",
];
const SERVED: [(&str, &str, &str); 5] = [
    ("社区防汛值守", "emergency", "社区"),
    ("文明劝导和环境整治", "community", "社区"),
    ("政策咨询进社区", "skills", "社区党群服务中心"),
    ("助老助残上门服务", "community", "社区"),
    ("义务植树", "other", "城郊林场"),
];
const SORTS: [&str; 4] = ["会风文风", "值班值守", "公务用车", "窗口服务"];

/// Who writes the year.
pub struct Published<'a, 't> {
    pub writer: &'a Writer<'a, 't>,
    pub units: &'a [Unit],
    pub staff: &'a Staff,
}

impl Published<'_, '_> {
    /// Writes all of it.
    pub fn write(&self, chance: &mut Chance) -> Result<(), Fault> {
        self.lectures(chance)?;
        self.sessions(chance)?;
        self.hearings(chance)?;
        self.service(chance)?;
        self.classes()?;
        self.papers()?;
        self.checks(chance)
    }

    fn kind(&self, id: &str) -> Result<&Kind, Fault> {
        self.writer.base.kind(id).ok_or(Fault::NotFound)
    }

    fn of_level(&self, level: &str) -> Vec<&Unit> {
        self.units.iter().filter(|unit| unit.level == level).collect()
    }

    /// Adds a record of a unit, written within the week.
    fn add(
        &self,
        unit: &Unit,
        kind: &Kind,
        on: Date,
        data: Value,
        people: (Option<Vec<i64>>, Vec<Stood>),
    ) -> Result<(), Fault> {
        let written = on.checked_add((unit.id % 6).days()).unwrap_or(on).min(date(YEAR, 12, 31));
        let author = self.staff.posts.get(&(unit.id, "branch_secretary")).copied().unwrap_or(CLERK);
        let permit = self.writer.permit(Verb::Write, unit, author, written)?;
        let (due, stood) = people;
        let entry = Entry { kind, on, data, makes_up: String::new(), due, stood, files: Vec::new() };
        record::add(self.writer.tx, &permit, &entry).map(drop)
    }

    fn lectures(&self, chance: &mut Chance) -> Result<(), Fault> {
        let kind = self.kind("lecture")?;
        let departments = self.of_level("leading_group");
        let own = std::iter::repeat_n(&self.writer.root, OWN_LECTURES as usize);
        for (n, unit) in own.chain(departments.iter().copied().cycle().take(THEIR_LECTURES)).enumerate() {
            let people =
                if unit.id == self.writer.root.id { OWN_AUDIENCE + n as i64 % 5 * 20 } else { chance.between(30, 180) };
            let topic = chance.pick(&TOPICS, "政策法规宣讲");
            let data = json!({ "topic": topic, "audience": chance.pick(&AUDIENCES, "grassroots"), "people": people });
            self.add(unit, kind, any_day(chance), data, (Some(Vec::new()), Vec::new()))?;
        }
        Ok(())
    }

    /// Every month in each department, twice in each committee: all who hold a post there are due, the head chairs.
    fn sessions(&self, chance: &mut Chance) -> Result<(), Fault> {
        let kind = self.kind("center-group-study")?;
        let monthly =
            self.of_level("leading_group").into_iter().flat_map(|unit| (1..=12).map(move |month| (unit, month)));
        let twice = self.of_level("organ_committee").into_iter();
        let twice = twice.flat_map(|unit| (1..=COMMITTEE_SESSIONS).map(move |n| (unit, (n * 5) as i8)));
        for (unit, month) in monthly.chain(twice) {
            let head = ["leading_group_secretary", "organ_committee_secretary"];
            let head = head.iter().find_map(|post| self.staff.posts.get(&(unit.id, *post))).copied();
            let role = |role: &str| head.map(|person| Stood { person, role: role.into(), why: String::new() });
            let stood = role("chair").into_iter().chain(role("speaker")).collect();
            let data = json!({ "topic": chance.pick(&STUDIED, "学习党章党规") });
            self.add(unit, kind, date(YEAR, month, chance.between(8, 26) as i8), data, (Some(self.body(unit)), stood))?;
        }
        Ok(())
    }

    /// Each department's leading group hears its committee twice a year; one in twenty forgets.
    fn hearings(&self, chance: &mut Chance) -> Result<(), Fault> {
        let kind = self.kind("leading-group-meeting")?;
        for unit in self.of_level("leading_group") {
            for month in [chance.between(2, 6), chance.between(8, 12)] {
                let on = date(YEAR, month as i8, chance.between(3, 27) as i8);
                let data = json!({ "topic": "听取机关党委工作汇报", "agenda": ["hear-committee"] });
                if !chance.percent(5) {
                    self.add(unit, kind, on, data, (Some(self.body(unit)), Vec::new()))?;
                }
            }
        }
        Ok(())
    }

    /// Who holds a post in a unit.
    fn body(&self, unit: &Unit) -> Vec<i64> {
        let mut body: Vec<i64> =
            self.staff.posts.range((unit.id, "")..(unit.id + 1, "")).map(|(_, one)| *one).collect();
        body.sort_unstable();
        body.dedup();
        body
    }

    /// Volunteers of each branch: all of them once, and some of them again.
    fn service(&self, chance: &mut Chance) -> Result<(), Fault> {
        let kind = self.kind("volunteer-service")?;
        let branches = self.of_level("branch");
        let members: usize = branches.iter().filter_map(|unit| self.staff.members.get(&unit.id)).map(Vec::len).sum();
        let (mut passed, mut served) = (0, 0);
        for unit in branches {
            let people = self.staff.members.get(&unit.id).map(Vec::as_slice).unwrap_or_default();
            passed += people.len();
            // so many that the share of all members is kept, and the last branch makes it exact
            let wanted = (VOLUNTEERS.min(members) * passed / members.max(1)).saturating_sub(served).min(people.len());
            served += wanted;
            let mut volunteers: Vec<i64> = people.iter().rev().take(wanted).copied().collect();
            volunteers.sort_unstable();
            let again = volunteers.iter().copied().step_by(2).collect();
            for people in [volunteers, again].into_iter().filter(|people: &Vec<i64>| !people.is_empty()) {
                let (topic, form, place) = chance.pick(&SERVED, SERVED[0]);
                let data = json!({ "topic": topic, "form": form, "place": place, "hours": chance.between(2, 6) });
                self.add(unit, kind, any_day(chance), data, (Some(people), Vec::new()))?;
            }
        }
        Ok(())
    }

    fn classes(&self) -> Result<(), Fault> {
        let kind = self.kind(class::KIND)?;
        let mut people: Vec<i64> = self.staff.members.values().filter_map(|members| members.get(2)).copied().collect();
        people.sort_unstable();
        for (n, (title, audience, month, hours)) in CLASSES.into_iter().enumerate() {
            let first = n * (PLACES - AGAIN);
            let seats: Vec<i64> = people.iter().skip(first).take(PLACES).copied().collect();
            if let Some(people) = Some(seats).filter(|seats| !seats.is_empty()) {
                self.class(kind, (title, audience, hours), date(YEAR, month as i8, 6 + n as i8), &people)?;
            }
        }
        Ok(())
    }

    /// A class that was planned, took names and was held; most of those named came.
    fn class(
        &self,
        kind: &Kind,
        (title, audience, hours): (&str, &str, i64),
        from: Date,
        people: &[i64],
    ) -> Result<(), Fault> {
        let root = &self.writer.root;
        let planned = from.checked_sub(30.days()).unwrap_or(from);
        let until = from.checked_add((hours / 8 - 1).days()).unwrap_or(from);
        let (title, audience, place) = (title.to_owned(), audience.to_owned(), "省直机关党校".to_owned());
        let (kind_id, need, places) = (kind.id.clone(), String::new(), PLACES as i64);
        let sessions = sessions((from, until), hours);
        let plan =
            Plan { kind: kind_id, title, need, audience, from, until, place, hours, places, closes: from, sessions };
        let permit = self.writer.permit(Verb::Write, root, CLERK, planned)?;
        let id = class::plan(self.writer.tx, &permit, kind, &plan, &[])?;
        let scope = self.writer.actor(CLERK, until).scope(self.writer.base, Verb::See, root)?;
        let class = class::find(self.writer.tx, &scope, id)?;
        people.iter().try_for_each(|person| class::enrol(self.writer.tx, &permit, &class, *person))?;
        // one of those in no other class stayed away, but for the last three
        let away = people.get(PLACES / 2).copied().filter(|_| from.month() < 9);
        let came = people.iter().copied().filter(|person| Some(*person) != away);
        let came: Vec<(i64, i64)> =
            came.flat_map(|person| class.plan.sessions.iter().map(move |one| (one.no, person))).collect();
        let permit = self.writer.permit(Verb::Write, root, CLERK, until)?;
        class::conclude(self.writer.tx, &permit, kind, (&class, people), &came).map(drop)
    }

    fn papers(&self) -> Result<(), Fault> {
        let kind = self.kind("regulation-paper")?;
        PAPERS.into_iter().try_for_each(|(topic, number, on)| {
            let data = json!({ "topic": topic, "number": number, "act": "issued" });
            self.add(&self.writer.root, kind, on, data, (None, Vec::new()))
        })
    }

    fn checks(&self, chance: &mut Chance) -> Result<(), Fault> {
        let kind = self.kind("conduct-check")?;
        for n in 0..CHECKS {
            let topic = format!("{}专项检查", chance.pick(&SORTS, "会风文风"));
            let data = json!({ "topic": topic, "places": chance.between(6, 18), "people": CHECKED + n % 2 });
            self.add(&self.writer.root, kind, any_day(chance), data, (None, Vec::new()))?;
        }
        Ok(())
    }
}

fn any_day(chance: &mut Chance) -> Date {
    date(YEAR, chance.between(1, 12) as i8, chance.between(1, 28) as i8)
}
