//! `#[aggregate(..)]`.

use super::{Runtime, doc, docs_or, fallback, local, local_at, located, quiet};
use crate::model::{Aggregate, Apply, Command, Definition, Snapshot};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

/// The user's block, what `load` needs, the enum of all commands, and the commands of a root.
pub(crate) fn aggregate(aggregate: &Aggregate) -> TokenStream {
    let Some(definition) = &aggregate.definition else {
        return fallback::aggregate(aggregate);
    };
    let block = &aggregate.block;
    let aggregate_impl = aggregate_impl(aggregate, definition);
    let command_enum = command_enum(aggregate);
    let command_impl = command_impl(aggregate, definition);
    let commands_trait = commands_trait(aggregate, definition);
    quote!(#block #aggregate_impl #command_enum #command_impl #commands_trait)
}

impl Aggregate {
    fn runtime(&self) -> Runtime<'_> {
        Runtime(&self.krate)
    }
}

/// The match has no wildcard: a variant without a handler is rustc's E0004. Only the scrutinee is
/// at the aggregate's name, since rustc would suggest an arm wherever the arms are.
fn aggregate_impl(aggregate: &Aggregate, definition: &Definition) -> TokenStream {
    let runtime = aggregate.runtime();
    let own = &aggregate.block.self_ty;
    let name = aggregate.name.to_string();
    let Definition { id, event, error } = definition;
    let arms = aggregate.applies.iter().map(|a| apply_arm(aggregate, a));
    let refused = (!aggregate.is_complete).then(|| quote!(#[allow(unreachable_patterns)] _ => {}));
    let (state, meta) = (local("state"), local("meta"));
    let view = local_at("view", located(own));
    let snapshots = snapshots(aggregate, definition);
    let shredded = shredded(aggregate);
    let reads_meta = aggregate.applies.iter().any(|apply| apply.takes_meta);
    let reads_meta = (!reads_meta).then(|| {
        quote!(
            const READS_META: bool = false;
        )
    });
    quote! {
        #[automatically_derived]
        impl #runtime::Aggregate for #own {
            const NAME: &'static str = #name;
            type Id = #id;
            type Event = #event;
            type Error = #error;
            #reads_meta

            fn apply(
                #state: &mut ::core::option::Option<Self>,
                #view: <#event as #runtime::Event>::View<'_>,
                #meta: &#runtime::Meta<'_>,
            ) -> ::core::result::Result<(), #runtime::NotCreated> {
                // Patterns take a plain path only, and the user imports the enum, not its views.
                type __View<'a> = <#event as #runtime::Event>::View<'a>;
                let _ = (&#state, #meta);
                match #view { #(#arms)* #refused }
                ::core::result::Result::Ok(())
            }
            #shredded
            #snapshots
        }
    }
}

/// What the aggregate does when somebody was shredded whose data is in it.
fn shredded(aggregate: &Aggregate) -> Option<TokenStream> {
    let Apply {
        cfgs, method, view, ..
    } = aggregate.shredded.as_ref()?;
    let (runtime, own) = (aggregate.runtime(), &aggregate.block.self_ty);
    let (state, event) = (local("state"), local_at("view", located(view)));
    Some(quote! {
        #(#cfgs)*
        const HANDLES_SHREDDED: bool = true;

        #(#cfgs)*
        fn shredded(&mut self, #event: #runtime::SubjectShredded<'_>) {
            let #state = self;
            <#own>::#method(#state, #event);
        }
    })
}

/// When snapshots are taken, and what this program's are known by. The hash of a handler stands under the
/// handler's own conditions.
fn snapshots(aggregate: &Aggregate, definition: &Definition) -> Option<TokenStream> {
    let snapshot = aggregate.snapshot.as_ref()?;
    let runtime = aggregate.runtime();
    let (own, id) = (&aggregate.block.self_ty, &definition.id);
    let handlers = aggregate.applies.iter().chain(&aggregate.shredded);
    let hashes = handlers.map(|apply| {
        let Apply {
            cfgs, fingerprint, ..
        } = apply;
        quote!(#(#cfgs)* #fingerprint)
    });
    let every = snapshot.every.map(|events| quote!(.every(#events)));
    let after_replay = snapshot
        .after_replay_micros
        .map(|micros| quote!(.after_replay(#micros)));
    let revision = snapshot.revision.map(|number| quote!(.revision(#number)));
    let asks = local("asks");
    let on = (!snapshot.on.is_empty()).then(|| quote!(.on(#asks)));
    let asks_item = on
        .is_some()
        .then(|| asks_item(aggregate, definition, snapshot));
    let snapshots = local("SNAPSHOTS");
    Some(quote! {
        fn snapshots() -> ::core::option::Option<&'static #runtime::Snapshots<Self>> {
            #asks_item
            static #snapshots: #runtime::Snapshots<#own> =
                #runtime::snapshots::<#own>(&[#(#hashes),*], {
                    #[allow(unused_imports)]
                    use #runtime::NoOwn as _;
                    #runtime::OwnProbe::<#id>::OWN
                })
                    #every #after_replay #on #revision;
            ::core::option::Option::Some(&#snapshots)
        }
    })
}

/// Whether an event asks for a snapshot.
fn asks_item(aggregate: &Aggregate, definition: &Definition, snapshot: &Snapshot) -> TokenStream {
    let runtime = aggregate.runtime();
    let event = &definition.event;
    let handlers = snapshot
        .on
        .iter()
        .flat_map(|event| aggregate.handlers_of(event));
    let arms =
        handlers.map(|Apply { cfgs, variant, .. }| quote!(#(#cfgs)* __View::#variant(..) => true,));
    let (asks, view) = (local("asks"), local("view"));
    quote! {
        fn #asks(#view: &<#event as #runtime::Event>::View<'_>) -> bool {
            type __View<'a> = <#event as #runtime::Event>::View<'a>;
            match #view {
                #(#arms)*
                #[allow(unreachable_patterns)]
                _ => false,
            }
        }
    }
}

fn apply_arm(aggregate: &Aggregate, apply: &Apply) -> TokenStream {
    let runtime = aggregate.runtime();
    let own = &aggregate.block.self_ty;
    let Apply {
        cfgs,
        method,
        view,
        variant,
        ..
    } = apply;
    let (state, meta) = (local("state"), local("meta"));
    let view = local_at("view", located(view));
    let meta = apply.takes_meta.then(|| quote!(, #meta));
    let call = if apply.creates {
        quote!(*#state = ::core::option::Option::Some(<#own>::#method(#view #meta));)
    } else {
        let name = variant.to_string();
        quote!(<#own>::#method(#runtime::created(#state, #name)?, #view #meta);)
    };
    quote!(#(#cfgs)* __View::#variant(#view) => { #call })
}

/// `enum AccountCommand`
pub(super) fn command_enum(aggregate: &Aggregate) -> TokenStream {
    let name = &aggregate.name;
    let ident = aggregate.command_enum();
    let vis = aggregate.commands_vis();
    let derives = &aggregate.derives;
    let summary = doc(&format!("Everything that can be asked of `{name}`."));
    let quiet = quiet();
    let variants = aggregate.commands.iter().map(|command| {
        let Command {
            cfgs,
            variant,
            method,
            ..
        } = command;
        let docs = docs_or(&command.docs, || format!("Asks for `{name}::{method}`."));
        let fields = command.parameters.iter().map(|parameter| {
            let (ident, ty) = (&parameter.ident, &parameter.ty);
            let doc = doc(&format!("`{ident}` of `{name}::{method}`."));
            quote!(#doc #ident: #ty)
        });
        quote!(#(#cfgs)* #(#docs)* #variant { #(#fields),* })
    });
    quote! {
        #summary
        #quiet
        #[derive(#(#derives),*)]
        #vis enum #ident { #(#variants,)* }
    }
}

fn command_impl(aggregate: &Aggregate, definition: &Definition) -> TokenStream {
    let runtime = aggregate.runtime();
    let own = &aggregate.block.self_ty;
    let ident = aggregate.command_enum();
    let Definition { event, error, .. } = definition;
    let arms = aggregate.commands.iter().map(|c| command_arm(aggregate, c));
    let state = local("state");
    quote! {
        #[automatically_derived]
        impl #runtime::Command<#own> for #ident {
            fn decide(
                self,
                #state: ::core::option::Option<&#own>,
            ) -> ::core::result::Result<#runtime::Vec<#event>, #runtime::Rejected<#error>> {
                let _ = &#state;
                match self { #(#arms)* }
            }
        }
    }
}

fn command_arm(aggregate: &Aggregate, command: &Command) -> TokenStream {
    let runtime = aggregate.runtime();
    let own = &aggregate.block.self_ty;
    let Command {
        cfgs,
        method,
        variant,
        output,
        ..
    } = command;
    let state = local("state");
    let fields: Vec<_> = command.parameters.iter().map(|p| &p.ident).collect();
    let locals: Vec<_> = command
        .parameters
        .iter()
        .enumerate()
        .map(|(i, parameter)| local_at(&format!("field_{i}"), located(&parameter.ty)))
        .collect();
    let (guard, this) = if command.creates {
        (quote!(#runtime::absent(#state)?;), None)
    } else {
        (quote!(), Some(quote!(#runtime::existing(#state)?,)))
    };
    let decision = quote!(<#own>::#method(#this #(#locals),*));
    let events = quote_spanned!(located(output)=> #runtime::into_events::<#own, _, _>(#decision));
    quote!(#(#cfgs)* Self::#variant { #(#fields: #locals),* } => { #guard #events })
}

/// `trait AccountCommands`, and the commands of `Root<Account>`.
fn commands_trait(aggregate: &Aggregate, definition: &Definition) -> TokenStream {
    let runtime = aggregate.runtime();
    let name = &aggregate.name;
    let own = &aggregate.block.self_ty;
    let ident = aggregate.commands_trait();
    let vis = aggregate.commands_vis();
    let summary = doc(&format!(
        "The commands of a `Root<{name}>`: each decides, and records what it decided for the next \
         save. After a refusal the root is as it was."
    ));
    let quiet = quiet();
    let signatures = aggregate.commands.iter().map(|command| {
        let Command { cfgs, method, .. } = command;
        let docs = docs_or(&command.docs, || format!("See `{name}::{method}`."));
        let signature = signature(aggregate, definition, command);
        quote!(#(#cfgs)* #(#docs)* #signature;)
    });
    let methods = aggregate.commands.iter().map(|command| {
        let Command { cfgs, variant, .. } = command;
        let signature = signature(aggregate, definition, command);
        let command_enum = aggregate.command_enum();
        let fields = command.parameters.iter().map(|parameter| &parameter.ident);
        quote! {
            #(#cfgs)*
            #signature { #runtime::Root::execute(self, #command_enum::#variant { #(#fields),* }) }
        }
    });
    quote! {
        #summary
        #quiet
        #vis trait #ident { #(#signatures)* }
        #[automatically_derived]
        impl #ident for #runtime::Root<#own> { #(#methods)* }
    }
}

fn signature(aggregate: &Aggregate, definition: &Definition, command: &Command) -> TokenStream {
    let runtime = aggregate.runtime();
    let error = &definition.error;
    let method = &command.method;
    let parameters = command.parameters.iter().map(|parameter| {
        let (ident, ty) = (&parameter.ident, &parameter.ty);
        quote!(#ident: #ty)
    });
    quote! {
        fn #method(
            &mut self,
            #(#parameters),*
        ) -> ::core::result::Result<(), #runtime::Rejected<#error>>
    }
}
