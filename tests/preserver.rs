//! Closed days on their way to the preserver, and what he answers.

use plico_courier::preserver::{Answer, Behaviour, Simulator};
use plico_record::day::rfc3339;

use super::register::{DAY, stands};
use super::staff::{Desk, filed};
use super::support::{BODY, Town};

/// Everything that lies in the folder is shown to the preserver, as whoever carries files does.
fn carry_on(town: &Town, preserver: &mut Simulator) {
    let place = town.folder().join("conservatore/c_b999");
    let answers = place.join("esiti");
    std::fs::create_dir_all(&answers).unwrap();
    let mut packages: Vec<_> =
        std::fs::read_dir(place.join("versamenti")).unwrap().map(|file| file.unwrap().path()).collect();
    packages.sort();
    for path in packages {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let now = rfc3339(town.app.desk.archive().now_ms());
        for answer in preserver.take(&name, &std::fs::read(&path).unwrap(), &now) {
            let count = std::fs::read_dir(&answers).unwrap().count();
            std::fs::write(answers.join(format!("esito-{count}.xml")), answer).unwrap();
        }
        std::fs::remove_file(path).unwrap();
    }
}

#[tokio::test]
async fn closed_days_are_handed_over_and_the_board_says_what_was_taken() {
    let folder = std::sync::OnceLock::new();
    let town = Town::with(|config| {
        let place = config.data_dir.parent().unwrap().join("conservatore");
        config.preserver.folder = Some(folder.get_or_init(|| place).clone());
    })
    .await;
    let app = &town.app;
    let planned = [Behaviour::Refuse, Behaviour::Lose, Behaviour::Other, Behaviour::Twice, Behaviour::Late];
    let mut preserver = Simulator::new(planned);
    let carry = async || {
        let (carried, faults) = plico::preserver::carry(app).await;
        assert!(faults.is_empty(), "{faults:?}");
        carried
    };
    let state = async || {
        let manager = town.as_operator(&town.records_manager).await;
        let board = app.desk.preservation(&manager).await.unwrap();
        board
            .into_iter()
            .map(|kept| (kept.day, format!("{:?}", kept.standing), kept.overdue))
            .collect::<Vec<_>>()
    };
    let says = |day: &str, standing: &str, overdue: bool| (day.to_owned(), standing.to_owned(), overdue);
    assert_eq!(carry().await.handed, 0);

    // Tuesday's register is due on Wednesday. It is refused, and handed over again by the records manager, which is lost.
    filed(&town).await;
    town.clock.advance(DAY);
    app.desk.close_register_days().await.unwrap();
    town.settle().await;
    assert_eq!(state().await, [says("2026-03-10", "Waiting", false)]);
    assert_eq!(carry().await.handed, 1);
    assert_eq!(carry().await.handed, 0, "once");
    assert_eq!(state().await, [says("2026-03-10", "Handed", false)]);
    carry_on(&town, &mut preserver);
    assert_eq!(carry().await.heard, 1);
    let mut elena = Desk::of(&town, &town.records_manager).await;
    let mut carla = Desk::of(&town, &town.protocol_operator).await;
    let page = elena.see("/ufficio/conservazione").await;
    assert!(page.contains("indice non conforme") && page.contains("Versa di nuovo"), "{page}");
    assert!(!carla.see("/ufficio/conservazione").await.contains("Versa di nuovo"));
    let again = "/ufficio/conservazione/2026-03-10/ripeti";
    assert_eq!(carla.post(again, &[]).await.status, 403);
    elena.led(again, &[]).await;
    carry_on(&town, &mut preserver);
    assert_eq!(carry().await.heard, 0);

    // On Thursday nobody has it: an alarm where the others are.
    town.clock.advance(DAY);
    assert_eq!(state().await, [says("2026-03-10", "Handed", true)]);
    let mut gaia = Desk::of(&town, &town.administrator).await;
    assert!(gaia.see("/amministrazione").await.contains("non prese in carico: 1"));

    // An answer about other bytes is none; the next one counts, once, and what is kept is kept.
    let mut elena = Desk::of(&town, &town.records_manager).await;
    elena.see("/ufficio/conservazione").await;
    elena.led(again, &[]).await;
    carry_on(&town, &mut preserver);
    assert_eq!(carry().await.strange, 1);
    assert!(elena.see("/ufficio/conservazione").await.contains("non si capisce"));
    elena.led(again, &[]).await;
    carry_on(&town, &mut preserver);
    assert_eq!(carry().await.heard, 1);
    assert_eq!(state().await, [says("2026-03-10", "Accepted", false)]);
    assert_eq!(elena.post(again, &[]).await.status, 422, "what is kept is not sent again");
    assert!(elena.see("/ufficio/conservazione").await.contains("PdV-1"));
    assert!(gaia.see("/amministrazione").await.contains("presa in carico, o nel termine"));

    // Late is not lost: its answer comes with that of the next day.
    for _ in 0..2 {
        filed(&town).await;
        town.clock.advance(DAY);
        app.desk.close_register_days().await.unwrap();
        town.settle().await;
        assert_eq!(carry().await.handed, 1);
        carry_on(&town, &mut preserver);
    }
    assert_eq!(carry().await.heard, 2);
    assert!(state().await.iter().all(|(_, standing, _)| standing == "Accepted"));

    // It may take back what it kept, and keep it under another name; said twice it is heard once. What was read before under
    // the same name stays, and a link is not followed.
    let all = plico_archive::read::handover::all(app.desk.archive().database(), BODY, 9).await.unwrap();
    let by = |attempt| all.iter().find(|row| row.attempt == attempt).unwrap();
    let answer = |accepted, id: &str| Answer {
        package: by(4).package.clone(),
        sha256: by(4).sha256.clone(),
        accepted,
        id: id.into(),
        ..Answer::default()
    };
    let place = town.folder().join("conservatore/c_b999/esiti");
    std::os::unix::fs::symlink("/etc/passwd", place.join("link.xml")).unwrap();
    for (accepted, id, heard, standing) in [
        (false, "", 1, "Refused"),
        (false, "", 0, "Refused"),
        (true, "PdV-9", 1, "Accepted"),
        (true, "PdV-9", 0, "Accepted"),
    ] {
        std::fs::write(place.join("ripensato.xml"), answer(accepted, id).to_xml()).unwrap();
        assert_eq!(carry().await.heard, heard);
        assert!(state().await.contains(&says("2026-03-10", standing, standing == "Refused")));
    }
    for name in ["ripensato.xml.letto", "ripensato.xml.4.letto", "link.xml"] {
        assert!(std::fs::symlink_metadata(place.join(name)).is_ok(), "{name}");
    }
    // By whom it was handed over is in the event: the first time by the system, then by the records manager.
    let database = app.desk.archive().database();
    let events =
        plico_archive::read::ledger::newest(database, BODY, "register.handed_over", 9).await.unwrap();
    let mut hands = Vec::new();
    for event in events {
        hands.push(app.desk.archive().entry(event.log, event.idx).await.unwrap().unwrap().actor.capacity);
    }
    hands.sort_unstable();
    assert_eq!(hands, [["records_manager"; 3], ["system"; 3]].concat());
    stands(&town).await;
}
