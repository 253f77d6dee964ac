//! The town's outside registry: a simulated PiTre that numbers requests of access and certificates, loses every third answer, says no once,
//! and gives one number twice. It begins again with what the archive knows that it had.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plico_archive::read::order;
use plico_desk::Desk;
use plico_desk::outside::{Outside, Route, Routes};
use plico_record::day::LegalDay;
use plico_registry::pitre::Pitre;
use plico_registry::pitre::simulator::Pitre as Simulated;
use plico_registry::simulator::{Fault, Kept, Object, Simulator as _};
use plico_registry::{Access, Order, SoFar, host};
use tokio::net::TcpListener;

use super::DemoError;
use super::files::{File, letter};
use super::play::World;
use super::story::{
    Beginning::{Filing, Office},
    Step::Certify,
    Story,
};
use super::town::{
    self,
    Office::{Citizens, Technical},
};

/// Its name in the town.
const NAME: &str = "pitre";
const APPLICATION: &str = "PLICO-PROVA";
const REGISTER: &str = "BSP-PROT";
const TIMEOUT: Duration = Duration::from_secs(5);
const SETTLE: Duration = Duration::from_secs(2);

/// Requests that it is to number, one after the other.
pub(super) const STORIES: &[Story] = &[
    access(0, "Accesso alla pratica edilizia 114 del 1987", "Serve al notaio per la vendita della casa."),
    access(2, "Copia del verbale di sopralluogo in via dei Fornai", "Il muro di confine è anche mio."),
    access(6, "Copia del progetto del nuovo asilo", "Abito di fronte al cantiere."),
    access(1, "Accesso agli atti della gara per la mensa", "La mia cooperativa è arrivata seconda."),
    access(4, "Copia del permesso di costruire del vicino", "La sua tettoia toglie luce alla mia cucina."),
];

/// Certificates that it is to number: the office asks for them, and they are there when their numbers are.
pub(super) const CERTIFICATES: &[Story] = &[
    Story {
        ago: 0,
        person: 5,
        by: None,
        begins: Office(Citizens),
        steps: &[(
            0,
            Certify(
                "esistenza-in-vita",
                &[("luogo", "Borgo San Plico"), ("data", "3 marzo 1962")],
                "Teresa Galli, ufficiale d’anagrafe",
                true,
            ),
        )],
    },
    Story {
        ago: 0,
        person: 7,
        by: None,
        begins: Office(Citizens),
        steps: &[(
            0,
            Certify(
                "esistenza-in-vita",
                &[("luogo", "Firenze"), ("data", "21 giugno 1988")],
                "Teresa Galli, ufficiale d’anagrafe",
                true,
            ),
        )],
    },
];

const REASON: &[File] =
    &[letter("motivazione.pdf", "Motivazione della richiesta", "Interesse diretto, concreto e attuale.")];

const fn access(person: usize, subject: &'static str, text: &'static str) -> Story {
    Story {
        ago: 0,
        person,
        by: None,
        begins: Filing(Technical, "accesso-atti", subject, text, REASON),
        steps: &[],
    }
}

fn system(url: &str) -> Result<Outside, DemoError> {
    let access = Access {
        url: url.into(),
        user: "plico".into(),
        password: APPLICATION.into(),
        administration: town::CODE.into(),
        timeout: TIMEOUT,
        options: BTreeMap::from([("register".to_owned(), REGISTER.to_owned())]),
        ..Access::default()
    };
    let client = Arc::new(Pitre::new(access).map_err(|error| DemoError::Forge(Box::new(error)))?);
    let (timeout_ms, settle_ms) = (TIMEOUT.as_millis() as i64, SETTLE.as_millis() as i64);
    Ok(Outside::new(NAME, town::CODE, "BSP-PITRE", client, timeout_ms, settle_ms))
}

/// From now on it numbers requests of access, and certificates.
pub(super) async fn entrust(world: &World) -> Result<(), DemoError> {
    // Nobody answers at this address until the town is entered.
    world.desk.connect(vec![system("http://127.0.0.1:9")?]);
    let route = Route { system: NAME.into(), classification: "6.3".into(), ..Route::default() };
    let certificates = Route { system: NAME.into(), classification: "3.1".into(), ..Route::default() };
    let routes = Routes {
        certificates,
        kinds: BTreeMap::from([("accesso-atti".to_owned(), route)]),
        offices: world.offices.iter().cloned().zip(["URP", "UTC", "DEM"].map(str::to_owned)).collect(),
        ..Routes::default()
    };
    world.desk.save_routes(&world.staff[0], &routes).await?;
    Ok(())
}

/// Starts it beside the service.
pub async fn host(desk: &Desk) -> Result<(), DemoError> {
    let forge = |error: std::io::Error| DemoError::Forge(Box::new(error));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(forge)?;
    let url = format!("http://{}", listener.local_addr().map_err(forge)?);
    let mut simulated = Simulated::new(town::CODE, APPLICATION, REGISTER);
    remember(desk, &mut simulated).await?;
    let archive = desk.archive().clone();
    let day = move || LegalDay::at(archive.now_ms()).to_string();
    tokio::spawn(host::serve(listener, Arc::new(Mutex::new(simulated)), day));
    desk.connect(vec![system(&url)?]);
    Ok(())
}

/// What it was told before the service stopped.
async fn remember(desk: &Desk, simulated: &mut Simulated) -> Result<(), DemoError> {
    let orders = order::orders(desk.archive().database(), town::CODE, "", NAME, usize::MAX >> 1).await?;
    let mut fresh = true;
    for row in orders.iter().rev() {
        let (Ok(order), Ok(so_far)) =
            (serde_json::from_str::<Order>(&row.what), serde_json::from_str::<SoFar>(&row.so_far))
        else {
            continue;
        };
        fresh &= row.asked == 0;
        let Some(id) = so_far.prepared.as_ref().and_then(|id| id.parse().ok()) else { continue };
        let arrived = order.documents.iter().filter(|file| so_far.has(&file.id));
        let kept = arrived.map(|file| Kept { name: file.name.clone(), sha256: file.sha256.clone() });
        simulated.remember(
            Object {
                id,
                number: so_far.numbered.as_ref().map(|numbered| (numbered.number, numbered.year)),
                date: so_far.numbered.as_ref().map_or_else(String::new, |numbered| numbered.date.clone()),
                subject: order.subject_with_key(2000),
                note: order.key.clone(),
                parties: order.parties.iter().map(|party| party.name.clone()).collect(),
                files: kept.collect(),
                annulled: false,
            },
            so_far.uploaded.values().cloned().collect(),
        );
    }
    simulated.faults().always = Some((3, "ProtocolPredisposed".into(), Fault::LoseAnswer));
    if fresh {
        let words = "ROLE_NO_EXIST Il ruolo indicato non esiste";
        simulated.faults().next("CreateDocument", Fault::ErrorInside("ROLE_NO_EXIST".into(), words.into()));
        simulated.faults().next("ProtocolPredisposed", Fault::Slow(0));
        simulated.faults().next("ProtocolPredisposed", Fault::NumberTwice);
    }
    Ok(())
}
