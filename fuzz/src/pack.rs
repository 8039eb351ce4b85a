//! Packs as an administrator pastes them: the base, lists on it, holidays, what is handed over, words of directives.

use luoshi_rules::{Calendar, Mapping, Pack, UnitPath};
use luoshi_text::Lexicon;
use std::sync::LazyLock;

static BASE: LazyLock<Pack> =
    LazyLock::new(|| Pack::base(include_str!("../../packs/base.toml")).expect("the pack that ships"));

pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for outcome in [Pack::list(&text, &BASE), Pack::base(&text)] {
        if let Err(faults) = outcome {
            assert!(!faults.is_empty(), "refused without a word");
            faults.iter().for_each(|fault| drop(fault.to_string()));
        }
    }
    if let Err(faults) = Mapping::parse(&text) {
        assert!(!faults.is_empty(), "refused without a word");
    }
    let _ = Calendar::parse(&text);
    let _ = Lexicon::parse(&text);
    let _ = UnitPath::try_from(text.into_owned());
}
