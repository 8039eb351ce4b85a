//! Three committees and their villages, with projects, visits and what came of them.

use super::Writer;
use super::people::CLERK;
use jiff::civil::{Date, date};
use luoshi_rules::{Matter, Unit, Verb};
use luoshi_store::matter::{self, Opening, Taken};
use luoshi_store::record::{self, Entry};
use luoshi_store::{Fault, holding};
use serde_json::{Value as Json, json};

/// Village, county and township, until.
const VILLAGES: [(&str, &str, &str); 3] = [
    ("青石坳村", "云岭县青石乡", "2025-12-31"),
    ("双河口村", "云岭县双河镇", "2025-12-31"),
    ("梨树坪村", "安泽县梨坪乡", "2024-12-31"),
];

/// Pair, title, about, planned and spent in yuan, day of spending, what came of it.
type Project = (usize, &'static str, &'static str, i64, i64, Date, &'static str);

const PROJECTS: [Project; 6] = [
    (0, "村口饮水管道改造", "facilities", 120_000, 118_600, date(2023, 6, 20), "126户吃上自来水，冬季不再断供。"),
    (0, "油茶加工点", "industry", 260_000, 145_000, date(2023, 9, 12), ""),
    (1, "村小学图书角和电教室", "learning", 48_000, 46_350, date(2023, 5, 18), "配书2300册，电教设备12套，开学即用。"),
    (1, "支部共建主题党日", "party", 6_000, 4_200, date(2023, 7, 5), ""),
    (2, "党员干部消费帮扶", "sales", 80_000, 83_900, date(2023, 10, 11), "销售梨、核桃等3.1万斤。"),
    (2, "卫生室设备更新", "health", 65_000, 0, date(2023, 11, 3), ""),
];

/// Pair, day, person-times.
const VISITS: [(usize, Date, i64); 9] = [
    (0, date(2023, 3, 15), 8),
    (0, date(2023, 6, 20), 12),
    (0, date(2023, 9, 12), 7),
    (1, date(2023, 4, 11), 6),
    (1, date(2023, 7, 5), 21),
    (1, date(2023, 11, 8), 5),
    (2, date(2023, 5, 9), 9),
    (2, date(2023, 8, 22), 6),
    (2, date(2023, 10, 11), 14),
];

/// Pairs them and writes down the year.
pub fn write(writer: &Writer, units: &[Unit], today: Date) -> Result<(), Fault> {
    let began = date(2023, 2, 20);
    let committees = units.iter().filter(|unit| unit.level == "organ_committee" && unit.path.depth() == 2);
    for ((n, village), at) in VILLAGES.iter().enumerate().zip(committees.skip(1)) {
        if today < began {
            return Ok(());
        }
        let pair = open(writer, at, (village, n), began)?;
        take(writer, (at, pair), "begun", json!({ "day": began.to_string() }), began)?;
        let own = VISITS.iter().filter(|visit| visit.0 == n && visit.1 <= today);
        for (_, on, people) in own {
            take(writer, (at, pair), "visited", json!({ "day": on.to_string(), "people": people }), *on)?;
        }
        for project in PROJECTS.iter().filter(|project| project.0 == n) {
            carry_out(writer, (at, pair), project, today)?;
        }
    }
    Ok(())
}

fn open(writer: &Writer, at: &Unit, (village, _): (&(&str, &str, &str), usize), on: Date) -> Result<i64, Fault> {
    let flow = writer.base.flow("assistance").ok_or(Fault::NotFound)?;
    let permit = writer.permit(Verb::Act, &writer.root, CLERK, on)?;
    let (name, place, until) = *village;
    let data = json!({ "village": name, "place": place, "by": until });
    let (subject, title, note) = (name.to_owned(), format!("{} · {name}", at.short_name), String::new());
    matter::open(writer.tx, &permit, &Opening { flow, addressee: at, subject, title, data, note })
}

/// Plans a project, spends on it, and says what came of it where it is done.
fn carry_out(writer: &Writer, (at, pair): (&Unit, i64), project: &Project, today: Date) -> Result<(), Fault> {
    let (_, title, about, planned, spent, on, outcome) = *project;
    let first = date(2023, 3, 20);
    if today < first {
        return Ok(());
    }
    let flow = writer.base.flow("assistance-project").ok_or(Fault::NotFound)?;
    let permit = writer.permit(Verb::Act, at, CLERK, first)?;
    let data = json!({ "about": about, "planned": planned * 100, "by": "2023-12-31" });
    let (subject, title, note) = (format!("{pair}/{title}"), title.to_owned(), String::new());
    let opening = Opening { flow, addressee: at, subject, title, data, note };
    let id = matter::add_part(writer.tx, &permit, writer.base, pair, (&opening, &[]))?;
    written(writer, at, (id, "planned"), first)?;
    if spent > 0 && on <= today {
        take(writer, (at, id), "spent", json!({ "day": on.to_string(), "amount": spent * 100 }), on)?;
    }
    if !outcome.is_empty() && on <= today {
        take(writer, (at, id), "done", json!({ "outcome": outcome }), on)?;
    }
    Ok(())
}

fn take(writer: &Writer, (at, id): (&Unit, i64), to: &str, data: Json, on: Date) -> Result<(), Fault> {
    let permit = writer.permit(Verb::Act, at, CLERK, on)?;
    matter::take(writer.tx, &permit, writer.base, id, &Taken { to, note: "", data, on: None })?;
    written(writer, at, (id, to), on)
}

/// The records that a step writes.
fn written(writer: &Writer, at: &Unit, (id, step): (i64, &str), on: Date) -> Result<(), Fault> {
    let scope = holding::actor(writer.tx, at.top, CLERK, on)?.scope(writer.base, Verb::See, at)?;
    let done: Matter = matter::whole(writer.tx, &scope, writer.base, id)?.matter;
    let flow = writer.base.flow(&done.flow);
    let permit = writer.permit(Verb::Write, at, CLERK, on)?;
    for writes in flow.and_then(|flow| flow.step(step)).iter().flat_map(|step| &step.writes) {
        let (Some(on), Some(kind)) = (writes.day(flow, &done), writer.base.kind(&writes.record)) else { continue };
        let (data, makes_up) = (writes.data(&done), String::new());
        let entry = Entry { kind, on, data, makes_up, due: None, stood: Vec::new(), files: Vec::new() };
        record::add(writer.tx, &permit, &entry)?;
    }
    Ok(())
}
