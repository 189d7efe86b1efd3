//! RTCP as bytes (RFC 3550 §6, RFC 4585 §6): nothing kept.
#![forbid(unsafe_code)]

use crate::bytes::{u16_at, u32_at, u64_at};

pub const SENDER_REPORT: u8 = 200;
pub const RECEIVER_REPORT: u8 = 201;
pub const SOURCE: u8 = 202;
pub const TRANSPORT_FEEDBACK: u8 = 205;
pub const PAYLOAD_FEEDBACK: u8 = 206;
pub const NACK: u8 = 1;
const PLI: u8 = 1;

/// Not RTCP.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// One packet of a compound: type, count (or feedback format), what follows its 4-byte header, and all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    pub kind: u8,
    pub count: u8,
    pub body: &'a [u8],
    pub raw: &'a [u8],
}

/// NTP time (64 bits) and RTP time of the same moment at the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    pub ssrc: u32,
    pub ntp: u64,
    pub rtp: u32,
}

/// The packets of a compound (RFC 3550 appendix A.2), the same for as long as they are whole.
pub fn split(data: &[u8]) -> impl Iterator<Item = Result<Part<'_>, Malformed>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = first_part(rest).ok_or(Malformed);
        rest = found
            .as_ref()
            .ok()
            .and_then(|part| rest.get(part.raw.len()..))
            .unwrap_or_default();
        Some(found)
    })
}

fn first_part(data: &[u8]) -> Option<Part<'_>> {
    let [first, kind] = *data.first_chunk()?;
    let raw = data.get(..4 + 4 * usize::from(u16_at(data, 2)?))?;
    if first >> 6 != 2 || !(192..=223).contains(&kind) {
        return None;
    }
    let mut body = raw.get(4..)?;
    if first & 0x20 != 0 {
        let padding = usize::from(*raw.last()?);
        body = body.get(..body.len().checked_sub(padding)?).filter(|_| padding > 0)?;
    }
    Some(Part {
        kind,
        count: first & 0x1F,
        body,
        raw,
    })
}

/// What a sender report says of time; None when too short.
pub fn sender_info(part: &Part) -> Option<SenderInfo> {
    part.body.get(..24)?;
    Some(SenderInfo {
        ssrc: u32_at(part.body, 0)?,
        ntp: u64_at(part.body, 4)?,
        rtp: u32_at(part.body, 12)?,
    })
}

/// How one stream is received; `fraction` of 256, `highest` the extended sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: u32,
    pub fraction: u8,
    pub highest: u32,
}

/// The reception reports inside a sender or receiver report; as many as are whole.
pub fn report_blocks<'a>(part: &Part<'a>) -> impl Iterator<Item = ReportBlock> + use<'a> {
    let first = if part.kind == SENDER_REPORT { 24 } else { 4 };
    let blocks = part.body.get(first..).unwrap_or_default().chunks_exact(24);
    blocks.take(part.count.into()).filter_map(|block| {
        Some(ReportBlock {
            ssrc: u32_at(block, 0)?,
            fraction: *block.get(4)?,
            highest: u32_at(block, 8)?,
        })
    })
}

/// Media SSRC and the sequence numbers a generic NACK asks for (RFC 4585 §6.2.1); None when too short.
pub fn nacked<'a>(part: &Part<'a>) -> Option<(u32, impl Iterator<Item = u16> + use<'a>)> {
    let numbers = part.body.get(8..)?.chunks_exact(4).flat_map(|entry| {
        let (first, mask) = (u16_at(entry, 0).unwrap_or(0), u16_at(entry, 2).unwrap_or(0));
        let followers = (0..16u16).filter(move |bit| mask >> bit & 1 != 0);
        std::iter::once(first).chain(followers.map(move |bit| first.wrapping_add(bit + 1)))
    });
    Some((u32_at(part.body, 4)?, numbers))
}

/// One generic NACK for 16-bit sequence numbers given in rising order (wrapping allowed).
pub fn write_nack(to: &mut Vec<u8>, sender: u32, media: u32, numbers: impl Iterator<Item = u16>) {
    let mut entries: Vec<(u16, u16)> = Vec::new();
    for number in numbers {
        match entries.last_mut() {
            Some((first, mask)) if (1..=16).contains(&number.wrapping_sub(*first)) => {
                *mask |= 1 << (number.wrapping_sub(*first) - 1);
            }
            _ => entries.push((number, 0)),
        }
    }
    head(to, NACK, TRANSPORT_FEEDBACK, 2 + entries.len());
    to.extend(sender.to_be_bytes());
    to.extend(media.to_be_bytes());
    for (first, mask) in entries {
        to.extend(first.to_be_bytes());
        to.extend(mask.to_be_bytes());
    }
}

/// A wish for a keyframe (RFC 4585 §6.3.1).
pub fn write_pli(to: &mut Vec<u8>, sender: u32, media: u32) {
    head(to, PLI, PAYLOAD_FEEDBACK, 2);
    to.extend(sender.to_be_bytes());
    to.extend(media.to_be_bytes());
}

