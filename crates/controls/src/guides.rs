//! What the two hardening guides ask for, sentence by sentence, and what answers it: `guides.tsv`, written by hand.

use crate::framework::Framework;

/// One thing that a guide asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Its id, unique over both guides.
    pub id: &'static str,
    /// [`Framework::GuideA`] or [`Framework::GuideB`].
    pub guide: Framework,
    /// The guide's section.
    pub section: &'static str,
    /// The ring that it belongs to.
    pub ring: &'static str,
    /// What it asks, in our words.
    pub text: &'static str,
    /// What answers it: ids of controls, and verbs of the command line (` (planned)` behind those that are not built).
    pub answers: &'static str,
}

impl Ask {
    /// The ids among the answers, built or reserved.
    pub fn controls(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.answers.split(", ").filter(|a| !a.is_empty() && *a != "-" && crate::ids().any(|id| id == *a))
    }

    /// The verbs among the answers, as they are written.
    pub fn verbs(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.answers.split(", ").filter(|a| !a.is_empty() && *a != "-" && !crate::ids().any(|id| id == *a))
    }
}

/// Every row, in the order of the guides. A row that does not have the six columns is left out; a test says so.
pub fn asks() -> impl Iterator<Item = Ask> {
    rows().filter_map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next();
        let (id, guide, section, ring, text, answers) = (next()?, next()?, next()?, next()?, next()?, next()?);
        let guide = match guide {
            "A" => Framework::GuideA,
            "B" => Framework::GuideB,
            _ => return None,
        };
        columns.next().is_none().then_some(Ask { id, guide, section, ring, text, answers })
    })
}

fn rows() -> impl Iterator<Item = &'static str> {
    include_str!("../guides.tsv").lines().filter(|l| !l.is_empty() && !l.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_has_six_columns_a_unique_id_a_ring_and_an_answer() {
        assert_eq!(asks().count(), rows().count());
        let ids: BTreeSet<_> = asks().map(|a| a.id).collect();
        assert_eq!(ids.len(), rows().count());
        for ask in asks() {
            assert!(crate::Ring::ALL.iter().any(|r| r.name() == ask.ring), "{ask:?}");
            assert!(!ask.text.is_empty() && !ask.answers.is_empty(), "{ask:?}");
        }
    }

    #[test]
    fn every_answer_is_an_id_a_verb_of_today_or_planned() {
        let verbs = ["scan", "explain", "controls"];
        for ask in asks() {
            for verb in ask.verbs() {
                let first = verb.split(' ').next().unwrap_or("");
                assert!(verb.ends_with(" (planned)") || verbs.contains(&first), "{verb:?} of {}", ask.id);
            }
        }
    }

    #[test]
    fn every_section_that_a_control_names_is_one_of_its_guide() {
        let sections: BTreeSet<_> = asks().map(|a| (a.guide, a.section)).collect();
        let unknown: Vec<_> = crate::CONTROLS
            .iter()
            .flat_map(|c| c.maps.iter().map(move |(f, item)| (*f, *item, c.id)))
            .filter(|(f, item, _)| {
                matches!(f, Framework::GuideA | Framework::GuideB) && !sections.contains(&(*f, item))
            })
            .collect();
        assert_eq!(unknown, []);
    }

    #[test]
    fn every_control_that_answers_a_sentence_names_its_section() {
        let missing: Vec<_> = asks()
            .flat_map(|a| a.controls().map(|id| (a.guide, a.section, id)).collect::<Vec<_>>())
            .filter(|(guide, section, id)| {
                crate::find(id).is_some_and(|c| !c.maps.iter().any(|(f, item)| f == guide && item == section))
            })
            .collect();
        assert_eq!(missing, []);
    }
}
