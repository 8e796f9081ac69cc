use super::*;
use kastell_model::yaml::Span;

#[test]
fn names_of_credentials_are_told_from_names_about_credentials() {
    for name in [
        "DB_PASSWORD",
        "password",
        "PGPASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "adminPassword",
        "AWS_SECRET_ACCESS_KEY",
        "API_KEY",
        "apiKey",
        "STRIPE_API_KEY_2",
        "OAUTH_CLIENT_SECRET",
        "SECRET_KEY_BASE",
        "GITHUB_TOKEN",
        "AZURE_BATCH_KEY",
        "OCI_CLI_KEY_CONTENT",
        "secretkey",
        "client-key-data",
        "--requirepass",
    ] {
        assert!(is_sensitive_name(name), "{name}");
    }
    for name in [
        "password_validation.py",
        "TOKEN_EXPIRATION",
        "DB_PASSWORD_FILE",
        "SECRET_NAME",
        "TLS_SECRET_NAME",
        "PASSWORD_POLICY",
        "MAX_TOKENS",
        "ENABLE_PASSWORD",
        "STRIPE_PUBLIC_KEY",
        "key",
        "KEYSPACE",
        "AWS_ACCESS_KEY_ID",
        "tokenizer",
        "COMPASS_URL",
        "proxy_pass",
        "monkey",
        "pass",
        "",
    ] {
        assert!(!is_sensitive_name(name), "{name}");
    }
}

#[test]
fn values_that_are_no_credentials_are_left_alone() {
    for value in [
        "",
        " ",
        "true",
        "yes",
        "null",
        "3600",
        "30s",
        "${DB_PASSWORD}",
        "$(DB_PASSWORD)",
        "{{ .Values.password }}",
        "$PASSWORD",
        "<password>",
        "/run/secrets/password",
        "DB_PASSWORD",
        "https://issuer.example/token",
        "vault:secret/data/db#password",
    ] {
        assert_eq!(looks_secret("API_TOKEN", value), None, "{value}");
    }
    assert_eq!(looks_secret("TLS_SECRET", "webhook-certs"), None);
    assert_eq!(looks_secret("OAUTH_CLIENT_SECRET", "shop-oauth-secret"), None);
    assert_eq!(looks_secret("COOKIE_SECRET", "SECRET"), None);
    assert_eq!(looks_secret("GREETING", "hello"), None);
}

#[test]
fn what_was_typed_and_what_was_made_are_told_apart() {
    let certainty = |name: &str, value: &str| looks_secret(name, value).map(|c| c.certainty);
    assert_eq!(certainty("DB_PASSWORD", "hunter2"), Some(Certainty::Typed));
    assert_eq!(certainty("DB_PASSWORD", "123456"), Some(Certainty::Typed));
    assert_eq!(certainty("DB_PASSWORD", "xxxxx"), Some(Certainty::Example));
    assert_eq!(certainty("API_KEY", "your-api-key"), Some(Certainty::Example));
    assert_eq!(certainty("API_KEY", "9fQ2xT7bLw0ZkR4vNc8M"), Some(Certainty::Random));
}

#[test]
fn assignments_inside_a_text_are_found_and_prose_is_not() {
    let found =
        |text: &str| credentials_in("config", text).into_iter().map(|c| text[c.span].to_string()).collect::<Vec<_>>();
    assert_eq!(found("REDIS_PASSWORD=abcd1234"), ["abcd1234"]);
    assert_eq!(found("DB_PASSWORD:supersecret"), ["supersecret"]);
    assert_eq!(found("db:\n  password: 'hunter2'\n  user: a\n"), ["hunter2"]);
    assert_eq!(found("{\"user\":\"a\",\"password\":\"hunter2\"}"), ["hunter2"]);
    assert_eq!(found("export TOKEN_TTL=30\npassword = hunter2 # old\n"), ["hunter2"]);
    for clean in [
        "REDIS_PASSWORD=",
        "REDIS_PASSWORD=${REDIS_PASSWORD}",
        "REDIS_PASSWORD=\"$(< \"${REDIS_PASSWORD_FILE}\")\"",
        "REDIS_PASSWORD={{ .Values.redis.password }}",
        "password: the password of the first user",
        "password = get_password()",
        "type: object\ntoken: string\n",
        "secret: my-secret",
        "passwordSecret:\n  name: db\n",
    ] {
        assert_eq!(found(clean), Vec::<String>::new(), "{clean}");
    }
    assert_eq!(credentials_in("check.py", "password = 'hunter2'"), []);
}

