//! A publication's own timeline, made of what its sender numbers as it likes.

use super::*;
use crate::given::{packet, rtp};

fn command() -> AddPublication {
    AddPublication {
        publication: "up:1".into(),
        peer: "up".into(),
        kind: Kind::Video,
        payloads: vec![Payload {
            number: 96,
            clock: 90_000,
            retransmission: Some(97),
            wraps: None,
        }],
        ssrc: Some(0xA0),
        retransmission_ssrc: Some(0xA1),
        mid: b"1".to_vec(),
        mid_extension: 3,
        level_extension: 1,
        nack: true,
        transport_extension: 0,
        codec: None,
        rids: vec![],
        rid_extension: 0,
        repaired_rid_extension: 0,
        group: String::new(),
        dependency_extension: 0,
        layer_ssrcs: vec![],
    }
}

fn publication() -> Publication {
    Publication::new(command())
}

fn take(made: &mut Publication, sequence: u16, timestamp: u32, now: f64) {
    made.take(&rtp(96, sequence, timestamp, 0xA0, &[], b"payload"), now)
        .unwrap();
}

fn repair(made: &mut Publication, sequence: u16, kind: u8) {
    let payload = [&sequence.to_be_bytes()[..], b"again"].concat();
    made.take_repaired(&rtp(kind, 1, 0, 0xA1, &[], &payload), 0.0).unwrap();
}

fn indices(made: &Publication) -> Vec<i64> {
    made.pending.iter().map(|packet| packet.index).collect()
}

#[test]
fn indices_go_on_through_the_wrap() {
    let mut made = publication();
    [65534, 65535, 0, 1]
        .iter()
        .for_each(|sequence| take(&mut made, *sequence, 0, 0.0));
    assert_eq!(indices(&made), [131_070, 131_071, 131_072, 131_073]);
    let told = made.reception(0.0).unwrap();
    assert_eq!((told.highest, told.expected, told.received), (65_537, 4, 4));
}

#[test]
fn a_packet_is_kept_as_it_will_be_needed() {
    let mut made = publication();
    made.kept = vec![5];
    made.take(&rtp(0x80 | 96, 7, 3000, 0xA0, &[(3, b"1"), (5, b"x")], b"abc"), 1.5)
        .unwrap();
    let mut expected = packet(0x10007, 0x80 | 96, b"abc", &[(5, b"x")]);
    (expected.timestamp, expected.at) = (3000, 1.5);
    assert_eq!(*made.pending[0], expected);
    assert_eq!(**made.history.get(0x10007).unwrap(), expected);
}

#[test]
fn late_packets_are_taken_once_and_only_if_missing() {
    let mut made = publication();
    [10, 13, 11, 11, 13, 9]
        .iter()
        .for_each(|sequence| take(&mut made, *sequence, 0, 0.0));
    assert_eq!(indices(&made), [0x1000A, 0x1000D, 0x1000B]);
    assert_eq!(made.duplicates, 3);
}

#[test]
fn what_is_missing_is_asked_for_in_the_senders_numbers_and_repaired() {
    let mut made = publication();
    [65535, 2]
        .iter()
        .for_each(|sequence| take(&mut made, *sequence, 0, 0.0));
    assert_eq!(made.asked_again(0.01), (vec![0, 1], 0));
    repair(&mut made, 1, 97);
    assert_eq!(
        (
            made.pending[2].kind,
            made.pending[2].index,
            &made.pending[2].payload[..]
        ),
        (96, 0x20001, &b"again"[..])
    );
    assert_eq!(made.received, 2, "repairs do not count");
    assert_eq!(made.asked_again(0.5), (vec![0], 0));
    assert_eq!(made.asked_again(5.0), (vec![], 1));
}

