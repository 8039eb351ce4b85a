//! What else becomes of a rectification: more time, what is long-term, a unit that helps, a score that asks for a
//! talk, another look at what was closed; and conduct checks by pairs.

use super::super::people;
use super::{Opened, Target, Teller};
use jiff::ToSpan;
use jiff::civil::date;
use luoshi_rules::{Unit, Verb};
use luoshi_store::matter::{self, Line, Opening};
use luoshi_store::{Fault, round};
use serde_json::{Value as Json, json};

/// Units that are checked, and by which team.
const CHECKED: [(&str, i64); 3] = [("服务公司党委", 1), ("生态集团党委", 2), ("种苗总站党委", 3)];

impl Teller<'_, '_, '_> {
    /// Everything that lies under the matter of a unit.
    fn below(&self, target: &Target) -> Result<Vec<Line>, Fault> {
        let clerk = self.writer.actor(people::CLERK, self.today);
        let scope = clerk.scope(self.writer.base, Verb::See, &self.writer.root)?;
        matter::tree(self.writer.tx, &scope, (target.matter, 0))
    }

    fn stands(&self, line: &Line, flow: &str, step: &str) -> bool {
        let known = self.writer.base.flow(flow).filter(|flow| flow.id == line.matter.flow);
        known.and_then(|flow| line.matter.state(flow)).is_some_and(|at| at.id == step)
    }

    /// More of what the office and the units of the spring did.
    pub(super) fn further(&self, targets: &[Target]) -> Result<(), Fault> {
        let clerk = |on| self.leave(people::CLERK, &self.writer.root, on);
        let Some((first, second)) = targets.first().zip(targets.get(1)) else { return Ok(()) };
        let lines = self.below(first)?;
        let limit = |line: &Line| line.matter.data["by"].as_str().unwrap_or_default().to_owned();
        let open: Vec<&Line> = lines.iter().filter(|line| self.stands(line, "task", "passed")).collect();
        if let Some(task) = open.iter().find(|line| limit(line).as_str() > "2023-11-20") {
            self.extended(first, task)?;
        }
        if let Some(task) = open.iter().rfind(|line| line.matter.data["term"] == "long") {
            let review = |day: &str| json!({ "review": day });
            self.step(&clerk(date(2023, 11, 1))?, task.matter.id, "long_term", ("", review("2023-12-11")))?;
            let words = "抽查三个月记录，均按季度核对，继续坚持。";
            let again = clerk(date(2023, 12, 11))?;
            let next = again.today().saturating_add(11.months()).to_string();
            self.step(&again, task.matter.id, "checked", (words, review(&next)))?;
        }
        let helper = self.unit("监测总站党委")?;
        if let Some(task) = lines.iter().find(|line| self.stands(line, "task", "passed")) {
            let leave = clerk(date(2023, 11, 6))?;
            matter::help(self.writer.tx, &leave, self.writer.base, task.matter.id, (helper, "提供往年台账，协助核对"))?;
        }
        if let Some(closed) =
            lines.iter().find(|line| self.stands(line, "finding", "closed") && line.matter.title.contains("廉政谈话"))
        {
            self.drawn(first.unit, closed)?;
        }
        let score = json!({ "duty": 18, "means": 17, "rules": 8, "effect": 13, "views": 7 });
        self.step(&clerk(date(2023, 12, 12))?, second.matter, "evaluated", ("多项措施进展偏慢。", score))
    }

    /// More time, asked for by the unit before the day and granted by the leading group.
    fn extended(&self, target: &Target, task: &Line) -> Result<(), Fault> {
        let own =
            self.leave(self.holder(target.unit, "organ_committee_secretary")?, target.unit, date(2023, 11, 15))?;
        let until = || json!({ "until": "2024-02-29" });
        self.step(&own, task.matter.id, "extension_asked", ("换届考察尚未结束，申请延至二月底。", until()))?;
        let group = self.leave(people::LEADER, &self.writer.root, date(2023, 11, 17))?;
        self.step(&group, task.matter.id, "extended", ("同意，不再延期。", until()))
    }

    /// Another look at what was closed, by somebody who did not close it.
    fn drawn(&self, unit: &Unit, closed: &Line) -> Result<(), Fault> {
        let flow = self.writer.base.flow("recheck").ok_or(Fault::NotFound)?;
        let data = json!({ "checker": people::DEPUTY, "seed": "20231213" });
        let (subject, title) = (format!("{}/recheck", closed.matter.id), format!("回头看：{}", closed.matter.title));
        let opening = Opening { flow, addressee: unit, subject, title, data, note: String::new() };
        let clerk = self.leave(people::CLERK, &self.writer.root, date(2023, 12, 13))?;
        matter::add_part(self.writer.tx, &clerk, self.writer.base, closed.matter.id, (&opening, &[])).map(drop)
    }

    /// Conduct checks: one found something, one found nothing, one is still to come.
    pub(super) fn checks(&self) -> Result<(), Fault> {
        let (tx, root) = (self.writer.tx, &self.writer.root);
        let kind = self.writer.base.round("conduct_check").ok_or(Fault::NotFound)?;
        let plan = round::Plan {
            name: "作风建设专项检查（2023—2024年）".into(),
            from: date(2023, 9, 1),
            until: date(2024, 12, 31),
            teams: 3,
            each: 20,
            per_year: 4,
        };
        let permit = self.writer.permit(Verb::Act, root, people::CLERK, date(2023, 9, 4))?;
        let coverage = round::plan(tx, &permit, kind, &plan)?;
        let (from, until) = (date(2023, 11, 6), date(2024, 3, 31));
        let opened = Opened { coverage, name: "岁末年初作风检查", from, until, units: &CHECKED };
        for (n, target) in self.round(&opened)?.iter().enumerate().take(2) {
            let home = self.unit(super::TEAMS.get(target.team).ok_or(Fault::NotFound)?)?;
            let pair =
                [self.holder(home, "organ_committee_secretary")?, self.holder(home, "fulltime_deputy_secretary")?];
            let list = if n == 0 { json!(["formalism"]) } else { json!([]) };
            let seen = json!({ "day": "2023-11-20", "people": 18 + n, "list": list, "visitors": pair });
            let leave = self.leave(self.head(target.team)?, target.unit, date(2023, 11, 21))?;
            self.step(&leave, target.matter, "arrived", ("", seen))?;
            if n == 0 {
                let found = ("formalism", "向支部重复要材料", "三个月内就同一事项向支部要了四次报表。");
                self.finding(&leave, target, &found)?;
            } else {
                let clerk = self.leave(people::CLERK, root, date(2023, 11, 24))?;
                self.step(&clerk, target.matter, "closed", ("", Json::Null))?;
            }
        }
        Ok(())
    }
}
