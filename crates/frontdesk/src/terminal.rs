//! What a person at the terminal reads. The only place that prints.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line of the answer.
pub(crate) fn say(line: &str) {
    // Whoever reads may have enough (`| head`): that is no failure.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Something to know and to do, beside the answer.
pub(crate) fn note(line: &str) {
    // Nobody may be there to read it; the work goes on.
    let _ = writeln!(std::io::stderr(), "\n  {line}\n");
}

/// How far long work has come.
pub(crate) fn reached(line: &str) {
    // Nobody may be there to read it; the work goes on.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Something to know that is not the answer.
pub(crate) fn warn(line: &str) {
    // Nobody may be there to read it; the work goes on.
    let _ = writeln!(std::io::stderr(), "warning: {line}");
}

/// The one line of a failure.
pub(crate) fn fail(line: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {}", line.lines().collect::<Vec<_>>().join(" "));
    code
}

/// Asks a person yes or no; anything but yes is no.
pub(crate) fn confirm(question: &str) -> bool {
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Asks for a line, on the same line.
pub(crate) fn prompt(mark: &str) {
    let mut out = std::io::stdout();
    // A terminal that cannot be written to shows nothing anyway.
    let _ = write!(out, "{mark}").and_then(|()| out.flush());
}

/// A text from outside as lines that cannot steer the terminal.
pub(crate) fn lines_of(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// `…` that moves while somebody is waited for; nothing where nobody watches.
pub(crate) fn waiting() -> ProgressBar {
    let bar = progress("…", 0);
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
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
