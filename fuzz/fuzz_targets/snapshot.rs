//! The reader of snapshots: no panic, and what it took without complaint is written and read again as the same.
#![no_main]

use kastell_sources::{Loaded, Progress, snapshot};

fn read(bytes: &[u8]) -> Option<Loaded> {
    snapshot::read_snapshot("fuzz", bytes, None, &Progress::default()).ok()
}

fn write(loaded: &Loaded) -> Vec<u8> {
    let mut out = Vec::new();
    snapshot::write_snapshot(loaded, &mut out).expect("memory takes every byte");
    out
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The header's beginning is given, so that every input gets past it.
    let text = [b"{\"kastell_snapshot\":1", bytes].concat();
    for text in [bytes, &text] {
        let Some(loaded) = read(text) else { continue };
        let once = write(&loaded);
        let again = read(&once).expect("what was written is a snapshot");
        assert_eq!(once, write(&again), "a snapshot that was read is written as it was");
    }
});
