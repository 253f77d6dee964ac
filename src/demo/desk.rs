//! What lies on the signing desk: a letter that waits, one that came back, one that was signed and left.

use plico_desk::letter::Typed;

use super::DemoError;
use super::play::World;
use super::town::{Office, PEOPLE, Person};

/// Who writes, and who signs: places in the town's list of staff.
const WRITES: usize = 5;
const SIGNS: usize = 4;

/// Letters of the technical office: to whom, subject, text.
const LETTERS: [(usize, &str, &str); 3] = [
    (
        0,
        "Esito del sopralluogo in via dei Tigli",
        "Il muro di confine è stabile: non servono lavori urgenti. Resta da pulire lo scolo entro la primavera.",
    ),
    (
        2,
        "Autorizzazione allo scavo in via della Fornace",
        "Lo scavo per l'allaccio è autorizzato dal 1 al 5 dicembre, con ripristino del manto entro dieci giorni.",
    ),
    (
        8,
        "Collaudo della recinzione, zona artigianale 14",
        "Il collaudo si terrà lunedì alle 9: è bene che sia presente il direttore dei lavori.",
    ),
];

/// Puts them there.
pub(super) async fn letters(world: &World) -> Result<(), DemoError> {
    let (writer, signer) = (&world.staff[WRITES], &world.staff[SIGNS]);
    let office = Office::ALL.iter().position(|office| *office == Office::Technical);
    let office = office.map(|place| world.offices[place].clone()).unwrap_or_default();
    let mut waiting = Vec::new();
    for (place, (person, subject, text)) in LETTERS.into_iter().enumerate() {
        let person: &Person = &PEOPLE[person];
        let typed = Typed {
            purpose: "message".into(),
            office: office.clone(),
            fiscal_code: person.fiscal_code().map(String::from).unwrap_or_default(),
            name: person.name(),
            email: person.email.into(),
            subject: subject.into(),
            text: text.into(),
            effect: "communication".into(),
            ..Typed::default()
        };
        let key = format!("firma{place:020}");
        world.desk.keep_letter(writer, &key, &typed).await?;
        waiting.push(world.desk.request_signing(writer, &key, std::slice::from_ref(&signer.account)).await?);
    }
    world.desk.return_signing(signer, &waiting[1], "Manca la data di inizio dei lavori.").await?;
    world.desk.sign_with_seal(signer, &waiting[2]).await?;
    Ok(())
}
