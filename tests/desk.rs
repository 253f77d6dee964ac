//! The office's desk: what it is told beside a message, several at once, what it keeps for itself.

use super::counter::form;
use super::staff::{Desk, action};
use super::support::Town;

#[tokio::test]
async fn a_file_registered_already_is_told_to_whoever_may_see_it() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let mut items = Vec::new();
    for (token, office) in [("t1", &town.protocol), ("t2", &town.building)] {
        carla.see("/ufficio/sportello").await;
        let form = form(&town, token);
        let form: Vec<_> = form.into_iter().filter(|(name, _)| *name != "office").collect();
        let item = carla.led("/ufficio/sportello", &[&form[..], &[("office", office)]].concat()).await;
        let item = item.split('?').next().unwrap().to_owned();
        let page = carla.see(&item).await;
        let sent = carla.send(&action(&page), &[], &[("stessa.pdf", b"%PDF-1.4 the same bytes")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        items.push(item);
    }
    let page = carla.see(&items[1]).await;
    assert!(page.contains("«stessa.pdf»: n. 0000001/2026"), "{page}");
    assert!(page.contains(&format!("<a href=\"{}\">«stessa.pdf»", items[0])));
    assert!(carla.see(&items[0]).await.contains("«stessa.pdf»: n. 0000002/2026"), "told on both");
    // The other office's is not even known to be there.
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let page = dino.see(&items[1]).await;
    assert!(page.contains("stessa.pdf") && !page.contains("0000001/2026"), "{page}");
}
