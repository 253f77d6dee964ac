//! A filing that its sender signs with his own tool before he presents it: laid out as it would be filed, downloaded, and
//! brought back signed. What he signed becomes the primary document, if the draft is still what was laid out.
//!
//! The files belong to `filing:<draft>:<print>`, where the print is the digest of what would be filed: once the draft says
//! something else they are another draft's, so to say, and it shows. None of it is evidence.

use plico_archive::Work;
use plico_archive::read::inbox::{self, DraftRow, UploadRow};
use plico_archive::read::{body, message, queue};
use plico_crypto::digest::{sha256, to_hex};
use plico_database::args;
use plico_locale::Lang;
use plico_pdf::paper::render;
use plico_record::act::Content;
use plico_signature::report::Indication;
use plico_vault::BlobReader;

use crate::kind::Kind;
use crate::paper::{FilingPaper, PaperFile, Words, filing_sheet};
use crate::refusal::{fault, refuse};
use crate::signing::check::content;
use crate::upload::Owner;
use crate::verdict::Verdict;
use crate::{Actor, Desk, Outcome, Refusal};

/// Most bytes of a file that is compared.
const LARGEST: u64 = 200 * 1024 * 1024;

const ANY: &str = "select count(*) from upload where owner like $1";
/// Everything that was prepared or signed of a draft.
pub(crate) const DROP: &str = "delete from upload where owner like $1";
const DROP_SIGNED: &str = "delete from upload where owner like $1 and owner like '%:signed'";
const TAKE: &str = "update upload set owner = $2, position = 1 where id = $1 and owner = $3";
pub(crate) const THERE: &str = "select count(*) from upload where id = $1 and owner like $2";

/// A draft, and what its paper says besides.
pub(crate) struct Drafted<'a> {
    pub(crate) draft: &'a DraftRow,
    pub(crate) sender: &'a queue::PersonRow,
    pub(crate) kind: &'a Kind,
    pub(crate) office: &'a body::Office,
    pub(crate) thread: Option<&'a str>,
    pub(crate) uploads: &'a [UploadRow],
}

/// How far somebody is with the signature of his draft.
#[derive(Debug, Clone, Default)]
pub struct OwnSignature {
    /// What is to be signed, laid out of the draft as it is.
    pub prepared: Option<UploadRow>,
    /// What came back signed.
    pub signed: Option<UploadRow>,
    /// Something was laid out or signed, and the draft was changed since.
    pub stale: bool,
}

/// What the files of a draft belong to, whatever it says.
pub(crate) fn of_draft(draft: &str) -> String {
    format!("filing:{draft}:%")
}

fn prepared_of(draft: &str, print: &str) -> Owner {
    Owner(format!("filing:{draft}:{print}"))
}

fn signed_of(draft: &str, print: &str) -> Owner {
    Owner(format!("filing:{draft}:{print}:signed"))
}

impl Desk {
    /// What tells one filing from another: the digest of its paper, laid out as of no time.
    async fn print_of(&self, mut paper: FilingPaper) -> Outcome<String> {
        paper.created_ms = 0;
        let pdf =
            self.sheet_pdf(None, plico_locale::Lang::It, move |words| filing_sheet(words, &paper)).await?;
        Ok(to_hex(&sha256(&pdf)))
    }

    async fn own_paper(&self, actor: &Actor, draft: &DraftRow) -> Outcome<FilingPaper> {
        let database = self.archive.database();
        let uploads = inbox::uploads(database, &draft.id).await?;
        let about = match &draft.reply_to {
            Some(id) => message::message(database, id).await?,
            None => None,
        };
        let (Some(sender), Some(kind), Some(office)) = (
            queue::person(database, &draft.person).await?,
            self.kind(&draft.administration, &draft.kind).await?,
            body::office(database, &draft.office).await?,
        ) else {
            return refuse(Refusal::NotFound);
        };
        let thread = about.as_ref().map(|about| about.thread.as_str());
        let drafted =
            Drafted { draft, sender: &sender, kind: &kind, office: &office, thread, uploads: &uploads };
        self.filing_paper(actor, &drafted).await
    }

    /// What the primary document of a draft says, as of now.
    pub(crate) async fn filing_paper(&self, actor: &Actor, drafted: &Drafted<'_>) -> Outcome<FilingPaper> {
        let Drafted { draft, sender, kind, office, thread, uploads } = drafted;
        let content = Content {
            message: draft.id.clone(),
            kind: draft.kind.clone(),
            office: draft.office.clone(),
            subject: draft.subject.clone(),
            text: draft.text.clone(),
            thread: thread.map_or_else(|| draft.id.clone(), ToOwned::to_owned),
            reply_to: draft.reply_to.clone(),
            effect: None,
        };
        Ok(FilingPaper {
            administration: self.body_name(&draft.administration).await?,
            office: office.name.clone(),
            kind: kind.name.clone(),
            sender: (*sender).clone(),
            others: Vec::new(),
            author: actor.name.clone(),
            on_behalf: actor.part().on_behalf_of.is_some(),
            content,
            created_ms: self.archive.now_ms(),
            files: uploads.iter().map(PaperFile::of_upload).collect(),
            demo: self.archive.is_demo().await?,
        })
    }

    /// How far the signature of a paper is.
    pub(crate) async fn signature_of(&self, draft: &str, paper: FilingPaper) -> Outcome<OwnSignature> {
        let database = self.archive.database();
        if database.scalar_i64(ANY, args![of_draft(draft)]).await? == 0 {
            return Ok(OwnSignature::default());
        }
        let print = self.print_of(paper).await?;
        let prepared = inbox::uploads(database, &prepared_of(draft, &print).0).await?.into_iter().next_back();
        let signed = inbox::uploads(database, &signed_of(draft, &print).0).await?.into_iter().next_back();
        Ok(OwnSignature { stale: prepared.is_none(), prepared, signed })
    }

