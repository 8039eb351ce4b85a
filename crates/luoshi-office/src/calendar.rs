//! Calendars out: events as iCalendar (RFC 5545), which every calendar program subscribes to. All hours are Beijing's.

use std::fmt::Write;

/// Octets of a line, before its end (RFC 5545, 3.1).
const LINE: usize = 75;
/// Minutes an event lasts when nobody said.
const LASTS: i32 = 60;
/// Beijing keeps one time all year; the offset is said so that no program has to know the zone.
const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
                    TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// the same through all changes, and no other's in the world
    pub uid: String,
    /// when it was last changed, in UTC: `20230515T013000Z`
    pub stamp: String,
    /// the day: `2023-05-15`
    pub on: String,
    /// the hour: `09:30`; empty for the whole day
    pub at: String,
    /// what it is
    pub title: String,
    /// where
    pub place: String,
    /// what else to know
    pub note: String,
}

/// A calendar with these events, under a name.
pub fn calendar(name: &str, events: &[Event]) -> String {
    let mut out =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Luoshi//Luoshi//ZH\r\nCALSCALE:GREGORIAN\r\n");
    line(&mut out, "X-WR-CALNAME", &escape(name));
    out.push_str("REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n");
    out.push_str(ZONE);
    for event in events {
        out.push_str("BEGIN:VEVENT\r\n");
        line(&mut out, "UID", &event.uid);
        line(&mut out, "DTSTAMP", &event.stamp);
        line(&mut out, "LAST-MODIFIED", &event.stamp);
        times(&mut out, event);
        for (key, text) in [("SUMMARY", &event.title), ("LOCATION", &event.place), ("DESCRIPTION", &event.note)] {
            if !text.is_empty() {
                line(&mut out, key, &escape(text));
            }
        }
        out.push_str("END:VEVENT\r\n");
    }
    out + "END:VCALENDAR\r\n"
}

/// Begin and end: hours of Beijing, or whole days, of which the end is the day after (3.6.1).
fn times(out: &mut String, event: &Event) {
    let day = event.on.replace('-', "");
    let minutes =
        event.at.split_once(':').and_then(|(h, m)| Some(h.parse::<i32>().ok()? * 60 + m.parse::<i32>().ok()?));
    match minutes.filter(|minutes| (0..24 * 60).contains(minutes)) {
        Some(from) => {
            // what would end after midnight ends a minute before it
            let until = (from + LASTS).min(24 * 60 - 1);
            for (key, at) in [("DTSTART", from), ("DTEND", until)] {
                let _ = write!(out, "{key};TZID=Asia/Shanghai:{day}T{:02}{:02}00\r\n", at / 60, at % 60);
            }
        }
        None => {
            let _ = write!(out, "DTSTART;VALUE=DATE:{day}\r\nDURATION:P1D\r\n");
        }
    }
}

/// Text as a value: what would end it or the line is escaped (3.3.11).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line, folded so that none is longer than 75 octets and no character is cut (3.1).
fn line(out: &mut String, key: &str, value: &str) {
    let mut used = 0;
    for c in key.chars().chain([':']).chain(value.chars().filter(|c| !c.is_control())) {
        if used + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            uid: "1@luoshi".into(),
            stamp: "20230515T013000Z".into(),
            on: "2023-05-20".into(),
            at: "09:30".into(),
            title: "主题党日".into(),
            ..Event::default()
        }
    }

    /// Unfolds as a reader does.
    fn unfold(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn lines_are_folded_at_75_octets_and_never_within_a_character() {
        for n in 0..200 {
            let title = format!("{}{}", "a".repeat(n % 4), "学".repeat(n));
            let text = calendar("第一支部", &[Event { title: title.clone(), ..event() }]);
            for line in text.split("\r\n") {
                assert!(line.len() <= 75, "{} octets: {line}", line.len());
            }
            assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
            let wanted = format!("SUMMARY:{title}");
            assert!(title.is_empty() || unfold(&text).contains(&wanted), "{text}");
        }
    }

    #[test]
    fn text_that_would_end_a_value_is_escaped() {
        let title = "学习; 讨论, 交流\\总结\r\n第二行\nEND:VEVENT\u{7}".to_owned();
        let text = calendar("x\r\nEND:VCALENDAR", &[Event { title, ..event() }]);
        let lines = unfold(&text);
        assert!(lines.contains(&r"SUMMARY:学习\; 讨论\, 交流\\总结\n第二行\nEND:VEVENT".to_owned()), "{text}");
        assert_eq!(lines.iter().filter(|line| *line == "END:VEVENT").count(), 1);
        assert_eq!(lines.iter().filter(|line| *line == "END:VCALENDAR").count(), 1);
    }

    #[test]
    fn an_hour_is_beijings_and_a_day_without_one_is_whole() {
        let text =
            calendar("x", &[event(), Event { at: String::new(), ..event() }, Event { at: "23:30".into(), ..event() }]);
        for wanted in [
            "DTSTART;TZID=Asia/Shanghai:20230520T093000",
            "DTEND;TZID=Asia/Shanghai:20230520T103000",
            "DTSTART;VALUE=DATE:20230520",
            "DTEND;TZID=Asia/Shanghai:20230520T235900",
            "DTSTAMP:20230515T013000Z",
            "TZOFFSETTO:+0800",
            "UID:1@luoshi",
        ] {
            assert!(unfold(&text).contains(&wanted.to_owned()), "{wanted} in {text}");
        }
    }
}
