pub(crate) mod cached_image;
pub(crate) mod latest_image;
pub(crate) mod public_registry;
pub(crate) mod retired_registry;
pub(crate) mod unpinned_image;
pub(crate) mod untrusted_registry;
