//! The ids of agencies.

use sha2::{Digest, Sha256};

use crate::reference::key;
use crate::spec::hex;
use crate::words::StateCode;

/// Returns the id that a state and a cleaned name mint: the state's code, then 40 bits of sha256 over both.
pub fn mint(state: Option<StateCode>, name: &str) -> String {
    let state = state.as_ref().map_or("XX", StateCode::as_str);
    let digest = hex(&Sha256::digest(format!("{state}\n{}", name_key(name))));
    format!("{state}-{}", &digest[..10])
}

/// Returns the key of a name; a name made of nothing but signs is its own key.
pub fn name_key(name: &str) -> String {
    let key = key(name);
    if key.is_empty() { name.to_owned() } else { key }
}
