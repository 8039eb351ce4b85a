//! Collections: what is asked of whom, one with its questions and answers, what it costs units in a year, what was said to
//! be a burden, and the acts.

use super::Route;
use super::page::{Column, Field, may, must};
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::collection::{self, KEYS, answer, asked, board, burden, issue, known, meter, twice};
use crate::obligation;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_office::Kind::{Date as Day, Key, Number, Text};
use luoshi_rules::collection::{Question, Sort};
use luoshi_rules::{Collection as Asks, Unit, Verb};
use luoshi_store::collection::Answer;
use serde::{Deserialize, Serialize};

shape! {
    #[derive(Serialize)]
    CollectionFact {
        key: String = "键，作为一项的类型", "key, to be the sort of a question";
        name: String = "名称", "its name";
        source: String = "来源", "where it is from";
    }
}

shape! {
    #[derive(Serialize)]
    CollectionFacts { items: Vec<CollectionFact> = "系统已掌握的", "what the system knows"; }
}

shape! {
    #[derive(Serialize)]
    CollectionQuestion {
        key: String = "填报时的字段", "the field in which it is answered";
        name: String = "问什么", "what is asked";
        sort: String = "number、text、yes，或系统已掌握的键", "number, text, yes, or the key of what the system knows";
        given: String = "系统已填的值", "what the system fills in";
        value: String = "本组织已填的值", "what the unit answered";
    }
}

shape! {
    #[derive(Serialize)]
    CollectionAnswer {
        unit: Id = "组织", "the unit";
        unit_name: String = "组织简称", "its short name";
        on: Option<Date> = "填报日期；没有的未填", "the day it answered; none while it has not";
        values: Vec<String> = "按各项的顺序", "in the order of the questions";
    }
}

shape! {
    #[derive(Serialize)]
    Collection {
        id: Id = "编号", "key";
        title: String = "名称", "title";
        unit: Id = "发出组织", "the unit that asks";
        unit_name: String = "发出组织简称", "its short name";
        ground: String = "依据", "the ground it stands on";
        every: String = "频次，按表单中的键；空为一次", "how often, by the key of the form; empty for once";
        whom: String = "对象", "which units are asked, in words";
        from: Date = "自", "since when";
        until: Option<Date> = "已结束的：至", "until when, once it was ended";
        period: String = "期次", "the period";
        due: Option<Date> = "该期截止日", "last day of that period";
        periods: Vec<String> = "已到的各期", "periods so far";
        questions: Vec<CollectionQuestion> = "各项", "the questions";
        answers: Vec<CollectionAnswer> = "各组织所填，发出方看到", "what units answered, for whoever asks";
    }
}

shape! {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    OfPeriod { period: Option<String> = "哪一期，默认最要紧的", "which period; the most pressing when absent"; }
}

const REGISTER: &[Column] = &[
    ("title", Text, "名称 · its title"),
    ("unit", Text, "发出组织 · the unit that asks"),
    ("ground", Text, "依据 · its ground"),
    ("every", Text, "频次 · how often"),
    ("level", Text, "对象 · which units are asked"),
    ("questions", Text, "内容 · what is asked"),
    ("typed", Number, "手填项数 · how many are typed by hand"),
    ("minutes", Number, "每个组织用时（分钟） · minutes for each unit"),
    ("from", Day, "自 · since when"),
    ("until", Day, "至 · until when"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "发出组织的编号 · key of the unit that asks"),
];

const MONTHS: &[Column] = &[
    ("month", Text, "月份，YYYY-MM · the month"),
    ("things", Number, "要做要填的事 · things asked"),
    ("duties", Number, "到期职责 · duties due"),
    ("matters", Number, "督办和事项 · matters"),
    ("forms", Number, "表 · forms"),
    ("typed", Number, "手填项 · typed by hand"),
    ("by_system", Number, "系统自动答复 · answered by the system"),
    ("twice", Number, "重复要的 · asked twice"),
    ("minutes", Number, "估计用时（分钟） · minutes"),
];

