//! Blobs in a bucket, against a real server of S3 as a process: in and out, killed in the middle, changed behind our back, and
//! with keys that are not right.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use futures_util::TryStreamExt as _;
use plico_crypto::DataKey;
use plico_testkit::real::or_say;
use plico_testkit::real::s3::{self, Store};
use plico_vault::{
    BucketSettings, Condition, Place, Replica, Source, Stored, Stores, Vault, VaultError, Verdict,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PREFIX: [u8; 7] = *b"prefix.";

fn settings(store: &Store) -> BucketSettings {
    BucketSettings {
        endpoint: store.endpoint(),
        name: s3::BUCKET.into(),
        region: "us-east-1".into(),
        prefix: "archivio".into(),
        path_style: true,
        access_key: s3::ACCESS_KEY.into(),
        secret_key: s3::SECRET_KEY.to_owned().into(),
        lock_days: 0,
        row_bytes: 262_144,
    }
}

fn content(size: usize, seed: u8) -> Vec<u8> {
    (0..size).map(|i| (i % 251) as u8 ^ seed).collect()
}

struct Ground {
    folder: TempDir,
    store: Store,
    vault: Vault,
}

/// A vault over a bucket, with a replica in a folder that is not there yet.
fn ground() -> Option<Ground> {
    let folder = tempfile::tempdir().unwrap();
    let store = or_say(s3::start(&folder.path().join("store")))?;
    let vault = open(folder.path(), settings(&store)).unwrap();
    Some(Ground { folder, store, vault })
}

fn open(folder: &Path, bucket: BucketSettings) -> Result<Vault, VaultError> {
    let stores = Stores {
        bucket: Some(bucket),
        replica: Some(Replica::Folder(folder.join("replica"))),
        node: Some(folder.join("node")),
    };
    Vault::open_with(&folder.join("vault"), &stores)
}

impl Ground {
    async fn store(&self, size: usize, seed: u8) -> (Stored, DataKey, Vec<u8>) {
        let (key, content) = (DataKey::new([seed; 32]), content(size, seed));
        let stored = self.vault.store(&key, PREFIX, &content).await.unwrap();
        assert_eq!(stored.place, Place::File);
        (stored, key, content)
    }

    /// The file of a blob, behind the store's back.
    fn object(&self, blob: &[u8; 32]) -> PathBuf {
        let name = plico_crypto::digest::to_hex(blob);
        self.store.bucket().join("archivio").join(&name[..2]).join(&name[2..4]).join(name)
    }

    /// Copies all that is in the bucket, by other means.
    fn replicate(&self) {
        let top = self.store.bucket().join("archivio");
        for object in self.store.objects().unwrap() {
            let Ok(name) = object.strip_prefix(&top) else { continue };
            let to = self.folder.path().join("replica").join(name);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&object, to).unwrap();
        }
    }

    fn scratch_is_empty(&self) -> bool {
        std::fs::read_dir(self.folder.path().join("node/tmp")).unwrap().next().is_none()
    }
}

