//! The one model that every ring speaks: a cluster of objects, what is known of its completeness, fields with places,
//! outcomes and findings.
//!
//! Owns: the types, the views on pods and containers, where pod templates are found, identity of findings, and in
//! [`kube`] the only home of Kubernetes' small algorithms. Must not know: files, clocks, networks, controls, output.

pub mod carriers;
mod cluster;
mod date;
mod diagnostic;
mod field;
mod finding;
pub mod identity;
mod ingest;
pub mod kube;
mod object;
mod outcome;
mod reading;
pub mod record;
pub mod views;

pub use kastell_yaml as yaml;

pub use cluster::{Cluster, ClusterBuilder, Coverage, Delta, Seen, Unit};
pub use date::Date;
pub use diagnostic::{Diagnostic, DiagnosticCode, DiagnosticLevel, Label};
pub use field::{Anchor, DefaultedBy, Field, Spot};
pub use finding::{Class, Confidence, Finding, Overridden, Owner, Place, RuleId, Safety, Severity, Subject};
pub use ingest::{Ingested, Skip, SkipReason};
pub use object::{GroupKind, Object, ObjectKey, Origin, Source, Str};
pub use outcome::{Gap, GapReason, Hit, Message, Out, Outcome, Status};
pub use reading::{ClusterReading, KindReading};
