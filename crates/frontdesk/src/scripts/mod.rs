//! Programs in prompts run in a process of their own, which is killed when it does not answer: an engine's own limits are not complete.

mod evaluate;
pub(crate) mod worker;

use std::{path::PathBuf, process::Stdio, time::Duration};

use async_trait::async_trait;
use frontdesk_kernel::ports::scripts::{Job, Outcome, ScriptFault, Scripts};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
    time::timeout,
};

/// The hidden command that the process is started with.
pub(crate) const COMMAND: &str = "run-programs";
/// For one program, by the wall; the engine stops itself long before, unless the machine is very busy.
const PATIENCE: Duration = Duration::from_secs(1);

/// Keeps one process, started with the first job.
pub(crate) struct ScriptProcess {
    program: PathBuf,
    running: Mutex<Option<Running>>,
}

struct Running {
    /// Killed when it is dropped.
    _child: Child,
    jobs: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl ScriptProcess {
    /// `program` is this one.
    pub(crate) fn new(program: PathBuf) -> ScriptProcess {
        ScriptProcess { program, running: Mutex::new(None) }
    }

    fn start(&self) -> std::io::Result<Running> {
        let mut command = Command::new(&self.program);
        command.arg(COMMAND).env_clear().current_dir("/").kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(jobs), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("it has no pipes"));
        };
        Ok(Running { _child: child, jobs, answers: BufReader::new(answers).lines() })
    }
}

impl Running {
    async fn ask(&mut self, line: &[u8]) -> std::io::Result<Option<Vec<Outcome>>> {
        self.jobs.write_all(line).await?;
        let Some(answer) = self.answers.next_line().await? else { return Ok(None) };
        Ok(serde_json::from_str(&answer).ok())
    }
}

#[async_trait]
impl Scripts for ScriptProcess {
    async fn run(&self, job: &Job) -> Vec<Outcome> {
        let all = |fault: ScriptFault| vec![Err(fault); job.programs.len()];
        let unavailable = |e: std::io::Error| all(ScriptFault::Unavailable(e.to_string()));
        let Ok(mut line) = serde_json::to_vec(job) else {
            return all(ScriptFault::Unavailable("the job cannot be written".into()));
        };
        line.push(b'\n');
        let mut place = self.running.lock().await;
        let mut running = match place.take() {
            Some(running) => running,
            None => match self.start() {
                Ok(running) => running,
                Err(e) => return unavailable(e),
            },
        };
        let patience = PATIENCE * u32::try_from(job.programs.len()).unwrap_or(u32::MAX).clamp(1, 20);
        // Put back only when it is in order; dropped, it is killed and the next job starts another.
        match timeout(patience, running.ask(&line)).await {
            Ok(Ok(Some(outcomes))) => {
                // After a fault, the next job starts with a clean process.
                if outcomes.iter().all(Result::is_ok) {
                    *place = Some(running);
                }
                outcomes
            }
            Ok(Err(e)) => unavailable(e),
            Ok(Ok(None)) | Err(_) => {
                let problem = "one of the prompt's programs did not end and was stopped".to_owned();
                all(ScriptFault::Wrong { problem, line: None })
            }
        }
    }
}
