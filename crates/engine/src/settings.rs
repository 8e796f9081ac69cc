//! What a run was told besides its controls: the day, which exceptions count, whose things are whose.

use crate::exceptions::ExceptionPolicy;
use kastell_model::Date;

/// The settings of an evaluation: the same for scan, explain, server and admission.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which exceptions count.
    pub exceptions: ExceptionPolicy,
    /// The day that expiries are compared with.
    pub now: Date,
}

impl Settings {
    /// Settings without any configuration.
    pub fn new(exceptions: ExceptionPolicy, now: Date) -> Settings {
        Settings { exceptions, now }
    }
}
