//! The custom document properties of an .xlsx: texts that a program has left in it.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::parts::parts;

/// The name and the text of every custom property, in the order of the file; empty where there are
/// none or the part cannot be read.
pub(crate) fn custom(path: &Path) -> Vec<(String, String)> {
    let xml = parts(path, &|name| name == "docprops/custom.xml");
    xml.first().map(|xml| read(xml)).unwrap_or_default()
}

pub(super) fn read(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let mut properties: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == "property" => {
                properties.extend(name(&tag).map(|name| (name, String::new())));
            }
            Ok(Event::Text(text)) => {
                if let Some((_, value)) = properties.last_mut() {
                    value.push_str(&text);
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let Some((_, value)) = properties.last_mut() {
                    value.extend(character(&reference));
                }
            }
            Ok(Event::Eof) | Err(_) => return properties,
            Ok(_) => {}
        }
    }
}

fn name(tag: &BytesStart) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|one| one.key.as_ref() == "name")?;
    Some(attribute.value.as_ref().to_owned())
}

/// The character that `&quot;` and the like stand for.
fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_with_what_is_escaped_in_them() {
        let xml = "<Properties><property name=\"one\"><vt:lpwstr>{&quot;a&quot;:1&lt;2}\
                   </vt:lpwstr></property><property name=\"two\"><vt:i4>7</vt:i4></property>\
                   </Properties>";
        let expected = [("one", "{\"a\":1<2}"), ("two", "7")];
        let found = read(xml);
        let found: Vec<_> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(read("<Properties><property"), []);
    }
}
