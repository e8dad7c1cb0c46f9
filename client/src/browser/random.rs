//! Random numbers of the platform.

use super::window;

/// 128 bits that nobody else has. Where the platform has no good source, from the one it has:
/// names made of them must only differ, they keep no secret.
pub(crate) fn bits() -> u128 {
    let mut bytes = [0; 16];
    let good = window()
        .crypto()
        .is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !good {
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    u128::from_le_bytes(bytes)
}
