//! No output shows a secret, nor its base64, nor a hash of it: canaries are planted wherever credentials are kept, and
//! everything that any verb says is searched for them.

use crate::common::{Run, folder, kastell, kastell_with};
use kastell_model::yaml;
use std::fmt::Write as _;
use std::path::Path;

/// Where credentials stand: a name, and a manifest in which `{C}` is the canary and `{B}` its base64.
const PLANTED: &[(&str, &str)] = &[
    ("secret-data", "apiVersion: v1\nkind: Secret\nmetadata: {name: s1, namespace: shop}\ndata:\n  value: {B}\n"),
    (
        "secret-string",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s2, namespace: shop}\nstringData:\n  color: {C}\n",
    ),
    (
        "secret-block",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s3, namespace: shop}\nstringData:\n  config.ini: |\n    [main]\n    {C}\n    more {C}\n",
    ),
    (
        "secret-flow",
        "{apiVersion: v1, kind: Secret, metadata: {name: s4, namespace: shop}, stringData: {a: {C}, b: \"x{C}\"}}\n",
    ),
    (
        "secret-folded",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s5, namespace: shop}\nstringData:\n  a: \"first\n    {C}\n    last\"\n",
    ),
    (
        "secret-json",
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s6","namespace":"shop"},"data":{"a":"{B}"},"stringData":{"b":"{C}"}}"#,
    ),
    (
        "secret-in-list",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s7, namespace: shop}\n  data: {a: {B}}\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s8}\n  stringData:\n    b: {C}\n",
    ),
    (
        "secret-anchor",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s9, namespace: shop}\nstringData:\n  a: &value {C}\n  b: *value\n",
    ),
    (
        "secret-comment",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s10, namespace: shop}\nstringData: # before: {C}\n  a: x # was: {C}\n  # old: {C}\n  b: y\n",
    ),
    (
        "secret-last-applied",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s11\n  namespace: shop\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s11\"},\"stringData\":{\"a\":\"{C}\"},\"data\":{\"b\":\"{B}\"}}\ndata: {a: YQ==}\n",
    ),
    (
        "docker-config",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s12, namespace: shop}\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '{\"auths\":{\"r\":{\"username\":\"u\",\"password\":\"{C}\",\"auth\":\"{B}\"}}}'\n",
    ),
    (
        "long-lived-token",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s13\n  namespace: shop\n  annotations: {kubernetes.io/service-account.name: default}\ntype: kubernetes.io/service-account-token\ndata: {token: {B}, ca.crt: {B}}\n",
    ),
    (
        "configmap-value",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c1, namespace: shop}\ndata:\n  db_password: {C}\n  API_KEY: \"{C}\"\n",
    ),
    (
        "configmap-file",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c2, namespace: shop}\ndata:\n  app.properties: |\n    color=blue\n    db.password={C}\n    spring.datasource.password = {C}\n",
    ),
    (
        "configmap-url",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c3, namespace: shop}\ndata:\n  database: postgres://app:{C}@db.shop:5432/shop\n",
    ),
    (
        "kubeconfig",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c4, namespace: shop}\ndata:\n  config: |\n    apiVersion: v1\n    kind: Config\n    clusters:\n    - name: a\n      cluster: {server: 'https://1.2.3.4', insecure-skip-tls-verify: true}\n    users:\n    - name: admin\n      user:\n        token: {C}\n        password: {C}\n        client-key-data: {B}\n",
    ),
    (
        "private-key",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c5, namespace: shop}\ndata:\n  tls.pem: |\n    -----BEGIN RSA PRIVATE KEY-----\n    MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW3WLyL8QTgT1bUuPqZx\n    {C}x4UbaDzY5xjW6hc9jwN0mX33XpTDVW3WLy{C}\n    {C}\n    -----END RSA PRIVATE KEY-----\n",
    ),
    (
        "nested-manifest",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c6, namespace: shop}\ndata:\n  manifest.yaml: |\n    apiVersion: v1\n    kind: Secret\n    stringData:\n      password: {C}\n",
    ),
    (
        "environment",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p1, namespace: shop}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    env:\n    - name: DB_PASSWORD\n      value: {C}\n    - {name: API_TOKEN, value: \"{C}\"}\n",
    ),
    (
        "environment-url",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p2, namespace: shop}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    env:\n    - name: DATABASE\n      value: \"mysql://root:{C}@db/shop?x=1\"\n",
    ),
    (
        "arguments",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p3, namespace: shop}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    args: [--user=app, --password={C}, --token, {C}]\n  - name: b\n    image: nginx\n    command:\n    - sh\n    - -c\n    - sudo PGPASSWORD={C} psql\n    args:\n    - --api-key={C}\n    - --secret-key\n    - \"{C}\"\n",
    ),
    (
        "image-url",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p4, namespace: shop}\nspec:\n  containers:\n  - name: a\n    image: https://deploy:{C}@registry.example/app:latest\n",
    ),
    (
        "annotation-url",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p5\n  namespace: shop\n  annotations:\n    webhook: https://hook:{C}@example.com/x\nspec: {containers: [{name: a, image: nginx}]}\n",
    ),
    (
        "pod-last-applied",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p6\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"{C}\"}]}]}}'\nspec: {containers: [{name: a, image: nginx, env: [{name: DB_PASSWORD, value: {C}}]}]}\n",
    ),
    (
        "comments",
        "apiVersion: v1\nkind: Pod # password: {C}\nmetadata: {name: p7, namespace: shop}\n# db-password={C}\nspec: # https://u:{C}@h/\n  hostPID: true # token: {C}\n  containers:\n  - name: a # secret: \"{C}\"\n    image: nginx:latest # api_key: {C}\n",
    ),
    (
        "json-pod",
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p8","annotations":{"a":"https://u:{C}@h/"}},"spec":{"hostPID":true,"containers":[{"name":"a","image":"nginx","args":["--password={C}"],"env":[{"name":"DB_PASSWORD","value":"{C}"}]}]}}"#,
    ),
    (
        "header",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p9, namespace: shop}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    livenessProbe:\n      httpGet: {path: /, port: 80, httpHeaders: [{name: Authorization, value: Bearer {C}}]}\n",
    ),
    (
        "ingress-snippet",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: i1\n  namespace: shop\n  annotations:\n    nginx.ingress.kubernetes.io/configuration-snippet: |\n      proxy_set_header Authorization \"Bearer {C}\";\n      set $password \"{C}\";\nspec: {rules: [{host: '*'}]}\n",
    ),
    (
        "kustomization",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n- name: x\n  literals: [password={C}]\n",
    ),
    ("values", "image: nginx\npassword: {C}\n"),
    ("broken-tab", "apiVersion: v1\nkind: Secret\nmetadata: {name: b1}\nstringData:\n\tpassword: {C}\n"),
    ("broken-tab-before", "apiVersion: v1\nkind: Secret\nstringData:\n  password:\n  - a\n \t{C}\n"),
    ("broken-quote", "apiVersion: v1\nkind: Secret\nmetadata: {name: b2}\nstringData:\n  password: \"{C}\n"),
    ("broken-quote-after", "apiVersion: v1\nkind: Secret\nmetadata: {name: b3}\nstringData:\n  value: \"a\" {C}\n"),
    ("broken-alias", "apiVersion: v1\nkind: Secret\nmetadata: {name: b4}\nstringData:\n  password: *{C}\n"),
    ("broken-anchor", "apiVersion: v1\nkind: Secret\nmetadata: {name: b4}\nstringData:\n  password: &{C} [*{C}]\n"),
    ("broken-tag", "apiVersion: v1\nkind: Secret\nmetadata: {name: b5}\nstringData:\n  password: !!int {C}\n"),
    ("odd-tag", "apiVersion: v1\nkind: Secret\nmetadata: {name: b6}\nstringData:\n  password: !{C} x\n"),
    ("broken-handle", "apiVersion: v1\nkind: Secret\nmetadata: {name: b6}\nstringData:\n  password: !{C}!x y\n"),
    ("broken-directive", "%{C} {C}\n---\nkind: Secret\n"),
    ("broken-percent", "apiVersion: v1\nkind: Secret\nstringData:\n  password: %{C}\n  value: @{C}\n"),
    ("broken-escape", "apiVersion: v1\nkind: Secret\nstringData:\n  password: \"\\q{C}\"\n"),
    ("broken-mapping", "apiVersion: v1\nkind: Secret\nstringData:\n  password: {C}: {C}: x\n"),
    ("broken-flow", "{apiVersion: v1, kind: Secret, stringData: {value: {C}]}\n"),
    ("broken-json", r#"{"apiVersion":"v1","kind":"Secret","stringData":{"password":"{C}"#),
    ("broken-json-word", r#"{"apiVersion":"v1","kind":"Secret","stringData":{"password":{C}}}x{C}"#),
    (
        "json-duplicate",
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b7"},"stringData":{"a":"{C}","a":"{C}"}}"#,
    ),
    (
        "separator",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: b8}\nstringData:\n  a: b\n--- password={C}\nkind: Secret\n...\npassword: {C}\n",
    ),
    (
        "template",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\nstringData:\n  password: {{ .Values.p | default \"{C}\" }}\n",
    ),
    (
        "wrong-type",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p10}\nspec:\n  hostPID: maybe\n  containers:\n  - {name: a, image: nginx, env: [{name: PASSWORD, value: [{C}]}]}\n",
    ),
    ("secret-wrong-type", "apiVersion: v1\nkind: Secret\nmetadata: {name: s14}\ndata: {C}\nstringData: [{C}]\n"),
];

/// A canary of its own for each place; its beginning and its end are its own too.
fn canary(n: usize) -> String {
    format!("Kz{n:02}vQ8rTn4Wx{n:02}Lm")
}

fn planted() -> Vec<(String, String)> {
    let fill = |n: usize, text: &str| text.replace("{C}", &canary(n)).replace("{B}", &base64(canary(n).as_bytes()));
    let path = |name: &str, text: &str| {
        let json = text.starts_with("{\"");
        match name {
            "kustomization" => "overlay/kustomization.yaml".to_string(),
            _ => format!("{name}.{}", if json { "json" } else { "yaml" }),
        }
    };
    (0..).zip(PLANTED).map(|(n, (name, text))| (path(name, text), fill(n, text))).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(n >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// FIPS 180-4.
fn sha256(message: &[u8]) -> String {
    let primes: Vec<u32> = (2..312_u32).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the fraction's first 32 bits")]
    let fraction = |root: f64| (root.fract() * 4_294_967_296.0) as u32;
    let k: Vec<u32> = primes.iter().map(|p| fraction(f64::from(*p).cbrt())).collect();
    let mut h: Vec<u32> = primes.iter().take(8).map(|p| fraction(f64::from(*p).sqrt())).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|c| u32::from_be_bytes(c.try_into().unwrap())).collect();
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut v = h.clone();
        for i in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let ch = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(s1).wrapping_add(ch).wrapping_add(k[i]).wrapping_add(w[i]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let t2 = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = vec![t1.wrapping_add(t2), v[0], v[1], v[2], v[3].wrapping_add(t1), v[4], v[5], v[6]];
        }
        h.iter_mut().zip(v).for_each(|(h, v)| *h = h.wrapping_add(v));
    }
    h.iter().fold(String::new(), |mut s, h| {
        let _ = write!(s, "{h:08x}");
        s
    })
}

#[test]
fn the_search_itself_finds_what_it_looks_for() {
    assert_eq!(sha256(b"abc")[..16], *"ba7816bf8f01cfea");
    assert_eq!(base64(b"light work."), "bGlnaHQgd29yay4=");
    assert_eq!(leaks("t", &format!("a {} b", canary(3))).len(), 1);
    assert_eq!(leaks("t", &sha256(canary(0).as_bytes())[..20]).len(), 1);
    assert!(leaks("t", "Kz vQ8rTn4Wx Lm").is_empty());
}

/// Where `text` shows a part of a canary, its base64 or a hash of it.
fn leaks(of: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (n, (place, _)) in (0..).zip(PLANTED) {
        let c = canary(n);
        let encoded = base64(c.as_bytes());
        let needles = [
            c[..8].to_string(),
            c[7..].to_string(),
            encoded[..12].to_string(),
            encoded[8..20].to_string(),
            sha256(c.as_bytes())[..12].to_string(),
            sha256(encoded.as_bytes())[..12].to_string(),
        ];
        let hit = |line: &&str| needles.iter().any(|needle| line.contains(needle));
        found.extend(text.lines().filter(hit).map(|l| {
            let at = needles.iter().filter_map(|needle| l.find(needle)).min().unwrap();
            format!(
                "{of}: {place}: …{}…",
                l.chars().skip(l[..at].chars().count().saturating_sub(60)).take(120).collect::<String>()
            )
        }));
    }
    found
}

fn plant() -> tempfile::TempDir {
    let files = planted();
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    folder(&files)
}

#[track_caller]
fn clean(runs: &[(String, String)]) {
    let found: Vec<String> = runs.iter().flat_map(|(of, text)| leaks(of, text)).collect();
    assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
}

fn said(args: &[&str], run: &Run) -> (String, String) {
    assert_ne!(run.code, 4, "{args:?} {run:#?}");
    assert!(!run.all().is_empty());
    (args.join(" "), run.all())
}

const EVERYTHING: [&str; 5] = ["--verbose", "--min-confidence", "low", "--fail-on", "info"];

#[test]
fn no_report_shows_a_secret() {
    let dir = plant();
    let mut runs = Vec::new();
    let more: [&[&str]; 11] = [
        &[],
        &["--statistics"],
        &["--format", "json"],
        &["--format", "sarif"],
        &["--format", "markdown"],
        &["--format", "junit"],
        &["--format", "html"],
        &["--framework", "guides"],
        &["--ring", "secrets"],
        &["--pod-security", "restricted"],
        &["--exceptions", "none", "--color", "always"],
    ];
    for more in more {
        for everything in [&EVERYTHING[..], &[]] {
            let args = [&["scan", "."], more, everything].concat();
            runs.push(said(&args, &kastell(dir.path(), &args)));
        }
    }
    // The places where the canaries stand were looked at, and their lines were shown without them.
    let verbose = &runs[0].1;
    assert!(verbose.contains("••••"), "{verbose}");
    for place in [
        "configmap-value.yaml:5",
        "environment.yaml:11",
        "arguments.yaml:8",
        "secret-string.yaml:",
        "broken-quote.yaml:5",
    ] {
        assert!(verbose.contains(place), "nothing is said about {place}:\n{verbose}");
    }
    clean(&runs);
}

/// The planted objects as a snapshot that keeps too much: values of Secrets too, which the live source never asks for.
fn snapshot_of_planted() -> String {
    let mut text = String::from(concat!(
        r#"{"kastell_snapshot":1,"clusters":[{"unit":"prod","server":"https://203.0.113.7","requests":1,"#,
        r#""read_at":"2026-11-24T10:00:00Z","kinds":[],"coverage":{"rest":null,"kinds":[]},"objects":{}}]}"#,
        "\n{\"kastell_unit\":\"prod\"}\n"
    ));
    for (_, manifest) in planted() {
        for tree in yaml::read(manifest.as_str().into()).documents.iter().filter_map(|d| d.tree.as_ref()) {
            let root = tree.root();
            let _ = writeln!(text, "{}", yaml::json::to_json(root));
            for item in root.get("items").into_iter().flat_map(yaml::Value::items) {
                let _ = writeln!(text, "{}", yaml::json::to_json(item));
            }
        }
    }
    // A broken line that holds one, and no end.
    let _ = writeln!(text, "{{\"kind\":\"Secret\",\"data\":\"{}", canary(0));
    text
}

#[test]
fn no_report_of_a_snapshot_shows_a_secret() {
    let dir = folder(&[("prod.snapshot", &snapshot_of_planted())]);
    let mut runs = Vec::new();
    for format in ["terminal", "json", "sarif"] {
        let args = ["scan", "prod.snapshot", "--format", format, "--verbose"];
        let run = kastell(dir.path(), &args);
        run.expect(1, "literal-credential");
        runs.push(said(&args, &run));
    }
    for format in ["terminal", "json", "markdown"] {
        let args = ["fleet", "report", "prod.snapshot", "--format", format];
        runs.push(said(&args, &kastell(dir.path(), &args)));
    }
    clean(&runs);
}

#[test]
fn no_single_file_shows_a_secret_alone_or_from_standard_input() {
    let dir = plant();
    let files = planted();
    let read_alone = |(path, text): &(String, String)| {
        let args = [&["scan", path.as_str()], &EVERYTHING[..]].concat();
        let mut runs = vec![said(&args, &kastell(dir.path(), &args))];
        // Line ends of Windows, and a byte order mark.
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let args = [&["scan", "-"], &EVERYTHING[..]].concat();
        let (_, text) = said(&args, &kastell_with(dir.path(), &args, Some(&windows)));
        runs.push((format!("{path} on standard input"), text));
        runs
    };
    let runs: Vec<_> = std::thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(files.len().div_ceil(4))
            .map(|part| scope.spawn(|| part.iter().flat_map(read_alone).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|p| p.join().unwrap()).collect()
    });
    assert_eq!(runs.len(), 2 * PLANTED.len());
    clean(&runs);
}

