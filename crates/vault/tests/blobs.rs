//! Blobs in and out, on a real directory and on the simulated one.

use futures_util::TryStreamExt as _;
use plico_crypto::{DataKey, digest::sha256, stream};
use plico_vault::{
    Access, Condition, Disk, Failure, Files, HEAD, Memory, Place, ROW_LIMIT, Source, Stored, Vault,
    VaultError,
};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

const PREFIX: [u8; 7] = *b"prefix.";

fn key() -> DataKey {
    DataKey::new([7; 32])
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8).collect()
}

fn source(stored: &Stored) -> Source {
    match &stored.place {
        Place::Row(bytes) => Source::Row(bytes.clone()),
        Place::File => Source::File(stored.blob),
    }
}

fn vaults() -> (tempfile::TempDir, [Vault; 2]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let disk = Vault::open(&directory.path().join("vault")).expect("a vault");
    (directory, [disk, Vault::over(Arc::new(Memory::new())).expect("a vault")])
}

#[tokio::test]
async fn every_length_comes_back_measured_and_in_the_fixed_format() {
    let (_directory, vaults) = vaults();
    let row = ROW_LIMIT as usize;
    for vault in vaults {
        for size in [0, 1, 4095, 4096, 4097, 65_536, 65_537, row - 1, row, row + 1, 5 * row, 1_000_003] {
            let content = content(size);
            let mut writer = vault.writer(&key(), PREFIX, size as u64);
            for piece in content.chunks(64 * 1024 - 7) {
                writer.write(piece).await.unwrap();
            }
            assert_eq!(writer.received(), size as u64);
            let stored = writer.finish().await.unwrap();
            let expected = stream::seal(&key(), PREFIX, &content).unwrap();
            assert_eq!(stored.blob, sha256(&expected), "{size}");
            assert_eq!(stored.stored_size, expected.len() as u64);
            assert_eq!((stored.sha256, stored.size), (sha256(&content), size as u64));
            assert_eq!(stored.head, content[..size.min(HEAD)]);
            assert_eq!(stored.place == Place::File, size > row);

            let reader = vault.blob(source(&stored), &key()).await.unwrap();
            assert_eq!(reader.size(), size as u64);
            assert!(reader.read_all(size as u64).await.unwrap() == content);
            let pieces: Vec<bytes::Bytes> = reader.stream().try_collect().await.unwrap();
            assert!(pieces.concat() == content);
        }
    }
}

#[tokio::test]
async fn any_range_is_the_same_as_cutting_the_whole() {
    let (_directory, [vault, _]) = vaults();
    let content = content(700_001);
    let stored = vault.store(&key(), PREFIX, &content).await.unwrap();
    let reader = vault.blob(source(&stored), &key()).await.unwrap();
    for (start, end) in [
        (0, 1),
        (65_535, 65_537),
        (65_536, 131_072),
        (1, 700_000),
        (700_000, 900_000),
        (5, 5),
        (9, 3),
        (800_000, 900_000),
    ] {
        let cut = content.get(start..end.min(content.len())).unwrap_or_default();
        let range = start as u64..end as u64;
        assert!(reader.read_range(range.clone()).await.unwrap() == cut, "{range:?}");
        let pieces: Vec<bytes::Bytes> =
            reader.clone().stream_range(range.clone()).try_collect().await.unwrap();
        assert!(pieces.concat() == cut, "{range:?}");
    }
}

