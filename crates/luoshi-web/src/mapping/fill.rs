//! The forms of another system, filled: one sheet about units, one about people. The words are those of the form, in
//! Chinese, whatever language the page is in.

use crate::export::MOST;
use crate::visit::Visit;
use luoshi_office::{Cell, Kind, Table};
use luoshi_rules::pack::mapping::{Format, Item, Mapping, named};
use luoshi_rules::person::Standing;
use luoshi_rules::{Refusal, Unit, Verb};
use luoshi_store::mapping::{self, Member};
use luoshi_store::{Fault, Tx, holding, unit};
use std::collections::HashMap;

/// What the rows are made from.
struct Ground<'a> {
    visit: &'a Visit,
    mapping: &'a Mapping,
    units: Vec<Unit>,
    people: Vec<Member>,
    /// who holds which posts, by unit
    by_unit: HashMap<i64, Vec<holding::Line>>,
    /// posts in words, by person
    posts: HashMap<i64, Vec<&'a str>>,
    /// phones, by person
    phones: HashMap<i64, String>,
}

/// Both forms of a subtree; with a reason, numbers are filled in too.
pub(super) fn tables(
    tx: &Tx,
    visit: &Visit,
    at: &Unit,
    mapping: &Mapping,
    reason: Option<&str>,
) -> Result<Vec<Table>, Fault> {
    let base = &visit.rules.base;
    let scope = visit.actor.scope(base, Verb::People, at)?;
    let mut people = mapping::members(tx, &scope, MOST + 1)?;
    if people.len() as i64 > MOST {
        let zh = format!("超过 {MOST} 人，请到下级组织分别导出");
        return Err(Refusal::rule(zh, format!("more than {MOST} people: export the units below one by one")).into());
    }
    if let Some(reason) = reason {
        mapping::unmask(tx, &visit.actor.permit(base, Verb::Unmask, at)?, &mut people, reason)?;
    }
    mapping::taken(tx, &visit.actor.permit(base, Verb::People, at)?, &mapping.head.id)?;
    let mut units = unit::list(tx, &scope)?;
    units.retain(|unit| unit.dissolved.is_none());
    let mut held = holding::in_scope(tx, &scope)?;
    held.retain(|line| line.from <= visit.today && line.until.is_none_or(|last| last >= visit.today));
    let ground = Ground::of(visit, mapping, units, people, held);
    Ok(vec![ground.of_units(), ground.of_people()])
}

/// A sheet with a column for each item.
fn sheet(title: String, items: &[Item]) -> Table {
    let sort = |item: &Item| if item.format == Format::Date { Kind::Date } else { Kind::Text };
    // the keys are for JSON, which this form has none of
    items.iter().fold(Table::new(title), |table, item| table.column("item", item.name.zh.as_str(), sort(item)))
}

/// A value as the form wants it.
fn cell(item: &Item, value: &str) -> Cell {
    let value = if item.source.is_empty() { item.fixed.as_str() } else { value };
    let value = item.words.get(value).map_or(value, String::as_str);
    match item.format {
        Format::Text => value.into(),
        Format::Date if !value.is_empty() => Cell::Date(value.to_owned()),
        Format::Date => Cell::Empty,
        Format::Month => value.get(..7).unwrap_or(value).into(),
        Format::Digits => value.replace('-', "").into(),
    }
}

impl<'a> Ground<'a> {
    fn of(
        visit: &'a Visit,
        mapping: &'a Mapping,
        units: Vec<Unit>,
        people: Vec<Member>,
        held: Vec<holding::Line>,
    ) -> Ground<'a> {
        let (mut by_unit, mut posts) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for line in held {
            if let Some(post) = visit.rules.base.post(&line.post) {
                posts.entry(line.person).or_default().push(post.name.zh.as_str());
            }
            by_unit.entry(line.unit).or_default().push(line);
        }
        let phones = people.iter().map(|one| (one.id, one.phone.clone())).collect();
        Ground { visit, mapping, units, people, by_unit, posts, phones }
    }

    fn of_units(&self) -> Table {
        let items = &self.mapping.unit;
        let mut table = sheet(format!("{} 组织", self.mapping.head.name.zh), items);
        let by_path: HashMap<&str, &Unit> = self.units.iter().map(|unit| (unit.path.as_str(), unit)).collect();
        let row = |unit: &Unit| items.iter().map(|item| cell(item, &self.about_unit(item, unit, &by_path))).collect();
        table.rows = self.units.iter().map(row).collect();
        table
    }

    fn about_unit(&self, item: &Item, unit: &Unit, by_path: &HashMap<&str, &Unit>) -> String {
        let base = &self.visit.rules.base;
        let head = &self.mapping.head;
        let person = |posts: &[String]| self.first(unit.id, posts);
        match item.source.as_str() {
            "full_name" => unit.full_name.clone(),
            "short_name" => unit.short_name.clone(),
            "code" => unit.code.clone(),
            "level" => base.level(&unit.level).map_or(String::new(), |level| level.name.zh.clone()),
            "class" => named(&base.class, &unit.class).to_owned(),
            "founded" => unit.founded.to_string(),
            "parent" => {
                let path = unit.path.as_str();
                let above = path.get(..path.len().saturating_sub(4)).and_then(|path| by_path.get(path));
                above.map_or(String::new(), |unit| unit.full_name.clone())
            }
            "secretary" => person(&head.secretary).map_or(String::new(), |line| line.name.clone()),
            "contact" => person(&head.contact).map_or(String::new(), |line| line.name.clone()),
            "contact_phone" => {
                person(&head.contact).and_then(|line| self.phones.get(&line.person)).cloned().unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// Who holds the first of these posts that somebody holds in a unit.
    fn first(&self, unit: i64, posts: &[String]) -> Option<&luoshi_store::holding::Line> {
        let held = self.by_unit.get(&unit)?;
        posts.iter().find_map(|post| held.iter().find(|line| line.post == *post))
    }

    fn of_people(&self) -> Table {
        let items = &self.mapping.person;
        let mut table = sheet(format!("{} 党员", self.mapping.head.name.zh), items);
        let listed = |one: &&Member| self.mapping.head.people.contains(&one.standing);
        let row = |one: &Member| items.iter().map(|item| cell(item, &self.about_person(item, one))).collect();
        table.rows = self.people.iter().filter(listed).map(row).collect();
        table
    }

    fn about_person(&self, item: &Item, one: &Member) -> String {
        let given = |key: &str| item.words.contains_key(key);
        match item.source.as_str() {
            "name" => one.name.clone(),
            "identity" => one.identity.clone(),
            "phone" => one.phone.clone(),
            "sex" if given(&one.sex) => one.sex.clone(),
            "sex" => match one.sex.as_str() {
                "m" => "男".to_owned(),
                "f" => "女".to_owned(),
                _ => String::new(),
            },
            "standing" if given(&one.standing) => one.standing.clone(),
            "standing" => Standing::named(&one.standing).map_or(String::new(), |standing| standing.name().zh),
            "born" => one.born.clone(),
            "joined" => one.joined.clone(),
            "full_on" => one.full_on.clone(),
            "unit_full_name" => one.unit_names.1.clone(),
            "unit_short_name" => one.unit_names.0.clone(),
            "posts" => self.posts.get(&one.id).map_or(String::new(), |names| names.join("、")),
            _ => String::new(),
        }
    }
}
