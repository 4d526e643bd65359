//! Bytes that nobody laid.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn hostile_bytes_are_no_frames(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert_eq!(parse_segment(&bytes), 0);
    }

    #[test]
    fn a_changed_frame_is_not_accepted(
        changes in proptest::collection::vec((64_usize..400, 1_u8..), 1..4),
    ) {
        let dir = dir();
        let offsets = three_commits(&dir);
        let bytes = fs::read(segment(&dir, 1)).unwrap();
        let mut changed = bytes.clone();
        for (at, with) in changes {
            changed[at] ^= with;
        }
        let salt = Salt::new(STORE, 1);
        for (begin, end) in offsets.iter().zip(&offsets[1..]) {
            let range = usize::try_from(*begin).unwrap()..usize::try_from(*end).unwrap();
            let place = Place { segment: 1, unit: u32::try_from(begin / 16).unwrap() };
            let frame = Frame::open(Path::new(""), &changed[range.clone()], salt, place);
            let valid = frame.and_then(|frame| frame.verify()).is_ok();
            prop_assert_eq!(valid, changed[range.clone()] == bytes[range]);
        }
    }
}
