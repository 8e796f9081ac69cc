//! What argues from absence: how sure it is depends on what was read.

use kastell_model::{Confidence, GapReason, Hit, Out, Seen, Spot};

/// Something is missing: a finding where all `what` were read, one of low confidence where only files were, else a gap.
pub(crate) fn report<'o, 't>(
    out: &'o mut Out<'_>,
    seen: &Seen,
    spot: impl Into<Spot<'t>>,
    what: &str,
    message: &str,
) -> Option<&'o mut Hit> {
    match seen {
        Seen::All => Some(out.fail(spot, message.to_string())),
        Seen::Open => {
            let hit = out.fail(spot, format!("{message} among the files given"));
            Some(hit.confidence(Confidence::Low))
        }
        Seen::NotAsked => {
            out.gap(spot, GapReason::NeedsSource, format!("{what} were not read"));
            None
        }
        Seen::Failed(why) => {
            out.gap(spot, GapReason::Unreadable, format!("{what} could not be read: {why}"));
            None
        }
    }
}
