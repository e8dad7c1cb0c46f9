//! Binary: messages with their length before them. The first byte of a message says what it is:
//! 0 JSON, 1 a quote event, 2 a bar event.
//!
//! Numbers are LEB128 varints, signed ones in zigzag form. A decimal is its scale (digits after
//! the point) as one byte and its mantissa as a zigzag varint. PROTOCOL.md has the field order.

use rust_decimal::Decimal;

use super::{AliasTable, DecodeError, Piece};
use crate::clock::UnixMillis;
use crate::market::{Bar, Phase, Price, Quantity, Quote, Side};
use crate::protocol::{Event, Metadata, Payload, Position, Priority, Sequence};

const TAG_JSON: u8 = 0;
const TAG_QUOTE: u8 = 1;
const TAG_BAR: u8 = 2;

/// A varint of 19 groups of 7 bits holds the 128 bits of the largest mantissa.
const VARINT_BYTES_MAX: usize = 19;

pub(super) fn append_json(batch: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    with_length(batch, |out| {
        out.push(TAG_JSON);
        write(out);
    });
}

pub(super) fn append_event(event: &Event, alias: u32, batch: &mut Vec<u8>) {
    match &event.payload {
        Payload::Quote(quote) => with_length(batch, |out| {
            write_head(TAG_QUOTE, event, alias, out);
            write_quote(quote, event.at, out);
        }),
        Payload::Bar(bar) => with_length(batch, |out| {
            write_head(TAG_BAR, event, alias, out);
            write_bar(bar, out);
        }),
        _ => append_json(batch, |out| super::json::append_event(event, out)),
    }
}

/// The next message and what follows it.
pub(super) fn next_piece(
    index: usize,
    rest: &[u8],
) -> Result<Option<(Piece<'_>, &[u8])>, DecodeError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader { index, rest };
    let length = reader.unsigned()?;
    let length = usize::try_from(length).map_err(|_| reader.wrong_length())?;
    let message = reader.take(length)?;
    let (tag, body) = message.split_first().ok_or(DecodeError::WrongLength { index })?;
    let piece = match *tag {
        TAG_JSON => Piece::Json(body.trim_ascii()),
        tag => Piece::Event { tag, body },
    };
    Ok(Some((piece, reader.rest)))
}

pub(super) fn read_event(
    index: usize,
    tag: u8,
    body: &[u8],
    aliases: &AliasTable,
) -> Result<Event, DecodeError> {
    let mut reader = Reader { index, rest: body };
    let alias = u32::try_from(reader.unsigned()?).map_err(|_| reader.wrong_length())?;
    let (topic, epoch) = aliases.topic(alias)?;
    let sequence = u64::try_from(reader.unsigned()?).map_err(|_| reader.wrong_length())?;
    let at = UnixMillis(reader.signed_64()?);
    let head = reader.byte()?;
    let priority = match head & 0b11 {
        0 => Priority::Low,
        1 => Priority::Normal,
        2 => Priority::High,
        _ => Priority::Critical,
    };
    let source = reader.text()?.to_owned();
    let meta = match head & 0b100 {
        0 => Metadata::default(),
        _ => super::json::parse_metadata(index, reader.text()?)?,
    };
    let payload = match tag {
        TAG_QUOTE => Payload::Quote(reader.quote(at)?),
        TAG_BAR => Payload::Bar(reader.bar()?),
        unknown => {
            return Err(DecodeError::BadMessage {
                index,
                reason: format!("no message begins with the byte {unknown}"),
            });
        }
    };
    if !reader.rest.is_empty() {
        return Err(reader.wrong_length());
    }
    let position = Position::new(epoch, Sequence(sequence));
    Ok(Event { topic, position, at, source, priority, meta, payload })
}

fn with_length(batch: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut message = Vec::with_capacity(96);
    write(&mut message);
    write_unsigned(message.len() as u128, batch);
    batch.extend_from_slice(&message);
}

fn write_head(tag: u8, event: &Event, alias: u32, out: &mut Vec<u8>) {
    out.push(tag);
    write_unsigned(u128::from(alias), out);
    write_unsigned(u128::from(event.position.sequence.0), out);
    write_signed(i128::from(event.at.0), out);
    let priority = match event.priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Critical => 3,
    };
    let has_meta = u8::from(!event.meta.is_empty()) << 2;
    out.push(priority | has_meta);
    write_text(&event.source, out);
    if has_meta != 0 {
        write_text(&super::json::metadata_text(&event.meta), out);
    }
}

/// Which optional fields of a quote follow, one bit each.
mod present {
    pub(super) const SIZE: u8 = 1;
    pub(super) const SIDE: u8 = 1 << 1;
    pub(super) const BID: u8 = 1 << 2;
    pub(super) const ASK: u8 = 1 << 3;
    pub(super) const REFERENCE: u8 = 1 << 4;
    pub(super) const HIGH: u8 = 1 << 5;
    pub(super) const LOW: u8 = 1 << 6;
    pub(super) const VOLUME: u8 = 1 << 7;
}

