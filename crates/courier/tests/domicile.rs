//! The registers of digital domiciles against a simulator that behaves, and one that does not.

use std::time::Duration;

use plico_courier::domicile::simulator::{Elected, Fault, Registers, Reply};
use plico_courier::domicile::{
    Answer, Claims, Domicile, DomicileError, Domiciles, Inad, IniPec, Ipa, Moment, Register, Said, Signs,
    Tokens,
};
use plico_courier::http::{Http, HttpError};
use plico_courier::witness::simulator::Reply as Sent;
use plico_signature::certificate::Certificate;
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};
use plico_signature::seal::RsaKey;
use plico_testkit::http::Service;

/// 10 March 2026, 05:20 UTC.
const NOW: i64 = 1_773_120_000_000;
const ANNA: &str = "RSSNNA80A41H501X";
const FIRM: &str = "90042100330";

fn signer() -> Signer {
    let subject = Subject {
        given_name: "Plico",
        surname: "Prova",
        fiscal_code: ANNA,
        organization: "",
        from_ms: NOW - 86_400_000,
        to_ms: NOW + 86_400_000,
    };
    Pki::new("Domicili di prova", NOW)
        .expect("it works")
        .signer(&subject, KeyKind::Rsa2048)
        .expect("it works")
}

fn moment(name: &str) -> Moment {
    Moment { now_ms: NOW, once: name.into() }
}

async fn served() -> (Service<Registers>, Domiciles) {
    let signer = signer();
    let spki = Certificate::read(signer.certificate_der()).expect("it works").spki.to_vec();
    let mut registers = Registers::new("plico", &spki, "codice-ipa");
    registers.inad.insert(
        ANNA.into(),
        vec![
            Elected { address: "anna@pec.example".into(), ..Elected::default() },
            Elected {
                address: "avvocata@pec.example".into(),
                profession: "Avvocato".into(),
                ..Elected::default()
            },
            Elected {
                address: "vecchia@pec.example".into(),
                until: "2026-01-01T00:00:00Z".into(),
                ..Elected::default()
            },
        ],
    );
    registers.inipec.insert(FIRM.into(), ("fornace@pec.example".into(), vec!["geometra@pec.example".into()]));
    registers.ipa.insert("80000000001".into(), ("c_x".into(), "Comune X".into(), "x@pec.example".into()));
    let answer = |state: &mut Registers, head: &str, target: &str, body: &[u8]| {
        let says = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        });
        let method = head.split(' ').next().unwrap_or_default();
        match state.answer(method, target, says.unwrap_or_default(), body, NOW) {
            Reply::Answer(status, kind, body) => Sent::Answer(status, kind, body),
            Reply::HangUp => Sent::HangUp,
            Reply::Stall => Sent::Stall,
        }
    };
    let service = Service::start_whole(registers, answer).await.expect("it works");
    let (url, http) = (service.url(), Http::new(Duration::from_millis(500)).expect("it works"));
    let signs = || Signs {
        client: "plico".into(),
        key: RsaKey::from_pem(&signer.key_pem().expect("it works")).expect("it works"),
    };
    let pdnd = Claims::Pdnd {
        kid: "chiave-1".into(),
        audience: "auth.interop.example/client-assertion".into(),
        purpose: "finalita-1".into(),
    };
    let camere = Claims::InfoCamere {
        audience: "infocamere".into(),
        certificate: "MIIB".into(),
        scope: IniPec::SCOPE.into(),
    };
    let domiciles = Domiciles {
        inad: Some(Inad {
            url: format!("{url}/inad"),
            tokens: Tokens::new(format!("{url}/token.oauth2"), signs(), pdnd, http.clone()),
            http: http.clone(),
        }),
        inipec: Some(IniPec {
            url: format!("{url}/infocamere"),
            tokens: Tokens::new(format!("{url}/infocamere/authentication"), signs(), camere, http.clone()),
            http: http.clone(),
        }),
        ipa: Some(Ipa { url, auth_id: "codice-ipa".into(), http }),
    };
    (service, domiciles)
}

fn domicile(address: &str, of: &str) -> Domicile {
    Domicile { address: address.into(), of: of.into(), until: String::new() }
}

async fn inad(domiciles: &Domiciles, code: &str, once: &str) -> Result<Answer, DomicileError> {
    match domiciles.ask(Register::Inad, code, "pratica-1", &moment(once)).await?.expect("it works") {
        Said::Answer(answer) => Ok(answer),
        Said::Later(_) => unreachable!("INAD answers at once"),
    }
}

#[tokio::test]
async fn inad_tells_the_domiciles_that_have_not_ceased() {
    let (service, domiciles) = served().await;
    let answer = inad(&domiciles, ANNA, "1").await.unwrap();
    assert_eq!(answer.at, "2026-03-10T05:19:58Z");
    assert_eq!(
        answer.domiciles,
        [domicile("anna@pec.example", ""), domicile("avvocata@pec.example", "Avvocato")]
    );
    assert_eq!(
        inad(&domiciles, "BNCLSN80A01H501X", "2").await.unwrap(),
        Answer::default(),
        "none is an answer"
    );
    assert_eq!(service.state().given, 1, "one voucher for both");
}

