//! The year 2023 in about twenty thousand records: most duties met, believable lateness, two bad corners.
//!
//! First corner: the branches of one company recorded nothing after July. Second: branches of social organisations
//! held no Party lecture from April on.

use super::Writer;
use super::answers::{TOPICS, answer, served, study};
use super::chance::Chance;
use super::people::{CLERK, Staff};
use super::units::SILENT;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use luoshi_rules::{Cadence, Clause, Pack, Period, Unit, Verb};
use luoshi_store::Fault;
use luoshi_store::matter::{self, Opening};
use luoshi_store::plan::{self, Plan};
use luoshi_store::record::{self, Entry, Stood};
use luoshi_store::term;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashSet};

/// Everything a record of a demonstration is made from.
pub(super) struct Year<'a, 't> {
    pub writer: &'a Writer<'a, 't>,
    pub staff: &'a Staff,
    /// the first bad corner
    pub silent: Option<&'a Unit>,
    /// campaigns, with kinds of their own
    pub campaigns: Vec<Pack>,
    /// whether some theme days are spent in the community, where nothing was published of who served
    pub serving: bool,
    /// the year it is about
    pub year: i16,
    pub today: Date,
}

/// Writes the year up to the day before `today`, and what is planned after it.
pub fn write(
    writer: &Writer,
    units: &[Unit],
    staff: &Staff,
    (today, holidays): (Date, &[Date]),
    chance: &mut Chance,
) -> Result<(), Fault> {
    let list = Pack::list(super::DUTIES, writer.base).map_err(|_| Fault::NotFound)?;
    let silent = units.iter().find(|unit| unit.short_name == SILENT);
    let campaigns = super::CAMPAIGNS.iter().filter_map(|text| Pack::list(text, writer.base).ok()).collect();
    let year = Year { writer, staff, silent, campaigns, serving: true, year: 2023, today };
    for unit in units {
        year.meet(unit, &list, |_| true, chance)?;
    }
    year.messages(units, &list, holidays, chance)?;
    year.joint(units)?;
    year.terms(units, &list, chance)?;
    year.plans(units, chance)?;
    year.follow_ups(units, &list)?;
    year.campaigns(units, chance)
}

/// Clauses that the records of another clause meet.
fn is_shadow(clause: &Clause) -> bool {
    matches!(clause.id.as_str(), "P1-01" | "P1-03" | "P1-04" | "P2-02" | "P5-01" | "L2-08" | "L3-13")
}

impl Year<'_, '_> {
    /// Writes what meets the duties of a unit under those clauses of a list that are `wanted`.
    pub(super) fn meet(
        &self,
        unit: &Unit,
        list: &Pack,
        wanted: impl Fn(&Clause) -> bool,
        chance: &mut Chance,
    ) -> Result<(), Fault> {
        let applicants = self.staff.applicants.contains(&unit.id);
        let has = |part: &String| unit.parts.contains(part) || part == "applicants" && applicants;
        for clause in list.clause.iter().filter(|clause| clause.binds(&unit.level, &unit.class)) {
            if clause.needs.iter().all(has) && !is_shadow(clause) && wanted(clause) {
                for period in self.periods(clause) {
                    self.period(unit, clause, &period, chance)?;
                }
            }
        }
        Ok(())
    }

    fn periods(&self, clause: &Clause) -> Vec<Period> {
        match clause.every {
            Cadence::Event | Cadence::Term => Vec::new(),
            calendar => calendar.of_year(self.year),
        }
    }

    /// Writes what meets one duty in one period, or leaves it unmet.
    fn period(&self, unit: &Unit, clause: &Clause, period: &Period, chance: &mut Chance) -> Result<(), Fault> {
        let silent = self.silent.is_some_and(|corner| corner.path.contains(&unit.path) && period.last.month() > 7);
        let no_lecture = unit.class == "association" && clause.id == "L3-04" && period.last.month() > 3;
        let missed = silent || no_lecture || chance.percent(if unit.class == "enterprise" { 3 } else { 2 });
        if unit.founded > period.first {
            return Ok(());
        }
        if missed {
            let made_up = !silent && !no_lecture && chance.percent(60);
            return if made_up { self.make_up(unit, clause, period, chance) } else { Ok(()) };
        }
        let due = clause_due(clause, period);
        let late = chance.percent(3);
        let days = period.first.until(due).map(|span| span.get_days()).unwrap_or(27).max(1);
        let low = if days > 40 { days / 3 } else { 2 };
        let on = period.first.checked_add(i64::from(chance.between(i64::from(low), i64::from(days)) as i32).days());
        let mut on = on.unwrap_or(period.first);
        if late && due < period.last {
            on = due.checked_add(chance.between(3, 20).days()).unwrap_or(due);
        }
        let delay = if chance.percent(12) { chance.between(10, 45) } else { chance.between(0, 6) };
        let written = on.checked_add(delay.days()).unwrap_or(on);
        if written < self.today {
            self.record(unit, clause, (on, written), "", chance)?;
        }
        Ok(())
    }

