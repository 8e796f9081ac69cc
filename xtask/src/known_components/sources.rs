//! Which manifests stand for which component. A variant of a component is another source with the same id.

use kastell_model::Class;

/// The namespace that the charts of the data were rendered for, which no documentation names.
pub(super) const RENDERED_FOR: &str = "ns";

/// Manifests that are evaluated together.
pub(super) struct Source {
    /// Kebab-case, stable.
    pub(super) id: &'static str,
    /// The name for people.
    pub(super) name: &'static str,
    /// Whose software it is.
    pub(super) class: Class,
    /// The day or month of the manifests.
    pub(super) date: &'static str,
    /// Repository or chart, with version or commit; or what documentation our own minimal manifests follow.
    pub(super) version: &'static str,
    /// Files and folders below the data, or with `own:` beside the table.
    pub(super) files: &'static [&'static str],
    /// Texts that are replaced before reading: the name of a chart's release, a registry of unreleased images.
    pub(super) replace: &'static [(&'static str, &'static str)],
    /// The documented namespaces of what is shipped without one.
    pub(super) namespaces: &'static [&'static str],
    /// Repositories that the same program is published in besides those of the manifests.
    pub(super) images: &'static [&'static str],
    /// Names whose live objects go on with `$NODE` or `$HASH`.
    pub(super) suffixes: &'static [(&'static str, &'static str)],
    /// The only objects that count, where not all do.
    pub(super) only: &'static [&'static str],
    /// Objects that do not count.
    pub(super) except: &'static [&'static str],
}

const fn of(
    id: &'static str,
    name: &'static str,
    class: Class,
    date: &'static str,
    version: &'static str,
    files: &'static [&'static str],
) -> Source {
    Source {
        id,
        name,
        class,
        date,
        version,
        files,
        replace: &[],
        namespaces: &[],
        images: &[],
        suffixes: &[],
        only: &[],
        except: &[],
    }
}

const fn platform(
    id: &'static str,
    name: &'static str,
    date: &'static str,
    version: &'static str,
    files: &'static [&'static str],
) -> Source {
    of(id, name, Class::Platform, date, version, files)
}

const fn system(
    id: &'static str,
    name: &'static str,
    date: &'static str,
    version: &'static str,
    files: &'static [&'static str],
) -> Source {
    of(id, name, Class::System, date, version, files)
}

/// Manifests of Calico at one commit.
const fn calico(files: &'static [&'static str]) -> Source {
    Source {
        images: &[
            "docker.io/calico/cni",
            "docker.io/calico/kube-controllers",
            "docker.io/calico/node",
            "docker.io/calico/typha",
            "quay.io/calico/cni",
            "quay.io/calico/kube-controllers",
            "quay.io/calico/typha",
        ],
        except: &["calicoctl", "configure-canal", "flannel-migration"],
        ..platform("calico", "Calico", "2026-08", "projectcalico/calico 87c15906f20c", files)
    }
}

/// Manifests of Argo CD; the deployment's namespace is `argocd` by documentation.
const fn argo_cd(files: &'static [&'static str]) -> Source {
    Source {
        replace: &[("release-argocd", "argocd")],
        namespaces: &["argocd"],
        ..platform("argo-cd", "Argo CD", "2026-07-02", "argoproj/argo-cd 37ee0097cf85, chart 10.1.1", files)
    }
}

const fn ingress_nginx(files: &'static [&'static str]) -> Source {
    Source {
        replace: &[("release-ingress-nginx", "ingress-nginx")],
        namespaces: &["ingress-nginx"],
        ..platform("ingress-nginx", "ingress-nginx", "2026-03-20", "kubernetes/ingress-nginx dbb11b92ddb7", files)
    }
}

const PROMETHEUS: &[&str] = &["monitoring", "kube-prometheus-stack", "prometheus"];

const fn prometheus(files: &'static [&'static str], replace: &'static [(&'static str, &'static str)]) -> Source {
    Source {
        replace,
        namespaces: PROMETHEUS,
        ..platform(
            "kube-prometheus",
            "the Prometheus stack",
            "2026-08-22",
            "prometheus-operator/kube-prometheus 4d719f1dea88, chart kube-prometheus-stack 88.5.3",
            files,
        )
    }
}

const fn ebs(files: &'static [&'static str]) -> Source {
    Source {
        namespaces: &["kube-system"],
        except: &["ebs-csi-driver-test"],
        ..system(
            "aws-ebs-csi-driver",
            "the AWS EBS CSI driver",
            "2026-08-19",
            "kubernetes-sigs/aws-ebs-csi-driver 429e202e5897",
            files,
        )
    }
}

