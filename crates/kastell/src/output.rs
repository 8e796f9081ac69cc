//! Where output goes, and how it looks there.

use crate::Exit;
use crate::args::{Cli, CompletionsArgs, When};
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use kastell_controls::credentials::mask_sentence;
use kastell_report::Style;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// How text looks on standard output; in a file it is plain and wide.
pub(crate) fn style(when: When, to_file: bool, verbose: bool) -> Style {
    let stdout = std::io::stdout();
    let is_terminal = stdout.is_terminal() && !to_file;
    let color = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => !to_file && AutoStream::choice(&stdout) != ColorChoice::Never,
    };
    let size = if is_terminal { terminal_size::terminal_size() } else { None };
    let width = size.map_or(120, |(w, _)| usize::from(w.0)).clamp(60, 160);
    Style { color, width, height: (!verbose).then_some(60), unicode: true }
}

/// How text looks on standard error.
pub(crate) fn style_of_stderr() -> Style {
    let color = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    Style { color, width: 120, height: None, unicode: true }
}

/// Where a report goes: a file, or standard output. A file is there whole or not at all.
pub(crate) struct Sink {
    out: BufWriter<Box<dyn Write>>,
    draft: Option<Draft>,
}

impl Sink {
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn new(file: Option<&Path>) -> Result<Sink> {
        let (out, draft): (Box<dyn Write>, _) = match file {
            Some(path) => open(path).with_context(|| format!("`{}` could not be written", path.display()))?,
            None => (Box::new(std::io::stdout().lock()), None),
        };
        Ok(Sink { out: BufWriter::with_capacity(1 << 16, out), draft })
    }

    pub(crate) fn write_text(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Puts what was written into its place.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        self.out.flush()?;
        self.draft.take().map_or(Ok(()), |draft| draft.publish())
    }
}

/// Opens a file for writing. Devices and pipes are written to as they are; a link keeps leading to its file.
fn open(path: &Path) -> std::io::Result<(Box<dyn Write>, Option<Draft>)> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let there = std::fs::metadata(&target).ok();
    if let Some(there) = &there {
        // A folder is no place for a report, and a file that may not be written stays as it is.
        let file = std::fs::OpenOptions::new().write(true).open(&target)?;
        if !there.is_file() {
            return Ok((Box::new(file), None));
        }
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = target.with_file_name(name);
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&draft) {
        Ok(file) => {
            if let Some(there) = there {
                file.set_permissions(there.permissions())?;
            }
            Ok((Box::new(file), Some(Draft { draft, target })))
        }
        // The folder takes no new file, but the one that is there can be written.
        Err(_) if there.is_some() => Ok((Box::new(std::fs::File::create(&target)?), None)),
        Err(error) => Err(error),
    }
}

/// A file that is written beside the one that it becomes. Dropped before that, it goes away.
struct Draft {
    draft: PathBuf,
    target: PathBuf,
}

impl Draft {
    fn publish(self) -> std::io::Result<()> {
        // A file that is a mount of its own (as in containers) cannot be replaced, only filled.
        std::fs::rename(&self.draft, &self.target).or_else(|_| std::fs::copy(&self.draft, &self.target).map(|_| ()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = std::fs::remove_file(&self.draft);
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Writes a whole file, so that a reader sees the old text or the new one.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<()> {
    let mut sink = Sink::new(Some(path))?;
    sink.write_text(text)?;
    Ok(sink.finish()?)
}

/// Writes text to standard output.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut sink = Sink::new(None)?;
    sink.write_text(text)?;
    Ok(sink.finish()?)
}

/// Says what is wrong with the call, on standard error.
pub(crate) fn complain(message: &str) {
    let mut err = anstream::stderr().lock();
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(err, "\x1b[1;31merror\x1b[0m: {}", mask_sentence(message));
}

/// Says something on standard error that is no error.
pub(crate) fn note(message: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{}", mask_sentence(message));
}

/// Prints help, or what clap has to say about a call. Values of a wrong call may be secrets.
pub(crate) fn print_clap(error: &clap::Error) {
    let plain = error.render().to_string();
    let masked = mask_sentence(&plain);
    // A closed pipe is no reason to complain about help that nobody reads.
    if masked == plain {
        let _ = error.print();
    } else {
        let _ = write!(anstream::stderr().lock(), "{masked}");
    }
}

/// Whether the reader of our output went away.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// `kastell completions SHELL`.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kastell", &mut out);
    print(&String::from_utf8_lossy(&out))?;
    Ok(Exit::Clean)
}
