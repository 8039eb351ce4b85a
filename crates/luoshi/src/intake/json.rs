//! What was found, for programs. Spans count characters, from 0, the end not included.

use luoshi_text::Measure;
use luoshi_text::measure::{Bound, Due, Owner, Rhythm, Span, Told};
use luoshi_text::restore::Why;
use luoshi_web::{Dated, Reading};
use serde_json::{Value, json};
use std::ops::Range;

/// The whole answer.
pub fn of(reading: &Reading, units: &[&str], posts: &[&str]) -> String {
    let restored = &reading.restored;
    let marks = restored.marks.iter().map(|mark| {
        let why = match mark.why {
            Why::Lost => "lost",
            Why::Private => "private",
            Why::Ambiguous => "ambiguous",
        };
        let (clean, original) = (span(&restored.text, &mark.at), span(&reading.original, &restored.original(&mark.at)));
        json!({ "span": clean, "original": original, "why": why })
    });
    let answer = json!({
        "date": reading.day.to_string(),
        "dated": match reading.dated { Dated::Told => "told", Dated::Found => "found", Dated::Read => "read" },
        "original": reading.original,
        "text": restored.text,
        "marks": marks.collect::<Vec<_>>(),
        "left_out": restored.left_out,
        "measures": reading.measures.iter().map(|one| measure(reading, one, (units, posts))).collect::<Vec<_>>(),
    });
    format!("{answer:#}")
}

fn measure(reading: &Reading, one: &Measure, names: (&[&str], &[&str])) -> Value {
    json!({
        "text": reading.text(one),
        "span": span(&reading.restored.text, &one.at),
        "original": span(&reading.original, &reading.restored.original(&one.at)),
        "owners": one.owners.iter().map(|one| owner(one, names)).collect::<Vec<_>>(),
        "due": one.due.as_ref().map(|found| due(found, &one.due_text)),
        "quantity": one.quantity.as_ref().map(|found| json!({
            "value": found.value,
            "unit": found.unit,
            "bound": match found.bound { Bound::Exactly => "exactly", Bound::AtLeast => "at_least", Bound::AtMost => "at_most" },
        })),
        "kind": one.kind,
        "speaker": one.speaker,
        "confidence": one.confidence,
    })
}

fn owner(one: &Owner, (units, posts): (&[&str], &[&str])) -> Value {
    json!({
        "text": one.text,
        "units": one.units.iter().filter_map(|at| units.get(*at)).collect::<Vec<_>>(),
        "post": one.post.and_then(|at| posts.get(at)),
        "told": match one.told { Told::Here => "here", Told::Before => "before", Told::Addressee => "addressee" },
        "role": if one.helps { "helps" } else { "leads" },
    })
}

/// When something is due, with the words that say so.
pub fn due(due: &Due, words: &str) -> Value {
    match due {
        Due::By(day) => json!({ "by": day.to_string(), "words": words }),
        Due::Every(rhythm) => json!({ "every": every(*rhythm), "words": words }),
        Due::Within(count, of) => json!({ "within": { "count": count, "of": span_of_time(*of) }, "words": words }),
        Due::Event => json!({ "event": words, "words": words }),
        Due::Standing => json!({ "standing": true, "words": words }),
    }
}

fn every(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Week => "week",
        Rhythm::Fortnight => "two weeks",
        Rhythm::HalfMonth => "half month",
        Rhythm::Month => "month",
        Rhythm::TwoMonths => "two months",
        Rhythm::Quarter => "quarter",
        Rhythm::Half => "half year",
        Rhythm::Year => "year",
    }
}

fn span_of_time(span: Span) -> &'static str {
    match span {
        Span::Hour => "hours",
        Span::Workday => "working days",
        Span::Day => "days",
        Span::Week => "weeks",
        Span::Month => "months",
    }
}

/// Bytes of a text as characters.
pub fn span(text: &str, bytes: &Range<usize>) -> (usize, usize) {
    let count = |at: usize| text.get(..at).map_or(0, |head| head.chars().count());
    (count(bytes.start), count(bytes.end))
}
