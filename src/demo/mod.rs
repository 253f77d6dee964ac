//! The demonstration: Comune di Borgo San Plico, an archive that is marked as a demo for ever.
//!
//! Its past is played once, through the desk's own acts and with a clock of its own, so that what one sees is what the
//! program does. To add a story: an entry in `november.rs` or the files before it.

mod autumn;
mod calendar;
mod cards;
mod clock;
mod deposit;
mod desk;
mod files;
mod lists;
mod november;
pub mod outside;
mod persona;
mod play;
mod reset;
mod settle;
mod spring;
mod story;
mod summer;
mod town;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use plico_archive::{ActError, Archive, ArchiveError, Begin};
use plico_desk::{Desk, Limits, Refusal};
use plico_locale::Catalogue;

use crate::app::{self, AppError};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Signatures};
use clock::StoryClock;
use files::Hands;
use play::{Playing, World};
use story::Step;

pub use persona::{Persona, personas};

/// Why there is no town.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The archive cannot be used.
    #[error("the demo archive cannot be used")]
    Archive(#[from] ArchiveError),
    /// The application cannot be put together.
    #[error(transparent)]
    App(#[from] AppError),
    /// A step of a story was refused: the story is wrong, or the desk is.
    #[error("a step of the town's story was refused: {0}")]
    Refused(Refusal),
    /// A story that does not hold together.
    #[error("the town's story does not hold together: {0}")]
    Story(&'static str),
    /// A file could not be made.
    #[error("a file of the town could not be made")]
    Forge(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is there is not a demo: it is never touched.
    #[error("{0} holds an archive that is not a demo: it is not touched")]
    NotADemo(String),
    /// The old demo cannot be removed.
    #[error("{0} cannot be removed")]
    Remove(String, #[source] plico_vault::VaultError),
}

impl From<ActError<Refusal>> for DemoError {
    fn from(error: ActError<Refusal>) -> Self {
        match error {
            ActError::Refused(refusal) => Self::Refused(refusal),
            ActError::Fault(fault) => Self::Archive(fault),
        }
    }
}

/// The town, filled: opened when it is there, otherwise made. `start_over` throws an old one away first.
/// `progress` hears what happens meanwhile.
pub async fn ready(config: &Config, start_over: bool, progress: impl Fn(&str)) -> Result<Archive, DemoError> {
    if !reset::keep(config, start_over).await? {
        progress("filling Borgo San Plico: this happens once");
        return fill(config).await;
    }
    let archive = app::open_archive(config).await?;
    if personas(&archive).await?.is_empty() {
        // It was stopped while it was filled: nobody has seen it yet.
        archive.close().await;
        reset::remove(config).await?;
        progress("filling Borgo San Plico again: the first time was interrupted");
        return fill(config).await;
    }
    Ok(archive)
}

/// Where the demo's own authority lies, and its trusted lists.
fn trust_folders(config: &Config) -> [PathBuf; 2] {
    [".trust", ".lists"].map(|ending| config.beside_data(ending))
}

fn trusting(config: &Config) -> Signatures {
    let [trust, lists] = trust_folders(config).map(|folder| folder.is_dir().then_some(folder));
    Signatures { trust, lists, ..config.signatures.clone() }
}

/// The configuration of a demo that is there: it believes its own authority, unless it is told whom to believe.
pub fn believing(mut config: Config) -> Config {
    if config.signatures.trust.is_none() && config.signatures.lists.is_none() {
        config.signatures = trusting(&config);
    }
    config
}

async fn fill(config: &Config) -> Result<Archive, DemoError> {
    let days = calendar::working_days(SystemClock.now_ms());
    let first = *days.first().ok_or(DemoError::Story("no days"))?;
    let clock = Arc::new(StoryClock::at(calendar::at(first, 7 * 60)));
    let (hands, seal) = Hands::new(clock.now_ms(), SystemClock.now_ms())?;
    let (hands, [trust, lists]) = (Arc::new(hands), trust_folders(config));
    hands.write_trust(&trust, &lists)?;
    let aside = Arc::clone(&hands);
    tokio::task::spawn_blocking(move || aside.prepare());
    let domain = if config.origin_domain.is_empty() { "demo.plico.invalid" } else { &config.origin_domain };
    let begin = Begin {
        domain: domain.to_owned(),
        administrations: vec![(town::CODE.into(), town::NAME.into(), town::CODE.into())],
        demo: true,
        seal_pem: Some(seal),
        keys: plico_archive::keys::Wanted::Clear,
    };
    let archive = Archive::init(&app::paths(config), begin, clock.clone(), app::entropy()).await?;
    let catalogue = Catalogue::load().map_err(|error| DemoError::App(AppError::Build(error.to_string())))?;
    let desk = Desk::new(archive.clone(), Arc::new(catalogue), Limits::default(), &config.public_url)
        .with_verifier(crate::http::assets::verifier().map(|file| file.bytes));
    let over = AtomicBool::new(false);
    desk.believe(crate::trust::read(&trusting(config), Vec::new()).map_err(AppError::from)?);
    let (played, behind) = tokio::join!(
        async {
            let played = play(&desk, hands, &days, &clock).await;
            over.store(true, Ordering::Release);
            played
        },
        follow(&desk, &over),
    );
    let world = played?;
    behind?;
    persona::save(&world).await?;
    clock.hand_over();
    Ok(archive)
}

/// A step with its instant: story, step, `None` for its beginning.
type Beat = (i64, usize, Option<Step>);

fn beats(stories: &[Playing], days: &[plico_record::day::LegalDay]) -> Vec<Beat> {
    let mut beats: Vec<Beat> = Vec::new();
    for playing in stories {
        let story = playing.story;
        // Hours differ from story to story and are the same in every town.
        let spread = (playing.index as i64 * 37) % 120;
        let mut day = days.len().saturating_sub(1 + story.ago);
        let mut minute = 8 * 60 + 30 + spread;
        beats.push((calendar::at(days[day], minute), playing.index, None));
        for (after, step) in story.steps {
            day += after;
            minute = if *after == 0 { minute + 45 } else { 9 * 60 + (spread * 3 + day as i64 * 17) % 300 };
            let Some(date) = days.get(day) else { break };
            beats.push((calendar::at(*date, minute), playing.index, Some(*step)));
        }
    }
    beats.sort_by_key(|(at, index, _)| (*at, *index));
    beats
}

async fn play(
    desk: &Desk,
    hands: Arc<Hands>,
    days: &[plico_record::day::LegalDay],
    clock: &StoryClock,
) -> Result<World, DemoError> {
    /// Steps of different stories within so many milliseconds (two days and the morning after) are played at one time:
    /// their order is free, and the machine has something to do while one of them waits for the disk.
    const TOGETHER_MS: i64 = 54 * 3_600_000;
    let world = settle::settle(desk, hands, &days[0].to_string()).await?;
    let stories = [spring::STORIES, summer::STORIES, autumn::STORIES, november::STORIES];
    let stories = stories.into_iter().flatten().enumerate();
    let mut stories: Vec<Playing> = stories.map(|(index, story)| Playing::new(index, story)).collect();
    let beats = beats(&stories, days);
    let mut rest = beats.as_slice();
    while let Some((start, ..)) = rest.first() {
        let mut busy = Vec::new();
        let together = rest.iter().take_while(|(at, index, _)| {
            let free = !busy.contains(index) && at - start < TOGETHER_MS;
            busy.push(*index);
            free
        });
        let count = together.count();
        let (group, later) = rest.split_at(count);
        rest = later;
        clock.forward_to(*start);
        // As the job of each night would have done.
        desk.close_register_days().await?;
        let played = join_all(group.iter().map(|(_, index, step)| {
            let (playing, world) = (stories[*index].clone(), &world);
            async move {
                match step {
                    None => world.begin(playing).await,
                    Some(step) => world.step(playing, *step).await,
                }
            }
        }))
        .await;
        for playing in played {
            let playing = playing?;
            let index = playing.index;
            stories[index] = playing;
        }
    }
    desk::letters(&world).await?;
    deposit::slips(&world).await?;
    outside::entrust(&world).await?;
    for (index, story) in outside::STORIES.iter().enumerate() {
        world.begin(Playing::new(index, story)).await?;
    }
    for (index, story) in outside::CERTIFICATES.iter().enumerate() {
        // Keys of their own: the stories of before had the lower places.
        let mut playing = Playing::new(1000 + index, story);
        for (_, step) in story.steps {
            playing = world.step(playing, *step).await?;
        }
    }
    Ok(world)
}

/// Checkpoints keep up with the story. When it is over, nobody is written to about it any more, and its receipts are left
/// to the program's own work: the town can be entered meanwhile.
async fn follow(desk: &Desk, over: &AtomicBool) -> Result<(), DemoError> {
    let archive = desk.archive();
    while !over.load(Ordering::Acquire) {
        archive.sign_checkpoints().await?;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(crate::work::leave_past(desk, "demo").await?)
}
