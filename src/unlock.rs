//! What opens a sealed key file: the passphrase from a file, a descriptor or the terminal, and where the token is.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use plico_archive::keys::Unlock;
use plico_vault::TokenPlace;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::config::Keys;

/// Bytes of the longest passphrase that is read; more is no passphrase.
const LONGEST: u64 = 4096;

/// What the configuration says of it.
pub fn of(keys: &Keys) -> Unlock {
    let file = keys.passphrase_file.clone();
    let place = keys.module.clone().zip(keys.pin_file.clone());
    let token = place.map(|(module, pin_file)| TokenPlace { module, token: keys.token.clone(), pin_file });
    Unlock::new(move || passphrase(file.as_deref()), token)
}

/// The passphrase in a file, or of whoever sits at the terminal; none where nobody does. A pipe gives it once, and a person is
/// asked once: it is kept for the other times that this process opens the key file.
pub fn passphrase(file: Option<&Path>) -> io::Result<Option<Zeroizing<String>>> {
    static SAID: Mutex<BTreeMap<Option<PathBuf>, Zeroizing<String>>> = Mutex::new(BTreeMap::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let of = file.map(Path::to_owned);
    if let Some(known) = said.get(&of) {
        return Ok(Some(known.clone()));
    }
    let passphrase = match file {
        Some(file) => Some(read(file)?),
        None if io::stdin().is_terminal() => Some(ask("Passphrase of the key file: ")?),
        None => None,
    };
    if let Some(passphrase) = &passphrase {
        said.insert(of, passphrase.clone());
    }
    Ok(passphrase)
}

/// What a file says, but for the line feed at its end.
pub fn read(file: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize));
    std::fs::File::open(file)?.take(LONGEST).read_to_string(&mut text)?;
    let end = text.strip_suffix('\n').unwrap_or(&text).len();
    text.truncate(end);
    Ok(text)
}

/// Asks without showing what is typed.
fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let stdin = io::stdin();
    let before = tcgetattr(&stdin)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    silent.local_modes.insert(LocalModes::ECHONL);
    let mut err = io::stderr().lock();
    err.write_all(prompt.as_bytes())?;
    err.flush()?;
    tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
    let mut line = Zeroizing::new(String::with_capacity(LONGEST as usize));
    let typed = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    typed?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_line_feed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "tre civette sul comò\n").unwrap();
        assert_eq!(*read(file.path()).unwrap(), "tre civette sul comò");
        assert_eq!(*passphrase(Some(file.path())).unwrap().unwrap(), "tre civette sul comò");
        // A pipe would be empty by now.
        std::fs::write(file.path(), "").unwrap();
        assert_eq!(*passphrase(Some(file.path())).unwrap().unwrap(), "tre civette sul comò");
        assert!(read(Path::new("/nowhere/passphrase")).is_err());
    }
}
