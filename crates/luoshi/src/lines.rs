//! The log as lines: whatever an engine, another server or a request put into a message, one event is one line, and no
//! sign of it moves a cursor or turns the direction of writing.

use std::io::{self, Write};

/// Writes events, each with the signs that end lines or steer terminals written out.
pub struct Lines<W>(W);

impl Lines<io::Stderr> {
    /// To standard error.
    pub fn to_stderr() -> Lines<io::Stderr> {
        Lines(io::stderr())
    }
}

/// Whether a sign is written out: what ends a line, steers a terminal, or turns the direction of writing.
fn steers(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl<W: Write> Write for Lines<W> {
    /// An event comes whole, with the end of its line.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let body = text.strip_suffix('\n').unwrap_or(&text);
        let mut line = String::with_capacity(event.len() + 1);
        for sign in body.chars() {
            match steers(sign) {
                // as JSON writes it, so that an object stays one
                true => line.push_str(&format!("\\u{:04x}", u32::from(sign))),
                false => line.push(sign),
            }
        }
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex, PoisonError};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_forges_a_line_of_the_log_by_what_they_send() {
        let forged =
            "no such table\r\n2026-01-01T00:00:00Z  WARN refused: account=\"1.1\"\u{1b}[2K\u{85}\u{2028}\u{202e}txt";
        for json in [false, true] {
            let kept = Kept::default();
            let to = kept.clone();
            let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Lines(to.clone()));
            let told = || {
                tracing::error!(fault = %forged, cause = forged, ?forged, "{forged}");
                tracing::error!("the next one");
            };
            match json {
                false => tracing::subscriber::with_default(log.finish(), told),
                true => tracing::subscriber::with_default(log.json().flatten_event(true).finish(), told),
            }
            let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
            let lines: Vec<&str> = text.split_terminator('\n').collect();
            assert_eq!(lines.len(), 2, "{text}");
            assert!(!lines.iter().any(|line| line.chars().any(steers)), "{text:?}");
            assert!(
                !json || lines.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
                "{text}"
            );
            assert!(lines[1].contains("the next one") && lines[0].contains("no such table"));
        }
    }
}
