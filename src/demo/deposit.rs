//! A deposit of the town: a dozen slips of the waste tax, among them some for people who have never signed in. It is sent once the town is
//! entered.

use plico_desk::deposit::DepositForm;
use plico_desk::upload::Scan;
use plico_locale::Lang;

use super::DemoError;
use super::files::{File, Occasion, letter};
use super::play::World;
use super::town::{NAME, Office, PEOPLE, code, operators};

/// People whom the service does not know: names and codes without their last character.
const STRANGERS: [(&str, &str); 5] = [
    ("Silvana Rota", "RTOSVN58C51H501"),
    ("Amos Bellini", "BLLMSA49T03H501"),
    ("Greta Lodi", "LDOGRT91A62H501"),
    ("Ivano Sartori", "SRTVNI66P15H501"),
    ("Norma Pieri", "PRINRM73E48H501"),
];
const PEOPLE_HERE: usize = 7;

const SLIP: File = letter(
    "avviso.pdf",
    "Avviso di pagamento TARI 2026",
    "Tassa sui rifiuti, anno 2026, saldo. L'importo si paga entro il 16 dicembre con il modulo PagoPA.",
);

/// Makes the deposit.
pub(super) async fn slips(world: &World) -> Result<(), DemoError> {
    let desk = &world.desk;
    let clerk = &world.staff[operators(Office::Citizens)[0]];
    let office = Office::ALL.iter().position(|office| *office == Office::Citizens).unwrap_or_default();
    let form = DepositForm {
        office: world.offices[office].clone(),
        name: "Avvisi TARI 2026, saldo".into(),
        effect: "communication".into(),
        source: "page",
    };
    let id = desk.begin_deposit(clerk, form).await?;
    let known = PEOPLE.iter().filter(|person| person.fiscal_code().is_some_and(|code| code.is_person()));
    let known = known.take(PEOPLE_HERE).map(|person| (person.name(), person.fiscal_code()));
    let strangers = STRANGERS.iter().map(|(name, without)| ((*name).to_owned(), code(without)));
    let mut list = String::from("codice_fiscale;nome;oggetto;testo;file\n");
    let files = desk.deposit_files(clerk, &id).await?;
    let at_ms = desk.archive().now_ms();
    for (place, (name, code)) in known.chain(strangers).enumerate() {
        let Some(code) = code else { continue };
        let file = format!("tari-2026-{:02}.pdf", place + 1);
        let line = format!(
            "{};{name};Avviso TARI 2026, saldo;In allegato l'avviso, da pagare entro il 16 dicembre.;{file}\n",
            code.as_str()
        );
        list += &line;
        let on = Occasion {
            from: vec![NAME.to_owned(), "piazza del Municipio 1".into(), "00999 Borgo San Plico".into()],
            to: vec![name],
            date: desk.catalogue().date(Lang::It, at_ms),
            at_ms,
            seed: 2000 + place as u64,
        };
        let hands = world.hands.clone();
        let bytes = tokio::task::spawn_blocking(move || hands.make(&SLIP, &on))
            .await
            .map_err(|error| DemoError::Forge(Box::new(error)))??;
        let mut upload = desk.begin_upload(clerk, &files, &file).await?;
        upload.write(&bytes).await?;
        desk.finish_upload(upload, async |_| Scan::Off).await?;
    }
    desk.deposit_list(clerk, &id, list.as_bytes()).await?;
    desk.start_deposit(clerk, &id, false).await?;
    Ok(())
}
