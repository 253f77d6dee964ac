//! A clock that steps: small steps are nobody's business, larger ones are an event, too large ones stop the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use plico_archive::{Archive, ArchiveError, Clock};
use plico_database::args;

use crate::ground::{BODY, NOON_MS, begin, entropy, file, office, paths};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// The clock on the wall, which somebody sets, and the one that runs since the machine was started.
struct Two {
    wall: AtomicI64,
    boot: AtomicI64,
}

impl Two {
    /// Time passes.
    fn pass(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
        self.boot.fetch_add(ms, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    fn step(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Two {
    fn now_ms(&self) -> i64 {
        self.wall.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> Option<i64> {
        Some(self.boot.load(Ordering::SeqCst))
    }
}

struct Stage {
    root: tempfile::TempDir,
    clock: Arc<Two>,
    archive: Archive,
}

impl Stage {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let clock = Arc::new(Two { wall: AtomicI64::new(NOON_MS), boot: AtomicI64::new(5 * HOUR) });
        let places = paths(root.path());
        let archive = Archive::init(&places, begin(), clock.clone(), entropy(1)).await.unwrap();
        let event = plico_archive::NewEvent::by(
            &plico_record::actor::Actor::system(BODY),
            "settings",
            office("tributi"),
        );
        crate::ground::act(&archive, move |work| Box::pin(async move { Ok(work.append(event).await?) }))
            .await
            .unwrap();
        Self { root, clock, archive }
    }

    /// The service is started again.
    async fn restart(self) -> Self {
        let Self { root, clock, archive } = self;
        archive.close().await;
        let seed = clock.now_ms().cast_unsigned();
        let archive = Archive::open(&paths(root.path()), clock.clone(), entropy(seed)).await.unwrap();
        Self { root, clock, archive }
    }

    async fn file(&self, id: &str) -> Result<u64, ArchiveError> {
        file(&self.archive, id, b"uno").await
    }

    async fn alarms(&self) -> i64 {
        let sql = "select count(*) from event where kind = 'clock.alarmed'";
        self.archive.database().scalar_i64(sql, args![]).await.unwrap()
    }

    async fn is_whole(&self) {
        let outcome = self.archive.fsck().await.unwrap();
        assert!(outcome.clean, "{:?}", outcome.findings);
    }
}

#[tokio::test]
async fn small_steps_and_time_that_passes_are_no_alarm() {
    let stage = Stage::new().await;
    stage.file("m1").await.unwrap();
    stage.clock.step(-3000);
    stage.file("m2").await.unwrap();
    stage.clock.step(4000);
    stage.file("m3").await.unwrap();
    stage.clock.pass(30 * 24 * HOUR);
    stage.file("m4").await.unwrap();
    assert_eq!(stage.alarms().await, 0);
    stage.is_whole().await;
}

#[tokio::test]
async fn a_step_back_is_one_alarm_and_refuses_nothing() {
    let stage = Stage::new().await;
    stage.file("m1").await.unwrap();
    stage.clock.step(-10 * MINUTE);
    stage.file("m2").await.unwrap();
    stage.clock.pass(MINUTE);
    stage.file("m3").await.unwrap();
    assert_eq!(stage.alarms().await, 1, "once for each step, not for each filing");
    stage.clock.pass(10 * MINUTE);
    stage.file("m4").await.unwrap();
    stage.clock.step(-MINUTE);
    stage.file("m5").await.unwrap();
    assert_eq!(stage.alarms().await, 2);
    // Instants do not decrease: this is what fsck looks at, too.
    stage.is_whole().await;
}

#[tokio::test]
async fn a_jump_ahead_is_measured_against_the_boot_clock() {
    let stage = Stage::new().await;
    stage.file("m1").await.unwrap();
    stage.clock.step(20 * MINUTE);
    stage.file("m2").await.unwrap();
    stage.clock.pass(MINUTE);
    stage.file("m3").await.unwrap();
    assert_eq!(stage.alarms().await, 1);
    let sql = "select idx from event where kind = 'clock.alarmed'";
    let index = stage.archive.database().scalar_i64(sql, args![]).await.unwrap();
    let entry = stage.archive.entry(1, index).await.unwrap().unwrap();
    let plico_record::act::Act::ClockAlarmed(act) = entry.act else { panic!("{:?}", entry.act) };
    assert_eq!((act.clock, act.last), (NOON_MS + 20 * MINUTE, NOON_MS));
    stage.is_whole().await;
}

#[tokio::test]
async fn beyond_a_limit_nothing_is_written_and_there_is_a_way_out() {
    let stage = Stage::new().await;
    stage.file("m1").await.unwrap();
    let events = stage.archive.logs().await.unwrap();
    stage.clock.step(3 * HOUR);
    let refused = stage.file("m2").await;
    assert!(matches!(refused, Err(ArchiveError::Clock)), "{refused:?}");
    assert!(matches!(stage.archive.sweep_blobs().await, Err(ArchiveError::Clock)));
    assert!(matches!(stage.archive.sweep_leftovers().await, Err(ArchiveError::Clock)));
    assert_eq!(stage.archive.clock_refused(), Some(3 * HOUR));
    let sizes = |logs: &[plico_archive::checkpoint::LogRow]| logs.iter().map(|log| log.size).sum::<i64>();
    assert_eq!(sizes(&stage.archive.logs().await.unwrap()), sizes(&events));
    // Set right, it goes on by itself.
    stage.clock.step(-3 * HOUR);
    stage.file("m3").await.unwrap();
    assert_eq!(stage.archive.clock_refused(), None);
    // Right now and wrong before: whoever restarts says so.
    stage.clock.step(3 * HOUR);
    let stage = stage.restart().await;
    stage.file("m9").await.unwrap();
    stage.is_whole().await;
}

#[tokio::test]
async fn a_clock_that_goes_far_back_halts_nothing_while_the_process_runs() {
    let stage = Stage::new().await;
    stage.file("m1").await.unwrap();
    stage.clock.step(-3 * HOUR);
    stage.file("m2").await.unwrap();
    stage.clock.step(3 * HOUR);
    stage.file("m3").await.unwrap();
    assert_eq!(stage.alarms().await, 1, "set right again, it has not jumped ahead");
    stage.is_whole().await;
}

#[tokio::test]
async fn a_log_far_ahead_of_the_clock_goes_on_when_a_person_says_so() {
    let stage = Stage::new().await;
    stage.clock.step(400 * 24 * HOUR);
    let stage = stage.restart().await;
    stage.file("m1").await.unwrap();
    stage.clock.step(-400 * 24 * HOUR);
    let stage = stage.restart().await;
    assert!(matches!(stage.file("m2").await, Err(ArchiveError::Clock)));
    assert!(matches!(stage.archive.believe_clock().await, Err(ArchiveError::Clock)));

    let accept = || {
        crate::ground::act(&stage.archive, |work| {
            Box::pin(async move {
                let actor = plico_record::actor::Actor::console("", "radice");
                Ok(work.accept_clock(&actor).await?)
            })
        })
    };
    let before = stage.alarms().await;
    assert!(accept().await.unwrap());
    assert_eq!(stage.alarms().await, before + 1);
    stage.file("m2").await.unwrap();
    // It stays said after a restart, and instants do not decrease.
    stage.clock.pass(MINUTE);
    let stage = stage.restart().await;
    stage.file("m3").await.unwrap();
    stage.archive.believe_clock().await.unwrap();
    stage.is_whole().await;
}
