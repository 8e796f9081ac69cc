//! What every control said of every subject: collected beside the hits, because a pass leaves no hit.

use kastell_analysis::Facts;
use kastell_model::record::SubjectAnswers;
use kastell_model::{ObjectKey, Status};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The answers about one subject.
struct Row {
    /// An object of the subject.
    object: u32,
    objects: u32,
    statuses: Vec<Status>,
}

/// The answers of a part of the objects.
pub(crate) struct Answers {
    controls: usize,
    /// Where in `rows` a subject's row is, by the subject's number.
    numbers: FxHashMap<u32, usize>,
    rows: Vec<Row>,
    /// The subject of the last answer and its row: the answers about an object come one after the other.
    last: Option<(u32, usize)>,
    /// Rows of subjects that a control names itself.
    named: BTreeMap<ObjectKey, Vec<Status>>,
}

impl Answers {
    pub(crate) fn new(controls: usize) -> Answers {
        Answers { controls, numbers: FxHashMap::default(), rows: Vec::new(), last: None, named: BTreeMap::new() }
    }

    /// An object of the subject with this number was looked at.
    pub(crate) fn count(&mut self, subject: u32, object: u32) {
        if let Some(row) = self.row(subject, object) {
            row.objects += 1;
        }
    }

    /// A control answered about an object of the subject with this number.
    pub(crate) fn note(&mut self, subject: u32, object: u32, control: u16, status: Status) {
        let known = self.row(subject, object).and_then(|r| r.statuses.get_mut(usize::from(control)));
        if let Some(known) = known {
            *known = known.worst(status);
        }
    }

    /// A control answered about a subject that it names itself.
    pub(crate) fn note_named(&mut self, subject: &ObjectKey, control: u16, status: Status) {
        if !self.named.contains_key(subject) {
            self.named.insert(subject.clone(), self.nothing());
        }
        if let Some(known) = self.named.get_mut(subject).and_then(|r| r.get_mut(usize::from(control))) {
            *known = known.worst(status);
        }
    }

    fn nothing(&self) -> Vec<Status> {
        vec![Status::NotApplicable; self.controls]
    }

    fn row(&mut self, subject: u32, object: u32) -> Option<&mut Row> {
        let at = match self.last {
            Some((last, at)) if last == subject => at,
            _ => {
                let next = self.rows.len();
                let at = *self.numbers.entry(subject).or_insert(next);
                if at == next {
                    self.rows.push(Row { object, objects: 0, statuses: self.nothing() });
                }
                self.last = Some((subject, at));
                at
            }
        };
        self.rows.get_mut(at)
    }

    pub(crate) fn join(&mut self, other: Answers) {
        for (subject, at) in other.numbers {
            let (Some(theirs), Some(mine)) = (other.rows.get(at), self.row(subject, u32::MAX)) else { continue };
            mine.object = mine.object.min(theirs.object);
            mine.objects += theirs.objects;
            worst(&mut mine.statuses, &theirs.statuses);
        }
        for (subject, statuses) in other.named {
            match self.named.get_mut(&subject) {
                Some(mine) => worst(mine, &statuses),
                None => {
                    self.named.insert(subject, statuses);
                }
            }
        }
    }

    /// The answers by subject, sorted.
    pub(crate) fn by_subject(self, facts: &Facts) -> Vec<SubjectAnswers> {
        let mut all: BTreeMap<ObjectKey, SubjectAnswers> = BTreeMap::new();
        for row in self.rows {
            let Some(subject) = facts.owners().subject(row.object) else { continue };
            let key = subject.key.clone();
            all.insert(key.clone(), SubjectAnswers { key, objects: row.objects, statuses: row.statuses });
        }
        for (key, statuses) in self.named {
            match all.get_mut(&key) {
                Some(known) => worst(&mut known.statuses, &statuses),
                None => {
                    all.insert(key.clone(), SubjectAnswers { key, objects: 0, statuses });
                }
            }
        }
        all.into_values().collect()
    }
}

fn worst(mine: &mut [Status], theirs: &[Status]) {
    for (a, b) in mine.iter_mut().zip(theirs) {
        *a = a.worst(*b);
    }
}
