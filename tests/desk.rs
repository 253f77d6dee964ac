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

/// Taken in at the counter for the building office; the path of its page.
async fn taken_in(town: &Town, carla: &mut Desk<'_>, token: &str) -> String {
    carla.see("/ufficio/sportello").await;
    let item = carla.led("/ufficio/sportello", &form(town, token)).await;
    item.split('?').next().unwrap().to_owned()
}

fn id(item: &str) -> &str {
    item.rsplit('/').next().unwrap()
}

async fn whole(town: &Town) {
    town.settle().await;
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    assert!(archive.fsck().await.unwrap().clean);
}

#[tokio::test]
async fn several_at_once_are_each_done_or_told_why_not() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let (first, second) = (taken_in(&town, &mut carla, "b1").await, taken_in(&town, &mut carla, "b2").await);
    let filed = super::staff::filed(&town).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let queue = dino.see("/ufficio").await;
    assert!(queue.contains(&format!("name=\"scelti\" value=\"{}\"", id(&first))));
    let all = [("scelti", id(&first)), ("scelti", id(&second)), ("scelti", filed.as_str())];

    // What is not said, or not chosen, is asked for; nothing is done.
    assert_eq!(dino.post("/ufficio/insieme", &all).await.status, 422);
    assert_eq!(dino.post("/ufficio/insieme", &[("atto", "take")]).await.status, 422);

    dino.see(&first).await;
    dino.led(&format!("{first}/carico"), &[]).await;
    let take =
        [&all[..], &[("scelti", "nowhere"), ("atto", "take"), ("filtri", "canale=paper&x=1")]].concat();
    let page = dino.post("/ufficio/insieme", &take).await;
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    assert!(text.contains("Fatto per 2 di 4"), "{text}");
    assert!(text.contains("Un collega se ne occupa") && text.contains("Messaggio che non vedi"), "{text}");
    assert!(text.contains("href=\"/ufficio?canale=paper\""), "back to where one was, and no further: {text}");

    // To a person of the office: he finds it among his own.
    let someone = format!("{}/{}", town.building, town.building_operator);
    let assign = [&all[..1], &[("atto", "assign"), ("office", &town.building)]].concat();
    let page = dino.post("/ufficio/insieme", &assign).await.text();
    assert!(page.contains("scegli un collega o un altro ufficio"), "nobody would have it: {page}");
    let assign = [&all[..1], &[("atto", "assign"), ("office", "nowhere/x")]].concat();
    assert!(dino.post("/ufficio/insieme", &assign).await.text().contains("Non fatto"));
    let third = taken_in(&town, &mut carla, "b3").await;
    let assign = [("scelti", id(&third)), ("atto", "assign"), ("office", someone.as_str())];
    assert!(carla.post("/ufficio/insieme", &assign).await.text().contains("per 1 messaggio"));
    let mine = dino.see("/ufficio?vista=mine&chi=io&stato=registered").await;
    assert!(mine.contains(id(&third)) && !mine.contains(id(&first)), "{mine}");
    dino.see(&third).await;
    dino.led(&format!("{third}/carico"), &[]).await;

    // Into a case file; concluded, where no answer is owed.
    let case = dino.led("/ufficio/fascicoli", &[("title", "Sopralluoghi"), ("office", &town.building)]).await;
    let case = case.split('?').next().unwrap().to_owned();
    dino.see("/ufficio").await;
    let file = [&all[..], &[("atto", "file"), ("case", id(&case))]].concat();
    assert!(dino.post("/ufficio/insieme", &file).await.text().contains("per 3 messaggi"));
    assert!(dino.see(&case).await.contains(id(&second)));
    let conclude = [&all[..2], &[("atto", "conclude"), ("reason", "Solo per conoscenza")]].concat();
    let page = dino.post("/ufficio/insieme", &conclude).await.text();
    assert!(page.contains("Ha un termine"), "what has a term is owed an answer: {page}");
    // The auditor and the administrator act on nothing.
    for account in [&town.auditor, &town.administrator] {
        let mut other = Desk::of(&town, account).await;
        other.see("/verifica").await;
        assert_eq!(other.post("/ufficio/insieme", &take).await.status, 403);
        assert_eq!(other.post("/ufficio/viste", &[("name", "x"), ("filtri", "q=1")]).await.status, 403);
    }
    whole(&town).await;
}

