//! Where the programs of a control plane are.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Once;

/// The folder with `etcd`, `kube-apiserver` and `kubectl`.
#[derive(Clone, Debug)]
pub struct Assets(PathBuf);

impl Assets {
    /// The path of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// The folder that `KUBEBUILDER_ASSETS` names; without it nothing, and one line a process says that nothing was tested.
///
/// # Panics
/// Where a program is missing in that folder; and, with `CI` set, where the variable is not set.
pub fn assets() -> Option<Assets> {
    static SAID: Once = Once::new();
    let Some(dir) = std::env::var_os("KUBEBUILDER_ASSETS").filter(|d| !d.is_empty()) else {
        assert!(std::env::var_os("CI").is_none(), "KUBEBUILDER_ASSETS is not set, and CI must run these tests");
        // Written past the test harness, which keeps what passing tests print to itself.
        SAID.call_once(|| {
            let line = "KUBEBUILDER_ASSETS is not set: nothing was tested against a real API server\n";
            let _ = std::io::stderr().write_all(line.as_bytes());
        });
        return None;
    };
    let assets = Assets(PathBuf::from(dir));
    for name in ["etcd", "kube-apiserver", "kubectl"] {
        assert!(assets.program(name).is_file(), "KUBEBUILDER_ASSETS has no {name}");
    }
    Some(assets)
}
