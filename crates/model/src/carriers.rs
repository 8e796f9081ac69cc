//! Where pod templates stand: a table of carriers by group and kind, else by structure.
//!
//! Sources: the Go types of each API (`k8s.io/api`) and the CRDs of the projects named in the table. Never looked into:
//! policies, CRDs and admission configuration, whose examples and schemas only look like templates.

use crate::finding::Confidence;
use crate::object::Object;
use kastell_yaml::Value;

/// What stands at a carrier's path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A pod: `metadata` and `spec`.
    Pod,
    /// A pod template: `metadata` and `spec`.
    Template,
    /// A pod specification without metadata of its own.
    PodSpec,
    /// An Argo template: one `container` or `script`, with `initContainers` and `sidecars` beside it.
    ArgoTemplate,
    /// Tekton's `steps` and `sidecars`: each is a container, the pod around them is made by the controller.
    Steps,
    /// A partial template or specification that a controller lays over its own. Says nothing by what it leaves out.
    Patch,
}

/// One step from an object's root to a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The entry with this key.
    Key(&'static str),
    /// Every entry whose key ends so.
    KeySuffix(&'static str),
    /// Every entry of a mapping.
    EachValue,
    /// Every item of a sequence.
    EachItem,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Carrier {
    /// API group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// From the root to the carrier.
    pub path: &'static [Step],
    /// What stands there.
    pub shape: Shape,
}

use Step::{EachItem, EachValue, Key, KeySuffix};

const SPEC_TEMPLATE: &[Step] = &[Key("spec"), Key("template")];
const SPEC_POD_TEMPLATE: &[Step] = &[Key("spec"), Key("podTemplate")];
const SPEC: &[Step] = &[Key("spec")];
const REPLICA_SPECS: &[Step] = &[Key("spec"), KeySuffix("ReplicaSpecs"), EachValue, Key("template")];
const ARGO_TEMPLATES: &[Step] = &[Key("spec"), Key("templates"), EachItem];

const fn row(group: &'static str, kind: &'static str, path: &'static [Step], shape: Shape) -> Carrier {
    Carrier { group, kind, path, shape }
}

/// Every known carrier. Several rows of one kind all count.
pub const CARRIERS: &[Carrier] = &[
    row("", "Pod", &[], Shape::Pod),
    row("", "PodTemplate", &[Key("template")], Shape::Template),
    row("", "ReplicationController", SPEC_TEMPLATE, Shape::Template),
    row("apps", "Deployment", SPEC_TEMPLATE, Shape::Template),
    row("apps", "DaemonSet", SPEC_TEMPLATE, Shape::Template),
    row("apps", "StatefulSet", SPEC_TEMPLATE, Shape::Template),
    row("apps", "ReplicaSet", SPEC_TEMPLATE, Shape::Template),
    row("extensions", "Deployment", SPEC_TEMPLATE, Shape::Template),
    row("extensions", "DaemonSet", SPEC_TEMPLATE, Shape::Template),
    row("extensions", "ReplicaSet", SPEC_TEMPLATE, Shape::Template),
    row("batch", "Job", SPEC_TEMPLATE, Shape::Template),
    row("batch", "CronJob", &[Key("spec"), Key("jobTemplate"), Key("spec"), Key("template")], Shape::Template),
    row("apps.openshift.io", "DeploymentConfig", SPEC_TEMPLATE, Shape::Template),
    row("", "DeploymentConfig", SPEC_TEMPLATE, Shape::Template),
    row("argoproj.io", "Rollout", SPEC_TEMPLATE, Shape::Template),
    row("argoproj.io", "Workflow", ARGO_TEMPLATES, Shape::ArgoTemplate),
    row("argoproj.io", "WorkflowTemplate", ARGO_TEMPLATES, Shape::ArgoTemplate),
    row("argoproj.io", "ClusterWorkflowTemplate", ARGO_TEMPLATES, Shape::ArgoTemplate),
    row(
        "argoproj.io",
        "CronWorkflow",
        &[Key("spec"), Key("workflowSpec"), Key("templates"), EachItem],
        Shape::ArgoTemplate,
    ),
    row("argoproj.io", "AnalysisTemplate", METRIC_JOBS, Shape::Template),
    row("argoproj.io", "ClusterAnalysisTemplate", METRIC_JOBS, Shape::Template),
    row("serving.knative.dev", "Service", SPEC_TEMPLATE, Shape::Template),
    row("serving.knative.dev", "Configuration", SPEC_TEMPLATE, Shape::Template),
    row("serving.knative.dev", "Revision", SPEC, Shape::PodSpec),
    row("eventing.knative.dev", "ContainerSource", SPEC_TEMPLATE, Shape::Template),
    row("sources.knative.dev", "ContainerSource", SPEC_TEMPLATE, Shape::Template),
    row("tekton.dev", "Task", SPEC, Shape::Steps),
    row("tekton.dev", "ClusterTask", SPEC, Shape::Steps),
    row("tekton.dev", "TaskRun", &[Key("spec"), Key("taskSpec")], Shape::Steps),
    row("tekton.dev", "Pipeline", &[Key("spec"), Key("tasks"), EachItem, Key("taskSpec")], Shape::Steps),
    row("tekton.dev", "Pipeline", &[Key("spec"), Key("finally"), EachItem, Key("taskSpec")], Shape::Steps),
    row("tekton.dev", "PipelineRun", PIPELINE_RUN_TASKS, Shape::Steps),
    row("tekton.dev", "PipelineRun", PIPELINE_RUN_FINALLY, Shape::Steps),
    row("kubeflow.org", "PyTorchJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "TFJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "MPIJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "XGBoostJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "PaddleJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "JAXJob", REPLICA_SPECS, Shape::Template),
    row("kubeflow.org", "Notebook", SPEC_TEMPLATE, Shape::Template),
    row("ray.io", "RayCluster", &[Key("spec"), Key("headGroupSpec"), Key("template")], Shape::Template),
    row("ray.io", "RayCluster", &[Key("spec"), Key("workerGroupSpecs"), EachItem, Key("template")], Shape::Template),
    row("ray.io", "RayJob", RAY_JOB_HEAD, Shape::Template),
    row("ray.io", "RayJob", RAY_JOB_WORKERS, Shape::Template),
    row("ray.io", "RayService", RAY_SERVICE_HEAD, Shape::Template),
    row("ray.io", "RayService", RAY_SERVICE_WORKERS, Shape::Template),
    row("batch.volcano.sh", "Job", &[Key("spec"), Key("tasks"), EachItem, Key("template")], Shape::Template),
    row("jobset.x-k8s.io", "JobSet", JOB_SET, Shape::Template),
    row("leaderworkerset.x-k8s.io", "LeaderWorkerSet", LWS_LEADER, Shape::Template),
    row("leaderworkerset.x-k8s.io", "LeaderWorkerSet", LWS_WORKER, Shape::Template),
    row("agents.x-k8s.io", "Sandbox", SPEC_POD_TEMPLATE, Shape::Template),
    row("extensions.agents.x-k8s.io", "SandboxTemplate", SPEC_POD_TEMPLATE, Shape::Template),
    row("serving.kserve.io", "InferenceService", &[Key("spec"), Key("predictor")], Shape::PodSpec),
    row("serving.kserve.io", "InferenceService", &[Key("spec"), Key("transformer")], Shape::PodSpec),
    row("serving.kserve.io", "InferenceService", &[Key("spec"), Key("explainer")], Shape::PodSpec),
    row("serving.kserve.io", "ServingRuntime", SPEC, Shape::PodSpec),
    row("serving.kserve.io", "ClusterServingRuntime", SPEC, Shape::PodSpec),
    row("keda.sh", "ScaledJob", &[Key("spec"), Key("jobTargetRef"), Key("template")], Shape::Template),
    row("apps.kruise.io", "CloneSet", SPEC_TEMPLATE, Shape::Template),
    row("apps.kruise.io", "StatefulSet", SPEC_TEMPLATE, Shape::Template),
    row("apps.kruise.io", "DaemonSet", SPEC_TEMPLATE, Shape::Template),
    row("apps.kruise.io", "BroadcastJob", SPEC_TEMPLATE, Shape::Template),
    row("actions.github.com", "AutoscalingRunnerSet", SPEC_TEMPLATE, Shape::Template),
    row("actions.github.com", "EphemeralRunnerSet", SPEC_TEMPLATE, Shape::Template),
    row("monitoring.coreos.com", "Prometheus", SPEC, Shape::Patch),
    row("monitoring.coreos.com", "PrometheusAgent", SPEC, Shape::Patch),
    row("monitoring.coreos.com", "Alertmanager", SPEC, Shape::Patch),
    row("monitoring.coreos.com", "ThanosRuler", SPEC, Shape::Patch),
    row("elasticsearch.k8s.elastic.co", "Elasticsearch", ELASTIC_NODE_SETS, Shape::Patch),
    row("kibana.k8s.elastic.co", "Kibana", SPEC_POD_TEMPLATE, Shape::Patch),
    row("beat.k8s.elastic.co", "Beat", &[Key("spec"), Key("daemonSet"), Key("podTemplate")], Shape::Patch),
    row("beat.k8s.elastic.co", "Beat", &[Key("spec"), Key("deployment"), Key("podTemplate")], Shape::Patch),
    row("agent.k8s.elastic.co", "Agent", &[Key("spec"), Key("daemonSet"), Key("podTemplate")], Shape::Patch),
    row("agent.k8s.elastic.co", "Agent", &[Key("spec"), Key("deployment"), Key("podTemplate")], Shape::Patch),
    row("logstash.k8s.elastic.co", "Logstash", SPEC_POD_TEMPLATE, Shape::Patch),
    row("flink.apache.org", "FlinkDeployment", SPEC_POD_TEMPLATE, Shape::Patch),
    row("flink.apache.org", "FlinkDeployment", &[Key("spec"), EachValue, Key("podTemplate")], Shape::Patch),
    row("actions.summerwind.dev", "RunnerDeployment", SPEC_TEMPLATE, Shape::Patch),
    row("kafka.strimzi.io", "Kafka", &[Key("spec"), EachValue, Key("template"), Key("pod")], Shape::Patch),
    row("rabbitmq.com", "RabbitmqCluster", RABBIT_OVERRIDE, Shape::Patch),
    row("cert-manager.io", "Issuer", ACME_POD_TEMPLATE, Shape::Patch),
    row("cert-manager.io", "ClusterIssuer", ACME_POD_TEMPLATE, Shape::Patch),
    row("datadoghq.com", "DatadogAgent", &[Key("spec"), Key("override"), EachValue], Shape::Patch),
];

const METRIC_JOBS: &[Step] =
    &[Key("spec"), Key("metrics"), EachItem, Key("provider"), Key("job"), Key("spec"), Key("template")];
const PIPELINE_RUN_TASKS: &[Step] = &[Key("spec"), Key("pipelineSpec"), Key("tasks"), EachItem, Key("taskSpec")];
const PIPELINE_RUN_FINALLY: &[Step] = &[Key("spec"), Key("pipelineSpec"), Key("finally"), EachItem, Key("taskSpec")];
const RAY_JOB_HEAD: &[Step] = &[Key("spec"), Key("rayClusterSpec"), Key("headGroupSpec"), Key("template")];
const RAY_JOB_WORKERS: &[Step] =
    &[Key("spec"), Key("rayClusterSpec"), Key("workerGroupSpecs"), EachItem, Key("template")];
const RAY_SERVICE_HEAD: &[Step] = &[Key("spec"), Key("rayClusterConfig"), Key("headGroupSpec"), Key("template")];
const RAY_SERVICE_WORKERS: &[Step] =
    &[Key("spec"), Key("rayClusterConfig"), Key("workerGroupSpecs"), EachItem, Key("template")];
const JOB_SET: &[Step] = &[Key("spec"), Key("replicatedJobs"), EachItem, Key("template"), Key("spec"), Key("template")];
const LWS_LEADER: &[Step] = &[Key("spec"), Key("leaderWorkerTemplate"), Key("leaderTemplate")];
const LWS_WORKER: &[Step] = &[Key("spec"), Key("leaderWorkerTemplate"), Key("workerTemplate")];
const ELASTIC_NODE_SETS: &[Step] = &[Key("spec"), Key("nodeSets"), EachItem, Key("podTemplate")];
const RABBIT_OVERRIDE: &[Step] = &[Key("spec"), Key("override"), Key("statefulSet"), Key("spec"), Key("template")];
const ACME_POD_TEMPLATE: &[Step] =
    &[Key("spec"), Key("acme"), Key("solvers"), EachItem, Key("http01"), Key("ingress"), Key("podTemplate")];

/// A carrier found in an object.
#[derive(Clone, Copy, Debug)]
pub struct Found<'t> {
    /// The template, specification, … itself.
    pub value: Value<'t>,
    /// What it is.
    pub shape: Shape,
    /// High from the table, medium from structure.
    pub confidence: Confidence,
}

/// Groups whose objects never carry a template that runs, whatever their structure looks like.
fn never_looked_into(group: &str) -> bool {
    matches!(
        group,
        "apiextensions.k8s.io"
            | "admissionregistration.k8s.io"
            | "kyverno.io"
            | "policies.kyverno.io"
            | "templates.gatekeeper.sh"
            | "constraints.gatekeeper.sh"
            | "mutations.gatekeeper.sh"
            | "expansion.gatekeeper.sh"
            | "policies.kubewarden.io"
            | "config.gatekeeper.sh"
    )
}

/// All carriers of `object`: from the table where its kind is there, else by structure.
pub fn find(object: &Object) -> Vec<Found<'_>> {
    let (group, kind) = (&*object.key.kind.group, &*object.key.kind.kind);
    let mut found = Vec::new();
    let mut known = false;
    for c in CARRIERS.iter().filter(|c| c.kind == kind && c.group == group) {
        known = true;
        collect(object.root(), c.path, &mut |value| {
            let patch = object.patch || c.shape == Shape::Patch;
            let shape = if patch { Shape::Patch } else { c.shape };
            if c.shape != Shape::Patch || looks_like_pod(value) {
                found.push(Found { value, shape, confidence: Confidence::High });
            }
        });
    }
    if !known && !group.is_empty() && !crate::kube::kinds::is_builtin_group(group) && !never_looked_into(group) {
        by_structure(object, &mut found);
    }
    found
}

fn looks_like_pod(v: Value<'_>) -> bool {
    let spec = v.field("spec").unwrap_or(v);
    ["containers", "initContainers", "ephemeralContainers", "securityContext", "hostNetwork"]
        .iter()
        .any(|k| spec.get(k).is_some())
}

fn collect<'t>(v: Value<'t>, path: &[Step], out: &mut dyn FnMut(Value<'t>)) {
    // The depth is that of a row of the table, not of the input.
    let [step, rest @ ..] = path else {
        if v.is_mapping() {
            out(v);
        }
        return;
    };
    match step {
        Key(k) => {
            if let Some(next) = v.field(k) {
                collect(next, rest, out);
            }
        }
        KeySuffix(s) => {
            for (_, next) in v.entries().filter(|(k, _)| k.ends_with(s)) {
                collect(next, rest, out);
            }
        }
        EachValue => {
            for (_, next) in v.entries() {
                collect(next, rest, out);
            }
        }
        EachItem => {
            for next in v.items() {
                collect(next, rest, out);
            }
        }
    }
}

/// Mappings below a key that ends in `template` which hold `spec.containers` with names or images.
fn by_structure<'t>(object: &'t Object, found: &mut Vec<Found<'t>>) {
    let mut stack = vec![object.root()];
    let mut budget = 100_000_u32;
    while let Some(v) = stack.pop() {
        if budget == 0 {
            break;
        }
        budget -= 1;
        let mut below = Vec::new();
        for (key, e) in v.entries() {
            if key.ends_with("emplate") && e.is_mapping() && has_containers(e) {
                let shape = if object.patch { Shape::Patch } else { Shape::Template };
                found.push(Found { value: e, shape, confidence: Confidence::Medium });
            } else if e.is_mapping() || e.is_sequence() {
                below.push(e);
            }
        }
        below.extend(v.items().filter(|i| i.is_mapping() || i.is_sequence()));
        stack.extend(below.into_iter().rev());
    }
}

fn has_containers(template: Value<'_>) -> bool {
    let containers = template.at(&["spec", "containers"]);
    containers.is_some_and(|c| c.items().any(|i| i.get("image").is_some() || i.get("name").is_some()))
}