    /// What units did for the campaigns of the year.
    fn campaigns(&self, units: &[Unit], chance: &mut Chance) -> Result<(), Fault> {
        for clause in self.campaigns.iter().flat_map(|pack| &pack.clause) {
            for unit in units.iter().filter(|unit| clause.binds(&unit.level, &unit.class)) {
                for period in self.periods(clause) {
                    self.period(unit, clause, &period, chance)?;
                }
            }
        }
        // what is wanted more than once is done again, by a chance of its own: the rest of the year stays as it was
        let again = self.campaigns.iter().flat_map(|pack| &pack.clause).filter(|clause| clause.at_least > 1);
        let mut chance = Chance::new(20_230_410);
        for clause in again {
            for unit in units.iter().filter(|unit| clause.binds(&unit.level, &unit.class)) {
                for period in self.periods(clause) {
                    self.period(unit, clause, &period, &mut chance)?;
                }
            }
        }
        Ok(())
    }

    /// Does after the period what was missed in it.
    fn make_up(&self, unit: &Unit, clause: &Clause, period: &Period, chance: &mut Chance) -> Result<(), Fault> {
        let on = period.last.checked_add(chance.between(5, 40).days()).unwrap_or(period.last);
        if on < self.today && period.last < self.today {
            self.record(unit, clause, (on, on), &period.key(), chance)?;
        }
        Ok(())
    }

    /// Messages before holidays; one committee in eight forgets one.
    pub(super) fn messages(
        &self,
        units: &[Unit],
        list: &Pack,
        days: &[Date],
        chance: &mut Chance,
    ) -> Result<(), Fault> {
        let Some(clause) = list.clause.iter().find(|clause| clause.id == "P4-03") else { return Ok(()) };
        for unit in units.iter().filter(|unit| unit.level == "organ_committee") {
            for day in days {
                let on = day.checked_sub(chance.between(4, 9).days()).unwrap_or(*day);
                if on < self.today && !chance.percent(8) {
                    self.record(unit, clause, (on, on), "", chance)?;
                }
            }
        }
        Ok(())
    }

    /// Terms that end in the year: the leading group decides, committees remind in good time, most units elect.
    pub(super) fn terms(&self, units: &[Unit], list: &Pack, chance: &mut Chance) -> Result<(), Fault> {
        let root = &self.writer.root;
        let scope = self.writer.actor(CLERK, self.today).scope(self.writer.base, Verb::See, root)?;
        let ending = term::due(self.writer.tx, &scope, date(self.year, 12, 31))?;
        let before = |day: Date, days: i64| day.checked_sub(days.days()).unwrap_or(day);
        let mut done = HashSet::new();
        for (unit, line) in ending.iter().filter_map(|line| Some((units.iter().find(|one| one.id == line.unit)?, line)))
        {
            let above = units.iter().find(|one| Some(&one.path) == unit.path.parent().as_ref()).unwrap_or(root);
            let (asked, days) = if above.level == "leading_group" { ("L1-09", 45) } else { ("L2-09", 195) };
            let election = if unit.level == "organ_committee" { "L2-08" } else { "L3-13" };
            let remind = above.level != "general_branch" && done.insert((above.id, line.due())) && !chance.percent(12);
            let elect = !chance.percent(18);
            let steps = [(remind, above, asked, days), (elect, unit, election, chance.between(3, 25))];
            for (_, unit, id, days) in steps.into_iter().filter(|step| step.0) {
                let on = before(line.due(), days);
                if let Some(clause) = list.clause.iter().find(|clause| clause.id == id).filter(|_| on < self.today) {
                    self.record(unit, clause, (on, on), "", chance)?;
                }
            }
        }
        Ok(())
    }