#[test]
fn what_may_not_be_asked_for_is_not() {
    let mut made = Publication::new(AddPublication {
        nack: false,
        ..command()
    });
    [1, 3].iter().for_each(|sequence| take(&mut made, *sequence, 0, 0.0));
    assert_eq!(made.asked_again(0.5), (vec![], 0));
    take(&mut made, 2, 0, 0.6);
    assert_eq!(
        indices(&made),
        [0x10001, 0x10003, 0x10002],
        "but it may come late by itself"
    );
}

#[test]
fn a_repair_of_nothing_of_an_unknown_type_or_of_padding_is_nothing() {
    let mut made = publication();
    repair(&mut made, 5, 97);
    [1, 3].iter().for_each(|sequence| take(&mut made, *sequence, 0, 0.0));
    repair(&mut made, 2, 99);
    repair(&mut made, 40_000, 97);
    let mut probe = rtp(97, 1, 0, 0xA1, &[], b"\x01\x00\x00\x00\x04");
    probe[0] |= 0x20;
    made.take_repaired(&probe, 0.0).unwrap();
    assert_eq!(indices(&made), [0x10001, 0x10003]);
}

#[test]
fn another_ssrc_goes_on_after_the_last_packet() {
    let mut made = publication();
    take(&mut made, 100, 900_000, 1.0);
    made.begin(Some(0xB0));
    take(&mut made, 60_000, 5, 1.5);
    take(&mut made, 60_001, 3005, 1.6);
    assert_eq!(indices(&made), [0x10064, 0x10065, 0x10066]);
    assert_eq!(
        made.pending.iter().map(|each| each.timestamp).collect::<Vec<_>>(),
        [900_000, 945_000, 948_000]
    );
    let told = made.reception(2.0).unwrap();
    assert_eq!(
        (told.ssrc, told.highest, told.expected, told.received),
        (0xB0, 60_001, 2, 2)
    );
    take(&mut made, 60_004, 3005, 1.7);
    assert_eq!(made.asked_again(1.8).0, [60_002, 60_003]);
}

#[test]
fn jitter_is_that_of_rfc_3550_and_not_of_leaps() {
    let mut made = publication();
    for (number, late) in [0.0, 0.010, 0.0, 0.010].into_iter().enumerate() {
        take(
            &mut made,
            number as u16,
            number as u32 * 3000,
            10.0 + number as f64 / 30.0 + late,
        );
    }
    let expected = (0..3).fold(0.0, |jitter, _| jitter + (900.0 - jitter) / 16.0);
    assert!((made.jitter - expected).abs() < 0.5, "{} {expected}", made.jitter);
    let mut made = publication();
    [(1, 0, 1.0), (2, 0, 1.4), (3, 1 << 31, 1.5)]
        .iter()
        .for_each(|(sequence, timestamp, now)| {
            take(&mut made, *sequence, *timestamp, *now);
        });
    assert_eq!(made.jitter, 0.0);
}

#[test]
fn loudness_is_the_mean_since_the_last_question() {
    let mut made = publication();
    for (sequence, level) in [27, 0x80 | 47, 67].into_iter().enumerate() {
        made.take(&rtp(96, sequence as u16, 0, 0xA0, &[(1, &[level])], b"x"), 0.0)
            .unwrap();
    }
    assert_eq!((made.loudness(), made.loudness()), (80, 0));
}

/// Two packets under one number would be two packets under one SRTP nonce.
#[test]
fn no_index_is_ever_given_twice() {
    let mut seed = 1u64;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..200 {
        let (mut made, mut sequence, mut now) = (publication(), random(1 << 16) as u16, 0.0);
        for _ in 0..80 {
            now += random(500) as f64 / 1000.0;
            let step = if random(2) == 0 {
                random(600) as u16
            } else {
                random(1 << 16) as u16
            };
            sequence = sequence.wrapping_add(step).wrapping_sub(300);
            match random(5) {
                0 => repair(&mut made, sequence, 97),
                1 => made.begin(Some(random(1 << 32) as u32)),
                _ => take(&mut made, sequence, 0, now),
            }
            made.asked_again(now);
        }
        let (mut all, count) = (indices(&made), made.pending.len());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
