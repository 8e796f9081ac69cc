//! The line reader against the event reader, spans included.
#![no_main]

use kastell_yaml::proof;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Err(difference) = proof::line_against_event(text) {
        panic!("{difference}");
    }
});
