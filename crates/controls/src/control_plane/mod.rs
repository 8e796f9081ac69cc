pub(crate) mod ignored_webhook_failure;
pub(crate) mod slow_webhook;
pub(crate) mod unenforced_baseline;
pub(crate) mod unenforced_restricted;
pub(crate) mod warn_only_admission_policy;
pub(crate) mod webhook_scope_hole;
