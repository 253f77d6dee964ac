//! What a process costs, and what is in the middle.

use std::time::Duration;

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Processor time of this process so far, user and system.
pub fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("what the system tells of us");
    // The name in parentheses may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<u64>().expect("ticks");
    // Hundredths of a second on every Linux of today.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Most memory in use since the last reset, in MiB.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("what the system tells of us");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB") / 1024
}
