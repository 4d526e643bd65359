//! `#[derive(VarveEvent)]`.

use proc_macro2::TokenStream;
use syn::{Data, DataEnum, DeriveInput, Generics, Ident};

use super::{attribute, history, personal, record};
use crate::diagnostic;
use crate::model::{Category, Event, History, Past, StoredName, Variant};
use crate::report::Report;

const KEYS: &[&str] = &["stream", "crate", "retired", "subject"];
const VARIANT_KEYS: &[&str] = &["name", "revision", "history", "alias"];

/// Reads an event enum; `None` when the item is no enum, which has been reported.
pub(crate) fn event(input: TokenStream, report: &mut Report) -> Option<Event> {
    let input: DeriveInput = syn::parse2(input).map_err(|e| report.syntax(e)).ok()?;
    let data = enumeration(&input, report)?;
    let mut krate = None;
    let mut stream = None;
    let mut subject = None;
    let mut retired = Vec::new();
    let before = report.count();
    attribute::varve(&input.attrs, KEYS, report, |key, setting| match key {
        "stream" => stream = setting.text(),
        "crate" => krate = setting.path(),
        "subject" => subject = personal::subject(setting),
        _ => retired = former(setting.texts()),
    });
    if stream.is_none() && report.count() == before {
        report.mistake(&input.ident, diagnostic::NO_STREAM);
    }
    let mut unheard = Report::default();
    let report = if is_generic(&input.generics, report) {
        &mut unheard // its fields cannot be right
    } else {
        report
    };
    let variants = data
        .variants
        .iter()
        .map(|v| variant(v, (&input.ident, subject.as_ref()), report));
    Some(Event {
        variants: variants.collect(),
        retired,
        krate: krate.unwrap_or_else(attribute::default_crate),
        category: stream.map(Category::new),
        vis: input.vis,
        ident: input.ident,
        generics: input.generics,
    })
}

fn enumeration<'a>(input: &'a DeriveInput, report: &mut Report) -> Option<&'a DataEnum> {
    match &input.data {
        Data::Enum(data) => return Some(data),
        Data::Struct(data) => report.fatal(data.struct_token, diagnostic::EVENT_ON_STRUCT),
        Data::Union(data) => report.fatal(data.union_token, diagnostic::EVENT_ON_UNION),
    }
    None
}

fn is_generic(generics: &Generics, report: &mut Report) -> bool {
    let only_lifetimes = generics.lifetimes().count() == generics.params.len();
    let is_generic = !generics.params.is_empty();
    if is_generic && only_lifetimes {
        report.fatal(generics, diagnostic::BORROWING_EVENT);
    } else if is_generic {
        report.fatal(generics, diagnostic::GENERIC_EVENT);
    }
    is_generic
}

fn variant(
    variant: &syn::Variant,
    (own, subject): (&Ident, Option<&Ident>),
    report: &mut Report,
) -> Variant {
    let before = report.count();
    let (name, mut past) = past(variant, report);
    if let Some((_, discriminant)) = &variant.discriminant {
        report.mistake(discriminant, diagnostic::DISCRIMINANT);
    }
    let own = (own, record::EVENT_KEYS);
    let mut record = record::record(&variant.fields, &variant.ident, own, report);
    record.subject = subject.cloned();
    past.is_doubtful = report.count() > before;
    Variant {
        docs: attribute::docs(&variant.attrs),
        ident: variant.ident.clone(),
        name: StoredName::of_variant(&variant.ident, name),
        record,
        past,
    }
}

/// The name given by `#[varve(name = "..")]`, and what the variant was before.
fn past(variant: &syn::Variant, report: &mut Report) -> (Option<syn::LitStr>, Past) {
    let mut name = None;
    let mut past = Past::default();
    attribute::varve(
        &variant.attrs,
        VARIANT_KEYS,
        report,
        |key, setting| match key {
            "name" => name = setting.text(),
            "revision" => past.revision = setting.revision(),
            "alias" => past.aliases = former(setting.texts()),
            _ => {
                let key = setting.key.clone();
                let layouts = history::layouts(setting);
                past.history = layouts.map(|layouts| History { key, layouts });
            }
        },
    );
    (name, past)
}

fn former(names: Vec<syn::LitStr>) -> Vec<StoredName> {
    names.into_iter().map(StoredName::former).collect()
}
