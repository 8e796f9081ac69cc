//! Kubernetes versions: reading them, ordering them, and when each minor was released and ends.
//!
//! Dates: kubernetes/sig-release schedules and endoflife.date, as of [`DATA_AS_OF`]. No clock here: a caller compares with
//! its own date. What a managed provider supports longer is not here, nor are Pod Security versions.

use std::fmt;
use std::str::FromStr;

/// The date of the tables of this module.
pub const DATA_AS_OF: &str = "2026-11-21";

/// A Kubernetes version. Ordered; a missing patch sorts before patch 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KubernetesVersion {
    /// Always 1 so far.
    pub major: u16,
    /// The minor version.
    pub minor: u16,
    /// The patch, where known.
    pub patch: Option<u16>,
}

/// A text that is no Kubernetes version.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a Kubernetes version: write it as 1.34, v1.34.2 or latest")]
pub struct VersionError(pub String);

impl KubernetesVersion {
    /// The newest minor that the tables know.
    pub const NEWEST: KubernetesVersion = KubernetesVersion::minor(37);
    /// The oldest minor that the tables know.
    pub const OLDEST: KubernetesVersion = KubernetesVersion::minor(19);

    /// `1.minor`, without a patch.
    pub const fn minor(minor: u16) -> KubernetesVersion {
        KubernetesVersion { major: 1, minor, patch: None }
    }

    /// Whether this is `1.minor` or newer, whatever the patch.
    pub fn at_least(self, minor: u16) -> bool {
        (self.major, self.minor) >= (1, minor)
    }

    /// The release dates of this minor; `None` where it is older or newer than the tables.
    pub fn release(self) -> Option<&'static Release> {
        RELEASES.iter().find(|r| self.major == 1 && r.minor == self.minor)
    }
}

impl FromStr for KubernetesVersion {
    type Err = VersionError;

    /// `[v]MAJOR.MINOR[+][.PATCH][-anything|+anything]`, or `latest`.
    fn from_str(text: &str) -> Result<KubernetesVersion, VersionError> {
        if text == "latest" {
            return Ok(KubernetesVersion::NEWEST);
        }
        read(text).ok_or_else(|| VersionError(text.to_owned()))
    }
}

fn read(text: &str) -> Option<KubernetesVersion> {
    let (major, rest) = number(text.strip_prefix('v').unwrap_or(text))?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let (patch, rest) = match rest.strip_prefix('.') {
        Some(rest) => number(rest).map(|(patch, rest)| (Some(patch), rest))?,
        None => (None, rest),
    };
    (rest.is_empty() || rest.starts_with(['-', '+'])).then_some(KubernetesVersion { major, minor, patch })
}

fn number(s: &str) -> Option<(u16, &str)> {
    let n = s.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = s.split_at_checked(n)?;
    Some((digits.parse().ok()?, rest))
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

/// The life of a minor version. Dates are `YYYY-MM-DD`, so that they compare as text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Release {
    /// The minor of `1.minor`.
    pub minor: u16,
    /// The day of `1.minor.0`.
    pub released: &'static str,
    /// The last day with upstream's patches.
    pub end_of_life: &'static str,
    /// Whether the end is upstream's announced date; else it is an estimate from the usual 14 months.
    pub announced: bool,
}

impl Release {
    /// Whether upstream no longer patches this minor on `date` (`YYYY-MM-DD`).
    pub fn ended(&self, date: &str) -> bool {
        date > self.end_of_life
    }
}

const fn release(minor: u16, released: &'static str, end_of_life: &'static str) -> Release {
    Release { minor, released, end_of_life, announced: true }
}

/// Every minor that the tables know, oldest first.
pub static RELEASES: &[Release] = &[
    release(19, "2020-08-26", "2021-10-28"),
    release(20, "2020-12-08", "2022-02-28"),
    release(21, "2021-04-08", "2022-06-28"),
    release(22, "2021-08-04", "2022-10-28"),
    release(23, "2021-12-07", "2023-02-28"),
    release(24, "2022-05-03", "2023-07-28"),
    release(25, "2022-08-23", "2023-10-27"),
    release(26, "2022-12-08", "2024-02-28"),
    release(27, "2023-04-11", "2024-06-28"),
    release(28, "2023-08-15", "2024-10-28"),
    release(29, "2023-12-13", "2025-02-28"),
    release(30, "2024-04-17", "2025-07-15"),
    release(31, "2024-08-13", "2025-11-11"),
    release(32, "2024-12-11", "2026-02-28"),
    release(33, "2025-04-23", "2026-06-28"),
    release(34, "2025-08-27", "2026-10-27"),
    release(35, "2025-12-17", "2027-02-28"),
    release(36, "2026-04-22", "2027-06-28"),
    Release { minor: 37, released: "2026-08-26", end_of_life: "2027-10-28", announced: false },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn v(s: &str) -> KubernetesVersion {
        s.parse().unwrap()
    }

    #[test]
    fn versions_are_read_as_people_and_servers_write_them() {
        for (text, shown) in [
            ("1.34", "1.34"),
            ("v1.34", "1.34"),
            ("1.34.2", "1.34.2"),
            ("v1.34.1-eks-3025e55", "1.34.1"),
            ("v1.33.5-gke.1162000", "1.33.5"),
            ("v1.32.3+k3s1", "1.32.3"),
            ("1.27+", "1.27"),
            ("v1.38.0-alpha.2", "1.38.0"),
            ("latest", "1.37"),
        ] {
            assert_eq!(v(text).to_string(), shown, "{text}");
        }
        for bad in ["", "v", "1", "1.", "1.x", "v1.34.", "1.34.x", "1.34 ", "34", "1.99999", "Latest", "1.34.2.1"] {
            assert!(bad.parse::<KubernetesVersion>().is_err(), "{bad}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(
            v("1.9") < v("1.10") && v("1.34") < v("1.34.0") && v("1.34.9") < v("1.34.10") && v("1.34.10") < v("1.35")
        );
        assert!(v("1.34.1").at_least(34) && !v("1.34.1").at_least(35) && v("2.0").at_least(37));
    }

    #[test]
    fn the_table_covers_every_minor_in_order() {
        let (first, last) = (RELEASES.first().unwrap(), RELEASES.last().unwrap());
        assert_eq!((first.minor, last.minor), (KubernetesVersion::OLDEST.minor, KubernetesVersion::NEWEST.minor));
        for pair in RELEASES.windows(2) {
            assert_eq!(pair[0].minor + 1, pair[1].minor);
            assert!(pair[0].released < pair[1].released && pair[0].end_of_life < pair[1].end_of_life);
            assert!(pair[0].released < pair[0].end_of_life);
        }
    }

    #[test]
    fn a_minor_ends_after_its_last_day() {
        let r = v("1.34.5").release().unwrap();
        assert!(!r.ended("2026-10-27") && r.ended("2026-10-28"));
        assert_eq!(v("1.18").release(), None);
        assert_eq!(v("2.34").release(), None);
    }
}
