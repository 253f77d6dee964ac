//! The arms of the body: given by its administrator, at the head of what is issued from then on.

use plico_pdf::forge;

use crate::delegation::operator;
use crate::verdict::filed;
use crate::visitor::town;

const PAGE: &str = "/amministrazione/ente";

fn pictures(pdf: &[u8]) -> usize {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let objects = document.objects.values().filter_map(|object| object.as_stream().ok());
    objects.filter(|stream| stream.dict.get(b"Subtype").is_ok_and(|kind| *kind == "Image".into())).count()
}

#[tokio::test]
async fn receipts_bear_the_arms_once_they_are_given() {
    let town = town().await;
    let mut administrator = operator(&town, &town.administrator).await;
    assert!(administrator.see(PAGE).await.contains("Nessuno stemma"));
    for (wrong, why) in [(&b"GIF89a"[..], "Non è un’immagine PNG"), (&[0x5a; 70_000], "al massimo 64 KB")]
    {
        administrator.see(PAGE).await;
        let answer = administrator.upload("/amministrazione/ente/stemma", &[("stemma.png", wrong)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    let anna = town.as_person(&town.anna).await;
    let receipts = async |message: &str| {
        let mut found = Vec::new();
        for row in town.app.desk.receipts(&anna).await.unwrap() {
            if row.message.as_deref() == Some(message) {
                let (_, reader) = town.app.desk.receipt(&anna, &row.id).await.unwrap();
                found.push(pictures(&reader.read_all(1 << 20).await.unwrap()));
            }
        }
        found
    };
    let (before, _) = filed(&town, "a.txt", b"testo").await;
    assert!(receipts(&before).await.iter().all(|pictures| *pictures == 0));
    administrator.see(PAGE).await;
    let answer =
        administrator.upload("/amministrazione/ente/stemma", &[("stemma.png", &forge::arms())]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(administrator.see(PAGE).await.contains("data:image/png;base64,iVBOR"));
    let (after, _) = filed(&town, "b.txt", b"testo").await;
    let shown = receipts(&after).await;
    // Its colours, and what is transparent in it.
    assert!(!shown.is_empty() && shown.iter().all(|pictures| *pictures == 2), "{shown:?}");
    assert_eq!(
        administrator.led("/amministrazione/ente/stemma/togli", &[]).await,
        format!("{PAGE}?fatto=salvato")
    );
    assert!(administrator.see(PAGE).await.contains("Nessuno stemma"));
}
