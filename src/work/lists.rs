//! Fetches the trusted lists, once a day: the list of lists, those before it that hand its signers over, and those of the
//! countries that it points to. What is not signed as it must be, or older than what is there, is not taken.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use plico_archive::ArchiveError;
use plico_archive::fetched::{Came, Fetched};
use plico_signature::tsl::{Directory, ListFault, edition};
use tokio_util::sync::CancellationToken;

use super::receipt::describe;
use super::verdict::keep;
use crate::app::App;
use crate::fetch::Fetch;
use crate::trust::lists::{self, Files};

/// How often it is seen whether it is time.
const EVERY: Duration = Duration::from_mins(10);
/// How old what was fetched may be; and how long whoever failed is left alone.
const DAY_MS: i64 = 86_400_000;
const AFTER_FAILURE_MS: i64 = 3_600_000;
/// How many are asked at one time.
const TOGETHER: usize = 4;
/// What fetched lists are kept as.
pub(super) const KIND: &str = "list";

/// Fetches for ever, in the process that signs.
pub(super) async fn follow(app: App, stop: CancellationToken) {
    if app.fetch.as_ref().is_none_or(|fetch| fetch.folder.is_none()) {
        return;
    }
    loop {
        if app.desk.archive().leads().await
            && let Err(error) = fetch(&app).await
        {
            tracing::error!(error = %describe(&error), "fetched trusted lists cannot be kept");
        }
        tokio::select! { () = tokio::time::sleep(EVERY) => {}, () = stop.cancelled() => return }
    }
}

/// One turn: whatever is due is fetched.
pub async fn fetch(app: &App) -> Result<(), ArchiveError> {
    let Some(fetch) = app.fetch.clone() else { return Ok(()) };
    let Some(folder) = fetch.folder.clone() else { return Ok(()) };
    let (own, signers) = match lists::files(&folder) {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(error = %describe(&error), "signatures.lists cannot be read");
            return Ok(());
        }
    };
    let archive = app.desk.archive();
    let kept = archive.fetched_of(KIND).await?;
    let known = Known { own, signers, kept: kept.clone() };
    if is_due(app, &fetch.lists_url).await? {
        let came = list_of_lists(app, &fetch, &known).await?;
        keep(app, &fetch.lists_url, KIND, came).await?;
    }
    let known = Known { kept: archive.fetched_of(KIND).await?, ..known };
    let Some(directory) = blocking(move || known.directory()).await else { return Ok(()) };
    let directory = Arc::new(directory);
    let before: HashMap<String, Vec<u8>> =
        kept.into_iter().filter_map(|kept| Some((kept.source, kept.body?))).collect();
    let mut due = Vec::new();
    for (territory, url) in directory.places() {
        if is_due(app, &url).await? {
            due.push((territory, before.get(&url).cloned(), url));
        }
    }
    for some in due.chunks(TOGETHER) {
        let asked = some.iter().map(async |(territory, before, url)| {
            let came = fetch.list(url).await;
            (url, of_country(Arc::clone(&directory), territory.clone(), before.clone(), came).await)
        });
        for (url, came) in join_all(asked).await {
            keep(app, url, KIND, came).await?;
        }
    }
    Ok(())
}

async fn is_due(app: &App, url: &str) -> Result<bool, ArchiveError> {
    let archive = app.desk.archive();
    let Some(kept) = archive.fetched(url).await? else { return Ok(true) };
    let failed = kept.got_ms != Some(kept.asked_ms);
    Ok(archive.now_ms() - kept.asked_ms >= if failed { AFTER_FAILURE_MS } else { DAY_MS })
}

/// What is there: lists in the folder and fetched ones, and who signs the list of lists.
#[derive(Clone)]
struct Known {
    own: Files,
    signers: Vec<u8>,
    kept: Vec<Fetched>,
}

