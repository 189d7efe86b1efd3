//! What SRTP does to one packet: keys from a master key, and three ways to seal with them (RFC 3711, RFC 7714).
#![forbid(unsafe_code)]

use aes::cipher::{BlockCipher, BlockEncryptMut, InnerIvInit, KeyInit, KeyIvInit, StreamCipher, StreamCipherCore};
use aes::{Aes128, Aes256};
use ctr::{Ctr128BE, CtrCore};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;

use crate::bytes::{put, u32_at};
use crate::types::Profile;

/// Bytes of an SRTCP header that stay in the clear.
pub const RTCP_HEADER: usize = 8;
/// In an SRTCP index: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;
/// Bytes of a truncated HMAC-SHA1.
const MAC: usize = 10;

/// Session keys of one direction.
pub enum Cipher {
    Gcm(Box<Gcm>),
    Cm(Box<Cm>),
}

impl Cipher {
    /// None for a key of the wrong length: it is a master key, then a master salt.
    pub fn new(profile: Profile, key: &[u8]) -> Option<Self> {
        let (key_size, salt_size) = match profile {
            Profile::Gcm128 => (16, 12),
            Profile::Gcm256 => (32, 12),
            Profile::Cm128Sha1 => (16, 14),
        };
        let (key, salt) = key
            .split_at_checked(key_size)
            .filter(|(_, salt)| salt.len() == salt_size)?;
        Some(match profile {
            Profile::Cm128Sha1 => Self::Cm(Box::new(Cm {
                rtp: CmHalf::new(key, salt, 0)?,
                rtcp: CmHalf::new(key, salt, 3)?,
            })),
            _ => Self::Gcm(Box::new(Gcm {
                rtp: GcmHalf::new(key, salt, 0)?,
                rtcp: GcmHalf::new(key, salt, 3)?,
            })),
        })
    }

    /// Seal the packet in the first `size` bytes, whose payload begins at `header`; the sealed size, None when there
    /// is no room. `index` is rollover counter and sequence number.
    pub fn seal_rtp(&self, data: &mut [u8], header: usize, size: usize, index: u64) -> Option<usize> {
        let ssrc = u32_at(data, 8)?;
        match self {
            Self::Gcm(keys) => {
                let (packet, room) = data.split_at_mut_checked(size)?;
                let (header, payload) = packet.split_at_mut_checked(header)?;
                let nonce = keys.rtp.nonce(ssrc, index);
                let tag = keys
                    .rtp
                    .key
                    .seal_in_place_separate_tag(nonce, Aad::from(&*header), payload)
                    .ok()?;
                put(room, 0, tag.as_ref()).map(|end| size + end)
            }
            Self::Cm(keys) => {
                let packet = data.get_mut(..size)?;
                keys.rtp.crypt(ssrc, index, packet.get_mut(header..)?)?;
                let mac = keys.rtp.mac(packet, (index >> 16) as u32);
                put(data, size, &mac)
            }
        }
    }

    /// Open a whole sealed packet in place; its size in the clear, None when it is not whole and from the other side.
    pub fn open_rtp(&self, data: &mut [u8], header: usize, index: u64) -> Option<usize> {
        let ssrc = u32_at(data, 8)?;
        match self {
            Self::Gcm(keys) => {
                let (header, sealed) = data.split_at_mut_checked(header)?;
                let nonce = keys.rtp.nonce(ssrc, index);
                let clear = keys.rtp.key.open_in_place(nonce, Aad::from(&*header), sealed).ok()?;
                Some(header.len() + clear.len())
            }
            Self::Cm(keys) => {
                let size = data.len().checked_sub(MAC).filter(|size| *size >= header)?;
                let (packet, mac) = data.split_at_mut_checked(size)?;
                if !is_same(&keys.rtp.mac(packet, (index >> 16) as u32), mac) {
                    return None;
                }
                keys.rtp.crypt(ssrc, index, packet.get_mut(header..)?)?;
                Some(size)
            }
        }
    }

    /// Seal the compound packet in the first `size` bytes; `index` has 31 bits.
    pub fn seal_rtcp(&self, data: &mut [u8], size: usize, index: u32) -> Option<usize> {
        let (ssrc, said) = (u32_at(data, 4)?, (ENCRYPTED | index).to_be_bytes());
        match self {
            Self::Gcm(keys) => {
                let (packet, room) = data.split_at_mut_checked(size)?;
                let (header, body) = packet.split_at_mut_checked(RTCP_HEADER)?;
                let nonce = keys.rtcp.nonce(ssrc, u64::from(index));
                let beside = Aad::from(rtcp_beside(header, said)?);
                let tag = keys.rtcp.key.seal_in_place_separate_tag(nonce, beside, body).ok()?;
                let end = put(room, 0, tag.as_ref())?;
                put(room, end, &said).map(|end| size + end)
            }
            Self::Cm(keys) => {
                keys.rtcp
                    .crypt(ssrc, u64::from(index), data.get_mut(RTCP_HEADER..size)?)?;
                let end = put(data, size, &said)?;
                let mac = keys.rtcp.mac(data.get(..size)?, u32::from_be_bytes(said));
                put(data, end, &mac)
            }
        }
    }

    /// The index that a sealed compound packet says it has; None for one that is too short or not encrypted.
    pub fn rtcp_index(&self, data: &[u8]) -> Option<u32> {
        let behind = if matches!(self, Self::Gcm(_)) { 0 } else { MAC };
        let at = data.len().checked_sub(4 + behind).filter(|at| *at >= RTCP_HEADER)?;
        u32_at(data, at)
            .filter(|said| said & ENCRYPTED != 0)
            .map(|said| said & !ENCRYPTED)
    }

