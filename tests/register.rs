//! The built-in register beyond what comes in and goes out: from office to office, series, the office chart, past registers.

use super::staff::{Desk, filed};

use super::support::{BODY, Town};

const INTERNAL: &str = "/ufficio/interni";
pub const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// What the journal says is what the tables say, and nothing is wrong with the register.
pub async fn stands(town: &Town) {
    town.settle().await;
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    let found = archive.fsck().await.unwrap();
    assert!(found.clean, "{found:?}");
}

#[tokio::test]
async fn one_office_writes_to_another_and_is_answered() {
    let town = Town::start().await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let page = carla.see(INTERNAL).await;
    assert!(page.contains("Ufficio Protocollo") && page.contains("Ufficio Edilizia"));
    let form = |token: &'static str, office: &str| {
        vec![
            ("token", token.to_owned()),
            ("from", town.protocol.clone()),
            ("office", office.to_owned()),
            ("kind", "istanza".into()),
            ("subject", "Parere sulla variante".into()),
            ("text", "Si chiede un parere.".into()),
        ]
    };
    let pairs = |form: &'static [(&'static str, String)]| -> Vec<(&str, &str)> {
        form.iter().map(|(name, value)| (*name, value.as_str())).collect()
    };
    // What does not fit is said, and nothing is registered.
    for (office, wrong) in [(town.protocol.as_str(), "diverso"), ("", "f-office"), ("nowhere", "f-office")] {
        let answer = carla.send(INTERNAL, &pairs(form("aa", office).leak()), &[]).await;
        assert_eq!(answer.status, 422, "{office}");
        assert!(answer.text().contains(wrong), "{office}");
    }
    dino.see(INTERNAL).await;
    let stranger = dino.send(INTERNAL, &pairs(form("bb", &town.building).leak()), &[]).await;
    assert_eq!(stranger.status, 422, "nobody writes for an office that is not his");
    let good: &'static [_] = form("cc", &town.building).leak();
    let first = carla.send(INTERNAL, &pairs(good), &[("parere.pdf", b"%PDF-1.4 parere")]).await;
    assert_eq!(first.status, 303, "{}", first.text());
    let again = carla.send(INTERNAL, &pairs(good), &[]).await;
    assert_eq!(first.header("location"), again.header("location"), "sent twice is registered once");
    town.settle().await;

    // It is in the register and waits in the office that receives it; the one that wrote it reads on.
    let item = first.header("location").unwrap().split('?').next().unwrap().to_owned();
    let register = carla.see("/ufficio/registro?verso=internal").await;
    assert!(register.contains("0000001/2026") && register.contains("Interno"), "{register}");
    assert!(!carla.see("/ufficio/registro?verso=in").await.contains("0000001/2026"));
    let queue = dino.see("/ufficio").await;
    assert!(queue.contains("Parere sulla variante") && queue.contains("Ufficio Protocollo"));
    let page = dino.see(&item).await;
    assert!(page.contains("parere.pdf") && page.contains("/ufficio/interni?m="), "{page}");
    assert!(!page.contains("/risposta\"") && !page.contains("/rilascia\""), "an office gets no letter");
    let anna = town.as_person(&town.anna).await;
    let id = item.rsplit('/').next().unwrap().to_owned();
    assert!(town.app.desk.message(&anna, &id).await.is_err());

    dino.led(&format!("{item}/carico"), &[]).await;
    let back = dino.see(&format!("{INTERNAL}?m={id}")).await;
    assert!(back.contains("Risponde all’ufficio"));
    let answer: &[(&str, &str)] = &[
        ("token", "dd"),
        ("about", &id),
        ("kind", "istanza"),
        ("subject", "Parere favorevole"),
        ("text", ""),
    ];
    let answered = dino.send(INTERNAL, answer, &[]).await;
    assert_eq!(answered.status, 303, "{}", answered.text());
    assert!(carla.see("/ufficio").await.contains("Parere favorevole"));
    assert!(dino.see(&item).await.contains("Parere favorevole"), "the conversation");

    // The day's register and the reports say so as well.
    let report = "/ufficio/registro/rapporti?quale=unfiled&dal=2026-01-01&al=2026-12-31&formato=csv";
    assert!(carla.get(report).await.text().contains("\"Interno\""));
    town.clock.advance(DAY);
    assert_eq!(town.app.desk.close_register_days().await.unwrap(), 1);
    let xml = day_xml(&town).await;
    assert_eq!(xml.matches("verso=\"internal\"").count(), 2, "{xml}");
    stands(&town).await;
}

