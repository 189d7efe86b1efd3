//! Payloads of strangers as RED: what is found new is within them, and what was wrapped is found.
#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::red::primary;

fuzz_target!(|data: &[u8]| {
    for is_padded in [false, true] {
        for wraps in [0, 96, 111, 127] {
            if let Some(new) = primary(data, is_padded, wraps) {
                assert!(!new.is_empty() && new.len() < data.len());
            }
        }
    }
    let (former, new) = data.split_at(data.len().min(1023) / 2);
    if !new.is_empty() {
        let head = [0x80 | 111, 0, (former.len() >> 8) as u8, former.len() as u8, 111];
        assert_eq!(primary(&[&head, former, new].concat(), false, 111), Some(new));
    }
});
