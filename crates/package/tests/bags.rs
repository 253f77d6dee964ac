//! Bags as others made them: the published conformance cases where they lie beside the project, and one of our own that
//! is spoilt in every way that matters.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use plico_package::bag::{BagWriter, Held, Report, Zipped, check};
use plico_package::{PackError, pindex};

struct Folder(PathBuf);

impl Held for Folder {
    fn files(&mut self) -> io::Result<Vec<String>> {
        fn walk(folder: &Path, before: &str, found: &mut Vec<String>) -> io::Result<()> {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let name = format!("{before}{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    walk(&entry.path(), &format!("{name}/"), found)?;
                } else {
                    found.push(name);
                }
            }
            Ok(())
        }
        let mut found = Vec::new();
        walk(&self.0, "", &mut found)?;
        Ok(found)
    }

    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut file = fs::File::open(self.0.join(path))?;
        let mut buffer = [0; 4096];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(()),
                count => each(&buffer[..count])?,
            }
        }
    }
}

/// `windows-only` cases name paths that lead out of the bag on that system: they are refused everywhere.
fn as_it_should_be(category: &str, report: &Report) -> bool {
    match category {
        "valid" => report.faults.is_empty(),
        "warning" => report.faults.is_empty() && !report.warnings.is_empty(),
        "invalid" | "linux-only" | "windows-only" => !report.faults.is_empty(),
        _ => panic!("a category that this test does not know: {category}"),
    }
}

