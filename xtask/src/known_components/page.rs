//! The page about known components, from the table that the engine reads.

use crate::generate::GENERATED;
use kastell_engine::components::{Shipped, components};
use kastell_model::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# Known components

Nobody can harden what Kubernetes, a provider or an add-on ships without forking it. kastell therefore keeps a dated table
of what they ship, made by evaluating their manifests (`cargo xtask known-components --data DIR`). A finding is *excused*,
and counted as shipped by others (origin `component`), where all of this holds:

- the object's kind, namespace and name are listed, and a pod's owner was read;
- every image of the pod comes from a listed repository;
- the rule, the place, the message and the value are listed, and the severity is no worse than as shipped.

So one more capability, volume, port, container or registry stays a finding. A label excuses nothing, and neither does a
namespace: what stands in `kube-system` without being listed is of class `system`, which only orders and folds. Credentials,
`latest` tags and what the namespace or the cluster lacks are never excused. `--exceptions none` excuses nothing at all.

Not in the table: images of a mirror registry, charts with values of one's own, other versions that ask for more, and
components that the manifests at hand did not hold (of GKE and AKS only the parts named below). Their findings are shown.
What a program does with its privileges, its command and its arguments, is not compared.

";

/// The page.
pub(crate) fn markdown() -> String {
    let mut out = format!(
        "{GENERATED}{INTRODUCTION}| component | class | manifests of | source | objects |\n|---|---|---|---|---|\n"
    );
    let table = components();
    for c in &table.components {
        let class = c.class.name();
        let objects = c.objects.len();
        let _ = writeln!(out, "| [{0}](#{1}) | {class} | {2} | {3} | {objects} |", c.name, c.id, c.date, c.source);
    }
    for c in &table.components {
        let _ = write!(out, "\n## {}\n\n{} {}, {}.\n\n", c.id, c.name, c.date, c.source);
        let _ = writeln!(
            out,
            "| object | namespaces | images | excused: critical to medium | other |\n|---|---|---|---|---|"
        );
        for object in &c.objects {
            row(&mut out, object);
        }
    }
    out
}

fn row(out: &mut String, object: &Shipped<'_>) {
    let mut severe: BTreeMap<&str, usize> = BTreeMap::new();
    for r in object.rows.iter().filter(|r| r.severity >= Severity::Medium) {
        *severe.entry(&*r.rule).or_default() += 1;
    }
    let severe: Vec<String> =
        severe.into_iter().map(|(rule, n)| if n == 1 { rule.to_string() } else { format!("{rule} ×{n}") }).collect();
    let other: BTreeSet<&str> =
        object.rows.iter().filter(|r| r.severity < Severity::Medium).map(|r| &*r.rule).collect();
    let namespaces: Vec<&str> = object.namespaces.iter().map(|n| if *n == "-" { "none named" } else { n }).collect();
    let _ = writeln!(
        out,
        "| {} `{}` | {} | {} | {} | {} rules |",
        object.kind,
        object.name,
        namespaces.join(", "),
        object.images.join("<br>"),
        severe.join(", "),
        other.len()
    );
}
