//! Each record's own checksum: what a disk gives back years later is not taken on trust.

use flate2::Crc;

use super::StoreError;

const CRC_BYTES: usize = 4;

/// A value as it is stored. The key is part of the sum: a value under another's key is damage, too.
pub(super) fn sealed(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(CRC_BYTES + value.len());
    bytes.extend(sum(key, value).to_le_bytes());
    bytes.extend(value);
    bytes
}

/// The value of what was stored.
pub(super) fn unsealed<'a>(key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let (said, value) = stored.split_first_chunk().ok_or_else(|| StoreError::damaged(key))?;
    match u32::from_le_bytes(*said) == sum(key, value) {
        true => Ok(value),
        false => Err(StoreError::damaged(key)),
    }
}

fn sum(key: &[u8], value: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
    crc.update(key);
    crc.update(value);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_and_any_other_key_is_noticed() {
        let stored = sealed(b"key", b"value");
        assert_eq!(unsealed(b"key", &stored), Ok(&b"value"[..]));
        assert!(unsealed(b"kez", &stored).is_err());
        for bit in 0..stored.len() * 8 {
            let mut damaged = stored.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unsealed(b"key", &damaged).is_err(), "bit {bit}");
        }
        assert!(unsealed(b"key", &stored[..3]).is_err());
    }
}