/// A sender report without reception reports; counts are cut to 32 bits.
pub fn write_sender_report(to: &mut Vec<u8>, said: &SenderInfo, packets: u64, octets: u64) {
    head(to, 0, SENDER_REPORT, 6);
    to.extend(said.ssrc.to_be_bytes());
    to.extend(said.ntp.to_be_bytes());
    to.extend(said.rtp.to_be_bytes());
    to.extend((packets as u32).to_be_bytes());
    to.extend((octets as u32).to_be_bytes());
}

/// A receiver report that reports on nobody; feedback travels behind one (RFC 4585 §3.1).
pub fn write_empty_report(to: &mut Vec<u8>, sender: u32) {
    head(to, 0, RECEIVER_REPORT, 1);
    to.extend(sender.to_be_bytes());
}

/// SDES with a CNAME (RFC 3550 §6.5.1), cut to 255 bytes.
pub fn write_source(to: &mut Vec<u8>, ssrc: u32, cname: &[u8]) {
    let size = cname.len().min(255);
    let words = (4 + 2 + size + 1).div_ceil(4);
    head(to, 1, SOURCE, words);
    let end = to.len() + 4 * words;
    to.extend(ssrc.to_be_bytes());
    to.extend([1, size as u8]);
    to.extend(cname.iter().take(size));
    to.resize(end, 0);
}

fn head(to: &mut Vec<u8>, count: u8, kind: u8, words: usize) {
    to.extend([0x80 | count, kind]);
    to.extend((words as u16).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut to = Vec::new();
        write(&mut to);
        to
    }

    fn only(data: &[u8]) -> Part<'_> {
        let mut parts = split(data);
        let part = parts.next().unwrap().unwrap();
        assert!(parts.next().is_none());
        part
    }

    #[test]
    fn a_compound_is_cut_into_its_parts() {
        let compound = written(|to| {
            write_empty_report(to, 1);
            write_source(to, 1, b"cname");
            write_pli(to, 1, 2);
        });
        let parts: Vec<Part> = split(&compound).map(Result::unwrap).collect();
        assert_eq!(
            parts.iter().map(|part| (part.kind, part.count)).collect::<Vec<_>>(),
            [(201, 0), (202, 1), (206, 1)]
        );
        assert_eq!(parts.iter().map(|part| part.raw).collect::<Vec<_>>().concat(), compound);
    }

    #[test]
    fn padding_is_not_body() {
        let padded = [0xA1, 0xCE, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4];
        assert_eq!(only(&padded).body, [0, 0, 0, 1, 0, 0, 0, 2]);
    }

    #[test]
    fn what_is_no_rtcp_is_malformed() {
        let cases: [&[u8]; 7] = [
            &[0x80, 0xC9],
            &[0x80, 0xC9, 0, 2, 0, 0, 0, 1],
            &[0x40, 0xC9, 0, 1, 0, 0, 0, 1],
            &[0x80, 0x60, 0, 1, 0, 0, 0, 1],
            &[0xA0, 0xC9, 0, 1, 0, 0, 0, 0],
            &[0xA0, 0xC9, 0, 1, 0, 0, 0, 9],
            &[0x80, 0xC9, 0, 1, 0, 0, 0, 1, 0xFF],
        ];
        for data in cases {
            assert!(split(data).any(|part| part.is_err()), "{data:?}");
        }
    }

    #[test]
    fn a_nack_packs_sixteen_followers_into_a_mask_and_is_read_again() {
        let data = written(|to| write_nack(to, 1, 2, [10, 11, 26, 27].into_iter()));
        assert_eq!(
            data,
            [0x81, 0xCD, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 10, 0x80, 1, 0, 27, 0, 0]
        );
        let wanted = [65530, 65535, 0, 9, 10, 40];
        let data = written(|to| write_nack(to, 1, 0xA0, wanted.into_iter()));
        let (media, numbers) = nacked(&only(&data)).unwrap();
        assert_eq!((media, numbers.collect::<Vec<_>>()), (0xA0, wanted.to_vec()));
    }

    #[test]
    fn reports_say_what_was_given() {
        let said = SenderInfo {
            ssrc: 7,
            ntp: 1 << 40,
            rtp: 90_000,
        };
        let data = written(|to| write_sender_report(to, &said, 1 << 33, 5));
        let part = only(&data);
        assert_eq!(sender_info(&part), Some(said));
        assert_eq!(part.body[16..], [0, 0, 0, 0, 0, 0, 0, 5]);
        let data = written(|to| write_source(to, 7, &[b'n'; 300]));
        assert_eq!(only(&data).body[4..6], [1, 255]);
        let data = written(|to| write_source(to, 7, b"a"));
        assert_eq!(only(&data).body, [0, 0, 0, 7, 1, 1, b'a', 0]);
    }

    #[test]
    fn what_is_cut_short_says_less() {
        let short = Part {
            kind: 200,
            count: 0,
            body: &[0; 4],
            raw: &[],
        };
        assert!(sender_info(&short).is_none() && nacked(&short).is_none());
    }
}
