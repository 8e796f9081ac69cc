//! Names as an attacker writes them, in every place of a report that an input fills.

use crate::fixture::report;
use kastell_model::{ObjectKey, Owner, Source, Str};
use kastell_report::Report;
use std::sync::Arc;

/// What must stay text, whatever the format.
pub(crate) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "]]><!-- -->",
    "--><b>",
    "&lt;&amp;&#x3c;b&#x3e;",
    "a|b|c",
    "`a`",
    "``` \n```\n# heading",
    "a``b`",
    "\\`x\\|\\",
    "\\",
    "@everyone and #1 and GH-2",
    "[x](https://evil.example) ![i](https://evil.example/i.png)",
    "https://evil.example/www.evil.example",
    "<https://evil.example>",
    "\u{202e}txt.exe\u{2066}",
    "\u{1b}]0;title\u{7}\u{0}\r\n\tx",
    "\u{fffe}\u{ffff}\u{feff}\u{2028}",
    "</details></summary><details open>",
    "</textarea></title></script>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
];

/// The report of the fixture with this name wherever an input can put one.
pub(crate) fn hostile(name: &str) -> Report {
    let mut r = report();
    let text: Str = name.into();
    let key = |k: &mut ObjectKey| {
        (k.unit, k.name) = (text.clone(), text.clone());
        k.namespace = Some(text.clone());
        k.kind.kind = text.clone();
    };
    for f in r.findings.iter_mut().chain(r.excepted.iter_mut().map(|e| &mut e.finding)) {
        key(&mut f.subject.key);
        f.examples.iter_mut().for_each(key);
        f.part = Some(text.clone());
        f.message = format!("it says {name} and `{name}`").into();
        f.owner = Owner::Team(text.clone());
        f.class_evidence = Some(text.clone());
        f.related.iter_mut().for_each(|(_, why)| *why = text.clone());
    }
    for e in &mut r.excepted {
        e.reason = text.clone();
        e.until = Some(text.clone());
    }
    for g in &mut r.gaps {
        g.detail = text.clone();
        g.path = Some(text.clone());
        g.subject.iter_mut().for_each(key);
    }
    for d in &mut r.diagnostics {
        (d.message, d.path, d.help) = (text.clone(), Some(text.clone()), Some(text.clone()));
        for l in &mut d.labels {
            l.message = text.clone();
            l.source = Arc::new(Source::new(name, Arc::clone(&l.source.text)));
        }
    }
    r.head.inputs = vec![text.clone()];
    r.head.units = 2;
    r
}
