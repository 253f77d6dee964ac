//! The folder of what a mailbox sent: whatever another program of the office put there is looked at, and left as it lies.

use plico_courier::mailbox::{Found, Mailbox as Line, MailboxError, Mark, Mode};
use plico_courier::pec::read::read as read_mail;
use plico_desk::mail::{Mailbox, Taken};
use plico_record::day::LegalDay;

use super::{LookError, Watched, kept};
use crate::app::App;
use crate::web::receive::scanner;

/// Looks into it once, where one is named. Answers how many became letters.
pub(super) async fn look(app: &App, watched: &Watched) -> Result<usize, LookError> {
    let Some(folder) = watched.sent_folder() else { return Ok(0) };
    let mut line = Line::open(&watched.settings, &watched.sent, Mode::Observe).await?;
    let state = kept(app.desk.mailbox_state(&folder.name).await)?;
    let mark = state.and_then(|state| {
        let (validity, last_uid) = (state.validity.try_into().ok()?, state.last_uid.try_into().ok()?);
        Some(Mark { validity, last_uid })
    });
    let news = line.since(mark).await?;
    let mut last = if news.started_over { 0 } else { mark.map_or(0, |mark| mark.last_uid) };
    let mut taken = 0;
    for found in news.messages {
        taken += usize::from(take(app, watched, &folder, &mut line, news.validity, found).await?);
        last = last.max(found.uid);
        kept(app.desk.save_mailbox_state(&folder, (news.validity, last), "").await)?;
    }
    kept(app.desk.save_mailbox_state(&folder, (news.validity, last), "").await)?;
    Ok(taken)
}

async fn take(
    app: &App,
    watched: &Watched,
    folder: &Mailbox,
    line: &mut Line,
    validity: u32,
    found: Found,
) -> Result<bool, LookError> {
    let (desk, place) = (&app.desk, (validity, found.uid));
    let raw = match line.fetch(found).await {
        Ok(raw) => raw,
        // Somebody moved it: what he did with it is his.
        Err(MailboxError::Gone) => return Ok(false),
        Err(MailboxError::TooLarge(_)) => {
            kept(desk.leave_mail(folder, place, "sent_large", "").await)?;
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    let mail = match read_mail(&raw, &watched.providers) {
        Ok(mail) => mail,
        Err(error) => {
            kept(desk.leave_mail(folder, place, "unreadable", &error.to_string()).await)?;
            return Ok(false);
        }
    };
    let subject = mail.content.as_ref().map(|content| content.subject.clone()).unwrap_or_default();
    let written = mail.content.as_ref().and_then(|content| content.written_ms).map(LegalDay::at);
    if written.zip(watched.sent_since).is_some_and(|(written, since)| written < since) {
        return Ok(false);
    }
    match kept(desk.take_in_sent(folder, &raw, mail, &scanner(app.shell.config())).await)? {
        Taken::Message(_) => Ok(true),
        Taken::Left(what) => {
            kept(desk.leave_mail(folder, place, what, &subject).await)?;
            Ok(false)
        }
        Taken::Known | Taken::Receipt => Ok(false),
    }
}

impl Watched {
    /// The folder as a mailbox of its own: how far it was read, and what stayed in it, is kept under its name.
    pub fn sent_folder(&self) -> Option<Mailbox> {
        (!self.sent.is_empty()).then(|| Mailbox {
            name: format!("{}/{}", self.mailbox.name, self.sent),
            answers: false,
            ..self.mailbox.clone()
        })
    }
}