#[tokio::test]
async fn a_view_is_kept_opens_the_queue_and_is_one_s_own() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let paper = taken_in(&town, &mut carla, "v1").await;
    let portal = super::staff::filed(&town).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    for (query, has_paper, has_portal) in [
        ("canale=paper", true, false),
        ("canale=portal", false, true),
        ("canale=pec", false, false),
        ("chi=nessuno", true, true),
        ("chi=io", false, false),
        ("scadenza=overdue", false, false),
    ] {
        let page = dino.see(&format!("/ufficio?{query}")).await;
        assert_eq!((page.contains(id(&paper)), page.contains(&portal)), (has_paper, has_portal), "{query}");
    }
    dino.see("/ufficio?canale=paper").await;
    for (name, filters) in [("", "canale=paper"), ("Vuota", "x=1"), (&"n".repeat(41), "canale=paper")] {
        let wrong = dino.post("/ufficio/viste", &[("name", name), ("filtri", filters)]).await;
        assert_eq!(wrong.status, 422, "{name} {filters}");
    }
    let keep = [("name", "Carta"), ("filtri", "canale=paper&evil=1"), ("apre", "1")];
    assert_eq!(dino.led("/ufficio/viste", &keep).await, "/ufficio?canale=paper&fatto=vista");
    let opened = dino.see("/ufficio").await;
    assert!(opened.contains("Carta") && opened.contains(id(&paper)) && !opened.contains(&portal), "{opened}");
    assert!(dino.see("/ufficio?tutte=1").await.contains(&portal));
    assert!(dino.see("/ufficio?canale=portal").await.contains(&portal), "what is asked goes before");
    // Nobody else has it.
    assert!(!carla.see("/ufficio").await.contains("Le tue viste"));
    dino.see("/ufficio").await;
    dino.led("/ufficio/viste/elimina", &[("name", "Carta")]).await;
    let after = dino.see("/ufficio").await;
    assert!(!after.contains("Le tue viste") && after.contains(&portal));
}

