//! The title of a matter in the reader's language. What was typed stays as it was typed; that of a follow-up is the
//! wording of its clause, which is there in both languages.

use crate::visit::Visit;
use luoshi_rules::{Lang, Matter};
use std::borrow::Cow;

/// The title of a matter, as the visitor reads it.
pub(crate) fn title<'m>(visit: &Visit, matter: &'m Matter) -> Cow<'m, str> {
    match visit.lang {
        Lang::En => of_duty(visit, matter).map_or(Cow::Borrowed(matter.title.as_str()), Cow::Owned),
        Lang::Zh => Cow::Borrowed(matter.title.as_str()),
    }
}

/// The wording of the clause a follow-up is about, with the period as its title names it.
fn of_duty(visit: &Visit, matter: &Matter) -> Option<String> {
    let text = |key: &str| matter.data[key].as_str();
    let day = text("due").and_then(|day| day.parse().ok()).unwrap_or(matter.opened);
    let clause = visit.rules.clause(text("clause")?, day).filter(|clause| !clause.text.en.is_empty())?;
    let named = matter.title.rsplit_once('（').map(|(_, rest)| rest.trim_end_matches('）'));
    Some(format!("{} {} ({})", clause.id, clause.text.en, named.or_else(|| text("period"))?))
}
