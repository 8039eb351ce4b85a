//! Directives: text, web pages and Markdown, restored and read for measures. The first byte says what the file is called.

use jiff::civil::date;
use luoshi_office::paper;
use luoshi_web::Reading;

pub fn read(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let name = ["a.txt", "a.html", "a.md"][usize::from(*which) % 3];
    let Ok(paper) = paper::read(rest, name) else { return };
    let Ok(reading) =
        Reading::of(paper, None, date(2023, 5, 15), (&["办公室", "第一支部", "机关党委"], &["支部书记", "党委书记"]))
    else {
        return;
    };
    let (clean, original) = (&reading.restored.text, &reading.original);
    for measure in &reading.measures {
        assert!(clean.get(measure.at.clone()).is_some(), "a measure is a piece of the clean text");
        assert!(original.get(reading.restored.original(&measure.at)).is_some(), "and has its piece of the original");
    }
    for mark in &reading.restored.marks {
        assert!(clean.get(mark.at.clone()).is_some(), "a mark is a piece of the clean text");
    }
}