const TWICE: &[Column] = &[
    ("month", Text, "月份，如 2023-05 · the month, such as 2023-05"),
    ("question", Text, "问的什么 · what is asked"),
    ("unit", Text, "谁又要 · the unit that asks again"),
    ("form", Text, "哪张表 · in which form"),
    ("before", Text, "已在哪里 · where it was answered already"),
    ("times", Number, "重复次数 · how often"),
    ("id", Key, "这张表的编号 · key of the form"),
    ("unit_id", Key, "发出组织的编号 · key of the unit that asks"),
];

const BURDENS: &[Column] = &[
    ("about", Text, "哪件事 · of what"),
    ("asked_by", Text, "发出组织 · the unit that asked"),
    ("unit", Text, "反映的组织 · whose burden"),
    ("on", Day, "反映日期 · the day"),
    ("words", Text, "哪里增加了负担 · what adds to the burden"),
    ("due", Day, "答复期限 · to be answered by"),
    ("answered", Day, "答复日期 · the day it was answered"),
    ("answer", Text, "答复 · the answer"),
    ("id", Key, "编号 · key"),
    ("unit_id", Key, "反映组织的编号 · key of the unit"),
];

pub(super) fn routes() -> Vec<Route> {
    reads().into_iter().chain(burdens()).chain(acts()).collect()
}

fn reads() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/collections",
            ("本级和下级发出的数据收集", "Collections issued here and below"),
            vec![],
            REGISTER,
            collection::show,
        ),
        Route::list(
            "/units/{unit}/collections/asked",
            ("要本组织填的，未填的在前", "What is asked of the unit, unanswered first"),
            vec![],
            &[
                ("title", Text, "名称 · its title"),
                ("unit", Text, "发出组织 · the unit that asks"),
                ("period", Text, "期次，填报时带上 · the period, to be sent with the answer"),
                ("due", Day, "截止日 · last day"),
                ("answered", Day, "填报日期 · the day it was answered"),
                ("id", Key, "编号 · key"),
                ("unit_id", Key, "发出组织的编号 · key of the unit that asks"),
            ],
            collection::of_us,
        ),
        Route::read::<Nothing, CollectionFacts>(
            "/units/{unit}/collections/known",
            ("系统已掌握、到时自动填好的", "What the system knows and fills in"),
            get(facts),
        ),
        Route::read::<OfPeriod, Collection>(
            "/units/{unit}/collections/{id}",
            ("一次数据收集的各项和填报", "A collection with its questions and answers"),
            get(one),
        ),
    ]
}

fn burdens() -> Vec<Route> {
    vec![
        Route::list(
            "/units/{unit}/{year}/burden",
            ("一年中各月要做要填的", "What was asked for in each month of a year"),
            vec![],
            MONTHS,
            meter::show,
        ),
        Route::list(
            "/units/{unit}/{year}/burden/askers",
            ("一年中谁要得最多", "Who asked most in a year"),
            vec![],
            &[
                ("unit", Text, "组织 · the unit that asks"),
                ("forms", Number, "表 · forms"),
                ("matters", Number, "督办和事项 · matters"),
                ("minutes", Number, "估计用时（分钟） · minutes"),
                ("unit_id", Key, "组织编号 · key of the unit"),
            ],
            meter::heaviest,
        ),
        Route::list(
            "/units/{unit}/{year}/burden/twice",
            (
                "一年中哪些重复要：谁在哪张表里要，已在哪里",
                "What was asked twice in a year: by whom, in which form, and where it was told already",
            ),
            vec![],
            TWICE,
            twice::list,
        ),
        Route::list(
            "/units/{unit}/burdens",
            ("负担反映和答复", "What was said to be a burden, and the answers"),
            vec![],
            BURDENS,
            burden::show,
        ),
    ]
}

