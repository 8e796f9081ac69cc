//! Levels, versions and their texts (`k8s.io/pod-security-admission/api/helpers.go`).

use std::fmt;
use std::str::FromStr;

/// A level of the standard, from the loosest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Everything is allowed.
    Privileged,
    /// Known ways to the node are forbidden.
    Baseline,
    /// The hardening that most applications can have.
    Restricted,
}

/// A text that is no level or version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ParseError {
    /// Not one of the three levels.
    Level,
    /// Neither `latest` nor `v1.N`.
    Version,
}

impl fmt::Display for ParseError {
    /// Upstream's words, as the API server says them of a label.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseError::Level => "must be one of privileged, baseline, restricted",
            ParseError::Version => r#"must be "latest" or "v1.x""#,
        })
    }
}

impl std::error::Error for ParseError {}

impl Level {
    /// The name, as labels have it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Level, ParseError> {
        match s {
            "privileged" => Ok(Level::Privileged),
            "baseline" => Ok(Level::Baseline),
            "restricted" => Ok(Level::Restricted),
            _ => Err(ParseError::Level),
        }
    }
}

/// The version of the standard that a namespace asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    /// `v1.N`.
    V(u32),
    /// The newest that the API server knows; newer than every numbered one.
    Latest,
}

impl Version {
    /// The newest version with a revision of its own.
    pub const NEWEST_KNOWN: u32 = 37;

    /// The minor version whose revisions hold.
    pub fn minor(self) -> u32 {
        match self {
            Version::V(minor) => minor.min(Version::NEWEST_KNOWN),
            Version::Latest => Version::NEWEST_KNOWN,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Version::V(minor) => write!(f, "v1.{minor}"),
            Version::Latest => f.write_str("latest"),
        }
    }
}

impl FromStr for Version {
    type Err = ParseError;

    /// `latest` or `v1.N`, N without leading zeros.
    fn from_str(s: &str) -> Result<Version, ParseError> {
        if s == "latest" {
            return Ok(Version::Latest);
        }
        let minor = s.strip_prefix("v1.").ok_or(ParseError::Version)?;
        let digits = !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit());
        if !digits || (minor.len() > 1 && minor.starts_with('0')) {
            return Err(ParseError::Version);
        }
        minor.parse().map(Version::V).map_err(|_| ParseError::Version)
    }
}

/// A level at a version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LevelVersion {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl fmt::Display for LevelVersion {
    /// `restricted:v1.34`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

impl FromStr for LevelVersion {
    type Err = String;

    /// `restricted:v1.34`, `baseline:latest`, or a level alone, which means `latest`.
    ///
    /// The error is a sentence for the user of a command line, without a final stop.
    fn from_str(s: &str) -> Result<LevelVersion, String> {
        let (level, version) = s.split_once(':').unwrap_or((s, "latest"));
        let wrong = |part: &str, why: ParseError| {
            format!("`{part}` in `{s}` {why}; write for example `restricted:v1.34` or `baseline:latest`")
        };
        Ok(LevelVersion {
            level: level.parse().map_err(|e| wrong(level, e))?,
            version: version.parse().map_err(|e| wrong(version, e))?,
        })
    }
}
