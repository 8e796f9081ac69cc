//! Every suite against its checked-in results, where the data is at hand.

use kastell_conformance::data::{Data, VARIABLE};
use kastell_conformance::results::{self, Counts};
use kastell_conformance::suite::SUITES;

#[test]
fn every_suite_gives_its_checked_in_results() {
    let Some(data) = Data::from_environment() else {
        println!("the suites were not run: {VARIABLE} does not name their data");
        return;
    };
    let (mut problems, mut figures) = (Vec::new(), Vec::new());
    for suite in &SUITES {
        let cases = (suite.run)(&data).unwrap_or_else(|error| panic!("{}: {error:#}", suite.name));
        assert!(!cases.is_empty(), "{} has no case", suite.name);
        problems.extend(results::check(suite, &cases).unwrap());
        figures.push((*suite, Counts::of(&cases)));
    }
    problems.extend(results::check_totals(&figures));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
