//! Offices, operators and settings.

use plico_database::{Tx, args};
use plico_record::act::{LogOpened, OfficeChanged, RoleChanged, SettingChanged, UserChanged};

use crate::append::Entry;
use crate::error::ArchiveError;

const OFFICE: &str = "insert into office (id, administration, name, responsible, email, protocol, valid_from,
    valid_until, code, parent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (id) do update set name = excluded.name, responsible = excluded.responsible, email = excluded.email,
        protocol = excluded.protocol, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
        code = excluded.code, parent = excluded.parent";

pub(super) fn office(tx: &mut Tx, entry: &Entry, act: &OfficeChanged) -> Result<(), ArchiveError> {
    tx.write(
        OFFICE,
        args![
            &act.office,
            &entry.administration,
            &act.name,
            &act.responsible,
            &act.email,
            act.protocol,
            &act.from,
            act.until.clone(),
            &act.code,
            &act.parent
        ],
    )?;
    Ok(())
}

const USER: &str = "insert into operator (account, administration, login, name, email, active,
    fiscal_code) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (account) do update set login = excluded.login, name = excluded.name, email = excluded.email,
        active = excluded.active, fiscal_code = excluded.fiscal_code";

pub(super) fn user(tx: &mut Tx, entry: &Entry, act: &UserChanged) -> Result<(), ArchiveError> {
    tx.write(
        USER,
        args![
            &act.account,
            &entry.administration,
            &act.login,
            &act.name,
            &act.email,
            act.active,
            &act.fiscal_code
        ],
    )?;
    Ok(())
}

const ROLES: &str = "update operator set roles = $2 where account = $1";
const NO_OFFICES: &str = "delete from operator_office where account = $1";
const OFFICES: &str = "insert into operator_office (account, office) values ($1, $2)";

pub(super) fn role(tx: &mut Tx, act: &RoleChanged) -> Result<(), ArchiveError> {
    tx.write(ROLES, args![&act.account, act.roles.join(",")])?;
    tx.write(NO_OFFICES, args![&act.account])?;
    for office in &act.offices {
        tx.write(OFFICES, args![&act.account, office])?;
    }
    Ok(())
}

const SETTING: &str = "insert into setting (administration, name, value) values ($1, $2, $3)
    on conflict (administration, name) do update set value = excluded.value";
const BODY_NAME: &str = "update administration set name = $2 where id = $1";
const BODY_AREA: &str = "update administration set area = $2 where id = $1";
const BODY_IPA: &str = "update administration set ipa_code = $2 where id = $1";

pub(super) async fn setting(tx: &mut Tx, entry: &Entry, act: &SettingChanged) -> Result<(), ArchiveError> {
    tx.write(SETTING, args![&entry.administration, &act.name, act.new.to_string()])?;
    if let Some(text) = act.new.as_str() {
        match act.name.as_str() {
            "body.name" => tx.execute(BODY_NAME, args![&entry.administration, text]).await?,
            "body.area" => tx.execute(BODY_AREA, args![&entry.administration, text]).await?,
            "body.ipa" => tx.execute(BODY_IPA, args![&entry.administration, text]).await?,
            _ => 0,
        };
    }
    Ok(())
}

const BODY: &str = "insert into administration (id, name, ipa_code, area) values ($1, $2, $3, $4)
    on conflict (id) do nothing";
const GAP: &str =
    "insert into register_gap (administration, area, year, first, last) values ($1, $2, $3, $4, $5)";
const HEAD: &str = "insert into register_head (administration, area, year, next) values ($1, $2, $3, $4)
    on conflict (administration, area, year) do update set next = excluded.next";

/// The first leaf of an administration's log names it, its IPA code is in the origin; that of a successor leaves out
/// the numbers that may have been given.
pub(super) fn opened(tx: &mut Tx, entry: &Entry, act: &LogOpened) -> Result<(), ArchiveError> {
    let ipa = act.origin.rsplit('/').nth(1).unwrap_or_default();
    tx.write(BODY, args![&entry.administration, &act.name, ipa, "AOO1"])?;
    for gap in act.predecessor.iter().flat_map(|predecessor| &predecessor.reserved) {
        tx.write(GAP, args![&entry.administration, &gap.area, gap.year, gap.first, gap.last])?;
        tx.write(HEAD, args![&entry.administration, &gap.area, gap.year, gap.last + 1])?;
    }
    Ok(())
}
