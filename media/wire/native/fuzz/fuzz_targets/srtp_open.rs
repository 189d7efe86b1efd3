#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::rtp::header_size;
use sabaq_wire::srtp::{Opening, Sealing};
use sabaq_wire::types::Profile;

const PROFILES: [(Profile, usize); 3] = [(Profile::Gcm128, 28), (Profile::Gcm256, 44), (Profile::Cm128Sha1, 30)];

fuzz_target!(|data: &[u8]| {
    for (profile, size) in PROFILES {
        let key = vec![7; size];
        let (mut opening, mut sealing) = (
            Opening::new(profile, &key).unwrap(),
            Sealing::new(profile, &key).unwrap(),
        );
        assert!(opening.open_rtp(&mut data.to_vec()).is_none());
        assert!(opening.open_rtcp(&mut data.to_vec()).is_none());
        let mut room = data.to_vec();
        room.resize(data.len() + 32, 0);
        if let Some(header) = header_size(data) {
            let sealed = sealing.seal_rtp(&mut room, header, data.len(), 0).unwrap();
            assert_eq!(opening.open_rtp(&mut room[..sealed]), Some(data.len()));
            assert_eq!(room[..data.len()], *data);
        }
        if let Some(sealed) = sealing.seal_rtcp(&mut room, data.len()) {
            assert_eq!(opening.open_rtcp(&mut room[..sealed]), Some(data.len()));
            assert_eq!(room[..data.len()], *data);
        }
    }
});