#[tokio::test]
async fn a_change_of_any_kind_is_noticed_with_the_key_and_without() {
    let memory = Memory::new();
    let vault = Vault::over(Arc::new(memory.clone())).unwrap();
    let stored = vault.store(&key(), PREFIX, &content(400_000)).await.unwrap();
    let name = plico_crypto::digest::to_hex(&stored.blob);
    let path = format!("blobs/{}/{}/{name}", &name[..2], &name[2..4]);
    let path = Path::new(&path);
    assert_eq!(
        vault.verify(stored.blob).await.unwrap(),
        Condition::Whole { stored_size: stored.stored_size }
    );
    let mut original = vec![];
    memory.tamper(path, |bytes| original.clone_from(bytes));
    let changes: [fn(&mut Vec<u8>); 6] = [
        |bytes| bytes[20] ^= 1,
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(16 + 65_552),
        |bytes| bytes.push(0),
        |bytes| bytes.clear(),
        |bytes| bytes[16..16 + 2 * 65_552].rotate_left(65_552),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        memory.tamper(path, |bytes| {
            bytes.clone_from(&original);
            change(bytes);
        });
        assert_eq!(vault.verify(stored.blob).await.unwrap(), Condition::Altered, "{index}");
        let read = async { vault.blob(source(&stored), &key()).await?.read_all(u64::MAX).await };
        assert!(matches!(read.await, Err(VaultError::Damaged { .. })), "{index}");
    }
    memory.tamper(path, |bytes| bytes.clone_from(&original));
    let reader = vault.blob(source(&stored), &DataKey::new([8; 32])).await.unwrap();
    assert!(matches!(reader.read_all(u64::MAX).await, Err(VaultError::Damaged { .. })));
    assert!(matches!(reader.read_all(399_999).await, Err(VaultError::TooLarge { limit: 399_999 })));
    vault.remove(stored.blob).await.unwrap();
    vault.remove(stored.blob).await.unwrap();
    assert_eq!(vault.verify(stored.blob).await.unwrap(), Condition::Missing);
    let gone = vault.blob(source(&stored), &key()).await;
    assert!(matches!(gone, Err(VaultError::Missing { .. })));
}

