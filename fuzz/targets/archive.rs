//! Bytes that say they are an archive, as they come.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = luoshi_office::sheet::read(bytes, "a.xlsx");
    let _ = luoshi_office::head::lines(bytes);
    let _ = luoshi_office::head::has_macros(bytes);
});
