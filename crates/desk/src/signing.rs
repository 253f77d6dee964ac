//! The signing desk: a letter is prepared, signed by those who are asked, in order, and leaves with the last signature.

pub(crate) mod check;
mod remote;
pub mod sign;

use plico_archive::read::body::{self, Operator};
use plico_archive::read::inbox::{self, UploadRow};
use plico_archive::read::signing::{self, SigningRow};
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{Place, SigningRequested, SigningReturned, SigningWithdrawn};
use plico_record::actor::Role;
use plico_record::authority::{Deed, Thing};
use plico_vault::BlobReader;
use serde::Deserialize;

pub use check::Unsigned;
pub use remote::{CodeAsked, Remote};

use crate::issue::{Made, Prepared, unchanged};
use crate::letter::Kept;
use crate::refusal::{fault, permit, refuse};
use crate::upload::{Owner, Scan};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Signatures that a letter may ask for.
pub const MOST_SIGNERS: usize = 3;
/// Rows of a list.
const MOST: usize = 200;
/// Characters of a reason.
const REASON_CHARS: usize = 1_000;

/// Who made one of the signatures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SignedBy {
    /// Account.
    pub account: String,
    /// His name.
    pub name: String,
    /// `seal`, `upload` or `remote`.
    pub how: String,
    /// The file with it, hexadecimal.
    pub sha256: String,
    /// UTC milliseconds.
    pub at: i64,
}

/// A letter at the signing desk, for whoever may see it.
#[derive(Debug, Clone)]
pub struct SigningView {
    /// How it stands.
    pub row: SigningRow,
    /// Who is asked, in order.
    pub signers: Vec<Place>,
    /// Who signed, in order.
    pub signed_by: Vec<SignedBy>,
    /// The file as it is now, and those that go with it; none once nothing waits any more.
    pub files: Vec<UploadRow>,
    /// Whether the actor may sign it now, or send it back.
    pub may_sign: bool,
    /// Whether the actor may take it back.
    pub may_withdraw: bool,
    /// Whether the service's seal can be set on it.
    pub may_seal: bool,
    /// The tax code that a signature of the actor's must name; empty when the administrator has not said it.
    pub expected: String,
    /// Who signs at a distance for the actor, where somebody does.
    pub remote: Option<String>,
    /// The form in which the actor, who wrote it, may correct what came back.
    pub letter: Option<String>,
}

const KEEP: &str = "insert into signing_letter (message, administration, letter, subject, recipient)
    values ($1, $2, $3, $4, $5)";
const KEPT: &str = "select letter from signing_letter where message = $1 and letter <> ''";
const EMPTY: &str = "update signing_letter set letter = '', reason = $2 where message = $1";
const DROP: &str = "delete from signing_letter where message = $1";
const DROP_FILES: &str = "delete from upload where owner = $1";
const MOVE_FILES: &str = "update upload set owner = $2 where owner = $1";
const WAITS: &str = "update draft set purpose = 'letter-waiting', subject = $3
    where id = $1 and author = $2 and purpose = 'letter'";
const BACK: &str = "update draft set purpose = 'letter', updated_ms = $3
    where id = $1 and author = $2 and purpose = 'letter-waiting'";
const CORRECTS: &str = "select id from draft where subject = $1 and author = $2 and purpose = 'letter'";
const STANDS: &str = "select count(*) from signing where message = $1 and state = 'waiting' and turn = $2";

/// The file that is signed: what was prepared, and after it each file that came back signed.
fn file_owner(message: &str) -> Owner {
    Owner(format!("signing:{message}"))
}

/// The files that go with it.
fn attached_owner(message: &str) -> Owner {
    Owner(format!("signing:{message}:files"))
}

impl Desk {
    /// Who may be asked for a signature.
    pub async fn signers(&self, actor: &Actor) -> Outcome<Vec<Operator>> {
        permit(actor, Deed::Sign, &Thing::Administration { id: actor.administration.clone() })?;
        self.signing_operators(&actor.administration).await
    }

    /// Operators that may sign.
    pub(crate) async fn signing_operators(&self, administration: &str) -> Outcome<Vec<Operator>> {
        let operators = body::operators(self.archive.database(), administration).await?;
        let signs = |operator: &Operator| {
            operator.active && operator.roles.split(',').any(|role| role == Role::Operator.code())
        };
        Ok(operators.into_iter().filter(signs).collect())
    }

