//! What a person at the terminal reads. The only place that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the program's terminal")]

use std::{io::IsTerminal, process::ExitCode};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line of the answer.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Something to know that is not the answer.
pub(crate) fn warn(line: &str) {
    eprintln!("warning: {line}");
}

/// The one line of a failure.
pub(crate) fn fail(line: &str, code: ExitCode) -> ExitCode {
    eprintln!("error: {}", line.lines().collect::<Vec<_>>().join(" "));
    code
}

pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Progress on stderr, where a person watches; nothing where none does. `total` = 0: unknown.
pub(crate) fn progress(what: &'static str, total: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target((total > 0).then_some(total), target);
    let style = if total > 0 { "{msg} {bar:30} {pos}/{len} ({eta})" } else { "{msg} {spinner} {pos} ({elapsed})" };
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar
}
