pub(crate) mod configmap_credential;
pub(crate) mod exposed_token;
pub(crate) mod literal_credential;
pub(crate) mod long_lived_token;
pub(crate) mod secret_in_environment;
pub(crate) mod secret_in_manifest;
