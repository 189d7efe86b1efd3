//! RTP as bytes (RFC 3550 §5.1) and its header extensions (RFC 8285): nothing kept.
#![forbid(unsafe_code)]

use crate::bytes::{put, u16_at, u32_at};

/// Bytes of a header without CSRCs and extension.
pub const HEADER: usize = 12;

pub const ONE_BYTE: u16 = 0xBEDE;
const TWO_BYTE: u16 = 0x1000;

/// Not RTP.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// A packet in the clear. `first` and `kind` are its first two bytes; `payload` has the padding still on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    pub first: u8,
    pub kind: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub profile: u16,
    pub block: &'a [u8],
    pub payload: &'a [u8],
}

impl<'a> Parsed<'a> {
    /// The header extensions.
    pub fn elements(&self) -> Elements<'a> {
        read_elements(self.block, self.profile)
    }

    /// Bytes of padding at the payload's end.
    pub fn padding(&self) -> usize {
        if self.first & 0x20 == 0 {
            0
        } else {
            self.payload.last().copied().map_or(0, usize::from)
        }
    }
}

/// Take a packet apart, whose CSRCs, extension and padding must fit in.
pub fn parse(data: &[u8]) -> Result<Parsed<'_>, Malformed> {
    let parsed = take_apart(data).ok_or(Malformed)?;
    let padding = parsed.padding();
    if parsed.first & 0x20 != 0 && !(1..=parsed.payload.len()).contains(&padding) {
        return Err(Malformed);
    }
    Ok(parsed)
}

/// Where the payload begins; None when the header does not fit.
pub fn header_size(data: &[u8]) -> Option<usize> {
    take_apart(data).map(|parsed| data.len() - parsed.payload.len())
}

fn take_apart(data: &[u8]) -> Option<Parsed<'_>> {
    let [first, kind] = *data.first_chunk()?;
    let (sequence, timestamp) = (u16_at(data, 2)?, u32_at(data, 4)?);
    let rest = data.get(HEADER + 4 * usize::from(first & 0x0F)..)?;
    let (profile, block, payload) = if first & 0x10 == 0 {
        (0, &[] as &[u8], rest)
    } else {
        let (profile, words) = (u16_at(rest, 0)?, u16_at(rest, 2)?);
        let (block, payload) = rest.get(4..)?.split_at_checked(4 * usize::from(words))?;
        (profile, block, payload)
    };
    Some(Parsed {
        first,
        kind,
        sequence,
        timestamp,
        profile,
        block,
        payload,
    })
}

/// The (id, value) pairs of an extension block, one-byte or two-byte form; what is cut off is left out.
pub fn read_elements(block: &[u8], profile: u16) -> Elements<'_> {
    let known = profile == ONE_BYTE || profile & 0xFFF0 == TWO_BYTE;
    Elements {
        rest: if known { block } else { &[] },
        short: profile == ONE_BYTE,
    }
}

/// See `read_elements`.
#[derive(Clone)]
pub struct Elements<'a> {
    rest: &'a [u8],
    short: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&head, rest) = self.rest.split_first()?;
            if head == 0 {
                self.rest = rest;
                continue;
            }
            let (key, size, rest) = if self.short {
                (head >> 4, usize::from(head & 0x0F) + 1, rest)
            } else {
                let (&size, rest) = rest.split_first()?;
                (head, usize::from(size), rest)
            };
            if self.short && key == 15 {
                return None; // it ends the list (RFC 8285 §4.2)
            }
            let (value, rest) = rest.split_at_checked(size)?;
            self.rest = rest;
            if key != 0 {
                return Some((key, value));
            }
        }
    }
}

/// Write a whole extension, profile and length included; its size, 0 when there is nothing to say, None when there
/// is no room. One-byte form where ids and values allow it (ids 1–14, values of 1–16 bytes), else two-byte.
pub fn write_elements<'a>(to: &mut [u8], elements: impl Iterator<Item = (u8, &'a [u8])> + Clone) -> Option<usize> {
    let listed = elements.filter(|(key, value)| *key > 0 && value.len() < 256);
    if listed.clone().next().is_none() {
        return Some(0);
    }
    let short = listed
        .clone()
        .all(|(key, value)| key < 15 && (1..=16).contains(&value.len()));
    let mut end = 4;
    for (key, value) in listed {
        let size = u8::try_from(value.len()).ok()?;
        end = if short {
            put(to, end, &[key << 4 | (size - 1)])?
        } else {
            put(to, end, &[key, size])?
        };
        end = put(to, end, value)?;
    }
    end = put(to, end, &[0; 3][..end.wrapping_neg() % 4])?;
    put(to, 0, &(if short { ONE_BYTE } else { TWO_BYTE }).to_be_bytes())?;
    put(to, 2, &u16::try_from(end / 4 - 1).ok()?.to_be_bytes())?;
    Some(end)
}

