//! The process that runs programs: reads jobs, one a line, and writes what they came to, one a line. It has no environment, opens no file
//! and starts no process; whoever started it kills it when an answer does not come.

use std::{
    io::{BufRead, Write},
    process::ExitCode,
};

use frontdesk_kernel::ports::scripts::Job;
use rustix::process::{Resource, Rlimit, setrlimit};

use super::evaluate;

pub(crate) fn run() -> ExitCode {
    for resource in [Resource::Nofile, Resource::Nproc, Resource::Fsize, Resource::Core] {
        if setrlimit(resource, Rlimit { current: Some(0), maximum: Some(0) }).is_err() {
            return ExitCode::FAILURE;
        }
    }
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let Ok(job) = serde_json::from_str::<Job>(&line) else { return ExitCode::FAILURE };
        let Ok(mut answer) = serde_json::to_vec(&evaluate::all(&job)) else { return ExitCode::FAILURE };
        answer.push(b'\n');
        if out.write_all(&answer).and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}
