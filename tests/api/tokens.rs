//! Who may call, how often, and what a failure looks like.

use std::time::Duration;

use plico_desk::token::{LENGTH, PREFIX, TokenForm};
use plico_desk::{Refusal, token};

use super::{ALL, get, is_problem, send};
use crate::support::Town;

fn form(account: &str) -> TokenForm {
    TokenForm {
        account: account.into(),
        name: "gestionale".into(),
        scopes: vec!["messages:read".into()],
        days: 1,
    }
}

#[tokio::test]
async fn only_a_token_that_works_opens_the_door() {
    let town = Town::start().await;
    let anna = town.as_person(&town.anna).await;
    let (secret, made) = town.app.desk.make_token(&anna, form("")).await.unwrap();
    assert!(secret.starts_with(PREFIX) && secret.len() == LENGTH);
    assert_eq!(get(&town, &secret, "/messages").await.status, 200);
    assert_eq!(town.app.desk.tokens(&anna).await.unwrap()[0].used_ms, Some(crate::support::MORNING));

    for wrong in
        ["", "plico_", &secret[..LENGTH - 1], &format!("{}A", &secret[..LENGTH - 1]), &secret.to_uppercase()]
    {
        if wrong == secret {
            continue;
        }
        let answer = get(&town, wrong, "/messages").await;
        assert!(is_problem(&answer, 401, "token"), "{wrong}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
    // Neither the address nor a cookie carries one.
    let path = format!("/api/v1/messages?access_token={secret}");
    assert_eq!(town.send("GET", &path, &[], b"").await.status, 401);
    let cookie = format!("plico={secret}");
    assert_eq!(town.send("GET", "/api/v1/messages", &[("cookie", &cookie)], b"").await.status, 401);

    // Only within its scopes.
    let answer = send(&town, &secret, "k", "Tettoia", &[]).await;
    assert!(is_problem(&answer, 403, "scope"));
    assert_eq!(answer.json()["scope"], "messages:write");

    town.app.desk.revoke_token(&anna, &made.id).await.unwrap();
    assert!(is_problem(&get(&town, &secret, "/messages").await, 401, "token"));
    let (secret, _) = town.app.desk.make_token(&anna, form("")).await.unwrap();
    town.clock.advance(Duration::from_hours(24));
    assert!(is_problem(&get(&town, &secret, "/messages").await, 401, "token"));
}

#[tokio::test]
async fn nobody_makes_or_ends_the_token_of_another() {
    let town = Town::start().await;
    let desk = &town.app.desk;
    let (anna, bruno) = (town.as_person(&town.anna).await, town.as_person(&town.bruno).await);
    let administrator = town.as_operator(&town.administrator).await;
    let refused = async |result: Result<_, plico_archive::ActError<Refusal>>| match result {
        Err(plico_archive::ActError::Refused(refusal)) => refusal,
        _ => panic!("not refused"),
    };
    let not_his = |made: Result<(String, token::Token), _>| made.map(drop);
    assert_eq!(refused(not_his(desk.make_token(&bruno, form(&town.anna)).await)).await, Refusal::NotFound);
    assert_eq!(
        refused(not_his(desk.make_token(&administrator, form(&town.anna)).await)).await,
        Refusal::NotFound
    );
    let (_, made) = desk.make_token(&anna, form("")).await.unwrap();
    assert_eq!(refused(desk.revoke_token(&bruno, &made.id).await).await, Refusal::NotFound);
    assert!(desk.tokens(&bruno).await.unwrap().is_empty());
    // The administrator sees and ends all of the body's.
    assert_eq!(desk.tokens(&administrator).await.unwrap(), std::slice::from_ref(&made));
    desk.revoke_token(&administrator, &made.id).await.unwrap();
    for (wrong, field) in [
        (TokenForm { name: " ".into(), ..form("") }, "name"),
        (TokenForm { scopes: vec![], ..form("") }, "scopes"),
        (TokenForm { scopes: vec!["everything".into()], ..form("") }, "scopes"),
        (TokenForm { days: 0, ..form("") }, "days"),
        (TokenForm { days: 9999, ..form("") }, "days"),
    ] {
        match refused(not_his(desk.make_token(&anna, wrong).await)).await {
            Refusal::Invalid(errors) => assert_eq!(errors[0].field, field),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let town = Town::start().await;
    let anna = super::token(&town, &town.anna, &ALL).await;
    let limit = plico::api::PER_MINUTE;
    let first = get(&town, &anna, "/messages").await;
    assert_eq!(first.header("ratelimit-limit"), Some(&*limit.to_string()));
    assert_eq!(first.header("ratelimit-remaining"), Some(&*(limit - 1).to_string()));
    assert_eq!(first.header("ratelimit-reset"), Some("60"));
    for _ in 1..limit {
        get(&town, &anna, "/messages/none").await;
    }
    let refused = get(&town, &anna, "/messages").await;
    assert!(is_problem(&refused, 429, "too-often"), "{}", refused.text());
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    assert_eq!(refused.header("retry-after"), Some("60"));
    // Somebody else is not slowed down, and a minute later nobody is.
    let bruno = super::token(&town, &town.bruno, &ALL).await;
    assert_eq!(get(&town, &bruno, "/messages").await.status, 200);
    town.clock.advance(Duration::from_mins(1));
    assert_eq!(get(&town, &anna, "/messages").await.status, 200);
}
