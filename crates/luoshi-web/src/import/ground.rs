//! What is there already, ready to be looked up by name, number and post: loaded once for a whole sheet.

use super::check::numbers;
use super::columns::{Head, plain};
use luoshi_office::Sheet;
use luoshi_rules::person::{identity_number, person_code};
use luoshi_rules::{Actor, Rulebook, Unit, Verb};
use luoshi_store::identity::Field;
use luoshi_store::import::{self, Done, Held, Known};
use luoshi_store::{Fault, Tx, unit};
use std::collections::{HashMap, HashSet};

/// Who imports, by which rules, below which unit.
pub(super) struct Hand<'a> {
    pub actor: &'a Actor,
    pub rules: &'a Rulebook,
    pub at: &'a Unit,
}

/// What is there already.
pub(super) struct Ground<'a> {
    pub hand: &'a Hand<'a>,
    pub units: HashMap<i64, Unit>,
    full_names: HashMap<String, Vec<i64>>,
    short_names: HashMap<String, Vec<i64>>,
    people: Vec<Known>,
    by_name: HashMap<(i64, String), Vec<usize>>,
    /// whom the identity numbers of the sheet belong to, as far as they are known
    numbered: HashMap<String, usize>,
    /// the same of its person codes
    coded: HashMap<String, usize>,
    held: HashMap<(i64, String), Vec<Held>>,
    pub records: HashSet<Done>,
}

impl<'a> Ground<'a> {
    /// Loads what a sheet of this sort is compared with.
    pub fn load(tx: &Tx, hand: &'a Hand, sheet: &Sheet, head: &Head) -> Result<Ground<'a>, Fault> {
        let scope = hand.actor.scope(&hand.rules.base, Verb::Roll, hand.at)?;
        let mut ground = Ground {
            hand,
            units: unit::list(tx, &scope)?.into_iter().map(|unit| (unit.id, unit)).collect(),
            full_names: HashMap::new(),
            short_names: HashMap::new(),
            people: Vec::new(),
            by_name: HashMap::new(),
            numbered: HashMap::new(),
            coded: HashMap::new(),
            held: HashMap::new(),
            records: HashSet::new(),
        };
        for unit in ground.units.values().filter(|unit| unit.dissolved.is_none()) {
            ground.full_names.entry(plain(&unit.full_name)).or_default().push(unit.id);
            ground.short_names.entry(plain(&unit.short_name)).or_default().push(unit.id);
        }
        match head.sort.as_str() {
            "people" => ground.meet(tx, import::people(tx, &scope)?, import::held(tx, &scope)?, sheet, head)?,
            "records" => ground.records = import::records(tx, &scope)?.into_iter().collect(),
            _ => {}
        }
        Ok(ground)
    }

    fn meet(&mut self, tx: &Tx, people: Vec<Known>, held: Vec<Held>, sheet: &Sheet, head: &Head) -> Result<(), Fault> {
        let by = |field: fn(&Known) -> &str| -> HashMap<&str, usize> {
            let known = people.iter().map(field).enumerate().filter(|(_, blind)| !blind.is_empty());
            known.map(|(at, blind)| (blind, at)).collect()
        };
        let (by_blind, by_code) = (by(|one| &one.blind), by(|one| &one.code));
        for number in numbers((sheet, head), "identity", identity_number) {
            if let Some(at) = by_blind.get(&*import::blind(tx, Field::Identity, &number)?) {
                self.numbered.insert(number, *at);
            }
        }
        for code in numbers((sheet, head), "code", person_code) {
            if let Some(at) = by_code.get(&*import::blind(tx, Field::Code, &code)?) {
                self.coded.insert(code, *at);
            }
        }
        for (at, one) in people.iter().enumerate() {
            if one.left.is_none() {
                self.by_name.entry((one.unit, one.name.clone())).or_default().push(at);
            }
        }
        for one in held {
            self.held.entry((one.unit, one.post.clone())).or_default().push(one);
        }
        self.people = people;
        Ok(())
    }

    /// Units that stand and bear a name: by their full names, or else by their short ones.
    pub fn named(&self, text: &str) -> &[i64] {
        let said = plain(text);
        let found = self.full_names.get(&said).or_else(|| self.short_names.get(&said));
        found.map_or(&[], Vec::as_slice)
    }

    /// The unit that stands and bears a full name.
    pub fn fully_named(&self, text: &str) -> Option<i64> {
        self.full_names.get(&plain(text)).and_then(|all| all.first()).copied()
    }

    /// Every name of the units that stand, each with the short one that is shown for it; always in the same order.
    pub fn every_name(&self) -> impl Iterator<Item = (&str, &str)> {
        let standing = self.units.values().filter(|unit| unit.dissolved.is_none());
        standing.flat_map(|unit| [unit.short_name.as_str(), &unit.full_name].map(|name| (name, &*unit.short_name)))
    }

    /// Whoever has an identity number.
    pub fn numbered(&self, identity: &str) -> Option<&Known> {
        self.people.get(*self.numbered.get(identity)?)
    }

    /// Whoever has a person code.
    pub fn coded(&self, code: &str) -> Option<&Known> {
        self.people.get(*self.coded.get(code)?)
    }

    /// Whoever on a roll has a name and was born on a day, as far as both are known, and has no other number.
    pub fn alike(&self, unit: i64, name: &str, born: &str, identity: &str) -> Option<&Known> {
        let all = self.by_name.get(&(unit, name.to_owned()))?;
        let mut found = all.iter().filter_map(|at| self.people.get(*at));
        found.find(|one| {
            let same_day = one.born.is_empty() || born.is_empty() || one.born == born;
            same_day && (one.blind.is_empty() || identity.is_empty())
        })
    }

    /// Who holds or held a post in a unit.
    pub fn held(&self, unit: i64, post: &str) -> &[Held] {
        self.held.get(&(unit, post.to_owned())).map_or(&[], Vec::as_slice)
    }
}
