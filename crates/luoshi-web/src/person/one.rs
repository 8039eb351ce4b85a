//! The page of a person, as a person would describe them: on whose roll, how they stood, what they held. With leave
//! to keep the roll, what may be changed.

use super::{about, change, sex, why_left};
use crate::form::{Complaints, Fields, Sent, day, one, operation, under};
use crate::record::Filled;
use crate::shell::{self, Page, Part};
use crate::trouble::Trouble;
use crate::visit::{Place, Visit};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::{Date, date};
use luoshi_rules::person::Standing;
use luoshi_rules::{Actor, Permit, Refusal, Scope, Unit, Verb};
use luoshi_store::account::Over;
use luoshi_store::identity::{self, Field};
use luoshi_store::person::{self, Person, Story};
use luoshi_store::record::Attendance;
use luoshi_store::{Fault, Tx, holding, record, unit};
use maud::{Markup, html};

/// What is known of a person.
pub(crate) struct Known {
    pub person: Person,
    pub story: Story,
    pub attended: Vec<Attendance>,
}

/// Reads what is known of a person somebody was let to see; attendance is of one year.
pub(crate) fn known(tx: &Tx, person: Person, year: i16) -> Result<Known, Fault> {
    let days = (date(year, 1, 1), date(year, 12, 31));
    let attended = record::attendance(tx, person.top, person.id, days)?;
    Ok(Known { story: person::story(tx, &person)?, attended, person })
}

/// Reads what is known of whoever asks, with who saw it.
pub(crate) fn own(tx: &Tx, actor: &Actor, year: i16) -> Result<Known, Fault> {
    let person = person::own(tx, actor)?;
    let attended = record::attendance(tx, person.top, person.id, (date(year, 1, 1), date(year, 12, 31)))?;
    Ok(Known { story: person::own_story(tx, &person)?, attended, person })
}

/// The unit on whose roll a person is, when the visitor may `verb` there.
pub(crate) async fn home(visit: &Visit, id: i64, verb: Verb) -> Result<Unit, Trouble> {
    let unit = visit.app.read(move |tx| unit::of_person(tx, id)).await?;
    if visit.may(verb, &unit) { Ok(unit) } else { Err(Trouble::NotFound) }
}

pub(super) async fn show(visit: Visit, Place(id): Place<i64>) -> Result<Response, Trouble> {
    match home(&visit, id, Verb::People).await {
        Err(Trouble::NotFound) if id == visit.actor.person => Ok(Redirect::to("/me").into_response()),
        Err(other) => Err(other),
        Ok(at) => {
            let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
            Ok(page(&visit, &at, id, &filled, html! {}).await?.into_response())
        }
    }
}

/// The page, with something said above it and a form as it was filled.
async fn page(visit: &Visit, at: &Unit, id: i64, filled: &Filled<'_>, said: Markup) -> Result<Markup, Trouble> {
    let scope: Scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
    let year = visit.year();
    let all = visit.app.read(move |tx| known(tx, person::find(tx, &scope, id)?, year)).await?;
    visit.saw(at, id);
    let head = Page { visit, title: all.person.name.clone(), unit: Some(at), year: 0, dated: "", part: Part::People };
    let meetings = crate::record::meetings(visit, &all.attended);
    let present = meetings.iter().filter(|one| one.absent.is_none()).count();
    let rate = present * 100 / meetings.len().max(1);
    let body = html! {
        (shell::complaints(visit, filled.complaints))
        (said)
        (facts(visit, &all))
        @if !visit.within(at) { p { (visit.say("今年到会率 ", "Came to meetings this year: ")) b { (rate) "%" } " "
            small { (visit.say("每次到会情况只有本支部和本人看得到。", "Which ones is seen by the branch and the person alone.")) } } }
        @else { p { (visit.say("今年应到会 ", "Due at ")) b { (meetings.len()) } (visit.say(" 次，到会 ", " meetings this year, came to ")) b { (present) } (visit.say(" 次", "")) } }
        (history(visit, &all))
        @if all.person.left.is_none() { (change::forms(visit, at, &all, filled)) }
    };
    Ok(shell::page(&head, body))
}