#[tokio::test]
async fn whether_they_let_us_in_is_asked_about_nobody() {
    let (service, domiciles) = served().await;
    for register in Register::ALL {
        domiciles.admitted(register, &moment(register.code())).await.unwrap();
    }
    assert_eq!(service.state().given, 2, "IPA gives no tokens");
    assert_eq!(service.state().heard, []);
    assert_eq!(Register::ALL.map(|one| Register::parse(one.code())), Register::ALL.map(Some));
}

#[tokio::test]
async fn inipec_prepares_its_answer() {
    let (service, domiciles) = served().await;
    service.state().preparing = 1;
    let asked = domiciles.ask(Register::IniPec, FIRM, "", &moment("1")).await.unwrap();
    let Some(Said::Later(name)) = asked else { panic!("it answers later") };
    assert_eq!(domiciles.fetch(FIRM, &name, &moment("2")).await.unwrap(), None, "not yet");
    let answer = domiciles.fetch(FIRM, &name, &moment("3")).await.unwrap().unwrap();
    assert_eq!(answer.domiciles, [domicile("fornace@pec.example", ""), domicile("geometra@pec.example", "")]);
    let Some(Said::Later(name)) =
        domiciles.ask(Register::IniPec, "01234567897", "", &moment("4")).await.unwrap()
    else {
        panic!("it answers later")
    };
    assert_eq!(domiciles.fetch("01234567897", &name, &moment("5")).await.unwrap().unwrap().domiciles, []);
    assert_eq!(service.state().heard.len(), 2, "what is fetched is not asked again");
}

#[tokio::test]
async fn ipa_refuses_with_200_and_repeats_no_code_of_ours() {
    let (_service, mut domiciles) = served().await;
    let ask =
        async |domiciles: &Domiciles, code: &str| domiciles.ask(Register::Ipa, code, "", &moment("1")).await;
    let found = ask(&domiciles, "80000000001").await.unwrap().unwrap();
    assert_eq!(
        found,
        Said::Answer(Answer { at: String::new(), domiciles: vec![domicile("x@pec.example", "Comune X")] })
    );
    assert_eq!(ask(&domiciles, FIRM).await.unwrap().unwrap(), Said::Answer(Answer::default()));
    domiciles.ipa.as_mut().unwrap().auth_id = "segretissimo".into();
    let error = ask(&domiciles, "80000000001").await.unwrap_err();
    assert!(
        matches!(error, DomicileError::Refused(_)) && !error.to_string().contains("segretissimo"),
        "{error}"
    );
    assert!(!format!("{:?}", domiciles.ipa).contains("segretissimo"));
}

#[tokio::test]
async fn whatever_breaks_is_never_taken_for_no_domicile() {
    let (service, domiciles) = served().await;
    for (n, fault) in [
        Fault::Stalls,
        Fault::HangsUp,
        Fault::TooOften,
        Fault::Fails,
        Fault::Garbage,
        Fault::SomebodyElse,
        Fault::NoSuchPage,
    ]
    .into_iter()
    .enumerate()
    {
        service.state().fault = Some(fault);
        let error = inad(&domiciles, ANNA, &format!("rotto-{n}")).await.unwrap_err();
        let told = match fault {
            Fault::Stalls => matches!(error, DomicileError::Http(HttpError::TimedOut(_))) && error.is_lost(),
            Fault::HangsUp => {
                matches!(error, DomicileError::Http(HttpError::Unreachable(_))) && error.is_lost()
            }
            Fault::TooOften => matches!(error, DomicileError::Busy),
            Fault::Fails => matches!(error, DomicileError::Failed(503)),
            _ => matches!(error, DomicileError::Garbage(_)),
        };
        assert!(told, "{fault:?}: {error:?}");
        assert_eq!(service.state().heard.len(), n + 1, "{fault:?}: asked once");
    }
    assert!(!inad(&domiciles, ANNA, "dopo").await.unwrap().domiciles.is_empty());
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_and_one_that_is_refused_is_told() {
    let (service, mut domiciles) = served().await;
    inad(&domiciles, ANNA, "1").await.unwrap();
    service.state().fault = Some(Fault::TokenEnds);
    assert!(!inad(&domiciles, ANNA, "2").await.unwrap().domiciles.is_empty());
    assert_eq!(service.state().heard.len(), 2, "what was not let in was not heard");
    assert_eq!(service.state().given, 2);
    // Somebody else's key: no voucher, and nothing is asked.
    let tokens = &mut domiciles.inad.as_mut().unwrap().tokens;
    let other = signer();
    tokens.signs.key = RsaKey::from_pem(&other.key_pem().unwrap()).unwrap();
    let later = Moment { now_ms: NOW + 3_600_000, once: "3".into() };
    let refused = domiciles.ask(Register::Inad, ANNA, "pratica-1", &later).await;
    assert!(matches!(refused, Err(DomicileError::Client(_))), "{refused:?}");
    assert_eq!(service.state().heard.len(), 2);
}

proptest::proptest! {
    /// No request makes the registers panic.
    #[test]
    fn no_request_breaks_the_simulator(target in "/[a-zA-Z0-9/?=&.]{0,40}", body in "\\PC{0,60}") {
        let mut registers = Registers::new("plico", b"", "x");
        for method in ["GET", "POST"] {
            let _ = registers.answer(method, &target, "Bearer x", body.as_bytes(), NOW);
        }
    }
}