    fn record(
        &self,
        unit: &Unit,
        clause: &Clause,
        (on, written): (Date, Date),
        makes_up: &str,
        chance: &mut Chance,
    ) -> Result<(), Fault> {
        let Some(count) = clause.counts.first() else { return Ok(()) };
        let own = self.campaigns.iter().find_map(|pack| pack.kind(&count.record));
        let kind = own.or_else(|| self.writer.base.kind(&count.record)).ok_or(Fault::NotFound)?;
        let mut data = Map::new();
        for field in &kind.field {
            let chosen = count.filter.get(&field.id);
            if let Some(value) = answer(&field.id, field.holds, chosen.map(String::as_str), field, chance) {
                data.insert(field.id.clone(), value);
            }
        }
        match kind.id.as_str() {
            "center-group-study" => study(&mut data, on),
            "theme-day" if self.serving && on.month() == 3 && unit.id % 4 == 1 => served(&mut data),
            _ => {}
        }
        if kind.id == "general-meeting" && chance.percent(50) {
            data.insert("minutes".into(), "会议听取支委会工作情况，讨论并通过下季度安排。".into());
        }
        let mut members = self.staff.members.get(&unit.id).cloned().unwrap_or_default();
        if kind.id == "visit" {
            self.visited(unit, &members, on, &mut data);
        }
        let meeting = kind.meeting.is_some();
        let mut stood = if meeting { self.stood(unit, clause, &members, chance) } else { Vec::new() };
        if kind.meeting.as_ref().is_some_and(|meeting| meeting.due == luoshi_rules::record::Due::Posts) {
            members = self.body(unit);
            stood.retain(|one| one.role != "absent");
            stood.extend(away(&members, &stood, on));
        }
        if let Some(rules) = kind.meeting.as_ref().filter(|rules| rules.quorum.is_some()) {
            self.count_voters(rules.votes && data.contains_key("minutes"), (&members, &stood), &mut data);
        }
        let mut due = members;
        due.sort_unstable();
        let author = self.staff.posts.get(&(unit.id, "branch_secretary")).copied().unwrap_or(CLERK);
        let permit = self.writer.permit(Verb::Write, unit, author, written)?;
        let due = meeting.then_some(due);
        let entry =
            Entry { kind, on, data: Value::Object(data), makes_up: makes_up.to_owned(), due, stood, files: Vec::new() };
        record::add(self.writer.tx, &permit, &entry).map(drop)
    }

    /// The unit somebody went to see, or whom.
    fn visited(&self, unit: &Unit, members: &[i64], on: Date, data: &mut Map<String, Value>) {
        let below = unit.id + 1;
        let to_unit = data.get("purpose").and_then(Value::as_str) == Some("contact-branch");
        if to_unit && self.staff.members.contains_key(&below) {
            data.insert("visited".into(), below.into());
        } else if let Some(person) = members.get(on.month() as usize % members.len().max(1)) {
            data.insert("called_on".into(), json!([person]));
        }
    }

    /// Who holds a post in a unit: its body.
    fn body(&self, unit: &Unit) -> Vec<i64> {
        let held = self.staff.posts.range((unit.id, "")..(unit.id + 1, "")).map(|(_, person)| *person);
        held.collect::<BTreeSet<i64>>().into_iter().collect()
    }

    /// How many who may vote were due and came, and one vote where something was decided.
    fn count_voters(&self, decides: bool, (members, stood): (&[i64], &[Stood]), data: &mut Map<String, Value>) {
        let voters: Vec<i64> = members.iter().copied().filter(|one| !self.staff.probationary.contains(one)).collect();
        let away = |one: &&i64| stood.iter().any(|there| there.person == **one && there.role == "absent");
        let (due, present) = (voters.len(), voters.len() - voters.iter().filter(away).count());
        data.insert("quorum".into(), json!({ "due": due, "present": present }));
        if decides && present * 2 > due {
            let abstain = usize::from(present > 9);
            data.insert(
                "decisions".into(),
                json!([{ "matter": "下季度工作安排", "important": false, "due": due, "present": present,
                         "yes": present - abstain, "no": 0, "abstain": abstain }]),
            );
        }
    }

    /// Who chaired, spoke, was absent.
    fn stood(&self, unit: &Unit, clause: &Clause, members: &[i64], chance: &mut Chance) -> Vec<Stood> {
        let posts =
            ["branch_secretary", "general_branch_secretary", "organ_committee_secretary", "leading_group_secretary"];
        let head = posts.iter().find_map(|post| self.staff.posts.get(&(unit.id, *post))).copied();
        let stand = |person, role: &str, why: &str| Stood { person, role: role.into(), why: why.into() };
        let mut stood = Vec::new();
        if let Some(head) = head {
            stood.push(stand(head, "chair", ""));
            let wanted = clause.counts.first().and_then(|count| count.role.as_deref());
            if matches!(wanted, Some("speaker")) || clause.id == "L3-04" {
                stood.push(stand(head, "speaker", ""));
            }
            if matches!(wanted, Some("present")) {
                stood.push(stand(head, "present", ""));
            }
        }
        for person in members.iter().filter(|person| Some(**person) != head) {
            if chance.percent(7) {
                let why = chance.pick(&["official", "sick", "personal", "away"], "official");
                stood.push(stand(*person, "absent", why));
            } else if self.staff.present.contains(person) {
                stood.push(stand(*person, "present", ""));
            }
        }
        stood
    }

