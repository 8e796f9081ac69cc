use super::*;
use proptest::prelude::*;

fn parse(s: &str) -> LabelSelector {
    LabelSelector::parse(s).unwrap()
}

fn expression(key: &str, operator: Operator, values: &[&str]) -> Result<Requirement, SelectorError> {
    Requirement::new(key.into(), operator, values.iter().map(|v| (*v).to_owned()).collect())
}

#[test]
fn text_forms_match_as_upstream() {
    let labels = [("env", "prod"), ("tier", "web"), ("n", "7"), ("empty", "")];
    for yes in [
        "",
        "env=prod",
        "env==prod",
        "env=prod,tier=web",
        "env in (prod,dev)",
        "env in ( dev , prod )",
        "env notin (dev)",
        "none notin (x)",
        "env",
        "!none",
        "none!=x",
        "env!=dev",
        "n>6",
        "n<8",
        "empty=",
        "empty in ()",
        "empty in (,)",
        "empty in (a,,b)",
        "env in (,prod)",
        "env in (prod,)",
        "  env  =\tprod\n",
        "env=prod, tier",
        "empty in (in,)",
    ] {
        assert!(parse(yes).matches(&labels), "{yes}");
    }
    for no in [
        "env=dev",
        "none",
        "!env",
        "none=x",
        "none in (x)",
        "env notin (prod)",
        "env!=prod",
        "n>7",
        "n<7",
        "tier>1",
        "none>1",
        "env=",
        "env in ()",
        "env=prod,tier=db",
        "none=",
        "in",
        "in in (in)",
    ] {
        assert!(!parse(no).matches(&labels), "{no}");
    }
}

#[test]
fn keywords_are_keys_and_values_where_an_operator_cannot_stand() {
    assert!(parse("in in (in)").matches(&[("in", "in")]));
    assert!(parse("notin=in").matches(&[("notin", "in")]));
    assert!(parse("a notin (notin)").matches(&[("a", "in")]));
}

