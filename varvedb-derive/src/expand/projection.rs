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
    let parts = parts(projection);
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
                #parts
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
    let [hash, name, aliases, splits, schemas] =
        ["HASH", "NAME", "ALIASES", "SPLITS", "schemas"].map(|item| of_view(projection, on, item));
    quote! {
        #(#cfgs)*
        #runtime::Interest {
            hash: #hash,
            name: #name,
            aliases: #aliases,
            splits: #splits,
            schemas: #schemas,
        }
    }
}

/// The hashes of the present and the former names of what a handler takes.
fn names(projection: &Projection, on: &On) -> TokenStream {
    let cfgs = &on.cfgs;
    let [hash, aliases] = ["HASH", "ALIASES"].map(|item| of_view(projection, on, item));
    quote!(#(#cfgs)* (#hash, #aliases))
}

fn arm(projection: &Projection, on: &On) -> TokenStream {
    let cfgs = &on.cfgs;
    let [hash, decode] = ["HASH", "decode"].map(|item| of_view(projection, on, item));
    let (recorded, scratch) = (local("recorded"), local("scratch"));
    let call = call(projection, on, &quote!(#decode(#recorded, &#scratch)?));
    quote!(#(#cfgs)* #hash => #call,)
}

/// The handler with a view, and what it returns in its one form.
fn call(projection: &Projection, on: &On, view: &TokenStream) -> TokenStream {
    let runtime = projection.runtime();
    let own = &projection.block.self_ty;
    let method = &on.method;
    let this = quote!(self); // a `self` at another span would be another
    let (recorded, tables, scratch) = (local("recorded"), local("tables"), local("scratch"));
    let arguments = on.arguments.iter().map(|argument| match argument {
        Argument::Meta => quote!(#runtime::RecordedEvent::meta(#recorded)),
        Argument::Tables => quote!(#tables),
    });
    let at = on.output.as_ref().map_or_else(|| located(method), located);
    let result = quote_spanned!(at=> <#own>::#method(#this, #view #(, #arguments)*));
    quote_spanned!(at=> #runtime::handled(#result, &#scratch))
}

/// An event that is split: its parts in their order, each to the handler that takes it. What is asked
/// first is known when the program is compiled, and false for enums that split nothing.
fn parts(projection: &Projection) -> TokenStream {
    let (recorded, scratch, goes_on) = (local("recorded"), local("scratch"), local("goes_on"));
    let handlers = || projection.handlers.iter().enumerate();
    let is_split = handlers().map(|(_, on)| {
        let (cfgs, is_split) = (&on.cfgs, of_view(projection, on, "is_split"));
        quote!(#(#cfgs)* if #is_split(#recorded) { #goes_on = true; })
    });
    let lists = handlers().map(|(i, on)| {
        let (cfgs, parts) = (&on.cfgs, local(&format!("parts_{i}")));
        let of_event = of_view(projection, on, "parts");
        quote! {
            #(#cfgs)*
            let mut #parts = ::core::iter::IntoIterator::into_iter(#of_event(#recorded, &#scratch)?);
        }
    });
    let calls = handlers().map(|(i, on)| {
        let (cfgs, parts, view) = (&on.cfgs, local(&format!("parts_{i}")), local("view"));
        let call = call(projection, on, &quote!(#view));
        quote! {
            #(#cfgs)*
            if let ::core::option::Option::Some(#view) = ::core::iter::Iterator::next(&mut #parts) {
                #goes_on = true;
                if let ::core::option::Option::Some(#view) = #view { #call?; }
            }
        }
    });
    quote! {
        let mut #goes_on = false;
        #(#is_split)*
        if #goes_on {
            #(#lists)*
            while #goes_on {
                #goes_on = false;
                #(#calls)*
            }
            return ::core::result::Result::Ok(());
        }
    }
}

/// `<AccountOpened<'_> as EventView<'_>>::HASH`, at the type.
fn of_view(projection: &Projection, on: &On, item: &str) -> TokenStream {
    let item = Ident::new(item, on.view.span());
    let view = with_inferred_lifetimes(on.view.to_token_stream());
    let runtime = projection.runtime().at(on.view.span());
    quote_spanned!(on.view.span()=> <#view as #runtime::EventView<'_>>::#item)
}
