//! `#[derive(VarveValue)]`.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Ident};

use super::{attribute, record};
use crate::diagnostic;
use crate::model::{Past, Shape, StoredName, Value, Variant};
use crate::report::Report;

/// Reads a value; `None` when the item is a union, which has been reported.
pub(crate) fn value(input: TokenStream, report: &mut Report) -> Option<Value> {
    let input: DeriveInput = syn::parse2(input).map_err(|e| report.syntax(e)).ok()?;
    let mut krate = None;
    attribute::varve(&input.attrs, &["crate"], report, |_, setting| {
        krate = setting.path();
    });
    let own = &input.ident;
    let shape = match &input.data {
        Data::Struct(data) => Shape::Struct(record::record(
            &data.fields,
            own,
            (own, record::VALUE_KEYS),
            report,
        )),
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
