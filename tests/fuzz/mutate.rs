//! Changes of a text or of bytes that leave most of it valid, so that they get far into a reader.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What numbers become.
const NUMBERS: [&str; 26] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "7",
    "255",
    "256",
    "32768",
    "65535",
    "65536",
    "1048576",
    "1048577",
    "16384",
    "16385",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999",
    "1e308",
    "-1e308",
    "5e-324",
    "1e999",
];

/// What is put in anywhere.
const PIECES: [&str; 40] = [
    "",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "\"",
    "'",
    "`",
    "<",
    ">",
    "&",
    "&amp;",
    "&lol;",
    "&#0;",
    "&#x10FFFF;",
    "]]>",
    "<!--",
    "<![CDATA[",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ";",
    ":",
    "=",
    "+",
    "-",
    "*",
    "/",
    "^",
    "NaN",
    "inf",
    "#REF!",
    "\u{202E}",
    "\u{FEFF}",
    "𝔸",
];

/// The numbers of two and of four bytes that lengths and places become.
const WORDS: [u32; 12] =
    [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF];

/// How often a part is repeated.
const TIMES: [usize; 5] = [2, 3, 20, 300, 3_000];
/// A changed text grows no longer.
const LONGEST: usize = 1 << 21;

pub fn any<'a, T>(random: &mut ChaCha8Rng, of: &'a [T]) -> &'a T {
    &of[random.random_range(0..of.len())]
}

/// One to three changes of a text; `others` are texts of the same kind.
pub fn text(random: &mut ChaCha8Rng, text: &str, others: &[String]) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.random_range(1..4) {
        text = one_change(random, &text, others);
        if text.len() > LONGEST {
            text.truncate(text.floor_char_boundary(LONGEST));
        }
    }
    text
}

fn one_change(random: &mut ChaCha8Rng, text: &str, others: &[String]) -> String {
    if text.is_empty() {
        return (*any(random, &PIECES)).to_owned();
    }
    let (from, to) = span(random, text);
    let (before, part, after) = (&text[..from], &text[from..to], &text[to..]);
    match random.random_range(0..12) {
        0..3 => with_number(random, text),
        3 => format!("{before}{after}"),
        4 => format!(
            "{before}{}{after}",
            part.repeat(*any(random, &TIMES).min(&(LONGEST / part.len().max(1))))
        ),
        5 => before.to_owned(),
        6 => format!("{before}{}{part}{after}", any(random, &PIECES)),
        7 => {
            let times = *any(random, &[10, 300, 5_000, 70_000]);
            format!("{before}{}{part}{after}", any(random, &PIECES).repeat(times))
        }
        8 => {
            // Two parts change places.
            let (other, end) = span(random, after);
            format!("{before}{}{}{part}{}", &after[other..end], &after[..other], &after[end..])
        }
        9 => {
            let (other, end) = span(random, text);
            format!("{before}{}{after}", &text[other..end])
        }
        10 if !others.is_empty() => {
            let other = any(random, others);
            let (from, to) = span(random, other);
            format!("{before}{}{after}", &other[from..to])
        }
        _ => {
            let Some(old) = before.chars().next_back() else { return after.to_owned() };
            let new = char::from_u32(old as u32 ^ (1 << random.random_range(0..7))).unwrap_or('?');
            format!("{}{new}{part}{after}", &before[..before.len() - old.len_utf8()])
        }
    }
}

/// A part of a text that is something by itself: a tag, a line, a word, a value; or any part.
fn span(random: &mut ChaCha8Rng, text: &str) -> (usize, usize) {
    if text.is_empty() {
        return (0, 0);
    }
    let at = text.floor_char_boundary(random.random_range(0..text.len()));
    let (open, close) = *any(
        random,
        &[('<', '>'), ('\n', '\n'), ('"', '"'), (' ', ' '), (',', ','), ('(', ')'), ('<', '<')],
    );
    if random.random_range(0..4) == 0 {
        let to = text.ceil_char_boundary((at + random.random_range(0..64)).min(text.len()));
        return (at, to);
    }
    let from = text[..at].rfind(open).unwrap_or(at);
    let inside = from + text[from..].chars().next().map_or(0, char::len_utf8);
    let to = text[inside..].find(close).map_or(text.len(), |end| inside + end + close.len_utf8());
    (from, to)
}

/// One of the numbers in the text becomes another.
fn with_number(random: &mut ChaCha8Rng, text: &str) -> String {
    let at = random.random_range(0..text.len());
    let bytes = text.as_bytes();
    let found = (at..bytes.len()).chain(0..at).find(|at| bytes[*at].is_ascii_digit());
    let Some(found) = found else { return format!("{text}{}", any(random, &NUMBERS)) };
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let from = found - bytes[..found].iter().rev().take_while(|byte| is_part(byte)).count();
    let to = found + bytes[found..].iter().take_while(|byte| is_part(byte)).count();
    format!("{}{}{}", &text[..from], any(random, &NUMBERS), &text[to..])
}

/// One to four changes of bytes: single ones, and what may be a length or a place.
pub fn bytes(random: &mut ChaCha8Rng, content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    for _ in 0..random.random_range(1..5) {
        if content.is_empty() {
            break;
        }
        let at = random.random_range(0..content.len());
        let end = (at + random.random_range(1..64)).min(content.len());
        let word = any(random, &WORDS).to_le_bytes();
        match random.random_range(0..9) {
            0 => content[at] ^= 1 << random.random_range(0..8),
            1 => content[at] = *any(random, &[0, 0x7F, 0x80, 0xFF]),
            2 | 3 => put(&mut content, at, &word[..2]),
            4 | 5 => put(&mut content, at & !3, &word),
            6 => content.truncate(at),
            7 => drop(content.drain(at..end)),
            _ => {
                let part = content[at..end].repeat(*any(random, &TIMES));
                content.splice(at..at, part);
            }
        }
    }
    content
}

fn put(content: &mut [u8], at: usize, bytes: &[u8]) {
    content[at..].iter_mut().zip(bytes).for_each(|(old, new)| *old = *new);
}

/// Where the records of a stream begin, whose heads `head` reads: how long the head is, and the body.
pub fn records(content: &[u8], head: fn(&[u8]) -> Option<(usize, usize)>) -> Vec<(usize, usize)> {
    let (mut at, mut found) = (0, Vec::new());
    while let Some((of_head, of_body)) = content.get(at..).and_then(head) {
        let end = at + of_head + of_body;
        if end > content.len() {
            break;
        }
        found.push((at, end));
        at = end;
    }
    found
}

/// A change of a stream of records: one is left out, repeated, put elsewhere, or changed inside.
pub fn with_record(
    random: &mut ChaCha8Rng,
    content: &[u8],
    head: fn(&[u8]) -> Option<(usize, usize)>,
) -> Vec<u8> {
    let all = records(content, head);
    if all.is_empty() {
        return bytes(random, content);
    }
    let (from, to) = *any(random, &all);
    let (other, _) = *any(random, &all);
    let record = content[from..to].to_vec();
    let mut content = content.to_vec();
    match random.random_range(0..5) {
        0 => drop(content.drain(from..to)),
        1 => {
            let times = *any(random, &TIMES);
            content.splice(from..from, record.repeat(times));
        }
        2 => drop(content.splice(other..other, record)),
        _ => {
            let word = any(random, &WORDS).to_le_bytes();
            let length = *any(random, &[1, 2, 4]);
            let at = random.random_range(from..to);
            put(&mut content, at, &word[..length]);
        }
    }
    content
}
