//! Reading processes, beside the one that writes.

use super::*;

#[test]
fn a_reader_follows_across_segments_up_to_what_it_is_told() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let reader =
        open_read_only(dir.path(), STORE, Start::default(), None, &mut |_| Ok(())).unwrap();
    for i in 1..=20 {
        append(&mut writer, &[&[1; 10_000]]);
        reader
            .follow(Position::new(i - 1), &mut |_| Ok(()))
            .unwrap();
        assert_eq!(reader.end().position, i - 1);
    }
    reader.follow(Position::new(20), &mut |_| Ok(())).unwrap();
    assert_eq!(payloads(&reader), payloads(&log));
}
