//! Forms of other systems: which item is filled from what, to look at, to change, and to take away filled.

mod fill;

use crate::export::{attachment, body, kept};
use crate::form::{Complaints, Fields, Sent, one, operation};
use crate::record::Filled;
use crate::routes::Routes;
use crate::shell::{self, Page, Part, field};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use luoshi_rules::pack::mapping::{Item, Mapping};
use luoshi_rules::{Label, Refusal, Unit, Verb};
use luoshi_store::{Fault, Tx, mapping};
use maud::{Markup, html};

/// Mappings that ship with the program: key and text.
const SHIPPED: [(&str, &str); 1] = [("national-26", include_str!("../../../packs/national-26.toml"))];

pub fn routes() -> Routes {
    Routes::new()
        .route("/units/{unit}/forms", get(first))
        .route("/units/{unit}/forms/{id}", get(show).post(keep))
        .route("/units/{unit}/forms/{id}/text", get(text))
        .route("/units/{unit}/forms/{id}/exports", post(export))
}

async fn first(visit: Visit, Place(id): Place<i64>) -> Result<axum::response::Redirect, Trouble> {
    visit.unit(id, Verb::People).await?;
    let [(name, _)] = SHIPPED;
    Ok(axum::response::Redirect::to(&format!("/units/{id}/forms/{name}")))
}

/// The text in force in an organisation, and whether it is its own.
async fn in_force(visit: &Visit, top: i64, id: &str) -> Result<(String, bool), Trouble> {
    let (_, shipped) = SHIPPED.into_iter().find(|(known, _)| *known == id).ok_or(Trouble::NotFound)?;
    let key = id.to_owned();
    let own = visit.app.read(move |tx| mapping::find(tx, top, &key)).await?;
    Ok(own.map_or((shipped.to_owned(), false), |own| (own, true)))
}

fn parse(text: &str) -> Result<Mapping, Trouble> {
    Mapping::parse(text).map_err(|faults| Trouble::Broken(format!("{faults:?}")))
}

async fn text(visit: Visit, Place((id, form)): Place<(i64, String)>) -> Result<Response, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let (text, _) = in_force(&visit, at.top, &form).await?;
    Ok((attachment(&form, "toml", "application/toml; charset=utf-8"), text).into_response())
}

async fn show(visit: Visit, Place((id, form)): Place<(i64, String)>) -> Result<Markup, Trouble> {
    let at = visit.unit(id, Verb::People).await?;
    let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
    page(&visit, &at, &form, &filled).await
}

async fn page(visit: &Visit, at: &Unit, form: &str, filled: &Filled<'_>) -> Result<Markup, Trouble> {
    let (text, own) = in_force(visit, at.top, form).await?;
    let mapping = parse(&text)?;
    let title = visit.of(&mapping.head.name).to_owned();
    let head = Page { visit, title, unit: Some(at), year: 0, dated: "", part: Part::People };
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (export_form(visit, at, form, filled))
        p { @if own { (visit.say("正在使用本单位修改过的对应关系。", "Your organisation's own mapping is in use.")) }
            @else { (visit.say("正在使用随程序提供的对应关系；其中标“待核对”的栏名请与手中的表格核对。", "The mapping that ships is in use; compare the heads marked “to check” with the form in your hands.")) } }
        (items(visit, ("组织", "Units"), &mapping.unit))
        (items(visit, ("人员", "People"), &mapping.person))
        (change_form(visit, at, form, own))
    };
    Ok(shell::page(&head, body))
}

