//! The event reader against the last resort.
#![no_main]

use kastell_yaml::proof;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Err(difference) = proof::event_against_fallback(text) {
        panic!("{difference}");
    }
});
