//! The payload descriptors of VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2): the picture a packet belongs to.
#![forbid(unsafe_code)]

/// What the wire must know of a video codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Vp8,
    Vp9,
    H264,
    Av1,
}

impl Codec {
    /// By its name in capitals; None for one that is not known.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "VP8" => Some(Self::Vp8),
            "VP9" => Some(Self::Vp9),
            "H264" => Some(Self::H264),
            "AV1" => Some(Self::Av1),
            _ => None,
        }
    }
}

/// A picture id: 15 bits when `wide`, else 7, at byte `at` of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    pub value: u16,
    pub at: usize,
    pub wide: bool,
}

/// TL0PICIDX, and its place in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    pub value: u8,
    pub at: usize,
}

/// What leads a payload.
///
/// `starts` the first packet of a picture (VP9: of its lowest spatial layer), `key` that picture needs no other.
/// `temporal` is the layer (TID), 0 when not sent; `rises` its Y or U bit: more layers may be shown from here.
///
/// `codec` is AV1 where a dependency descriptor said all this (`dependencies.rs`), which has a number of the `frame` in
/// place of picture ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    pub codec: Codec,
    pub starts: bool,
    pub key: bool,
    pub picture: Option<PictureId>,
    pub base: Option<Base>,
    pub temporal: u8,
    pub rises: bool,
    pub frame: Option<u16>,
}

impl Descriptor {
    /// No picture was between the one before and this, as far as is known.
    pub fn follows(&self, before: &Self) -> bool {
        if let (Some(frame), Some(last)) = (self.frame, before.frame) {
            return frame.wrapping_sub(last) <= 1;
        }
        let (Some(id), Some(last)) = (self.picture, before.picture) else {
            return false;
        };
        let mask = if id.wide { 0x7FFF } else { 0x7F };
        id.value.wrapping_sub(last.value) & mask <= 1
    }
}

/// None when the codec has no descriptor, or the payload is torn.
pub fn read(codec: Codec, payload: &[u8]) -> Option<Descriptor> {
    match codec {
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 => vp9(payload),
        Codec::H264 | Codec::Av1 => None,
    }
}

fn vp8(payload: &[u8]) -> Option<Descriptor> {
    let mut at = 0;
    let first = next(payload, &mut at)?;
    let more = if first & 0x80 > 0 { next(payload, &mut at)? } else { 0 };
    let picture = picture_id(payload, &mut at, more & 0x80 > 0)?;
    let base = base(payload, &mut at, more & 0x40 > 0)?;
    let layer = if more & 0x30 > 0 { next(payload, &mut at)? } else { 0 };
    let is_predicted = next(payload, &mut at)? & 1 > 0;
    let (starts, is_layered) = (first & 0x17 == 0x10, more & 0x20 > 0);
    Some(Descriptor {
        codec: Codec::Vp8,
        starts,
        key: starts && !is_predicted,
        picture,
        base,
        temporal: if is_layered { layer >> 6 } else { 0 },
        rises: is_layered && layer & 0x20 > 0,
        frame: None,
    })
}

fn vp9(payload: &[u8]) -> Option<Descriptor> {
    let mut at = 0;
    let first = next(payload, &mut at)?;
    let picture = picture_id(payload, &mut at, first & 0x80 > 0)?;
    let is_layered = first & 0x20 > 0;
    let layer = if is_layered { next(payload, &mut at)? } else { 0 };
    let base = base(payload, &mut at, is_layered && first & 0x10 == 0)?;
    next(payload, &mut at)?; // something must follow
    let starts = first & 0x08 > 0 && layer & 0x0E == 0;
    Some(Descriptor {
        codec: Codec::Vp9,
        starts,
        key: starts && first & 0x40 == 0,
        picture,
        base,
        temporal: layer >> 5,
        rises: layer & 0x10 > 0,
        frame: None,
    })
}

fn picture_id(payload: &[u8], at: &mut usize, is_sent: bool) -> Option<Option<PictureId>> {
    if !is_sent {
        return Some(None);
    }
    let place = *at;
    let first = next(payload, at)?;
    let wide = first & 0x80 > 0;
    let value = match wide {
        true => u16::from_be_bytes([first & 0x7F, next(payload, at)?]),
        false => first.into(),
    };
    Some(Some(PictureId { value, at: place, wide }))
}

fn base(payload: &[u8], at: &mut usize, is_sent: bool) -> Option<Option<Base>> {
    if !is_sent {
        return Some(None);
    }
    let place = *at;
    let value = next(payload, at)?;
    Some(Some(Base { value, at: place }))
}

fn next(payload: &[u8], at: &mut usize) -> Option<u8> {
    let byte = payload.get(*at).copied();
    *at += 1;
    byte
}