fn acts() -> Vec<Route> {
    let values = KEYS.map(|key| may(key, "该项的值；是否填 yes 或 no · the answer; yes or no where that is asked"));
    vec![
        Route::form("/units/{unit}/collections", ("向下级收集数据", "Ask units below"), issued(), issue::send),
        Route::form(
            "/units/{unit}/collections/{id}",
            ("填报或更正", "Answer, or correct an answer"),
            [must("period", "期次；只收集一次的填 once · the period; once where it is asked once")]
                .into_iter()
                .chain(values)
                .collect(),
            answer::send,
        ),
        Route::form("/units/{unit}/collections/{id}/end", ("结束收集", "End it"), vec![], board::end),
        Route::form(
            "/units/{unit}/burdens",
            ("反映“这件事给我添负担了”", "Say that something adds to one's burden"),
            vec![
                must(
                    "sort",
                    "collection、matter、clause、class、joint、plan 或 campaign · collection, matter, clause, class, joint, plan or campaign",
                ),
                must(
                    "about",
                    "它的编号：条款填条款号，联合开展填纪实编号，年度安排填年份，专项活动填清单 · its key: of a clause its number, of a joint meeting the record, of a plan the year, of a campaign its list",
                ),
                must("words", "哪里增加了负担 · what adds to the burden"),
            ],
            burden::raise,
        ),
        Route::form(
            "/units/{unit}/burdens/{id}",
            ("答复负担反映", "Answer what was said to be a burden"),
            vec![must("words", "答复 · the answer")],
            burden::answer,
        ),
    ]
}

const NAMES: [&str; KEYS.len()] = [
    "question-0",
    "question-1",
    "question-2",
    "question-3",
    "question-4",
    "question-5",
    "question-6",
    "question-7",
    "question-8",
    "question-9",
    "question-10",
    "question-11",
];
const SORTS: [&str; KEYS.len()] = [
    "sort-0", "sort-1", "sort-2", "sort-3", "sort-4", "sort-5", "sort-6", "sort-7", "sort-8", "sort-9", "sort-10",
    "sort-11",
];

fn issued() -> Vec<Field> {
    let name = |key| {
        may(
            key,
            "问什么，60字以内；系统已掌握的可不填 · what is asked, at most 60 characters; not needed for what the system knows",
        )
    };
    let sort = |key| {
        may(
            key,
            "number、text、yes，或系统已掌握的键（见 collections/known） · number, text, yes, or a key of collections/known",
        )
    };
    let head = [
        must("title", "名称 · the title"),
        must("ground", "依据：文件和条款 · the ground: paper and article"),
        may(
            "every",
            "频次：空为一次，month、quarter、half_year、year 为每月、每季度、每半年、每年 · how often: empty for once, or month, quarter, half_year, year",
        ),
        may("due", "只收集一次的：截止日，YYYY-MM-DD · last day, where it is asked once"),
        may("level", "哪一级的组织，按规则包中的键；空为全部 · units of which level, by its key; all when empty"),
        may("class", "哪一类的组织，按规则包中的键；空为全部 · units of which class, by its key; all when empty"),
        may(
            "confirmed",
            "已核对的合计分钟数：不带或不符的不发出，答复中说明应为多少 · the minutes of all units together, as confirmed: without them, or with others, nothing is issued and the answer tells them",
        ),
    ];
    let rows = NAMES.into_iter().zip(SORTS).flat_map(|(one, two)| [name(one), sort(two)]);
    head.into_iter().chain(rows).collect()
}

async fn facts(call: Call<i64, Nothing>) -> Result<Json<CollectionFacts>, Problem> {
    let Call { visit, at, .. } = call;
    visit.unit(at, Verb::Write).await?;
    let fact = |fact: known::Fact| CollectionFact {
        name: visit.of(&fact.name).to_owned(),
        source: visit.of(&fact.source).to_owned(),
        key: fact.key,
    };
    Ok(Json(CollectionFacts { items: known::all(&visit).into_iter().map(fact).collect() }))
}

