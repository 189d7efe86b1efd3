//! Sound with what came before it repeated in each packet (RED, RFC 2198): the part that is new, taken out.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::bytes::u16_at;
use crate::history::Packet;
use crate::types::Payload;

/// Repeated blocks of one packet; Chromium sends one, and two at most.
const MAX_BLOCKS: usize = 8;
const PADDED: u8 = 0x20;

/// The new part of a RED payload; None when that is empty, not there, or of another type than `wraps`. `is_padded`:
/// the last bytes are RTP's padding, which is left out.
pub fn primary(payload: &[u8], is_padded: bool, wraps: u8) -> Option<&[u8]> {
    let padding = match payload.last() {
        Some(0) if is_padded => return None,
        Some(count) if is_padded => usize::from(*count),
        _ => 0,
    };
    let payload = payload.get(..payload.len().checked_sub(padding)?)?;
    let (mut at, mut repeated) = (0, 0);
    while payload.get(at)? & 0x80 > 0 {
        if at == 4 * MAX_BLOCKS || at + 4 > payload.len() {
            return None;
        }
        repeated += usize::from(u16_at(payload, at + 2)? & 0x3FF);
        at += 4;
    }
    let is_wrapped = payload.get(at) == Some(&wraps);
    payload
        .get(at + 1 + repeated..)
        .filter(|new| is_wrapped && !new.is_empty())
}

/// What a tap gets of a packet: its flags, type and payload, of RED what is new as if it had come so. None of a
/// malformed one.
pub fn new_of<'a>(packet: &'a Packet, payloads: &[Payload]) -> Option<(u8, u8, &'a [u8])> {
    let Some(wraps) = wraps(packet.kind, payloads) else {
        return Some((packet.flags, packet.kind, &packet.payload));
    };
    let new = primary(&packet.payload, packet.flags & PADDED > 0, wraps)?;
    Some((packet.flags & !PADDED, packet.kind & 0x80 | wraps, new))
}

/// The packet with the new part alone, as it is where its type is none of RED's; None when it is malformed.
pub fn unwrapped(packet: &Arc<Packet>, payloads: &[Payload]) -> Option<Arc<Packet>> {
    if wraps(packet.kind, payloads).is_none() {
        return Some(packet.clone());
    }
    let (flags, _, new) = new_of(packet, payloads)?;
    Some(Arc::new(Packet {
        flags,
        payload: new.into(),
        elements: packet.elements.clone(),
        ..**packet
    }))
}

fn wraps(kind: u8, payloads: &[Payload]) -> Option<u8> {
    payloads.iter().rfind(|each| each.number == kind & 0x7F)?.wraps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/media/wire/test_red.py` says how it is written.
    const TRACE: &str = include_str!("../../../../tests/media/wire/traces/red.txt");

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn the_trace_is_told_as_it_was() {
        for line in TRACE.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let data = bytes(words[0]);
            let found = primary(&data, words[1] == "1", words[2].parse().unwrap());
            let expected = (words[3] != "-").then(|| {
                let place = |word: &str| word.parse::<usize>().unwrap();
                &data[place(words[3])..place(words[4])]
            });
            assert_eq!(found, expected, "{line}");
        }
    }
}
