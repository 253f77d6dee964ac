//! A stranger watches the log over HTTP: every tile under the checkpoint, and nothing beyond it.

use plico_journal::merkle::{TileId, TileReader, new_tiles};
use plico_journal::{Checkpoint, Policy};

use super::support::{BODY, Town};

async fn fetch(town: &Town, path: &str) -> Option<Vec<u8>> {
    let answer = town.send("GET", path, &[], b"").await;
    match answer.status {
        200 => Some(answer.body),
        404 => None,
        other => panic!("{path}: {other}"),
    }
}

#[tokio::test]
async fn checkpoint_tiles_and_policy_are_anybodys() {
    let town = Town::start().await;
    let archive = town.app.desk.archive();
    // Three hundred acts: a full tile, a partial one, and one of the second level.
    let auditor = town.as_operator(&town.auditor).await;
    for n in 0..300 {
        town.app.desk.looked(&auditor, "register", &format!("{n}"), "").await.unwrap();
        if n == 100 {
            archive.sign_checkpoints().await.unwrap();
        }
    }
    archive.sign_checkpoints().await.unwrap();

    let policy = String::from_utf8(fetch(&town, "/log/policy").await.unwrap()).unwrap();
    let policy = Policy::parse(policy.split("\nroots ").next().unwrap()).unwrap();
    assert!(policy.logs().len() >= 2, "the body's and the installation's");
    let note = fetch(&town, "/log/c_b999/1/checkpoint").await.unwrap();
    let (checkpoint, note) = Checkpoint::parse_note(&note).unwrap();
    assert!(policy.evaluate(&checkpoint, &note).is_met());
    assert!(checkpoint.size > 300, "{}", checkpoint.size);

    // The root comes out of what a stranger fetched.
    let mut tiles = std::collections::HashMap::new();
    for tile in new_tiles(0, checkpoint.size) {
        let path = format!("/log/c_b999/1/{}", tile.path());
        let bytes = fetch(&town, &path).await.unwrap_or_else(|| panic!("{path}"));
        assert_eq!(bytes.len(), usize::from(tile.width) * 32, "{path}");
        tiles.insert(tile, bytes);
    }
    let look = |tile: TileId| tiles.get(&tile).cloned().ok_or(std::io::Error::other(tile.path()));
    assert_eq!(TileReader::new(checkpoint.size, look).root().unwrap(), checkpoint.root);

    // A partial tile that a fuller one has replaced begins like it.
    let early = fetch(&town, "/log/c_b999/1/tile/0/000.p/7").await.unwrap();
    let full = TileId { level: 0, index: 0, width: 256 };
    assert_eq!(early, tiles[&full][..7 * 32]);
    let beyond = checkpoint.size - 256 + 1;
    for nothing in [
        format!("/log/c_b999/1/tile/0/001.p/{beyond}"),
        "/log/c_b999/1/tile/0/001".into(),
        "/log/c_b999/1/tile/7/x999/x999/999".into(),
        "/log/c_b999/1/tile/0/1".into(),
        "/log/c_b999/1/tile/0/000.p/0".into(),
        "/log/c_b999/2/checkpoint".into(),
        "/log/c_x999/1/checkpoint".into(),
    ] {
        assert_eq!(fetch(&town, &nothing).await, None, "{nothing}");
    }
    // What was done but is under no checkpoint yet is not shown.
    town.app.desk.looked(&auditor, "register", "dopo", "").await.unwrap();
    let log = archive.logs().await.unwrap().into_iter().find(|log| log.administration == BODY).unwrap();
    assert_eq!(log.size, log.signed + 1);
    assert_eq!(fetch(&town, &format!("/log/c_b999/1/tile/0/001.p/{beyond}")).await, None);
}