#[tokio::test]
async fn a_message_is_linked_declined_and_sent_on() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let (one, two) = (taken_in(&town, &mut carla, "l1").await, taken_in(&town, &mut carla, "l2").await);
    // Linked by its number, shown with both, taken back from either.
    carla.see(&one).await;
    for number in ["", "2", "99/2026", "1/2026"] {
        let wrong = carla.post(&format!("{one}/lega"), &[("number", number)]).await;
        assert_eq!(wrong.status, 422, "{number}");
    }
    let link = [("number", "0000002/2026"), ("link_reason", "Stessa vicenda")];
    carla.led(&format!("{one}/lega"), &link).await;
    assert_eq!(carla.post(&format!("{one}/lega"), &link).await.status, 422, "once");
    for (here, there) in [(&one, &two), (&two, &one)] {
        let page = carla.see(here).await;
        assert!(
            page.contains(&format!("{here}/slega/{}", id(there))) && page.contains("Stessa vicenda"),
            "{page}"
        );
    }
    carla.led(&format!("{two}/slega/{}", id(&one)), &[]).await;
    assert!(!carla.see(&one).await.contains("slega"));
    carla.led(&format!("{one}/lega"), &link).await;

    // For knowledge: the office reads, and may say that it is not for it.
    let assign = [("office", town.protocol.as_str()), ("purpose", "competence")];
    carla.led(&format!("{one}/assegna"), &assign).await;
    let know = [("office", town.building.as_str()), ("purpose", "knowledge")];
    carla.led(&format!("{one}/assegna"), &know).await;
    assert!(carla.see(&one).await.contains("Per conoscenza"));
    let mut dino = Desk::of(&town, &town.building_operator).await;
    assert!(dino.see(&one).await.contains("non-per-noi"));
    assert_eq!(dino.post(&format!("{one}/non-per-noi"), &[("declined", " ")]).await.status, 422);
    dino.led(&format!("{one}/non-per-noi"), &[("declined", "Non ci riguarda")]).await;
    assert_eq!(dino.get(&one).await.status, 404);
    assert!(carla.see(&one).await.contains("Non ci riguarda"), "the reason stays");
    assert_eq!(carla.post(&format!("{one}/non-per-noi"), &[("declined", "x")]).await.status, 403);

    // Sent on to another body: ended here, and its sender reads so, with what it does to the term.
    let filed = super::staff::filed(&town).await;
    let item = format!("/ufficio/messaggi/{filed}");
    let page = dino.see(&format!("{item}/inoltra")).await;
    assert!(page.contains("il nostro termine") && page.contains("non è stato ancora caricato"), "{page}");
    let wrong = dino.post(&format!("{item}/inoltra"), &[("body_pec", "x"), ("reason", "")]).await.text();
    for field in ["f-body_name", "f-body_pec", "f-reason"] {
        assert!(wrong.contains(&format!("href=\"#{field}\"")), "{field}: {wrong}");
    }
    let on = [
        ("body_name", "Provincia di Prova"),
        ("body_pec", "p@pec.prova.invalid"),
        ("reason", "È della Provincia."),
    ];
    dino.led(&format!("{item}/inoltra"), &on).await;
    let page = dino.see(&item).await;
    assert!(page.contains("Inoltrata") && page.contains("Provincia di Prova"), "{page}");
    assert_eq!(dino.post(&format!("{item}/inoltra"), &on).await.status, 409, "once");
    let mut anna = Desk::of(&town, &town.anna).await;
    let page = anna.see(&format!("/messaggi/{filed}")).await;
    assert!(
        page.contains("Inviata per competenza a Provincia di Prova. È della Provincia. Per questo ufficio"),
        "{page}"
    );
    assert!(!page.contains("p@pec.prova.invalid"));
    whole(&town).await;
}

const LIST: &str = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1\n\
    p_prova,Provincia di Prova,00000000000,protocollo@pec.prova.invalid,Pec\n\
    c_prova,Comune di Prova,,altro@prova.invalid,Altro\n";

#[tokio::test]
async fn several_senders_are_picked_and_typed_and_registered() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let operator = plico_desk::Actor::console("", "prova");
    let day = town.app.desk.today();
    assert!(town.app.desk.read_ipa(&operator, "a,b\n1,2\n", &day).await.is_err());
    assert!(town.app.desk.read_ipa(&operator, LIST, "2999-01-01").await.is_err(), "a list of tomorrow");
    let listed = town.app.desk.read_ipa(&operator, LIST, &day).await.unwrap();
    assert_eq!((listed.bodies, listed.left), (2, 0));

    // Looked for among whoever is known and the bodies of the index; what was typed stays.
    carla.see("/ufficio/sportello").await;
    let typed = form(&town, "s1");
    let look = |who: &'static str, act: &'static str| [&typed[..], &[("who", who), ("fai", act)]].concat();
    let page = carla.post("/ufficio/sportello", &look("fornace", "cerca")).await.text();
    assert!(page.contains("Fornace Bassi") && page.contains("Due fogli e una planimetria."), "{page}");
    assert!(carla.post("/ufficio/sportello", &look("fo", "cerca")).await.text().contains("Nessuno: scrivi"));
    let page = carla.post("/ufficio/sportello", &look("prova", "cerca")).await.text();
    assert!(page.contains("Provincia di Prova") && page.contains("protocollo@pec.prova.invalid"), "{page}");
    let page = carla.post("/ufficio/sportello", &look("prova", "usa:ipa/p_prova")).await.text();
    assert!(page.contains("value=\"Provincia di Prova\"") && page.contains("checked"), "{page}");
    assert!(!page.contains("altro@prova.invalid"), "only certified mail");

    for others in ["; X", "Anna; XYZ", "Ditta; 90042100330"] {
        let wrong = [&typed[..], &[("others", others)]].concat();
        let answer = carla.post("/ufficio/sportello", &wrong).await;
        assert_eq!(answer.status, 422, "{others}");
        assert!(answer.text().contains("#f-others"));
    }
    let several = [&typed[..], &[("others", "Dora Blu\nAnna di Prova")]].concat();
    let item = carla.led("/ufficio/sportello", &several).await;
    let item = item.split('?').next().unwrap().to_owned();
    let page = carla.see(&item).await;
    assert!(page.contains("Presentato anche da") && page.contains("Dora Blu"), "{page}");
    let manager = town.as_operator(&town.records_manager).await;
    let view = town.app.desk.message(&manager, id(&item)).await.unwrap();
    assert_eq!(view.entry.unwrap().parties.lines().count(), 3, "the register names them all");
    whole(&town).await;
    let found = plico_archive::read::queue::people(town.app.desk.archive().database(), "borgo", "dora").await;
    assert_eq!(found.unwrap().len(), 1, "known from now on");
}

