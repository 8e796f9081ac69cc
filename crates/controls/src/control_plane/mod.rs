pub(crate) mod evadable_admission_webhook;
pub(crate) mod fail_open_admission_webhook;
pub(crate) mod namespace_without_pod_security;
pub(crate) mod namespace_without_restricted_pod_security;
pub(crate) mod slow_admission_webhook;
pub(crate) mod unenforced_admission_policy;