    /// Open a whole sealed compound packet in place, as `open_rtp`.
    pub fn open_rtcp(&self, data: &mut [u8], index: u32) -> Option<usize> {
        let (ssrc, said) = (u32_at(data, 4)?, (ENCRYPTED | index).to_be_bytes());
        match self {
            Self::Gcm(keys) => {
                let end = data.len().checked_sub(4)?;
                let (header, sealed) = data.get_mut(..end)?.split_at_mut_checked(RTCP_HEADER)?;
                let nonce = keys.rtcp.nonce(ssrc, u64::from(index));
                let beside = Aad::from(rtcp_beside(header, said)?);
                let clear = keys.rtcp.key.open_in_place(nonce, beside, sealed).ok()?;
                Some(RTCP_HEADER + clear.len())
            }
            Self::Cm(keys) => {
                let size = data.len().checked_sub(4 + MAC).filter(|size| *size >= RTCP_HEADER)?;
                let (packet, trailer) = data.split_at_mut_checked(size)?;
                if !is_same(&keys.rtcp.mac(packet, u32::from_be_bytes(said)), trailer.get(4..)?) {
                    return None;
                }
                keys.rtcp
                    .crypt(ssrc, u64::from(index), packet.get_mut(RTCP_HEADER..)?)?;
                Some(size)
            }
        }
    }
}

/// AES-GCM: one half for RTP, one for RTCP.
pub struct Gcm {
    rtp: GcmHalf,
    rtcp: GcmHalf,
}

struct GcmHalf {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl GcmHalf {
    /// `label` is the first of the three of RFC 3711 §4.3.2.
    fn new(master: &[u8], master_salt: &[u8], label: u8) -> Option<Self> {
        let (mut key, mut salt) = ([0; 32], [0; 12]);
        let key = key.get_mut(..master.len())?;
        derive(master, master_salt, label, key)?;
        derive(master, master_salt, label + 2, &mut salt)?;
        Self::of(key, salt)
    }

    fn of(key: &[u8], salt: [u8; 12]) -> Option<Self> {
        let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?),
            salt,
        })
    }

    /// RFC 7714 §8.1 and §9.1: SSRC and index (of 48 bits) behind two bytes of nothing, mixed with the salt.
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = [0; 12];
        let number = u128::from(ssrc) << 48 | u128::from(index);
        for ((to, from), salt) in nonce
            .iter_mut()
            .zip(number.to_be_bytes().into_iter().skip(4))
            .zip(self.salt)
        {
            *to = from ^ salt;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// RFC 7714 §9.2: the header and the index are authenticated beside the body.
fn rtcp_beside(header: &[u8], said: [u8; 4]) -> Option<[u8; RTCP_HEADER + 4]> {
    let mut beside = [0; RTCP_HEADER + 4];
    put(&mut beside, 0, header)?;
    put(&mut beside, RTCP_HEADER, &said)?;
    Some(beside)
}

/// AES in counter mode with HMAC-SHA1: one half for RTP, one for RTCP.
pub struct Cm {
    rtp: CmHalf,
    rtcp: CmHalf,
}

struct CmHalf {
    cipher: Aes128,
    salt: [u8; 14],
    mac: hmac::Key,
}

impl CmHalf {
    fn new(master: &[u8], master_salt: &[u8], label: u8) -> Option<Self> {
        let (mut key, mut mac, mut salt) = ([0; 16], [0; 20], [0; 14]);
        derive(master, master_salt, label, &mut key)?;
        derive(master, master_salt, label + 1, &mut mac)?;
        derive(master, master_salt, label + 2, &mut salt)?;
        let mac = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &mac);
        Some(Self {
            cipher: Aes128::new(&key.into()),
            salt,
            mac,
        })
    }

    /// RFC 3711 §4.1.1.
    fn crypt(&self, ssrc: u32, index: u64, data: &mut [u8]) -> Option<()> {
        let mut salt = [0; 16];
        put(&mut salt, 0, &self.salt)?;
        let start = u128::from_be_bytes(salt) ^ u128::from(ssrc) << 64 ^ u128::from(index) << 16;
        apply_keystream(self.cipher.clone(), start.to_be_bytes(), data)
    }

    /// RFC 3711 §4.2: over the packet and what is said behind it.
    fn mac(&self, packet: &[u8], behind: u32) -> [u8; MAC] {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(packet);
        context.update(&behind.to_be_bytes());
        context.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }
}

fn apply_keystream<C: BlockEncryptMut + BlockCipher<BlockSize = aes::cipher::consts::U16>>(
    cipher: C,
    start: [u8; 16],
    data: &mut [u8],
) -> Option<()> {
    let core = CtrCore::<C, ctr::flavors::Ctr128BE>::inner_iv_init(cipher, &start.into());
    core.try_apply_keystream_partial(data.into()).ok()
}

/// RFC 3711 §4.3.1 with a key derivation rate of 0; a shorter salt is filled up (RFC 7714 §11).
fn derive(master: &[u8], master_salt: &[u8], label: u8, key: &mut [u8]) -> Option<()> {
    let mut start = [0; 16];
    put(&mut start, 0, master_salt)?;
    start[7] ^= label;
    key.fill(0);
    match master.len() {
        16 => Ctr128BE::<Aes128>::new_from_slices(master, &start)
            .ok()?
            .apply_keystream(key),
        _ => Ctr128BE::<Aes256>::new_from_slices(master, &start)
            .ok()?
            .apply_keystream(key),
    }
    Some(())
}

/// Compared in a time that does not tell where they differ.
fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let differ = ours.iter().zip(theirs).fold(0, |all, (our, their)| all | (our ^ their));
    ours.len() == theirs.len() && std::hint::black_box(differ) == 0
}

#[cfg(test)]
#[path = "cipher_tests.rs"]
mod tests;
