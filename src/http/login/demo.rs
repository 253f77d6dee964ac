//! The demo's test login: choose who to be, at which level, and on whose behalf. It exists only in a demo archive, and
//! says so in the evidence of every act.

use serde::{Deserialize, Serialize};

use super::super::Shell;
use super::super::error::Refusal;
use super::super::session::SignIn;

/// One whom a visitor of the demo can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Persona {
    /// The account.
    pub account: String,
    /// Name shown.
    pub name: String,
    /// What he is, in one word for the page: `citizen`, `company`, `operator`, `records_manager`, `auditor`,
    /// `administrator`.
    pub role: &'static str,
    /// For whom he may act: account and name.
    pub may_act_for: Vec<(String, String)>,
}

/// What the form says.
#[derive(Clone, Debug, Deserialize)]
pub struct Choice {
    /// The account.
    pub persona: String,
    /// `L1`, `L2` or `L3`.
    #[serde(default = "usual_level")]
    pub level: String,
    /// For whom; empty for himself.
    #[serde(default)]
    pub acting_for: String,
    /// Where to go afterwards.
    #[serde(default, rename = "return")]
    pub back: String,
}

fn usual_level() -> String {
    "L2".into()
}

/// Makes a sign-in of a choice; refused outside of a demo, and for anybody who is not a persona.
pub fn sign_in(shell: &Shell, personas: &[Persona], choice: &Choice) -> Result<SignIn, Refusal> {
    if !shell.is_demo() {
        return Err(Refusal::not_found());
    }
    choose(personas, choice, shell.now_ms())
}

fn choose(personas: &[Persona], choice: &Choice, now_ms: i64) -> Result<SignIn, Refusal> {
    let persona =
        personas.iter().find(|persona| persona.account == choice.persona).ok_or_else(Refusal::not_found)?;
    let level = ["L1", "L2", "L3"]
        .into_iter()
        .find(|level| *level == choice.level)
        .ok_or_else(Refusal::unreadable)?;
    let acting_for = (!choice.acting_for.is_empty()).then(|| choice.acting_for.clone());
    if let Some(other) = &acting_for
        && !persona.may_act_for.iter().any(|(account, _)| account == other)
    {
        return Err(Refusal::forbidden());
    }
    let evidence = serde_json::json!({
        "v": 1,
        "kind": "demo",
        "warning": "test login of a demonstration: proves nobody's identity",
        "account": persona.account,
        "level": level,
        "acting_for": acting_for,
        "at_ms": now_ms,
    });
    Ok(SignIn {
        account: persona.account.clone(),
        kind: "demo",
        level: level.into(),
        acting_for,
        evidence: evidence.to_string().into_bytes(),
        locale: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(persona: &str, level: &str, acting_for: &str) -> Choice {
        Choice {
            persona: persona.into(),
            level: level.into(),
            acting_for: acting_for.into(),
            back: String::new(),
        }
    }

    #[test]
    fn only_personas_only_levels_only_their_mandates() {
        let personas = [Persona {
            account: "lia".into(),
            name: "Lia Fontana".into(),
            role: "citizen",
            may_act_for: vec![("ditta".into(), "Fontana S.r.l.".into())],
        }];
        let good = choose(&personas, &choice("lia", "L2", "ditta"), 0).unwrap();
        assert_eq!(good.acting_for.as_deref(), Some("ditta"));
        assert!(String::from_utf8(good.evidence).unwrap().contains("demonstration"));
        assert_eq!(choose(&personas, &choice("ugo", "L2", ""), 0).unwrap_err().code, "not-found");
        assert_eq!(choose(&personas, &choice("lia", "L9", ""), 0).unwrap_err().code, "unreadable");
        assert_eq!(choose(&personas, &choice("lia", "L2", "ugo"), 0).unwrap_err().code, "forbidden");
    }
}
