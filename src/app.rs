//! The composition root: the one place where the parts are put together.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::FromRef;
use plico_archive::{Archive, ArchiveError, Begin, Clock, Entropy, Paths};
use plico_courier::http::HttpError;
use plico_desk::seal::Standing;
use plico_desk::{Desk, Limits};
use plico_locale::Catalogue;

use crate::clock::{SystemClock, random};
use crate::config::Config;
use crate::domiciles::{self, DomicilesError};
use crate::fetch::Fetch;
use crate::http::server::{self, ServerError};
use crate::http::{Error, Shell};
use crate::mailboxes::{self, MailboxesError, Watched};
use crate::peers::{self, Known, PeersError};
use crate::registries::{self, RegistriesError};
use crate::remote::{self, RemoteError};
use crate::seal;
use crate::trust::{self, TrustError};
use crate::vouchers::{Vouchers, VouchersError};
use crate::wallets::{self, WalletsError};

/// Why the application cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The archive cannot be opened or made.
    #[error("the archive cannot be used")]
    Archive(#[from] ArchiveError),
    /// Templates or catalogues of this build are broken.
    #[error("this build is broken: {0}")]
    Build(String),
    /// Those who are asked to vouch for the logs are not well configured.
    #[error(transparent)]
    Vouchers(#[from] VouchersError),
    /// Whom to believe about signatures is not well configured.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The provider of remote signatures is not well configured.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The registers of digital domiciles.
    #[error(transparent)]
    Domiciles(#[from] DomicilesError),
    /// The wallets of telephones are not well configured.
    #[error(transparent)]
    Wallets(#[from] WalletsError),
    /// The registry systems are not well configured.
    #[error(transparent)]
    Registries(#[from] RegistriesError),
    /// The mailboxes are not well configured.
    #[error(transparent)]
    Mailboxes(#[from] MailboxesError),
    /// The bodies that ours speaks to are not well configured.
    #[error(transparent)]
    Peers(#[from] PeersError),
    /// The demo's outside registry cannot be started.
    #[error("the demo's outside registry cannot be started")]
    Demo(#[source] Box<crate::demo::DemoError>),
    /// Nothing can be fetched as it is configured.
    #[error("outbound: requests cannot be made as they are configured: check outbound.proxy")]
    Fetch(#[source] HttpError),
    /// The archive is not one for this command.
    #[error("{0}")]
    Wrong(&'static str),
    /// The server cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// What handlers and jobs can reach.
#[derive(Clone)]
pub struct App {
    /// Sessions, pages, cookies, counters.
    pub shell: Shell,
    /// What people may do.
    pub desk: Desk,
    /// Whom to ask for evidence.
    pub vouchers: Arc<Vouchers>,
    /// What fetches what authorities offer; `None` where nothing is fetched.
    pub fetch: Option<Arc<Fetch>>,
    /// The mailboxes that are read, once the archive is open.
    pub mailboxes: Arc<OnceLock<Vec<Watched>>>,
    /// The bodies with whose registries ours speaks by web service, once the archive is open.
    pub peers: Arc<OnceLock<Vec<Known>>>,
}

impl FromRef<App> for Shell {
    fn from_ref(app: &App) -> Self {
        app.shell.clone()
    }
}

/// Where an archive lives, as the configuration says.
pub fn paths(config: &Config) -> Paths {
    Paths {
        data: config.data_dir.clone(),
        database: config.location(),
        key_file: config.key_file(),
        unlock: crate::unlock::of(&config.keys),
        signer: config.signer_state(),
        stores: config.stores(),
    }
}

/// The machine's own source of randomness.
pub fn entropy() -> Entropy {
    Entropy::new(random)
}

/// Opens the archive of a configuration. A log that is not the one that was signed stays read-only, and is said.
pub async fn open_archive(config: &Config) -> Result<Archive, AppError> {
    let archive = Archive::open_node(&paths(config), Arc::new(SystemClock), entropy()).await?;
    if !archive.leads().await {
        tracing::info!("another process signs: this one serves beside it and stands by");
        return Ok(archive);
    }
    for origin in archive.check_continuity().await? {
        tracing::error!(log = %origin, "continuity is not shown: this log is read-only");
    }
    Ok(archive)
}

/// Opens the archive of a configuration beside the process that may be serving it.
pub async fn open_beside(config: &Config) -> Result<Archive, AppError> {
    Ok(Archive::open_beside(&paths(config), Arc::new(SystemClock), entropy()).await?)
}

/// Makes the archive of a configuration.
pub async fn make_archive(config: &Config, begin: Begin) -> Result<Archive, AppError> {
    Ok(Archive::init(&paths(config), begin, Arc::new(SystemClock), entropy()).await?)
}

/// Puts desk and shell over an open archive.
pub fn assemble(
    config: Config,
    demo: bool,
    archive: &Archive,
    clock: Arc<dyn Clock>,
) -> Result<App, AppError> {
    let catalogue = Arc::new(Catalogue::load().map_err(|error| AppError::Build(error.to_string()))?);
    let limits = Limits {
        file_bytes: config.limits.upload_max_bytes,
        files: config.limits.files_per_message as usize,
        message_bytes: config.limits.message_max_bytes,
        drafts: config.limits.drafts_per_person as usize,
        text_chars: config.limits.text_max_chars as usize,
        ..Limits::default()
    };
    archive.keep_free(config.limits.reserve_bytes);
    let vouchers = Arc::new(Vouchers::load(&config)?);
    archive.demand_evidence(vouchers.demand(&config));
    let desk = Desk::new(archive.clone(), catalogue, limits, &config.public_url)
        .with_verifier(crate::http::assets::verifier().map(|file| file.bytes))
        .with_seal(seal::configured(&config.seal), seal::stamper(&config, &vouchers, &clock));
    desk.believe(trust::read(&config.signatures, Vec::new())?);
    desk.make_for_wallets(wallets::read(&config.wallet)?);
    desk.sign_remotely_with(remote::read(&config)?);
    desk.ask_domiciles_of(domiciles::read(&config)?);
    let fetch = Fetch::load(&config).map_err(AppError::Fetch)?;
    let shell = Shell::new(config, demo, clock, archive.database().clone()).map_err(|error| {
        AppError::Build(match error {
            Error::Fault(fault) => fault.to_string(),
            Error::Refusal(refusal) => refusal.code.to_owned(),
        })
    })?;
    // Which file it was is for the status page, not for the public.
    let watched = archive.clone();
    shell.readiness().watch("archive", move || {
        watched
            .is_stopped()
            .then(|| "writing has stopped after a fault of the disk: restart to verify".to_owned())
    });
    let watched = archive.clone();
    shell.readiness().watch("blobs", move || {
        watched
            .vault()
            .trouble()
            .map(|_| "the object store does not work: what is large cannot be filed or read".to_owned())
    });
    Ok(App {
        shell,
        desk,
        vouchers,
        fetch: fetch.map(Arc::new),
        mailboxes: Arc::default(),
        peers: Arc::default(),
    })
}

/// Makes the configured registry systems known to the desk, and reads which mailboxes are to be followed.
pub async fn connect(app: &App) -> Result<(), AppError> {
    let _ = app.mailboxes.set(mailboxes::read(app.shell.config(), &app.desk).await?);
    let known = peers::read(app.shell.config(), &app.desk).await?;
    app.desk.speak_to(peers::letters_to(&known));
    let _ = app.peers.set(known);
    let systems = registries::read(app.shell.config(), &app.desk).await?;
    if !systems.is_empty() {
        app.desk.connect(systems);
    }
    Ok(())
}

/// Every page and API operation of the application.
pub fn pages(app: &App) -> Router {
    crate::web::router(app).merge(crate::api::router(app))
}

/// Serves an open archive until asked to stop, with the followers and the workers in this process.
pub async fn run(config: Config, demo: bool, archive: Archive) -> Result<(), AppError> {
    if archive.is_demo().await? != demo {
        return Err(AppError::Wrong(if demo {
            "this archive is not a demo: `plico demo` does not touch it"
        } else {
            "this is a demo archive for ever: `plico serve` refuses it"
        }));
    }
    let app = assemble(config, demo, &archive, Arc::new(SystemClock))?;
    let named = crate::web::show_bodies(&app).await;
    named.map_err(|_| AppError::Wrong("this archive has no administration to serve"))?;
    connect(&app).await?;
    // A token is asked now, not when the first paper waits.
    if let Standing::Unusable(why) = app.desk.seal_standing().await {
        tracing::error!(why, "the configured seal cannot be used: what must be sealed waits");
    }
    if demo {
        crate::demo::outside::host(&app.desk).await.map_err(|error| AppError::Demo(Box::new(error)))?;
    }
    let followers = crate::work::start(&app);
    let pages = pages(&app);
    let served = server::run(&app.shell, pages, || tracing::info!("listening")).await;
    followers.stop().await;
    Ok(served?)
}
