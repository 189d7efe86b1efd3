#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::rtcp::{nacked, sender_info, split, write_nack, write_sender_report};

fuzz_target!(|data: &[u8]| {
    let mut whole = 0;
    for part in split(data).map_while(Result::ok) {
        whole += part.raw.len();
        if let Some(said) = sender_info(&part) {
            let mut written = Vec::new();
            write_sender_report(&mut written, &said, 0, 0);
            assert_eq!(sender_info(&split(&written).next().unwrap().unwrap()), Some(said));
        }
        if let Some((media, numbers)) = nacked(&part) {
            let mut wanted: Vec<u16> = numbers.take(512).collect();
            wanted.sort_unstable();
            wanted.dedup();
            let mut written = Vec::new();
            write_nack(&mut written, 1, media, wanted.iter().copied());
            let (again, numbers) = nacked(&split(&written).next().unwrap().unwrap()).unwrap();
            assert_eq!((again, numbers.collect::<Vec<_>>()), (media, wanted));
        }
    }
    assert!(whole <= data.len());
});
