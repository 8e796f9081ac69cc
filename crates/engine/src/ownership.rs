//! Which team answers for an object: the first of the configured keys that the object has.

use crate::codeowners::Codeowners;
use kastell_analysis::Facts;
use kastell_model::{Object, ObjectKey, Origin, Owner, Str};
use std::borrow::Cow;

/// Where the name of a team may stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OwnerKey {
    /// A label of the object, else of its topmost controller.
    Label(Str),
    /// An annotation of the object, else of its topmost controller.
    Annotation(Str),
    /// A label of the object's namespace.
    NamespaceLabel(Str),
    /// An annotation of the object's namespace.
    NamespaceAnnotation(Str),
    /// The project of the Argo CD Application that deployed the object, where that was read.
    ArgocdProject,
    /// The Flux Kustomization that deployed the object.
    FluxKustomization,
    /// The CODEOWNERS file, for the file that the object was read from.
    Codeowners,
}

/// How the team of an object is found.
#[derive(Clone, Debug)]
pub struct Ownership {
    /// What is looked at, in this order.
    pub keys: Vec<OwnerKey>,
    /// The repository's CODEOWNERS, where there is one.
    pub codeowners: Option<Codeowners>,
}

impl Default for Ownership {
    /// The recommended label `app.kubernetes.io/part-of`, then CODEOWNERS.
    fn default() -> Ownership {
        Ownership {
            keys: vec![OwnerKey::Label("app.kubernetes.io/part-of".into()), OwnerKey::Codeowners],
            codeowners: None,
        }
    }
}

/// The annotation by which Argo CD tracks what it deployed: `APP:GROUP/KIND:NAMESPACE/NAME`.
const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
/// Labels by which it may track instead; the second is its default, and other tools set it too.
const INSTANCE: [&str; 2] = ["argocd.argoproj.io/instance", "app.kubernetes.io/instance"];
/// The label that Flux' kustomize-controller puts on what it applies.
const KUSTOMIZATION: &str = "kustomize.toolkit.fluxcd.io/name";

impl Ownership {
    /// The team of an object and its subject.
    pub(crate) fn owner(&self, facts: &Facts, subject: &ObjectKey, object: &Object) -> Owner {
        for key in &self.keys {
            if let Some(team) = self.by(key, facts, subject, object).filter(|t| !t.trim().is_empty()) {
                return Owner::Team(team.trim().into());
            }
        }
        Owner::Unowned
    }

    fn by<'a>(
        &'a self,
        key: &OwnerKey,
        facts: &'a Facts,
        subject: &ObjectKey,
        object: &'a Object,
    ) -> Option<Cow<'a, str>> {
        let topmost = || facts.index().find(facts.cluster(), subject).map(|(_, o)| &**o);
        let either = |f: &dyn Fn(&'a Object) -> Option<Cow<'a, str>>| {
            f(object).filter(|t| !t.is_empty()).or_else(|| topmost().and_then(f))
        };
        match key {
            OwnerKey::Label(name) => either(&|o| o.label(name)),
            OwnerKey::Annotation(name) => either(&|o| o.annotation(name)),
            OwnerKey::NamespaceLabel(name) => namespace(facts, object)?.label(name),
            OwnerKey::NamespaceAnnotation(name) => namespace(facts, object)?.annotation(name),
            OwnerKey::ArgocdProject => either(&|o| project(facts, o)),
            OwnerKey::FluxKustomization => either(&|o| o.label(KUSTOMIZATION)),
            OwnerKey::Codeowners => match object.origin {
                Origin::File { .. } => self.codeowners.as_ref()?.owner(&object.source.path).map(Cow::Borrowed),
                _ => None,
            },
        }
    }
}

fn namespace<'a>(facts: &'a Facts, object: &'a Object) -> Option<&'a Object> {
    if object.is("", "Namespace") {
        return Some(object);
    }
    let name = object.key.namespace.as_deref()?;
    facts.namespace_object(&object.key.unit, name).map(|(_, o)| &**o)
}

/// `spec.project` of the Application that the object says it belongs to.
fn project<'a>(facts: &'a Facts, object: &'a Object) -> Option<Cow<'a, str>> {
    let tracked = object.annotation(TRACKING_ID).and_then(|id| Some(id.split_once(':')?.0.to_string()));
    let said = INSTANCE.iter().filter_map(|l| object.label(l)).map(Cow::into_owned);
    tracked.into_iter().chain(said).find_map(|app| {
        // With applications in any namespace the name is `NAMESPACE_NAME`.
        let name = app.rsplit('_').next()?;
        let applications = facts.index().kind(facts.cluster(), &object.key.unit, "argoproj.io", "Application");
        let mut found = applications.filter(|(_, o)| *o.key.name == *name).map(|(_, o)| o);
        let application = found.next()?;
        application.root().at(&["spec", "project"])?.as_str()
    })
}
