//! How a command ends.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use plico_archive::keys::LockError;

use crate::config::ConfigError;

/// The exit codes; scripts depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: good.
    Good = 0,
    /// 1: something is false: a signature that does not hold, a file that was changed, a check that failed.
    False = 1,
    /// 2: incomplete, indeterminate, or no signature.
    Incomplete = 2,
    /// 64: the command line or the configuration is wrong.
    Usage = 64,
    /// 70: a fault that is not the caller's.
    Fault = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// With which code it ends.
    pub exit: Exit,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// The caller can mend it.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), source: None }
    }

    /// The caller cannot mend it from the command line.
    pub fn fault(message: impl Into<String>) -> Self {
        Self { exit: Exit::Fault, message: message.into(), source: None }
    }

    /// Adds the cause; its own causes are printed after it. Keys that stay shut until the caller opens them are his to
    /// mend, whichever command it was: started again by itself, it would only try the wrong PIN once more.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        if shut(&*source).is_some_and(LockError::is_callers) {
            self.exit = Exit::Usage;
        }
        self.source = Some(source);
        self
    }
}

/// Why the keys stay shut, if that is the cause.
pub(super) fn shut<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a LockError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plico: {}", self.message)?;
        let mut cause: Option<&dyn Error> = self.source.as_deref().map(|error| error as _);
        while let Some(error) = cause {
            write!(f, "\n  because {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let failure = Self::usage(error.to_string());
        match error.source() {
            Some(source) => failure.because(source.to_string()),
            None => failure,
        }
    }
}
