//! One segment after another.

use super::*;

#[test]
fn a_crash_at_any_step_of_sealing_loses_nothing() {
    let made = dir();
    let end = usize::try_from(two_segments(&made)).unwrap();
    let sealed = fs::read(segment(&made, 1)).unwrap();
    assert_eq!(sealed.len(), end + 64);
    let padded = |footer: usize| {
        let mut bytes = sealed[..end + footer].to_vec();
        bytes.resize(64 * 1024, 0);
        bytes
    };
    let mut firsts: Vec<_> = (0..=64).map(padded).collect();
    firsts.push(sealed.clone());
    for first in firsts {
        for second in [None, Some(0), Some(10), Some(64 * 1024)] {
            // The second file is created only after the first one is sealed and trimmed.
            if second.is_some() && first != sealed {
                continue;
            }
            let dir = dir();
            fs::write(segment(&dir, 1), &first).unwrap();
            if let Some(len) = second {
                fs::write(segment(&dir, 2), vec![0; len]).unwrap();
            }
            let (log, mut writer, _) = reopen(dir.path()).unwrap();
            let before = payloads(&log).len();
            assert_eq!(before, 6);
            append(&mut writer, &[&[2; 10_000]]);
            drop(writer);
            assert_eq!(payloads(&reopen(dir.path()).unwrap().0).len(), before + 1);
        }
    }
}

#[test]
fn a_frame_larger_than_a_segment_gets_one_of_its_own() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let large = vec![9; 300_000];
    append(&mut writer, &[b"before"]);
    append(&mut writer, &[&large]);
    append(&mut writer, &[b"after"]);
    assert_eq!(log.end().place.segment, 3);
    assert_eq!(payloads(&log)[1], large);
    drop(writer);
    assert_eq!(
        payloads(&reopen(dir.path()).unwrap().0)[1..],
        [large, b"after".to_vec()]
    );
}