impl Known {
    fn files(&self, without: &str) -> Files {
        let kept = self.kept.iter().filter(|kept| kept.source != without);
        let kept = kept.filter_map(|kept| Some((kept.source.clone(), kept.body.clone()?)));
        self.own.iter().cloned().chain(kept).collect()
    }

    fn directory(&self) -> Option<Directory> {
        Directory::read(&self.files(""), &self.signers).ok()
    }

    /// Whether a list of lists may take the place of what is there.
    fn admits(
        &self,
        url: &str,
        bytes: &[u8],
        pivots: &[(String, Vec<u8>)],
    ) -> Result<(), (&'static str, String)> {
        let own = edition(bytes).filter(|edition| edition.territory == "EU");
        let Some(own) = own else { return Err(("garbage", format!("{} bytes", bytes.len()))) };
        if let Some(known) = self.directory().filter(|known| known.sequence() > own.sequence) {
            return Err(("older", format!("{} < {}", own.sequence, known.sequence())));
        }
        let mut files = self.files(url);
        files.extend(pivots.iter().cloned());
        files.push((url.to_owned(), bytes.to_vec()));
        match Directory::read(&files, &self.signers) {
            Ok(found) if found.sequence() == own.sequence && !found.refuses(url) => Ok(()),
            _ => Err(("signer", format!("edition {}", own.sequence))),
        }
    }
}

/// The list of lists; where its signers have changed, with those before it that hand over.
async fn list_of_lists(app: &App, fetch: &Fetch, known: &Known) -> Result<Came, ArchiveError> {
    let url = fetch.lists_url.clone();
    let bytes = match fetch.list(&url).await {
        Ok(bytes) => bytes,
        failed => return Ok(failed),
    };
    let (state, place, body) = (known.clone(), url.clone(), bytes.clone());
    let first = blocking(move || state.admits(&place, &body, &[])).await;
    let Err(("signer", _)) = first else { return Ok(first.map(|()| bytes)) };
    // The addresses are those that an unknown hand wrote: what is there counts by who signed it.
    let body = bytes.clone();
    let named = blocking(move || edition(&body)).await.map(|edition| edition.before).unwrap_or_default();
    let mut pivots = Files::new();
    for pivot in named.into_iter().filter(|pivot| *pivot != url) {
        match fetch.list(&pivot).await {
            Ok(bytes) => pivots.push((pivot, bytes)),
            Err(failed) => keep(app, &pivot, KIND, Err(failed)).await?,
        }
    }
    let (state, place, body, given) = (known.clone(), url.clone(), bytes.clone(), pivots.clone());
    let admitted = blocking(move || state.admits(&place, &body, &given)).await;
    if admitted.is_ok() {
        for (pivot, bytes) in pivots {
            keep(app, &pivot, KIND, Ok(bytes)).await?;
        }
    }
    Ok(admitted.map(|()| bytes))
}

/// The list of a country, if it is signed as it must be and no older than the one before.
async fn of_country(
    directory: Arc<Directory>,
    territory: String,
    before: Option<Vec<u8>>,
    came: Came,
) -> Came {
    let bytes = came?;
    blocking(move || {
        let sequence =
            directory.check(&territory, &bytes).map_err(|fault| (problem(fault), territory.clone()))?;
        let known = before.and_then(|before| edition(&before)).filter(|known| known.territory == territory);
        match known {
            Some(known) if known.sequence > sequence => {
                Err(("older", format!("{sequence} < {}", known.sequence)))
            }
            _ => Ok(bytes),
        }
    })
    .await
}

fn problem(fault: ListFault) -> &'static str {
    match fault {
        ListFault::Unreadable | ListFault::NotAList | ListFault::NotPointedTo => "garbage",
        ListFault::Signer => "signer",
        ListFault::Form | ListFault::Altered => "false",
        ListFault::Older => "older",
    }
}

/// Lists of megabytes are not read on a thread that serves people.
async fn blocking<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(what).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
