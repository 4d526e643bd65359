use super::*;

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[test]
fn a_key_is_read_however_it_is_written() {
    let bytes: Vec<u8> = (0..32).collect();
    let upper = HEX.to_uppercase();
    for content in [
        HEX.as_bytes(),
        upper.as_bytes(),
        format!("{HEX}\n").as_bytes(),
        format!("{HEX}\r\n").as_bytes(),
        &bytes,
    ] {
        let key = MasterKey::from_file(private_file(content).path()).unwrap();
        assert_eq!(key.bytes().as_slice(), bytes);
    }
    assert_eq!(MasterKey::from_hex(HEX).unwrap().to_hex().as_str(), HEX);
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let half = "5ec2e75ec2e75ec2e75ec2e75ec2e75e";
    let long = HEX.repeat(100);
    for content in [
        "",
        "\n",
        half,
        &format!("{half}\n"),
        &format!("{half}{half}0"),
        &format!("{half}{half} "),
        &format!("{half}{half}\n\n"),
        &format!("{half}5ec2e75ec2e75ec2e75ec2e75ec2ezzz"),
        &long,
    ] {
        let file = private_file(content.as_bytes());
        let error = MasterKey::from_file(file.path()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("5ec2"), "{shown}");
        assert!(MasterKey::from_hex(content).is_err());
    }
    for bytes in [31, 33, 0] {
        let error = MasterKey::try_from(vec![0x5e; bytes]).unwrap_err();
        assert_eq!(error, MasterKeyError::Bytes { found: bytes });
    }
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let error = MasterKey::from_env("VARVEDB_NOBODY_SETS_THIS").unwrap_err();
    insta::assert_snapshot!(error, @"the environment variable `VARVEDB_NOBODY_SETS_THIS` is not set; set it to the master key, 64 hexadecimal digits");
}

/// `PATH` stands for a variable that holds something else.
#[test]
fn a_variable_that_holds_something_else_is_named_and_not_shown() {
    let path = env::var("PATH").unwrap();
    let error = MasterKey::from_env("PATH").unwrap_err().to_string();
    assert!(
        error.starts_with("the environment variable `PATH` is no master key"),
        "{error}"
    );
    assert!(!error.contains(&path), "{error}");
}

#[test]
fn a_key_that_was_saved_is_read_and_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    let key = MasterKey::generate().unwrap();
    key.save(&path).unwrap();
    assert_eq!(MasterKey::from_file(&path).unwrap().id(), key.id());
    let other = MasterKey::generate().unwrap();
    assert!(matches!(
        other.save(&path),
        Err(MasterKeyError::File {
            attempt: "create",
            ..
        })
    ));
    assert_eq!(MasterKey::from_file(&path).unwrap().id(), key.id());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_or_change_is_refused() {
    for mode in [0o640, 0o604, 0o620, 0o644, 0o610] {
        let file = private_file(HEX.as_bytes());
        set_mode(file.path(), mode);
        let error = MasterKey::from_file(file.path()).unwrap_err();
        assert!(matches!(error, MasterKeyError::OpenToOthers { mode: found, .. } if found == mode));
    }
    let file = private_file(HEX.as_bytes());
    set_mode(file.path(), 0o400);
    assert!(MasterKey::from_file(file.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_their_loops_are_not() {
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let file = private_file(HEX.as_bytes());
    let (link, first, second) = (
        dir.path().join("link"),
        dir.path().join("first"),
        dir.path().join("second"),
    );
    symlink(file.path(), &link).unwrap();
    symlink(&first, &second).unwrap();
    symlink(&second, &first).unwrap();
    assert!(MasterKey::from_file(link).is_ok());
    assert!(matches!(
        MasterKey::from_file(first),
        Err(MasterKeyError::File { .. })
    ));
}

/// A device would never end.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    for path in ["/dev/zero", "/"] {
        let error = MasterKey::from_file(path).unwrap_err();
        assert!(matches!(error, MasterKeyError::NotAFile { .. }), "{error}");
    }
}

#[test]
fn a_ring_knows_every_key_of_it() {
    let keys: Vec<MasterKey> = (1..4).map(|byte| MasterKey::new([byte; 32])).collect();
    let ring = KeyRing::new(keys[0].clone())
        .with_older(keys[1].clone())
        .with_older(keys[2].clone());
    assert_eq!(ring.current().unwrap().id(), keys[0].id());
    for key in &keys {
        let found = Arc::new(ring.clone()).by_id(&key.id()).unwrap();
        assert_eq!(found.unwrap().bytes(), key.bytes());
    }
    assert!(ring.by_id(&MasterKey::new([9; 32]).id()).unwrap().is_none());
}

#[test]
fn nothing_that_is_printed_shows_a_key() {
    let key = MasterKey::from_hex(HEX).unwrap();
    let ring = KeyRing::new(key.clone()).with_older(MasterKey::from_hex(HEX).unwrap());
    let id = key.id();
    assert_eq!(
        format!("{ring:?}"),
        format!("KeyRing {{ current: MasterKey({id}), older: [MasterKey({id})] }}")
    );
}

fn private_file(content: &[u8]) -> tempfile::NamedTempFile {
    use std::io::Write;

    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