const fn nfs(files: &'static [&'static str]) -> Source {
    Source {
        namespaces: &["kube-system"],
        images: &["registry.k8s.io/sig-storage/nfsplugin"],
        only: &["csi-nfs-node", "csi-nfs-controller"],
        ..platform(
            "csi-driver-nfs",
            "the NFS CSI driver",
            "2026-08-22",
            "kubernetes-csi/csi-driver-nfs d3b27c00743a",
            files,
        )
    }
}

const fn metallb(files: &'static [&'static str]) -> Source {
    Source {
        replace: &[("release-metallb", "metallb"), ("release-frr-k8s", "metallb-frr-k8s")],
        namespaces: &["metallb-system"],
        ..platform("metallb", "MetalLB", "2026-07-19", "metallb/metallb 7938d3f89b8b", files)
    }
}

const fn metrics_server(files: &'static [&'static str]) -> Source {
    Source {
        replace: &[
            ("release-metrics-server", "metrics-server"),
            ("gcr.io/k8s-staging-metrics-server/", "registry.k8s.io/metrics-server/"),
        ],
        namespaces: &["kube-system"],
        ..platform(
            "metrics-server",
            "metrics-server",
            "2026-08-04",
            "kubernetes-sigs/metrics-server 5ed5d3a2cf94",
            files,
        )
    }
}

const fn istio(files: &'static [&'static str]) -> Source {
    Source {
        replace: &[("registry.istio.io/testing/", "docker.io/istio/")],
        namespaces: &["istio-system"],
        images: &["registry.istio.io/release/pilot", "registry.istio.io/release/ztunnel", "gcr.io/istio-release/pilot"],
        ..platform("istio", "Istio", "2026-08-22", "istio/istio 86c9f01fd735", files)
    }
}

