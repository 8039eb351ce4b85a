//! Text as people paste it: cleaned, folded, spelled, compared; cleaning what is clean changes nothing.

use luoshi_text::{clean, nearest, pinyin, prefix, secrecy};

pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let cleaned = [clean::line(&text, 200), clean::paragraphs(&text, 2_000), clean::name(&text, 40)];
    for cleaned in cleaned.into_iter().flatten() {
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
    let _ = secrecy::mark(&text);
}
