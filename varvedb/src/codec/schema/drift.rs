//! What has changed between two layouts, field by field, in words.

use std::sync::Arc;

use super::Layout;
use super::layout::Fields;

/// An account of what has changed from one schema's text to another's.
pub(crate) fn drift(stored: &str, now: &str) -> Vec<String> {
    let (Ok(old), Ok(new)) = (stored.parse::<Layout>(), now.parse::<Layout>()) else {
        return vec![format!("`{stored}` became `{now}`")];
    };
    let mut changes = Vec::new();
    compare("", &old, &new, &mut changes);
    changes
}

/// Compares what stands at `path`; "" is the event itself.
fn compare(path: &str, old: &Layout, new: &Layout, changes: &mut Vec<String>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Layout::Struct(old), Layout::Struct(new)) | (Layout::Sealed(old), Layout::Sealed(new)) => {
            compare_fields(path, old, new, changes);
        }
        (Layout::Option(old), Layout::Option(new))
        | (Layout::Box(old), Layout::Box(new))
        | (Layout::List(old), Layout::List(new)) => compare(path, old, new, changes),
        (Layout::Enum(old), Layout::Enum(new)) => compare_variants(path, old, new, changes),
        _ if path.is_empty() => changes.push(format!("`{old}` became `{new}`")),
        _ => changes.push(format!("field `{path}` was `{old}`, is now `{new}`")),
    }
}

fn compare_fields(
    path: &str,
    old: &[(Arc<str>, Layout)],
    new: &[(Arc<str>, Layout)],
    changes: &mut Vec<String>,
) {
    let before = changes.len();
    for (name, layout) in old {
        let path = join(path, name);
        match find(new, name) {
            Some(now) => compare(&path, layout, now, changes),
            None => changes.push(format!("field `{path}: {layout}` is gone")),
        }
    }
    for (name, layout) in new.iter().filter(|(name, _)| find(old, name).is_none()) {
        changes.push(format!("field `{}: {layout}` is new", join(path, name)));
    }
    if reordered(old, new) || changes.len() == before {
        changes.push(format!("the fields{} are in another order", of(path)));
    }
}

fn compare_variants(
    path: &str,
    old: &[(Arc<str>, Fields)],
    new: &[(Arc<str>, Fields)],
    changes: &mut Vec<String>,
) {
    let before = changes.len();
    for (name, fields) in old {
        match new.iter().find(|(other, _)| other == name) {
            Some((_, now)) if fields == now => {}
            Some((_, now)) => compare_fields(&join(path, name), fields, now, changes),
            None => changes.push(format!("variant `{}` is gone", join(path, name))),
        }
    }
    for (name, _) in new
        .iter()
        .filter(|(name, _)| !old.iter().any(|(other, _)| other == name))
    {
        changes.push(format!("variant `{}` is new", join(path, name)));
    }
    if reordered(old, new) || changes.len() == before {
        changes.push(format!("the variants{} are in another order", of(path)));
    }
}

/// Whether the names that both have stand in another order. It matters beside other changes too:
/// two fields of one type that changed places are read as each other.
fn reordered<T>(old: &[(Arc<str>, T)], new: &[(Arc<str>, T)]) -> bool {
    let kept = |of: &[(Arc<str>, T)], by: &[(Arc<str>, T)]| -> Vec<Arc<str>> {
        let names = of.iter().map(|(name, _)| name);
        names
            .filter(|name| by.iter().any(|(other, _)| other == *name))
            .cloned()
            .collect()
    };
    kept(old, new) != kept(new, old)
}

fn of(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" of `{path}`")
    }
}

fn find<'a>(fields: &'a [(Arc<str>, Layout)], name: &str) -> Option<&'a Layout> {
    fields
        .iter()
        .find(|(other, _)| **other == *name)
        .map(|(_, layout)| layout)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_has_its_sentence() {
        let stored = "{id: u64, total: i64, price: {cents: i64, currency: str}, a: i64, b: i64, \
                      gift: enum(no | wrapped{paper: str} | box)}";
        let cases = [
            ("a type", stored.replace("total: i64", "total: u64")),
            (
                "a new field",
                stored.replace("{id: u64", "{id: u64, note: str"),
            ),
            ("a field less", stored.replace("id: u64, ", "")),
            (
                "two fields swapped",
                stored.replace("a: i64, b: i64", "b: i64, a: i64"),
            ),
            (
                "two fields swapped beside a new one",
                stored.replace("a: i64, b: i64", "b: i64, a: i64, c: i64"),
            ),
            (
                "inside",
                stored.replace("cents: i64, currency", "currency: str, cents"),
            ),
            ("deep", stored.replace("cents: i64", "cents: u32")),
            (
                "a variant",
                stored
                    .replace(" | box", "")
                    .replace("paper: str", "paper: u8"),
            ),
            (
                "variants swapped",
                stored.replace("no | wrapped{paper: str}", "wrapped{paper: str} | no"),
            ),
            ("not a struct", "u8".to_owned()),
            ("opaque", "opaque".to_owned()),
        ];
        let told = cases.map(|(what, now)| format!("{what}: {}", drift(stored, &now).join("; ")));
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn what_has_not_changed_is_not_told() {
        assert!(drift("{a: u8}", "{a: u8}").is_empty());
    }
}
