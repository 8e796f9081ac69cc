//! The command line.

use crate::config::ConfigArgs;
use crate::exceptions::ExceptionsArgs;
use crate::fleet::FleetArgs;
use crate::formats::FormatEntry;
use crate::init::InitArgs;
use crate::snapshot::SnapshotArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use kastell_engine::ExceptionPolicy;
use kastell_model::{Confidence, Date, Severity};

/// Hardens Kubernetes clusters in depth and keeps them hard.
#[derive(Debug, Parser)]
#[command(name = "kastell", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads manifests and says what is wrong with them, where and why
    Scan(Box<ScanArgs>),
    /// Explains a control, or every answer about one object
    Explain(ExplainArgs),
    /// Lists the exceptions, or adds one
    Exceptions(Box<ExceptionsArgs>),
    /// Writes a configuration to start from
    Init(Box<InitArgs>),
    /// Keeps a running cluster in a file, as a scan would read it
    Snapshot(SnapshotArgs),
    /// Shows many clusters side by side
    Fleet(FleetArgs),
    /// Compares two reports, snapshots or trees: new, fixed, changed, and questions answered differently
    Diff(Box<crate::diff::DiffArgs>),
    /// Lists the controls
    Controls(ControlsArgs),
    /// Writes the completions of a shell to standard output
    Completions(CompletionsArgs),
    /// Writes the manual page, or one page a command into a folder
    Man(ManArgs),
}

const EXIT_CODES: &str = "\
Exit codes:
  0  clean
  1  findings at or above --fail-on
  2  wrong call
  3  something was not read
  4  defect of kastell

Examples:
  kastell scan deploy/                                     a folder
  kustomize build overlays/prod | kastell scan -           what a renderer writes
  git diff --name-only main | kastell scan --files-from -  what a branch touches
  kastell scan deploy/ --format sarif -o kastell.sarif     for code hosts
  kastell scan deploy/ --format terminal,html=report.html  a page beside it
  kastell scan deploy/ --pod-security restricted:v1.34     the Pod Security Standards alone
  kastell scan deploy/ --ring network --fail-on medium     one ring, and stricter
  kastell scan deploy/ --framework guides                  the guides, with verdicts
  kastell scan deploy/ --baseline main.json                only what is new since a report
  kastell scan --cluster                                   the cluster of the current context
  kastell scan --cluster --context 'prod-*'                several clusters
  kastell scan --snapshot prod.snapshot                    a cluster in a file
  kastell scan --cluster -n shop --plan                    what would be asked of it";

/// What to read: the same for every verb that analyses.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputArgs {
    /// Files and directories; `-` is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Reads the names of more files from FILE, one a line (`-`: standard input)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) files_from: Option<String>,
    /// What standard input is called in the report
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub(crate) stdin_filename: Option<String>,
    /// The running cluster to read instead of files
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// Reads a cluster from what `kastell snapshot` wrote (`-`: standard input)
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(crate) snapshot: Vec<String>,
    /// The Kubernetes version that the questions are about [default: the server's, else the newest known]
    #[arg(long, value_name = "VERSION", help_heading = "Questions")]
    pub(crate) kubernetes_version: Option<String>,
}

/// Which running clusters to read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LiveArgs {
    /// Reads the cluster of the current context, or the one that kastell runs in
    #[arg(long, help_heading = "Cluster")]
    pub(crate) cluster: bool,
    /// Reads the clusters of these contexts; `*` stands for any text
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) context: Vec<String>,
    /// The kubeconfig to use [default: $KUBECONFIG, else ~/.kube/config]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(crate) kubeconfig: Option<std::path::PathBuf>,
    /// Reads only these namespaces, and what stands in none
    #[arg(long, short, value_name = "NAME", value_delimiter = ',', help_heading = "Cluster")]
    pub(crate) namespace: Vec<String>,
    /// Prints the requests that would be sent, and sends none
    #[arg(long, help_heading = "Cluster")]
    pub(crate) plan: bool,
    /// The most requests in any second
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Cluster")]
    pub(crate) requests_per_second: u32,
}

impl LiveArgs {
    /// Whether a running cluster is meant.
    pub(crate) fn is_asked(&self) -> bool {
        self.cluster || !self.context.is_empty()
    }
}