/// Every source. The first of an id names its component.
pub(super) static SOURCES: &[Source] = &[
    calico(&["corpus/projectcalico__calico/manifests/calico.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-bpf.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-typha.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-vxlan.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-policy-only.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-etcd.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/calico-v3-crds.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/canal.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/apiserver.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/csi-driver.yaml"]),
    calico(&["corpus/projectcalico__calico/manifests/tigera-operator.yaml"]),
    Source {
        ..platform(
            "flannel",
            "Flannel",
            "2026-08",
            "flannel-io/flannel Documentation/kube-flannel.yml",
            &["corpus/flannel-io__flannel/Documentation/kube-flannel.yml"],
        )
    },
    argo_cd(&["charts/expected/019.yaml"]),
    argo_cd(&["corpus/argoproj__argo-cd/manifests/install.yaml"]),
    argo_cd(&["corpus/argoproj__argo-cd/manifests/core-install.yaml"]),
    argo_cd(&["corpus/argoproj__argo-cd/manifests/namespace-install.yaml"]),
    argo_cd(&["corpus/argoproj__argo-cd/manifests/ha/install.yaml"]),
    ingress_nginx(&["charts/expected/110.yaml"]),
    ingress_nginx(&["corpus/kubernetes__ingress-nginx/deploy/static/provider/cloud/deploy.yaml"]),
    ingress_nginx(&["corpus/kubernetes__ingress-nginx/deploy/static/provider/aws/deploy.yaml"]),
    ingress_nginx(&["corpus/kubernetes__ingress-nginx/deploy/static/provider/baremetal/deploy.yaml"]),
    ingress_nginx(&["corpus/kubernetes__ingress-nginx/deploy/static/provider/kind/deploy.yaml"]),
    prometheus(&["corpus/prometheus-operator__kube-prometheus/manifests"], &[]),
    prometheus(
        &["charts/expected/171.yaml"],
        &[("release-kube-prometheus-st", "kube-prometheus-stack"), ("release-", "kube-prometheus-stack-")],
    ),
    prometheus(
        &["charts/expected/171.yaml"],
        &[("release-kube-prometheus-st", "prometheus-kube-prometheus"), ("release-", "prometheus-")],
    ),
    prometheus(&["charts/expected/163.yaml"], &[("release-", "")]),
    prometheus(&["charts/expected/184.yaml"], &[("release-", "")]),
    ebs(&["charts/expected/115.yaml"]),
    ebs(&["corpus/kubernetes-sigs__aws-ebs-csi-driver/deploy/kubernetes/base"]),
    nfs(&["charts/expected/114.yaml"]),
    nfs(&["corpus/kubernetes-csi__csi-driver-nfs/deploy/v4.13.4"]),
    metallb(&["charts/expected/141.yaml"]),
    metallb(&["corpus/metallb__metallb/config/manifests/metallb-native.yaml"]),
    metallb(&["corpus/metallb__metallb/config/manifests/metallb-frr.yaml"]),
    metallb(&["corpus/metallb__metallb/config/manifests/metallb-frr-k8s.yaml"]),
    metrics_server(&["charts/expected/121.yaml"]),
    metrics_server(&["corpus/kubernetes-sigs__metrics-server/manifests/base"]),
    istio(&["charts/expected/098.yaml"]),
    istio(&["charts/expected/100.yaml"]),
    Source {
        namespaces: &["kube-system"],
        images: &[
            "602401143452.dkr.ecr.*.amazonaws.com/amazon-k8s-cni",
            "602401143452.dkr.ecr.*.amazonaws.com/amazon-k8s-cni-init",
            "602401143452.dkr.ecr.*.amazonaws.com/amazon/aws-network-policy-agent",
        ],
        ..system(
            "aws-vpc-cni",
            "the Amazon VPC CNI",
            "2026-08-03",
            "aws/eks-charts aws-vpc-cni 1.22.4",
            &["charts/expected/030.yaml"],
        )
    },
    Source {
        replace: &[("release-external-secrets", "external-secrets")],
        namespaces: &["external-secrets"],
        ..platform(
            "external-secrets",
            "External Secrets",
            "2026-08-08",
            "external-secrets/external-secrets cc5bfbc2234a, chart 2.9.0",
            &["charts/expected/061.yaml"],
        )
    },
    Source {
        replace: &[("release-falco", "falco")],
        namespaces: &["falco"],
        ..platform("falco", "Falco", "2026-07-21", "falcosecurity/charts falco 9.1.0", &["charts/expected/063.yaml"])
    },
    Source {
        replace: &[("release-kyverno", "kyverno")],
        namespaces: &["kyverno"],
        images: &[
            "ghcr.io/kyverno/background-controller",
            "ghcr.io/kyverno/cleanup-controller",
            "ghcr.io/kyverno/kyverno",
            "ghcr.io/kyverno/kyvernopre",
            "ghcr.io/kyverno/reports-controller",
        ],
        ..platform("kyverno", "Kyverno", "2026-08-21", "kyverno/kyverno 111e07bbecc6", &["charts/expected/134.yaml"])
    },
    platform(
        "gatekeeper",
        "Gatekeeper",
        "2026-08",
        "open-policy-agent/gatekeeper dd8507eb97f5, v3.24.0-beta.0",
        &["corpus/open-policy-agent__gatekeeper/deploy/gatekeeper.yaml"],
    ),
    Source {
        namespaces: &["velero"],
        replace: &[("release-velero", "velero")],
        images: &[
            "docker.io/velero/velero-plugin-for-aws",
            "docker.io/velero/velero-plugin-for-gcp",
            "docker.io/velero/velero-plugin-for-microsoft-azure",
        ],
        ..platform(
            "velero",
            "Velero",
            "2026-06-25",
            "vmware-tanzu/helm-charts velero 12.1.0",
            &["charts/expected/202.yaml"],
        )
    },
    platform(
        "snapshot-controller",
        "the CSI snapshot controller",
        "2026-08",
        "kubernetes-csi/external-snapshotter v8.6.0",
        &["corpus/kubernetes-csi__external-snapshotter/deploy/kubernetes/snapshot-controller"],
    ),
    platform(
        "longhorn",
        "Longhorn",
        "2026-08-21",
        "longhorn/longhorn bb2f2223a6f7",
        &["corpus/longhorn__longhorn/deploy/longhorn.yaml"],
    ),
    platform(
        "rook",
        "Rook",
        "2026-08-21",
        "rook/rook d0c3b9ce6d64",
        &["corpus/rook__rook/deploy/examples/operator.yaml"],
    ),
    platform(
        "node-problem-detector",
        "the node problem detector",
        "2026-08",
        "kubernetes/node-problem-detector v0.8.19",
        &["corpus/kubernetes__node-problem-detector/deployment/node-problem-detector.yaml"],
    ),
    Source {
        replace: &[("release-node-feature-discovery", "node-feature-discovery")],
        namespaces: &["node-feature-discovery"],
        ..platform(
            "node-feature-discovery",
            "node feature discovery",
            "2026-07-30",
            "kubernetes-sigs/node-feature-discovery 76e6cc8cc0d5",
            &["charts/expected/127.yaml"],
        )
    },
    platform(
        "nvidia-device-plugin",
        "the NVIDIA device plugin",
        "2026-08",
        "NVIDIA/k8s-device-plugin v0.20.0",
        &["corpus/NVIDIA__k8s-device-plugin/deployments/static/nvidia-device-plugin.yml"],
    ),
    platform(
        "vertical-pod-autoscaler",
        "the vertical pod autoscaler",
        "2026-08",
        "kubernetes/autoscaler vertical-pod-autoscaler 1.7.1",
        &[
            "corpus/kubernetes__autoscaler/vertical-pod-autoscaler/deploy/admission-controller-deployment.yaml",
            "corpus/kubernetes__autoscaler/vertical-pod-autoscaler/deploy/recommender-deployment.yaml",
            "corpus/kubernetes__autoscaler/vertical-pod-autoscaler/deploy/updater-deployment.yaml",
        ],
    ),
    platform(
        "contour",
        "Contour",
        "2026-08",
        "projectcontour/contour 31c4bb38e0a5",
        &["corpus/projectcontour__contour/examples/render/contour.yaml"],
    ),
    Source {
        replace: &[("release-traefik", "traefik")],
        namespaces: &["traefik", "kube-system"],
        images: &["docker.io/rancher/mirrored-library-traefik"],
        ..platform(
            "traefik",
            "Traefik",
            "2026-08-21",
            "traefik/traefik-helm-chart 41.3.0",
            &["charts/expected/201.yaml"],
        )
    },
    Source {
        replace: &[("release-sealed-secrets", "sealed-secrets-controller")],
        namespaces: &["kube-system"],
        ..platform(
            "sealed-secrets",
            "Sealed Secrets",
            "2026-04-22",
            "bitnami-labs/sealed-secrets chart 2.18.5",
            &["charts/expected/044.yaml"],
        )
    },
    Source {
        namespaces: &["keda"],
        ..platform(
            "keda",
            "KEDA",
            "2026-08",
            "kedacore/keda 8b4f083ca8c8",
            &[
                "corpus/kedacore__keda/config/manager/manager.yaml",
                "corpus/kedacore__keda/config/metrics-server/deployment.yaml",
                "corpus/kedacore__keda/config/webhooks/webhooks.yaml",
            ],
        )
    },
    Source {
        suffixes: &[
            ("etcd", "-$NODE"),
            ("kube-apiserver", "-$NODE"),
            ("kube-controller-manager", "-$NODE"),
            ("kube-scheduler", "-$NODE"),
        ],
        ..system("kubeadm", "kubeadm", "2026-11", "from documentation: kubeadm 1.34", &["own:kubeadm.yaml"])
    },
    Source {
        images: &[
            "602401143452.dkr.ecr.*.amazonaws.com/eks/coredns",
            "602401143452.dkr.ecr.*.amazonaws.com/eks/kube-proxy",
        ],
        ..system("eks", "EKS", "2026-11", "from documentation: EKS add-ons for 1.33", &["own:eks.yaml"])
    },
    Source {
        suffixes: &[("kube-proxy", "-$NODE")],
        ..system("gke", "GKE", "2026-11", "from documentation: GKE 1.33", &["own:gke.yaml"])
    },
    Source {
        images: &[
            "mcr.microsoft.com/oss/v2/kubernetes-csi/azuredisk-csi",
            "mcr.microsoft.com/oss/v2/kubernetes-csi/csi-node-driver-registrar",
            "mcr.microsoft.com/oss/v2/kubernetes-csi/livenessprobe",
            "mcr.microsoft.com/oss/v2/kubernetes/coredns",
        ],
        ..system("aks", "AKS", "2026-11", "from documentation: AKS, azuredisk-csi-driver", &["own:aks.yaml"])
    },
    Source {
        suffixes: &[("svclb-traefik-", "$HASH")],
        ..system("k3s", "k3s", "2026-11", "from documentation: k3s 1.33", &["own:k3s.yaml"])
    },
    platform("cilium", "Cilium", "2026-11", "from documentation: Cilium 1.18 chart defaults", &["own:cilium.yaml"]),
    platform(
        "cert-manager",
        "cert-manager",
        "2026-11",
        "from documentation: cert-manager 1.18",
        &["own:cert-manager.yaml"],
    ),
    platform("flux", "Flux", "2026-11", "from documentation: Flux 2.6", &["own:flux.yaml"]),
    platform("linkerd", "Linkerd", "2026-11", "from documentation: Linkerd edge-25.8", &["own:linkerd.yaml"]),
    prometheus(&["own:prometheus-operated.yaml"], &[]),
];