fn export_form(visit: &Visit, at: &Unit, form: &str, filled: &Filled) -> Markup {
    html! {
        form.stack method="post" action={ "/units/" (at.id) "/forms/" (form) "/exports" } {
            (shell::hidden(visit))
            @if visit.may(Verb::Unmask, at) {
                label { input type="checkbox" name="numbers" value="1" checked[!one(filled.fields, "numbers").is_empty()];
                    " " (visit.say("包含完整的身份证号和手机号", "With identity numbers and phones in full")) }
                (field(visit.lang, "reason", visit.say("理由（包含号码时必填，表中每个人都能看到）", "Why (needed with numbers; everybody listed can read it)"), "",
                    filled.complaints, html! { input #reason name="reason" value=(one(filled.fields, "reason")) maxlength="200"; }))
            }
            button.main { (visit.say("导出填好的表（.xlsx）", "Export the form, filled (.xlsx)")) }
        }
    }
}

/// What fills an item, in words.
fn source<'a>(visit: &'a Visit, item: &'a Item) -> &'a str {
    match item.source.as_str() {
        "full_name" | "unit_full_name" => visit.say("组织全称", "full name of the unit"),
        "short_name" | "unit_short_name" => visit.say("组织简称", "short name of the unit"),
        "code" => visit.say("类型代码", "type code"),
        "level" => visit.say("级别", "level"),
        "class" => visit.say("单位类别", "class"),
        "founded" => visit.say("成立日期", "founded"),
        "parent" => visit.say("上级组织", "the unit above"),
        "secretary" => visit.say("书记", "secretary"),
        "contact" => visit.say("联系人", "contact"),
        "contact_phone" => visit.say("联系人手机号", "phone of the contact"),
        "name" => visit.say("姓名", "name"),
        "identity" => visit.say("身份证号", "identity number"),
        "phone" => visit.say("手机号", "mobile number"),
        "sex" => visit.say("性别", "sex"),
        "born" => visit.say("出生日期", "born"),
        "standing" => visit.say("类别", "standing"),
        "joined" => visit.say("入党日期", "admitted"),
        "full_on" => visit.say("转正日期", "full member since"),
        "posts" => visit.say("任职", "posts"),
        _ => &item.fixed,
    }
}

fn items(visit: &Visit, (zh, en): (&'static str, &'static str), items: &[Item]) -> Markup {
    html! {
        h2 { (visit.say(zh, en)) " " small { (items.len()) } }
        div.scroll { table.list {
            thead { tr { th { (visit.say("序号", "No.")) } th { (visit.say("表中栏名", "Head in the form")) } th { (visit.say("填什么", "Filled from")) } } }
            @for item in items { tr {
                td.num { (item.no) }
                td { (visit.of(&item.name)) @if item.basis == "memory" { " " span.mark { (visit.say("待核对", "to check")) } } }
                td { @if item.source.is_empty() && item.fixed.is_empty() { (visit.say("系统不保存，留空待填", "not kept here: left empty")) }
                    @else if item.source.is_empty() { (visit.say("固定填：", "always: ")) (item.fixed) } @else { (source(visit, item)) } }
            } }
        } }
    }
}

fn change_form(visit: &Visit, at: &Unit, form: &str, own: bool) -> Markup {
    let may = at.id == at.top && visit.may(Verb::Rule, at);
    html! {
        h2 { (visit.say("修改对应关系", "Change the mapping")) }
        p { a href={ "/units/" (at.id) "/forms/" (form) "/text" } { (visit.say("下载（.toml）", "Download (.toml)")) } " "
            (visit.say("，改好后由最上级组织上传。", ", change it, and let the organisation at the top upload it.")) }
        @if may {
            form.stack method="post" enctype="multipart/form-data" action={ "/units/" (at.id) "/forms/" (form) } {
                (shell::hidden(visit))
                label for="file" { (visit.say("改好的文件", "The changed file")) }
                input #file type="file" name="file" accept=".toml";
                p.actions { button name="act" value="keep" { (visit.say("上传并启用", "Upload and use")) }
                    @if own { button name="act" value="drop" { (visit.say("恢复随程序提供的", "Go back to the one that ships")) } } }
            }
        }
    }
}

async fn keep(Place((id, form)): Place<(i64, String)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = visit.unit(id, Verb::Rule).await?;
    in_force(visit, at.top, &form).await?;
    if at.id != at.top {
        return Err(Trouble::NotFound);
    }
    let text = match one(&sent.fields, "act") {
        "drop" => String::new(),
        _ => match read(&sent, &form) {
            Ok(text) => text,
            Err(refusals) => {
                let complaints = Complaints::new(refusals);
                let filled = Filled { fields: &sent.fields, complaints: &complaints };
                let page = page(visit, &at, &form, &filled).await?;
                return Ok(complaints.answer(page));
            }
        },
    };
    let rules = visit.rules.clone();
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Rule, &at)?;
        mapping::keep(tx, &permit, &form, &text)?;
        Ok(format!("/units/{id}/forms/{form}"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// The uploaded text, or what is wrong with it, line by line.
fn read(sent: &Sent, form: &str) -> Result<String, Vec<Refusal>> {
    let file =
        sent.files.first().ok_or_else(|| vec![Refusal::field("file", "请选择一个文件", "please choose a file")])?;
    let unread = |_| vec![Refusal::rule("文件不是 UTF-8 文本", "the file is no UTF-8 text")];
    let text = String::from_utf8(file.bytes.to_vec()).map_err(unread)?;
    let mapping = Mapping::parse(&text).map_err(|faults| {
        let said = |fault: &luoshi_rules::pack::Fault| {
            let words = |what: &str, hint: &str| format!("{}:{} {what} {hint}", fault.line, fault.column);
            Refusal::Rule(Label::new(words(&fault.what.zh, &fault.hint.zh), words(&fault.what.en, &fault.hint.en)))
        };
        faults.iter().take(50).map(said).collect::<Vec<_>>()
    })?;
    if mapping.head.id != form {
        return Err(vec![Refusal::rule(
            format!("这个文件的 id 是“{}”，应为“{form}”", mapping.head.id),
            format!("the id of this file is “{}”, it should be “{form}”", mapping.head.id),
        )]);
    }
    Ok(text)
}

async fn export(Place((id, form)): Place<(i64, String)>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let numbers = !one(&sent.fields, "numbers").is_empty();
    let at = visit.unit(id, if numbers { Verb::Unmask } else { Verb::People }).await?;
    match filled(&sent, &at, &form, numbers).await {
        Err(Trouble::Refused(refusal)) => {
            let complaints = Complaints::new(vec![refusal]);
            let page = page(visit, &at, &form, &Filled { fields: &sent.fields, complaints: &complaints }).await?;
            Ok(complaints.answer(page))
        }
        other => {
            if other.is_ok() {
                visit.took(&at, luoshi_store::sight::Sort::Form);
            }
            other
        }
    }
}

async fn filled(sent: &Sent, at: &Unit, form: &str, numbers: bool) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let (text, _) = in_force(visit, at.top, form).await?;
    let (mapping, reason) = (parse(&text)?, one(&sent.fields, "reason").to_owned());
    let title = format!("{} {}", visit.of(&mapping.head.name), at.short_name);
    let (v, place) = (visit.clone(), at.clone());
    let known = move |tx: &Tx| fill::tables(tx, &v, &place, &mapping, numbers.then_some(reason.as_str()));
    let tables = visit.app.write(known).await?;
    // written down when the transaction is over: a long form keeps nobody else from writing
    let file = crate::app::off((), move || {
        let broken = |fault: luoshi_office::Fault| Fault::Engine(format!("{fault:?}"));
        let mut file = tempfile::tempfile().map_err(kept)?;
        luoshi_office::table::to_book(&tables, &mut file).map_err(broken)?;
        Ok::<_, Fault>(file)
    });
    let sort = luoshi_office::Format::Xlsx.content_type();
    Ok((attachment(&title, "xlsx", sort), body(file.await??)?).into_response())
}
