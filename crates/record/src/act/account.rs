//! What a person shows of himself.

use serde::{Deserialize, Serialize};

/// A person showed that he reads what comes to an address of certified mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAddressProven {
    /// The account.
    pub account: String,
    /// The address, in lower case.
    pub address: String,
}

/// He does not any more, or does not want to be known by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAddressDropped {
    /// The account.
    pub account: String,
    /// The address, in lower case.
    pub address: String,
}
