//! The table of who may do what: one row per deed and kind of thing, one column per actor.

use super::*;

fn actor(who: Who) -> Actor {
    Actor { administration: "borgo".into(), account: "a".into(), name: "A".into(), who, login: None }
}

fn staff(roles: &[Role], offices: &[&str], protocol_office: bool) -> Actor {
    actor(Who::Staff {
        roles: roles.to_vec(),
        offices: offices.iter().map(ToString::to_string).collect(),
        protocol_office,
    })
}

fn person(person: &str, acts_for: &[&str], reads_for: &[&str], on_behalf_of: Option<&str>) -> Actor {
    let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    actor(Who::Person {
        person: person.into(),
        acts_for: list(acts_for),
        reads_for: list(reads_for),
        on_behalf_of: on_behalf_of.map(Into::into),
    })
}

fn actors() -> Vec<Actor> {
    vec![
        person("anna", &[], &[], None),
        person("piero", &["anna"], &[], Some("anna")),
        person("zia", &[], &["anna"], None),
        person("zia", &[], &["anna"], Some("anna")),
        person("bruno", &[], &[], None),
        staff(&[Role::Operator], &["tributi"], false),
        staff(&[Role::Operator], &["anagrafe"], false),
        staff(&[Role::Operator], &["scuola"], false),
        staff(&[Role::Operator], &["protocollo"], true),
        staff(&[Role::RecordsManager], &[], false),
        staff(&[Role::Auditor], &[], false),
        staff(&[Role::Administrator], &[], false),
        staff(&[Role::HubAdministrator], &[], false),
        actor(Who::Anybody),
    ]
}

fn message(reason_stated: bool) -> Thing {
    Thing::Message {
        administration: "borgo".into(),
        sender: Some("anna".into()),
        recipients: vec![],
        office: "tributi".into(),
        knowledge: vec!["anagrafe".into()],
        reason_stated,
    }
}

fn row(deed: Deed, thing: &Thing) -> String {
    actors()
        .iter()
        .map(|actor| match may(actor, deed, thing) {
            Ok(()) => 'y',
            Err(Denied::Forbidden) => 'f',
            Err(Denied::ReasonNeeded) => 'r',
            Err(Denied::Hidden) => '.',
        })
        .collect()
}

/// Columns: own, mandate, delegate at his own desk, delegate at hers, stranger | office, knowledge, other office, protocol office,
/// records manager, auditor, administrator, hub administrator, anybody.
#[test]
fn the_table_holds() {
    let message = message(false);
    let delivery = Thing::Delivery {
        administration: "borgo".into(),
        recipient: "anna".into(),
        office: "tributi".into(),
        withdrawn: false,
    };
    let case = Thing::CaseFile { administration: "borgo".into(), office: "tributi".into() };
    let card =
        Thing::Card { administration: "borgo".into(), holder: Some("anna".into()), office: "tributi".into() };
    let body = Thing::Administration { id: "borgo".into() };
    let account = Thing::Person { administration: "borgo".into(), person: "anna".into() };
    let rows = [
        (Deed::File, &body, "yyyfyffffffff."),
        (Deed::Add, &message, "yy.f.ff.fff..."),
        (Deed::Withdraw, &message, "yy.f.ff.fff..."),
        (Deed::Reply, &message, "yy.f.ff.fff..."),
        (Deed::ReadMetadata, &message, "yy.y.yy.yyy..."),
        (Deed::ReadContent, &message, "yy.y.yy.yyr..."),
        (Deed::Assign, &message, ".....yf.yyf..."),
        (Deed::Decline, &message, ".....fy.fff..."),
        (Deed::TakeInCharge, &message, ".....yf.fyf..."),
        (Deed::Note, &message, ".....yf.fyf..."),
        (Deed::Answer, &message, ".....yf.fff..."),
        (Deed::CaseFile, &message, ".....yf.fff..."),
        (Deed::Rectify, &message, ".....ff.fyf..."),
        (Deed::Annul, &message, ".....ff.fyf..."),
        (Deed::Open, &delivery, "yy.y.........."),
        (Deed::ReadContent, &delivery, "yy.y.y...y...."),
        (Deed::WithdrawDocument, &delivery, ".....y...y...."),
        (Deed::ReadContent, &card, "yy.y.y...y...."),
        (Deed::IssueCard, &card, ".....y........"),
        (Deed::IssueCard, &body, ".....yyyyffff."),
        (Deed::ReadMetadata, &case, ".....y...yy..."),
        (Deed::CaseFile, &case, ".....y...yf..."),
        (Deed::ReadRegister, &body, ".....yyyyyyff."),
        (Deed::Search, &body, ".....ffffyyff."),
        (Deed::CheckIntegrity, &body, ".....ffffyyff."),
        (Deed::ReadAccessLog, &body, ".....ffffyyff."),
        (Deed::ReadLog, &body, ".....fffffyff."),
        (Deed::ReadLog, &Thing::Installation, ".....fffffyff."),
        (Deed::ManageAccount, &account, "yy.f.........."),
        (Deed::RecordMandate, &body, ".....ffffyfff."),
        (Deed::Destroy, &body, ".....ffffyfff."),
        (Deed::Destroy, &message, ".....ff.fyf..."),
        (Deed::Destroy, &case, ".....f...yf..."),
        (Deed::Administer, &body, ".....ffffffyf."),
        (Deed::AdministerHub, &Thing::Installation, ".....fffffffy."),
        (Deed::Verify, &body, "yyyyyyyyyyyyyy"),
    ];
    for (deed, thing, expected) in rows {
        assert_eq!(row(deed, thing), expected, "{deed:?} on {thing:?}");
    }
}

#[test]
fn a_stated_reason_opens_content_to_the_auditor_only() {
    assert_eq!(row(Deed::ReadContent, &message(true)), "yy.y.yy.yyy...");
}

#[test]
fn what_was_withdrawn_is_known_but_not_read() {
    let delivery = Thing::Delivery {
        administration: "borgo".into(),
        recipient: "anna".into(),
        office: "tributi".into(),
        withdrawn: true,
    };
    assert_eq!(&row(Deed::ReadMetadata, &delivery)[..5], "yy.y.");
    assert_eq!(&row(Deed::ReadContent, &delivery)[..5], "ff.f.");
}

#[test]
fn nothing_of_another_administration_exists() {
    for deed in Deed::ALL.into_iter().filter(|deed| *deed != Deed::Verify) {
        for thing in [
            Thing::Administration { id: "altrove".into() },
            Thing::Message {
                administration: "altrove".into(),
                sender: Some("anna".into()),
                recipients: vec!["anna".into()],
                office: "tributi".into(),
                knowledge: vec![],
                reason_stated: true,
            },
            Thing::CaseFile { administration: "altrove".into(), office: "tributi".into() },
            Thing::Card {
                administration: "altrove".into(),
                holder: Some("anna".into()),
                office: "tributi".into(),
            },
        ] {
            assert_eq!(row(deed, &thing), "..............", "{deed:?}");
        }
    }
}

#[test]
fn acting_for_another_needs_a_mandate() {
    let pretender = person("bruno", &[], &[], Some("anna"));
    assert_eq!(may(&pretender, Deed::ReadContent, &message(false)), Err(Denied::Hidden));
    assert_eq!(
        may(&pretender, Deed::File, &Thing::Administration { id: "borgo".into() }),
        Err(Denied::Hidden)
    );
}
