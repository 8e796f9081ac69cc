use super::*;
use proptest::prelude::*;

fn q(s: &str) -> Quantity {
    Quantity::parse(s).unwrap_or_else(|e| panic!("{s}: {e}"))
}

#[test]
fn texts_are_read_and_shown_in_canonical_form() {
    for (text, canonical) in [
        ("0", "0"),
        ("-0", "0"),
        ("000", "0"),
        ("0Ki", "0"),
        ("0.0m", "0"),
        ("100", "100"),
        ("1.5", "1500m"),
        (".5", "500m"),
        ("5.", "5"),
        ("1.G", "1G"),
        ("+1", "1"),
        ("-1.50", "-1500m"),
        ("1000", "1k"),
        ("100m", "100m"),
        ("1000m", "1"),
        ("0.1m", "100u"),
        ("0.1n", "1n"),
        ("1.1n", "2n"),
        ("-0.1n", "-1n"),
        ("999999999.9999999999", "1G"),
        ("1500k", "1500k"),
        ("1Ki", "1Ki"),
        ("1024", "1024"),
        ("1024Ki", "1Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("0.5Ki", "512"),
        ("1.5Ki", "1536"),
        ("0.0001Ki", "102400u"),
        ("2.5Ei", "2560Pi"),
        ("8Ei", "9223372036854775807"),
        ("-8Ei", "-9223372036854775807"),
        ("100Ei", "9223372036854775807"),
        ("7Ei", "7Ei"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1e+3", "1e3"),
        ("1e-3", "1e-3"),
        ("12e4", "120e3"),
        ("1e0", "1"),
        ("1E", "1E"),
        ("100E", "100E"),
        ("1000E", "1000E"),
        ("0010", "10"),
        ("1e-10", "1e-9"),
        ("1e4294967296", "1"),
    ] {
        assert_eq!(q(text).to_string(), canonical, "{text}");
    }
}

#[test]
fn a_lone_sign_point_or_suffix_is_zero_as_upstream() {
    for text in ["+", "-", ".", "-.", ".Ki", ".n", "0.e-10", "M", "Ki"] {
        assert!(q(text).is_zero(), "{text}");
    }
    assert_eq!(Quantity::parse(".Ei").unwrap_err(), QuantityError::Numeric);
    assert_eq!(Quantity::parse(".e-10").unwrap_err(), QuantityError::Numeric);
}

#[test]
fn bad_texts_are_refused_with_upstreams_kind_of_error() {
    for (text, error) in [
        ("", QuantityError::Format),
        ("1 ", QuantityError::Format),
        (" 1", QuantityError::Format),
        ("1.2.3", QuantityError::Format),
        ("abc", QuantityError::Format),
        ("1GB", QuantityError::Format),
        ("1K", QuantityError::Suffix),
        ("1ki", QuantityError::Suffix),
        ("1mi", QuantityError::Suffix),
        ("1e", QuantityError::Suffix),
        ("1ee3", QuantityError::Suffix),
        ("1e3Mi", QuantityError::Format),
        ("--1", QuantityError::Suffix),
        ("1M5", QuantityError::Suffix),
        ("1i", QuantityError::Suffix),
        ("1e99999999999999999999", QuantityError::Suffix),
        ("1,5", QuantityError::Format),
        ("0x10", QuantityError::Format),
        ("é", QuantityError::Format),
        ("1µ", QuantityError::Format),
    ] {
        assert_eq!(Quantity::parse(text), Err(error), "{text}");
    }
}

#[test]
fn whole_and_milli_values_round_away_from_zero_and_saturate() {
    for (text, value, milli) in [
        ("0", 0, 0),
        ("1", 1, 1000),
        ("100m", 1, 100),
        ("-100m", -1, -100),
        ("1.0001", 2, 1001),
        ("1Ki", 1024, 1_024_000),
        ("9223372036854775807", i64::MAX, i64::MAX),
        ("1e30", i64::MAX, i64::MAX),
        ("-1e2147483647", i64::MIN, i64::MIN),
        ("1n", 1, 1),
        ("-9250.5m", -10, -9251),
        ("-15.52129Gi", -16_665_858_236, -16_665_858_235_433),
    ] {
        assert_eq!((q(text).value(), q(text).milli_value()), (value, milli), "{text}");
    }
}

#[test]
fn amounts_compare_across_formats() {
    for (a, b) in
        [("1", "1000m"), ("1Ki", "1024"), ("1e3", "1k"), ("0", "-0Gi"), ("0.5", "500m"), ("1Gi", "1073741824")]
    {
        assert_eq!(q(a), q(b), "{a} {b}");
    }
    let ordered =
        ["-1e30", "-2", "-1.5", "0", "1n", "1m", "999m", "1", "1k", "1Ki", "1M", "1Mi", "1Ei", "10E", "1e2147483647"];
    for pair in ordered.windows(2) {
        assert!(q(pair[0]) < q(pair[1]), "{pair:?}");
    }
}

#[test]
fn numbers_of_a_manifest_are_quantities() {
    assert_eq!(Quantity::from_i64(i64::MIN).to_string(), "-9223372036854775808");
    for (number, shown) in
        [(0.5, "500m"), (80.0, "80"), (1e21, "1e21"), (1e-7, "100e-9"), (-2.25, "-2250m"), (1e6, "1M")]
    {
        assert_eq!(Quantity::from_f64(number).unwrap().to_string(), shown);
    }
    assert!(Quantity::from_f64(f64::NAN).is_err() && Quantity::from_f64(f64::INFINITY).is_err());
}

/// An amount in nano units as an integer: exact for the sizes that the property tests make.
fn nanos(sign: &str, whole: u64, fraction: &str, suffix: &str) -> i128 {
    let scale: i128 = match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => 1_000_000_000,
        "k" => 1_000_000_000_000,
        "M" => 1_000_000_000_000_000,
        "Ki" => 1024 * 1_000_000_000,
        "Mi" => 1024 * 1024 * 1_000_000_000,
        "e2" => 100_000_000_000,
        "e-3" => 1_000_000,
        _ => unreachable!(),
    };
    let digits: i128 = format!("{whole}{fraction}").parse().unwrap();
    let divisor = 10i128.pow(fraction.len() as u32);
    let product = digits * scale;
    let up = product / divisor + i128::from(product % divisor != 0);
    if sign == "-" { -up } else { up }
}

type Parts = (&'static str, u64, String, &'static str);

fn any_quantity() -> impl Strategy<Value = Parts> {
    let suffix = proptest::sample::select(vec!["n", "u", "m", "", "k", "M", "Ki", "Mi", "e2", "e-3"]);
    let sign = proptest::sample::select(vec!["", "-", "+"]);
    (sign, prop_oneof![0u64..20, 0u64..5000, 0u64..10_000_000], "[0-9]{0,11}", suffix)
}

fn text((sign, whole, fraction, suffix): &Parts) -> String {
    if fraction.is_empty() { format!("{sign}{whole}{suffix}") } else { format!("{sign}{whole}.{fraction}{suffix}") }
}

proptest! {
    #[test]
    fn order_and_values_agree_with_big_integers(a in any_quantity(), b in any_quantity()) {
        let (x, y) = (q(&text(&a)), q(&text(&b)));
        let (n, m) = (nanos(a.0, a.1, &a.2, a.3), nanos(b.0, b.1, &b.2, b.3));
        prop_assert_eq!(x.cmp(&y), n.cmp(&m), "{} {}", text(&a), text(&b));
        let away = |n: i128, unit: i128| n.signum() * ((n.abs() + unit - 1) / unit);
        prop_assert_eq!(i128::from(x.value()), away(n, 1_000_000_000));
        prop_assert_eq!(i128::from(x.milli_value()), away(n, 1_000_000));
    }

    #[test]
    fn the_canonical_form_means_the_same(a in any_quantity()) {
        let x = q(&text(&a));
        prop_assert_eq!(&q(&x.to_string()), &x);
        prop_assert_eq!(q(&x.to_string()).to_string(), x.to_string());
    }

    #[test]
    fn no_text_panics(s in "[-+0-9.eEinumkKMGTPé]{0,14}") {
        if let Ok(x) = Quantity::parse(&s) {
            let _ = (x.to_string(), x.value(), x.milli_value(), x.cmp(&q("1")));
        }
    }
}
