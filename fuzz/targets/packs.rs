//! Packs as an administrator pastes them: the base, lists on it, holidays, and what the store keeps as paths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use luoshi_rules::{Calendar, Pack, UnitPath};
use std::sync::OnceLock;

fuzz_target!(|bytes: &[u8]| {
    static BASE: OnceLock<Pack> = OnceLock::new();
    let base = BASE.get_or_init(|| Pack::base(include_str!("../../packs/base.toml")).expect("sound"));
    let text = String::from_utf8_lossy(bytes);
    match Pack::list(&text, base) {
        Ok(_) => {}
        Err(faults) => faults.iter().for_each(|fault| drop(fault.to_string())),
    }
    let _ = Pack::base(&text);
    let _ = Calendar::parse(&text);
    let _ = UnitPath::try_from(text.into_owned());
});
