//! What an address of figures asks for, and what was found: counted by roll-ups, or told from the facts as known on a
//! past day.

use super::{CUSTOM, build, kept};
use crate::trouble::Trouble;
use crate::visit::Visit;
use jiff::civil::{Date, date};
use luoshi_rules::campaign::Campaign;
use luoshi_rules::figure::{Lot, Part, total};
use luoshi_rules::{Figure, Refusal, Unit, Verb};
use luoshi_store::figure::{self, Asked};
use luoshi_store::rollup::{self, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// What an address of figures asks for.
pub(crate) struct Question {
    pub at: Unit,
    pub year: i16,
    /// first and last month
    pub months: (i8, i8),
    pub known: Option<Date>,
    /// every figure one may open here, the unit's own last
    pub figures: Vec<Figure>,
    /// keys of the unit's own
    pub own: Vec<String>,
    /// the day it is, or as known on which it is asked
    pub today: Date,
}

/// The keys and values of an address; what stands several times is put together, between commas.
pub(super) fn gather(pairs: Vec<(String, String)>) -> HashMap<String, String> {
    let mut asked: HashMap<String, String> = HashMap::new();
    for (key, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        let all = asked.entry(key).or_default();
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(&value);
    }
    asked
}

impl Question {
    pub async fn read(visit: &Visit, id: i64, year: i16, asked: &HashMap<String, String>) -> Result<Question, Trouble> {
        let at = visit.unit(id, Verb::See).await?;
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &at)?;
        let kept = visit.app.read(move |tx| figure::own(tx, &scope, id)).await?;
        let kept: Vec<Figure> = kept.iter().filter_map(|text| toml::from_str(text).ok()).collect();
        let own = kept.iter().map(|figure| figure.id.clone()).collect();
        let figures = in_force(visit, year).into_iter().chain(kept).collect();
        let months = Question::months(asked)?;
        let known = crate::obligation::as_known(visit, asked)?;
        Ok(Question { at, year, months, known, figures, own, today: known.unwrap_or(visit.today) })
    }

    /// The first and last month that are asked for.
    pub fn months(asked: &HashMap<String, String>) -> Result<(i8, i8), Refusal> {
        let months = (month(asked, "from", 1)?, month(asked, "until", 12)?);
        if months.0 > months.1 {
            return Err(Refusal::rule("起始月份在结束月份之后", "the first month is after the last"));
        }
        Ok(months)
    }

    /// The figure with a key, or the one the address describes.
    pub fn figure(&self, visit: &Visit, key: &str, asked: &HashMap<String, String>) -> Result<Figure, Trouble> {
        if key == CUSTOM {
            return build::read(visit, asked);
        }
        self.figures.iter().find(|figure| figure.id == key).cloned().ok_or(Trouble::NotFound)
    }

    /// A figure and those it adds, each once.
    pub fn with_added(&self, figure: &Figure) -> Vec<Figure> {
        let mut all = vec![figure.clone()];
        let mut at = 0;
        while let Some(one) = all.get(at).cloned() {
            let added = self.figures.iter().filter(|other| one.plus.contains(&other.id));
            let new: Vec<Figure> =
                added.filter(|other| all.iter().all(|known| known.id != other.id)).cloned().collect();
            all.extend(new);
            at += 1;
        }
        all
    }

    /// First and last day of the months of a year.
    pub fn days(&self, year: i16) -> (Date, Date) {
        (date(year, self.months.0, 1), date(year, self.months.1, 1).last_of_month())
    }

    /// The same day of the year before, while the year runs.
    fn same_day(&self) -> Option<Date> {
        let runs = self.year == self.today.year() && self.today.month() <= self.months.1;
        let first = date(self.year - 1, self.today.month(), 1);
        let day = self.today.day().min(first.days_in_month());
        runs.then(|| date(self.year - 1, self.today.month(), day))
    }

    /// Both years by months, and of the year before the days of the month that runs.
    fn spans(&self) -> Vec<Span> {
        let whole = Span::Months(date(self.year - 1, 1, 1), date(self.year, 12, 31));
        let running = self.same_day().map(|day| Span::Days(day.first_of_month(), day));
        [whole].into_iter().chain(running).collect()
    }

    /// What these figures are made of.
    pub async fn lots(&self, visit: &Visit, figures: Vec<Figure>) -> Result<Arc<Vec<Lot>>, Trouble> {
        self.told(visit, figures, false).await
    }

    /// The same, told apart by the units directly below.
    pub async fn lots_by_below(&self, visit: &Visit, figures: Vec<Figure>) -> Result<Arc<Vec<Lot>>, Trouble> {
        self.told(visit, figures, true).await
    }

    async fn told(&self, visit: &Visit, figures: Vec<Figure>, by_below: bool) -> Result<Arc<Vec<Lot>>, Trouble> {
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &self.at)?;
        let (asked, spans) = (Asked { by_below, ..self.asked(figures) }, self.spans());
        let (app, today) = (visit.app.clone(), visit.today);
        visit.app.read(move |tx| kept::lots(tx, &app, (&scope, today), (&asked, &spans))).await
    }

    /// What the units merged into this one did before, each with its name and number.
    pub async fn before_mergers(
        &self,
        visit: &Visit,
        figure: &Figure,
    ) -> Result<Vec<(i64, String, Date, i64)>, Trouble> {
        let scope = visit.actor.scope(&visit.rules.base, Verb::See, &self.at)?;
        let (all, spans) = (self.with_added(figure), self.spans());
        let asked = self.asked(all.clone());
        let read = move |tx: &luoshi_store::Tx| {
            let mut lots = Vec::new();
            for one in luoshi_store::unit::merged(tx, &scope)? {
                lots.push((rollup::before_merger(tx, &scope, &one, &asked, &spans)?, one));
            }
            Ok(lots)
        };
        let merged = visit.app.read(read).await?;
        let number = |lots: &[Lot]| total(&self.within(&all, lots, self.year));
        Ok(merged.iter().map(|(lots, one)| (one.unit, one.name.clone(), one.on, number(lots))).collect())
    }

    fn asked(&self, figures: Vec<Figure>) -> Asked {
        let (first, last) = (date(self.year - 1, 1, 1), date(self.year, 12, 31));
        Asked { figures, first, last, known: self.known, by_below: false }
    }

    /// What a figure is made of in a year, with what it adds.
    pub fn parts<'l>(&self, lots: &'l [Lot], figure: &Figure, year: i16) -> Vec<Part<'l>> {
        self.within(&self.with_added(figure), lots, year)
    }

    fn within<'l>(&self, all: &[Figure], lots: &'l [Lot], year: i16) -> Vec<Part<'l>> {
        let months = self.months.0..=self.months.1;
        let within = |lot: &&Lot| lot.day == 0 && lot.month.0 == year && months.contains(&lot.month.1);
        all.iter().flat_map(|one| one.parts(lots.iter().filter(within))).collect()
    }

    /// What it was the year before; of a year that runs, until the same day.
    pub fn before(&self, lots: &[Lot], figure: &Figure) -> i64 {
        let year = self.year - 1;
        let Some(day) = self.same_day() else { return total(&self.parts(lots, figure, year)) };
        let months = self.months.0..=self.months.1;
        let until = |lot: &&Lot| {
            let whole = lot.day == 0 && lot.month.1 < day.month();
            let running = lot.day > 0 && lot.month.1 == day.month();
            lot.month.0 == year && months.contains(&lot.month.1) && (whole || running)
        };
        let all = self.with_added(figure);
        total(&all.iter().flat_map(|one| one.parts(lots.iter().filter(until))).collect::<Vec<_>>())
    }
}

