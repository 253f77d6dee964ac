//! A dossier beside copying the same files and hashing the copies.

use std::path::Path;

use plico_desk::Actor;
use plico_desk::upload::Scan;

use crate::RUNS;
use crate::probe::{median, peak, processor};
use crate::town::{BODY, draft, login, town};

/// Bytes of a file; `DOSSIER_MB` says how many there are.
const SIZE: usize = 50_000_000;
/// Files of a message.
const FILES: usize = 8;

/// What cannot be compressed.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..SIZE / 8).flat_map(|_| next().to_le_bytes()).collect()
}

/// A copy of every file, and the digest of the copy.
fn copy_and_hash(plain: &Path, files: usize) {
    let mut buffer = vec![0; 65_536];
    for file in 0..files {
        let (from, to) = (plain.join(file.to_string()), plain.join("copy"));
        std::fs::copy(from, &to).expect("a copy");
        let mut digest = plico_crypto::digest::Sha256::new();
        let mut open = std::fs::File::open(&to).expect("the copy");
        loop {
            let count = std::io::Read::read(&mut open, &mut buffer).expect("the copy");
            if count == 0 {
                break;
            }
            digest.update(&buffer[..count]);
        }
        std::hint::black_box(digest.finish());
    }
}

/// A dossier of files that cannot be compressed, beside copying the same files and hashing the copies.
pub async fn dossier() {
    let megabytes = std::env::var("DOSSIER_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let files = megabytes * 1_000_000 / SIZE;
    let (beside, runs) = if megabytes > 1000 { (false, 1) } else { (true, RUNS) };
    let town = town().await;
    let desk = &town.desk;
    let clerk = Actor {
        administration: BODY.into(),
        account: "bench".into(),
        name: "Bench".into(),
        who: plico_record::actor::Who::Staff {
            roles: vec![plico_record::actor::Role::Operator],
            offices: vec![town.office.clone()],
            protocol_office: true,
        },
        login: Some(login()),
    };
    let case = desk.open_case(&clerk, &town.office, "Bench", "").await.expect("a case file");
    let plain = town.folder.path().join("plain");
    std::fs::create_dir(&plain).expect("a folder");
    for first in (0..files).step_by(FILES) {
        let draft = draft(desk, &town.citizen, &town.office, b"primo").await;
        let (owner, _) = desk.draft_files(&town.citizen, &draft).await.expect("its files");
        for file in first..files.min(first + FILES) {
            let bytes = noise(file as u64 * 2 + 77);
            let name = format!("{file}.jpg");
            let mut upload = desk.begin_upload(&town.citizen, &owner, &name).await.expect("an upload");
            upload.write(&bytes).await.expect("its bytes");
            desk.finish_upload(upload, async |_| Scan::Off).await.expect("it is stored");
            if beside {
                std::fs::write(plain.join(file.to_string()), bytes).expect("the same, plain");
            }
        }
        let filed = desk.present(&town.citizen, &draft).await.expect("a filing");
        desk.file_into_case(&clerk, &filed.message, &case).await.expect("filed");
    }
    while desk.archive().sign_checkpoints().await.expect("a checkpoint") {}
    let (mut ours, mut probe, mut grown) = (Vec::new(), Vec::new(), 0);
    for run in 0..runs {
        let out = town.folder.path().join(format!("{run}.zip"));
        let plan = desk.dossier(&clerk, &case, "").await.expect("a plan");
        std::fs::write("/proc/self/clear_refs", "5").expect("the peak begins anew");
        let (before, began) = (peak(), processor());
        let file = std::io::BufWriter::new(std::fs::File::create(&out).expect("a file"));
        let packed = desk.pack_dossier(plan, file, |_| {}).await.expect("a dossier");
        assert!(packed.size > (files * SIZE) as u64);
        ours.push(processor().saturating_sub(began));
        grown = grown.max(peak().saturating_sub(before));
        std::fs::remove_file(&out).expect("it was there");
        if beside {
            let began = processor();
            copy_and_hash(&plain, files);
            probe.push(processor().saturating_sub(began));
        }
    }
    let ours = median(ours).as_secs_f64();
    print!("dossier of {megabytes} MB: {ours:.2} s of processor; memory grows by {grown} MiB");
    if beside {
        let probe = median(probe).as_secs_f64();
        print!("; copy and SHA-256 of the same {probe:.2} s; ratio {:.1}", ours / probe);
    }
    println!();
}
