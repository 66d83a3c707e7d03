//! `coverage287 manual DIR`: man pages and shell completions, made from the arguments themselves.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Error;
use crate::fs;
use crate::text::say;

/// Writes a man page for the program and each command, and completions for four shells.
pub fn manual(dir: &Path) -> Result<String, Error> {
    let mut command = Cli::command();
    command.build();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut page = |name: &str, command: &clap::Command| {
        let mut bytes = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut bytes).map_err(Error::Stdout)?;
        files.push((format!("man/man1/{name}.1"), bytes));
        Ok::<_, Error>(())
    };
    page("coverage287", &command)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("coverage287-{}", sub.get_name());
        page(&name, &sub.clone().name(name.clone()).display_name(&name))?;
    }
    for (shell, path) in [
        (Shell::Bash, "bash-completion/completions/coverage287"),
        (Shell::Zsh, "zsh/site-functions/_coverage287"),
        (Shell::Fish, "fish/vendor_completions.d/coverage287.fish"),
        (Shell::PowerShell, "powershell/coverage287.ps1"),
    ] {
        let mut bytes = Vec::new();
        clap_complete::generate(shell, &mut command, "coverage287", &mut bytes);
        files.push((path.to_owned(), bytes));
    }
    let mut text = String::new();
    for (name, bytes) in &files {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), fs::make_dir)?;
        fs::write(&path, bytes)?;
        say(&mut text, format_args!("{}", path.display()));
    }
    Ok(text)
}