    /// How far the actor is with the signature of his draft.
    pub async fn own_signature(&self, actor: &Actor, id: &str) -> Outcome<OwnSignature> {
        let draft = self.draft(actor, id).await?;
        if self.archive.database().scalar_i64(ANY, args![of_draft(id)]).await? == 0 {
            return Ok(OwnSignature::default());
        }
        if !self.missing(&draft).await?.is_empty() {
            return Ok(OwnSignature { stale: true, ..OwnSignature::default() });
        }
        self.signature_of(id, self.own_paper(actor, &draft).await?).await
    }

    /// Lays out what would be filed, to be signed; what was laid out of an earlier draft goes.
    pub async fn prepare_signature(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let draft = self.draft(actor, id).await?;
        self.archive.need_room()?;
        let missing = self.missing(&draft).await?;
        if !missing.is_empty() {
            return refuse(Refusal::Invalid(missing));
        }
        let paper = self.own_paper(actor, &draft).await?;
        if self.signature_of(id, paper.clone()).await?.prepared.is_some() {
            return Ok(());
        }
        let owner = prepared_of(id, &self.print_of(paper.clone()).await?);
        let (catalogue, name) = (self.catalogue.clone(), format!("{}.pdf", paper.kind));
        let pdf = tokio::task::spawn_blocking(move || {
            render(&filing_sheet(&Words(&catalogue, Lang::It), &paper)).map_err(fault)
        });
        let pdf = pdf.await.map_err(fault)??;
        let all = of_draft(id);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DROP, args![all])?;
                    Ok::<_, plico_archive::ActError<Refusal>>(())
                })
            })
            .await?;
        self.store_own(actor, &owner, &name, &pdf).await?;
        Ok(())
    }

    /// What is to be signed.
    pub async fn to_sign(&self, actor: &Actor, id: &str) -> Outcome<(UploadRow, BlobReader)> {
        let Some(upload) = self.own_signature(actor, id).await?.prepared else {
            return refuse(Refusal::NotFound);
        };
        let reader = self.open_upload(&actor.administration, &upload).await?;
        Ok((upload, reader))
    }

    /// Where the file that came back is put until it was looked at; what was put there before goes.
    pub async fn signature_place(&self, actor: &Actor, id: &str) -> Outcome<Owner> {
        self.draft(actor, id).await?;
        let (owner, old) = self.form_files(actor, &format!("f{id}")).await?;
        for upload in old {
            self.remove_upload(&owner, &upload.id).await?;
        }
        Ok(owner)
    }

    /// Takes a file as the signed draft, if it holds what was laid out and a signature that is intact. Whose it is and
    /// what it is worth is told, and keeps nobody from filing.
    pub async fn bring_signature(&self, actor: &Actor, id: &str, file: &str) -> Outcome<()> {
        let draft = self.draft(actor, id).await?;
        let (place, files) = self.form_files(actor, &format!("f{id}")).await?;
        let Some(upload) = files.into_iter().find(|upload| upload.id == file) else {
            return refuse(Refusal::NotFound);
        };
        let taken = self.look_at_signature(actor, &draft, &upload).await;
        if taken.is_err() {
            // Nothing stays behind of what was not taken.
            self.remove_upload(&place, &upload.id).await?;
        }
        let print = taken?;
        let (owner, all) = (signed_of(id, &print), of_draft(id));
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DROP_SIGNED, args![all])?;
                    match work.tx.execute(TAKE, args![&upload.id, owner.0, place.0]).await? {
                        0 => refuse(Refusal::Exists),
                        _ => Ok(()),
                    }
                })
            })
            .await
    }

    async fn look_at_signature(
        &self,
        actor: &Actor,
        draft: &DraftRow,
        upload: &UploadRow,
    ) -> Outcome<String> {
        if upload.sealed {
            return refuse(Refusal::NotServed);
        }
        if !self.missing(draft).await?.is_empty() {
            return refuse(Refusal::SignatureStale);
        }
        let paper = self.own_paper(actor, draft).await?;
        let Some(prepared) = self.signature_of(&draft.id, paper.clone()).await?.prepared else {
            return refuse(Refusal::SignatureStale);
        };
        let before = self.open_upload(&draft.administration, &prepared).await?;
        let file = self.open_upload(&draft.administration, upload).await?;
        let before = before.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let file = file.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let verdict = upload.verification.as_deref().and_then(Verdict::read);
        let checked =
            tokio::task::spawn_blocking(move || content(&before, 0, &file, verdict.as_ref()).map(|_| ()));
        checked.await.map_err(fault)?.or_else(|why| refuse(Refusal::NotSigned(why)))?;
        self.print_of(paper).await
    }

    /// Goes on without the signature.
    pub async fn drop_signature(&self, actor: &Actor, id: &str) -> Outcome<()> {
        self.draft(actor, id).await?;
        let all = of_draft(id);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DROP, args![all])?;
                    Ok(())
                })
            })
            .await
    }
}

/// Whether everything is valid in the signatures of a file, and each names this tax code.
pub(crate) fn established(upload: &UploadRow, code: Option<&str>) -> bool {
    let Some(found) = upload.verification.as_deref().and_then(Verdict::read) else { return false };
    let mut signatures = found.report.all_signatures().peekable();
    code.is_some()
        && signatures.peek().is_some()
        && signatures.all(|signature| {
            signature.indication == Indication::TotalPassed && signature.signer.fiscal_code.as_deref() == code
        })
}
