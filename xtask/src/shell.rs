//! Other programs: where the workspace is, how they are called, what they cost in time.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, IsTerminal, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// The cargo that runs us, in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs it, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs it quietly and gives its standard output; what it complained about is in the error.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not answer in UTF-8"))
}

/// Runs it like `run` and puts the lines that `keep` chooses into `kept`. On a terminal the program has its colours and its progress bar
/// and no line is kept: the reader has just seen them.
pub(crate) fn run_keeping(command: &mut Command, keep: fn(&str) -> bool, kept: &mut Vec<String>) -> Result<()> {
    if std::io::stderr().is_terminal() {
        return run(command);
    }
    let shown = shown(command);
    eprintln!("$ {shown}");
    run_quietly_named(command, &shown, keep, kept)
}

/// The same under another name, for a command that is called with a secret.
pub(crate) fn run_quietly_named(
    command: &mut Command,
    shown: &str,
    keep: fn(&str) -> bool,
    kept: &mut Vec<String>,
) -> Result<()> {
    let (output, ours) = std::io::pipe()?;
    command.env("CARGO_TERM_COLOR", "never").stdout(ours.try_clone()?).stderr(ours);
    let mut child = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
    command.stdout(Stdio::null()).stderr(Stdio::null()); // closes our ends of the pipe, so that reading can end
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let mut stderr = std::io::stderr().lock();
        stderr.write_all(&line)?;
        stderr.write_all(b"\n")?;
        let text = String::from_utf8_lossy(&line);
        if keep(&text) {
            kept.push(text.trim_end().to_owned());
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Steps done one after the other, each timed; a failure does not keep the next one from telling its own.
#[derive(Default)]
pub(crate) struct Steps(Vec<Step>);

struct Step {
    name: &'static str,
    took: Duration,
    problem: Option<String>,
}

impl Steps {
    pub(crate) fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let (value, problem) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        match &problem {
            None => eprintln!("== {name}: done in {}", seconds(took)),
            Some(problem) => eprintln!("== {name}: FAILED after {}: {problem}", seconds(took)),
        }
        self.0.push(Step { name, took, problem });
        value
    }

    /// The table of what was done.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            let verdict = if step.problem.is_none() { "ok" } else { "FAILED" };
            text.push_str(&format!("  {:<8} {:>9}  {verdict}\n", step.name, seconds(step.took)));
        }
        let total: Duration = self.0.iter().map(|step| step.took).sum();
        text.push_str(&format!("  {:<8} {:>9}", "total", seconds(total)));
        text
    }

    pub(crate) fn failed(&self) -> Vec<&'static str> {
        self.0.iter().filter(|step| step.problem.is_some()).map(|step| step.name).collect()
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words: Vec<_> = std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_told_and_the_next_one_still_runs() {
        let mut steps = Steps::default();
        assert_eq!(steps.run::<()>("broken", || bail!("no")), None);
        assert_eq!(steps.run("whole", || Ok(7)), Some(7));
        assert_eq!(steps.failed(), ["broken"]);
        let table = steps.table();
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.lines().next().unwrap().ends_with("FAILED"), "{table}");
    }

    #[test]
    fn chosen_lines_are_kept_from_both_outputs_also_when_the_program_fails() {
        if std::io::stderr().is_terminal() {
            return;
        }
        let mut kept = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'keep one'; echo other; echo '  keep two' >&2; exit 1"]);
        assert!(run_keeping(&mut command, |line| line.contains("keep"), &mut kept).is_err());
        assert_eq!(kept, ["keep one", "  keep two"]);
    }

    #[test]
    fn an_error_names_the_command_and_what_it_said() {
        let error = read(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c") && error.contains("why") && error.contains('3'), "{error}");
        assert_eq!(read(Command::new("echo").arg("hola")).unwrap(), "hola\n");
        assert!(run(&mut Command::new("false")).is_err());
    }
}
