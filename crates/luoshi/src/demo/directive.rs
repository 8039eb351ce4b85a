//! One directive that came in, and what its addressees made of it so far.

use super::Writer;
use super::people::{CLERK, Staff};
use jiff::civil::{Date, date};
use luoshi_rules::{Unit, Verb};
use luoshi_store::{Fault, holding, intake, matter, record};
use serde_json::json;

/// A web copy, as it came: Traditional script, readings, a page number.
const TEXT: &str = "關於開展年末黨建工作「回頭看」的通知
機(jī)關(guān)各(gè)基層(céng)黨(dǎng)委(wěi)：
今年以來，全廳各級黨組織開展集中學習1200餘次，整改問題386個，取得明顯成效。爲做好年末工作，現通知如下。
一、查漏補缺
（一）各基層黨委要在12月20日前對照責任清單開展一次自查，形成問題清單。
（二）廳機關綜合支部要在12月22日前召開一次組織生活會，查找差距。
— 1 —
二、整改落實
（三）建設三公司黨委要在12月31日前對下半年缺項逐一補課，並報送整改情況。
（四）信息中心黨委負責在12月25日前舉辦一期黨務幹部培訓班，培訓不少於40人。
三、工作要求
要提高政治站位，堅決防止走過場。不得以書面材料代替實地檢查。
林澤廳黨組
2023年12月4日";

/// Keeps the directive on the day it came and makes its matters; two units have answered since.
pub fn write(writer: &Writer, units: &[Unit], staff: &Staff, today: Date) -> Result<(), Fault> {
    let came = date(2023, 12, 5);
    if today < came {
        return Ok(());
    }
    let permit = writer.permit(Verb::Act, &writer.root, CLERK, came)?;
    let document = luoshi_web::pasted(TEXT, came, units, writer.base).map_err(|why| Fault::Engine(why.to_string()))?;
    let id = intake::keep(writer.tx, &permit, &document)?;
    luoshi_web::make_ticked(writer.tx, &permit, writer.base, (units, id))?;
    let answers = [
        ("信息中心党委", "progress", "已定于12月21日开班，报名43人。"),
        ("规划院党委", "claimed", "自查完毕，问题清单已报。"),
    ];
    for (name, step, words) in answers {
        let made = intake::made(writer.tx, &permit, id)?;
        for one in made.iter().filter(|one| one.unit_name == name).take(1) {
            let Some(unit) = units.iter().find(|unit| unit.id == one.unit) else { continue };
            let own = staff.posts.get(&(unit.id, "organ_committee_secretary")).copied().ok_or(Fault::NotFound)?;
            let own = holding::actor(writer.tx, unit.top, own, date(2023, 12, 12).min(today))?;
            let leave = own.permit(writer.base, Verb::Act, unit)?;
            let shown = match step {
                "claimed" => json!({ "evidence": [{ "record": newest(writer, unit, &own)? }] }),
                _ => serde_json::Value::Null,
            };
            let taken = matter::Taken { to: step, note: words, data: shown, on: None };
            matter::take(writer.tx, &leave, writer.base, one.matter, &taken)?;
        }
    }
    Ok(())
}

/// The newest record of a unit or one below it.
fn newest(writer: &Writer, unit: &Unit, own: &luoshi_rules::Actor) -> Result<i64, Fault> {
    let scope = own.scope(writer.base, Verb::See, unit)?;
    let (first, last, kind) = (date(2023, 1, 1), own.today, String::new());
    let filter = record::Filter { kind, first, last, unit: 0, after: None, most: 1 };
    let found = record::list(writer.tx, &scope, &filter)?;
    found.first().map(|line| line.record.id).ok_or(Fault::NotFound)
}
