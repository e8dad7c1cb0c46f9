//! Text is UTF-8, wherever its frames are cut; what is not, is refused as soon as its frame is there.

use super::{CONTINUATION, FIRST_TEXT, LAST_CONTINUATION, NOT_UTF_8, TEXT, Talk, frame};

/// Sequences that are text: the first and last of each length, and some that look like mistakes.
const SOUND: [&str; 12] = [
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{ffff}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{10000}",
    "\u{10ffff}",
    "\u{d7ff}\u{e000}",
    "\u{1fffe}\u{10fffe}",
];

/// Sequences that are none: cut, lonely, overlong, surrogates, beyond the last character.
const BROKEN: [&[u8]; 22] = [
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited",
    b"\xce",
    b"\xce\xba\xe1",
    b"\xe1\xbd",
    b"\xf0\x90\x80",
    b"\x80",
    b"\xbf",
    b"\x80\xbf\x80\xbf",
    b"\xc0 ",
    b"\xdf ",
    b"\xe0\x80",
    b"\xff",
    b"\xfe\xfe\xff\xff",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xc1\xbf",
    b"\xed\xa0\x80",
    b"\xed\xaf\xbf\xed\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xf4\x90\x80\x80",
];

/// A question with a field that nobody knows, which is passed over, with a text in it.
fn unknown(text: &str) -> String {
    format!(r#"{{"type":"request","id":0,"method":"ping","params":{{}},"note":"{text}"}}"#)
}

#[tokio::test]
async fn every_character_is_text() {
    let mut talk = Talk::begin().await;
    for text in SOUND {
        talk.is_answered(&frame(TEXT, unknown(text).as_bytes())).await;
    }
}

#[tokio::test]
async fn a_character_may_be_cut_by_the_end_of_a_frame() {
    let mut talk = Talk::begin().await;
    for text in SOUND {
        let message = unknown(text);
        let bytes = message.as_bytes();
        // Every byte in a frame of its own: no more of them than a message may have.
        let (head, tail) = bytes.split_at(bytes.len().min(50));
        let mut frames = frame(FIRST_TEXT, b"");
        frames.extend(head.iter().flat_map(|byte| frame(CONTINUATION, &[*byte])));
        frames.extend(frame(LAST_CONTINUATION, tail));
        talk.is_answered(&frames).await;
    }
}

#[tokio::test]
async fn what_is_not_utf_8_closes_with_1007() {
    for bytes in BROKEN {
        let talk = Talk::begin().await;
        assert_eq!(talk.ends(&frame(TEXT, bytes)).await, NOT_UTF_8, "{bytes:x?}");
    }
}

/// The rest of the message never comes, and is not waited for.
#[tokio::test]
async fn rubbish_in_the_first_frame_is_refused_before_the_second() {
    for bytes in [&b"\xce\xba\xed\xa0\x80"[..], b"\xf4\x90", b"\xc0\xaf", b"\xff"] {
        let talk = Talk::begin().await;
        assert_eq!(talk.ends(&frame(FIRST_TEXT, bytes)).await, NOT_UTF_8, "{bytes:x?}");
    }
    let cut = [frame(FIRST_TEXT, b"\xf4"), frame(CONTINUATION, b"\x90")].concat();
    assert_eq!(Talk::begin().await.ends(&cut).await, NOT_UTF_8);
}

#[tokio::test]
async fn a_character_that_the_end_of_the_message_cuts_is_none() {
    let cut = [frame(FIRST_TEXT, b"\xce"), frame(LAST_CONTINUATION, b"")].concat();
    assert_eq!(Talk::begin().await.ends(&cut).await, NOT_UTF_8);
}
