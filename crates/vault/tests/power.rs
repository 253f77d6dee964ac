//! The power goes at every possible step, and of what was not synced every part may or may not have reached the disk.

use plico_crypto::DataKey;
use plico_vault::signer::{Position, SignerState};
use plico_vault::{Access, Condition, Failure, Memory, Vault};
use proptest::prelude::*;
use std::sync::Arc;

/// What was acknowledged before the power went.
#[derive(Default)]
struct Acknowledged {
    blobs: Vec<[u8; 32]>,
    file: Option<Vec<u8>>,
    signed: Option<Position>,
}

const LOG: &str = "example.org/bsp/1";

fn position(size: u64) -> Position {
    Position { size, root: [size as u8; 32] }
}

/// Blobs, replaced files and signatures, until something fails.
async fn work(disk: &Memory, signer: &Memory) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    let (Ok(vault), Ok(mut state)) =
        (Vault::over(Arc::new(disk.clone())), SignerState::over(Arc::new(signer.clone())))
    else {
        return acknowledged;
    };
    if state.begin(LOG, position(0)).is_err() {
        return acknowledged;
    }
    acknowledged.signed = Some(position(0));
    for round in 1..4u8 {
        let content = vec![round; 300_000];
        match vault.store(&DataKey::new([1; 32]), [round; 7], &content).await {
            Ok(stored) => acknowledged.blobs.push(stored.blob),
            Err(_) => break,
        }
        let checkpoint = vec![round; 40];
        if vault.put_file("log/checkpoint", checkpoint.clone(), Access::Group).await.is_err() {
            break;
        }
        acknowledged.file = Some(checkpoint);
        if state.record(LOG, position(round.into()), |_, _| true).is_err() {
            break;
        }
        acknowledged.signed = Some(position(round.into()));
    }
    acknowledged
}

async fn check(acknowledged: &Acknowledged, disk: &Memory, signer: &Memory) {
    let vault = Vault::over(Arc::new(disk.clone())).expect("the vault opens after a loss of power");
    for blob in &acknowledged.blobs {
        assert!(
            matches!(vault.verify(*blob).await.expect("the vault can be read"), Condition::Whole { .. }),
            "an acknowledged blob"
        );
    }
    for first in 0..=255 {
        let shard = vault.shard(first).await.expect("the vault can be read");
        assert!(shard.strangers.is_empty());
        for found in shard.blobs {
            let whole = vault.verify(found.blob).await.expect("the vault can be read");
            assert!(matches!(whole, Condition::Whole { .. }), "a blob with a name is whole");
        }
    }
    let file = vault.read_file("log/checkpoint", 100).await.expect("the vault can be read");
    let number = |file: &Option<Vec<u8>>| file.as_ref().map_or(0, |bytes| bytes[0]);
    assert!(number(&file) >= number(&acknowledged.file), "never older than acknowledged");
    assert!(file.is_none_or(|bytes| bytes.len() == 40), "never torn");
    let state = SignerState::over(Arc::new(signer.clone())).expect("the signer's state opens");
    let signed = state.position(LOG);
    assert!(signed.map(|signed| signed.size) >= acknowledged.signed.map(|signed| signed.size));
    vault.store(&DataKey::new([1; 32]), [9; 7], &vec![9; 300_000]).await.expect("work goes on");
}

#[tokio::test]
async fn acknowledged_things_survive_a_loss_of_power_at_every_step() {
    let (disk, signer) = (Memory::new(), Memory::new());
    assert_eq!(work(&disk, &signer).await.blobs.len(), 3);
    let (steps, signer_steps) = (disk.operations(), signer.operations());
    for step in 0..=steps.max(signer_steps) {
        for mask in [0u64, u64::MAX, 0x5555_5555_5555_5555, 0x3333_3333_3333_3333, 0x00ff_0f0f_1248_7e31] {
            let (disk, signer) = (Memory::new(), Memory::new());
            disk.fail_at(step, Failure::Power);
            signer.fail_at(step.min(signer_steps), Failure::Power);
            let acknowledged = work(&disk, &signer).await;
            let mut bits = mask;
            let mut survives = || {
                bits = bits.rotate_left(1);
                bits & 1 == 1
            };
            let disk = disk.after_power_loss(&mut survives);
            let signer = signer.after_power_loss(&mut survives);
            check(&acknowledged, &disk, &signer).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn and_whatever_part_of_the_rest_survives(step in 0u64..80, signer_step in 0u64..80, fates: Vec<bool>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (disk, signer) = (Memory::new(), Memory::new());
            disk.fail_at(step, Failure::Power);
            signer.fail_at(signer_step, Failure::Power);
            let acknowledged = work(&disk, &signer).await;
            let mut fates = fates.into_iter();
            let mut survives = || fates.next().unwrap_or(false);
            let disk = disk.after_power_loss(&mut survives);
            let signer = signer.after_power_loss(&mut survives);
            check(&acknowledged, &disk, &signer).await;
        });
    }
}