/// Write a header without CSRCs.
pub fn write_header(to: &mut [u8], first: u8, kind: u8, sequence: u16, timestamp: u32, ssrc: u32) -> Option<()> {
    let to: &mut [u8; HEADER] = to.first_chunk_mut()?;
    let number = u64::from(first) << 56 | u64::from(kind) << 48 | u64::from(sequence) << 32 | u64::from(timestamp);
    to[..8].copy_from_slice(&number.to_be_bytes());
    to[8..].copy_from_slice(&ssrc.to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: [u8; 12] = [0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];

    fn with(first: u8, rest: &[u8]) -> Vec<u8> {
        [&[first], &BARE[1..], rest].concat()
    }

    fn read(block: &[u8], profile: u16) -> Vec<(u8, Vec<u8>)> {
        read_elements(block, profile)
            .map(|(key, value)| (key, value.to_vec()))
            .collect()
    }

    fn written(elements: &[(u8, &[u8])]) -> Vec<u8> {
        let mut to = [0xFF; 1024];
        let size = write_elements(&mut to, elements.iter().copied()).unwrap();
        to[..size].to_vec()
    }

    #[test]
    fn csrcs_and_extension_are_passed_over() {
        let data = with(
            0x92,
            &[&[0; 8][..], &[0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0], b"payload"].concat(),
        );
        let parsed = parse(&data).unwrap();
        assert_eq!((parsed.payload, parsed.profile), (&b"payload"[..], 0xBEDE));
        assert_eq!(header_size(&data), Some(28));
        assert_eq!(parsed.elements().collect::<Vec<_>>(), [(1, &[0xFF][..])]);
    }

    #[test]
    fn what_does_not_fit_is_malformed() {
        for data in [
            with(0x8F, &[0; 20]),
            with(0x90, &[0xBE, 0xDE]),
            with(0x90, &[0xBE, 0xDE, 0, 4, 0x10, 0xFF, 0, 0]),
            with(0xA0, &[]),
            with(0xA0, &[0]),
            with(0xA0, &[1, 3]),
            BARE[..11].to_vec(),
            vec![],
        ] {
            assert_eq!(parse(&data), Err(Malformed), "{data:?}");
        }
    }

    #[test]
    fn elements_are_read_as_in_the_rfc() {
        let block = [0x10, 0xAA, 0, 0x22, 1, 2, 3, 0, 0, 0];
        assert_eq!(read(&block, 0xBEDE), [(1, vec![0xAA]), (2, vec![1, 2, 3])]);
        assert_eq!(read(&[0x10, 0xAA, 0xF0, 0xBB, 0x20, 0xCC], 0xBEDE), [(1, vec![0xAA])]);
        let block = [0x10, 0, 0, 0xFF, 2, 0xAA, 0xBB, 0, 0, 0];
        assert_eq!(read(&block, 0x100F), [(16, vec![]), (255, vec![0xAA, 0xBB])]);
        assert_eq!(read(&[0x10, 0xAA], 0x2000), []);
        assert_eq!(read(&[0x13, 0xAA], 0xBEDE), []);
    }

    #[test]
    fn elements_are_written_in_one_byte_form_where_they_fit() {
        assert_eq!(
            written(&[(1, b"\x8c"), (3, b"ab")]),
            [0xBE, 0xDE, 0, 2, 0x10, 0x8C, 0x31, b'a', b'b', 0, 0, 0]
        );
        for elements in [[(15, &b"x"[..])], [(1, b"")], [(1, &[7; 17])]] {
            let block = written(&elements);
            assert_eq!(block[..2], [0x10, 0]);
            assert_eq!(read_elements(&block[4..], 0x1000).collect::<Vec<_>>(), elements);
        }
        assert!(written(&[(0, b"x"), (1, &[0; 256])]).is_empty());
    }
}
