//! Packages of the Python environment that `scripts/setup.sh test` makes.

use std::path::PathBuf;

use super::Missing;

/// The folder of an installed package.
pub fn package(name: &str) -> Result<PathBuf, Missing> {
    let libraries = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python/lib");
    let versions = std::fs::read_dir(libraries).into_iter().flatten().filter_map(Result::ok);
    let mut folders = versions.map(|version| version.path().join("site-packages").join(name));
    folders
        .find(|folder| folder.is_dir())
        .ok_or_else(|| Missing(format!("the Python package {name} is not there (scripts/setup.sh test)")))
}

/// The interpreter of that environment, if these packages are in it.
pub fn interpreter(packages: &[&str]) -> Result<PathBuf, Missing> {
    for name in packages {
        package(name)?;
    }
    Ok(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python/bin/python3")))
}
