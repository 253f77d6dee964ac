//! Acts read back.

use super::*;

#[test]
fn an_act_reads_back_and_carries_its_version() {
    let act = Act::from(MessageWithdrawn { message: "M".into(), reason: "è sbagliata".into() });
    let bytes = act.to_bytes();
    assert!(bytes.starts_with(br#"{"v":1,"#));
    assert_eq!(Act::parse(Kind::MessageWithdrawn, &bytes).unwrap(), act);
    assert!(Act::parse(Kind::MessageNoted, &bytes).is_err());
}
