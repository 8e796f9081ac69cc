//! Selects controls, evaluates them, folds and excepts what they find.
//!
//! Owns: the selection, the parallel evaluation, folding, fingerprints of what is reported, exceptions, and the verdict
//! of a run. Must not know: files, terminals, formats; it does no IO. A severity is decided in a control or here, and
//! nowhere later.

mod adopt;
mod answers;
mod baseline;
mod class;
mod codeowners;
mod compare;
mod complaints;
pub mod components;
mod diff;
mod evaluate;
mod exceptions;
mod explain;
pub mod fleet;
mod fold;
pub mod kinds;
mod matching;
mod ownership;
mod record;
mod rules;
mod selection;
mod settings;
mod standing;
mod verdict;

pub use adopt::{AdoptError, Adoption, adopt};
pub use baseline::Compared;
pub use codeowners::Codeowners;
pub use compare::{AnswerGroup, Changed, Comparison, KindChange, Pair, Single, can_map, compare};
pub use diff::{Difference, Item, diff};
pub use evaluate::{ControlCount, Evaluation, GapEntry, Timings, evaluate, evaluate_places};
pub use exceptions::{Excepted, Exception, ExceptionOrigin, ExceptionPolicy, ExceptionStatus, ExceptionUse};
pub use explain::{Answer, answers};
pub use matching::{Match, Pattern, Production};
pub use ownership::{OwnerKey, Ownership};
pub use record::record;
pub use rules::{ENGINE_RULES, EngineRule};
pub use selection::{Selection, SelectionError, SelectionRequest, nearest, resolve};
pub use settings::{Asset, Configured, ConfiguredException, ConfiguredSeverity, ExpectedUnknown, Settings};
pub use standing::{NamespaceMap, Standing};
pub use verdict::{Verdict, verdict};
