//! `#[derive(VarveValue)]`.
//!
//! A struct is a record like an event's. The stored form of an enum is what rkyv derives on a hidden
//! twin of it, in remote mode, with every field stored by its `Field` impl.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::record::{as_field, bounds};
use super::view::{EnumView, View, marker};
use super::{Runtime, doc, local, quiet, stored};
use crate::model::{Field, Record, Shape, Value, Variant};

/// The view and `Field`.
pub(crate) fn value(value: &Value) -> TokenStream {
    if let Shape::Struct(record) = &value.shape
        && record.is_personal()
    {
        return stored::stored(value, record, value.runtime());
    }
    let view = view(value);
    let field = match &value.shape {
        Shape::Struct(record) => struct_field(value, record),
        Shape::Enum(variants) => enum_field(value, variants),
    };
    quote!(#view #field)
}

impl Value {
    fn runtime(&self) -> Runtime<'_> {
        Runtime(&self.krate)
    }

    fn bounds(&self) -> TokenStream {
        bounds(self.records(), self.runtime())
    }
}

/// `MoneyView<'a>`
pub(super) fn view(value: &Value) -> TokenStream {
    if value.is_own_view() {
        return TokenStream::new();
    }
    let ident = value.view();
    let mut docs = value.docs.clone();
    if !docs.is_empty() {
        docs.push(doc(""));
    }
    docs.push(doc(&format!("A [`{}`], borrowed.", value.ident)));
    let runtime = value.runtime();
    match &value.shape {
        Shape::Struct(record) => View {
            vis: &value.vis,
            ident: &ident,
            docs,
            record,
            runtime,
        }
        .expand(),
        Shape::Enum(variants) => EnumView {
            vis: &value.vis,
            ident: &ident,
            docs,
            variants,
            runtime,
        }
        .expand(),
    }
}

fn struct_field(value: &Value, record: &Record) -> TokenStream {
    let runtime = value.runtime();
    let (ident, view, bounds) = (&value.ident, value.view(), value.bounds());
    let (archived, references) = (record.archived(runtime), record.references(runtime));
    let schema = record.schema(runtime);
    let storing = store_struct(record, runtime);
    let showing = show_struct(record, runtime, &view);
    quote! {
        #[automatically_derived]
        impl #runtime::Field for #ident where #bounds {
            type Archived = #archived;
            type Resolver = <#references as #runtime::Record>::Resolver;
            type View<'a> = #view<'a>;
            const SCHEMA: #runtime::Schema = #runtime::Schema::Struct(#schema);

            #storing
            #showing
        }
    }
}

