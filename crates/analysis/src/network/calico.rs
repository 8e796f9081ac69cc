//! Calico's NetworkPolicy and GlobalNetworkPolicy, and the language of their selectors.
//!
//! The language (`libcalico-go/lib/selector`): `all()`, `has(k)`, `k == 'v'`, `k != 'v'`, `k in {'a','b'}`,
//! `k not in {…}`, `k contains|starts with|ends with 'v'`, joined by `&&` and `||`, with `!` and parentheses. `!=` and
//! `not in` hold where the label is missing; the other comparisons do not.

use super::endpoint::Known;
use super::{Answer, Direction, Policy, Selector, place};
use kastell_model::Object;
use kastell_model::yaml::Value;

/// A parsed selector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expression {
    All,
    Has(String),
    Compare(String, Comparison, Vec<String>),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
}

impl Expression {
    /// Whether the expression holds of these labels.
    pub(super) fn holds<'a>(&self, label: &dyn Fn(&str) -> Known<'a>) -> Answer {
        match self {
            Expression::All => Answer::Yes,
            Expression::Has(key) => match label(key) {
                Known::Is(_) => Answer::Yes,
                Known::Absent => Answer::No,
                Known::Unknown => Answer::Unknown,
            },
            Expression::Compare(key, how, values) => match label(key) {
                Known::Unknown => Answer::Unknown,
                Known::Absent => Answer::of(*how == Comparison::NotIn),
                Known::Is(v) => Answer::of(match how {
                    Comparison::In => values.iter().any(|w| *w == v),
                    Comparison::NotIn => !values.iter().any(|w| *w == v),
                    Comparison::Contains => values.iter().any(|w| v.contains(w.as_str())),
                    Comparison::StartsWith => values.iter().any(|w| v.starts_with(w.as_str())),
                    Comparison::EndsWith => values.iter().any(|w| v.ends_with(w.as_str())),
                }),
            },
            Expression::Not(e) => e.holds(label).not(),
            Expression::And(all) => all.iter().fold(Answer::Yes, |a, e| a.and(e.holds(label))),
            Expression::Or(any) => any.iter().fold(Answer::No, |a, e| a.or(e.holds(label))),
        }
    }
}

/// The policy of one object. Selectors that are left out select everything.
pub(super) fn policy(object: u32, o: &Object) -> Vec<Policy> {
    let spec = o.root().field("spec").unwrap_or(o.root());
    let read = |key: &str| match spec.field(key) {
        None => Some(Expression::All),
        Some(v) => parse(&v.as_str()?),
    };
    let selector = match (read("selector"), read("namespaceSelector"), spec.field("serviceAccountSelector")) {
        (Some(pods), Some(namespaces), None) => Selector::Calico(pods, namespaces),
        _ => Selector::Unclear,
    };
    let types = spec.field("types").filter(|t| t.items().next().is_some());
    let rules = |key: &str| spec.field(key).is_some_and(|r| r.items().next().is_some());
    // Without `types`: egress where there are only egress rules, both where there are both, else ingress.
    let about = |name: &str, by_default: bool| types.map_or(by_default, |t| t.items().any(|v| v.is_str(name)));
    let ingress = about("Ingress", rules("ingress") || !rules("egress"));
    let egress = about("Egress", rules("egress"));
    let direction = |key: &str, isolates| {
        let mut rules = spec.field(key).into_iter().flat_map(Value::items);
        Direction { isolates, open: rules.find(|r| allows_everything(*r)).map(Value::id).filter(|_| isolates) }
    };
    let at = place(spec, "selector");
    vec![Policy { object, at, ingress: direction("ingress", ingress), egress: direction("egress", egress), selector }]
}

fn allows_everything(rule: Value<'_>) -> bool {
    let narrowed = |(key, v): (&str, Value<'_>)| {
        let empty = v.is_null() || (v.is_mapping() && v.entries().next().is_none());
        !matches!(key, "action" | "metadata") && !empty
    };
    rule.field("action").is_some_and(|a| a.is_str("Allow")) && !rule.entries().any(narrowed)
}

/// Deeper parentheses than anybody writes.
const DEPTH: u32 = 32;

/// Parses a selector; `None` for what is not of the language.
pub(super) fn parse(text: &str) -> Option<Expression> {
    let mut p = Parser { rest: text.trim() };
    if p.rest.is_empty() {
        return Some(Expression::All);
    }
    let e = p.or(0)?;
    p.rest.is_empty().then_some(e)
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn or(&mut self, depth: u32) -> Option<Expression> {
        let mut any = vec![self.and(depth)?];
        while self.eat("||") {
            any.push(self.and(depth)?);
        }
        if any.len() == 1 { any.pop() } else { Some(Expression::Or(any)) }
    }

    fn and(&mut self, depth: u32) -> Option<Expression> {
        let mut all = vec![self.unary(depth)?];
        while self.eat("&&") {
            all.push(self.unary(depth)?);
        }
        if all.len() == 1 { all.pop() } else { Some(Expression::And(all)) }
    }

    fn unary(&mut self, depth: u32) -> Option<Expression> {
        if depth > DEPTH {
            return None;
        }
        if self.eat("!") {
            return Some(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.eat("(") {
            let inner = self.or(depth + 1)?;
            return self.eat(")").then_some(inner);
        }
        if self.eat("all()") {
            return Some(Expression::All);
        }
        if self.eat("has(") {
            let key = self.name()?;
            return self.eat(")").then(|| Expression::Has(key.into()));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Expression> {
        let key = self.name()?.to_string();
        let (how, set) = if self.eat("==") {
            (Comparison::In, false)
        } else if self.eat("!=") {
            (Comparison::NotIn, false)
        } else if self.eat("not in") {
            (Comparison::NotIn, true)
        } else if self.eat("in") {
            (Comparison::In, true)
        } else if self.eat("contains") {
            (Comparison::Contains, false)
        } else if self.eat("starts with") {
            (Comparison::StartsWith, false)
        } else if self.eat("ends with") {
            (Comparison::EndsWith, false)
        } else {
            return None;
        };
        let values = if set { self.set()? } else { vec![self.quoted()?.to_string()] };
        Some(Expression::Compare(key, how, values))
    }

    fn set(&mut self) -> Option<Vec<String>> {
        let mut values = Vec::new();
        if !self.eat("{") {
            return None;
        }
        while !self.eat("}") {
            values.push(self.quoted()?.to_string());
            if !self.eat(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
        Some(values)
    }

    fn name(&mut self) -> Option<&'t str> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_./-".contains(c)));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        (!name.is_empty()).then_some(name)
    }

    fn quoted(&mut self) -> Option<&'t str> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (value, rest) = self.rest.get(1..)?.split_once(quote)?;
        self.rest = rest.trim_start();
        Some(value)
    }
}
