//! The packet path in memory: how runs are cut, who may send, and what goes where.

use super::*;
use crate::given::{DOWN, Path, UP, address, rtp, view};
use crate::peer::{BURST, MAX_RATE, MAX_STREAMS, SILENCE};
use crate::rtcp::{SenderInfo, nacked, sender_info, split, write_empty_report, write_nack, write_sender_report};
use crate::sending::{MAX_RUN_BYTES, MAX_SEGMENTS};
use crate::types::{AddSubscription, Tapped};

fn tap(path: &Path) -> Vec<&Tapped> {
    let told = path.out.notes.iter().filter_map(|note| match note {
        Note::Packets { packets, .. } => Some(packets),
        _ => None,
    });
    told.flatten().collect()
}

#[test]
fn packets_of_one_size_go_together_and_the_last_may_be_shorter() {
    type Case = (&'static [usize], &'static [(usize, usize)]);
    let cases: [Case; 7] = [
        (&[100], &[(1, 128)]),
        (&[100, 100, 100], &[(3, 128)]),
        (&[100, 100, 40], &[(3, 128)]),
        (&[100, 40, 40], &[(2, 128), (1, 68)]),
        (&[40, 100, 100], &[(1, 68), (2, 128)]),
        (&[100, 40, 0, 100], &[(2, 128), (1, 28), (1, 128)]),
        (&[0, 0], &[(2, 28)]),
    ];
    for (sizes, runs) in cases {
        let mut path = Path::new();
        path.burst(sizes, 0);
        assert_eq!(path.out.runs, runs);
        assert_eq!(
            path.heard()
                .iter()
                .map(|(.., payload)| payload.len())
                .collect::<Vec<_>>(),
            sizes
        );
    }
}

