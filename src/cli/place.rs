//! The flags of every command that touches an archive.

use std::path::PathBuf;

use clap::Args;

use crate::config::{Config, ConfigError, Loaded, Overrides};

/// Which archive.
#[derive(Clone, Debug, Default, Args)]
pub struct Place {
    /// Folder of the archive
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Place {
    /// The configuration in force: these flags, over the environment, over the file, over the defaults.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        self.load_with(&Config::default(), Vec::new())
    }

    /// The same with further flags of the command, and other defaults.
    pub fn load_with(
        &self,
        base: &Config,
        mut values: Vec<(&'static str, String)>,
    ) -> Result<Loaded, ConfigError> {
        if let Some(dir) = &self.data_dir {
            values.push(("data_dir", dir.to_string_lossy().into_owned()));
        }
        let overrides = Overrides { file: self.config.clone(), values };
        Loaded::read(base, &overrides, std::env::vars_os())
    }
}
