pub(crate) mod default_namespace;
pub(crate) mod shared_writable_volume;
pub(crate) mod workload_in_kube_system;