/// `serialize` and `resolve`, by way of the record of references.
fn store_struct(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let (pattern, pairs) = (record.pattern(), record.pairs(runtime));
    let (encoder, resolver, out) = (local("encoder"), local("resolver"), local("out"));
    quote! {
        fn serialize(
            &self,
            #encoder: &mut #runtime::Encoder<'_>,
        ) -> ::core::result::Result<Self::Resolver, #runtime::EncodeError> {
            let Self { #pattern } = self;
            #runtime::Record::serialize(&#pairs, #encoder)
        }
        fn resolve(
            &self,
            #resolver: Self::Resolver,
            #out: #runtime::rkyv::Place<Self::Archived>,
        ) {
            let Self { #pattern } = self;
            #runtime::Record::resolve(&#pairs, #resolver, #out);
        }
    }
}

/// `view`, `view_archived` and `from_view`, field by field.
fn show_struct(record: &Record, runtime: Runtime<'_>, view: &Ident) -> TokenStream {
    let (pattern, pairs, marker) = (record.pattern(), record.pairs(runtime), marker(record));
    let from_native = convert(record, runtime, &format_ident!("view"));
    let from_archived = convert(record, runtime, &format_ident!("view_archived"));
    let to_native = convert(record, runtime, &format_ident!("from_view"));
    let (archive, shown) = (local("archive"), local("shown"));
    quote! {
        fn view(&self) -> #view<'_> {
            let Self { #pattern } = self;
            #view { #from_native #marker }
        }
        fn view_archived(#archive: &Self::Archived) -> #view<'_> {
            let #pairs = #archive;
            #view { #from_archived #marker }
        }
        fn from_view(#shown: #view<'_>) -> Self {
            let #view { #pattern .. } = #shown;
            Self { #to_native }
        }
    }
}

/// The hidden enum that rkyv sees, and the names of what rkyv derives on it.
struct Twin {
    ident: Ident,
    archived: Ident,
    resolver: Ident,
}

impl Twin {
    fn of(value: &Value) -> Self {
        Self {
            ident: format_ident!("__{}Twin", value.ident),
            archived: format_ident!("__Archived{}", value.ident),
            resolver: format_ident!("__{}Resolver", value.ident),
        }
    }
}

fn enum_field(value: &Value, variants: &[Variant]) -> TokenStream {
    let runtime = value.runtime();
    let (ident, bounds, twin) = (&value.ident, value.bounds(), Twin::of(value));
    let twin_item = twin_item(value, variants, &twin);
    let (archived, resolver) = (&twin.archived, &twin.resolver);
    let view = view_type(value, &quote!('a));
    let schema = variants.iter().map(|variant| {
        let name = variant.name.as_str();
        let fields = variant.record.schema(runtime);
        quote!(#runtime::VariantSchema { name: #name, fields: #fields })
    });
    let storing = store_enum(&twin, runtime);
    let showing = show_enum(value, variants, &twin);
    // In a block, where nobody can name the twin and no lint asks for docs of what rkyv derives.
    quote! {
        const _: () = {
            #twin_item
            #[automatically_derived]
            impl #runtime::Field for #ident where #bounds {
                type Archived = #archived;
                type Resolver = #resolver;
                type View<'a> = #view;
                const SCHEMA: #runtime::Schema = #runtime::Schema::Enum(&[#(#schema),*]);

                #storing
                #showing
            }
        };
    }
}

/// `MoneyView<'a>`, or the value itself where it is its own view.
fn view_type(value: &Value, lifetime: &TokenStream) -> TokenStream {
    if value.is_own_view() {
        return quote!(Self);
    }
    let view = value.view();
    quote!(#view<#lifetime>)
}

/// `serialize` and `resolve`, by way of the twin.
fn store_enum(twin: &Twin, runtime: Runtime<'_>) -> TokenStream {
    let twin = &twin.ident;
    let (encoder, given, out) = (local("encoder"), local("given"), local("out"));
    quote! {
        fn serialize(
            &self,
            #encoder: &mut #runtime::Encoder<'_>,
        ) -> ::core::result::Result<Self::Resolver, #runtime::EncodeError> {
            <#twin as #runtime::rkyv::with::SerializeWith<Self, #runtime::Encoder<'_>>>
                ::serialize_with(self, #encoder)
        }
        fn resolve(
            &self,
            #given: Self::Resolver,
            #out: #runtime::rkyv::Place<Self::Archived>,
        ) {
            <#twin as #runtime::rkyv::with::ArchiveWith<Self>>::resolve_with(self, #given, #out);
        }
    }
}

/// `view`, `view_archived` and `from_view`, variant by variant.
fn show_enum(value: &Value, variants: &[Variant], twin: &Twin) -> TokenStream {
    let (runtime, ident) = (value.runtime(), &value.ident);
    let view = if value.is_own_view() {
        ident.clone()
    } else {
        value.view()
    };
    let from_native = arms(variants, runtime, ident, &view, "view");
    let from_archived = arms(variants, runtime, &twin.archived, &view, "view_archived");
    let to_native = arms(variants, runtime, &view, ident, "from_view");
    let (archive, shown) = (local("archive"), local("shown"));
    let view = view_type(value, &quote!('_));
    quote! {
        fn view(&self) -> #view { match self { #from_native } }
        fn view_archived(#archive: &Self::Archived) -> #view {
            match #archive { #from_archived }
        }
        fn from_view(#shown: #view) -> Self { match #shown { #to_native } }
    }
}

/// The twin, with all that rkyv is told of it.
fn twin_item(value: &Value, variants: &[Variant], twin: &Twin) -> TokenStream {
    let Twin {
        ident: twin,
        archived,
        resolver,
    } = twin;
    let runtime = value.runtime();
    let (vis, ident) = (&value.vis, &value.ident);
    let quiet = quiet();
    let checks = value.is_recursive().then(|| recursive_checks(runtime));
    let variants = variants.iter().map(|variant| {
        let name = &variant.ident;
        let fields = variant
            .record
            .fields
            .iter()
            .map(|field| twin_field(field, runtime));
        let fields = (!variant.record.fields.is_empty()).then(|| quote!({ #(#fields)* }));
        quote!(#name #fields)
    });
    quote! {
        #[doc(hidden)]
        #quiet
        #[derive(#runtime::rkyv::Archive, #runtime::rkyv::Serialize)]
        #[rkyv(
            remote = #ident,
            archived = #archived,
            resolver = #resolver,
            attr(doc(hidden)),
            crate = #runtime::rkyv
        )]
        #checks
        #vis enum #twin { #(#variants,)* }
    }
}

fn twin_field(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    let recursive = field
        .is_recursive
        .then(|| quote!(, attr(bytecheck(omit_bounds))));
    quote!(#[rkyv(with = #runtime::AsField #recursive)] #ident: #ty,)
}

/// What the validation of a field asks of its context, where its own bounds had to be left out.
fn recursive_checks(runtime: Runtime<'_>) -> TokenStream {
    let rkyv = quote!(#runtime::rkyv);
    quote! {
        #[rkyv(bytecheck(bounds(
            __C: #rkyv::validation::ArchiveContext,
            <__C as #rkyv::rancor::Fallible>::Error: #rkyv::rancor::Source,
        )))]
    }
}

/// `From::Variant { a: field_0 } => To::Variant { a: <A as Field>::method(field_0) },`
fn arms(
    variants: &[Variant],
    runtime: Runtime<'_>,
    from: &Ident,
    to: &Ident,
    method: &str,
) -> TokenStream {
    let method = format_ident!("{method}");
    let arms = variants.iter().map(|variant| {
        let name = &variant.ident;
        let pattern = variant.record.pattern();
        let fields = convert(&variant.record, runtime, &method);
        quote!(#from::#name { #pattern } => #to::#name { #fields },)
    });
    arms.collect()
}

/// `a: <A as Field>::method(field_0),`
fn convert(record: &Record, runtime: Runtime<'_>, method: &Ident) -> TokenStream {
    let fields = record.bound().map(|(field, local)| {
        let ident = &field.ident;
        let field = as_field(field, runtime);
        quote!(#ident: #field::#method(#local),)
    });
    fields.collect()
}
