//! Contexts: rollovers, replays, and what does not open.

use super::*;

const PROFILES: [(Profile, usize); 3] = [(Profile::Gcm128, 28), (Profile::Gcm256, 44), (Profile::Cm128Sha1, 30)];

fn both(profile: Profile, size: usize) -> (Opening, Sealing) {
    let key = vec![7; size];
    (
        Opening::new(profile, &key).unwrap(),
        Sealing::new(profile, &key).unwrap(),
    )
}

fn packet(sequence: u16) -> Vec<u8> {
    [
        &[0x80, 96],
        &sequence.to_be_bytes()[..],
        &[0; 7],
        &[9],
        b"payload",
        &[0; 40],
    ]
    .concat()
}

fn sealed(sealing: &Sealing, number: i64, rollovers: &mut Rollovers) -> Vec<u8> {
    let mut data = packet(number as u16);
    let size = sealing
        .seal_rtp(&mut data, 12, 19, rollovers.of(number).unwrap())
        .unwrap();
    data.truncate(size);
    data
}

fn sealed_report(sealing: &mut Sealing) -> Vec<u8> {
    let mut data = vec![0x80, 0xC9, 0, 1, 0, 0, 0, 1];
    data.resize(64, 0);
    let size = sealing.seal_rtcp(&mut data, 8).unwrap();
    data.truncate(size);
    data
}

#[test]
fn what_is_sealed_is_opened_through_wraps_and_back() {
    for (profile, size) in PROFILES {
        let (mut opening, sealing) = both(profile, size);
        let mut rollovers = Rollovers::default();
        for number in [
            65530, 65535, 65536, 65534, 65540, 90_000, 120_000, 131_070, 131_072, 131_071, 150_000,
        ] {
            let mut data = sealed(&sealing, number, &mut rollovers);
            assert_eq!(opening.open_rtp(&mut data), Some(19), "{profile:?} {number}");
            assert_eq!(data[..19], packet(number as u16)[..19]);
        }
    }
}

#[test]
fn a_replay_and_a_forgery_are_not_opened() {
    for (profile, size) in PROFILES {
        let (mut opening, mut sealing) = both(profile, size);
        let once = sealed(&sealing, 1, &mut Rollovers::default());
        assert!(opening.open_rtp(&mut once.clone()).is_some());
        assert!(opening.open_rtp(&mut once.clone()).is_none());
        let other = sealed(&sealing, 2, &mut Rollovers::default());
        for at in 0..other.len() {
            let mut forged = other.clone();
            forged[at] ^= 1;
            assert!(opening.open_rtp(&mut forged).is_none(), "{profile:?} {at}");
        }
        for end in 0..other.len() {
            assert!(opening.open_rtp(&mut other.clone()[..end]).is_none());
        }
        assert!(opening.open_rtp(&mut other.clone()).is_some());
        let report = sealed_report(&mut sealing);
        assert_eq!(opening.open_rtcp(&mut report.clone()), Some(8));
        assert_eq!(opening.open_rtcp(&mut report.clone()), None);
        let report = sealed_report(&mut sealing);
        for at in 0..report.len() {
            let mut forged = report.clone();
            forged[at] ^= 1;
            assert!(opening.open_rtcp(&mut forged).is_none(), "{profile:?} {at}");
            assert!(opening.open_rtcp(&mut report.clone()[..at]).is_none());
        }
        assert_eq!(opening.open_rtcp(&mut report.clone()), Some(8));
    }
}

#[test]
fn keys_have_one_length_each() {
    for (profile, size) in PROFILES {
        for wrong in [0, size - 1, size + 1] {
            assert!(
                Opening::new(profile, &vec![0; wrong]).is_none() && Sealing::new(profile, &vec![0; wrong]).is_none()
            );
        }
    }
}

#[test]
fn rollovers_are_counted_from_the_first_packet_under_these_keys() {
    let mut rollovers = Rollovers::default();
    assert_eq!(rollovers.of(0x1FFFF), Some(0));
    assert_eq!(rollovers.of(0x20000), Some(1));
    assert_eq!(rollovers.of(0x1FFFF), Some(0), "a packet sent again has its own");
    assert_eq!(rollovers.of(0x0FFFF), None);
}

#[test]
fn only_so_many_sources_are_kept_in_mind() {
    let (mut opening, sealing) = both(Profile::Gcm128, 28);
    for ssrc in 0..600u32 {
        let mut data = packet(1);
        data[8..12].copy_from_slice(&ssrc.to_be_bytes());
        let size = sealing.seal_rtp(&mut data, 12, 19, 0).unwrap();
        assert_eq!(opening.open_rtp(&mut data[..size]).is_some(), ssrc < 512);
    }
}
