//! The title of a matter in the reader's language. What was typed stays as it was typed; that of a follow-up is the
//! wording of its clause, which is there in both languages.

use crate::visit::Visit;
use jiff::civil::Date;
use luoshi_rules::period::words;
use luoshi_rules::{Lang, Matter};
use std::borrow::Cow;

/// The title of a matter, as the visitor reads it.
pub(crate) fn title<'m>(visit: &Visit, matter: &'m Matter) -> Cow<'m, str> {
    let text = |key: &str| matter.data[key].as_str().unwrap_or_default();
    let day = text("due").parse().unwrap_or(matter.opened);
    worded(visit, &matter.title, (text("clause"), text("period"), day))
}

/// The same of a title that was kept, and the clause, the period and the day it is about.
pub(crate) fn worded<'m>(visit: &Visit, kept: &'m str, about: (&str, &str, Date)) -> Cow<'m, str> {
    let told = match visit.lang {
        Lang::En => of_duty(visit, kept, about),
        Lang::Zh => kept.strip_suffix(&format!("（{}）", about.1)).filter(|_| !about.0.is_empty()).map(|head| {
            // the period is kept by its key, and told in words
            format!("{head}（{}）", words(about.1, Lang::Zh))
        }),
    };
    told.map_or(Cow::Borrowed(kept), Cow::Owned)
}

/// The wording of the clause a follow-up is about, with the period as its title names it.
fn of_duty(visit: &Visit, kept: &str, (clause, period, day): (&str, &str, Date)) -> Option<String> {
    let clause = visit.rules.clause(clause, day).filter(|clause| !clause.text.en.is_empty())?;
    let named = kept.rsplit_once('（').map_or(period, |(_, rest)| rest.trim_end_matches('）'));
    Some(format!("{} {} ({})", clause.id, clause.text.en, words(named, Lang::En)))
}