#[test]
fn no_explanation_of_an_object_shows_a_secret() {
    let dir = plant();
    let mut runs = Vec::new();
    let mut explained = 0;
    for (path, text) in planted() {
        for (kind, first, last) in [("Secret", 's', 14), ("ConfigMap", 'c', 6), ("Pod", 'p', 10), ("Ingress", 'i', 1)] {
            for n in 1..=last {
                let name = format!("{first}{n}");
                let is_there =
                    text.contains(&format!("name: {name}")) || text.contains(&format!("\"name\":\"{name}\""));
                if !is_there || !text.contains(kind) {
                    continue;
                }
                let args = ["explain", path.as_str(), &format!("{kind}/{name}")];
                let run = kastell(dir.path(), &args);
                explained += usize::from(run.code == 0);
                runs.push(said(&args, &run));
            }
        }
        let args = ["explain", path.as_str(), "Pod/nobody"];
        runs.push(said(&args, &kastell(dir.path(), &args)));
    }
    assert!(explained >= 25, "{explained}");
    clean(&runs);
}

fn files_below(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, out) } else { out.push(path) }
    }
}

#[test]
fn no_written_file_gets_a_secret() {
    let dir = plant();
    let mut runs = Vec::new();
    for format in ["terminal", "json", "sarif", "markdown", "junit", "html"] {
        let out = dir.path().join("report.txt");
        let args = [&["scan", ".", "--format", format, "--output", "report.txt"], &EVERYTHING[..]].concat();
        runs.push(said(&args, &Run { stdout: "-".into(), ..kastell(dir.path(), &args) }));
        runs.push((format!("file of {format}"), std::fs::read_to_string(&out).unwrap()));
        std::fs::remove_file(out).unwrap();
    }
    let args = [&["scan", ".", "--add-ignore", "--reason", "old code"], &EVERYTHING[1..]].concat();
    runs.push(said(&args, &kastell(dir.path(), &args)));
    let (mut files, mut added) = (Vec::new(), String::new());
    files_below(dir.path(), &mut files);
    assert_eq!(files.len(), PLANTED.len(), "nothing is left beside the files: {files:?}");
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines().filter(|l| l.trim_start().starts_with("# kastell: ")) {
            added += &format!("{line}\n");
        }
    }
    assert!(added.lines().count() > 20, "{added}");
    runs.push(("comments".into(), added));
    // What was adopted is shown as adopted.
    let args = [&["scan", ".", "--format", "json"], &EVERYTHING[..]].concat();
    runs.push(said(&args, &kastell(dir.path(), &args)));
    clean(&runs);
}

#[test]
fn no_wrong_call_repeats_a_secret() {
    let dir = plant();
    let mut runs = Vec::new();
    let url = format!("https://user:{}@example.com/x.yaml", canary(0));
    let calls: [&[&str]; 9] = [
        &["scan", &url],
        &["scan", ".", "--files-from", &url],
        &["explain", &url, "Pod/a"],
        &["explain", &url],
        &["scan", ".", "--output", &url],
        &["scan", ".", "--format", &url],
        &["scan", ".", "--format", &format!("json={url}")],
        &["scan", ".", "--source-url", &url],
        &["scan", "-", "--stdin-filename", &url],
    ];
    for args in calls {
        let run = kastell_with(dir.path(), args, Some("\tx: y\n"));
        runs.push(("wrong call".to_string(), run.all()));
    }
    clean(&runs);
}
