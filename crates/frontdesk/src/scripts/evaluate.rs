//! One program in an engine of its own, within bounds of time, memory and stack. Nothing of the host can be reached: there are no modules,
//! no files, no network, no timers.

use std::time::Duration;

use frontdesk_kernel::ports::scripts::{Job, Outcome, ScriptFault};
use rquickjs::{
    CatchResultExt, CaughtError, Context, Ctx, Function, Runtime, Value,
    context::{EvalOptions, intrinsic},
};
use rustix::time::{ClockId, clock_gettime};

/// Of the processor, not of the wall: a busy machine does not make a program wrong.
const TIME: Duration = Duration::from_millis(50);
const MEMORY: usize = 16 << 20;
const STACK: usize = 256 << 10;
const LONGEST: usize = 64 << 10;
const PRELUDE: &str = include_str!("prelude.js");
/// How the engine names the program in what it says of errors.
const NAME: &str = "program";

/// What programs may use of the language. Promises are there because `import()` makes one; nothing runs what waits for them.
type Language = (
    intrinsic::Eval,
    intrinsic::Date,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::MapSet,
    intrinsic::Promise,
);

pub(super) fn all(job: &Job) -> Vec<Outcome> {
    job.programs.iter().map(|program| one(program, job)).collect()
}

fn one(program: &str, job: &Job) -> Outcome {
    let unavailable = |e: rquickjs::Error| ScriptFault::Unavailable(e.to_string());
    let runtime = Runtime::new().map_err(unavailable)?;
    runtime.set_memory_limit(MEMORY);
    runtime.set_max_stack_size(STACK);
    let end = worked() + TIME;
    runtime.set_interrupt_handler(Some(Box::new(move || worked() > end)));
    let context = Context::custom::<Language>(&runtime).map_err(unavailable)?;
    let outcome = context.with(|ctx| {
        let text = evaluated(&ctx, program, job).catch(&ctx).map_err(|e| fault(&e, worked() > end))?;
        if text.len() > LONGEST {
            return Err(wrong(format!("the result is longer than {} KiB", LONGEST / 1024)));
        }
        Ok(text)
    });
    if outcome.is_err() {
        // Out of memory, the engine leaves things behind and then dies of finding them. Whoever asked ends this process soon.
        std::mem::forget(runtime);
    }
    outcome
}

/// What this thread has cost so far.
fn worked() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

fn evaluated<'js>(ctx: &Ctx<'js>, program: &str, job: &Job) -> rquickjs::Result<String> {
    let prepare: Function<'js> = ctx.eval(PRELUDE)?;
    let globals: Value<'js> = ctx.json_parse(job.globals.to_string())?;
    let to_text: Function<'js> = prepare.call((globals, job.now.0 as f64))?;
    let mut options = EvalOptions::default();
    options.strict = true;
    options.filename = Some(NAME.to_owned());
    let value: Value<'js> = ctx.eval_with_options(program, options)?;
    to_text.call((value,))
}

fn fault(error: &CaughtError<'_>, late: bool) -> ScriptFault {
    if late {
        return wrong(format!("it takes longer than {} ms", TIME.as_millis()));
    }
    match error {
        CaughtError::Exception(exception) => {
            let problem = exception.message().filter(|m| !m.is_empty()).unwrap_or_else(|| "it failed".into());
            let problem = match problem.as_str() {
                "out of memory" => format!("it uses more than {} MiB", MEMORY >> 20),
                _ => problem,
            };
            ScriptFault::Wrong { problem, line: exception.stack().as_deref().and_then(line) }
        }
        CaughtError::Value(value) => {
            let said = value.as_string().and_then(|s| s.to_string().ok());
            wrong(said.unwrap_or_else(|| "it threw something that is no error".into()))
        }
        // Memory that is used up leaves nothing to say it with.
        CaughtError::Error(rquickjs::Error::Exception) => wrong(format!("it uses more than {} MiB", MEMORY >> 20)),
        CaughtError::Error(e) => wrong(e.to_string()),
    }
}

fn wrong(problem: String) -> ScriptFault {
    ScriptFault::Wrong { problem, line: None }
}

