pub(crate) mod missing_cpu_limit;
pub(crate) mod missing_cpu_request;
pub(crate) mod missing_memory_limit;
pub(crate) mod missing_memory_request;
pub(crate) mod privileged_container;
