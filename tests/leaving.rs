//! A body that leaves takes everything along.

use plico_archive::hex;
use plico_crypto::digest::sha256;

use super::staff::filed;
use super::support::Town;

/// Every file below a folder, by its path there.
fn files(root: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let (mut found, mut next) = (std::collections::BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = next.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                next.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_leaves_with_everything() {
    let town = Town::start().await;
    let item = filed(&town).await;
    let desk = &town.app.desk;
    let clerk = town.as_operator(&town.building_operator).await;
    let manager = town.as_operator(&town.records_manager).await;
    desk.rectify(&manager, &item, "subject", "=HYPERLINK(\"x\")", "prova").await.unwrap();
    let case = desk.open_case(&clerk, &town.building, "Tributi", "").await.unwrap();
    desk.file_into_case(&clerk, &item, &case).await.unwrap();
    filed(&town).await;
    // As a spreadsheet on Windows writes it: what is kept and named by its digest are these bytes.
    let text = b"r;a;n;d;v;s;o\nPROT;2019;7;2019-01-07;E;Anna;Domanda di citt\xe0\n";
    let seen = desk.look_at_past(&manager, text).await.unwrap().unwrap().batch;
    assert_eq!(seen, hex(&sha256(text)));
    desk.import_past(&manager, ("registro.csv", text), &seen).await.unwrap().unwrap();
    let cases = "numero;titolo;ufficio;classe;aperto;chiuso\n2019/4;Condono;Ufficio Edilizia;;2019-02-03;\n";
    let seen = desk.look_at_cases(&manager, cases.as_bytes()).await.unwrap().unwrap().digest;
    desk.import_cases(&manager, cases.as_bytes(), &seen).await.unwrap().unwrap();
    desk.bring_contacts(&manager, b"n;c;p\nFornaci Riunite;90042100330;\n").await.unwrap().unwrap();
    town.settle().await;

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("uscita");
    let run = |out: &std::path::Path| {
        let config = town.app.shell.config();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_plico"))
            .env("PLICO_DATABASE_URL", config.database.url.expose())
            .args(["export", "--all"])
            .arg(out)
            .arg("--data-dir")
            .arg(town.folder().join("data"))
            .args(["--body", "c_b999"])
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let (code, text) = run(&out);
    assert_eq!(code, 0, "{text}");
    let first = files(&out);
    let said = |name: &str| String::from_utf8(first[name].clone()).unwrap();
    let csv = said("registro/registro-2026.csv");
    assert!(csv.contains("\"0000002/2026\"") && csv.contains("\"'=HYPERLINK"), "{csv}");
    assert!(csv.contains("Rimborso della tassa"), "what stood before the correction: {csv}");
    let xml = plico_package::daily::DailyRegister::from_xml(&first["registro/registro-2026.xml"]).unwrap();
    assert_eq!(xml.entries.len(), 2);
    assert!(said("registro/registri-precedenti.csv").contains("Domanda di città"));
    assert!(said("soggetti.csv").contains("Anna Bassi") && said("uffici.csv").contains("Ufficio Edilizia"));
    assert!(said("soggetti-importati.csv").contains("\"90042100330\";\"Fornaci Riunite\""));
    assert!(said("fascicoli.csv").contains("\"2019/4\";\"2019-02-03\";\"\""), "{}", said("fascicoli.csv"));
    assert!(said("LEGGIMI.txt").contains("Comune di Borgo"));
    let dossier = &first[&format!("fascicoli/{case}.zip")];
    assert!(dossier.starts_with(b"PK"));
    let pdf = first.keys().find(|name| name.starts_with("documenti/2026/0000001-") && name.contains(".pdf"));
    assert!(first[pdf.unwrap()].starts_with(b"%PDF"));
    let checked = std::process::Command::new("sha256sum")
        .args(["--quiet", "-c", "manifest-sha256.txt"])
        .current_dir(&out)
        .status()
        .unwrap();
    assert!(checked.success());
    assert_eq!(said("manifest-sha256.txt").lines().count() + 1, first.len(), "every file is listed");

    // Broken off and damaged, it is whole again after another run; documents that are there are left as they are.
    let untouched = out.join(pdf.unwrap());
    let before = std::fs::metadata(&untouched).unwrap().modified().unwrap();
    std::fs::remove_file(out.join("manifest-sha256.txt")).unwrap();
    let other =
        first.keys().find(|name| name.starts_with("documenti/2026/0000002-") && name.contains(".pdf"));
    std::fs::write(out.join(other.unwrap()), b"%PDF damaged").unwrap();
    std::fs::write(out.join("fascicoli/vecchio.zip"), b"of an earlier run").unwrap();
    let (code, text) = run(&out);
    assert_eq!(code, 0, "{text}");
    let second = files(&out);
    assert_eq!(first[other.unwrap()], second[other.unwrap()]);
    assert_eq!(std::fs::metadata(&untouched).unwrap().modified().unwrap(), before);
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());

    // A folder of somebody else's is left alone, that of another body, too.
    let readme = said("LEGGIMI.txt").replace("plico-export c_b999", "plico-export c_x999");
    std::fs::write(out.join("LEGGIMI.txt"), readme).unwrap();
    let (code, text) = run(&out);
    assert_eq!((code, files(&out).len()), (64, second.len()), "{text}");
    let own = folder.path().join("altro");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("mio.txt"), b"mio").unwrap();
    let (code, text) = run(&own);
    assert_eq!((code, files(&own).len()), (64, 1), "{text}");
}
