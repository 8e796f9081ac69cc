use super::{Answer, Endpoint};
use crate::Facts;
use kastell_model::views::PodView;
use std::sync::Arc;

/// Whether any policy of `policies` selects a pod of namespace `shop` labelled `app: web, tier: front`.
fn selects(policies: &str) -> Answer {
    let pod = "apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop, labels: {app: web, tier: front}}
spec: {containers: [{name: a, image: b}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: red}}
---
";
    let cluster = Arc::new(kastell_testkit::cluster(&format!("{pod}{policies}")));
    let facts = Facts::new(Arc::clone(&cluster));
    let pod = cluster.objects().iter().find(|o| o.is("", "Pod")).map(|o| PodView::all(o)).unwrap();
    let endpoint = Endpoint::new(&facts, &pod[0]);
    let answers: Vec<Answer> = facts.policies_selecting(&endpoint).into_iter().map(|(_, a)| a).collect();
    if answers.contains(&Answer::Yes) { Answer::Yes } else { answers.first().copied().unwrap_or(Answer::No) }
}

fn network_policy(namespace: &str, selector: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: n, namespace: {namespace}}}\n\
         spec:\n  podSelector: {selector}\n"
    )
}

#[test]
fn match_expressions_select_like_match_labels() {
    assert_eq!(selects(&network_policy("shop", "{matchLabels: {app: web}}")), Answer::Yes);
    assert_eq!(
        selects(&network_policy("shop", "{matchExpressions: [{key: app, operator: In, values: [web]}]}")),
        Answer::Yes
    );
    assert_eq!(
        selects(&network_policy("shop", "{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}")),
        Answer::No
    );
    assert_eq!(selects(&network_policy("shop", "{matchExpressions: [{key: gone, operator: Exists}]}")), Answer::No);
    assert_eq!(selects(&network_policy("shop", "{}")), Answer::Yes);
}

#[test]
fn a_policy_of_another_namespace_selects_nothing_here() {
    assert_eq!(selects(&network_policy("other", "{}")), Answer::No);
}

#[test]
fn a_selector_that_the_api_refuses_decides_nothing() {
    assert_eq!(
        selects(&network_policy("shop", "{matchExpressions: [{key: app, operator: in, values: [web]}]}")),
        Answer::Unknown
    );
}

#[test]
fn cilium_keys_may_carry_their_source() {
    let policy = |kind: &str, selector: &str| {
        format!(
            "apiVersion: cilium.io/v2\nkind: {kind}\nmetadata: {{name: n, namespace: shop}}\n\
             spec:\n  endpointSelector: {selector}\n  ingress: [{{}}]\n"
        )
    };
    assert_eq!(selects(&policy("CiliumNetworkPolicy", "{matchLabels: {'k8s:app': web}}")), Answer::Yes);
    assert_eq!(selects(&policy("CiliumNetworkPolicy", "{matchLabels: {'any:app': other}}")), Answer::No);
    let clusterwide = "CiliumClusterwideNetworkPolicy";
    assert_eq!(selects(&policy(clusterwide, "{matchLabels: {'k8s:io.kubernetes.pod.namespace': shop}}")), Answer::Yes);
    assert_eq!(selects(&policy(clusterwide, "{matchLabels: {io.cilium.k8s.namespace.labels.team: blue}}")), Answer::No);
    assert_eq!(selects(&policy(clusterwide, "{matchLabels: {'reserved:host': ''}}")), Answer::No);
}

#[test]
fn calico_selectors_are_expressions() {
    let policy = |selector: &str, namespaces: &str| {
        format!(
            "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {{name: n}}\n\
             spec:\n  selector: \"{selector}\"\n  namespaceSelector: \"{namespaces}\"\n"
        )
    };
    assert_eq!(selects(&policy("app == 'web' && has(tier)", "")), Answer::Yes);
    assert_eq!(selects(&policy("!(app in {'web', 'api'})", "")), Answer::No);
    assert_eq!(selects(&policy("gone != 'x' || all()", "")), Answer::Yes);
    assert_eq!(selects(&policy("tier starts with 'fr'", "team == 'red'")), Answer::Yes);
    assert_eq!(selects(&policy("all()", "team not in {'red'}")), Answer::No);
    assert_eq!(selects(&policy("app = 'web'", "")), Answer::Unknown);
    assert_eq!(selects(&policy("pcsa.role == 'x'", "")), Answer::Unknown);
}