#[test]
fn bad_text_is_refused() {
    for bad in [
        ",",
        "a,",
        ",a",
        "a,,b",
        "!",
        "!!a",
        "a b",
        "a=b c",
        "a in",
        "a in b",
        "a in (b",
        "a in (b c)",
        "a in ((b))",
        "a=(b)",
        "a=!b",
        "a===b",
        "!a=b",
        "a>=1",
        "a>",
        "a>x",
        "a>-1",
        "a<1.5",
        "a!b",
        "a=b=c",
        "-a",
        "a/b/c",
        "a=-",
        "()",
        "a in (=)",
        "x=a||y=b",
        "a!!",
        "a(b)",
        "é=x",
    ] {
        assert!(LabelSelector::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn text_is_rewritten_in_one_form() {
    for (given, shown) in [
        ("b=2,a==1", "a=1,b=2"),
        ("x in (c,b,a,a)", "x in (a,b,c)"),
        ("x notin (b)", "x!=b"),
        ("!x", "!x"),
        ("x", "x"),
        ("x>1", "x>1"),
        ("", ""),
    ] {
        assert_eq!(parse(given).to_string(), shown);
    }
}

#[test]
fn syntax_errors_say_where() {
    let error = LabelSelector::parse("app=web tier in db").unwrap_err();
    assert_eq!(error.to_string(), "at byte 8 of the selector: found 'tier', expected ',' or the end");
}

#[test]
fn nothing_and_everything_differ() {
    assert!(!LabelSelector::nothing().matches(&[("a", "b")]));
    assert!(LabelSelector::everything().matches(&[("a", "b")]));
    assert!(LabelSelector::everything().matches(&None::<Vec<(String, String)>>));
    assert!(LabelSelector::parse("").unwrap().is_everything());
    assert!(LabelSelector::nothing().is_nothing() && !LabelSelector::everything().is_nothing());
}

#[test]
fn requirements_need_the_right_number_of_values() {
    assert_eq!(expression("a", Operator::In, &[]), Err(SelectorError::NoValues("a".into())));
    assert_eq!(expression("a", Operator::NotIn, &[]), Err(SelectorError::NoValues("a".into())));
    assert_eq!(expression("a", Operator::Exists, &[""]), Err(SelectorError::UnexpectedValues("a".into())));
    assert_eq!(expression("a", Operator::DoesNotExist, &["x"]), Err(SelectorError::UnexpectedValues("a".into())));
    assert_eq!(expression("a", Operator::Gt, &["1", "2"]), Err(SelectorError::NotAnInteger("a".into())));
    assert_eq!(expression("a", Operator::Lt, &["x"]), Err(SelectorError::NotAnInteger("a".into())));
    assert!(matches!(expression("", Operator::Exists, &[]), Err(SelectorError::Key { .. })));
    assert!(matches!(expression("a", Operator::In, &["x y"]), Err(SelectorError::Value { .. })));
    assert!(expression("a", Operator::In, &[""]).is_ok());
}

#[test]
fn sets_of_labels_need_each_of_them() {
    let s = LabelSelector::from_labels([("app", "web"), ("tier", "front")]).unwrap();
    assert!(s.matches(&[("app", "web"), ("tier", "front"), ("x", "y")]));
    assert!(!s.matches(&[("app", "web")]));
    assert!(LabelSelector::from_labels([("bad key", "x")]).is_err());
}

/// Any selector built of requirements agrees with a direct reading of the documentation.
fn naive(requirements: &[(String, Operator, Vec<String>)], labels: &BTreeMap<String, String>) -> bool {
    requirements.iter().all(|(key, op, values)| {
        let listed = labels.iter().any(|(k, v)| k == key && values.contains(v));
        let there = labels.keys().any(|k| k == key);
        match op {
            Operator::In => listed,
            Operator::NotIn => !listed,
            Operator::Exists => there,
            Operator::DoesNotExist => !there,
            Operator::Gt => labels
                .iter()
                .any(|(k, v)| k == key && v.parse::<i64>().unwrap_or(i64::MIN) > values[0].parse().unwrap()),
            Operator::Lt => labels
                .iter()
                .any(|(k, v)| k == key && v.parse::<i64>().unwrap_or(i64::MAX) < values[0].parse().unwrap()),
        }
    })
}

fn any_requirement() -> impl Strategy<Value = (String, Operator, Vec<String>)> {
    let value = prop_oneof!["[a-c]?", "[0-3]"];
    let op = prop_oneof![
        Just(Operator::In),
        Just(Operator::NotIn),
        Just(Operator::Exists),
        Just(Operator::DoesNotExist),
        Just(Operator::Gt),
        Just(Operator::Lt)
    ];
    ("[k-m]", op, proptest::collection::vec(value, 1..3), 0i64..4).prop_map(|(key, op, values, n)| match op {
        Operator::Exists | Operator::DoesNotExist => (key, op, vec![]),
        Operator::Gt | Operator::Lt => (key, op, vec![n.to_string()]),
        _ => (key, op, values),
    })
}

proptest! {
    #[test]
    fn matching_agrees_with_brute_force_and_survives_its_text(
        requirements in proptest::collection::vec(any_requirement(), 0..4),
        labels in proptest::collection::btree_map("[k-m]", prop_oneof!["[a-c]?", "[0-3]"], 0..4),
    ) {
        let built: Vec<_> = requirements.iter().cloned().map(|(k, o, v)| Requirement::new(k, o, v).unwrap()).collect();
        let selector = LabelSelector::from_requirements(built);
        let expected = naive(&requirements, &labels);
        prop_assert_eq!(selector.matches(&labels), expected);
        let read = LabelSelector::parse(&selector.to_string()).unwrap();
        prop_assert_eq!(read.matches(&labels), expected);
        prop_assert_eq!(read.to_string(), selector.to_string());
    }

    #[test]
    fn no_text_panics(text in "[a-b=!(),<> in\\x00é]{0,16}") {
        let _ = LabelSelector::parse(&text);
    }
}
