//! Every lesson, and what it prints.

use crate::run;

#[test]
fn lesson_1_reads_what_it_wrote() {
    insta::assert_snapshot!(run("1_smallest"));
}

#[test]
fn lesson_2_decides_and_replays() {
    insta::assert_snapshot!(run("2_aggregate"));
}

#[test]
fn lesson_3_loses_a_race_and_learns_of_it() {
    insta::assert_snapshot!(run("3_conflict"));
}

#[test]
fn lesson_4_counts_exactly_once() {
    insta::assert_snapshot!(run("4_projection"));
}

#[test]
fn lesson_5_loads_from_a_snapshot() {
    insta::assert_snapshot!(run("5_snapshot"));
}

#[test]
fn lesson_6_lives_through_three_programs() {
    insta::assert_snapshot!(run("6_evolution"));
}

#[test]
fn lesson_7_destroys_a_key() {
    insta::assert_snapshot!(run("7_personal"));
}