/// `at <eval> (program:3:7)`: 3.
fn line(stack: &str) -> Option<usize> {
    let place = stack.split_once(&format!("{NAME}:"))?.1;
    place.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::Timestamp;
    use serde_json::json;

    use super::*;

    fn run(program: &str) -> Result<String, String> {
        let globals = json!({ "contact": { "name": "Ana María" }, "services": [{ "name": "Corte", "minutes": 30 }, { "name": "Color", "minutes": 90 }] });
        one(program, &Job { programs: Vec::new(), globals, now: Timestamp(1_795_273_500_000) }).map_err(|e| match e {
            ScriptFault::Wrong { problem, line } => line.map_or(problem.clone(), |line| format!("{line}: {problem}")),
            ScriptFault::Unavailable(e) => panic!("{e}"),
        })
    }

    #[test]
    fn a_program_becomes_its_last_value() {
        let rows = [
            ("contact.name.split(' ')[0].toUpperCase()", "ANA"),
            ("services.filter(s => s.minutes > 60).map(s => s.name).join(', ')", "Color"),
            ("let total = 0; for (const s of services) total += s.minutes; total", "120"),
            ("new Date().toISOString()", "2026-11-21T15:05:00.000Z"),
            ("Date.now() === new Date().getTime()", "true"),
            ("new Date(0).constructor.now() + ' ' + (new (new Date(0).constructor)()).getTime()", "1795273500000 1795273500000"),
            ("Object.getPrototypeOf(Date) === Function.prototype", "true"),
            ("({ a: [1, 'x'] })", r#"{"a":[1,"x"]}"#),
            ("undefined", ""),
            ("null", ""),
            ("'<b>{{ contact }}</b>'", "<b>{{ contact }}</b>"),
            ("/^ana/i.test(contact.name) ? 'sí' : 'no'", "sí"),
            ("[...new Map([[1, 2]]).values()].join()", "2"),
        ];
        for (program, text) in rows {
            assert_eq!(run(program).as_deref(), Ok(text), "{program}");
        }
    }

    #[test]
    fn what_wants_too_much_or_reaches_out_is_stopped_and_said() {
        let rows = [
            ("while (true) {}", "it takes longer than 50 ms"),
            ("for (;;) { try { throw 1 } catch {} }", "it takes longer than 50 ms"),
            ("const all = []; for (;;) all.push(new Array(1e6).fill(1))", "it "),
            ("'x'.repeat(1 << 29)", ""),
            ("'x'.repeat(100000)", "the result is longer than 64 KiB"),
            ("(function f() { return f() + 1 })()", "stack"),
            ("/(a+)+$/.test('a'.repeat(40) + 'b')", "it takes longer than 50 ms"),
            ("Math.random()", "there is no Math.random here"),
            ("new Promise(() => {})", "Promise"),
            ("require('fs')", "require"),
            ("fetch('http://169.254.169.254/')", "fetch"),
            ("process.exit(1)", "process"),
            ("console.log(1)", "console"),
            ("setTimeout(() => {}, 1)", "setTimeout"),
            ("contact.name = 'Eve'", "read-only"),
            ("contact = 1", "read-only"),
            ("import('os')", "Promise"),
            ("for (let i = 0; i < 1e6; i++) new Promise(() => {}).then(() => {})", "it "),
            ("(() => {})", "no text, number or list"),
            ("throw 'no'", "no"),
            ("1 +", ""),
        ];
        for (program, part) in rows {
            let problem = run(program).expect_err(program);
            assert!(problem.contains(part), "{program}: {problem}");
        }
        assert!(run("let a = 1;\n\nb").unwrap_err().starts_with("3: "), "{:?}", run("let a = 1;\n\nb"));
    }

    #[test]
    fn nothing_stays_for_the_next_program() {
        for program in [
            "Object.prototype.polluted = 'yes'",
            "Array.prototype.join = () => 'mine'; 1",
            "globalThis.left = 1",
            "JSON.stringify = () => 'mine'; 1",
        ] {
            assert!(run(program).is_ok(), "{program}");
        }
        assert_eq!(run("typeof left + ({}).polluted + [1, 2].join()").as_deref(), Ok("undefinedundefined1,2"));
        assert_eq!(run("JSON.stringify = () => 'mine'; ({ a: 1 })").as_deref(), Ok(r#"{"a":1}"#));
        // The engine's own ways to a new function see the same empty world.
        assert_eq!(run("typeof (() => {}).constructor.constructor('return typeof process')()").as_deref(), Ok("string"));
        assert_eq!(
            run("(() => {}).constructor.constructor('return typeof process + typeof require')()").as_deref(),
            Ok("undefinedundefined")
        );
    }
}