/// Who they are today.
pub(crate) fn facts(visit: &Visit, all: &Known) -> Markup {
    let one = &all.person;
    let now = |post: &&holding::Line| post.from <= visit.today && post.until.is_none_or(|until| until >= visit.today);
    html! {
        @if let Some((on, why)) = &one.left { p.note { "◇ " (visit.say("已离开名册：", "Left the roll: ")) (why_left(visit, why)) " " (on) } }
        dl.facts {
            dt { (visit.say("所在组织", "On the roll of")) } dd { a href={ "/units/" (one.unit) } { (one.unit_name) } }
            dt { (visit.say("类别", "Standing")) } dd { (visit.of(&one.standing.name())) }
            @if !one.sex.is_empty() { dt { (visit.say("性别", "Sex")) } dd { (sex(visit, &one.sex)) } }
            @for (zh, en, day) in [("出生日期", "Born", one.born), ("入党日期", "Admitted", one.joined), ("转正日期", "Full member since", one.full_on)] {
                @if let Some(day) = day { dt { (visit.say(zh, en)) } dd { (day) } }
            }
            @for post in all.story.posts.iter().filter(now) {
                // some posts let nobody see the unit where they are held: there is nothing to open
                @let opens = visit.rules.base.grants(&post.post, Verb::See, true);
                dt { (post_name(visit, &post.post)) } dd { @if opens { a href={ "/units/" (post.unit) } { (post.unit_name) } } @else { (post.unit_name) } " " small { (visit.say("自 ", "since ")) (post.from) } }
            }
            @for (field, masked) in &all.story.numbers { dt { (visit.of(&field.name())) } dd.num { (masked) } }
        }
        @if let Some(letter) = &all.story.letter {
            p.note { a href={ "/units/" (letter.unit) "/transfers/" (letter.id) } {
                (visit.say("组织关系正在转接：", "A transfer is under way: ")) (letter.title) } }
        }
    }
}

/// How they stood, where they were, what they held.
pub(crate) fn history(visit: &Visit, all: &Known) -> Markup {
    let span = |from: Date, until: Option<Date>| {
        html! { td.nowrap { (from) " – " @if let Some(day) = until { (day) } @else { (visit.say("至今", "today")) } } }
    };
    html! {
        div.columns {
            section.card { h2 { (visit.say("类别变化", "How they stood")) }
                table.list { @for (standing, from) in &all.story.standings { tr { td.nowrap { (from) } td { (visit.of(&standing.name())) } } } } }
            section.card { h2 { (visit.say("组织关系", "On whose roll")) }
                table.list { @for stay in &all.story.stays { tr { (span(stay.from, stay.until)) td { a href={ "/units/" (stay.unit) } { (stay.unit_name) } } } } } }
            section.card { h2 { (visit.say("任职", "Posts")) }
                @if all.story.posts.is_empty() { p.empty { (visit.say("没有任职记录。", "No posts.")) } }
                table.list { @for post in &all.story.posts { tr { (span(post.from, post.until)) td { (post_name(visit, &post.post)) " · " (post.unit_name) @if !post.how.is_empty() { " " small { (post.how) } } } } } } }
        }
    }
}

/// The shown name of a post.
pub(crate) fn post_name<'a>(visit: &'a Visit, key: &str) -> &'a str {
    visit
        .rules
        .base
        .post(key)
        .map_or(visit.say("已取消的岗位", "A post no longer kept"), |post| visit.of(&post.name))
}

// ---- what may be changed

/// Does something to a person for the unit on whose roll they are, and shows the page again.
async fn act(
    sent: &Sent,
    id: i64,
    work: impl Fn(&Tx, &Permit) -> Result<(), Fault> + Send + 'static,
) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = home(visit, id, Verb::Roll).await?;
    let rules = visit.rules.clone();
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        work(tx, &actor.permit(&rules.base, Verb::Roll, &at)?)?;
        Ok(format!("/people/{id}"))
    };
    Ok(visit.act(operation(&sent.fields), work).await?.into_response())
}

/// A refused form comes back as it was filled, with the words under its field. Keys of a form begin with its name,
/// since a page has several.
async fn again(sent: &Sent, id: i64, form: &str, outcome: Result<Response, Trouble>) -> Result<Response, Trouble> {
    let Err(Trouble::Refused(refusal)) = outcome else { return outcome };
    let at = home(&sent.visit, id, Verb::People).await?;
    let complaints = Complaints::new(vec![under(form, refusal)]);
    let filled = Filled { fields: &sent.fields, complaints: &complaints };
    let page = page(&sent.visit, &at, id, &filled, html! {}).await?;
    Ok(complaints.answer(page))
}

