//! The program ends at every operation, every operation fails in every way, and the power goes: of what was not synced
//! every part may or may not have reached the disk. What was acknowledged is there whole, what was not is there whole or
//! not at all, and everything opens again.
//!
//! The same in every run. `PLICO_SEED` chooses other chances; the seed of a failure is printed.

mod dice;
mod world;

use dice::Dice;
use plico_vault::{Failure, Memory};
use std::collections::HashSet;
use std::io::ErrorKind;
use world::{Act, World};

/// States that the default run must reach.
const STATES: usize = 100_000;

const FAILURES: [Failure; 6] = [
    Failure::Down,
    Failure::Full,
    Failure::Once { error: ErrorKind::StorageFull, done: false },
    Failure::Once { error: ErrorKind::StorageFull, done: true },
    Failure::Once { error: ErrorKind::Other, done: false },
    Failure::Once { error: ErrorKind::Other, done: true },
];

/// A way of writing: what is done, and how many of the states after each failure are looked at.
struct Way {
    name: &'static str,
    script: &'static [Act],
    states: u64,
}

/// Every way in which something is written.
const WAYS: &[Way] = &[
    Way { name: "key file", script: &[Act::Keys, Act::Keys, Act::Keys], states: 120 },
    Way { name: "signer's state", script: &[Act::Sign, Act::Sign, Act::Begin, Act::Sign], states: 90 },
    Way { name: "tiles", script: &[Act::Tile(0), Act::Tile(1), Act::Tile(0), Act::Tile(2)], states: 90 },
    Way { name: "checkpoint", script: &[Act::Checkpoint, Act::Checkpoint, Act::Checkpoint], states: 90 },
    Way {
        name: "policy, sign of life",
        script: &[Act::Put("policy"), Act::Put("alive"), Act::Put("alive")],
        states: 90,
    },
    Way { name: "secret", script: &[Act::Secret, Act::Secret], states: 90 },
    Way { name: "small blob", script: &[Act::Small, Act::Put("alive"), Act::Small], states: 40 },
    Way { name: "large blob", script: &[Act::Blob, Act::Blob], states: 24 },
    Way {
        name: "sweep",
        script: &[Act::Leave, Act::Leave, Act::Sweep, Act::Put("alive"), Act::Sweep],
        states: 20,
    },
    Way { name: "erasure", script: &[Act::Remove, Act::Blob, Act::Remove], states: 16 },
];

/// Lives of several programs, one after the other, on one disk.
const LIVES: u64 = 24_000;
/// Losses of power at the end of each such history.
const ENDS: u64 = 16;
/// Disks on which they begin: files of other lengths, that end elsewhere in a sector.
const BEGINNINGS: u64 = 48;

/// The states that were looked at, by disk and by what had been acknowledged.
#[derive(Default)]
struct Seen(HashSet<(u64, u64)>);

impl Seen {
    /// Answers whether it was a new one.
    async fn look(&mut self, world: &World, disk: Memory, how: &dyn Fn() -> String) -> bool {
        let fresh = self.0.insert((disk.image(), world.told()));
        if fresh {
            world.check(disk, how).await;
        }
        fresh
    }
}

/// One failure at one operation of one way of writing, and then many losses of power.
async fn fails(
    begun: &World,
    way: &Way,
    (operation, failure): (u64, Failure),
    seed: u64,
    seen: &mut Seen,
) -> bool {
    let mut world = begun.again();
    let disk = world.disk();
    let first = disk.operations();
    disk.fail_at(first + operation, failure);
    world.live(way.script).await;
    let reached = disk.operations() > first + operation;
    for state in 0..way.states {
        let chance = seed ^ (operation << 32) ^ (state << 8) ^ way.name.len() as u64;
        let mut dice = Dice::new(chance);
        // Nothing of what was not synced, all of what is newest, and whatever chance says.
        let after = disk.after_power_loss(&mut |n| match state {
            0 => 0,
            1 => n - 1,
            _ => dice.below(n),
        });
        let how = || format!("{}: operation {operation}, {failure:?}, state {state}, seed {seed}", way.name);
        seen.look(&world, after, &how).await;
    }
    // The machine went on, and only the program began anew.
    let how = || format!("{}: operation {operation}, {failure:?}, restarted, seed {seed}", way.name);
    seen.look(&world, disk.copied(), &how).await;
    reached
}

/// Several programs after each other, each with its own end.
async fn lives(begun: &World, number: u64, seed: u64, seen: &mut Seen) {
    let mut dice = Dice::new(seed ^ (number << 20) ^ 0x5eed);
    let mut world = begun.again();
    let mut told = String::new();
    for _ in 0..2 + dice.below(2) {
        let way = &WAYS[dice.below(WAYS.len() - 3)];
        let other = &WAYS[dice.below(WAYS.len() - 3)];
        let failure = FAILURES[dice.below(FAILURES.len())];
        let operation = dice.below(40) as u64;
        let power = dice.below(2) == 0;
        let disk = world.disk();
        disk.fail_at(disk.operations() + operation, failure);
        let script = [way.script, other.script].concat();
        world.live(&script).await;
        told = format!("{told} {} + {}: {failure:?} at {operation}, power {power};", way.name, other.name);
        if power {
            world.goes_on(disk.after_power_loss(&mut |n| dice.below(n)));
        } else {
            disk.restart();
        }
    }
    let (disk, mut known) = (world.disk(), 0);
    for state in 0..ENDS {
        let after = disk.after_power_loss(&mut |n| dice.below(n));
        let how = || format!("life {number}:{told} state {state}, seed {seed}");
        known += u64::from(!seen.look(&world, after, &how).await);
        if known > 2 {
            return; // hardly anything was left to chance
        }
    }
}

#[tokio::test]
async fn whatever_fails_and_whenever_the_power_goes() {
    let seed = dice::seed();
    eprintln!("PLICO_SEED={seed}");
    let begun = World::begun().await;
    let mut seen = Seen::default();
    for way in WAYS {
        let (before, mut operations) = (seen.0.len(), 0);
        for operation in 0.. {
            let mut reached = false;
            for failure in FAILURES {
                reached |= fails(&begun, way, (operation, failure), seed, &mut seen).await;
            }
            if !reached {
                break;
            }
            operations += 1;
        }
        assert!(operations > 3, "{}: nothing is written", way.name);
        eprintln!("{}: {operations} operations, {} states", way.name, seen.0.len() - before);
    }
    let before = seen.0.len();
    let mut beginnings = Vec::new();
    for number in 0..BEGINNINGS {
        beginnings.push(World::grown(number).await);
    }
    for number in 0..LIVES {
        let begun = &beginnings[(number % BEGINNINGS) as usize];
        lives(begun, number, seed, &mut seen).await;
    }
    eprintln!("several lives: {} states; {} in all", seen.0.len() - before, seen.0.len());
    assert!(seen.0.len() >= STATES, "only {} different states", seen.0.len());
}

#[tokio::test]
async fn a_small_blob_touches_no_disk() {
    let mut world = World::begun().await;
    let disk = world.disk();
    world.live(&[]).await;
    let opening = disk.operations();
    disk.restart();
    world.live(&[Act::Small]).await;
    assert_eq!(disk.operations() - opening, opening, "it is a row of the caller's transaction");
}
