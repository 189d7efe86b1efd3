//! A packet as one viewer gets it, byte for byte.

use std::sync::Arc;

use super::*;
use crate::given::packet;

fn command() -> AddSubscription {
    AddSubscription {
        peer: "down".into(),
        publication: "up:1".into(),
        ssrc: 0x0B0B_0B0B,
        sequence: 0xFFFE,
        cname: "up".into(),
        payloads: vec![PayloadMap {
            source: 96,
            target: 120,
            retransmission: Some(121),
            unwrap: false,
        }],
        retransmission_ssrc: Some(0x0C0C_0C0C),
        extensions: vec![],
        mid: vec![],
        mid_extension: 0,
        nack: true,
        transport_extension: 0,
    }
}

fn stream(command: AddSubscription, first: i64) -> Stream {
    let mut made = Stream::new(command, 0, 0, 0.0);
    made.begin(first);
    made
}

fn hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn placed(made: &mut Stream, packet: &Packet) -> String {
    let mut to = [0; 4096];
    made.place(&mut to, packet, None)
        .map(|written| hex(&to[..written.size]))
        .unwrap_or_default()
}

fn history_of(packets: Vec<Packet>) -> History {
    let mut history = History::default();
    packets.into_iter().for_each(|each| history.add(Arc::new(each)));
    history
}

fn repaired(made: &mut Stream, sequence: u16, history: &History, newest: i64, now: f64) -> String {
    let mut to = [0; 4096];
    let written = made.place_repair(&mut to, sequence, history, newest, &[], now);
    written.map(|written| hex(&to[..written.size])).unwrap_or_default()
}

#[test]
fn number_type_and_source_are_ours_across_the_wrap() {
    let mut made = stream(command(), 70_000);
    for (index, kind, expected) in [
        (70_000, 96, "8078fffe010203040b0b0b0b616263"),
        (70_001, 0x80 | 96, "80f8ffff010203040b0b0b0b616263"),
        (70_002, 96, "80780000010203040b0b0b0b616263"),
    ] {
        assert_eq!(placed(&mut made, &packet(index, kind, b"abc", &[])), expected);
    }
    let mut to = [0; 64];
    let rollovers =
        |made: &mut Stream, index, to: &mut [u8]| made.place(to, &packet(index, 96, b"", &[]), None).unwrap().rollovers;
    assert_eq!(
        [70_001, 70_002, 70_001].map(|index| rollovers(&mut made, index, &mut to)),
        [0, 1, 0]
    );
    made.rekey();
    assert_eq!(rollovers(&mut made, 70_003, &mut to), 0);
}

#[test]
fn padding_stays_padding() {
    let mut made = stream(command(), 1);
    let padded = Packet {
        flags: 0xA0,
        ..packet(1, 96, b"\x00\x02", &[])
    };
    assert_eq!(placed(&mut made, &padded), "a078fffe010203040b0b0b0b0002");
}

#[test]
fn extensions_come_under_the_viewers_ids_behind_its_mid() {
    let mut made = stream(
        AddSubscription {
            extensions: vec![(1, 9)],
            mid: b"v7".to_vec(),
            mid_extension: 4,
            ..command()
        },
        1,
    );
    let with_level = packet(1, 96, b"abc", &[(1, b"\x8c"), (2, b"?")]);
    assert_eq!(
        placed(&mut made, &with_level),
        "9078fffe010203040b0b0b0bbede0002908c417637000000616263"
    );
    assert_eq!(
        placed(&mut made, &packet(2, 96, b"abc", &[])),
        "9078ffff010203040b0b0b0bbede000141763700616263"
    );
}

#[test]
fn what_is_not_for_this_viewer_is_not_written() {
    assert_eq!(
        placed(&mut Stream::new(command(), 0, 0, 0.0), &packet(5, 96, b"", &[])),
        "",
        "nothing has begun"
    );
    let mut made = stream(command(), 5);
    for (index, kind) in [(4, 96), (5, 97), (6, 50)] {
        assert_eq!(placed(&mut made, &packet(index, kind, b"", &[])), "");
    }
}