async fn one(call: Call<(i64, i64), OfPeriod>) -> Result<Json<Collection>, Problem> {
    let Call { visit, at: (unit, id), asked } = call;
    let unit = visit.unit(unit, Verb::See).await?;
    let (one, answers) = collection::find(&visit, &unit, id).await?;
    let shown = match unit.path.contains(&one.path) {
        true => of_asker(&visit, &unit, (&one, &answers), asked.period).await?,
        false if one.reaches(&unit) => of_asked(&visit, &unit, (&one, &answers), asked.period).await?,
        false => return Err(Trouble::NotFound.into()),
    };
    Ok(Json(shown))
}

/// What of it does not depend on who looks.
fn head(visit: &Visit, one: &Asks) -> Collection {
    let question = |(key, question): (&&str, &Question)| CollectionQuestion {
        key: (*key).to_owned(),
        name: question.name.clone(),
        sort: match &question.sort {
            Sort::Known(key) => key.clone(),
            typed => {
                Sort::typed().into_iter().find(|(_, sort, _)| sort == typed).map_or("", |(key, ..)| key).to_owned()
            }
        },
        given: String::new(),
        value: String::new(),
    };
    Collection {
        id: Id(one.id),
        title: one.title.clone(),
        unit: Id(one.unit),
        unit_name: one.unit_name.clone(),
        ground: one.ground.clone(),
        every: issue::key(one.every),
        whom: collection::whom(visit, one),
        from: one.from,
        until: one.until,
        period: String::new(),
        due: None,
        periods: Vec::new(),
        questions: KEYS.iter().zip(&one.questions).map(question).collect(),
        answers: Vec::new(),
    }
}

async fn of_asker(
    visit: &Visit,
    at: &Unit,
    (one, answers): (&Asks, &[Answer]),
    wanted: Option<String>,
) -> Result<Collection, Trouble> {
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let turns = board::turns(visit, one);
    let chosen = match &wanted {
        Some(period) => Some(turns.iter().find(|turn| turn.period == *period).ok_or(Trouble::NotFound)?),
        None => turns.last(),
    };
    let answer = |row: &board::Row| CollectionAnswer {
        unit: Id(row.unit.id),
        unit_name: row.unit.short_name.clone(),
        on: row.answer.map(|answer| answer.on),
        values: (0..one.questions.len()).map(|n| row.value(n).to_owned()).collect(),
    };
    Ok(Collection {
        period: chosen.map_or_else(String::new, |turn| turn.period.clone()),
        due: chosen.map(|turn| turn.due),
        periods: turns.iter().map(|turn| turn.period.clone()).collect(),
        answers: board::rows(&ledger.units, (one, answers), chosen).iter().map(answer).collect(),
        ..head(visit, one)
    })
}

async fn of_asked(
    visit: &Visit,
    at: &Unit,
    (one, answers): (&Asks, &[Answer]),
    wanted: Option<String>,
) -> Result<Collection, Trouble> {
    let turns = asked(visit, at, std::slice::from_ref(one), answers);
    let chosen = answer::chosen(&turns, wanted.as_ref())?;
    let values = known::values(visit, at, &answer::keys(one)).await?;
    let mut shown = head(visit, one);
    for (n, (question, asks)) in shown.questions.iter_mut().zip(&one.questions).enumerate() {
        question.given = answer::given(&values, asks).to_owned();
        let said = chosen.answer.and_then(|answer| answer.data[n]["value"].as_str());
        question.value = said.unwrap_or_default().to_owned();
    }
    let periods = turns.iter().map(|turn| turn.turn.period.clone()).collect();
    Ok(Collection { period: chosen.turn.period.clone(), due: Some(chosen.turn.due), periods, ..shown })
}
