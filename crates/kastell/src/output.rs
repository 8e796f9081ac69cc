//! Where output goes, and how it looks there.

use crate::Exit;
use crate::args::{Cli, CompletionsArgs, When};
use anstream::{AutoStream, ColorChoice};
use anyhow::{Context as _, Result, bail};
use clap::CommandFactory as _;
use kastell_controls::credentials::mask_sentence;
use kastell_report::Style;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::Path;

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

/// Where a report goes: a file, or standard output.
pub(crate) struct Sink {
    out: BufWriter<Box<dyn Write>>,
}

impl Sink {
    pub(crate) fn new(file: Option<&Path>) -> Result<Sink> {
        let out: Box<dyn Write> = match file {
            Some(path) => {
                let file = std::fs::File::create(path);
                Box::new(file.with_context(|| format!("`{}` could not be written", path.display()))?)
            }
            None => Box::new(std::io::stdout().lock()),
        };
        Ok(Sink { out: BufWriter::with_capacity(1 << 16, out) })
    }

    pub(crate) fn write_text(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        self.out.flush()
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

/// Writes a whole file: beside it, then renamed, so that a reader sees the old text or the new one. Links are never
/// followed.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<()> {
    let permissions = match std::fs::symlink_metadata(path) {
        Ok(meta) if !meta.is_file() => bail!("it is no regular file"),
        Ok(meta) => Some(meta.permissions()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".kastell-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = (|| {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    Ok(written?)
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