    /// Meetings planned after today, and some planned days that have passed without a record.
    pub(super) fn plans(&self, units: &[Unit], chance: &mut Chance) -> Result<(), Fault> {
        for unit in units.iter().filter(|unit| unit.level == "branch") {
            let days = if chance.percent(8) { chance.between(-8, -1) } else { chance.between(2, 14) };
            let on = self.today.checked_add(days.days()).unwrap_or(self.today);
            let permit = self.writer.permit(Verb::Write, unit, CLERK, on.min(self.today))?;
            let topic = chance.pick(&TOPICS, "年终总结和来年打算").to_owned();
            let plan = Plan {
                id: 0,
                unit: unit.id,
                unit_name: String::new(),
                kind: "theme-day".into(),
                on,
                at: "14:30".into(),
                place: "支部活动室".into(),
                topic,
                reading: "党章第三十条至第三十五条".into(),
                ..Default::default()
            };
            plan::add(self.writer.tx, &permit, &plan)?;
        }
        Ok(())
    }

    /// A theme day of the second branch, held with the third, which has said so, and the first, which has not yet.
    fn joint(&self, units: &[Unit]) -> Result<(), Fault> {
        let branches: Vec<&Unit> = units.iter().filter(|unit| unit.level == "branch").take(3).collect();
        let [first, keeper, other] = branches[..] else { return Ok(()) };
        let permit = self.writer.permit(Verb::Write, keeper, CLERK, self.today)?;
        let scope = self.writer.actor(CLERK, self.today).scope(self.writer.base, Verb::See, keeper)?;
        let (last, kind) = (self.today, "theme-day".to_owned());
        let filter = record::Filter { kind, first: date(2023, 1, 1), last, unit: 0, after: None, most: 1 };
        let found = record::list(self.writer.tx, &scope, &filter)?;
        let Some(line) = found.first() else { return Ok(()) };
        let names = [first.full_name.clone(), other.full_name.clone()];
        record::joint::name(self.writer.tx, &permit, line.record.id, &names, |unit| unit.id == other.id)
    }

    /// Reminders and slips to the first bad corner.
    pub(super) fn follow_ups(&self, units: &[Unit], list: &Pack) -> Result<(), Fault> {
        let (Some(corner), Some(flow)) = (self.silent, self.writer.base.flow("follow-up")) else { return Ok(()) };
        let Some(clause) = list.clause.iter().find(|clause| clause.id == "L3-01") else { return Ok(()) };
        let branches = units.iter().filter(|unit| unit.level == "branch" && corner.path.contains(&unit.path));
        let quarter = format!("{}Q3", self.year);
        for (n, branch) in branches.take(9).enumerate() {
            let opened = date(self.year, 10, 9 + n as i8 % 5);
            let permit = self.writer.permit(Verb::Act, &self.writer.root, CLERK, opened)?;
            let opening = Opening {
                flow,
                addressee: branch,
                subject: format!("L3-01/{quarter}"),
                title: format!("L3-01 {}（{quarter}）", clause.text.zh),
                data: json!({ "clause": "L3-01", "period": quarter, "year": self.year,
                              "due": format!("{}-09-30", self.year) }),
                note: String::new(),
            };
            let id = matter::open(self.writer.tx, &permit, &opening)?;
            if n % 3 == 0 {
                let later = self.writer.permit(Verb::Act, &self.writer.root, CLERK, date(self.year, 11, 2))?;
                matter::advance(
                    self.writer.tx,
                    &later,
                    self.writer.base,
                    id,
                    "slip",
                    "提醒后仍未召开，请于十日内落实",
                )?;
            }
        }
        Ok(())
    }
}

fn clause_due(clause: &Clause, period: &Period) -> Date {
    use luoshi_rules::Due;
    match clause.due {
        Due::Day { years: 0, month, day } => date(period.last.year(), month, day),
        _ => period.last,
    }
}

/// One in eight of a body is away, by the day and not by chance; nobody in a role is.
fn away(body: &[i64], stood: &[Stood], on: Date) -> Vec<Stood> {
    let free = body.iter().filter(|person| stood.iter().all(|one| one.person != **person));
    let gone = free.filter(|person| (**person + i64::from(on.month())) % 8 == 0);
    gone.map(|person| Stood { person: *person, role: "absent".into(), why: "official".into() }).collect()
}
