//! Opcodes that nobody has defined.

use super::{BROKEN, Talk, frame};

#[tokio::test]
async fn an_unknown_opcode_breaks_the_connection() {
    for opcode in (3..8).chain(11..16) {
        for payload in [&b""[..], b"reserved opcode payload"] {
            let unknown = frame(0x80 | opcode, payload);
            assert_eq!(Talk::begin().await.ends(&unknown).await, BROKEN, "{opcode}");
        }
    }
}

#[tokio::test]
async fn a_frame_without_a_mask_breaks_the_connection() {
    assert_eq!(Talk::begin().await.ends(&[0x81, 2, b'{', b'}']).await, BROKEN);
}
