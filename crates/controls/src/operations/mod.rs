pub(crate) mod default_namespace;
pub(crate) mod missing_limit_range;
pub(crate) mod missing_resource_quota;
pub(crate) mod resources_out_of_range;
pub(crate) mod shared_writable_volume;
pub(crate) mod workload_in_kube_system;
