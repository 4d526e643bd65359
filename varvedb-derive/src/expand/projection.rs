//! `#[projection(..)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{Runtime, local, located};
use crate::model::{Argument, Home, On, Projection};
use crate::parse::with_inferred_lifetimes;

/// The user's block, and what a processor needs.
pub(crate) fn projection(projection: &Projection) -> TokenStream {
    let runtime = projection.runtime();
    let Projection {
        block,
        name,
        handlers,
        ..
    } = projection;
    let own = &block.self_ty;
    let name = name.as_ref().map(syn::LitStr::value).unwrap_or_default();
    let home = projection.home().variant();
    let interests = handlers.iter().map(|on| interest(projection, on));
    let names = handlers.iter().map(|on| names(projection, on));
    let arms = handlers.iter().map(|on| arm(projection, on));
    let (recorded, scratch, tables) = (local("recorded"), local("scratch"), local("tables"));
    quote! {
        #block
        #[automatically_derived]
        impl #runtime::Projection for #own {
            const NAME: &'static str = #name;
            const HOME: #runtime::Home = #runtime::Home::#home;

            fn interests() -> #runtime::Vec<#runtime::Interest> {
                <#runtime::Vec<_> as ::core::convert::From<[_; _]>>::from([#(#interests),*])
            }
            fn handle(
                &mut self,
                #recorded: &#runtime::RecordedEvent<'_>,
                #tables: &mut #runtime::Tables<'_>,
            ) -> ::core::result::Result<(), #runtime::HandlerError> {
                let _ = &#tables;
                let #scratch = #runtime::Scratch::new();
                #[allow(unreachable_patterns)] // a second handler has been reported
                match #runtime::present_hash(#recorded, &[#(#names),*]) {
                    #(#arms)*
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
}

impl Projection {
    fn runtime(&self) -> Runtime<'_> {
        Runtime(&self.krate)
    }
}

impl Home {
    fn variant(self) -> Ident {
        let name = match self {
            Self::Memory => "Memory",
            Self::Tables => "Tables",
            Self::Elsewhere => "Elsewhere",
        };
        Ident::new(name, Span::call_site())
    }
}

fn interest(projection: &Projection, on: &On) -> TokenStream {
    let runtime = projection.runtime();
    let cfgs = &on.cfgs;
    let [hash, name, aliases, schemas] =
        ["HASH", "NAME", "ALIASES", "schemas"].map(|item| of_view(projection, on, item));
    quote! {
        #(#cfgs)*
        #runtime::Interest { hash: #hash, name: #name, aliases: #aliases, schemas: #schemas }
    }
}

/// The hashes of the present and the former names of what a handler takes.
fn names(projection: &Projection, on: &On) -> TokenStream {
    let cfgs = &on.cfgs;
    let [hash, aliases] = ["HASH", "ALIASES"].map(|item| of_view(projection, on, item));
    quote!(#(#cfgs)* (#hash, #aliases))
}

fn arm(projection: &Projection, on: &On) -> TokenStream {
    let runtime = projection.runtime();
    let own = &projection.block.self_ty;
    let On { cfgs, method, .. } = on;
    let [hash, decode] = ["HASH", "decode"].map(|item| of_view(projection, on, item));
    let this = quote!(self); // a `self` at another span would be another
    let (recorded, scratch, tables) = (local("recorded"), local("scratch"), local("tables"));
    let arguments = on.arguments.iter().map(|argument| match argument {
        Argument::Meta => quote!(#runtime::RecordedEvent::meta(#recorded)),
        Argument::Tables => quote!(#tables),
    });
    let at = on.output.as_ref().map_or_else(|| located(method), located);
    let result = quote_spanned!(at=> <#own>::#method(#this, #decode(#recorded, &#scratch)? #(, #arguments)*));
    let result = quote_spanned!(at=> #runtime::HandlerResult::into_result(#result));
    quote!(#(#cfgs)* #hash => #result,)
}

/// `<AccountOpened<'_> as EventView<'_>>::HASH`, at the type.
fn of_view(projection: &Projection, on: &On, item: &str) -> TokenStream {
    let item = Ident::new(item, on.view.span());
    let view = with_inferred_lifetimes(on.view.to_token_stream());
    let runtime = projection.runtime().at(on.view.span());
    quote_spanned!(on.view.span()=> <#view as #runtime::EventView<'_>>::#item)
}
