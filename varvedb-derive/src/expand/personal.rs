//! Personal fields: how boxes are sealed, how they are looked into, and what the program says of them.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident};

use super::decode;
use super::record::{as_field, tree};
use super::{Runtime, local, local_at, located};
use crate::model::{Event, Field, Personal, PiiShape, Record, SealedBox, Variant};

impl Record {
    /// What goes before a record is written: `let __box_0 = &seal(..)?;` of each box.
    pub(super) fn sealing(&self, runtime: Runtime<'_>) -> TokenStream {
        let shapes = self.shapes().map(|(field, local, shape)| {
            let personal = as_personal(field, runtime);
            quote!(let #shape = &#personal::shape(#local);)
        });
        let boxes = self.boxes();
        let boxes = boxes.iter().enumerate().map(|(number, sealed)| {
            let (local, sealer) = (box_local(number), local("sealer"));
            let (subject, purpose) = (self.local_of(sealed.subject), &sealed.purpose);
            let data = sealed.fields.iter().map(|field| {
                let (local, name) = (self.local_of(field), field.name.as_str());
                quote!(#runtime::sealing(#local, #name)?)
            });
            let record = pairs(&data.collect::<Vec<_>>(), runtime);
            quote!(let #local = &#runtime::seal(#sealer, #subject, #purpose, &#record)?;)
        });
        shapes.chain(boxes).collect()
    }

    /// What goes after a record was read: the boxes as what can be looked into.
    pub(super) fn looking(&self, runtime: Runtime<'_>) -> TokenStream {
        let shapes = self.shapes().map(|(field, _, shape)| {
            let clear = clear_shape(field, runtime);
            quote!(let #shape = #clear::view_archived(#shape);)
        });
        let (recorded, scratch) = (local("recorded"), local("scratch"));
        let boxes = (0..self.boxes().len()).map(|number| {
            let (local, number) = (box_local(number), literal(number));
            quote!(let #local = #runtime::sealed(#recorded, #scratch, #local, #number);)
        });
        shapes.chain(boxes).collect()
    }

    /// The view of a personal field in a box that was read.
    pub(super) fn view_sealed(&self, field: &Field, runtime: Runtime<'_>) -> TokenStream {
        let boxes = self.boxes();
        let holds = |sealed: &SealedBox<'_>| sealed.fields.iter().any(|f| f.ident == field.ident);
        let Some(number) = boxes.iter().position(holds) else {
            return TokenStream::new(); // it is about nobody, which has been reported
        };
        let personal = as_personal(field, runtime);
        let shape = self
            .shapes()
            .find(|(other, _, _)| other.ident == field.ident);
        let none = || quote!(::core::default::Default::default());
        let shape = shape.map_or_else(none, |(_, _, shape)| quote!(#shape));
        let sealed = box_local(number);
        let datum = boxes
            .get(number)
            .map(|sealed| datum(sealed, field, runtime));
        let view = quote!(#personal::view_sealed(#shape, #sealed, #datum));
        self.with_fallback(field, view, runtime, |subject| {
            let ty = &subject.ty;
            if subject.is_stream_id {
                let recorded = local("recorded");
                return quote!(::core::option::Option::Some(#recorded.stream().key().to_key()));
            }
            let (stored, local) = (as_field(subject, runtime), self.local_of(subject));
            let id = quote!(&#stored::from_view(#stored::view_archived(#local)));
            quote!(<#ty as #runtime::StreamKey>::to_key(#id).ok())
        })
    }

    /// The view of a personal field of a value in memory.
    pub(super) fn view_native(
        &self,
        field: &Field,
        local: &Ident,
        runtime: Runtime<'_>,
    ) -> TokenStream {
        let personal = as_personal(field, runtime);
        let view = quote!(#personal::view(#local));
        self.with_fallback(field, view, runtime, |subject| {
            let (ty, local) = (&subject.ty, self.local_of(subject));
            quote!(<#ty as #runtime::StreamKey>::to_key(#local).ok())
        })
    }

    /// The view with what the field says of a datum that is shredded. `key_of` is the key of whom it is about.
    fn with_fallback(
        &self,
        field: &Field,
        view: TokenStream,
        runtime: Runtime<'_>,
        key_of: impl FnOnce(&Field) -> TokenStream,
    ) -> TokenStream {
        let Some(personal) = &field.personal else {
            return view;
        };
        match (&personal.fallback, self.subject_of(personal)) {
            (Some(Expr::Closure(make)), Some(subject)) => {
                let (key, ty) = (key_of(subject), &subject.ty);
                quote_spanned!(located(make)=> #view.with_fallback_of(#key, |key| {
                    <#ty as #runtime::StreamKey>::from_key(key).map(#make)
                }))
            }
            (Some(fallback), _) => {
                quote_spanned!(located(fallback)=> #view.with_fallback(|| #fallback))
            }
            (None, _) => view,
        }
    }

    /// The stored parts that stand for personal fields: shapes in the order of the fields, then boxes.
    pub(super) fn shapes(&self) -> impl Iterator<Item = (&Field, Ident, Ident)> {
        self.bound().enumerate().filter_map(|(i, (field, local))| {
            let personal = field.personal.as_ref()?;
            let shape = local_at(&format!("shape_{i}"), located(&field.ty));
            (personal.shape != PiiShape::One).then_some((field, local, shape))
        })
    }

    /// `owner: __field_1`, of the fields that a record is written from, and those that name persons.
    pub(super) fn sealed_pattern(&self) -> TokenStream {
        let boxes = self.boxes();
        let is_subject = |field: &Field| boxes.iter().any(|b| b.subject.ident == field.ident);
        let needed = self
            .bound()
            .filter(|(field, _)| !field.is_stream_id || is_subject(field));
        needed
            .map(|(field, local)| {
                let ident = &field.ident;
                quote!(#ident: #local,)
            })
            .collect()
    }

    pub(super) fn local_of(&self, field: &Field) -> TokenStream {
        let found = self.bound().find(|(other, _)| other.ident == field.ident);
        found.map_or_else(TokenStream::new, |(_, local)| quote!(#local))
    }
}

/// `__box_0`
pub(super) fn box_local(number: usize) -> Ident {
    local(&format!("box_{number}"))
}

/// `<Pii<String> as Personal>`, at the field's type.
pub(super) fn as_personal(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &field.ty;
    let runtime = runtime.at(ty.span());
    quote_spanned!(ty.span()=> <#ty as #runtime::Personal>)
}

/// `<bool as Field>`: what is stored in the clear of a field that is optional or repeated.
pub(super) fn clear_shape(field: &Field, runtime: Runtime<'_>) -> TokenStream {
    if let Some(PiiShape::Optional) = field.personal.as_ref().map(|personal| personal.shape) {
        quote!(<bool as #runtime::Field>)
    } else {
        quote!(<u32 as #runtime::Field>)
    }
}

/// `FieldSchema { name: "pii.stream.general", schema: || Schema::Sealed(&[..]) }`
pub(super) fn box_schema(sealed: &SealedBox<'_>, runtime: Runtime<'_>) -> TokenStream {
    let name = sealed.name();
    let fields = sealed.fields.iter().map(|field| {
        let (name, personal) = (field.name.as_str(), as_personal(field, runtime));
        quote!(#runtime::FieldSchema {
            name: #name,
            schema: <#personal::Datum as #runtime::Field>::schema,
        })
    });
    quote!(#runtime::FieldSchema {
        name: #name,
        schema: || #runtime::Schema::Sealed(&[#(#fields),*]),
    })
}

/// What is asked of the ids that name persons.
pub(super) fn subject_bound(subject: &Field, runtime: Runtime<'_>) -> TokenStream {
    let ty = &subject.ty;
    let runtime = runtime.at(ty.span());
    quote_spanned!(ty.span()=> #ty: #runtime::SubjectKey,)
}

/// What an enum with personal data says of it; nothing of one without.
pub(super) fn event_items(event: &Event) -> TokenStream {
    if !event.is_personal() {
        return boxes_of_history(event);
    }
    let runtime = event.runtime();
    let inventory = inventory(event);
    let owners = owners(event);
    let lookups = lookups(event);
    quote! {
        const HAS_BOXES: bool = true;
        const PII_INVENTORY: &'static [#runtime::PiiField] = #inventory;
        #owners
        #lookups
    }
}

/// An enum whose events of today have no boxes may still read events that had some.
fn boxes_of_history(event: &Event) -> TokenStream {
    let layouts: Vec<_> = decode::old_layouts(event).collect();
    if layouts.is_empty() {
        return TokenStream::new();
    }
    quote!(const HAS_BOXES: bool = #(#layouts::HAS_BOXES)||*;)
}

fn inventory(event: &Event) -> TokenStream {
    let runtime = event.runtime();
    let lines = event.variants.iter().flat_map(|variant| {
        let name = event.type_name(variant);
        let boxes = variant.record.boxes().into_iter();
        boxes.flat_map(move |sealed| {
            let name = name.clone();
            let subject = sealed.subject.subject_name().to_owned();
            let purpose = sealed.purpose;
            let line = move |field: &Field| line(field, (&name, &subject, &purpose), runtime);
            sealed.fields.into_iter().map(line).collect::<Vec<_>>()
        })
    });
    quote!(&[#(#lines),*])
}

fn line(
    field: &Field,
    (event, subject, purpose): (&str, &str, &str),
    runtime: Runtime<'_>,
) -> TokenStream {
    let (name, personal) = (field.name.as_str(), as_personal(field, runtime));
    let text = |said: Option<String>| {
        if let Some(said) = said {
            quote!(::core::option::Option::Some(#said))
        } else {
            quote!(::core::option::Option::None)
        }
    };
    let said = field.personal.as_ref();
    let fallback = said.and_then(|said| said.fallback.as_ref().map(source));
    let lookup = said.and_then(|said| said.lookup.as_ref().map(source));
    let (fallback, lookup) = (text(fallback), text(lookup));
    quote!(#runtime::PiiField::new(
        (#event, #name, || #runtime::Schema::text(<#personal::Datum as #runtime::Field>::schema())),
        (#subject, #purpose),
        #fallback,
        #lookup,
    ))
}

/// The tokens about as they were written.
fn source(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let text = text
        .replace(" . ", ".")
        .replace(" (", "(")
        .replace(" :: ", "::");
    text.replace("( ", "(")
        .replace(" )", ")")
        .replace(" !", "!")
}

fn owners(event: &Event) -> TokenStream {
    let runtime = event.runtime();
    let owners = local("owners");
    let arms = event
        .variants
        .iter()
        .filter(|variant| variant.record.is_personal());
    let arms = arms.map(|variant| {
        let (name, record) = (&variant.ident, &variant.record);
        let mut named = Vec::new();
        let boxes = record.boxes();
        let adds: TokenStream = boxes
            .iter()
            .map(|sealed| {
                let (ident, local) = (&sealed.subject.ident, record.local_of(sealed.subject));
                if !named.iter().any(|(known, _)| known == ident) {
                    named.push((ident.clone(), local.clone()));
                }
                let purpose = &sealed.purpose;
                quote!(#owners.add(#local, #purpose)?;)
            })
            .collect();
        let pattern = named.iter().map(|(ident, local)| quote!(#ident: #local,));
        quote!(Self::#name { #(#pattern)* .. } => { #adds })
    });
    quote! {
        fn owners(
            &self,
            #owners: &mut #runtime::Owners,
        ) -> ::core::result::Result<(), #runtime::NameError> {
            match self {
                #(#arms)*
                #[allow(unreachable_patterns)]
                _ => {}
            }
            ::core::result::Result::Ok(())
        }
    }
}

fn lookups(event: &Event) -> Option<TokenStream> {
    let runtime = event.runtime();
    let (any, view, lookups) = (event.view(), local("view"), local("lookups"));
    let arms: Vec<TokenStream> = event
        .variants
        .iter()
        .filter_map(|variant| lookup_arm(event, variant))
        .collect();
    if arms.is_empty() {
        return None;
    }
    Some(quote! {
        fn lookups(
            #view: &Self::View<'_>,
            #lookups: &mut #runtime::Lookups,
        ) -> ::core::result::Result<(), #runtime::PiiError> {
            match #view {
                #(#any::#arms)*
                #[allow(unreachable_patterns)]
                _ => {}
            }
            ::core::result::Result::Ok(())
        }
    })
}

fn lookup_arm(event: &Event, variant: &Variant) -> Option<TokenStream> {
    let (name, view, lookups) = (&variant.ident, local("view"), local("lookups"));
    let adds: Vec<TokenStream> = variant
        .record
        .fields
        .iter()
        .filter_map(|field| {
            let Personal { lookup, .. } = field.personal.as_ref()?;
            let normalise = lookup.as_ref()?;
            let ident = &field.ident;
            let path = format!("{}.{}", event.type_name(variant), field.name.as_str());
            let datum = local_at("datum", located(normalise));
            Some(quote_spanned!(located(normalise)=>
                #lookups.add(#path, &#view.#ident, |#datum| #normalise(#datum))?;
            ))
        })
        .collect();
    (!adds.is_empty()).then(|| quote!(#name(#view) => { #(#adds)* }))
}

/// Where in a box a datum is: `|__plain| { let Pair(__found, _) = plain(__plain)?; Ok(__found) }`
fn datum(sealed: &SealedBox<'_>, field: &Field, runtime: Runtime<'_>) -> TokenStream {
    let archived = sealed.fields.iter().map(|field| {
        let personal = as_personal(field, runtime);
        quote!(<#personal::Datum as #runtime::Field>::Archived)
    });
    let archived = types(&archived.collect::<Vec<_>>(), runtime);
    let found = local("found");
    let places = sealed.fields.iter().map(|other| {
        if other.ident == field.ident {
            quote!(#found)
        } else {
            quote!(_)
        }
    });
    let pattern = pairs(&places.collect::<Vec<_>>(), runtime);
    let plain = local("plain");
    quote!(|#plain| {
        let #pattern = #runtime::plain::<#archived>(#plain)?;
        ::core::result::Result::Ok(#found)
    })
}

fn pairs(leaves: &[TokenStream], runtime: Runtime<'_>) -> TokenStream {
    tree(leaves, &|left, right| quote!(#runtime::Pair(#left, #right)))
}

fn types(leaves: &[TokenStream], runtime: Runtime<'_>) -> TokenStream {
    tree(leaves, &|left, right| quote!(#runtime::Pair<#left, #right>))
}

fn literal(number: usize) -> Literal {
    Literal::u8_suffixed(u8::try_from(number).unwrap_or(u8::MAX))
}
