//! Where a decoder can begin: does this RTP payload begin a keyframe?
#![forbid(unsafe_code)]

use crate::bytes::u16_at;
use crate::descriptors::{self, Codec};

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether the payload holds the first byte of a keyframe; false for what is torn.
///
/// VP8 RFC 7741, VP9 RFC 9628, H264 RFC 6184, AV1 the aggregation header of AOM's RTP specification §4.4.
pub fn begins(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 | Codec::Vp9 => descriptors::read(codec, payload).is_some_and(|told| told.key),
        Codec::H264 => h264(payload),
        // A new sequence (N), not the rest of an OBU (Z).
        Codec::Av1 => payload.len() > 1 && payload.first().is_some_and(|first| first & 0x88 == 0x08),
    }
}

fn h264(payload: &[u8]) -> bool {
    match *payload {
        [first, ..] if first & 0x1F == STAP_A => aggregated(payload),
        [first, kind, after, ..] if first & 0x1F == FU_A => kind & 0x80 > 0 && is_first(kind, after),
        [first, ..] if first & 0x1F == FU_A => false,
        [first, after, ..] => is_first(first, after),
        _ => false,
    }
}

fn aggregated(payload: &[u8]) -> bool {
    let mut at = 1;
    while let (Some(size), Some([kind, after, ..])) = (u16_at(payload, at), payload.get(at + 2..)) {
        if size > 1 && is_first(*kind, *after) {
            return true;
        }
        at += 2 + usize::from(size);
    }
    false
}

/// Parameters, or the first slice: its header begins with `first_mb_in_slice`, of which 0 is written as a 1.
fn is_first(kind: u8, after: u8) -> bool {
    match kind & 0x1F {
        SPS => true,
        IDR => after & 0x80 > 0,
        _ => false,
    }
}
