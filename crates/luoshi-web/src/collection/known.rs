//! What the system knows of a unit, so that nobody has to type it: the tree, the roll, who holds which post, the
//! figures. Each with its source.

use crate::obligation;
use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::person::Standing;
use luoshi_rules::{Figure, Label, Unit, Verb};
use std::collections::HashMap;

/// Something known of every unit.
pub(crate) struct Fact {
    /// key: `unit:`, `people:`, `post:`, `term:` or `figure:`, and which
    pub key: String,
    /// shown name
    pub name: Label,
    /// where it is from
    pub source: Label,
}

fn fact(key: &str, zh: &str, en: &str, source: (&str, &str)) -> Fact {
    Fact { key: key.to_owned(), name: Label::new(zh, en), source: Label::new(source.0, source.1) }
}

const TREE: (&str, &str) = ("组织信息", "what is kept of the unit");
const ROLL: (&str, &str) = ("名册（含下级）", "the roll, with units below");
const RECORDS: (&str, &str) = ("本年纪实（含下级）", "this year's records, with units below");

/// Figures that are shipped or in a list in force: a unit's own are no business of others.
fn figures(visit: &Visit) -> impl Iterator<Item = &Figure> {
    let lists = visit.rules.editions.iter().filter(|edition| edition.in_force(visit.today));
    visit.rules.base.figure.iter().chain(lists.flat_map(|edition| &edition.pack.figure))
}

/// All that is known.
pub(crate) fn all(visit: &Visit) -> Vec<Fact> {
    let mut all = vec![
        fact("unit:name", "组织全称", "Full name of the unit", TREE),
        fact("unit:code", "组织类别代码", "Type code of the unit", TREE),
        fact("unit:founded", "成立日期", "Day it was founded", TREE),
        fact("unit:below", "下级组织数", "Units below", TREE),
        fact("people:members", "党员人数", "Members", ROLL),
        fact("people:full", "正式党员人数", "Full members", ROLL),
        fact("people:probationary", "预备党员人数", "Probationary members", ROLL),
        fact("people:applicant", "入党申请人数", "Applicants", ROLL),
        fact("people:active_applicant", "入党积极分子人数", "Active applicants", ROLL),
        fact("term:until", "届满日期", "End of the term", TREE),
    ];
    for post in &visit.rules.base.post {
        let name = Label::new(format!("{}姓名", post.name.zh), format!("Name of the {}", post.name.en));
        all.push(Fact { key: format!("post:{}", post.id), name, source: Label::new("任职登记", "the posts held") });
    }
    for figure in figures(visit) {
        let source = Label::new(RECORDS.0, RECORDS.1);
        all.push(Fact { key: format!("figure:{}", figure.id), name: figure.name.clone(), source });
    }
    all
}

/// Names of all that is known in both languages, with the keys: typed by hand, they are refused.
pub(super) fn names(visit: &Visit) -> Vec<(String, String)> {
    all(visit).into_iter().flat_map(|fact| [(fact.key.clone(), fact.name.zh), (fact.key, fact.name.en)]).collect()
}

/// What is known of a unit today, for some keys. What the visitor may not see stays unknown.
pub(crate) async fn values(visit: &Visit, at: &Unit, keys: &[&str]) -> Result<HashMap<String, String>, Trouble> {
    let mut values = HashMap::new();
    if keys.is_empty() {
        return Ok(values);
    }
    let ledger = obligation::ledger(visit, at, visit.year(), None).await?;
    let below = ledger.units.iter().filter(|unit| unit.id != at.id && unit.dissolved.is_none()).count();
    let end = ledger.known.tally.terms(at.id).iter().map(|term| term.until).max();
    let mut put = |key: &str, value: String| values.insert(key.to_owned(), value);
    put("unit:name", at.full_name.clone());
    put("unit:code", at.code.clone());
    put("unit:founded", at.founded.to_string());
    put("unit:below", below.to_string());
    put("term:until", end.map_or_else(String::new, |day| day.to_string()));
    for post in keys.iter().filter_map(|key| key.strip_prefix("post:")) {
        let holders = ledger.known.tally.holders(at.id, post).iter().filter(|one| one.held(visit.today));
        put(&format!("post:{post}"), holders.map(|one| one.name.to_string()).collect::<Vec<_>>().join("、"));
    }
    if keys.iter().any(|key| key.starts_with("people:")) && visit.may(Verb::People, at) {
        let scope = visit.actor.scope(&visit.rules.base, Verb::People, at)?;
        let counts = visit.app.read(move |tx| luoshi_store::person::counts(tx, &scope, 0)).await?;
        let sum = |wanted: &dyn Fn(Standing) -> bool| {
            counts.iter().filter(|(standing, _)| wanted(*standing)).map(|(_, n)| n).sum::<i64>().to_string()
        };
        put("people:members", sum(&Standing::is_member));
        for standing in Standing::ALL {
            put(&format!("people:{}", standing.key()), sum(&|one| one == standing));
        }
    }
    let wanted: Vec<&str> = keys.iter().filter_map(|key| key.strip_prefix("figure:")).collect();
    for (figure, n) in crate::figure::values(visit, at, &wanted).await? {
        put(&format!("figure:{figure}"), n.to_string());
    }
    values.retain(|key, value| keys.contains(&key.as_str()) && !value.is_empty());
    Ok(values)
}
