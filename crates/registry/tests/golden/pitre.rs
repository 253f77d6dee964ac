//! PiTre.

use std::sync::Arc;
use std::time::Duration;

use plico_registry::pitre::Pitre;
use plico_registry::pitre::simulator::Pitre as PitreSimulator;
use plico_registry::{Access, Registry, Talk, Trouble};
use plico_testkit::registry::Hosted;

use crate::ground::{Case, End, Kill, PATIENT, SECRET, access, golden, judge, order, together, work};

fn pitre_client(url: &str, patience: Duration) -> Arc<dyn Registry> {
    Arc::new(Pitre::new(access(url, patience, &[("register", "REG")])).expect("a client"))
}

async fn pitre() -> Case<PitreSimulator> {
    Case {
        client: pitre_client,
        hosted: Hosted::start(PitreSimulator::new("PAT", SECRET, "REG")).await.expect("a socket"),
        operations: &[
            "GetToken",
            "CreateDocument",
            "UploadFileToDocument",
            "ProtocolPredisposed",
            "GetDocument",
        ],
        order,
        held: &[],
    }
}

#[tokio::test]
async fn pitre_gives_one_number_whatever_is_lost() {
    golden(pitre().await).await;
}

#[tokio::test]
async fn pitre_gives_one_number_each_to_sixteen_at_once() {
    together(pitre().await).await;
}

#[tokio::test]
async fn pitre_takes_big_files_in_chunks_and_says_no_in_words() {
    let hosted = Hosted::start(PitreSimulator::new("PAT", SECRET, "REG")).await.expect("a socket");
    let options = [("register", "REG"), ("chunk_bytes", "1000"), ("router", "yes")];
    let access = access(&hosted.url(), PATIENT, &options);
    let client = Pitre::new(access.clone()).expect("a client");
    let (order, mut talk) = (order("PLICO-chunks"), Talk::default());
    let (end, so_far) = work(&client, &order, Kill::Never, &mut talk).await;
    assert_eq!(end, End::Rest);
    let chunks = talk.exchanges.iter().filter(|one| one.operation == "UploadBigFileInChunks").count();
    assert!(chunks >= 8, "{chunks}");
    let case = Case { client: pitre_client, hosted, operations: &[], order: crate::ground::order, held: &[] };
    judge(&case, &order, &end, &so_far, "in chunks");

    let stranger = Pitre::new(Access { password: "other".into(), ..access }).expect("a client");
    let refused = stranger.check(&mut Talk::default()).await.expect_err("no entry");
    assert_eq!(refused, Trouble::Refused { code: "USER_NO_EXIST".into(), words: "USER_NO_EXIST".into() });
    let nobody =
        Access { url: "http://127.0.0.1:9".into(), timeout: Duration::from_secs(2), ..Access::default() };
    let trouble =
        Pitre::new(nobody).expect("a client").check(&mut Talk::default()).await.expect_err("nobody");
    assert!(matches!(trouble, Trouble::Ours(_)), "the register is missing: {trouble:?}");
}
