//! `kastell man`: manual pages from the definition of the command line.

use crate::args::{Cli, ManArgs};
use crate::{Exit, output};
use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

pub(crate) fn run(args: &ManArgs) -> Result<Exit> {
    let mut command = Cli::command();
    // Names of pages are those of commands with their parents: `kastell-scan`.
    command.build();
    match &args.directory {
        Some(directory) => {
            let context = || format!("the manual pages could not be written into `{}`", directory.display());
            clap_mangen::generate_to(command, directory).with_context(context)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::print(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Exit::Clean)
}
