//! Which team answers for an object.

use kastell_model::{Object, Owner};

/// The team by the recommended label `app.kubernetes.io/part-of`.
pub(crate) fn owner(object: &Object) -> Owner {
    match object.label("app.kubernetes.io/part-of").filter(|t| !t.is_empty()) {
        Some(team) => Owner::Team(team.as_ref().into()),
        None => Owner::Unowned,
    }
}