#[test]
fn numbers_go_on_where_they_were_left() {
    let mut made = stream(
        AddSubscription {
            sequence: 10,
            ..command()
        },
        100,
    );
    made.leave_off(104);
    made.leave_off(200);
    made.begin(300);
    assert_eq!(placed(&mut made, &packet(300, 96, b"", &[]))[4..8], *"000f");
    assert_eq!(placed(&mut made, &packet(104, 96, b"", &[])), "");
}

#[test]
fn a_repair_is_rtx_with_the_original_number_in_front() {
    let mut made = stream(
        AddSubscription {
            sequence: 0xFFFF,
            ..command()
        },
        500,
    );
    let all = [(500, 96, &b"abc"[..]), (501, 0x80 | 96, b"xyz"), (502, 96, b"abc")];
    let history = history_of(
        all.iter()
            .map(|(index, kind, payload)| packet(*index, *kind, payload, &[]))
            .collect(),
    );
    assert_eq!(
        repaired(&mut made, 0, &history, 502, 0.0),
        "80f9ffff010203040c0c0c0c000078797a"
    );
    assert_eq!(
        repaired(&mut made, 1, &history, 502, 0.0),
        "80790000010203040c0c0c0c0001616263"
    );
    assert_eq!(
        repaired(&mut made, 0xFFFF, &history, 502, 0.0),
        "80790001010203040c0c0c0cffff616263"
    );
}

#[test]
fn without_rtx_a_repair_is_the_very_same_packet() {
    let no_type = vec![PayloadMap {
        source: 96,
        target: 120,
        retransmission: None,
        unwrap: false,
    }];
    for changed in [
        AddSubscription {
            retransmission_ssrc: None,
            ..command()
        },
        AddSubscription {
            payloads: no_type,
            ..command()
        },
    ] {
        let mut made = stream(changed, 500);
        let history = history_of(vec![packet(500, 96, b"abc", &[])]);
        let first = placed(&mut made, &packet(500, 96, b"abc", &[]));
        assert_eq!(repaired(&mut made, 0xFFFE, &history, 500, 0.0), first);
    }
}

#[test]
fn only_what_this_stream_has_sent_is_repaired() {
    let history = history_of((100..110).map(|index| packet(index, 96, b"abc", &[])).collect());
    let mut fresh = Stream::new(
        AddSubscription {
            sequence: 50,
            ..command()
        },
        0,
        0,
        0.0,
    );
    assert_eq!(repaired(&mut fresh, 50, &history, 109, 0.0), "", "nothing was sent");
    let mut made = stream(
        AddSubscription {
            sequence: 50,
            ..command()
        },
        105,
    );
    assert_eq!(
        repaired(&mut made, 49, &history, 109, 0.0),
        "",
        "104 was before this viewer's time"
    );
    assert_eq!(repaired(&mut made, 55, &history, 109, 0.0), "", "110 is yet to come");
    assert_ne!(repaired(&mut made, 54, &history, 109, 0.0), "");
}

#[test]
fn repairs_are_bounded_and_the_bound_recovers() {
    let mut made = stream(command(), 1);
    let history = history_of(vec![packet(1, 96, &[0; 1000], &[])]);
    let granted = (0..200)
        .filter(|_| !repaired(&mut made, 0xFFFE, &history, 1, 0.0).is_empty())
        .count();
    assert_eq!(granted, 128);
    assert_eq!(repaired(&mut made, 0xFFFE, &history, 1, 0.001), "");
    assert_ne!(repaired(&mut made, 0xFFFE, &history, 1, 0.005), "");
}

#[test]
fn a_report_says_the_same_moment_in_our_time() {
    let mut made = stream(command(), 1);
    (made.packets, made.octets) = (3, 33);
    let told = made.report(
        &SenderInfo {
            ssrc: 0xA0,
            ntp: 99,
            rtp: u32::MAX,
        },
        11,
    );
    let mut expected = Vec::new();
    write_sender_report(
        &mut expected,
        &SenderInfo {
            ssrc: 0x0B0B_0B0B,
            ntp: 99,
            rtp: 10,
        },
        3,
        33,
    );
    write_source(&mut expected, 0x0B0B_0B0B, b"up");
    assert_eq!(told, expected);
}
