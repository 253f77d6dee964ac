//! Drafts: what somebody is writing, kept until he sends or throws it away. Not evidence.

use plico_archive::Work;
use plico_archive::read::{inbox, message};
use plico_database::args;
use plico_record::authority::{Deed, Thing};

use crate::delegation::stands;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// What the writer typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Kind of message.
    pub kind: String,
    /// Office.
    pub office: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// Why one writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A filing of one's own.
    Filing,
    /// An answer to what came.
    Reply,
    /// An addition to one's own filing.
    Addition,
}

impl Purpose {
    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Filing => "filing",
            Self::Reply => "reply",
            Self::Addition => "addition",
        }
    }
}

const OF_PERSON: &str = "select count(*) from draft where administration = $1 and person = $2";
const INSERT: &str =
    "insert into draft (id, administration, person, author, kind, office, subject, text, reply_to,
    purpose, updated_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const UPDATE: &str =
    "update draft set kind = $2, office = $3, subject = $4, text = $5, updated_ms = $6 where id = $1";
const DELETE: &str = "delete from draft where id = $1";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";

impl Desk {
    /// Begins a draft; `about` is the message that a reply or an addition belongs to.
    pub async fn begin_draft(
        &self,
        actor: &Actor,
        purpose: Purpose,
        about: Option<&str>,
        words: Words,
    ) -> Outcome<String> {
        let beginning = self.beginning(actor, purpose, about, words).await?;
        self.archive.act(move |work: &mut Work| Box::pin(async move { beginning.begin(work).await })).await
    }

    /// What a draft begins with, when the actor may begin one.
    pub(crate) async fn beginning(
        &self,
        actor: &Actor,
        purpose: Purpose,
        about: Option<&str>,
        words: Words,
    ) -> Outcome<Beginning> {
        let database = self.archive.database();
        let about = match about {
            None => {
                permit(actor, Deed::File, &Thing::Administration { id: actor.administration.clone() })?;
                None
            }
            Some(id) => {
                let Some(row) = message::message(database, id).await? else {
                    return refuse(Refusal::NotFound);
                };
                let deed = if purpose == Purpose::Addition { Deed::Add } else { Deed::Reply };
                let thing = message::thing(database, &row, false).await?;
                permit(actor, deed, &thing)?;
                Some(row)
            }
        };
        let Some(person) = actor.person().map(str::to_owned) else { return refuse(Refusal::Forbidden) };
        let mut words = self.trimmed(actor, &words);
        if let Some(about) = &about {
            words.office.clone_from(&about.office);
            words.kind.clone_from(&about.kind);
            if words.subject.is_empty() {
                words.subject.clone_from(&about.subject);
            }
        }
        let most = self.limits(&actor.administration).drafts;
        Ok(Beginning {
            actor: actor.clone(),
            person,
            purpose,
            words,
            reply_to: about.map(|row| row.id),
            most,
        })
    }

    /// A draft of the actor's.
    pub async fn draft(&self, actor: &Actor, id: &str) -> Outcome<inbox::DraftRow> {
        match inbox::draft(self.archive.database(), id).await? {
            Some(draft)
                if draft.administration == actor.administration && Some(&*draft.person) == actor.person() =>
            {
                permit(actor, Deed::File, &Thing::Administration { id: actor.administration.clone() })?;
                Ok(draft)
            }
            _ => {
                // A draft that was sent leads to its message, so that "back" and "reload" find it.
                if let Some(sent) = message::message(self.archive.database(), id).await?
                    && sent.sender.as_deref().is_some_and(|sender| Some(sender) == actor.person())
                {
                    return refuse(Refusal::SentAlready(sent.id));
                }
                refuse(Refusal::NotFound)
            }
        }
    }

    /// Keeps what was typed so far, whatever it is; longer texts than allowed are kept as they are and said later.
    pub async fn save_draft(&self, actor: &Actor, id: &str, words: Words) -> Outcome<()> {
        let draft = self.draft(actor, id).await?;
        let mut words = self.trimmed(actor, &words);
        if draft.purpose != "filing" {
            words.kind = draft.kind;
            words.office = draft.office;
        }
        let id = id.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    work.tx
                        .write(UPDATE, args![id, words.kind, words.office, words.subject, words.text, now])?;
                    Ok(())
                })
            })
            .await
    }

    /// Throws a draft and its files away.
    pub async fn discard_draft(&self, actor: &Actor, id: &str) -> Outcome<()> {
        self.draft(actor, id).await?;
        let id = id.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DELETE_UPLOADS, args![&id])?;
                    work.tx.write(crate::signed_draft::DROP, args![crate::signed_draft::of_draft(&id)])?;
                    work.tx.write(DELETE, args![&id])?;
                    Ok(())
                })
            })
            .await
    }

    /// Control characters have no place in words that are printed and sealed; and nothing is kept that is absurdly
    /// long (four times the limit), so that a draft cannot fill the disk.
    fn trimmed(&self, actor: &Actor, words: &Words) -> Words {
        let limits = self.limits(&actor.administration);
        let clean = |text: &str, most: usize| -> String {
            text.replace("\r\n", "\n")
                .chars()
                .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
                .take(most * 4)
                .collect::<String>()
                .trim()
                .to_owned()
        };
        Words {
            kind: clean(&words.kind, 64),
            office: clean(&words.office, 64),
            subject: clean(&words.subject.replace('\n', " "), limits.subject_chars),
            text: clean(&words.text, limits.text_chars),
        }
    }
}

/// A draft that is about to begin.
pub(crate) struct Beginning {
    actor: Actor,
    person: String,
    purpose: Purpose,
    words: Words,
    reply_to: Option<String>,
    /// Drafts that a person may have.
    most: usize,
}

impl Beginning {
    /// Begins it; answers its identifier.
    pub(crate) async fn begin(self, work: &mut Work) -> Outcome<String> {
        let Self { actor, person, purpose, words, reply_to, most } = self;
        stands(work, &actor).await?;
        let (id, now) = (work.new_id(), work.now_ms());
        let drafts = work.tx.scalar_i64(OF_PERSON, args![&actor.administration, &person]).await?;
        if drafts >= i64::try_from(most).unwrap_or(i64::MAX) {
            return refuse(Refusal::TooManyDrafts(most));
        }
        work.tx.write(
            INSERT,
            args![
                &id,
                actor.administration,
                person,
                actor.account,
                words.kind,
                words.office,
                words.subject,
                words.text,
                reply_to,
                purpose.code(),
                now
            ],
        )?;
        Ok(id)
    }
}
