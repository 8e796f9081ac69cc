//! The strict JSON reader against the YAML reader.
#![no_main]

use kastell_yaml::proof;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Err(difference) = proof::json_against_event(text) {
        panic!("{difference}");
    }
});
