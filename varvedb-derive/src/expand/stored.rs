//! A struct with personal fields that is kept beside the log: as a row, or as the state in a snapshot.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Ident;

use super::personal::{as_personal, clear_shape};
use super::record::{as_field, bounds, tree};
use super::{Runtime, local};
use crate::model::{Field, PiiShape, Record, Value};

/// `impl Stored for Account`
pub(super) fn stored(value: &Value, record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let ident = &value.ident;
    let bounds = bounds([record], runtime);
    let layout = layout(record, runtime);
    let needs_owner = personal(record).any(|(field, _)| record.named_subject(field).is_none());
    let row = (!needs_owner).then(|| {
        quote! {
            #[automatically_derived]
            impl #runtime::Row for #ident where #bounds {}
        }
    });
    let owners = owners(record, runtime);
    let write = write(record, runtime);
    let read = read(record, runtime);
    quote! {
        #[automatically_derived]
        impl #runtime::Stored for #ident where #bounds {
            const NEEDS_OWNER: bool = #needs_owner;

            fn layout() -> #runtime::Schema { #layout }
            #owners
            #write
            #read
        }
        #row
    }
}

/// The personal fields with their locals.
fn personal(record: &Record) -> impl Iterator<Item = (&Field, Ident)> {
    record.bound().filter(|(field, _)| field.personal.is_some())
}

fn layout(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let clear = record.parts().map(|(field, _)| {
        let name = field.name.as_str();
        let stored = stored_as(field, runtime);
        quote!(#runtime::FieldSchema { name: #name, schema: #stored::schema })
    });
    let boxes = personal(record).map(|(field, _)| {
        let (name, personal) = (field.name.as_str(), as_personal(field, runtime));
        let subject = record.named_subject(field);
        let subject = subject.map_or("own", Field::subject_name);
        let path = format!("pii.{subject}.{}.{name}", purpose(field));
        quote!(#runtime::FieldSchema {
            name: #path,
            schema: || #runtime::Schema::Sealed(&[#runtime::FieldSchema {
                name: #name,
                schema: <#personal::Datum as #runtime::Field>::schema,
            }]),
        })
    });
    let fields = clear.chain(boxes);
    quote!(#runtime::Schema::Struct(const { &[#(#fields),*] }))
}

fn owners(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let (owners, own, pattern) = (local("owners"), local("own"), record.pattern());
    let adds = personal(record).map(|(field, _)| {
        let purpose = purpose(field);
        if let Some(subject) = record.named_subject(field) {
            let id = record.local_of(subject);
            quote!(#owners.add(#id, #purpose)?;)
        } else {
            quote!(#owners.add_own(#own, #purpose);)
        }
    });
    quote! {
        fn owners(
            &self,
            #own: ::core::option::Option<&#runtime::Subject>,
            #owners: &mut #runtime::Owners,
        ) -> ::core::result::Result<(), #runtime::NameError> {
            #[allow(unused_variables)]
            let Self { #pattern } = self;
            let _ = #own;
            #(#adds)*
            ::core::result::Result::Ok(())
        }
    }
}

fn write(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let (writing, out, pattern) = (local("writing"), local("out"), record.pattern());
    let seals = personal(record).map(|(field, local)| {
        let (purpose, name) = (purpose(field), field.name.as_str());
        if let Some(subject) = record.named_subject(field) {
            let id = record.local_of(subject);
            quote!(#writing.seal(#id, #purpose, #name, #local)?;)
        } else {
            quote!(#writing.seal_own(#purpose, #name, #local)?;)
        }
    });
    let shapes = record.shapes().map(|(field, local, shape)| {
        let personal = as_personal(field, runtime);
        quote!(let #shape = &#personal::shape(#local);)
    });
    let clear: Vec<TokenStream> = record.parts().map(|(_, local)| quote!(#local)).collect();
    let clear = tree(&clear, &|left, right| quote!(#runtime::Pair(#left, #right)));
    quote! {
        fn write(
            &self,
            #writing: &mut #runtime::Writing<'_>,
            #out: &mut #runtime::Vec<u8>,
        ) -> ::core::result::Result<(), #runtime::EncodeError> {
            let Self { #pattern } = self;
            #(#seals)*
            #(#shapes)*
            #writing.finish(&#clear, #out)
        }
    }
}

fn read(record: &Record, runtime: Runtime<'_>) -> TokenStream {
    let (bytes, reading, scratch) = (local("bytes"), local("reading"), local("scratch"));
    let (boxes, clear, value) = (local("boxes"), local("clear"), local("value"));
    let count = personal(record).count();
    let archived = record.parts().map(|(field, _)| {
        let stored = stored_as(field, runtime);
        quote!(#stored::Archived)
    });
    let archived = tree(
        &archived.collect::<Vec<_>>(),
        &|left, right| quote!(#runtime::Pair<#left, #right>),
    );
    let locals: Vec<TokenStream> = record.parts().map(|(_, local)| quote!(#local)).collect();
    let pattern = tree(
        &locals,
        &|left, right| quote!(#runtime::Pair(#left, #right)),
    );
    let shapes: Vec<_> = record.shapes().collect();
    let mut number = 0_u8;
    let fields = record.bound().map(|(field, local)| {
        let ident = &field.ident;
        if field.personal.is_none() {
            let stored = as_field(field, runtime);
            return quote!(#ident: #stored::from_view(#stored::view_archived(#local)),);
        }
        let personal = as_personal(field, runtime);
        let shape = shapes
            .iter()
            .find(|(other, _, _)| other.ident == field.ident);
        let shape = if let Some((_, _, shape)) = shape {
            let clear = clear_shape(field, runtime);
            quote!(#clear::view_archived(#shape))
        } else {
            quote!(::core::default::Default::default())
        };
        let nth = Literal::u8_suffixed(number);
        number = number.saturating_add(1);
        quote!(#ident: #personal::from_view(#personal::view_sealed(
            #shape,
            #reading.sealed(&#boxes, #nth, &#scratch),
            |#bytes| #runtime::plain::<<#personal::Datum as #runtime::Field>::Archived>(#bytes),
        )),)
    });
    let fields: TokenStream = fields.collect();
    quote! {
        fn read(
            #bytes: &[u8],
            #reading: &#runtime::Reading<'_>,
        ) -> ::core::result::Result<Self, #runtime::StoredError> {
            let #scratch = #runtime::Scratch::new();
            let (#boxes, #clear) = #reading.parts(#bytes, #count)?;
            let #pattern = #runtime::plain::<#archived>(&#clear)
                .map_err(|error| #runtime::StoredError::Invalid(::std::string::ToString::to_string(&error)))?;
            let #value = Self { #fields };
            #reading.check(&#scratch)?;
            ::core::result::Result::Ok(#value)
        }
    }
}

fn stored_as(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    match field.personal.as_ref().map(|personal| personal.shape) {
        None => as_field(field, runtime),
        Some(PiiShape::One | PiiShape::Optional | PiiShape::Several) => clear_shape(field, runtime),
    }
}

fn purpose(field: &Field) -> String {
    let personal = field.personal.as_ref();
    personal.map_or_else(String::new, crate::model::Personal::purpose)
}
