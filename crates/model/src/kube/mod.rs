//! Kubernetes' small algorithms.
pub mod kinds {
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Scope {
        Namespaced,
        Cluster,
    }
    pub fn scope(_g: &str, k: &str) -> Option<Scope> {
        match k {
            "Namespace"
            | "ClusterRole"
            | "ClusterRoleBinding"
            | "CustomResourceDefinition"
            | "Node"
            | "PersistentVolume" => Some(Scope::Cluster),
            _ => Some(Scope::Namespaced),
        }
    }
}
pub mod lists {
    pub fn list_map_keys(l: &str) -> &'static [&'static str] {
        match l {
            "containers" | "initContainers" | "env" | "volumes" => &["name"],
            _ => &[],
        }
    }
}
pub mod versions {
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
    pub struct KubernetesVersion {
        pub major: u32,
        pub minor: u32,
    }
    impl KubernetesVersion {
        pub const NEWEST: KubernetesVersion = KubernetesVersion { major: 1, minor: 37 };
    }
}