#[tokio::test]
async fn a_broken_off_or_oversized_upload_leaves_nothing() {
    let (_directory, vaults) = vaults();
    for vault in vaults {
        let mut writer = vault.writer(&key(), PREFIX, 2_000_000);
        writer.write(&content(1_500_000)).await.unwrap();
        assert_eq!(vault.list_files("tmp").await.unwrap().len(), 1);
        assert!(matches!(
            writer.write(&content(500_001)).await,
            Err(VaultError::TooLarge { limit: 2_000_000 })
        ));
        assert!(matches!(writer.finish().await, Err(VaultError::BrokenOff)));
        let mut writer = vault.writer(&key(), PREFIX, u64::MAX);
        writer.write(&content(1_500_000)).await.unwrap();
        drop(writer);
        assert!(vault.list_files("tmp").await.unwrap().is_empty());
        assert!(vault.list_files("blobs").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_sweep_takes_only_what_is_old() {
    let memory = Memory::new();
    let vault = Vault::over(Arc::new(memory.clone())).unwrap();
    memory.set_now(1_000);
    memory.create(Path::new("tmp/left-by-a-crash"), 0o600).unwrap();
    memory.set_now(2_000);
    let mut writer = vault.writer(&key(), PREFIX, u64::MAX);
    writer.write(&content(600_000)).await.unwrap();
    assert_eq!(vault.sweep(1_500).await.unwrap(), 1);
    let stored = writer.finish().await.unwrap();
    assert!(matches!(vault.verify(stored.blob).await.unwrap(), Condition::Whole { .. }));
}

#[tokio::test]
async fn the_inventory_lists_blobs_and_names_strangers() {
    let (directory, [vault, _]) = vaults();
    let mut blobs = vec![];
    for fill in 0..3u8 {
        blobs.push(vault.store(&key(), [fill; 7], &content(300_000)).await.unwrap().blob);
    }
    blobs.sort_unstable();
    let top = format!("{:02x}", blobs[0][0]);
    let root = directory.path().join("vault/blobs").join(&top);
    std::fs::write(root.join("notes.txt"), "x").unwrap();
    let mut found = vec![];
    let mut strangers = vec![];
    for first in 0..=255 {
        let shard = vault.shard(first).await.unwrap();
        found.extend(shard.blobs.iter().map(|found| found.blob));
        strangers.extend(shard.strangers);
    }
    assert_eq!(found, blobs);
    assert_eq!(strangers, [Path::new("blobs").join(top).join("notes.txt")]);
}

#[tokio::test]
async fn files_are_private_and_blobs_read_only() {
    let (directory, [vault, _]) = vaults();
    let mode = |path: &str| {
        std::fs::metadata(directory.path().join("vault").join(path)).unwrap().permissions().mode() & 0o777
    };
    vault.put_file("keys/main.key", b"secret".to_vec(), Access::Secret).await.unwrap();
    vault.put_file("keys/main.key", b"newer".to_vec(), Access::Secret).await.unwrap();
    assert_eq!(vault.read_file("keys/main.key", 10).await.unwrap().unwrap(), b"newer");
    assert_eq!(vault.read_file("keys/other.key", 10).await.unwrap(), None);
    assert!(matches!(vault.read_file("keys/main.key", 4).await, Err(VaultError::TooLarge { limit: 4 })));
    let stored = vault.store(&key(), PREFIX, &content(300_000)).await.unwrap();
    let name = plico_crypto::digest::to_hex(&stored.blob);
    assert_eq!(mode("keys/main.key"), 0o600);
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode(&format!("blobs/{}/{}/{name}", &name[..2], &name[2..4])), 0o440);
    for path in ["../x", "/etc/x", "", "a/../../x"] {
        let refused = vault.put_file(path, vec![], Access::Group).await;
        assert!(matches!(refused, Err(VaultError::Outside { .. })), "{path}");
    }
    vault.remove_file("keys/main.key").await.unwrap();
    assert_eq!(vault.read_file("keys/main.key", 10).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_disk_is_said_leaves_nothing_and_passes() {
    let memory = Memory::new();
    let vault = Vault::over(Arc::new(memory.clone())).unwrap();
    memory.fail_at(memory.operations() + 2, Failure::Full);
    let refused = vault.store(&key(), PREFIX, &content(2_000_000)).await;
    assert!(matches!(refused, Err(VaultError::Full)));
    assert!(vault.list_files("tmp").await.unwrap().is_empty());
    memory.fail_at(u64::MAX, Failure::Full);
    vault.store(&key(), PREFIX, &content(2_000_000)).await.unwrap();
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_written_any_more() {
    let memory = Memory::new();
    let vault = Vault::over(Arc::new(memory.clone())).unwrap();
    let start = memory.operations();
    vault.put_file("a", b"1".to_vec(), Access::Group).await.unwrap();
    let steps = memory.operations() - start;
    let mut failures = 0;
    for step in 0..steps {
        let memory = Memory::new();
        let vault = Vault::over(Arc::new(memory.clone())).unwrap();
        let failure = Failure::Once { error: std::io::ErrorKind::Other, done: false };
        memory.fail_at(memory.operations() + step, failure);
        match vault.put_file("a", b"1".to_vec(), Access::Group).await {
            Err(VaultError::Sync { .. }) => {
                failures += 1;
                let next = vault.put_file("b", b"2".to_vec(), Access::Group).await;
                assert!(matches!(next, Err(VaultError::Stopped)));
                let next = vault.store(&key(), PREFIX, &content(300_000)).await;
                assert!(matches!(next, Err(VaultError::Stopped)));
            }
            // Whatever else fails leaves the vault as it was.
            result => {
                assert!(matches!(result, Err(VaultError::Io { .. })), "{result:?}");
                vault.put_file("b", b"2".to_vec(), Access::Group).await.unwrap();
            }
        }
    }
    assert_eq!(failures, 2, "the content's sync and the directory's");
}

#[tokio::test]
async fn a_real_lock_is_held_against_another_opener() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Disk::new(directory.path()).unwrap();
    let held = disk.lock(Path::new("lock")).unwrap();
    let refused = disk.lock(Path::new("lock")).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    drop(held);
    disk.lock(Path::new("lock")).unwrap();
}

#[test]
fn a_folder_is_made_with_those_above_it() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("a/b/data");
    Disk::new(&deep).unwrap();
    assert!(deep.is_dir());
    std::fs::write(directory.path().join("file"), b"").unwrap();
    assert!(Disk::new(&directory.path().join("file/data")).is_err());
}
