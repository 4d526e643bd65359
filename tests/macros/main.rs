//! The macros as a user meets them: what they accept, and what they say otherwise.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("../tests/macros/pass/*.rs");
    cases.compile_fail("../tests/macros/ui/*/*.rs");
}