#[test]
fn an_administrators_policy_selects_by_namespace_and_pod() {
    let policy = |subject: &str| {
        format!(
            "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {{name: n}}\n\
             spec:\n  subject: {subject}\n  ingress: [{{action: Deny, from: [{{namespaces: {{}}}}]}}]\n"
        )
    };
    assert_eq!(selects(&policy("{namespaces: {matchLabels: {team: red}}}")), Answer::Yes);
    assert_eq!(selects(&policy("{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}}")), Answer::No);
}

#[test]
fn only_a_policy_without_conditions_selects_every_pod_of_a_namespace() {
    let unit = kastell_testkit::UNIT.into();
    let answer = |policy: &str| {
        let facts = Facts::new(Arc::new(kastell_testkit::cluster(policy)));
        let any = Endpoint::any_of(&facts, &unit, "shop");
        facts.network().candidates(&unit, "shop").map(|p| p.selects(&any)).next()
    };
    assert_eq!(answer(&network_policy("shop", "{}")), Some(Answer::Yes));
    assert_eq!(answer(&network_policy("shop", "{matchLabels: {app: web}}")), Some(Answer::Unknown));
    assert_eq!(answer(&network_policy("other", "{}")), None);
    let clusterwide = "apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: n}
spec: {namespaceSelector: \"projectcalico.org/name == 'other'\"}
";
    assert_eq!(answer(clusterwide), Some(Answer::No));
}

#[test]
fn what_a_policy_closes_follows_its_types() {
    let directions = |spec: &str| {
        let text = format!("{}{spec}", network_policy("shop", "{}"));
        let facts = Facts::new(Arc::new(kastell_testkit::cluster(&text)));
        let policy = &facts.network().in_namespace(kastell_testkit::UNIT, "shop")[0];
        let of = |d: super::Direction| (d.isolates, d.open.is_some());
        (of(policy.ingress), of(policy.egress))
    };
    assert_eq!(directions(""), ((true, false), (false, false)));
    assert_eq!(directions("  egress: [{}]\n"), ((true, false), (true, true)));
    assert_eq!(directions("  egress: []\n"), ((true, false), (false, false)));
    assert_eq!(directions("  policyTypes: [Egress]\n  ingress: [{}]\n"), ((false, false), (true, false)));
    assert_eq!(directions("  ingress: [{from: [], ports: []}]\n"), ((true, true), (false, false)));
    assert_eq!(directions("  ingress: [{ports: [{port: 80}]}]\n"), ((true, false), (false, false)));
}

#[test]
fn a_list_of_policies_that_failed_is_no_absence() {
    use kastell_model::{ClusterBuilder, GroupKind, Seen};
    let unit: kastell_model::Str = "live".into();
    let mut builder = ClusterBuilder::default();
    builder.coverage.set_kind(unit.clone(), GroupKind::new("networking.k8s.io", "NetworkPolicy"), None, Seen::All);
    let seen = |b: ClusterBuilder| Facts::new(Arc::new(b.build())).network_policies_seen(&unit, "shop");
    let mut failed = ClusterBuilder { coverage: builder.coverage.clone(), ..ClusterBuilder::default() };
    let cilium = GroupKind::new("cilium.io", "CiliumNetworkPolicy");
    failed.coverage.set_kind(unit.clone(), cilium, None, Seen::Failed("forbidden".into()));
    assert_eq!(seen(builder), Seen::All);
    assert_eq!(seen(failed), Seen::Failed("forbidden".into()));
}
