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

/// A value in a value and so on: what lies innermost, what lies around it so many times, the root.
fn nested(innermost: usize, each: &[i32], levels: usize, root: &[i32]) -> Vec<u8> {
    let words = |words: &[i32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let (each, root): (Vec<u8>, Vec<u8>) = (words(each), words(root));
    [vec![0; innermost], each.repeat(levels), root].concat()
}

/// With the payload of a text that has so many levels: it is read and shown, and with one level more
/// refused. A thread has 2 MiB of stack unless it asks for more; here it has to do with less.
fn is_read_up_to(text: &str, levels: usize, payload: impl Fn(usize) -> Vec<u8> + Sync) {
    let small = std::thread::Builder::new().stack_size(3 << 19);
    std::thread::scope(|scope| {
        let read = small.spawn_scoped(scope, || is_read(text, levels, &payload));
        read.unwrap().join().unwrap();
    });
}

fn is_read(text: &str, levels: usize, payload: impl Fn(usize) -> Vec<u8>) {
    let schema = DynamicSchema::parse(text).unwrap();
    let value = schema.decode(&payload(levels)).unwrap();
    let shown = value.to_string();
    assert!(shown.matches(['{', '[']).count() >= levels, "{shown}");
    assert_eq!(value.clone(), value);
    let refused = schema.decode(&payload(levels + 1)).unwrap_err().to_string();
    assert!(
        refused.contains("too many values lie inside each other"),
        "{refused}"
    );
}

#[test]
fn values_as_deep_as_the_limit_fit_in_the_stack_of_a_thread() {
    // Of a struct, an option and a box on each level.
    is_read_up_to("{a: option<box<@1>>}", 212, |levels| {
        nested(8, &[1, -12], levels, &[])
    });
    // Of a struct and a list.
    is_read_up_to("{a: list<@1>}", 319, |levels| {
        nested(8, &[-8, 1], levels, &[])
    });
    // Of a struct and a map; and the pairs.
    is_read_up_to("{a: map<u8, @1>}", 319, |levels| {
        nested(12, &[0, -16, 1], levels - 1, &[-12, 1])
    });
    // Of an enum, a list and a tuple.
    is_read_up_to("enum(a | b{c: list<(u8, @1)>})", 213, |levels| {
        nested(16, &[0, 1, -24, 1], levels - 1, &[1, -20, 1])
    });
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

#[test]
fn what_a_map_looks_like_does_not_depend_on_what_is_in_it() {
    let empty = |key: &str| {
        let schema = DynamicSchema::parse(&format!("map<{key}, u8>")).unwrap();
        schema.decode(&[0; 8]).unwrap().to_string()
    };
    for scalar in [
        "u8",
        "str",
        "bool",
        "box<char>",
        "list<u8>",
        "[u8; 4]",
        "uuid/16/1",
        "enum(a | b)",
    ] {
        assert_eq!(empty(scalar), "{}", "{scalar}");
    }
    for parts in [
        "option<u8>",
        "(u8, u8)",
        "list<i8>",
        "{a: u8}",
        "enum(a | b{c: u8})",
    ] {
        assert_eq!(empty(parts), "[]", "{parts}");
    }
}