    /// Prepares a kept letter and asks for its signatures, in this order; answers the message that it will be.
    pub async fn request_signing(&self, actor: &Actor, key: &str, accounts: &[String]) -> Outcome<String> {
        let typed = match self.kept_letter(actor, key).await? {
            Kept::Sent(message) | Kept::Waiting(message) => return Ok(message),
            Kept::Typed(typed) => *typed,
        };
        let Some(act) = typed.act() else {
            return refuse(Refusal::Invalid(vec![FieldError::required("outcome")]));
        };
        let signers = self.places(actor, accounts).await?;
        let Made { prepared, name, pdf, owner, uploads } =
            self.make_letter(actor, &typed.letter(act, key), false).await?;
        let message = prepared.content.message.clone();
        let file = file_owner(&message);
        self.store_own(actor, &file, &name, &pdf).await?;
        let letter = serde_json::to_string(&prepared).map_err(fault)?;
        let requested = SigningRequested {
            message: message.clone(),
            office: prepared.content.office,
            sha256: plico_archive::hex(&plico_crypto::digest::sha256(&pdf)),
            signers,
        };
        let (subject, recipient) = (prepared.content.subject, prepared.party.name);
        let (actor, key) = (actor.clone(), key.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    unchanged(work, &owner, &uploads).await?;
                    if work.tx.execute(WAITS, args![key, &actor.account, &message]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.tx
                        .write(KEEP, args![&message, &actor.administration, letter, subject, recipient])?;
                    work.tx.write(MOVE_FILES, args![owner.0, attached_owner(&message).0])?;
                    work.append(NewEvent::by(&actor, &message, requested)).await?;
                    Ok(message)
                })
            })
            .await
    }

    async fn places(&self, actor: &Actor, accounts: &[String]) -> Outcome<Vec<Place>> {
        let known = self.signers(actor).await?;
        let wrong = |code| refuse(Refusal::Invalid(vec![FieldError::of("signers", code)]));
        let mut places: Vec<Place> = Vec::new();
        for account in accounts.iter().filter(|account| !account.is_empty()) {
            let Some(operator) = known.iter().find(|operator| operator.account == *account) else {
                return wrong("unknown");
            };
            if places.iter().any(|place| place.account == *account) {
                return wrong("twice");
            }
            places.push(Place { account: account.clone(), name: operator.name.clone() });
        }
        match places.len() {
            0 => wrong("required"),
            1..=MOST_SIGNERS => Ok(places),
            _ => wrong("unknown"),
        }
    }

    /// Stores a file of the program's own making; answers its identifier.
    pub(crate) async fn store_own(
        &self,
        actor: &Actor,
        owner: &Owner,
        name: &str,
        bytes: &[u8],
    ) -> Outcome<String> {
        let name = plico_package::name::clean(name);
        let mut upload = self.begin_own_file(&actor.administration, owner, &name)?;
        upload.write(bytes).await?;
        Ok(self.finish_upload(upload, async |_: &BlobReader| Scan::Off).await?.id)
    }

    /// What waits for the actor, in his own place or another's, oldest first.
    pub async fn signing_waits(&self, actor: &Actor) -> Outcome<Vec<SigningRow>> {
        permit(actor, Deed::Sign, &Thing::Administration { id: actor.administration.clone() })?;
        let database = self.archive.database();
        Ok(signing::waiting(database, &actor.administration, &actor.account, &self.today(), MOST).await?)
    }

    /// What the actor asked to be signed, what changed last first.
    pub async fn signing_written(&self, actor: &Actor) -> Outcome<Vec<SigningRow>> {
        permit(actor, Deed::Sign, &Thing::Administration { id: actor.administration.clone() })?;
        let database = self.archive.database();
        Ok(signing::written(database, &actor.administration, &actor.account, MOST).await?)
    }

    /// The thing that a letter at the signing desk is, now.
    async fn letter_thing(&self, row: &SigningRow) -> Outcome<Thing> {
        let mut signers = Vec::new();
        if row.state == "waiting" {
            let (database, day) = (self.archive.database(), self.today());
            signers = signing::substitutes(database, &row.administration, &row.signer, &day).await?;
            signers.push(row.signer.clone());
        }
        let asked: Vec<Place> = serde_json::from_str(&row.signers).map_err(fault)?;
        // Whoever signed in another's place goes on reading what he signed.
        let made: Vec<SignedBy> = serde_json::from_str(&row.signed_by).map_err(fault)?;
        Ok(Thing::Letter {
            administration: row.administration.clone(),
            author: row.author.clone(),
            signers,
            asked: asked
                .into_iter()
                .map(|p| p.account)
                .chain(made.into_iter().map(|by| by.account))
                .collect(),
        })
    }

    async fn allowed_letter(&self, actor: &Actor, deed: Deed, id: &str) -> Outcome<(SigningRow, Thing)> {
        let Some(row) = signing::one(self.archive.database(), id).await? else {
            return refuse(Refusal::NotFound);
        };
        let thing = self.letter_thing(&row).await?;
        permit(actor, deed, &thing)?;
        Ok((row, thing))
    }

    /// A letter at the signing desk.
    pub async fn letter_to_sign(&self, actor: &Actor, id: &str) -> Outcome<SigningView> {
        let (row, thing) = self.allowed_letter(actor, Deed::ReadContent, id).await?;
        let waiting = row.state == "waiting";
        let mut files = Vec::new();
        if waiting {
            files.extend(self.signing_file(&row).await.ok());
            files.extend(self.uploads_of(&attached_owner(id)).await?);
        }
        let may_sign = waiting && permit(actor, Deed::Sign, &thing).is_ok();
        let is_pdf = files.first().is_some_and(|file| file.media_type == "application/pdf");
        Ok(SigningView {
            signers: serde_json::from_str(&row.signers).map_err(fault)?,
            signed_by: serde_json::from_str(&row.signed_by).map_err(fault)?,
            may_sign,
            may_withdraw: waiting && permit(actor, Deed::Withdraw, &thing).is_ok(),
            may_seal: may_sign && is_pdf && self.has_seal(),
            expected: self.expected_code(actor).await?,
            remote: self
                .remote_provider()
                .filter(|_| may_sign && is_pdf)
                .map(|provider| provider.name.clone()),
            files,
            letter: self.archive.database().scalar_text(CORRECTS, args![id, &actor.account]).await?,
            row,
        })
    }

    /// The tax code that a signature of the actor's must name; empty when the administrator has not said it.
    async fn expected_code(&self, actor: &Actor) -> Outcome<String> {
        let operator = body::operator(self.archive.database(), &actor.account).await?;
        Ok(operator.map(|operator| operator.fiscal_code).unwrap_or_default())
    }

    /// The file as it is now: what was prepared, or what the last signer signed. It is the one that the journal names.
    async fn signing_file(&self, row: &SigningRow) -> Outcome<UploadRow> {
        let files = inbox::uploads(self.archive.database(), &file_owner(&row.message).0).await?;
        let Some(file) = files.into_iter().next_back() else { return refuse(Refusal::NotFound) };
        let made: Vec<SignedBy> = serde_json::from_str(&row.signed_by).map_err(fault)?;
        if file.sha256 != made.last().map_or(&row.sha256, |by| &by.sha256).as_str() {
            return Err(fault("the file that waits for a signature is not the one of the journal"));
        }
        Ok(file)
    }

    /// One of the files of a letter that waits, to be read or signed elsewhere.
    pub async fn signing_content(
        &self,
        actor: &Actor,
        id: &str,
        file: &str,
    ) -> Outcome<(UploadRow, BlobReader)> {
        let view = self.letter_to_sign(actor, id).await?;
        let Some(upload) = view.files.into_iter().find(|upload| upload.id == file) else {
            return refuse(Refusal::NotFound);
        };
        if upload.sealed {
            return refuse(Refusal::NotServed);
        }
        let reader = self.open_upload(&view.row.administration, &upload).await?;
        Ok((upload, reader))
    }

    pub(crate) async fn open_upload(&self, administration: &str, upload: &UploadRow) -> Outcome<BlobReader> {
        let key = self.upload_key(administration, upload).await?;
        let blob: [u8; 32] = upload.blob.clone().try_into().map_err(|_| fault("upload blob"))?;
        Ok(self.archive.open_blob(&blob, &key).await?)
    }

    async fn prepared(&self, id: &str) -> Outcome<Prepared> {
        match self.archive.database().scalar_text(KEPT, args![id]).await? {
            Some(letter) => serde_json::from_str(&letter).map_err(fault),
            None => refuse(Refusal::NotFound),
        }
    }

    /// Sends a letter back to who wrote it, with a reason.
    pub async fn return_signing(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let (row, _) = self.allowed_letter(actor, Deed::Sign, id).await?;
        let reason = reason.trim();
        if reason.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        if reason.chars().count() > REASON_CHARS {
            return refuse(Refusal::Invalid(vec![FieldError::too_long("reason", REASON_CHARS)]));
        }
        let act = SigningReturned { message: id.into() };
        self.give_back(row, NewEvent::by(actor, id, act), reason).await?;
        Ok(())
    }

    /// Takes a letter back before everybody has signed it; answers its form.
    pub async fn withdraw_signing(&self, actor: &Actor, id: &str) -> Outcome<String> {
        let (row, _) = self.allowed_letter(actor, Deed::Withdraw, id).await?;
        let act = SigningWithdrawn { message: id.into() };
        self.give_back(row, NewEvent::by(actor, id, act), "").await
    }

    /// The letter is its writer's again, as he wrote it, with its files; what was prepared goes. Its subject and why it
    /// came back stay for a while, for him alone.
    async fn give_back(&self, row: SigningRow, event: NewEvent, reason: &str) -> Outcome<String> {
        let reason = reason.to_owned();
        let prepared = self.prepared(&row.message).await?;
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &row).await?;
                    work.append(event).await?;
                    let now = work.now_ms();
                    work.tx.write(BACK, args![&prepared.token, &prepared.author, now])?;
                    let form = format!("form:{}:{}", prepared.author, prepared.token);
                    work.tx.write(MOVE_FILES, args![attached_owner(&row.message).0, form])?;
                    work.tx.write(DROP_FILES, args![file_owner(&row.message).0])?;
                    work.tx.write(EMPTY, args![&row.message, reason])?;
                    Ok(prepared.token)
                })
            })
            .await
    }
}

/// Nobody signed it, sent it back or took it back meanwhile.
async fn stands(work: &mut Work, row: &SigningRow) -> Result<(), plico_archive::ActError<Refusal>> {
    match work.tx.scalar_i64(STANDS, args![&row.message, row.turn]).await? {
        0 => refuse(Refusal::Exists),
        _ => Ok(()),
    }
}