fn write_quote(quote: &Quote, at: UnixMillis, out: &mut Vec<u8>) {
    let fields = [
        (present::SIZE, quote.size.map(Quantity::value)),
        (present::BID, quote.bid.map(Price::value)),
        (present::ASK, quote.ask.map(Price::value)),
        (present::REFERENCE, quote.reference.map(Price::value)),
        (present::HIGH, quote.high.map(Price::value)),
        (present::LOW, quote.low.map(Price::value)),
        (present::VOLUME, quote.volume.map(Quantity::value)),
    ];
    let mut mask = if quote.side.is_some() { present::SIDE } else { 0 };
    for (bit, value) in fields {
        mask |= if value.is_some() { bit } else { 0 };
    }
    let phase = match quote.phase {
        Phase::Open => 0,
        Phase::Pre => 1,
        Phase::Post => 2,
        Phase::Halted => 3,
        Phase::Closed => 4,
    };
    let sold = u8::from(quote.side == Some(Side::Sell)) << 4;
    out.push(mask);
    out.push(phase | sold);
    write_signed(i128::from(at.0) - i128::from(quote.time.0), out);
    write_decimal(quote.price.value(), out);
    for value in fields.into_iter().filter_map(|(_, value)| value) {
        write_decimal(value, out);
    }
}

fn write_bar(bar: &Bar, out: &mut Vec<u8>) {
    out.push(u8::from(bar.closed));
    write_signed(i128::from(bar.start.0), out);
    for price in [bar.open, bar.high, bar.low, bar.close] {
        write_decimal(price.value(), out);
    }
    write_decimal(bar.volume.value(), out);
    write_unsigned(u128::from(bar.trades), out);
}

fn write_decimal(value: Decimal, out: &mut Vec<u8>) {
    let scale = u8::try_from(value.scale()).expect("a Decimal has at most 28 digits");
    out.push(scale);
    write_signed(value.mantissa(), out);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_unsigned(text.len() as u128, out);
    out.extend_from_slice(text.as_bytes());
}

fn write_signed(value: i128, out: &mut Vec<u8>) {
    write_unsigned(((value << 1) ^ (value >> 127)).cast_unsigned(), out);
}

fn write_unsigned(mut value: u128, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes fields off the front of a message, each checked against what is left.
struct Reader<'a> {
    index: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn wrong_length(&self) -> DecodeError {
        DecodeError::WrongLength { index: self.index }
    }

    fn bad(&self, reason: &str) -> DecodeError {
        DecodeError::BadMessage { index: self.index, reason: reason.to_owned() }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or_else(|| self.wrong_length())?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.wrong_length())?;
        self.rest = rest;
        Ok(*first)
    }

    fn unsigned(&mut self) -> Result<u128, DecodeError> {
        let mut value = 0u128;
        for group in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            value |= u128::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.bad("a number is longer than 128 bits"))
    }

    fn signed(&mut self) -> Result<i128, DecodeError> {
        let value = self.unsigned()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    fn signed_64(&mut self) -> Result<i64, DecodeError> {
        i64::try_from(self.signed()?).map_err(|_| self.bad("a time is out of range"))
    }

    fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| self.wrong_length())?;
        std::str::from_utf8(self.take(length)?).map_err(|_| self.bad("a text is not UTF-8"))
    }

    fn decimal(&mut self) -> Result<Decimal, DecodeError> {
        let scale = u32::from(self.byte()?);
        let mantissa = self.signed()?;
        Decimal::try_from_i128_with_scale(mantissa, scale)
            .map_err(|_| self.bad("a decimal is out of range"))
    }

    fn quote(&mut self, at: UnixMillis) -> Result<Quote, DecodeError> {
        let mask = self.byte()?;
        let flags = self.byte()?;
        let phase = match flags & 0b1111 {
            0 => Phase::Open,
            1 => Phase::Pre,
            2 => Phase::Post,
            3 => Phase::Halted,
            4 => Phase::Closed,
            _ => return Err(self.bad("no such trading phase")),
        };
        let side = match (mask & present::SIDE, flags & 0b1_0000) {
            (0, _) => None,
            (_, 0) => Some(Side::Buy),
            _ => Some(Side::Sell),
        };
        let time =
            at.0.checked_sub(self.signed_64()?)
                .ok_or_else(|| self.bad("a time is out of range"))?;
        let price = Price::new(self.decimal()?);
        let mut optional = |bit: u8| match mask & bit {
            0 => Ok(None),
            _ => self.decimal().map(Some),
        };
        let size = optional(present::SIZE)?.map(Quantity::new);
        let bid = optional(present::BID)?.map(Price::new);
        let ask = optional(present::ASK)?.map(Price::new);
        let reference = optional(present::REFERENCE)?.map(Price::new);
        let high = optional(present::HIGH)?.map(Price::new);
        let low = optional(present::LOW)?.map(Price::new);
        let volume = optional(present::VOLUME)?.map(Quantity::new);
        let time = UnixMillis(time);
        Ok(Quote { price, time, size, side, bid, ask, reference, high, low, volume, phase })
    }

    fn bar(&mut self) -> Result<Bar, DecodeError> {
        Ok(Bar {
            closed: self.byte()? != 0,
            start: UnixMillis(self.signed_64()?),
            open: Price::new(self.decimal()?),
            high: Price::new(self.decimal()?),
            low: Price::new(self.decimal()?),
            close: Price::new(self.decimal()?),
            volume: Quantity::new(self.decimal()?),
            trades: u64::try_from(self.unsigned()?)
                .map_err(|_| self.bad("a count is out of range"))?,
        })
    }
}
