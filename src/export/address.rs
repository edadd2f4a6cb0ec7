//! Addresses as browsers and terminals take them.

/// The text as a part of an address: all but letters, digits and `-._~` by their bytes, and what is `kept`.
pub(crate) fn encoded(text: &str, kept: &str) -> String {
    let byte = |byte: u8| {
        let letter = char::from(byte);
        let is_plain = byte.is_ascii_alphanumeric() || "-._~".contains(letter);
        match is_plain || byte.is_ascii() && kept.contains(letter) {
            true => letter.to_string(),
            false => format!("%{byte:02X}"),
        }
    };
    text.bytes().map(byte).collect()
}
