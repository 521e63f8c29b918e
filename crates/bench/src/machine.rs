//! The machine that is measured, what else it is doing, and what its processes take.

use std::{fs, path::Path};

/// Name and value of what a reader must know to compare.
pub(crate) fn describe() -> Vec<(&'static str, String)> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("?", |(_, value)| value.trim()).to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    vec![
        ("processor", format!("{}, {cores} cores", field(&read("/proc/cpuinfo"), "model name"))),
        ("memory", field(&read("/proc/meminfo"), "MemTotal")),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("build", if cfg!(debug_assertions) { "for development, which is many times slower" } else { "release" }.to_owned()),
        ("load before", load()),
    ]
}

/// Processes that wanted to run in the last minute, on average.
pub(crate) fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned()
}

/// Ten thousand customers are as many connections.
pub(crate) fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it is refused, the part that needs many says so itself.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// CPU milliseconds of a process so far: its own, and those of its children that have ended.
pub(crate) fn cpu_ms(id: u32) -> Option<(f64, f64)> {
    /// Linux counts in hundredths of a second.
    const TICK_MS: f64 = 10.0;
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program may hold anything; what follows the last `)` is numbers. utime, stime, cutime, cstime are fields 14 to 17.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok());
    Some(((ticks(14)? + ticks(15)?) * TICK_MS, (ticks(16)? + ticks(17)?) * TICK_MS))
}

/// CPU milliseconds of every PostgreSQL process on this machine, those that have ended included; 0 where it runs elsewhere.
pub(crate) fn postgres_cpu_ms() -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let servers = ids.filter(|id| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "postgres"));
    servers.filter_map(cpu_ms).map(|(own, of_the_dead)| own + of_the_dead).sum()
}

/// Megabytes of memory that a process holds.
pub(crate) fn resident_mb(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kb = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1024.0
}

pub(crate) fn size_mb(file: &Path) -> std::io::Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_takes_time_and_memory() {
        let own = std::process::id();
        let before = cpu_ms(own).unwrap().0;
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        while began.elapsed().as_millis() < 60 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        assert!(cpu_ms(own).unwrap().0 > before && resident_mb(own) > 1.0);
        assert_eq!(cpu_ms(u32::MAX), None);
    }
}