#[test]
fn numbered_packets_still_go_together() {
    let mut path = Path::new();
    path.perform(Command::AddSubscription(AddSubscription {
        ssrc: 0xBA,
        transport_extension: 7,
        ..view()
    }));
    path.burst(&[100, 100, 40], 0);
    assert_eq!(path.out.runs, [(3, 136)]);
    let numbers = path.out.sent.iter().map(|(_, data)| data[12..20].to_vec());
    let expected = (0..3).map(|number| vec![0xBE, 0xDE, 0, 1, 0x71, 0, number, 0]);
    assert_eq!(numbers.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    path.report(DOWN, |to| write_nack(to, 9, 0xBA, [101].into_iter()));
    let (_, repair) = path.out.sent.last().unwrap();
    assert_eq!(repair[12..20], [0xBE, 0xDE, 0, 1, 0x71, 0, 3, 0]);
}

#[test]
fn what_is_sent_again_as_it_was_has_its_number() {
    let mut path = Path::new();
    path.perform(Command::AddSubscription(AddSubscription {
        ssrc: 0xBA,
        retransmission_ssrc: None,
        transport_extension: 7,
        ..view()
    }));
    path.burst(&[100; 300], 0);
    let sent = std::mem::take(&mut path.out.sent);
    path.report(DOWN, |to| write_nack(to, 9, 0xBA, [100, 143, 144, 399].into_iter()));
    assert_eq!(path.out.sent, [sent[44].clone(), sent[299].clone()]);
}

#[test]
fn runs_are_no_longer_than_the_kernel_takes() {
    let mut path = Path::new();
    path.burst(&[50; 150], 0);
    assert_eq!(path.out.runs, [(60, 78), (60, 78), (30, 78)]);
    path.out.runs.clear();
    path.burst(&[1800; 60], 150);
    assert_eq!(path.out.runs.iter().map(|(count, _)| count).sum::<usize>(), 60);
    assert!(
        path.out
            .runs
            .iter()
            .all(|(count, size)| *count <= MAX_SEGMENTS && count * size <= MAX_RUN_BYTES)
    );
    let sequences: Vec<u16> = path.heard().iter().map(|(_, sequence, ..)| *sequence).collect();
    assert_eq!(sequences, (100..310).collect::<Vec<_>>());
}

#[test]
fn extensions_for_the_viewer_stay_in_order() {
    let mut path = Path::new();
    for number in 0..4 {
        let elements: &[(u8, &[u8])] = if number == 1 { &[(5, b"x")] } else { &[] };
        path.play(&rtp(96, number, 0, 0xA0, elements, &[number as u8]));
    }
    path.flush();
    assert_eq!(path.heard().concat_payloads(), [0, 1, 2, 3]);
    assert_eq!(path.out.runs, [(1, 29), (2, 37), (1, 29)]);
}

trait Payloads {
    fn concat_payloads(&self) -> Vec<u8>;
}

impl Payloads for Vec<(u8, u16, u32, Vec<u8>)> {
    fn concat_payloads(&self) -> Vec<u8> {
        self.iter().flat_map(|(.., payload)| payload.clone()).collect()
    }
}

#[test]
fn the_largest_datagram_fits() {
    let mut path = Path::new();
    path.burst(&[MAX_DATAGRAM - 28], 0);
    assert_eq!(path.heard().concat_payloads().len(), MAX_DATAGRAM - 28);
}

#[test]
fn one_peer_may_not_send_under_ever_new_sources() {
    let mut path = Path::new();
    for ssrc in 0..MAX_STREAMS as u32 + 10 {
        path.play(&rtp(50, 1, 1, ssrc, &[], b""));
        path.report(UP, |to| write_empty_report(to, ssrc));
    }
    assert_eq!(path.count("strange"), 2 * 10);
}

#[test]
fn forged_reports_take_nobodys_room() {
    let mut path = Path::new();
    for ssrc in 0..MAX_STREAMS as u32 + 10 {
        path.datagram([&[0x80, 201, 0, 1][..], &ssrc.to_be_bytes(), &[0; 40]].concat(), UP);
    }
    assert_eq!(
        (path.count("strange"), path.count("unopened")),
        (0, MAX_STREAMS as i64 + 10)
    );
}

#[test]
fn who_sends_too_much_is_heard_in_part() {
    let mut path = Path::new();
    let most = (MAX_RATE * BURST) as usize;
    path.burst(&vec![10; most + 100], 0);
    let flooded = path.count("flooded");
    assert!((98..=100).contains(&flooded), "{flooded}");
    path.now += 0.5;
    path.burst(&vec![10; MAX_RATE as usize / 2 - 1], most as u16 + 100);
    assert_eq!(path.count("flooded"), flooded, "what is sent at that rate is heard");
}

#[test]
fn reports_are_relayed_in_the_viewers_numbers_but_not_too_often() {
    let mut path = Path::new();
    path.burst(&[10], 0);
    for _ in 0..5 {
        let said = SenderInfo {
            ssrc: 0xA0,
            ntp: 1 << 32,
            rtp: 77,
        };
        path.report(UP, |to| write_sender_report(to, &said, 1, 2));
    }
    let reports = path.reports(DOWN);
    assert_eq!((reports.len(), path.count("flooded")), (1, 4));
    let said = sender_info(&split(&reports[0]).next().unwrap().unwrap()).unwrap();
    assert_eq!(
        said,
        SenderInfo {
            ssrc: 0xB0,
            ntp: 1 << 32,
            rtp: 77
        }
    );
}

#[test]
fn a_stream_changes_its_source_only_after_a_silence() {
    let mut path = Path::new();
    for (ssrc, now, heard) in [
        (0x51, 0.0, 1),
        (0x52, SILENCE / 2.0, 0),
        (0x52, 2.0 * SILENCE, 1),
        (0x51, 2.0, 0),
    ] {
        path.now = 100.0 + now;
        path.play(&rtp(96, (now * 10.0) as u16, 1, ssrc, &[(3, b"1")], b"x"));
        path.flush();
        assert_eq!(path.heard().len(), heard, "{ssrc:x} at {now}");
    }
}

#[test]
fn what_is_neither_stun_nor_dtls_nor_media_is_strange() {
    let mut path = Path::new();
    for data in [
        &b""[..],
        b"\x04x",
        b"\x13x",
        b"\x40x",
        b"\x7fx",
        b"\xc0x",
        b"\xffx",
        b"\x80",
    ] {
        path.datagram(data.to_vec(), UP);
    }
    assert_eq!(path.count("strange"), 8);
    path.datagram(b"\x03x".to_vec(), 9);
    assert_eq!(
        path.out.notes,
        [Note::Datagram {
            address: address(9),
            data: b"\x03x".to_vec()
        }]
    );
}

#[test]
fn a_viewers_loss_is_answered_as_rtx_and_the_publishers_is_asked_for_once() {
    let mut path = Path::new();
    path.add_peer("other", 9);
    path.perform(Command::AddSubscription(crate::types::AddSubscription {
        peer: "other".into(),
        ..view()
    }));
    path.burst(&[10, 10], 7000);
    path.burst(&[10], 7003);
    path.heard();
    path.report(DOWN, |to| write_nack(to, 9, 0xB0, [101, 102].into_iter()));
    let repaired: Vec<_> = path
        .heard()
        .into_iter()
        .map(|(kind, sequence, ssrc, payload)| (kind, sequence, ssrc, payload[1]))
        .collect();
    assert_eq!(repaired, [(121, 100, 0xB1, 101)]);
    path.now += 0.01;
    assert!(path.engine.asking());
    path.engine.ask(path.now, &mut path.out);
    let asked = path.reports(UP);
    assert_eq!(asked.len(), 1, "for both viewers");
    let part = split(&asked[0]).nth(1).unwrap().unwrap();
    assert_eq!(
        nacked(&part).map(|(ssrc, numbers)| (ssrc, numbers.collect())),
        Some((0xA0, vec![7002]))
    );
}

fn mute(path: &mut Path, muted: bool) {
    path.perform(Command::MutePublication {
        publication: "up:1".into(),
        muted,
    });
}

fn hold(path: &mut Path, held: bool) {
    path.engine.hold(address(DOWN), held, &mut path.out);
}

fn pause(path: &mut Path, paused: bool) {
    path.perform(Command::PauseSubscription {
        peer: "down".into(),
        publication: "up:1".into(),
        paused,
    });
}

#[test]
fn numbers_go_on_through_mute_hold_and_pause() {
    let (mut path, mut numbers, mut next) = (Path::new(), Vec::new(), 0);
    for step in [mute, hold, pause] {
        for is_silent in [true, false] {
            path.burst(&[10, 10], next);
            numbers.extend(path.heard().into_iter().map(|(_, sequence, ..)| sequence));
            step(&mut path, is_silent);
            next += 2;
        }
    }
    path.burst(&[10], next);
    numbers.extend(path.heard().into_iter().map(|(_, sequence, ..)| sequence));
    assert_eq!(numbers, (100..107).collect::<Vec<_>>());
    assert!(
        path.out.notes.contains(&Note::PacketsLost {
            publication: "up:1".into(),
            layer: 0
        }),
        "after the hold"
    );
}

#[test]
fn under_other_keys_the_stream_goes_on() {
    let mut path = Path::new();
    path.burst(&[10], 0);
    path.heard();
    path.rekey_down();
    path.burst(&[10], 1);
    assert_eq!(path.heard()[0].1, 101);
}

#[test]
fn a_tap_is_given_what_was_gathered_in_order_and_nothing_of_the_muted() {
    let mut path = Path::new();
    path.perform(Command::Tap {
        publication: "up:1".into(),
        on: true,
    });
    path.burst(&[10; 3], 0);
    assert!(tap(&path).is_empty() && path.engine.asking());
    path.now += 0.06;
    path.engine.ask(path.now, &mut path.out);
    assert_eq!(
        tap(&path).iter().map(|each| each.index & 0xFFFF).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    path.burst(&[10; 64], 3);
    assert_eq!(tap(&path).len(), 3, "each waking costs");
    path.now += 0.06;
    path.engine.tick(path.now, &mut path.out);
    assert_eq!(tap(&path).len(), 67);
    path.perform(Command::MutePublication {
        publication: "up:1".into(),
        muted: true,
    });
    path.burst(&[10; 64], 67);
    path.perform(Command::MutePublication {
        publication: "up:1".into(),
        muted: false,
    });
    path.burst(&[10; 2], 131);
    path.perform(Command::DropPublication {
        publication: "up:1".into(),
    });
    assert_eq!(tap(&path).len(), 69);
}

#[test]
fn what_is_dropped_is_gone_everywhere() {
    let mut path = Path::new();
    path.burst(&[10], 0);
    path.perform(Command::DropPeer { peer: "up".into() });
    assert!(path.engine.receptions("up", path.now).is_empty());
    path.perform(Command::DropPeer { peer: "down".into() });
    let Tables {
        peers,
        publications,
        streams,
        by_address,
        peer_ids,
        ..
    } = &path.engine.tables;
    assert_eq!(
        (
            peers.len(),
            publications.len(),
            streams.len(),
            by_address.len(),
            peer_ids.len()
        ),
        (0, 0, 0, 0, 0)
    );
    path.burst(&[10], 1);
    assert_eq!(path.count("strange"), 1);
}

/// `cargo test --release -- --ignored --nocapture costs`
#[test]
#[ignore = "a measurement"]
fn what_a_packet_costs() {
    const VIEWERS: u8 = 50;
    const BURSTS: u16 = 2000;
    let mut path = Path::new();
    for number in 0..VIEWERS - 1 {
        path.add_peer(&format!("viewer {number}"), 10 + number);
        let (peer, ssrc) = (format!("viewer {number}"), 1000 + u32::from(number));
        path.perform(Command::AddSubscription(crate::types::AddSubscription {
            peer,
            ssrc,
            ..view()
        }));
    }
    struct Nowhere(u64);
    impl Output for Nowhere {
        fn send(&mut self, _: Address, data: &[u8]) {
            self.0 += data.len() as u64;
        }
        fn send_run(&mut self, _: Address, data: &[u8], _: usize) {
            self.0 += data.len() as u64;
        }
        fn note(&mut self, _: Note) {}
    }
    let (mut out, mut spent, mut opening) = (Nowhere(0), Vec::new(), Vec::new());
    for burst in 0..BURSTS {
        let mut sealed: Vec<Vec<u8>> = Vec::new();
        for number in 0..10 {
            let mut data = rtp(96, burst * 10 + number, u32::from(burst) * 3000, 0xA0, &[], &[7; 1100]);
            let size = data.len();
            data.resize(size + 16, 0);
            path.up.seal_rtp(&mut data, 12, size, 0);
            sealed.push(data);
        }
        let now = 100.0 + f64::from(burst) / 100.0;
        let began = std::time::Instant::now();
        for data in &mut sealed {
            path.engine.receive(data, address(UP), now, &mut out);
        }
        let received = began.elapsed();
        path.engine.flush(now, &mut out);
        opening.push(received);
        spent.push(began.elapsed() - received);
    }
    assert_eq!(out.0, u64::from(BURSTS) * 10 * u64::from(VIEWERS) * (12 + 1100 + 16));
    let median = |mut all: Vec<std::time::Duration>, packets: u8| {
        all.sort_unstable();
        all[all.len() / 2].as_nanos() / u128::from(packets)
    };
    let (opening, spent) = (median(opening, 10), median(spent, VIEWERS) / 10);
    println!("{opening} ns a packet received, {spent} ns a packet sent");
}
