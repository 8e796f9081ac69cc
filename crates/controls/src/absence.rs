//! What argues from absence: how sure it is depends on what was read.

use kastell_model::{Confidence, GapReason, Hit, Out, Seen, Spot};

/// Something is missing: a finding where all `what` were read, one of low confidence where only files were, else a gap.
pub(crate) fn report<'o, 't>(
    out: &'o mut Out<'_>,
    seen: &Seen,
    spot: impl Into<Spot<'t>>,
    what: &str,
    message: &str,
) -> Option<&'o mut Hit> {
    match seen {
        Seen::All => Some(out.fail(spot, message.to_string())),
        Seen::Open => {
            let hit = out.fail(spot, format!("{message} among the files given"));
            Some(hit.confidence(Confidence::Low))
        }
        Seen::NotAsked => {
            out.gap(spot, GapReason::NeedsSource, format!("{what} were not read"));
            None
        }
        Seen::Failed(why) => {
            out.gap(spot, GapReason::Unreadable, format!("{what} could not be read: {why}"));
            None
        }
    }
}

/// The kinds, as (group, kind), of which a control misses an object where it fails.
const MISSED: [(&str, (&str, &str)); 6] = [
    ("dangling-network-policy", ("", "Pod")),
    ("missing-default-deny", ("networking.k8s.io", "NetworkPolicy")),
    ("missing-limit-range", ("", "LimitRange")),
    ("missing-resource-quota", ("", "ResourceQuota")),
    ("namespace-without-network-policy", ("networking.k8s.io", "NetworkPolicy")),
    ("unisolated-pod", ("networking.k8s.io", "NetworkPolicy")),
];

/// The kind, as (group, kind), of which the control `id` misses an object where it fails; `None` for a control that fails
/// for what is there.
pub fn missed_by(id: &str) -> Option<(&'static str, &'static str)> {
    MISSED.iter().find(|(control, _)| *control == id).map(|(_, kind)| *kind)
}

/// Why the question cannot be answered at all, where reading `what` failed.
pub(crate) fn unread(seen: &Seen, what: &str) -> Option<String> {
    match seen {
        Seen::Failed(why) => Some(format!("{what} could not be read: {why}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Parts, find};
    use kastell_analysis::Facts;
    use kastell_model::{Confidence, GapReason, Outcome, Seen, Severity};
    use kastell_testkit::cluster_with;
    use std::sync::Arc;

    const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: c, image: i}]}
";

    /// What the control says of the first object and of the cluster.
    fn outcome(id: &str, text: &str, seen: Seen) -> Outcome {
        let control = find(id).expect("the id of a control");
        let facts = Facts::new(Arc::new(cluster_with(text, seen)));
        let mut of_cluster = control.evaluate_cluster(&facts, None);
        match of_cluster.pop() {
            Some(entry) => entry.outcome,
            None => control.evaluate(&Parts::of(&facts.cluster().objects()[0]), &facts, None),
        }
    }

    #[test]
    fn what_misses_an_object_is_a_control() {
        for (id, _) in super::MISSED {
            assert!(find(id).is_some_and(|c| c.id == id), "`{id}` is no control's id");
        }
    }

    #[test]
    fn what_was_read_decides_how_sure_an_absence_is() {
        let id = "namespace-without-network-policy";
        assert_eq!(outcome(id, POD, Seen::All).hits[0].confidence, None);
        assert_eq!(outcome(id, POD, Seen::Open).hits[0].confidence, Some(Confidence::Low));
        for (seen, reason) in
            [(Seen::NotAsked, GapReason::NeedsSource), (Seen::Failed("forbidden".into()), GapReason::Unreadable)]
        {
            let outcome = outcome(id, POD, seen);
            assert!(outcome.hits.is_empty());
            assert_eq!(outcome.gaps[0].reason, reason);
        }
    }

    #[test]
    fn policies_that_could_not_be_read_leave_every_question_about_them_open() {
        for id in ["half-open-pod", "unisolated-pod", "missing-default-deny", "namespace-without-network-policy"] {
            let outcome = outcome(id, POD, Seen::Failed("forbidden".into()));
            assert!(outcome.hits.is_empty(), "{id}");
            assert_eq!(outcome.gaps.iter().map(|g| g.reason).collect::<Vec<_>>(), [GapReason::Unreadable], "{id}");
        }
    }

    #[test]
    fn a_service_account_that_could_not_be_read_leaves_the_token_open() {
        let id = "automounted-token";
        assert_eq!(outcome(id, POD, Seen::All).hits[0].confidence, None);
        assert_eq!(outcome(id, POD, Seen::Open).hits[0].confidence, Some(Confidence::Medium));
        let named = POD.replace("{containers", "{serviceAccountName: app, containers");
        assert_eq!(outcome(id, &named, Seen::Open).hits[0].confidence, Some(Confidence::Low));
        assert_eq!(outcome(id, &named, Seen::Failed("forbidden".into())).gaps[0].reason, GapReason::Unreadable);
    }

    #[test]
    fn a_binding_is_as_bad_as_its_role() {
        let binding = |role: &str, subject: &str| {
            format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\n\
                 roleRef: {{kind: ClusterRole, name: {role}}}\nsubjects: [{subject}]\n"
            )
        };
        let severity = |id: &str, text: String| outcome(id, &text, Seen::Open).hits[0].severity;
        let anonymous = "{kind: User, name: 'system:anonymous'}";
        let everybody = "{kind: Group, name: 'system:authenticated'}";
        assert_eq!(severity("anonymous-binding", binding("cluster-admin", anonymous)), None);
        assert_eq!(severity("anonymous-binding", binding("reader", anonymous)), Some(Severity::High));
        assert_eq!(severity("authenticated-group-binding", binding("admin", everybody)), Some(Severity::Critical));
        assert_eq!(severity("authenticated-group-binding", binding("reader", everybody)), None);
    }
}
