//! Runs other projects' test suites against kastell and keeps the results as checked-in text.
//!
//! Owns: which suites there are, how a case of each is asked, what counts as agreement, the profiles that translate other
//! tools' rules into controls, and the deviations, each named and reasoned. Must not know: how a control decides. No id of
//! a case stands in the code: the suites run on any data of the same layout.

pub mod case;
pub mod data;
pub mod deviation;
mod pattern;
pub mod posture;
mod psa;
pub mod results;
mod scalars;
pub mod suite;
mod yaml_suites;