/// The text of the only object with every sensitive span taken out.
fn shown(text: &str) -> String {
    let cluster = kastell_testkit::cluster(text);
    let mut out = text.to_string();
    let spans = sensitive_spans(&cluster.objects()[0]);
    for Span { start, end } in spans.into_iter().rev() {
        out.replace_range(start as usize..end as usize, "");
    }
    out
}

#[test]
fn no_canary_of_a_secret_is_shown() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations:\n    \
                kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"a\":\"CANARY\"}}'\n\
                data:\n  a: CANARY\n  # b: CANARY\n  \"c\": \"CANARY\\n\"\nstringData:\n  d: |\n    CANARY\n    CANARY\n  e: >-\n    CANARY\n\
                  f: &x CANARY\n";
    let text = text.replace("\nf:", "\n  f:");
    assert!(!shown(&text).contains("CANARY"), "{}", shown(&text));
    let json = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"k":"CANARY"}}"#;
    assert!(!shown(json).contains("CANARY"));
}

#[test]
fn no_canary_of_a_workload_or_config_map_is_shown() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    \
               kubectl.kubernetes.io/last-applied-configuration: '{\"value\":\"CANARY\"}'\nspec:\n  containers:\n  - name: a\n    image: a\n    \
               args: [\"--password=CANARY\", --token, CANARY, \"-c\", \"export API_KEY=CANARY\\nrun\"]\n    env:\n    \
               - name: DB_PASSWORD\n      value: CANARY\n    - {value: \"postgres://u:CANARY@db\", name: URL}\n    # password: CANARY\n    \
               - name: LAST\n      value: shown\n";
    assert!(!shown(pod).contains("CANARY"), "{}", shown(pod));
    assert!(shown(pod).contains("value: shown") && shown(pod).contains("DB_PASSWORD"));
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  app.conf: |\n    host: db\n    password: CANARY\n  \
               other: \"x\\ttoken=CANARY\"\n  admin-password: >\n    CANARY\n    CANARY\n";
    assert!(!shown(map).contains("CANARY"), "{}", shown(map));
    assert!(shown(map).contains("host: db"), "only the credential is hidden");
}

#[test]
fn a_kubeconfig_and_a_secret_inside_another_object_are_hidden() {
    let nested = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  kubeconfig: |\n    users:\n    - user:\n        \
                  client-key-data: CANARY\n        token: CANARY\n";
    assert!(!shown(nested).contains("CANARY"), "{}", shown(nested));
    let template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: a}\nobjects:\n- apiVersion: v1\n  kind: Secret\n  \
                    metadata: {name: b}\n  stringData: {x: CANARY}\n";
    assert!(!shown(template).contains("CANARY"), "{}", shown(template));
}

#[test]
fn a_line_of_no_object_is_masked() {
    assert_eq!(mask_line("  password: hunter2 # x"), format!("  password: {MASK}"));
    assert_eq!(mask_line("TOKEN=abc"), format!("TOKEN={MASK}"));
    assert_eq!(mask_line("url: redis://u:hunter2@cache/0"), format!("url: redis://u:{MASK}@cache/0"));
    assert_eq!(mask_line("image: nginx:1"), "image: nginx:1");
    assert_eq!(mask_line("token_ttl: 5"), "token_ttl: 5");
}
