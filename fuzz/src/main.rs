//! libFuzzer for the reader named by `LUOSHI_FUZZ`.
#![no_main]

use luoshi_fuzz::{Target, target};
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    // a panic that the program itself catches, as it does those of a parser of others, is no finding: only one that
    // comes out of the target is, and ends the fuzzer
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let name = std::env::var("LUOSHI_FUZZ").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("LUOSHI_FUZZ names no target: {name:?}"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (*TARGET)(bytes));
