//! SRTP of one peer, a context for each direction (RFC 3711 §3.2): rollover counters and replay windows by SSRC.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use crate::bytes::{u16_at, u32_at};
use crate::cipher::Cipher;
use crate::replay::{Window, guess};
use crate::rtp::header_size;
use crate::types::Profile;

/// SSRCs of each kind that are kept in mind.
const MAX_SOURCES: usize = 512;
/// SRTCP packets under one key (RFC 3711 §9.2).
const MAX_RTCP: u32 = (1 << 31) - 1;

/// Opens what the other side seals.
pub struct Opening {
    cipher: Cipher,
    rtp: HashMap<u32, Window>,
    rtcp: HashMap<u32, Window>,
}

impl Opening {
    /// None for a key of the wrong length.
    pub fn new(profile: Profile, key: &[u8]) -> Option<Self> {
        Some(Self {
            cipher: Cipher::new(profile, key)?,
            rtp: HashMap::new(),
            rtcp: HashMap::new(),
        })
    }

    /// Open a packet in place; its size in the clear. None for one that is forged, broken, late or there again.
    pub fn open_rtp(&mut self, data: &mut [u8]) -> Option<usize> {
        let (sequence, ssrc) = (u16_at(data, 2)?, u32_at(data, 8)?);
        let index = guess(self.rtp.get(&ssrc).map(Window::newest), sequence)?;
        if !may_come(&self.rtp, ssrc, index) {
            return None;
        }
        let size = self.cipher.open_rtp(data, header_size(data)?, index)?;
        self.rtp.entry(ssrc).or_insert_with(|| Window::new(index)).came(index);
        Some(size)
    }

    /// Open a compound packet in place, as `open_rtp`.
    pub fn open_rtcp(&mut self, data: &mut [u8]) -> Option<usize> {
        let (ssrc, index) = (u32_at(data, 4)?, self.cipher.rtcp_index(data)?);
        if !may_come(&self.rtcp, ssrc, index.into()) {
            return None;
        }
        let size = self.cipher.open_rtcp(data, index)?;
        self.rtcp
            .entry(ssrc)
            .or_insert_with(|| Window::new(index.into()))
            .came(index.into());
        Some(size)
    }
}

fn may_come(windows: &HashMap<u32, Window>, ssrc: u32, index: u64) -> bool {
    windows
        .get(&ssrc)
        .map_or(windows.len() < MAX_SOURCES, |window| window.may_come(index))
}

/// Seals what the other side opens.
pub struct Sealing {
    cipher: Cipher,
    reports: u32,
}

impl Sealing {
    /// None for a key of the wrong length.
    pub fn new(profile: Profile, key: &[u8]) -> Option<Self> {
        Some(Self {
            cipher: Cipher::new(profile, key)?,
            reports: 0,
        })
    }

    /// Seal the packet in the first `size` bytes; the sealed size. `header` is where its payload begins, and
    /// `rollovers` how often its sequence number has wrapped under these keys.
    ///
    /// The caller never seals two different packets of one SSRC under the same number.
    pub fn seal_rtp(&self, data: &mut [u8], header: usize, size: usize, rollovers: u32) -> Option<usize> {
        let index = u64::from(rollovers) << 16 | u64::from(u16_at(data, 2)?);
        self.cipher.seal_rtp(data, header, size, index)
    }

    /// Seal the compound packet in the first `size` bytes; the sealed size.
    pub fn seal_rtcp(&mut self, data: &mut [u8], size: usize) -> Option<usize> {
        if self.reports >= MAX_RTCP {
            return None;
        }
        self.reports += 1;
        self.cipher.seal_rtcp(data, size, self.reports)
    }
}

/// How often the numbers of an outgoing SSRC have wrapped under the present keys: not at all for the first packet.
#[derive(Clone, Copy, Default)]
pub struct Rollovers(Option<i64>);

impl Rollovers {
    /// The counter for a packet's extended number; None for one from before the first.
    pub fn of(&mut self, number: i64) -> Option<u32> {
        let first = *self.0.get_or_insert(number >> 16);
        u32::try_from((number >> 16) - first).ok()
    }
}

#[cfg(test)]
#[path = "srtp_tests.rs"]
mod tests;
