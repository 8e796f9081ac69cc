use crate::Framework::{Attack, Kubescape};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity, yaml::Value};

control! {
    /// A command line that needs sudo keeps a way to root in the image: sudo itself, its set-user-ID bit and a rule
    /// that asks for no password. Whoever gets into the container uses the same rule.
    ///
    /// Severity: low, because root in the container is not yet a way out of it.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     command:
    ///     - /usr/bin/sudo #~
    ///     - /app/server
    ///   - name: shell
    ///     image: registry.example/shell:1
    ///     command: [sh, -c]
    ///     args:
    ///     - "mkdir -p /data; sudo chown app /data" #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     command: [/app/server]
    ///     args: [--pseudo-random, --name=sudoku]
    /// ```
    ///
    /// ## Fix
    /// Do what needs root when the image is built, or in a volume's `fsGroup`, and run the program as its own user.
    pub(crate) static CONTROL: Control = Control::new(
        "sudo-in-command",
        "Container starts a program through sudo",
        Ring::Workloads,
        Severity::Low,
        Check::Container(check),
    )
    .maps(&[(Attack, "T1548.003"), (Kubescape, "C-0062")]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let mut clean = true;
    for key in ["command", "args"] {
        for item in cx.container.value.field(key).into_iter().flat_map(Value::items) {
            if item.scalar_text().is_some_and(|text| runs_sudo(&text)) {
                out.fail(item, "sudo is run");
                clean = false;
            }
        }
    }
    if clean {
        out.pass();
    }
}

/// Whether a word of `text` is the program sudo, by its name or path.
fn runs_sudo(text: &str) -> bool {
    let ends_word = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '`' | '"' | '\'');
    text.split(ends_word).any(|word| word == "sudo" || word.ends_with("/sudo"))
}
