//! Carries control characters in keys through an XML writer that refuses them, so that they leave
//! as the character references that S3 sends (`&#x1;`).

use bytes::Bytes;

/// Control characters travel as private characters from here on: U+F0000 + code.
const SHIFT: u32 = 0xF_0000;

/// Precedes a private character that was one from the start.
const LITERAL: char = '\u{F0021}';

/// Whether XML cannot hold this character as it is. A carriage return would be read as a line feed.
fn is_control(character: char) -> bool {
    character < ' ' && !matches!(character, '\t' | '\n')
}

/// Text for an XML answer that may hold any character.
pub(crate) fn protect(text: &str) -> String {
    let mut protected = String::with_capacity(text.len());
    for character in text.chars() {
        if is_control(character) {
            protected.extend(char::from_u32(SHIFT + u32::from(character)));
        } else {
            if is_private(character) {
                protected.push(LITERAL);
            }
            protected.push(character);
        }
    }
    protected
}

/// The finished document with references in place of the private characters.
pub(crate) fn release(document: Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(&document) else {
        return document;
    };
    if !text.chars().any(is_private) {
        return document;
    }
    let mut released = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == LITERAL {
            released.extend(characters.next());
        } else if is_private(character) {
            released.push_str(&format!("&#x{:X};", u32::from(character) - SHIFT));
        } else {
            released.push(character);
        }
    }
    Bytes::from(released)
}

fn is_private(character: char) -> bool {
    (SHIFT..=u32::from(LITERAL)).contains(&u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::{protect, release};

    #[test]
    fn control_characters_leave_as_references_and_private_ones_as_they_came() {
        let text = "a\u{1}b\rc\td\u{F0001}e\u{F0021}";
        let released = release(protect(text).into());
        assert_eq!(released, "a&#x1;b&#xD;c\td\u{F0001}e\u{F0021}");
    }
}
