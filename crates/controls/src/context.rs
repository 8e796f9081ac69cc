//! What a check is given, by scope.

use crate::params::Parameter;
use kastell_analysis::Facts;
use kastell_model::views::{ContainerView, PodView};
use kastell_model::{Cluster, Object, ObjectKey, Out, Outcome};

/// A container, with its pod.
#[derive(Clone, Copy)]
pub struct ContainerCx<'a> {
    /// The container.
    pub container: &'a ContainerView<'a>,
    /// Its pod.
    pub pod: &'a PodView<'a>,
    /// The object that carries the pod.
    pub object: &'a Object,
    /// Facts about the whole.
    pub facts: &'a Facts,
    pub(crate) params: Option<&'a Parameter>,
}

/// A pod or pod template.
#[derive(Clone, Copy)]
pub struct PodCx<'a> {
    /// The pod.
    pub pod: &'a PodView<'a>,
    /// Its containers.
    pub containers: &'a [ContainerView<'a>],
    /// The object that carries the pod.
    pub object: &'a Object,
    /// Facts about the whole.
    pub facts: &'a Facts,
    pub(crate) params: Option<&'a Parameter>,
}

/// An object.
#[derive(Clone, Copy)]
pub struct ObjectCx<'a> {
    /// The object.
    pub object: &'a Object,
    /// Facts about the whole.
    pub facts: &'a Facts,
    pub(crate) params: Option<&'a Parameter>,
}

/// The cluster.
#[derive(Clone, Copy)]
pub struct ClusterCx<'a> {
    /// Facts about the whole.
    pub facts: &'a Facts,
    pub(crate) params: Option<&'a Parameter>,
}

fn typed<T: 'static>(params: Option<&Parameter>) -> &T {
    #[expect(clippy::expect_used, reason = "the walk makes the parameter from the control's own specification")]
    params.and_then(|p| p.downcast_ref()).expect("a control asks for the type that it declares")
}

impl<'a> ContainerCx<'a> {
    /// The control's parameters.
    pub fn params<T: 'static>(&self) -> &'a T {
        typed(self.params)
    }
}

impl<'a> PodCx<'a> {
    /// The control's parameters.
    pub fn params<T: 'static>(&self) -> &'a T {
        typed(self.params)
    }
}

impl<'a> ObjectCx<'a> {
    /// The control's parameters.
    pub fn params<T: 'static>(&self) -> &'a T {
        typed(self.params)
    }
}

impl<'a> ClusterCx<'a> {
    /// The cluster.
    pub fn cluster(&self) -> &'a Cluster {
        self.facts.cluster()
    }

    /// The control's parameters.
    pub fn params<T: 'static>(&self) -> &'a T {
        typed(self.params)
    }
}

/// What a cluster control says of one object.
#[derive(Clone, Debug)]
pub struct ClusterEntry {
    /// The object's index in the cluster: where the finding is shown.
    pub object: u32,
    /// Whom it is about, where that is not the object's own subject (a namespace that was not read).
    pub subject: Option<ObjectKey>,
    /// The outcome.
    pub outcome: Outcome,
}

/// Where a cluster control puts what it finds.
pub struct ClusterOut<'a> {
    pub(crate) entries: &'a mut Vec<ClusterEntry>,
}

impl ClusterOut<'_> {
    /// What follows is about the object with this index.
    pub fn on(&mut self, object: u32, write: impl FnOnce(&mut Out<'_>)) {
        self.about(object, None, write);
    }

    /// What follows is shown at the object with this index and is about `subject`.
    pub fn about(&mut self, object: u32, subject: Option<ObjectKey>, write: impl FnOnce(&mut Out<'_>)) {
        let mut outcome = Outcome::default();
        write(&mut Out::new(&mut outcome, None));
        self.entries.push(ClusterEntry { object, subject, outcome });
    }
}
