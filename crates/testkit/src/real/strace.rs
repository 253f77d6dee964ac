//! `strace`, which answers a program's system calls in the kernel's place, or ends it at one.

use std::path::Path;
use std::process::Command;

use super::Missing;

/// What happens at which of a program's system calls.
#[derive(Debug, Clone)]
pub struct Fault<'a> {
    /// Calls by name, separated by commas.
    pub calls: &'a str,
    /// `error=EIO`, `signal=KILL`; see strace(1).
    pub what: &'a str,
    /// At which, in each thread: `3`, or `3+` for it and all that follow.
    pub when: &'a str,
    /// Only of calls that are about this file.
    pub path: Option<&'a Path>,
}

/// Whether it is here.
pub fn find() -> Result<(), Missing> {
    match Command::new("strace").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Missing("strace is not installed: apt-get install strace".into())),
    }
}

/// A command whose process is the program itself, watched by `strace` from beside; what was injected is written to `log`. Its
/// arguments are to be added. (`--seccomp-bpf` would be faster, and leaves signals out.)
pub fn under(fault: &Fault<'_>, log: &Path, program: &str) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qq", "-e", "signal=none", "-o"]).arg(log);
    if let Some(path) = fault.path {
        command.arg("-P").arg(path);
    }
    let Fault { calls, what, when, .. } = fault;
    command.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:{what}:when={when}")]);
    command.arg(program);
    command
}
