//! CODEOWNERS: which team a file of a repository belongs to.
//!
//! Semantics: GitHub's "About code owners": gitignore patterns without `!` and `[…]`, the last pattern that matches
//! counts, `docs/*` does not go into folders, a pattern without owners takes its files out again.

use crate::matching::wild;

/// The rules of one file, and where paths of a report stand in its repository.
#[derive(Clone, Debug, Default)]
pub struct Codeowners {
    rules: Vec<Rule>,
    /// The folder that relative paths start in, as names below the repository's root.
    base: Vec<String>,
    /// The repository's root, for absolute paths.
    root: String,
}

#[derive(Clone, Debug)]
struct Rule {
    parts: Vec<Part>,
    /// Whether it means a folder's content only.
    directory: bool,
    /// Whether what lies below a folder that it matches is meant too.
    below: bool,
    owner: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// `**`: any number of folders.
    Folders,
    /// One name.
    Name(Vec<Symbol>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Symbol {
    Star,
    Any,
    Exactly(char),
}

impl Codeowners {
    /// Reads a CODEOWNERS file. `root` is the repository's folder, `base` the folder below it (with `/`; empty for the
    /// root itself) that relative paths of a report start in. Lines that say nothing are passed over, as GitHub does.
    pub fn parse(text: &str, root: &str, base: &str) -> Codeowners {
        Codeowners {
            rules: text.lines().filter_map(Rule::parse).collect(),
            base: base.split('/').filter(|p| !p.is_empty() && *p != ".").map(String::from).collect(),
            root: root.trim_end_matches('/').to_string(),
        }
    }

    /// The first owner of the last pattern that matches the path; `None` where it names none, or the path is outside of
    /// the repository.
    pub fn owner(&self, path: &str) -> Option<&str> {
        let inside = match path.strip_prefix('/') {
            Some(_) => path.strip_prefix(self.root.as_str()).filter(|rest| rest.starts_with('/'))?,
            None => path,
        };
        let from = if path.starts_with('/') { &[][..] } else { &self.base[..] };
        let mut names: Vec<&str> = from.iter().map(String::as_str).collect();
        for name in inside.split('/').filter(|n| !n.is_empty() && *n != ".") {
            if name == ".." {
                names.pop()?;
            } else {
                names.push(name);
            }
        }
        self.rules.iter().rev().find(|r| r.matches(&names))?.owner.as_deref()
    }
}

impl Rule {
    fn parse(line: &str) -> Option<Rule> {
        let line = line.trim();
        // `[Section]` and `^[Section]` are GitLab's headers.
        if line.is_empty() || line.starts_with(['#', '[']) || line.starts_with("^[") {
            return None;
        }
        let (pattern, rest) = split_pattern(line);
        let owner = rest.split_whitespace().take_while(|w| !w.starts_with('#')).next().map(String::from);
        let directory = pattern.last() == Some(&Symbol::Exactly('/'));
        let mut text: &[Symbol] = &pattern;
        while let Some((Symbol::Exactly('/'), rest)) = text.split_last() {
            text = rest;
        }
        let anchored = text.contains(&Symbol::Exactly('/'));
        while let Some((Symbol::Exactly('/'), rest)) = text.split_first() {
            text = rest;
        }
        let mut parts: Vec<Part> = if anchored { Vec::new() } else { vec![Part::Folders] };
        for name in text.split(|s| *s == Symbol::Exactly('/')) {
            parts.push(match name {
                [Symbol::Star, Symbol::Star] => Part::Folders,
                other => Part::Name(other.to_vec()),
            });
        }
        let last_is_star = parts.last() == Some(&Part::Name(vec![Symbol::Star]));
        Some(Rule { below: !(anchored && last_is_star) || directory, parts, directory, owner })
    }

    fn matches(&self, path: &[&str]) -> bool {
        let is = |names: &[&str]| wild(&self.parts, names, |p| *p == Part::Folders, |p, n| p.is(n));
        if !self.directory && is(path) {
            return true;
        }
        self.below && (1..path.len()).any(|n| is(path.get(..n).unwrap_or_default()))
    }
}

impl Part {
    fn is(&self, name: &str) -> bool {
        match self {
            Part::Folders => true,
            Part::Name(symbols) => {
                let chars: Vec<char> = name.chars().collect();
                wild(
                    symbols,
                    &chars,
                    |s| *s == Symbol::Star,
                    |s, c| match s {
                        Symbol::Any => true,
                        Symbol::Exactly(e) => e == c,
                        Symbol::Star => false,
                    },
                )
            }
        }
    }
}

/// The pattern up to the first blank that no backslash protects, and the rest of the line.
fn split_pattern(line: &str) -> (Vec<Symbol>, &str) {
    let mut pattern = Vec::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => pattern.extend(chars.next().map(|(_, c)| Symbol::Exactly(c))),
            '*' => pattern.push(Symbol::Star),
            '?' => pattern.push(Symbol::Any),
            c if c.is_whitespace() => return (pattern, line.get(at..).unwrap_or("")),
            c => pattern.push(Symbol::Exactly(c)),
        }
    }
    (pattern, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the one pattern means.
    fn means(pattern: &str, path: &str) -> bool {
        Codeowners::parse(&format!("{pattern} @team"), "/repo", "").owner(path).is_some()
    }

    #[test]
    fn patterns_mean_what_github_says_they_mean() {
        for (pattern, path, expected) in [
            ("*", "a/b/c.yaml", true),
            ("*.yaml", "a/b/c.yaml", true),
            ("*.yaml", "a/b/c.yml", false),
            ("cart.yaml", "deploy/cart.yaml", true),
            ("/cart.yaml", "deploy/cart.yaml", false),
            ("/cart.yaml", "cart.yaml", true),
            ("/build/logs/", "build/logs/a.txt", true),
            ("/build/logs/", "build/logs", false),
            ("/build/logs/", "x/build/logs/a.txt", false),
            ("docs/*", "docs/a.md", true),
            ("docs/*", "docs/sub/a.md", false),
            ("docs/*", "x/docs/a.md", false),
            ("apps/", "apps/a", true),
            ("apps/", "x/apps/b/a", true),
            ("apps/", "apps", false),
            ("/docs/", "docs/sub/a.md", true),
            ("/apps/github", "apps/github/x/y", true),
            ("/apps/github", "apps/github", true),
            ("/apps/github", "apps/github2", false),
            ("**/logs", "build/logs/a", true),
            ("**/logs", "logs", true),
            ("**/logs", "x/y/logs/z", true),
            ("deploy/**/prod", "deploy/a/b/prod/x.yaml", true),
            ("deploy/**/prod", "deploy/prod/x.yaml", true),
            ("deploy/**", "deploy/a/b", true),
            ("deploy/c?rt.yaml", "deploy/cart.yaml", true),
            ("deploy/c?rt.yaml", "deploy/crt.yaml", false),
            ("my\\ file.yaml", "my file.yaml", true),
            ("\\#odd", "#odd", true),
            ("Cart.yaml", "cart.yaml", false),
            ("/*", "a.yaml", true),
            ("/*", "a/b.yaml", false),
        ] {
            assert_eq!(means(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_match_counts_and_a_pattern_without_owners_takes_out() {
        let text = "# teams\n\n* @org/all  # everyone\n/deploy/ @org/shop someone@example.com\n/deploy/legacy/\n\
                    [Section]\n/deploy/legacy/kept.yaml @org/kept\n";
        let owners = Codeowners::parse(text, "/repo", "");
        for (path, owner) in [
            ("README.md", Some("@org/all")),
            ("deploy/cart.yaml", Some("@org/shop")),
            ("deploy/legacy/old.yaml", None),
            ("deploy/legacy/kept.yaml", Some("@org/kept")),
        ] {
            assert_eq!(owners.owner(path), owner, "{path}");
        }
    }

    #[test]
    fn paths_are_looked_up_from_the_repositorys_root() {
        let owners = Codeowners::parse("/deploy/cart.yaml @cart\n", "/repo", "deploy/sub");
        for (path, owner) in [
            ("../cart.yaml", Some("@cart")),
            ("cart.yaml", None),
            ("/repo/deploy/cart.yaml", Some("@cart")),
            ("/repository/deploy/cart.yaml", None),
            ("/elsewhere/deploy/cart.yaml", None),
            ("../../../deploy/cart.yaml", None),
            ("./.././cart.yaml", Some("@cart")),
        ] {
            assert_eq!(owners.owner(path), owner, "{path}");
        }
    }

    #[test]
    fn no_line_does_harm() {
        for line in ["", "/", "//", "**", "***", "\\", "a\\", "@team", "* ", "#", "/ @x", "** @x", "a//b @x", "[", "^["]
        {
            let owners = Codeowners::parse(line, "", "");
            for path in ["", "/", "a", "a/b", "a//b", ".."] {
                let _ = owners.owner(path);
            }
        }
    }
}