/// Figures of the year: those of lists in force, which replace those of the base pack with the same key, the others of
/// the base pack, and those of campaigns that ran in the year.
fn in_force(visit: &Visit, year: i16) -> Vec<Figure> {
    let lists =
        visit.rules.editions.iter().filter(|edition| edition.in_force(visit.today)).map(|edition| &edition.pack);
    let ran = |campaign: &Campaign| (campaign.from.year()..=campaign.until.year()).contains(&year);
    let (campaigns, lists): (Vec<_>, Vec<_>) = lists.partition(|pack| pack.campaign.is_some());
    let campaigns = campaigns.into_iter().filter(|pack| pack.campaign.as_ref().is_some_and(ran));
    let mut figures: Vec<Figure> = Vec::new();
    let own = lists.into_iter().flat_map(|pack| &pack.figure).chain(&visit.rules.base.figure);
    for figure in own.chain(campaigns.flat_map(|pack| &pack.figure)) {
        if figures.iter().all(|known| known.id != figure.id) {
            figures.push(figure.clone());
        }
    }
    figures
}

fn month(asked: &HashMap<String, String>, key: &str, otherwise: i8) -> Result<i8, Refusal> {
    let Some(text) = asked.get(key).filter(|text| !text.is_empty()) else { return Ok(otherwise) };
    let month = text.parse().ok().filter(|month| (1..=12).contains(month));
    month.ok_or_else(|| Refusal::field(key, "月份为1至12", "a month is 1 to 12"))
}
