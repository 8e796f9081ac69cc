pub(crate) mod pod_security_label_invalid;
pub(crate) mod pod_security_violation;
pub(crate) mod privileged_container;