impl InputArgs {
    /// The same; where nothing is named at all, the working directory.
    pub(crate) fn or_here(&self) -> InputArgs {
        let mut input = self.clone();
        let is_named = !input.paths.is_empty() || input.files_from.is_some() || !input.snapshot.is_empty();
        if !is_named && !input.live.is_asked() {
            input.paths.push(".".into());
        }
        input
    }
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Prints the configuration in force, with where each value comes from, and does nothing else
    #[arg(long, help_heading = "Configuration")]
    pub(crate) show_config: bool,
    /// Runs only these controls; `kastell controls` lists them
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Questions")]
    pub(crate) control: Vec<String>,
    /// Leaves these controls out
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Questions")]
    pub(crate) skip: Vec<String>,
    /// Runs only the controls of these rings: control-plane, nodes, identity, network, workloads, secrets, supply-chain,
    /// runtime, operations
    #[arg(long, value_name = "RING", value_delimiter = ',', help_heading = "Questions")]
    pub(crate) ring: Vec<String>,
    /// Holds every pod against this level of the Pod Security Standards, whatever its namespace says, and asks nothing else
    #[arg(long, value_name = "LEVEL[:VERSION]", conflicts_with_all = ["control", "skip", "ring"], help_heading = "Questions")]
    pub(crate) pod_security: Option<String>,
    /// Runs only controls of this release or older ones, so that an upgrade fails no build
    #[arg(long, value_name = "VERSION", help_heading = "Questions")]
    pub(crate) as_of: Option<String>,
    /// The least severity that fails the run
    #[arg(long, value_name = "SEVERITY", default_value = "high", help_heading = "Verdict")]
    pub(crate) fail_on: FailOn,
    /// The least confidence that a finding needs to fail the run or to be shown
    #[arg(long, value_name = "CONFIDENCE", default_value = "medium", help_heading = "Verdict")]
    pub(crate) min_confidence: MinConfidence,
    /// Which exceptions count [default: all for files, config for a cluster]
    #[arg(long, value_name = "WHICH", help_heading = "Verdict")]
    pub(crate) exceptions: Option<WhichExceptions>,
    /// Shows and fails on only what is new since FILE, a report that `scan --format json` wrote
    #[arg(long, value_name = "FILE", conflicts_with = "add_ignore", help_heading = "Verdict")]
    pub(crate) baseline: Option<std::path::PathBuf>,
    /// Ends with 0 although something was not read; the report says it all the same
    #[arg(long, help_heading = "Verdict")]
    pub(crate) allow_incomplete: bool,
    /// Ends with 0 where nothing that was given is a Kubernetes object: for hooks that are handed whatever changed
    #[arg(long, help_heading = "Verdict")]
    pub(crate) allow_empty: bool,
    /// The day that expiries are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Verdict")]
    pub(crate) now: Option<Date>,
    /// The forms of the report: terminal, json (docs/generated/report.schema.json), sarif (2.1.0, for code hosts), markdown
    /// (a comment for a pull request), junit (for CI servers), html (a page). Several at once: all but one need a FILE
    #[arg(
        long,
        value_name = "FORMAT[=FILE]",
        default_value = "terminal",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    pub(crate) format: Vec<FormatEntry>,
    /// Writes the report that has no FILE of its own to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// Where the working directory can be seen, for links in markdown and html, such as
    /// https://github.com/OWNER/REPOSITORY/blob/COMMIT; without it links are relative
    #[arg(long, value_name = "URL", value_parser = web_address, help_heading = "Output")]
    pub(crate) source_url: Option<String>,
    /// Shows every finding, whatever its severity and however many lines it takes
    #[arg(long, short, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Says how long the parts took and how many hits were folded
    #[arg(long, help_heading = "Output")]
    pub(crate) statistics: bool,
    /// Prints the items of a framework with the verdicts of their controls instead of the terminal's findings: guides, cis-1.12, nsa,
    /// pss, attack, or another tool's name
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(crate) framework: Option<String>,
    /// Writes an exception as a comment above every finding that fails the run
    #[arg(long, requires = "reason", help_heading = "Adoption")]
    pub(crate) add_ignore: bool,
    /// Why the findings are accepted
    #[arg(long, value_name = "TEXT", requires = "add_ignore", help_heading = "Adoption")]
    pub(crate) reason: Option<String>,
    /// The last day on which the exceptions count
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, requires = "add_ignore", help_heading = "Adoption")]
    pub(crate) until: Option<Date>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kastell explain privileged-container\n  kastell explain deploy/ Deployment/cart\n  kastell explain deploy/shop.yaml Deployment/shop/cart\n  kastell explain --cluster Deployment/shop/cart"
)]
pub(crate) struct ExplainArgs {
    /// A control's id; or a file or directory, and then the object; with --cluster the object
    #[arg(value_name = "CONTROL|PATH")]
    pub(crate) what: String,
    /// The object, as Kind/name or Kind/namespace/name
    #[arg(value_name = "KIND/NAME")]
    pub(crate) object: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The running cluster that the object is in
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    /// The Kubernetes version that the questions are about [default: the server's, else the newest known]
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kastell controls --ring network\n  kastell controls --format json\n  kastell explain privileged-container"
)]
pub(crate) struct ControlsArgs {
    /// Only the controls of this ring
    #[arg(long, value_name = "RING")]
    pub(crate) ring: Option<String>,
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  kastell man | man -l -\n  kastell man /usr/local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The folder; it has to exist [default: the main page to standard output]
    #[arg(value_name = "DIR")]
    pub(crate) directory: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Terminal,
    /// For programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum When {
    /// On terminals, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
    /// No finding fails the run
    None,
}

impl FailOn {
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Info => Some(Severity::Info),
            FailOn::None => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum MinConfidence {
    High,
    Medium,
    Low,
}

impl MinConfidence {
    pub(crate) fn confidence(self) -> Confidence {
        match self {
            MinConfidence::High => Confidence::High,
            MinConfidence::Medium => Confidence::Medium,
            MinConfidence::Low => Confidence::Low,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum WhichExceptions {
    /// Those in the manifests and those of the configuration
    All,
    /// Only those of the configuration, which a pull request does not bring along
    Config,
    /// None
    None,
}

impl WhichExceptions {
    pub(crate) fn policy(self) -> ExceptionPolicy {
        match self {
            WhichExceptions::All => ExceptionPolicy::All,
            WhichExceptions::Config => ExceptionPolicy::Config,
            WhichExceptions::None => ExceptionPolicy::None,
        }
    }
}

/// A day of a command line.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a day as YYYY-MM-DD".to_string())
}

fn web_address(text: &str) -> Result<String, String> {
    let is_web = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    let is_plain = text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>`\\{}|^#?()".contains(c));
    // A page that is handed on must not carry the password of the one who made it.
    let has_userinfo = text.split('/').nth(2).is_some_and(|authority| authority.contains('@'));
    if is_web && is_plain && !has_userinfo {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("write an address that starts with https://, without user, query and fragment".to_owned())
    }
}