#[tokio::test]
async fn an_administrator_loads_the_list_of_bodies() {
    let town = Town::start().await;
    let mut boss = Desk::of(&town, &town.administrator).await;
    // Two administrations share this installation: neither says what the other's letters are addressed by.
    assert!(boss.see("/amministrazione/ipa").await.contains("Nessun elenco"));
    let sent = boss.send("/amministrazione/ipa", &[], &[("enti.csv", LIST.as_bytes())]).await;
    assert_eq!(sent.status, 403, "{}", sent.text());
}

#[tokio::test]
async fn a_citizen_finds_the_right_office() {
    let town = Town::start().await;
    let mut anna = Desk::of(&town, &town.anna).await;
    let page = anna.see("/uffici").await;
    assert!(
        page.contains("Ufficio Edilizia") && page.contains("Istanza") && page.contains("ufficio protocollo"),
        "{page}"
    );
    assert!(anna.see("/uffici?q=nulladisimile").await.contains("Nessun ufficio"));
    let page = town.send("GET", "/uffici?q=%3Cscript%3E", &[("accept", "text/html")], &[]).await;
    assert!(page.status == 200 && !page.text().contains("<script>"), "{}", page.text());
}

#[tokio::test]
async fn a_letter_goes_for_knowledge_too() {
    let town = Town::start().await;
    let filed = super::staff::filed(&town).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let page = dino.see(&format!("/ufficio/messaggi/{filed}/risposta")).await;
    let action = action(&page);
    let fields = [
        ("subject", "Esito"),
        ("text", "Accolta."),
        ("effect", "communication"),
        ("outcome", "granted"),
        ("act", "review"),
    ];
    for copies in ["Ditta", "Ditta; XYZ", "Ditta; 90042100330\nAncora; 90042100330"] {
        let wrong = dino.send(&action, &[&fields[..], &[("copies", copies)]].concat(), &[]).await;
        assert!(wrong.status == 422 && wrong.text().contains("#f-copies"), "{copies}: {}", wrong.text());
    }
    let copies = [&fields[..], &[("copies", "Fornace; 90042100330")]].concat();
    let review = dino.send(&action, &copies, &[]).await;
    assert_eq!(review.status, 303, "{}", review.text());
    let review = review.header("location").unwrap().to_owned();
    assert!(dino.see(&review).await.contains("Fornace; 90042100330"));
    let sent = dino.led(&review.replace("/controlla", "/invia"), &[]).await;
    let sent = sent.split('?').next().unwrap().to_owned();
    let page = dino.see(&sent).await;
    assert!(page.contains("Fornace Bassi") && page.contains("per conoscenza"), "{page}");
    let manager = town.as_operator(&town.records_manager).await;
    let view = town.app.desk.message(&manager, id(&sent)).await.unwrap();
    let to: Vec<_> = view.deliveries.iter().map(|one| (one.recipient.as_str(), one.copy)).collect();
    assert_eq!(to, [(town.anna.as_str(), false), (town.company.as_str(), true)]);
    assert_eq!(view.entry.unwrap().parties.lines().count(), 2, "the register names both");
    whole(&town).await;
}
