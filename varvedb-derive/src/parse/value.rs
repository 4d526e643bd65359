//! `#[derive(VarveValue)]`.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Ident};

use super::{attribute, personal, record};
use crate::diagnostic;
use crate::model::{Past, Record, Shape, StoredName, Value, Variant};
use crate::report::Report;

/// Reads a value; `None` when the item is a union, which has been reported.
pub(crate) fn value(input: TokenStream, report: &mut Report) -> Option<Value> {
    let input: DeriveInput = syn::parse2(input).map_err(|e| report.syntax(e)).ok()?;
    let (mut krate, mut subject) = (None, None);
    let keys = &["crate", "subject"];
    attribute::varve(&input.attrs, keys, report, |key, setting| match key {
        "crate" => krate = setting.path(),
        _ => subject = personal::subject(setting),
    });
    let own = &input.ident;
    let shape = match &input.data {
        Data::Struct(data) => {
            let own = (own, record::VALUE_KEYS);
            let record = record::record(&data.fields, own.0, own, report);
            Shape::Struct(Record { subject, ..record })
        }
        Data::Enum(data) => {
            let variants = data.variants.iter();
            Shape::Enum(variants.map(|v| variant(v, own, report)).collect())
        }
        Data::Union(data) => {
            report.fatal(data.union_token, diagnostic::VALUE_ON_UNION);
            return None;
        }
    };
    Some(Value {
        krate: krate.unwrap_or_else(attribute::default_crate),
        docs: attribute::docs(&input.attrs),
        vis: input.vis,
        ident: input.ident,
        generics: input.generics,
        shape,
    })
}

fn variant(variant: &syn::Variant, own: &Ident, report: &mut Report) -> Variant {
    let mut name = None;
    attribute::varve(&variant.attrs, &["name"], report, |_, setting| {
        name = setting.text();
    });
    if let Some((_, discriminant)) = &variant.discriminant {
        report.mistake(discriminant, diagnostic::VALUE_DISCRIMINANT);
    }
    Variant {
        docs: attribute::docs(&variant.attrs),
        ident: variant.ident.clone(),
        name: StoredName::of_variant(&variant.ident, name),
        record: record::record(
            &variant.fields,
            &variant.ident,
            (own, record::VALUE_KEYS),
            report,
        ),
        past: Past::default(),
    }
}
