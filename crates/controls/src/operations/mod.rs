pub(crate) mod missing_limit_range;
pub(crate) mod missing_resource_quota;
pub(crate) mod resources_out_of_range;
