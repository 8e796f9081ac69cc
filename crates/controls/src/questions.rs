//! The questions of a threat model, and which controls answer a part of each.
//!
//! A report says what is known of each question and what is not asked yet: a question that nothing asks stays visible.
//! Owns no verdict: what a control found decides.

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The question, in a few words.
    pub text: &'static str,
    /// Ids of the controls whose findings answer a part of it.
    pub controls: &'static [&'static str],
    /// What belongs to the answer and no control asks; empty where nothing is known to be left.
    pub not_asked: &'static str,
}

/// What an attacker gains, who can get in, where he gets from a container, and who would stop or see him.
pub static QUESTIONS: [Question; 9] = [
    Question {
        text: "What hurts if it leaks?",
        controls: &[
            "configmap-credential",
            "exposed-token",
            "literal-credential",
            "long-lived-token",
            "secret-in-environment",
            "secret-in-manifest",
        ],
        not_asked: "which assets count",
    },
    Question {
        text: "Who has access, and how?",
        controls: &[
            "anonymous-binding",
            "authenticated-group-binding",
            "default-service-account-binding",
            "system-masters-membership",
        ],
        not_asked: "what each role allows",
    },
    Question {
        text: "From a pod to its node?",
        controls: &[
            "added-capability",
            "cloud-credential-path",
            "host-ipc",
            "host-network",
            "host-path-volume",
            "host-pid",
            "privileged-container",
            "runtime-socket",
            "sensitive-host-path",
            "sys-admin-capability",
            "sys-module-capability",
            "unmasked-proc",
            "windows-host-process",
            "writable-host-path",
        ],
        not_asked: "",
    },
    Question {
        text: "From a pod to the API?",
        controls: &["automounted-token", "automounting-service-account", "default-service-account"],
        not_asked: "what the tokens may do",
    },
    Question {
        text: "From a pod to the others?",
        controls: &[
            "allow-all-network-policy",
            "dangling-network-policy",
            "half-open-pod",
            "missing-default-deny",
            "namespace-without-network-policy",
            "unisolated-pod",
        ],
        not_asked: "whether the network enforces it",
    },
    Question {
        text: "From outside to a pod?",
        controls: &[
            "exposed-service",
            "external-ip-service",
            "gateway-listener-without-tls",
            "host-port",
            "ingress-without-tls",
            "unrestricted-load-balancer-source",
            "wildcard-ingress-host",
        ],
        not_asked: "",
    },
    Question {
        text: "What refuses a bad pod?",
        controls: &[
            "ignored-webhook-failure",
            "pod-security-label-invalid",
            "unenforced-baseline",
            "unenforced-restricted",
            "warn-only-admission-policy",
            "webhook-scope-hole",
        ],
        not_asked: "",
    },
    Question {
        text: "Is it known what runs?",
        controls: &["latest-image", "public-registry", "retired-registry", "unpinned-image", "untrusted-registry"],
        not_asked: "signatures and contents of images",
    },
    Question { text: "Would anyone notice?", controls: &[], not_asked: "audit logs, runtime sensors" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn questions_name_controls_each_once_and_sorted() {
        let mut seen = BTreeSet::new();
        for question in &QUESTIONS {
            assert!(question.controls.is_sorted(), "{}", question.text);
            for id in question.controls {
                assert!(crate::find(id).is_some_and(|c| c.id == *id), "`{id}` is no control's id");
                assert!(seen.insert(*id), "`{id}` answers two questions");
            }
            assert!(!question.controls.is_empty() || !question.not_asked.is_empty(), "{}", question.text);
        }
    }
}
