//! Texts and bytes that ask for too much, or for what cannot be known.

use super::DynamicSchema;

#[test]
fn a_text_that_nests_more_than_the_stack_holds_is_refused() {
    // Each box points to the one before it.
    let schema = DynamicSchema::parse("{a: box<@1>}").unwrap();
    let bytes: Vec<u8> = (0..10_000).flat_map(|_| (-4_i32).to_le_bytes()).collect();
    let error = schema.decode(&bytes).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}

#[test]
fn a_list_that_says_it_is_long_asks_for_no_memory() {
    for text in [
        "list<u8>",
        "list<str>",
        "map<u8, u8>",
        "list<()>",
        "list<[u8; 0]>",
    ] {
        let schema = DynamicSchema::parse(text).unwrap();
        let hostile = [(-4_i32).to_le_bytes(), u32::MAX.to_le_bytes()].concat();
        schema.decode(&hostile).unwrap_err();
    }
    let nothing = DynamicSchema::parse("[[(); 4000000000]; 4000000000]").unwrap();
    nothing.decode(&[]).unwrap_err();
}

#[test]
fn types_inside_each_other_are_laid_before_what_they_lie_in() {
    // What is meant by `@1` and `@2` stands behind pointers, in place, of one that is itself not
    // laid yet when it is met.
    let text = "{a: u8, b: {c: list<(u16, @1, @2)>, d: u64}, e: map<u8, {f: [@1; 2], g: box<@2>}>}";
    let schema = DynamicSchema::parse(text).unwrap();
    let bytes = vec![0; 32];
    let value = schema.decode(&bytes).unwrap();
    assert_eq!(value.to_string(), r#"{"a":0,"b":{"c":[],"d":0},"e":{}}"#);
}

/// Boxes, each around the one before it, so many that `levels` values lie inside each other.
fn boxes(levels: usize) -> Vec<u8> {
    // The innermost is none; each around it is some (1), and points back to the tag before it.
    let some = [1_i32.to_le_bytes(), (-12_i32).to_le_bytes()].concat();
    let mut bytes = vec![0; 8];
    for _ in 0..levels {
        bytes.extend_from_slice(&some);
    }
    bytes
}

#[test]
fn values_as_deep_as_the_limit_fit_in_the_stack_of_a_thread() {
    let schema = DynamicSchema::parse("{a: option<box<@1>>}").unwrap();
    // A struct, an option and a box on each level; the struct and the option of the innermost.
    let value = schema.decode(&boxes(340)).unwrap();
    assert_eq!(value.to_string().matches('{').count(), 341);
    assert_eq!(value.clone(), value);
    schema.decode(&boxes(341)).unwrap_err();
}

#[test]
fn values_that_take_no_bytes_are_counted_too() {
    let of = |text: &str| DynamicSchema::parse(text).unwrap().decode(&[]);
    let shown = of("[(); 3]").unwrap().to_string();
    assert_eq!(shown, "[[],[],[]]");
    let refused = of("[(); 65536]").unwrap_err().to_string();
    assert!(
        refused.contains("too many values for its bytes"),
        "{refused}"
    );
    assert!(of("[(); 65535]").is_ok());
}

#[test]
fn what_a_newer_program_may_have_written_is_named() {
    let refused = DynamicSchema::parse("{owner: pii<str>}").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the text is not a schema that this version of VarveDB knows: `pii` is no kind of value that \
         it knows, at byte 8 of the schema text"
    );
}
