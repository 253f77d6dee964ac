//! The European trusted lists: verified from their files, and read back from what was compiled. `LISTS=DIR` takes real ones
//! (.xml and signers.pem); without it there are as many and as large ones of invented countries.

use std::path::Path;
use std::time::Instant;

use plico_signature::TrustedLists;
use plico_signature::forge::{KeyKind, ListRecipe, Listed, Pki, trusted_list};

use crate::{NOW, RUNS, YEAR, median, subject};

/// Countries with a list, and services of each: some 20 MB together, as the real ones.
const COUNTRIES: usize = 31;
const SERVICES: usize = 320;

type Files = (Vec<(String, Vec<u8>)>, Vec<u8>);

/// Loads all of them.
pub fn loaded() {
    let (files, signers) = match std::env::var("LISTS") {
        Ok(folder) => real(Path::new(&folder)),
        Err(_) => invented(),
    };
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let verify = || TrustedLists::verify(&files, &signers).expect("the lists hold");
    let fingerprint = TrustedLists::fingerprint(&files, &signers);
    let found = verify();
    let compiled = found.compiled(&fingerprint);
    println!(
        "trusted lists: {} files, {} refused, {} KB; compiled {} KB",
        files.len(),
        found.refused().len(),
        bytes / 1024,
        compiled.len() / 1024
    );
    let timed = |load: &dyn Fn() -> TrustedLists| {
        let measure = |_| {
            let start = Instant::now();
            let loaded = load();
            let took = start.elapsed();
            drop(loaded);
            took
        };
        median((0..RUNS).map(measure).collect())
    };
    println!("  verified in {:.1?}", timed(&verify));
    let read = || TrustedLists::from_compiled(&compiled, &fingerprint).expect("its own");
    println!("  read back in {:.1?}", timed(&read));
}

fn real(folder: &Path) -> Files {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of LISTS") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read(path).expect("a list")));
        }
    }
    (files, std::fs::read(folder.join("signers.pem")).expect("signers.pem in the folder of LISTS"))
}

fn invented() -> Files {
    let mut pki = Pki::new("Liste di prova", NOW).expect("a test authority");
    let operator = pki.signer(&subject(), KeyKind::Rsa2048).expect("an operator");
    let authorities: Vec<Vec<u8>> = (0..16)
        .map(|_| pki.signer(&subject(), KeyKind::Rsa2048).expect("an authority").certificate_der().to_vec())
        .collect();
    let periods = [("granted", NOW - YEAR), ("undersupervision", NOW - 5 * YEAR)];
    let service = |number: usize| Listed {
        kind: if number.is_multiple_of(4) { "TSA/QTST" } else { "CA/QC" },
        certificate: &authorities[number % authorities.len()],
        periods: &periods,
        uses: &["ForeSignatures"],
        qualifiers: &[],
    };
    let services: Vec<Listed<'_>> = (0..SERVICES).map(service).collect();
    let own: [&[u8]; 1] = [operator.certificate_der()];
    let names: Vec<String> = (0..COUNTRIES)
        .map(|n| format!("{}{}", char::from(b'A' + (n / 26) as u8), char::from(b'A' + (n % 26) as u8)))
        .collect();
    let pointers: Vec<(&str, &[&[u8]])> = names.iter().map(|name| (name.as_str(), &own[..])).collect();
    let list = |territory, pointers, services| ListRecipe {
        territory,
        sequence: 1,
        issued_ms: NOW,
        next_update_ms: Some(NOW + YEAR),
        base: "https://lists.example",
        before: &[],
        pointers,
        services,
    };
    let made = |recipe: &ListRecipe<'_>| trusted_list(&operator, recipe).expect("a list");
    let mut files = vec![("eu.xml".to_owned(), made(&list("EU", &pointers, &[])))];
    files.extend(names.iter().map(|name| (format!("{name}.xml"), made(&list(name, &[], &services)))));
    (files, operator.certificates_pem().expect("PEM"))
}
