//! `impl` blocks and the methods in them.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, FnArg, GenericParam, Ident, ImplItem, ImplItemFn, Item, ItemImpl, PatType, Type,
};

use super::types;
use crate::diagnostic;
use crate::report::Report;

/// An attribute macro's own name, and the words for what it makes.
pub(super) struct Subject {
    pub(super) attribute: &'static str,
    pub(super) noun: &'static str,
    pub(super) with_article: &'static str,
    pub(super) example: &'static str,
}

/// What a method takes as `self`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    None,
    Shared,
    Mutable,
    Owned,
}

/// The inherent block of a plain type; `None` for anything else, which has been reported.
pub(super) fn block(
    item: TokenStream,
    subject: &Subject,
    report: &mut Report,
) -> Option<(ItemImpl, Ident)> {
    let item = syn::parse2::<Item>(item)
        .map_err(|e| report.syntax(e))
        .ok()?;
    let block = match item {
        Item::Impl(block) => block,
        other => {
            let (at, name) = headline(&other, subject);
            report.fatal(at, diagnostic::not_a_block(subject.attribute, &name));
            return None;
        }
    };
    if let Some((_, path, _)) = &block.trait_ {
        report.fatal(
            path,
            diagnostic::trait_block(subject.attribute, subject.noun),
        );
        return None;
    }
    if !block.generics.params.is_empty() {
        report.fatal(
            &block.generics,
            diagnostic::generic_block(subject.with_article),
        );
        return None;
    }
    let Some(name) = types::name(&block.self_ty).cloned() else {
        report.fatal(
            &block.self_ty,
            diagnostic::not_a_plain_type(subject.with_article),
        );
        return None;
    };
    Some((block, name))
}

/// The methods of a block.
pub(super) fn methods(block: &mut ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// Takes our attribute off a method; the block goes back to the compiler without it.
pub(super) fn take(method: &mut ImplItemFn, mark: &str, report: &mut Report) -> Option<Attribute> {
    let mut taken = None;
    method.attrs.retain(|attribute| {
        let is_mark = attribute.path().is_ident(mark);
        if is_mark && taken.is_some() {
            report.mistake(attribute, diagnostic::mark_twice(mark));
        } else if is_mark {
            taken = Some(attribute.clone());
        }
        !is_mark
    });
    if taken.is_some() {
        quieten(method);
    }
    taken
}

/// The shape of a marked method is ours, so what clippy says of that shape is not for the user:
/// views are passed by value, a command may have no way to fail, a handler no use for `self`.
fn quieten(method: &mut ImplItemFn) {
    method.attrs.push(syn::parse_quote!(
        #[allow(
            clippy::needless_pass_by_value,
            clippy::unnecessary_wraps,
            clippy::unused_self,
            clippy::trivially_copy_pass_by_ref
        )]
    ));
}

/// Whether generated code can call the method as it is; `what` begins the sentence otherwise.
pub(super) fn is_plain(method: &ImplItemFn, what: &str, report: &mut Report) -> bool {
    let before = report.count();
    let signature = &method.sig;
    if let Some(keyword) = &signature.asyncness {
        report.mistake(keyword, diagnostic::asynchronous(what));
    }
    if let Some(keyword) = &signature.unsafety {
        report.mistake(keyword, diagnostic::unsafe_method(what));
    }
    let is_lifetime = |param: &GenericParam| matches!(param, GenericParam::Lifetime(_));
    if !signature.generics.params.iter().all(is_lifetime) {
        report.mistake(&signature.generics, diagnostic::generic_method(what));
    }
    report.count() == before
}

/// How a method takes `self`.
pub(super) fn receiver(method: &ImplItemFn) -> Receiver {
    match method.sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) => match types::reference(&receiver.ty) {
            Some(reference) if reference.mutability.is_some() => Receiver::Mutable,
            Some(_) => Receiver::Shared,
            None => Receiver::Owned,
        },
        _ => Receiver::None,
    }
}

/// The parameters after `self`.
pub(super) fn parameters(method: &ImplItemFn) -> Vec<&PatType> {
    let inputs = method.sig.inputs.iter();
    inputs
        .filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(parameter),
            FnArg::Receiver(_) => None,
        })
        .collect()
}

/// The event that a handler takes, and its further parameters.
pub(super) fn view<'a>(
    method: &'a ImplItemFn,
    report: &mut Report,
) -> Option<(&'a Type, Vec<&'a PatType>)> {
    let parameters = parameters(method);
    let Some((first, others)) = parameters.split_first() else {
        report.mistake(&method.sig.ident, diagnostic::HANDLER_WITHOUT_EVENT);
        return None;
    };
    let before = report.count();
    match types::reference(&first.ty) {
        Some(reference) if reference.mutability.is_some() => {
            report.mistake(reference, diagnostic::VIEW_BY_MUTABLE_REFERENCE);
        }
        Some(reference) => report.mistake(reference, diagnostic::VIEW_BY_REFERENCE),
        None if types::name(&first.ty).is_none() => {
            report.mistake(&first.ty, diagnostic::VIEW_UNNAMED);
        }
        None => {}
    }
    (report.count() == before).then(|| (&*first.ty, others.to_vec()))
}

/// The `#[cfg(..)]` of a method, which also decide over what is generated for it.
pub(super) fn cfgs(method: &ImplItemFn) -> Vec<Attribute> {
    let attributes = method.attrs.iter();
    attributes
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// Where to point at an item that is no block, and its name.
fn headline(item: &Item, subject: &Subject) -> (TokenStream, String) {
    let ident = match item {
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Mod(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        other => return (first_token(other), subject.example.to_owned()),
    };
    (ident.to_token_stream(), ident.to_string())
}

fn first_token(item: &Item) -> TokenStream {
    item.to_token_stream().into_iter().take(1).collect()
}
