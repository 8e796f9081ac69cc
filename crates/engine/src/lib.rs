//! Selects controls, evaluates them, folds and excepts what they find.
//!
//! Owns: the selection, the parallel evaluation, folding, fingerprints of what is reported, exceptions, and the verdict
//! of a run. Must not know: files, terminals, formats; it does no IO. A severity is decided in a control or here, and
//! nowhere later.

mod adopt;
mod class;
mod evaluate;
mod exceptions;
mod explain;
pub mod fleet;
mod fold;
pub mod kinds;
mod ownership;
mod rules;
mod selection;
mod settings;
mod verdict;

pub use adopt::{AdoptError, Adoption, adopt};
pub use evaluate::{ControlCount, Evaluation, GapEntry, Timings, evaluate, evaluate_places};
pub use exceptions::{Excepted, Exception, ExceptionOrigin, ExceptionPolicy};
pub use explain::{Answer, answers};
pub use rules::{ENGINE_RULES, EngineRule};
pub use selection::{Selection, SelectionError, SelectionRequest};
pub use settings::Settings;
pub use verdict::{Verdict, verdict};
