//! Text as people paste it: cleaned, folded, spelled, compared; cleaning what is clean changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use luoshi_text::{clean, nearest, pinyin, prefix, secrecy};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for cleaned in [clean::line(&text, 200), clean::paragraphs(&text, 2_000), clean::name(&text, 40)].into_iter().flatten() {
        assert!(!cleaned.contains('\0'));
    }
    if let Ok(line) = clean::line(&text, 200) {
        assert_eq!(clean::line(&line, 200).as_ref().ok(), Some(&line), "cleaned twice");
    }
    let _ = clean::fold(&text);
    let _ = (pinyin::key(&text), pinyin::title_key(&text), pinyin::query(&text), pinyin::initials(&text));
    let names: Vec<&str> = text.split('\n').take(20).collect();
    let _ = nearest(names.first().unwrap_or(&""), &names, 3);
    let _ = (prefix::common(&names), prefix::strip(&names));
    let _ = secrecy::mark(names);
});