#[test]
fn the_published_cases_are_judged_as_published() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/bagit");
    if !cases.is_dir() {
        println!("the published BagIt cases are not beside the project: not compared with them");
        return;
    }
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    };
    let (mut judged, mut wrong) = (0, Vec::new());
    for version in folders(&cases) {
        for category in folders(&version) {
            for case in folders(&category) {
                let report = check(&mut Folder(case.clone())).unwrap();
                judged += 1;
                if !as_it_should_be(category.file_name().unwrap().to_str().unwrap(), &report) {
                    wrong.push(format!("{}: {report:#?}", case.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 50, "only {judged} cases were there");
}

/// A bag in memory.
#[derive(Clone)]
struct Mine(BTreeMap<String, Vec<u8>>);

impl Held for Mine {
    fn files(&mut self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }

    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        each(self.0.get(path).ok_or(io::ErrorKind::NotFound)?)
    }
}

const A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

fn mine() -> Mine {
    let files = [
        ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
        ("bag-info.txt", "Payload-Oxum: 2.2\nSource-Organization: Comune di\n  Borgo\n".to_owned()),
        ("manifest-sha256.txt", format!("{A}  data/a.txt\n{A}  data/100%25%0Ab.txt\n")),
        ("data/a.txt", "a".to_owned()),
        ("data/100%\nb.txt", "a".to_owned()),
    ];
    Mine(files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect())
}

#[test]
fn a_bag_of_our_own_is_whole() {
    let report = check(&mut mine()).unwrap();
    assert_eq!((&report.faults, &report.warnings), (&vec![], &vec![]));
    assert_eq!((report.files, report.bytes, report.version), (2, 2, Some((1, 0))));
    assert_eq!(report.info[1], ("Source-Organization".to_owned(), "Comune di Borgo".to_owned()));
}

#[test]
fn every_harm_to_it_is_named() {
    type Harm = fn(&mut BTreeMap<String, Vec<u8>>);
    let harms: [(&str, Harm); 10] = [
        ("data/a.txt: changed", |bag| bag.get_mut("data/a.txt").unwrap()[0] ^= 1),
        ("data/a.txt: missing", |bag| drop(bag.remove("data/a.txt"))),
        ("data/x.txt: not in every manifest", |bag| drop(bag.insert("data/x.txt".into(), vec![]))),
        ("there is no manifest of the payload", |bag| drop(bag.remove("manifest-sha256.txt"))),
        ("bagit.txt: missing", |bag| drop(bag.remove("bagit.txt"))),
        ("leads out of the bag", |bag| {
            bag.get_mut("manifest-sha256.txt").unwrap().extend(format!("{A}  data/../../x\n").bytes());
        }),
        ("not a line of a manifest", |bag| bag.get_mut("manifest-sha256.txt").unwrap().extend(b"zzz\n")),
        ("not a checksum of its kind", |bag| {
            bag.get_mut("manifest-sha256.txt").unwrap().extend(b"ab  data/a.txt\n");
        }),
        ("Payload-Oxum says 3.2", |bag| bag.get_mut("bag-info.txt").unwrap()[14] = b'3'),
        ("not of its encoding", |bag| bag.get_mut("bag-info.txt").unwrap()[0] = 0xff),
    ];
    for (what, harm) in harms {
        let mut bag = mine();
        harm(&mut bag.0);
        let report = check(&mut bag).unwrap();
        assert!(report.faults.iter().any(|fault| fault.contains(what)), "{what}: {report:#?}");
    }
}

fn packed() -> Vec<u8> {
    let mut bag = BagWriter::new(Vec::new(), "fascicolo-1-2026").unwrap();
    bag.add("documenti/però 100%.txt", None, &mut &b"a"[..]).unwrap();
    bag.add("vuoto.txt", None, &mut &b""[..]).unwrap();
    for wrong in ["../x", "a//b", "VUOTO.txt", "", "a\\b"] {
        let refused = bag.add(wrong, None, &mut &b""[..]);
        assert!(matches!(refused, Err(PackError::Name(_))), "{wrong}");
    }
    bag.finish(&[("Source-Organization", "Comune di\nBorgo")]).unwrap()
}

#[test]
fn what_we_pack_is_a_bag_and_the_same_twice() {
    let bytes = packed();
    assert_eq!(bytes, packed());
    let mut bag = Zipped::open(io::Cursor::new(bytes)).unwrap();
    assert_eq!(bag.folder(), "fascicolo-1-2026");
    let report = check(&mut bag).unwrap();
    assert_eq!((&report.faults, &report.warnings), (&vec![], &vec![]));
    assert_eq!((report.files, report.bytes), (2, 1));
    assert_eq!(report.info[0].1, "Comune di Borgo");
}

#[test]
fn a_bag_that_two_programs_could_read_differently_is_refused() {
    // The name of the second file becomes that of the first, in the directory and before the content.
    let mut bag = BagWriter::new(Vec::new(), "f").unwrap();
    bag.add("a.txt", None, &mut &b"a"[..]).unwrap();
    bag.add("b.txt", None, &mut &b"b"[..]).unwrap();
    let mut bytes = bag.finish(&[]).unwrap();
    let name = b"f/data/b.txt";
    let places: Vec<usize> =
        (0..bytes.len() - name.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    for at in places {
        bytes[at + 7] = b'a';
    }
    let refused = Zipped::open(io::Cursor::new(bytes)).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("one name"), "{refused}");
    assert!(Zipped::open(io::Cursor::new(b"not a zip".to_vec())).is_err());
}

fn index() -> Vec<u8> {
    let index = pindex::Index {
        id: "fascicolo-1-2026".into(),
        label: "Rifacimento & <tetto>".into(),
        producer: "Comune di Borgo".into(),
        signer_role: "responsabile della gestione documentale".into(),
        rule: "Manuale di gestione documentale".into(),
        instant: "2026-11-21T18:46:01.123Z".into(),
        version: "0.1.0".into(),
    };
    let file = |id: &str, path: &str| pindex::Indexed {
        id: id.into(),
        path: path.into(),
        media_type: "application/pdf".into(),
        sha256: [7; 32],
        metadata: Some((format!("metadati/{id}.xml"), [8; 32], "https://example.org/allegato5.xsd")),
    };
    let files = vec![file("1", "documenti/però & così.pdf"), file("2", "documenti/b.pdf")];
    let groups = [
        pindex::Group { id: "documenti".into(), label: "Documenti".into(), files },
        pindex::Group { id: "nessuno".into(), label: "Vuoto".into(), files: vec![] },
    ];
    pindex::write(Vec::new(), &index, &groups).unwrap()
}

#[test]
fn an_index_names_what_was_put_in_it() {
    let named = pindex::read(&index()[..]).unwrap();
    let paths: Vec<&str> = named.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["documenti/però & così.pdf", "metadati/1.xml", "documenti/b.pdf", "metadati/2.xml"]);
    assert_eq!(named[0].1, "07".repeat(32));
    let whole = index();
    for cut in (1..whole.len()).step_by(97) {
        assert!(pindex::read(&whole[..cut]).is_err(), "cut at {cut}");
    }
    assert!(pindex::read(&b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"[..]).is_err());
}

/// `xmllint` and the schema of the standard, where both are at hand.
#[test]
fn an_index_is_valid_by_its_schema() {
    let schema =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs/sincro/Unisincro_PIndex.xsd");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("PIndex.xml");
    fs::write(&file, index()).unwrap();
    let checked =
        std::process::Command::new("xmllint").arg("--noout").arg("--schema").args([&schema, &file]).output();
    match checked {
        Ok(output) if schema.exists() => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        _ => println!("xmllint or the schema of UNI 11386 is not at hand: the index was not validated"),
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    #[test]
    fn any_bytes_are_something_or_nothing(
        at in 0usize..4096, bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)
    ) {
        // Within what is right, and alone.
        for whole in [packed(), index()] {
            let mut harmed = whole;
            let at = at % harmed.len();
            let end = (at + bytes.len()).min(harmed.len());
            harmed.splice(at..end, bytes.iter().copied());
            plico_package::bag::fuzz_bag(&harmed);
            pindex::fuzz_pindex(&harmed);
        }
        plico_package::bag::fuzz_bag(&bytes);
        pindex::fuzz_pindex(&bytes);
    }
}

#[test]
fn a_tool_lies_beside_the_payload() {
    let mut bag = BagWriter::new(Vec::new(), "borsa").unwrap();
    bag.add("nota.txt", None, &mut &b"ciao"[..]).unwrap();
    bag.tag("verifica.html", b"<!doctype html>").unwrap();
    for name in ["verifica.html", "VERIFICA.HTML", "bagit.txt", "a/b", "", "a\nb"] {
        assert!(matches!(bag.tag(name, b""), Err(PackError::Name(_))), "{name:?}");
    }
    let bytes = bag.finish(&[]).unwrap();
    let report = check(&mut Zipped::open(io::Cursor::new(&bytes)).unwrap()).unwrap();
    assert_eq!((report.faults.as_slice(), report.files), (&[][..], 1));
    let mut zip = zip::ZipArchive::new(io::Cursor::new(&bytes)).unwrap();
    let mut tags = String::new();
    zip.by_name("borsa/tagmanifest-sha256.txt").unwrap().read_to_string(&mut tags).unwrap();
    assert!(tags.contains("  verifica.html\n"), "{tags}");
}
