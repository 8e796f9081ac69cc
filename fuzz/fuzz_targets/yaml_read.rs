//! Any bytes are read without a failure and every invariant of the stream holds.
#![no_main]

use kastell_yaml::{proof, read_bytes};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let stream = read_bytes(data.to_vec());
    if let Err(difference) = proof::invariants(&stream.text) {
        panic!("{difference}");
    }
});
