//! The ways to sign: a file signed with one's own tool, or the seal of the service.

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::signing::SigningRow;
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_record::act::SigningSigned;
use plico_record::authority::Deed;

use super::{DROP, DROP_FILES, attached_owner, check, file_owner, stands};
use crate::issue::{Gives, issue};
use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::upload::Owner;
use crate::verdict::Verdict;
use crate::{Actor, Desk, Outcome, Refusal, signing::Unsigned};

/// Most bytes of a file that is compared.
pub(super) const LARGEST: u64 = 200 * 1024 * 1024;

/// What a signature came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// Others are to sign it.
    Waits,
    /// It was the last one: the letter left as this message.
    Sent(String),
}

const TAKE: &str = "update upload set owner = $2,
    position = (select coalesce(max(u.position), 0) + 1 from upload u where u.owner = $2) where id = $1 and owner = $3";

impl Desk {
    /// Where a signer puts the file that he signed; what he put there before and was not taken goes.
    pub async fn signing_place(&self, actor: &Actor, id: &str) -> Outcome<Owner> {
        self.allowed_letter(actor, Deed::Sign, id).await?;
        let (owner, old) = self.form_files(actor, &format!("s{id}")).await?;
        for upload in old {
            self.remove_upload(&owner, &upload.id).await?;
        }
        Ok(owner)
    }

    /// Takes a file that the actor signed with his own tool, if it is what was to be signed and he signed it.
    pub async fn sign_with_file(&self, actor: &Actor, id: &str, file: &str) -> Outcome<Signed> {
        self.take_signed(actor, id, file, "upload").await
    }

    /// Takes what lies in the signer's place.
    pub(super) async fn take_signed(
        &self,
        actor: &Actor,
        id: &str,
        file: &str,
        how: &str,
    ) -> Outcome<Signed> {
        let (row, _) = self.allowed_letter(actor, Deed::Sign, id).await?;
        let (owner, files) = self.form_files(actor, &format!("s{id}")).await?;
        let Some(upload) = files.into_iter().find(|upload| upload.id == file) else {
            return refuse(Refusal::NotFound);
        };
        let taken = self.check_signed(actor, &row, &upload).await;
        if taken.is_err() {
            // Nothing stays behind of what was not taken.
            self.remove_upload(&owner, &upload.id).await?;
        }
        taken?;
        self.signed(actor, row, upload, owner, how).await
    }

    async fn check_signed(&self, actor: &Actor, row: &SigningRow, upload: &UploadRow) -> Outcome<()> {
        if upload.sealed {
            return refuse(Refusal::NotServed);
        }
        let now = self.signing_file(row).await?;
        let before = self.open_upload(&row.administration, &now).await?;
        let file = self.open_upload(&row.administration, upload).await?;
        let before = before.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let file = file.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let code = self.expected_code(actor).await?;
        let verdict = upload.verification.as_deref().and_then(Verdict::read);
        let earlier = check::signatures(now.verification.as_deref());
        let checked = tokio::task::spawn_blocking(move || {
            check::check(&before, earlier, &file, verdict.as_ref(), &code)
        });
        checked.await.map_err(fault)?.or_else(|why| refuse(Refusal::NotSigned(why)))
    }

    /// Approves, and has the service's seal set in the actor's name.
    pub async fn sign_with_seal(&self, actor: &Actor, id: &str) -> Outcome<Signed> {
        let (row, _) = self.allowed_letter(actor, Deed::Sign, id).await?;
        let now = self.signing_file(&row).await?;
        self.usable_seal()?;
        let (Some(press), "application/pdf") = (self.press()?, now.media_type.as_str()) else {
            return refuse(Refusal::NotSigned(Unsigned::NoPdf));
        };
        let reader = self.open_upload(&row.administration, &now).await?;
        let pdf = reader.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let body = self.body_name(&actor.administration).await?;
        let named = Args::new().with("name", actor.name.clone());
        let catalogue = self.catalogue.clone();
        let sealed = tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, Lang::It);
            press.set(&words, &body, &words.with("signing-seal-reason", &named), &pdf)
        });
        let sealed = sealed.await.map_err(fault)??;
        let owner = self.signing_place(actor, id).await?;
        let made = self.store_own(actor, &owner, &now.name, &sealed).await?;
        let (_, files) = self.form_files(actor, &format!("s{id}")).await?;
        let Some(upload) = files.into_iter().find(|upload| upload.id == made) else {
            return refuse(Refusal::Exists);
        };
        self.signed(actor, row, upload, owner, "seal").await
    }

    /// Records a signature; the last one sends the letter, in the same transaction.
    async fn signed(
        &self,
        actor: &Actor,
        row: SigningRow,
        upload: UploadRow,
        owner: Owner,
        how: &str,
    ) -> Outcome<Signed> {
        let id = row.message.clone();
        let verdict = upload.verification.as_ref().and_then(|text| serde_json::from_str(text).ok());
        let act = SigningSigned {
            message: id.clone(),
            place: row.signer.clone(),
            how: how.into(),
            sha256: upload.sha256.clone(),
            verdict,
        };
        let mut prepared = self.prepared(&id).await?;
        let mut documents = Vec::new();
        let (mut signed, mut gives) = (Vec::new(), Gives::Here);
        let asked: Vec<plico_record::act::Place> = serde_json::from_str(&row.signers).map_err(fault)?;
        let last = row.turn.cast_unsigned() as usize + 1 >= asked.len();
        if last {
            let files = self.uploads_of(&attached_owner(&id)).await?;
            signed = crate::present::signed(&files);
            signed.extend(crate::present::signed(std::slice::from_ref(&upload)));
            let mut primary = self.document_of(&actor.administration, &upload, "primary").await?;
            // Called as what was prepared, whatever his tool called it.
            let first = self.signing_first(&id).await?;
            let around = if upload.media_type == "application/pdf" { "" } else { ".p7m" };
            primary.entry.name = format!("{first}{around}");
            documents.push(primary);
            documents.extend(self.attachments(actor, &prepared, &files).await?);
            prepared.formation.format.clone_from(&upload.media_type);
            // Each of its signatures counts, not the last alone.
            let made: Vec<super::SignedBy> = serde_json::from_str(&row.signed_by).map_err(fault)?;
            let ways = || made.iter().map(|by| by.how.as_str()).chain([how]);
            prepared.formation.verification.signed = ways().any(|how| how != "seal");
            prepared.formation.verification.sealed = ways().any(|how| how == "seal");
            gives = self.gives(&prepared, &documents).await?;
        }
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &row).await?;
                    let file = file_owner(&id);
                    if work.tx.execute(TAKE, args![&upload.id, &file.0, owner.0]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.append(NewEvent::by(&actor, &id, act)).await?;
                    if !last {
                        return Ok(Signed::Waits);
                    }
                    let sent = issue(work, &actor, prepared, documents, &signed, gives).await?;
                    let attached = attached_owner(&id);
                    for owner in [&file, &attached] {
                        crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    }
                    for owner in [file, attached] {
                        work.tx.write(DROP_FILES, args![owner.0])?;
                    }
                    work.tx.write(DROP, args![&id])?;
                    Ok(Signed::Sent(sent.message))
                })
            })
            .await
    }

    /// What the prepared file was called.
    async fn signing_first(&self, id: &str) -> Outcome<String> {
        let files = self.uploads_of(&file_owner(id)).await?;
        files.into_iter().next().map_or_else(|| refuse(Refusal::NotFound), |file| Ok(file.name))
    }
}
