//! Keys, as the DevTools protocol names them.

use serde_json::{Value, json};

/// A key that a scenario presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Forward through what can be focused.
    Tab,
    /// Do it.
    Enter,
    /// Not that.
    Escape,
    /// Next.
    ArrowDown,
    /// Previous.
    ArrowUp,
    /// Forward in time.
    ArrowRight,
    /// Back in time.
    ArrowLeft,
    /// Away with it.
    Delete,
    /// One that writes itself.
    Character(char),
}

/// A key that is held down meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// None.
    None,
    /// Alt.
    Alt,
}

impl Modifier {
    const fn bits(self) -> u32 {
        match self {
            Modifier::None => 0,
            Modifier::Alt => 1,
        }
    }
}

impl Key {
    /// The two events of a press.
    pub(super) fn events(self, modifier: Modifier) -> [Value; 2] {
        let (key, code, number, text) = match self {
            Key::Tab => ("Tab".to_owned(), "Tab".to_owned(), 9, None),
            Key::Enter => ("Enter".to_owned(), "Enter".to_owned(), 13, Some("\r".to_owned())),
            Key::Escape => ("Escape".to_owned(), "Escape".to_owned(), 27, None),
            Key::ArrowLeft => ("ArrowLeft".to_owned(), "ArrowLeft".to_owned(), 37, None),
            Key::ArrowUp => ("ArrowUp".to_owned(), "ArrowUp".to_owned(), 38, None),
            Key::ArrowRight => ("ArrowRight".to_owned(), "ArrowRight".to_owned(), 39, None),
            Key::ArrowDown => ("ArrowDown".to_owned(), "ArrowDown".to_owned(), 40, None),
            Key::Delete => ("Delete".to_owned(), "Delete".to_owned(), 46, None),
            Key::Character(letter) => {
                let upper = letter.to_ascii_uppercase();
                (letter.into(), format!("Key{upper}"), u32::from(upper), Some(letter.into()))
            }
        };
        let mut down = json!({
            "type": if text.is_some() { "keyDown" } else { "rawKeyDown" },
            "key": key, "code": code, "windowsVirtualKeyCode": number,
        });
        if let Some(text) = text {
            down["text"] = text.into();
        }
        let up =
            json!({"type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": number});
        [down, up].map(|mut event| {
            event["modifiers"] = modifier.bits().into();
            event
        })
    }
}
