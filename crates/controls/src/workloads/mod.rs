pub(crate) mod privileged_container;