/// The last day of the register, as it is handed over.
pub async fn day_xml(town: &Town) -> String {
    let archive = town.app.desk.archive();
    let events = plico_archive::read::ledger::newest(archive.database(), BODY, "register.day_closed", 1);
    let event = events.await.unwrap().remove(0);
    let entry = archive.entry(event.log, event.idx).await.unwrap().unwrap();
    let reader = archive.open_document(&entry.documents[0].id).await.unwrap();
    String::from_utf8(reader.read_all(1 << 20).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_series_has_its_own_numbers_of_the_year() {
    let town = Town::start().await;
    let mut gaia = Desk::of(&town, &town.administrator).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    // The administrator says which series there are; nobody else does.
    let base = "/amministrazione/repertori";
    assert!(gaia.see(base).await.contains("Nessun repertorio"));
    assert!(carla.see("/ufficio/repertori").await.contains("Nessun repertorio"));
    let wrong = [("code", "De creti"), ("title", ""), ("from", "ieri"), ("until", "")];
    let answer = gaia.post(base, &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("f-code") && answer.text().contains("f-title"));
    for (code, title, until) in
        [("decreti", "Decreti del sindaco", ""), ("vecchi", "Atti vecchi", "2026-02-01")]
    {
        let good = [("code", code), ("title", title), ("from", "2026-01-01"), ("until", until)];
        gaia.led(base, &good).await;
    }
    assert_eq!(carla.post(base, &wrong).await.status, 403);
    let over = dino.see("/ufficio/repertori/vecchi").await;
    assert!(!over.contains("vecchi/nuovo"), "what is over takes nothing");

    // A document without a number of the register; sent twice it is one.
    let new = "/ufficio/repertori/decreti/nuovo";
    dino.see(new).await;
    let form = |token: &'static str| {
        [("token", token), ("office", ""), ("subject", "Nomina"), ("parties", "=Anna\nBruno"), ("text", "")]
    };
    let answer = dino.send(new, &form("aa"), &[]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("f-files") && answer.text().contains("f-office"));
    let office = town.building.clone();
    let mut good = form("bb");
    good[1].1 = &office;
    let file: &[(&str, &[u8])] = &[("decreto.pdf", b"%PDF-1.4 decreto")];
    for _ in 0..2 {
        let answer = dino.send(new, &good, file).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let old = "/ufficio/repertori/vecchi/nuovo";
    let answer =
        dino.send(old, &[("token", "cc"), ("office", &office), ("subject", "x"), ("text", "y")], &[]).await;
    assert_eq!(answer.status, 422, "not in use any more");

    // What has a number of the register is entered from its page, once.
    let item = format!("/ufficio/messaggi/{}", filed(&town).await);
    assert!(dino.see(&item).await.contains("Decreti del sindaco"));
    dino.led(&format!("{item}/repertorio"), &[("series", "decreti")]).await;
    assert_eq!(dino.post(&format!("{item}/repertorio"), &[("series", "decreti")]).await.status, 422);
    assert!(dino.see(&item).await.contains("2/2026"));
    town.settle().await;
    let page = dino.see("/ufficio/repertori/decreti").await;
    assert!([">1/2026<", ">2/2026<", "0000001/2026"].iter().all(|number| page.contains(number)), "{page}");
    assert!(!page.contains(">3/2026<"));
    let csv = carla.get("/ufficio/repertori/decreti/stampa/2026.csv").await.text();
    assert!(csv.contains("\"'=Anna\nBruno\"") && csv.contains("\"2/2026\""), "{csv}");
    let pdf = carla.get("/ufficio/repertori/decreti/stampa/2026-1.pdf").await;
    let words = plico_pdf::read::text(&pdf.body, 100_000).unwrap().text;
    assert!(words.contains("Decreti del sindaco") && words.contains("Nomina"), "{words}");
    assert_eq!(carla.get("/ufficio/repertori/decreti/stampa/2026-2.pdf").await.status, 404);

    // The records manager annuls a number: it stays, is not given again, and the document may be entered anew.
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let annul = "/ufficio/repertori/decreti/2026/2/annulla";
    assert!(elena.see("/ufficio/repertori/decreti").await.contains(annul) && !page.contains(annul));
    assert_eq!(dino.get(annul).await.status, 403);
    assert_eq!(elena.post(annul, &[("reason", "x"), ("authorisation", "")]).await.status, 422);
    let why = [("reason", "Registrato per errore"), ("authorisation", "Determina 12")];
    assert_eq!(dino.post(annul, &why).await.status, 403);
    elena.led(annul, &why).await;
    assert_eq!(elena.post(annul, &why).await.status, 409);
    let page = dino.see(&item).await;
    assert!(
        page.contains("<s class=\"plico-mono\">2/2026</s>") && page.contains("value=\"decreti\""),
        "{page}"
    );
    let page = dino.see("/ufficio/repertori/decreti").await;
    assert!(page.contains("Determina 12 — Registrato per errore") && page.contains(">2/2026<"), "{page}");
    dino.led(&format!("{item}/repertorio"), &[("series", "decreti")]).await;
    town.settle().await;
    assert!(dino.see("/ufficio/repertori/decreti").await.contains(">3/2026<"));
    let csv = carla.get("/ufficio/repertori/decreti/stampa/2026.csv").await.text();
    assert!(csv.contains("Determina 12"), "{csv}");
    let pdf = carla.get("/ufficio/repertori/decreti/stampa/2026-1.pdf").await;
    let words = plico_pdf::read::text(&pdf.body, 100_000).unwrap().text;
    assert!(words.contains("[annullato:") && words.contains("Determina 12 — Registrato"), "{words}");

    // Without a gap, however many enter at once.
    let desk = &town.app.desk;
    let actor = town.as_operator(&town.building_operator).await;
    let many = (0..24).map(|n| {
        let (desk, actor, office) = (desk.clone(), actor.clone(), office.clone());
        tokio::spawn(async move {
            let form = plico_desk::series::SeriesForm {
                series: "decreti".into(),
                office,
                subject: format!("Decreto {n}"),
                parties: String::new(),
                text: "Si decreta.".into(),
                token: format!("many{n}"),
            };
            desk.register_in_series(&actor, form).await.unwrap().number.unwrap()
        })
    });
    let mut numbers = Vec::new();
    for one in many.collect::<Vec<_>>() {
        let number = one.await.unwrap();
        numbers.push(number.split('/').next().unwrap().parse::<u32>().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (4..28).collect::<Vec<_>>());

    // The day's register has them, the year begins anew.
    town.settle().await;
    town.clock.advance(DAY);
    assert_eq!(desk.close_register_days().await.unwrap(), 1);
    let xml = day_xml(&town).await;
    let day = plico_package::daily::DailyRegister::from_xml(xml.as_bytes()).unwrap();
    assert_eq!((day.entries.len(), day.series.len(), day.series[0].entries.len()), (1, 1, 27), "{xml}");
    assert_eq!((day.changes.len(), day.changes[0].number.as_str()), (1, "decreti 2/2026"), "{xml}");
    town.clock.advance(300 * DAY);
    let mut late = good;
    late[0].1 = "year";
    let mut dino = Desk::of(&town, &town.building_operator).await;
    dino.see(new).await;
    assert_eq!(dino.send(new, &late, file).await.status, 303);
    assert!(dino.see("/ufficio/repertori/decreti").await.contains("1/2027"));
    town.clock.advance(DAY);
    assert_eq!(desk.close_register_days().await.unwrap(), 1, "a day of nothing but a series is closed, too");
    stands(&town).await;
}

#[tokio::test]
async fn the_office_chart_is_looked_at_and_then_applied() {
    let town = Town::start().await;
    let item = format!("/ufficio/messaggi/{}", filed(&town).await);
    let mut gaia = Desk::of(&town, &town.administrator).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let base = "/amministrazione/uffici/organigramma";
    gaia.see(base).await;
    let head = "codice;ufficio;sopra;responsabile;posta;dal;al\n";
    let bad = format!("{head}TEC;Settore tecnico;;Ugo Bassi\nEDI;Ufficio Edilizia;XXX;Rosa Neri\n");
    let answer = gaia.send(base, &[], &[("uffici.csv", bad.as_bytes())]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Riga 3"), "{}", answer.text());
    let text = format!(
        "{head}TEC;Settore tecnico;;Ugo Bassi;;01/01/2026\nEDI;Ufficio Edilizia;TEC;Rosa Neri;;2026-01-01;2026-03-09\n"
    );
    let looked = gaia.send(base, &[], &[("uffici.csv", text.as_bytes())]).await;
    assert_eq!(looked.status, 200, "{}", looked.text());
    let page = looked.text();
    assert!(page.contains("nuovi: 1; cambiati: 1") && page.contains("Ufficio Protocollo"), "{page}");
    let offices = |town: &Town| town.app.desk.clone();
    assert_eq!(offices(&town).open_offices(BODY).await.unwrap().len(), 2, "nothing is written");
    assert_eq!(carla.post(&format!("{base}/applica"), &[("text", &text)]).await.status, 403);
    gaia.led(&format!("{base}/applica"), &[("text", &text)]).await;

    // What is over gets nothing new; what waits there is listed; its past is read on.
    let open: Vec<String> =
        offices(&town).open_offices(BODY).await.unwrap().into_iter().map(|office| office.name).collect();
    assert_eq!(open, ["Settore tecnico", "Ufficio Protocollo"]);
    let page = carla.see("/ufficio/organigramma").await;
    assert!(page.contains("una pratica") && page.contains(&format!("ufficio={}", town.building)), "{page}");
    let to = [("office", town.building.as_str()), ("purpose", "competence")];
    assert_eq!(carla.post(&format!("{item}/assegna"), &to).await.status, 422);
    let mut dino = Desk::of(&town, &town.building_operator).await;
    assert!(dino.see(&item).await.contains("Rimborso della tassa"));
    assert!(dino.see(INTERNAL).await.contains("in nessun ufficio aperto"));
    // The same file again changes nothing.
    let again = gaia.send(base, &[], &[("uffici.csv", text.as_bytes())]).await;
    assert!(again.text().contains("uguali: 2"));
    stands(&town).await;
}

#[tokio::test]
async fn a_past_register_is_brought_once_and_never_ours() {
    let town = Town::start().await;
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let base = "/ufficio/registro/importa";
    assert!(elena.see(base).await.contains("Nessuno finora"));
    assert_eq!(carla.get(base).await.status, 403);
    let head = "registro;anno;numero;data;verso;soggetti;oggetto;ufficio;fascicolo;impronta\n";
    let bad = format!("{head}PROT;2019;1;2019-01-07;E;Anna;Domanda\nPROT;2019;2;2019-01-07;Z;Anna;Domanda\n");
    let answer = elena.send(base, &[], &[("registro.csv", bad.as_bytes())]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Riga 3"), "{}", answer.text());
    // More than one event's entries, the page's and the index' limits are passed.
    let mut text = head.to_owned();
    for number in 1..=600 {
        let line = format!(
            "PROT;2019;{number};2019-01-07;E;Anna Bassi|=cmd;Domanda numero {number};Tributi;2019/4 Contributi;\n"
        );
        text.push_str(&line);
    }
    let looked = elena.send(base, &[], &[("registro.csv", text.as_bytes())]).await;
    assert_eq!(looked.status, 200, "{}", looked.text());
    let page = looked.text();
    assert!(page.contains("600 registrazioni") && page.contains("Domanda numero 20<"), "{page}");
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let apply = format!("{base}/applica");
    let ours = carla.send(&apply, &[("seen", &seen)], &[("registro.csv", text.as_bytes())]).await;
    assert_eq!(ours.status, 403);
    let other =
        elena.send(&apply, &[("seen", &seen)], &[("altro.csv", bad.replace(";Z;", ";U;").as_bytes())]).await;
    assert_eq!(other.status, 422, "what is applied is what was looked at");
    for _ in 0..2 {
        let taken = elena.send(&apply, &[("seen", &seen)], &[("registro.csv", text.as_bytes())]).await;
        assert_eq!(taken.status, 303, "{}", taken.text());
    }
    town.settle().await;
    let page = carla.see("/ufficio/registro/passato?q=numero+599").await;
    assert!(page.contains("599/2019") && page.contains("2019/4 Contributi"), "{page}");
    let page = carla.see("/ufficio/registro/passato?registro=2019+PROT").await;
    assert!(page.contains(">600/2019<") && page.contains("dopo=2019+581+PROT"), "{page}");
    let page = carla.see("/ufficio/registro/passato?registro=2019+PROT&dopo=2019+581+PROT").await;
    assert!(page.contains(">580/2019<") && !page.contains(">581/2019<"));
    // None of them is an entry of ours, and our first number is still 1.
    assert!(!carla.see("/ufficio/registro?anno=2019").await.contains("Domanda numero"));
    filed(&town).await;
    assert!(carla.see("/ufficio/registro").await.contains("0000001/2026"));
    let again = format!("{head}PROT;2019;600;2019-01-07;U;;Un altro\n");
    let answer = elena.send(base, &[], &[("altro.csv", again.as_bytes())]).await;
    assert_eq!(answer.status, 422, "a number is brought once");
    stands(&town).await;
}

#[tokio::test]
async fn case_files_of_another_system_go_on_here() {
    let town = Town::start().await;
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let mut dino = Desk::of(&town, &town.building_operator).await;
    let import = "/ufficio/fascicoli/importa";
    assert_eq!(dino.get(import).await.status, 403);
    assert!(elena.see("/ufficio/fascicoli").await.contains(import));
    let head = "numero;titolo;ufficio;classe;aperto;chiuso\n";
    let wrong = format!("{head}2019/4;Condono;Ufficio Edilizia;;2019-02-03;\n5;Altro;Nessuno;;2019-02-03;\n");
    let answer = elena.send(import, &[], &[("fascicoli.csv", wrong.as_bytes())]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Riga 3"), "{}", answer.text());
    let text = format!(
        "{head}2019/4;Condono;Ufficio Edilizia;;2019-02-03;\n2018/9;Ricorso;ufficio edilizia;;01/02/2018;02/03/2019\n"
    );
    let file: &[(&str, &[u8])] = &[("fascicoli.csv", text.as_bytes())];
    let looked = elena.send(import, &[], file).await;
    assert_eq!(looked.status, 200, "{}", looked.text());
    let seen = looked.text().split("name=\"seen\" value=\"").nth(1).unwrap()[..64].to_owned();
    assert!(!dino.see("/ufficio/fascicoli").await.contains("Condono"), "nothing is written");
    let apply = format!("{import}/applica");
    assert_eq!(elena.send(&apply, &[("seen", &"0".repeat(64))], file).await.status, 422);
    assert_eq!(dino.send(&apply, &[("seen", &seen)], file).await.status, 403);
    assert_eq!(elena.send(&apply, &[("seen", &seen)], file).await.status, 303);
    assert_eq!(elena.send(&apply, &[("seen", &seen)], file).await.status, 422, "each is brought once");

    // It is found by the number it had, shows what was registered under it, and is filed into by its own number.
    let past = "r;a;n;d;v;s;o;u;f\nPROT;2019;7;2019-01-07;E;Anna;Domanda di condono;;2019/4\n";
    let manager = town.as_operator(&town.records_manager).await;
    let batch = town.app.desk.look_at_past(&manager, past.as_bytes()).await.unwrap().unwrap().batch;
    town.app.desk.import_past(&manager, ("p.csv", past.as_bytes()), &batch).await.unwrap().unwrap();
    let list = dino.see("/ufficio/fascicoli?q=2019/4").await;
    assert!(list.contains("Condono") && !list.contains("Ricorso"), "{list}");
    assert!(dino.see("/ufficio/fascicoli?stato=closed").await.contains("Ricorso"));
    let url = list.split("href=\"/ufficio/fascicoli/").find(|rest| rest.contains("Condono")).unwrap();
    let url = format!("/ufficio/fascicoli/{}", url.split('"').next().unwrap());
    let page = dino.see(&url).await;
    assert!(page.contains("Domanda di condono") && page.contains("3 febbraio 2019"), "{page}");
    let of_case = dino.see("/ufficio/registro/passato?fascicolo=2019/4").await;
    assert!(of_case.contains("Del fascicolo 2019/4") && of_case.contains("Domanda di condono"), "{of_case}");
    assert!(!dino.see("/ufficio/registro/passato?fascicolo=2019/5").await.contains("Domanda di condono"));
    let item = format!("/ufficio/messaggi/{}", filed(&town).await);
    assert_eq!(dino.post(&format!("{item}/fascicolo"), &[("case", "2026/99")]).await.status, 422);
    dino.led(&format!("{item}/fascicolo"), &[("case", "2026/1")]).await;
    assert!(dino.see(&url).await.contains("Rimborso della tassa"));
    stands(&town).await;
}
