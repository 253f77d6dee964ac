//! A file on its way in: from the form to the vault, with a look by the malware scanner.

use std::time::Duration;

use plico_courier::malware::{Address, Scanner};
use plico_desk::Actor;
use plico_desk::upload::{Owner, Received, scan};
use plico_vault::BlobReader;

use crate::app::App;
use crate::config::Config;
use crate::http::Error;
use crate::http::upload::File;

/// Takes one file of a form.
pub async fn receive(app: &App, actor: &Actor, owner: &Owner, mut file: File<'_>) -> Result<Received, Error> {
    let mut upload = app.desk.begin_upload(actor, owner, &file.file_name).await?;
    while let Some(chunk) = file.chunk().await? {
        upload.write(&chunk).await?;
    }
    let scanner = scanner(app.shell.config());
    Ok(app.desk.finish_upload(upload, async |reader: &BlobReader| scan(&scanner, reader).await).await?)
}

/// The scanner of a configuration: an address with a slash is a socket's path.
pub fn scanner(config: &Config) -> Scanner {
    let address = config.clamd.address.trim();
    if address.is_empty() {
        return Scanner::Off;
    }
    let address =
        if address.contains('/') { Address::Unix(address.into()) } else { Address::Tcp(address.to_owned()) };
    Scanner::Clamd {
        address,
        timeout: Duration::from_secs(config.clamd.timeout_seconds),
        limit: config.limits.upload_max_bytes,
    }
}
