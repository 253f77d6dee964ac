//! The mail channel as the configuration and the body's settings describe it.

use std::path::Path;
use std::time::Duration;

use plico_archive::read::body;
use plico_courier::email::{Email, EmailSettings, Security};

use super::receipt::describe;
use crate::app::App;

/// Whether notices can leave.
pub(crate) enum Mail {
    /// No server is configured.
    Off,
    /// They can.
    Ready(Box<Email>),
}

/// The channel of an administration; an error in words when its settings cannot be used.
pub(crate) async fn channel(app: &App, administration: &str) -> Result<Mail, String> {
    let smtp = &app.shell.config().smtp;
    if smtp.host.is_empty() {
        return Ok(Mail::Off);
    }
    let database = app.desk.archive().database();
    let setting = async |name: &str| {
        let value = body::setting(database, administration, name).await.map_err(|error| describe(&error))?;
        Ok::<_, String>(value.and_then(|v| v.as_str().map(str::to_owned)).filter(|text| !text.is_empty()))
    };
    let name = match setting("mail.from_name").await? {
        Some(name) => name,
        None => body::body(database, administration)
            .await
            .map_err(|error| describe(&error))?
            .map_or_else(String::new, |body| body.name),
    };
    let host = app.desk.public_url().split("://").nth(1).unwrap_or_default();
    let settings = EmailSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security.as_str() {
            "none" => Security::None,
            "tls" => Security::Tls,
            _ => Security::StartTls,
        },
        credentials: (!smtp.user.is_empty()).then(|| (smtp.user.clone(), smtp.password.expose().to_owned())),
        authority_pem: authority(smtp.authority.as_deref()).await?,
        from_name: name,
        from_address: smtp.from.clone(),
        reply_to: setting("mail.reply_to").await?,
        hello_name: host.split([':', '/']).next().unwrap_or("localhost").to_owned(),
        timeout: Duration::from_secs(smtp.timeout_seconds),
    };
    Email::new(&settings).map(|email| Mail::Ready(Box::new(email))).map_err(|error| describe(&error))
}

async fn authority(file: Option<&Path>) -> Result<Option<Vec<u8>>, String> {
    let Some(file) = file else { return Ok(None) };
    let pem = tokio::fs::read(file).await;
    pem.map(Some).map_err(|error| format!("smtp.authority: {}: {error}", file.display()))
}
