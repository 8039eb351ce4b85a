//! Mutual aid of the organs' committee: a year of its account, and cases at every step.

use super::Writer;
use super::people::{DEPUTY, DISCIPLINE, MEMBER, SECRETARY, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::aid::{Aid, Application, Sort, Step};
use luoshi_rules::{Calendar, Handler, Unit, Verb};
use luoshi_store::aid::case::{self, Act};
use luoshi_store::aid::{self, Fund, Income};
use luoshi_store::{Fault, holding, person, unit};

/// Day, donation or dues, yuan, how many gave, words.
type Received = (Date, Sort, i64, i64, &'static str);

const FIRST_HALF: [Received; 4] = [
    (date(2023, 1, 16), Sort::Dues, 40_000, 0, "上年留存党费"),
    (date(2023, 3, 6), Sort::Donation, 61_350, 412, "爱心一日捐"),
    (date(2023, 4, 7), Sort::Donation, 2_000, 1, "匿名"),
    (date(2023, 5, 12), Sort::Donation, 8_620, 57, "防灾减灾日募捐"),
];
const SECOND_HALF: [Received; 3] = [
    (date(2023, 7, 3), Sort::Donation, 18_400, 126, "七一爱心捐"),
    (date(2023, 9, 5), Sort::Dues, 20_000, 0, "上半年留存党费"),
    (date(2023, 11, 6), Sort::Donation, 9_750, 68, "冬日送暖"),
];

/// Reason, kin and relation, what happened, what shows it, yuan, and the days of its steps.
type Told = (&'static str, &'static str, &'static str, &'static str, &'static str, i64, &'static [(Step, Date)]);

const EARLY: [Told; 3] = [
    (
        "illness",
        "",
        "",
        "手术住院二十余天，自费部分较多。",
        "出院小结、费用清单各一份",
        15_000,
        &[
            (Step::Checked, date(2023, 5, 17)),
            (Step::Approved, date(2023, 5, 19)),
            (Step::Publicised, date(2023, 5, 22)),
            (Step::Paid, date(2023, 5, 30)),
            (Step::Closed, date(2023, 6, 2)),
        ],
    ),
    (
        "accident",
        "配偶",
        "配偶",
        "上班途中被撞伤，三个月不能工作。",
        "事故认定书",
        5_000,
        &[
            (Step::Checked, date(2023, 6, 6)),
            (Step::Approved, date(2023, 6, 8)),
            (Step::Publicised, date(2023, 6, 9)),
            (Step::Paid, date(2023, 6, 19)),
            (Step::Closed, date(2023, 6, 20)),
        ],
    ),
    (
        "disaster",
        "",
        "",
        "老家房屋进水。",
        "照片三张",
        0,
        &[(Step::Checked, date(2023, 6, 26)), (Step::Refused, date(2023, 6, 29))],
    ),
];

const LATE: [Told; 4] = [
    (
        "hardship",
        "",
        "",
        "配偶失业，两个孩子上学。",
        "社区证明",
        3_000,
        &[
            (Step::Checked, date(2023, 11, 14)),
            (Step::Approved, date(2023, 11, 16)),
            (Step::Publicised, date(2023, 11, 17)),
            (Step::Paid, date(2023, 11, 28)),
        ],
    ),
    (
        "illness",
        "父亲",
        "父亲",
        "父亲长期透析。",
        "诊断证明",
        12_000,
        &[
            (Step::Checked, date(2023, 12, 1)),
            (Step::Approved, date(2023, 12, 5)),
            (Step::Publicised, date(2023, 12, 6)),
        ],
    ),
    ("accident", "", "", "骨折住院。", "住院记录", 0, &[(Step::Checked, date(2023, 12, 12))]),
    ("illness", "", "", "化疗第三期。", "病理报告", 0, &[]),
];

/// The fund with what it needs to be looked after.
struct Desk<'a, 'w, 't> {
    writer: &'a Writer<'w, 't>,
    at: &'a Unit,
    aid: &'a Aid,
    calendar: &'a Calendar,
    fund: Fund,
    today: Date,
}

/// Opens the fund, enters the year and the cases.
pub fn write(
    writer: &Writer,
    (units, staff): (&[Unit], &Staff),
    calendar: &Calendar,
    today: Date,
) -> Result<(), Fault> {
    let (Some(at), Some(aid)) = (units.get(1), &writer.base.aid) else { return Ok(()) };
    let post = writer.base.post("aid_handler").ok_or(Fault::NotFound)?;
    let permit = writer.permit(Verb::Roll, at, 0, date(2023, 12, 1))?;
    for person in [DEPUTY, DISCIPLINE, SECRETARY] {
        holding::appoint(writer.tx, &permit, post, person, date(2023, 1, 3), "党委会议确定")?;
    }
    let by = handler(writer, at, DEPUTY, date(2023, 1, 9))?;
    aid::open(writer.tx, &by, "厅机关爱心互助金")?;
    let fund = aid::kept(writer.tx, &by)?.ok_or(Fault::NotFound)?;
    let desk = Desk { writer, at, aid, calendar, fund, today };
    let people = asking(units, at, staff);
    let asked = [date(2023, 5, 15), date(2023, 6, 5), date(2023, 6, 25)];
    desk.receive(&FIRST_HALF, 0)?;
    EARLY.iter().zip(&people).zip(asked).try_for_each(|((told, id), on)| desk.case(told, *id, on))?;
    desk.receive(&SECOND_HALF, MEMBER)?;
    let asked = [date(2023, 11, 13), date(2023, 11, 30), date(2023, 12, 11), date(2023, 12, 14)];
    let mut late = LATE.iter().zip(people.iter().skip(3)).zip(asked);
    late.try_for_each(|((told, id), on)| desk.case(told, *id, on))?;
    let own = ("hardship", "", "", "母亲住院，家中只有一人收入。", "医院缴费单两张", 3_000, &OWN[..]);
    desk.case(&own, MEMBER, date(2023, 12, 4))
}

/// The steps of the case of the member who signs in.
const OWN: [(Step, Date); 3] =
    [(Step::Checked, date(2023, 12, 6)), (Step::Approved, date(2023, 12, 8)), (Step::Publicised, date(2023, 12, 11))];

fn handler(writer: &Writer, at: &Unit, person: i64, on: Date) -> Result<Handler, Fault> {
    Ok(holding::actor(writer.tx, at.top, person, on)?.handler(writer.base, at)?)
}

/// Members of branches of the committee, one of each.
fn asking(units: &[Unit], at: &Unit, staff: &Staff) -> Vec<i64> {
    let branches = units.iter().filter(|one| one.level == "branch" && at.path.contains(&one.path));
    branches.filter_map(|one| staff.members.get(&one.id)?.last().copied()).filter(|id| *id > MEMBER).collect()
}

impl Desk<'_, '_, '_> {
    fn receive(&self, all: &[Received], named: i64) -> Result<(), Fault> {
        let tx = self.writer.tx;
        for (on, sort, yuan, givers, words) in all.iter().filter(|one| one.0 <= self.today) {
            let (giver, words) = (String::new(), (*words).to_owned());
            let (sort, on, amount, givers) = (*sort, *on, yuan * 100, *givers);
            let by = handler(self.writer, self.at, DEPUTY, on)?;
            aid::receive(tx, &by, &self.fund, &Income { sort, amount, on, givers, person: 0, giver, words })?;
        }
        if named != 0 && self.today >= date(2023, 11, 7) {
            let by = handler(self.writer, self.at, DEPUTY, date(2023, 11, 7))?;
            let (giver, words) = (String::new(), "冬日送暖".to_owned());
            let (on, amount) = (date(2023, 11, 7), 20_000);
            let income = Income { sort: Sort::Donation, amount, on, givers: 1, person: named, giver, words };
            aid::receive(tx, &by, &self.fund, &income)?;
        }
        Ok(())
    }

    fn case(&self, told: &Told, person: i64, on: Date) -> Result<(), Fault> {
        let (reason, kin, relation, words, proof, yuan, steps) = *told;
        if on > self.today {
            return Ok(());
        }
        let (writer, tx) = (self.writer, self.writer.tx);
        let mut actor = holding::actor(tx, self.at.top, person, on)?;
        actor.operation = 0;
        let kin = if kin.is_empty() { String::new() } else { format!("{}某", name(writer, person)?) };
        let (reason, relation) = (reason.to_owned(), relation.to_owned());
        let told = Application { reason, kin, relation, words: words.to_owned(), proof: proof.to_owned(), cost: 0 };
        let id = case::apply(tx, &actor, (&self.fund, self.aid), &told, &[])?;
        for (step, on) in steps.iter().filter(|(_, on)| *on <= self.today) {
            let decides = matches!(step, Step::Approved | Step::Refused);
            let by = handler(writer, self.at, if decides { DISCIPLINE } else { DEPUTY }, *on)?;
            let note =
                if step.needs_note(Step::Paid) { "到家走访，情况属实；按管理办法办理。" } else { "" };
            let act = Act { note: note.to_owned(), amount: yuan * 100 };
            let rules = (&self.fund, self.aid, self.calendar);
            case::take(tx, &by, rules, (id, *step), &act, &luoshi_web::initials)?;
        }
        Ok(())
    }
}

fn name(writer: &Writer, id: i64) -> Result<String, Fault> {
    let at = unit::of_person(writer.tx, id)?;
    let scope = writer.actor(0, date(2023, 12, 1)).scope(writer.base, Verb::People, &at)?;
    Ok(person::find(writer.tx, &scope, id)?.name.chars().take(1).collect())
}