async fn all(vault: &Vault, blob: [u8; 32], key: &DataKey) -> Result<Vec<u8>, VaultError> {
    let reader = vault.blob(Source::File(blob), key).await?;
    let pieces: Vec<bytes::Bytes> = reader.stream().try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn content_goes_to_the_bucket_and_comes_back_whole_and_in_pieces() {
    let Some(ground) = ground() else { return };
    // One put; and parts, the last of them short.
    for (size, seed) in [(300_000, 1), (21 << 20, 2)] {
        let (stored, key, content) = ground.store(size, seed).await;
        assert!(ground.scratch_is_empty());
        assert!(!ground.folder.path().join("vault/blobs").exists(), "nothing of it in the folder");
        let file = std::fs::read(ground.object(&stored.blob)).unwrap();
        assert_eq!(plico_crypto::digest::sha256(&file), stored.blob);
        assert_eq!(file.len() as u64, stored.stored_size);
        assert!(all(&ground.vault, stored.blob, &key).await.unwrap() == content);
        let reader = ground.vault.blob(Source::File(stored.blob), &key).await.unwrap();
        assert_eq!(reader.size(), size as u64);
        for range in [0..1, 65_535..65_537, 200_000..299_999, (size as u64 - 3)..(size as u64 + 9)] {
            let end = (range.end as usize).min(size);
            let read = reader.read_range(range.clone()).await.unwrap();
            assert!(read == content[range.start as usize..end], "{range:?}");
        }
        let whole = Condition::Whole { stored_size: stored.stored_size };
        assert_eq!(ground.vault.verify(stored.blob).await.unwrap(), whole);
        let shard = ground.vault.shard(stored.blob[0]).await.unwrap();
        assert_eq!(shard.blobs.iter().filter(|found| found.blob == stored.blob).count(), 1);
        assert!(shard.blobs.iter().all(|found| found.modified_ms > 1_700_000_000_000));
        // The same sealed bytes once more: what is there is compared, and stays.
        let before = std::fs::metadata(ground.object(&stored.blob)).unwrap().modified().unwrap();
        assert_eq!(ground.vault.store(&key, PREFIX, &content).await.unwrap().blob, stored.blob);
        assert_eq!(std::fs::metadata(ground.object(&stored.blob)).unwrap().modified().unwrap(), before);
        ground.vault.remove(stored.blob).await.unwrap();
        ground.vault.remove(stored.blob).await.unwrap();
        assert_eq!(ground.vault.verify(stored.blob).await.unwrap(), Condition::Missing);
        assert!(matches!(all(&ground.vault, stored.blob, &key).await, Err(VaultError::Missing { .. })));
    }
    assert_eq!(ground.vault.trouble(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_between_rows_and_objects_can_be_drawn_lower() {
    let Some(ground) = ground() else { return };
    let lower = BucketSettings { row_bytes: 1_000, ..settings(&ground.store) };
    let vault = open(ground.folder.path(), lower).unwrap();
    let key = DataKey::new([11; 32]);
    let small = vault.store(&key, PREFIX, &content(1_000, 1)).await.unwrap();
    assert!(matches!(small.place, Place::Row(_)));
    let large = vault.store(&key, PREFIX, &content(1_001, 1)).await.unwrap();
    assert_eq!(large.place, Place::File);
    assert!(all(&vault, large.blob, &key).await.unwrap() == content(1_001, 1));
    assert_eq!(ground.store.objects().unwrap(), [ground.object(&large.blob)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_all_that_is_there_and_names_what_is_not_ours() {
    let Some(ground) = ground() else { return };
    // More than one page of a list, written behind the store's back.
    let folder = ground.store.bucket().join("archivio/ab");
    for n in 0..1_203_u32 {
        let blob = [&[0xab, (n % 3) as u8][..], &n.to_be_bytes(), &[0; 26]].concat();
        let name = plico_crypto::digest::to_hex(&blob);
        std::fs::create_dir_all(folder.join(&name[2..4])).unwrap();
        std::fs::write(folder.join(&name[2..4]).join(&name), b"x").unwrap();
    }
    std::fs::write(folder.join("letter.txt"), b"x").unwrap();
    let shard = ground.vault.shard(0xab).await.unwrap();
    assert_eq!(shard.blobs.len(), 1_203);
    assert_eq!(shard.strangers, [PathBuf::from("archivio/ab/letter.txt")]);
    assert!(ground.vault.shard(0xac).await.unwrap().blobs.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_behind_the_stores_back_is_found_and_mended_by_right_bytes_alone() {
    let Some(ground) = ground() else { return };
    let (altered, key, content) = ground.store(300_000, 3).await;
    let (gone, ..) = ground.store(9 << 20, 4).await;
    assert!(!ground.vault.mend(gone.blob).await.unwrap(), "there is no replica yet");
    ground.replicate();

    let mut bytes = std::fs::read(ground.object(&altered.blob)).unwrap();
    bytes[100_000] ^= 1;
    std::fs::write(ground.object(&altered.blob), &bytes).unwrap();
    std::fs::remove_file(ground.object(&gone.blob)).unwrap();
    assert_eq!(ground.vault.verify(altered.blob).await.unwrap(), Condition::Altered);
    assert_eq!(ground.vault.verify(gone.blob).await.unwrap(), Condition::Missing);
    assert!(matches!(all(&ground.vault, altered.blob, &key).await, Err(VaultError::Damaged { .. })));
    // Storing the same again does not touch it, and does not pretend.
    let again = ground.vault.store(&key, PREFIX, &content).await;
    assert!(matches!(again, Err(VaultError::Store { why }) if why.contains("damaged")));

    // A replica that is wrong itself is not believed.
    let name = plico_crypto::digest::to_hex(&altered.blob);
    let copy = ground.folder.path().join("replica").join(&name[..2]).join(&name[2..4]).join(&name);
    let right = std::fs::read(&copy).unwrap();
    std::fs::write(&copy, &bytes).unwrap();
    assert!(!ground.vault.mend(altered.blob).await.unwrap());
    assert_eq!(ground.vault.verify(altered.blob).await.unwrap(), Condition::Altered);
    std::fs::write(&copy, &right).unwrap();
    for stored in [&altered, &gone] {
        assert!(ground.vault.mend(stored.blob).await.unwrap());
        let whole = Condition::Whole { stored_size: stored.stored_size };
        assert_eq!(ground.vault.verify(stored.blob).await.unwrap(), whole);
    }
    assert!(all(&ground.vault, altered.blob, &key).await.unwrap() == content);
    assert!(ground.scratch_is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_mended_from_a_bucket() {
    let Some(ground) = ground() else { return };
    let (stored, key, content) = ground.store(300_000, 5).await;
    let stores = Stores { replica: Some(Replica::Bucket(settings(&ground.store))), ..Stores::default() };
    let plain = Vault::open_with(&ground.folder.path().join("plain"), &stores).unwrap();
    assert_eq!(plain.verify(stored.blob).await.unwrap(), Condition::Missing);
    assert!(plain.mend(stored.blob).await.unwrap());
    assert!(all(&plain, stored.blob, &key).await.unwrap() == content);
    assert!(!plain.mend([9; 32]).await.unwrap(), "nobody has it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_goes_away_is_said_and_comes_back() {
    let Some(mut ground) = ground() else { return };
    let (stored, key, content) = ground.store(3 << 20, 6).await;
    let reader = ground.vault.blob(Source::File(stored.blob), &key).await.unwrap();
    let first = reader.read_range(0..1000).await.unwrap();
    assert!(first == content[..1000]);
    ground.store.kill();
    let failed = ground.vault.store(&DataKey::new([7; 32]), PREFIX, &content).await;
    assert!(
        matches!(&failed, Err(VaultError::Store { why }) if why.contains("does not answer")),
        "{failed:?}"
    );
    let said = ground.vault.trouble().unwrap();
    assert!(!said.contains("Signature") && !said.contains(s3::ACCESS_KEY), "{said}");
    assert!(ground.scratch_is_empty());
    assert!(matches!(reader.read_all(u64::MAX).await, Err(VaultError::Store { .. })));
    assert!(matches!(ground.vault.verify(stored.blob).await, Err(VaultError::Store { .. })));
    ground.store.begin().unwrap();
    ground.vault.look().await.unwrap();
    assert_eq!(ground.vault.trouble(), None);
    // What was open is read on.
    assert!(reader.read_all(u64::MAX).await.unwrap() == content);
    assert!(ground.vault.store(&DataKey::new([7; 32]), PREFIX, &content).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_configured_well_is_said_in_words() {
    let Some(ground) = ground() else { return };
    let right = settings(&ground.store);
    assert!(!format!("{right:?}").contains(s3::SECRET_KEY));
    let said = async |bucket: BucketSettings| {
        let vault = open(ground.folder.path(), bucket).unwrap();
        assert!(vault.store(&DataKey::new([8; 32]), PREFIX, &content(300_000, 8)).await.is_err());
        let tried = vault.try_out().await.unwrap();
        assert_eq!(tried.len(), 1, "{tried:?}");
        assert_eq!(tried[0].verdict, Verdict::Bad);
        assert!(!tried[0].found.contains(s3::SECRET_KEY));
        (tried[0].found.clone(), tried[0].remedy)
    };
    let (found, remedy) =
        said(BucketSettings { secret_key: "wrong".to_owned().into(), ..right.clone() }).await;
    assert!(found.contains("SignatureDoesNotMatch") && remedy.contains("access key"), "{found}: {remedy}");
    let (found, remedy) = said(BucketSettings { access_key: "nobody".into(), ..right.clone() }).await;
    assert!(found.contains("403") && !remedy.is_empty(), "{found}: {remedy}");
    let missing = BucketSettings { name: "altrove".into(), ..right.clone() };
    let tried = open(ground.folder.path(), missing).unwrap().try_out().await.unwrap();
    assert!(tried.len() == 1 && tried[0].found.contains("NoSuchBucket"), "{tried:?}");
    assert!(tried[0].remedy.contains("make the bucket"), "{tried:?}");
    let nobody = BucketSettings { endpoint: "http://127.0.0.1:9".into(), ..right.clone() };
    let (found, remedy) = said(nobody).await;
    assert!(found.contains("does not answer") && remedy.contains("endpoint"), "{found}: {remedy}");
    assert!(matches!(
        open(ground.folder.path(), BucketSettings { endpoint: "store".into(), ..right.clone() }),
        Err(VaultError::Store { .. })
    ));

    // This server keeps what it promises, and nothing of the trial is left.
    let tried = ground.vault.try_out().await.unwrap();
    assert!(tried.iter().all(|one| one.verdict == Verdict::Good), "{tried:?}");
    assert_eq!(tried.len(), 4);
    assert_eq!(ground.store.objects().unwrap(), Vec::<PathBuf>::new());
    let locked = open(ground.folder.path(), BucketSettings { lock_days: 30, ..right }).unwrap();
    let tried = locked.try_out().await.unwrap();
    assert!(tried.last().is_some_and(|one| one.verdict == Verdict::Weak && one.found.contains("30 days")));
}
