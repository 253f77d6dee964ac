//! What is written to standard error: docs/logging.md.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::Log;

/// Starts logging for this process; a second call changes nothing.
pub fn start(config: &Log) -> Result<(), ParseError> {
    let filter: EnvFilter = config.filter.parse()?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if config.format == "json" {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    Ok(())
}
