//! One case and what came of it.

use serde::Serialize;
use serde_json::Value;

/// A case that was run. Its serial form is a line of `--json`.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The folder of the data.
    pub topic: &'static str,
    /// The index file that lists the case, relative to the topic's folder.
    pub index: String,
    /// The case's name in that index.
    pub id: String,
    /// The upstream rule (or group of cases) that it tests.
    pub rule: String,
    /// The controls that were asked, separated by commas; null where the suite is not about controls.
    pub control: Option<String>,
    /// What upstream says.
    pub expected: Value,
    /// `pass`, `fail`, `unknown` or `unmapped`; the engine's own answer where the suite is not about controls.
    pub got: Value,
    /// The entry of the list of deviations that explains a difference.
    pub deviation: Option<String>,
    /// Whether the answers agree.
    #[serde(skip)]
    pub agrees: bool,
}

/// The answer for a rule that no control covers.
pub const UNMAPPED: &str = "unmapped";

/// How a case stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// The answers agree.
    Agree,
    /// They differ for a reason that is listed.
    Deviation,
    /// They differ.
    Disagree,
    /// Nothing was asked.
    Unmapped,
}

impl Case {
    /// How the case stands.
    pub fn standing(&self) -> Standing {
        if self.got == UNMAPPED {
            Standing::Unmapped
        } else if self.agrees {
            Standing::Agree
        } else if self.deviation.is_some() {
            Standing::Deviation
        } else {
            Standing::Disagree
        }
    }
}
