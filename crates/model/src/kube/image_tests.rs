use super::*;
use proptest::prelude::*;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn image(s: &str) -> ImageReference<'_> {
    ImageReference::parse(s).unwrap_or_else(|e| panic!("{s} {e}"))
}

#[test]
fn short_names_are_completed() {
    for (text, registry, repository, pulled, familiar) in [
        ("nginx", "docker.io", "library/nginx", "docker.io/library/nginx:latest", "nginx"),
        ("nginx:1.27", "docker.io", "library/nginx", "docker.io/library/nginx:1.27", "nginx"),
        ("grafana/grafana", "docker.io", "grafana/grafana", "docker.io/grafana/grafana:latest", "grafana/grafana"),
        ("docker.io/nginx", "docker.io", "library/nginx", "docker.io/library/nginx:latest", "nginx"),
        ("index.docker.io/nginx", "docker.io", "library/nginx", "docker.io/library/nginx:latest", "nginx"),
        ("docker.io/library/a/b", "docker.io", "library/a/b", "docker.io/library/a/b:latest", "library/a/b"),
        ("ghcr.io/a/b:v1", "ghcr.io", "a/b", "ghcr.io/a/b:v1", "ghcr.io/a/b"),
        ("localhost/a", "localhost", "a", "localhost/a:latest", "localhost/a"),
        ("localhost:5000/a", "localhost:5000", "a", "localhost:5000/a:latest", "localhost:5000/a"),
        ("registry:5000/a:1", "registry:5000", "a", "registry:5000/a:1", "registry:5000/a"),
        ("Registry/a", "Registry", "a", "Registry/a:latest", "Registry/a"),
        ("[::1]:5000/a", "[::1]:5000", "a", "[::1]:5000/a:latest", "[::1]:5000/a"),
        ("[2001:db8::1]/a", "[2001:db8::1]", "a", "[2001:db8::1]/a:latest", "[2001:db8::1]/a"),
        ("127.0.0.1/a", "127.0.0.1", "a", "127.0.0.1/a:latest", "127.0.0.1/a"),
        ("a--b__c.d_e", "docker.io", "library/a--b__c.d_e", "docker.io/library/a--b__c.d_e:latest", "a--b__c.d_e"),
        ("foo:5000", "docker.io", "library/foo", "docker.io/library/foo:5000", "foo"),
        ("a__b.c/img", "", "a__b.c/img", "a__b.c/img:latest", "a__b.c/img"),
    ] {
        let i = image(text);
        assert_eq!((i.registry, &*i.repository), (registry, repository), "{text}");
        assert_eq!((i.pulled().as_str(), &*i.familiar_name()), (pulled, familiar), "{text}");
    }
}

#[test]
fn a_digest_wins_over_the_tag() {
    let text = format!("nginx:latest@sha256:{HEX}");
    let i = image(&text);
    assert_eq!(i.tag, Some("latest"));
    assert!(i.is_pinned() && !i.is_latest());
    assert_eq!(i.pulled(), format!("docker.io/library/nginx@sha256:{HEX}"));
    assert_eq!(i.to_string(), format!("docker.io/library/nginx:latest@sha256:{HEX}"));
    let text = format!("nginx@sha256:{HEX}");
    assert_eq!(image(&text).effective_tag(), None);
    let text = format!("x.y/z@sha512:{HEX}{HEX}");
    assert!(image(&text).is_pinned());
}

#[test]
fn latest_is_the_tag_or_its_absence() {
    assert!(image("nginx").is_latest() && image("nginx:latest").is_latest());
    assert!(!image("nginx:1").is_latest() && !image("nginx:Latest").is_latest());
}

#[test]
fn what_runtimes_refuse_is_refused() {
    let long = "a/".repeat(128) + "b";
    let digest = |d: &str| format!("nginx@{d}");
    for (text, error) in [
        ("", ImageError::Format),
        (" nginx", ImageError::Format),
        ("nginx ", ImageError::Format),
        ("nginx:", ImageError::Format),
        ("nginx@", ImageError::Format),
        (":1", ImageError::Format),
        ("a//b", ImageError::Format),
        ("/a", ImageError::Format),
        ("a/", ImageError::Format),
        ("-a", ImageError::Format),
        ("a___b", ImageError::Format),
        ("a..b", ImageError::Format),
        ("a:b:c", ImageError::Format),
        ("a:-b", ImageError::Format),
        ("https://ghcr.io/a/b", ImageError::Format),
        ("ghcr.io:/a", ImageError::Format),
        ("ghcr.io:x/a", ImageError::Format),
        ("[::1/a", ImageError::Format),
        ("${IMAGE}", ImageError::Uppercase),
        ("${image}", ImageError::Format),
        ("{{ .Values.image }}", ImageError::Uppercase),
        ("Nginx", ImageError::Uppercase),
        ("a/B", ImageError::Uppercase),
        ("ghcr.io/Foo/bar:v1", ImageError::Uppercase),
        ("A__b.c/img", ImageError::Uppercase),
        ("nginx@sha256:abc123...", ImageError::Format),
        (HEX, ImageError::Id),
        (&long, ImageError::TooLong),
        (&digest("sha256:0123456789abcdef0123456789abcdef"), ImageError::DigestLength),
        (&digest(&format!("md5:{}", &HEX[..32])), ImageError::DigestAlgorithm),
        (&format!("nginx:1@sha256:{}", HEX.to_uppercase()), ImageError::DigestFormat),
        (&format!("nginx:{}", "t".repeat(129)), ImageError::Format),
    ] {
        assert_eq!(ImageReference::parse(text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn a_normalised_reference_reads_as_itself(
        host in prop_oneof![Just(""), Just("ghcr.io/"), Just("localhost:5000/"), Just("docker.io/"), Just("[::1]/")],
        path in "[a-z0-9]{1,4}(/[a-z0-9]{1,3}([._]|__|--)[a-z0-9]{1,3}){0,2}",
        tag in "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,5})?",
        pinned in any::<bool>(),
    ) {
        let digest = if pinned { format!("@sha256:{HEX}") } else { String::new() };
        let text = format!("{host}{path}{tag}{digest}");
        let i = ImageReference::parse(&text).unwrap();
        let normal = i.to_string();
        prop_assert_eq!(ImageReference::parse(&normal).unwrap(), i.clone());
        let short = format!("{}{tag}{digest}", i.familiar_name());
        prop_assert_eq!(ImageReference::parse(&short).unwrap(), i.clone());
    }

    #[test]
    fn no_text_panics(s in "[a-cA/:.@_\\[\\]é-]{0,12}") {
        let _ = ImageReference::parse(&s);
    }
}