pub(crate) async fn stand(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let read = || {
        let to = Standing::named(one(&sent.fields, "stand-to"));
        let to = to.ok_or_else(|| Refusal::field("stand-to", "请选择类别", "please choose how they stand"))?;
        Ok::<_, Refusal>((to, day(&sent.fields, "stand-from")?))
    };
    let outcome = match read() {
        Ok((to, from)) => act(&sent, id, move |tx, permit| person::change_standing(tx, permit, id, to, from)).await,
        Err(refusal) => Err(refusal.into()),
    };
    again(&sent, id, "stand-", outcome).await
}

pub(crate) async fn correct(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let outcome = match about(&sent.fields, "fix-") {
        Ok(entry) => act(&sent, id, move |tx, permit| person::correct(tx, permit, id, &entry)).await,
        Err(refusal) => Err(refusal.into()),
    };
    again(&sent, id, "fix-", outcome).await
}

pub(crate) async fn number(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let given = Field::ALL.map(|field| (field, one(&sent.fields, &format!("num-{}", field.key())).to_owned()));
    let at = home(&sent.visit, id, Verb::Roll).await?;
    let rules = sent.visit.rules.clone();
    let work = move |tx: &Tx, actor: &luoshi_rules::Actor| {
        let permit = actor.permit(&rules.base, Verb::Roll, &at)?;
        let over = Over { actor, base: &rules.base, at: &at, person: id };
        for (field, text) in given.iter().filter(|(_, text)| !text.trim().is_empty()) {
            match field {
                Field::Code => identity::give_code(tx, &over, text)?,
                _ => identity::set(tx, &permit, id, *field, text)?,
            }
        }
        Ok(format!("/people/{id}"))
    };
    let outcome = sent.visit.act(operation(&sent.fields), work).await.map(IntoResponse::into_response);
    again(&sent, id, "num-", outcome).await
}

pub(crate) async fn leave(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let why = one(&sent.fields, "leave-why").to_owned();
    let outcome = match day(&sent.fields, "leave-on") {
        Ok(on) => act(&sent, id, move |tx, permit| person::leave(tx, permit, id, &why, on)).await,
        Err(refusal) => Err(refusal.into()),
    };
    again(&sent, id, "leave-", outcome).await
}

/// Shows a number in full, once, after the reason was logged.
pub(super) async fn look(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = home(visit, id, Verb::Unmask).await?;
    let permit = visit.actor.permit(&visit.rules.base, Verb::Unmask, &at)?;
    let field = Field::named(one(&sent.fields, "look-field")).ok_or(Trouble::NotFound)?;
    let reason = one(&sent.fields, "look-reason").to_owned();
    match visit.app.write(move |tx| identity::unmask(tx, &permit, id, field, &reason)).await {
        Ok(number) => {
            let said = html! { p.note { (visit.of(&field.name())) (visit.mark("：")) b.num { (number) } " "
            (visit.say("（已记入查看记录，本人可见）", "(logged; the person can see that you looked)")) } };
            let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
            Ok(page(visit, &at, id, &filled, said).await?.into_response())
        }
        Err(trouble) => again(&sent, id, "look-", Err(trouble)).await,
    }
}

/// A one-time link to set a passphrase, shown once. Who holds posts beyond the visitor's reach is invited from there.
pub(super) async fn invite(Place(id): Place<i64>, sent: Sent) -> Result<Response, Trouble> {
    let visit = &sent.visit;
    let at = home(visit, id, Verb::Roll).await?;
    match crate::session::invite(&sent, visit, &at, id).await {
        Ok(link) => {
            let said = html! { p.note { (visit.say("请把这个一次性链接当面或以可靠方式交给本人，3天内有效，只显示这一次：",
            "Hand this one-time link to them in person; it lasts 3 days and is shown only now:")) br; code { (link) } } };
            let filled = Filled { fields: &Fields::new(), complaints: &Complaints::default() };
            Ok(page(visit, &at, id, &filled, said).await?.into_response())
        }
        Err(trouble) => again(&sent, id, "", Err(trouble)).await,
    }
}
