//! What checking signatures costs, each line beside another program on the same files. `make bench`, or some lines of it with
//! `cargo bench --bench signature -- NAME …`; figures are kept in docs/performance.md together with the command.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks on standard output")]

mod big;
mod lists;
mod small;

use std::time::Duration;

/// Measurements of a line; the median counts.
const RUNS: usize = 5;
/// 21 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_262_400_000;
const YEAR: i64 = 365 * 86_400_000;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    // A part of `big` that must be a process of its own.
    if let [mode, file] = &asked[..]
        && mode == big::ALONE
    {
        return big::alone(file);
    }
    // `cargo test --benches` runs this too: it measures only when asked.
    if !asked.iter().any(|argument| argument == "--bench") {
        return;
    }
    let names: Vec<&str> = asked.iter().map(String::as_str).filter(|name| !name.starts_with("--")).collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    if wanted("big") {
        big::verified();
    }
    if wanted("small") {
        small::checked();
    }
    if wanted("lists") {
        lists::loaded();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn subject() -> plico_signature::forge::Subject<'static> {
    plico_signature::forge::Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - YEAR,
        to_ms: NOW + YEAR,
    }
}

/// A ratio as it is told: how many times faster than the other.
fn line(what: &str, ours: Duration, name: &str, theirs: Duration) {
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!("{what}: {ours:.1?}; {name}: {theirs:.1?}; {ratio:.2} times as fast");
}
