//! One look at a file: with whom the installation believes, and with what was fetched for it before. Nothing is fetched
//! here; what could be is answered.

use std::sync::{Arc, PoisonError};

use plico_archive::ArchiveError;
use plico_crypto::digest::{sha256, to_hex};
use plico_signature::proof::Poe;
use plico_signature::revocation::Evidence;
use plico_signature::revocation::want::{Want, Wanted};
use plico_signature::tsl::ListReport;
use plico_signature::{Anchors, Options, Report};
use plico_vault::BlobReader;

use super::{Trust, Verdict, fit};
use crate::Desk;

/// Signature checks under way at one time: each holds its file in memory.
static CHECKS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
/// Files of at most so many bytes have their signatures checked.
const CHECK_LIMIT: u64 = 200 * 1024 * 1024;
/// A list names an issuer, the issuer its own list: so often it is looked again with what was kept.
const MAX_ROUNDS: usize = 4;

/// The name under which what came of a want is kept.
pub fn source(want: &Want) -> String {
    match want {
        Want::Answer { url, request } => format!("{url}#{}", to_hex(&sha256(request))),
        Want::Issuers { url } | Want::List { url } => url.clone(),
    }
}

/// Takes what came of a want, if it is what it should be.
pub fn take(evidence: &mut Evidence, want: &Want, bytes: &[u8]) -> bool {
    match want {
        Want::Answer { .. } => evidence.add_ocsp(bytes),
        Want::Issuers { .. } => evidence.add_issuers(bytes),
        Want::List { .. } => evidence.add_crl(bytes),
    }
    .is_ok()
}

impl Desk {
    /// Sets whom to believe about signatures, from now on.
    pub fn believe(&self, trust: Trust) {
        *self.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
    }

    pub(crate) fn trust(&self) -> Arc<Trust> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is said now of the trusted lists that are believed; nothing where nobody is believed at all.
    pub fn believed(&self) -> Option<Vec<ListReport>> {
        let (trust, now) = (self.trust(), self.archive.now_ms());
        let lists = |anchors: &Anchors| anchors.lists().map(|lists| lists.reports(now)).unwrap_or_default();
        trust.anchors.as_ref().map(lists)
    }

    /// Which [`Trust`] it is.
    pub fn trust_version(&self) -> String {
        self.trust().version.clone()
    }

    /// Looks at the signatures of a file. An answer that is missing is never a reason to refuse it.
    /// `name` is that of a file that has just come.
    pub(crate) async fn judge(
        &self,
        reader: &BlobReader,
        name: Option<&str>,
        poes: Vec<Poe>,
    ) -> Option<Verdict> {
        self.look(reader, name, poes).await.map(|(verdict, _)| verdict)
    }

    /// As [`Self::judge`], with what could say more.
    pub(super) async fn look(
        &self,
        reader: &BlobReader,
        name: Option<&str>,
        poes: Vec<Poe>,
    ) -> Option<(Verdict, Vec<Want>)> {
        if reader.size() > CHECK_LIMIT {
            return None;
        }
        let _turn = CHECKS.acquire().await.ok()?;
        let bytes = Arc::new(reader.read_all(CHECK_LIMIT).await.ok()?);
        let at = self.archive.now_ms();
        let given = Given { bytes, poes: Arc::new(poes), trust: self.trust(), at };
        let (mut evidence, mut seen) = (None::<Evidence>, Vec::<Want>::new());
        let (mut report, mut wants) = given.inspect(None).await?;
        for _ in 1..MAX_ROUNDS {
            let new: Vec<Want> = wants.iter().filter(|want| !seen.contains(want)).cloned().collect();
            let more = self.kept(&new).await.unwrap_or_default();
            if more.is_empty() {
                break;
            }
            seen.extend(new);
            evidence.get_or_insert_with(|| given.trust.evidence.clone()).extend(more);
            (report, wants) = given.inspect(evidence.clone()).await?;
        }
        let (report, name) = (without_others(report), name.map(str::to_owned));
        let finished = tokio::task::spawn_blocking(move || {
            let fit = name.map(|name| fit::fit(&name, &given.bytes, &report));
            Verdict { v: 1, at, plain: plico_signature::plain(&report), report, fit }
        });
        Some((finished.await.ok()?, wants))
    }

    /// What was fetched of these before.
    async fn kept(&self, wants: &[Want]) -> Result<Evidence, ArchiveError> {
        let mut found = Evidence::default();
        for want in wants {
            if let Some(bytes) = self.archive.fetched(&source(want)).await?.and_then(|kept| kept.body) {
                take(&mut found, want, &bytes);
            }
        }
        Ok(found)
    }
}

/// What is looked at, and how.
#[derive(Clone)]
struct Given {
    bytes: Arc<Vec<u8>>,
    poes: Arc<Vec<Poe>>,
    trust: Arc<Trust>,
    at: i64,
}

impl Given {
    /// With other evidence than the installation has at hand.
    async fn inspect(&self, evidence: Option<Evidence>) -> Option<(Report, Vec<Want>)> {
        let given = self.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let wanted = Wanted::default();
            let options = Options {
                evidence: Some(evidence.as_ref().unwrap_or(&given.trust.evidence)),
                poes: &given.poes,
                wanted: Some(&wanted),
                ..Options::at(given.at, given.trust.anchors.as_ref())
            };
            (plico_signature::inspect(&given.bytes, &options), wanted.into_all())
        });
        looked.await.ok()
    }
}

/// Of the trusted lists those that were asked: a verdict is kept for long, and there are dozens.
fn without_others(mut report: Report) -> Report {
    let cited: Vec<String> = report
        .all_signatures()
        .filter_map(|found| Some(found.qualification.as_ref()?.list.as_ref()?.territory.clone()))
        .collect();
    report.trusted_lists.retain(|list| list.territory == "EU" || cited.contains(&list.territory));
    report
}
