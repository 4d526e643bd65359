//! `#[aggregate(id = .., event = .., error = ..)]`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, ImplItemFn, Meta, Pat, PatType, Path, ReturnType, Type, parse_quote};

use super::block::{self, Receiver, Subject};
use super::fingerprint::fingerprint;
use super::settings::settings;
use super::snapshot::snapshot;
use super::{attribute, types};
use crate::diagnostic;
use crate::model::{Aggregate, Apply, Command, Definition, Parameter, Snapshot, view_prefix};
use crate::report::Report;

const SUBJECT: Subject = Subject {
    attribute: "aggregate",
    noun: "aggregate",
    with_article: "an aggregate",
    example: "Account",
};
const KEYS: &[&str] = &["id", "event", "error", "command", "snapshot", "crate"];

/// What a root has of its own: a command with such a name could not be called on it.
const ROOT_METHODS: &[&str] = &[
    "id",
    "version",
    "replayed",
    "skipped",
    "get",
    "state",
    "uncommitted",
    "execute",
];

/// Reads an aggregate; `None` when the item is no block of a plain type, which has been reported.
pub(crate) fn aggregate(
    arguments: TokenStream,
    item: TokenStream,
    report: &mut Report,
) -> Option<Aggregate> {
    let (mut block, name) = block::block(item, &SUBJECT, report)?;
    let settings = read_settings(arguments, &block.self_ty, report);
    let event = settings.definition.as_ref().map(|d| &d.event);
    let (mut applies, mut commands, mut is_complete) = (Vec::new(), Vec::new(), true);
    let mut shredded = None;
    for method in block::methods(&mut block) {
        match mark(method, report) {
            Some(Mark::Apply(mark)) => match apply(method, &mark, event, report) {
                Some(apply) if is_of_the_store(&apply, event) => {
                    shredded = only_one(shredded, apply, report);
                }
                Some(apply) => applies.push(apply),
                None => is_complete = false,
            },
            Some(Mark::Command) => commands.extend(command(method, &name, event, report)),
            Some(Mark::Both) => is_complete = false,
            None => {}
        }
    }
    Some(Aggregate {
        krate: settings.krate,
        definition: settings.definition,
        derives: settings.derives,
        snapshot: settings.snapshot,
        name,
        applies,
        shredded,
        is_complete,
        commands,
        block,
    })
}

struct Settings {
    krate: Path,
    definition: Option<Definition>,
    derives: Vec<Path>,
    snapshot: Option<Snapshot>,
}

fn read_settings(arguments: TokenStream, own: &Type, report: &mut Report) -> Settings {
    let (mut id, mut event, mut error) = (None, None, None);
    let (mut krate, mut derives, mut snapshots) = (None, None, None);
    let mut given = Vec::new();
    settings(arguments, KEYS, report, |key, setting| {
        given.push(key.to_owned());
        match key {
            "id" => id = setting.ty(),
            "event" => event = setting.path(),
            "error" => error = setting.ty(),
            "command" => {
                let paths = "Debug, Clone";
                let example = format!("derive({paths})");
                derives = setting.nested(&example, &["derive"], |_, derive| derive.paths(paths));
            }
            "snapshot" => snapshots = Some(snapshot(setting)),
            _ => krate = setting.path(),
        }
    });
    let mut needed = vec![
        "id = AccountId",
        "event = AccountEvent",
        "error = BankError",
    ];
    needed.retain(|needed| !given.iter().any(|key| needed.starts_with(key.as_str())));
    if !needed.is_empty() {
        report.fatal(own, diagnostic::aggregate_needs(&needed));
    }
    let definition = match (id, event, error) {
        (Some(id), Some(event), Some(error)) => Some(Definition { id, event, error }),
        _ => None,
    };
    Settings {
        krate: krate.unwrap_or_else(attribute::default_crate),
        definition,
        derives: derives.unwrap_or_else(default_derives),
        snapshot: snapshots,
    }
}

fn default_derives() -> Vec<Path> {
    vec![
        parse_quote!(::core::fmt::Debug),
        parse_quote!(::core::clone::Clone),
        parse_quote!(::core::cmp::PartialEq),
    ]
}

enum Mark {
    Apply(Box<Attribute>),
    Command,
    Both,
}

/// What the method is marked as. The marks are taken off in any case.
fn mark(method: &mut ImplItemFn, report: &mut Report) -> Option<Mark> {
    let apply = block::take(method, "apply", report);
    let command = block::take(method, "command", report);
    if let Some(command) = &command
        && command.meta.require_path_only().is_err()
    {
        report.mistake(&command.meta, diagnostic::mark_takes_nothing("command"));
    }
    match (apply, command) {
        (Some(_), Some(command)) => {
            report.mistake(command, diagnostic::COMMAND_AND_APPLY);
            Some(Mark::Both)
        }
        (Some(apply), None) => Some(Mark::Apply(Box::new(apply))),
        (None, Some(_)) => Some(Mark::Command),
        (None, None) => None,
    }
}

fn apply(
    method: &ImplItemFn,
    mark: &Attribute,
    event: Option<&Path>,
    report: &mut Report,
) -> Option<Apply> {
    if !block::is_plain(method, diagnostic::HANDLER, report) {
        return None;
    }
    let creates = creates(method, report)?;
    let (view, others) = block::view(method, report)?;
    let variant = match types::name(view) {
        Some(name) if name == Apply::SHREDDED && !is_event_of_subjects(event) => name.clone(),
        _ => variant(mark, view, event, report)?,
    };
    Some(Apply {
        cfgs: block::cfgs(method),
        method: method.sig.ident.clone(),
        view: view.clone(),
        view_name: types::name(view)?.clone(),
        fingerprint: fingerprint(&variant, method),
        variant,
        creates,
        takes_meta: takes_meta(&others, report)?,
    })
}

/// Whether a handler is not of the aggregate's events, but of the store's `SubjectShredded`.
fn is_of_the_store(apply: &Apply, event: Option<&Path>) -> bool {
    apply.view_name == Apply::SHREDDED && !is_event_of_subjects(event)
}

/// Whether the aggregate's own events have a `SubjectShredded`.
fn is_event_of_subjects(event: Option<&Path>) -> bool {
    let last = event.and_then(|event| event.segments.last());
    last.is_some_and(|last| view_prefix(&last.ident) == "Subject")
}

/// The first handler of its kind; it changes a state that is there.
fn only_one(known: Option<Apply>, apply: Apply, report: &mut Report) -> Option<Apply> {
    if apply.creates || apply.takes_meta || known.is_some() {
        report.mistake(&apply.method, diagnostic::SHREDDED_HANDLER);
        return known;
    }
    Some(apply)
}

/// Whether the handler makes the state, rather than changing it.
fn creates(method: &ImplItemFn, report: &mut Report) -> Option<bool> {
    let receiver = block::receiver(method);
    match (receiver, &method.sig.output) {
        (Receiver::Mutable, ReturnType::Default) => return Some(false),
        (Receiver::None, ReturnType::Type(..)) => return Some(true),
        (Receiver::Mutable, ReturnType::Type(_, ty)) if is_unit(ty) => return Some(false),
        (Receiver::Mutable, ReturnType::Type(_, ty)) => {
            report.mistake(ty, diagnostic::APPLY_RESULT);
        }
        (Receiver::None, ReturnType::Default) if block::parameters(method).is_empty() => {
            report.mistake(&method.sig.ident, diagnostic::HANDLER_WITHOUT_EVENT);
        }
        (Receiver::None, ReturnType::Default) => {
            report.mistake(&method.sig.ident, diagnostic::APPLY_CREATES);
        }
        (Receiver::Shared | Receiver::Owned, _) => {
            report.mistake(method.sig.inputs.first(), diagnostic::APPLY_RECEIVER);
        }
    }
    None
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The variant: said in `#[apply(Variant)]`, or what follows the prefix in the view's name.
fn variant(
    mark: &Attribute,
    view: &Type,
    event: Option<&Path>,
    report: &mut Report,
) -> Option<Ident> {
    match &mark.meta {
        Meta::Path(_) => {}
        Meta::List(list) => {
            if let Ok(variant) = list.parse_args::<Ident>() {
                return Some(variant);
            }
            report.mistake(&mark.meta, diagnostic::APPLY_ARGUMENT);
            return None;
        }
        Meta::NameValue(_) => {
            report.mistake(&mark.meta, diagnostic::APPLY_ARGUMENT);
            return None;
        }
    }
    let event = &event?.segments.last()?.ident;
    let prefix = view_prefix(event);
    let name = types::name(view)?;
    match name.to_string().strip_prefix(&prefix) {
        Some(variant) if syn::parse_str::<Ident>(variant).is_ok() => {
            Some(Ident::new(variant, name.span()))
        }
        _ => {
            report.mistake(view, diagnostic::not_a_view_of(name, event, &prefix));
            None
        }
    }
}

fn takes_meta(others: &[&PatType], report: &mut Report) -> Option<bool> {
    match others {
        [] => Some(false),
        [meta] if types::is_reference_to(&meta.ty, "Meta", false) => Some(true),
        [meta, extra, ..] if types::is_reference_to(&meta.ty, "Meta", false) => {
            report.mistake(extra, diagnostic::APPLY_PARAMETERS);
            None
        }
        [extra, ..] => {
            report.mistake(extra, diagnostic::APPLY_PARAMETERS);
            None
        }
    }
}

fn command(
    method: &ImplItemFn,
    own: &Ident,
    event: Option<&Path>,
    report: &mut Report,
) -> Option<Command> {
    if !block::is_plain(method, diagnostic::COMMAND, report) {
        return None;
    }
    let creates = match block::receiver(method) {
        Receiver::None => true,
        Receiver::Shared => false,
        Receiver::Mutable | Receiver::Owned => {
            report.mistake(method.sig.inputs.first(), diagnostic::COMMAND_RECEIVER);
            return None;
        }
    };
    let name = &method.sig.ident;
    if ROOT_METHODS.iter().any(|taken| name == taken) {
        report.mistake(name, diagnostic::hidden_command(name));
        return None;
    }
    let before = report.count();
    let parameters: Vec<_> = block::parameters(method)
        .into_iter()
        .filter_map(|typed| parameter(typed, own, report))
        .collect();
    let output = output(method, own, event, report)?;
    (report.count() == before).then(|| Command {
        cfgs: block::cfgs(method),
        docs: attribute::docs(&method.attrs),
        vis: method.vis.clone(),
        variant: upper_camel(name),
        method: name.clone(),
        creates,
        parameters,
        output,
    })
}

fn parameter(typed: &PatType, own: &Ident, report: &mut Report) -> Option<Parameter> {
    let Some(ident) = plain_name(&typed.pat) else {
        report.mistake(&typed.pat, diagnostic::COMMAND_PATTERN);
        return None;
    };
    let command = format!("{own}Command");
    if let Some(reference) = types::reference(&typed.ty) {
        report.mistake(reference, diagnostic::command_reference(&command));
    } else if let Type::ImplTrait(implementor) = &*typed.ty {
        report.mistake(implementor, diagnostic::COMMAND_IMPL_TRAIT);
    } else if let Some(lifetime) = types::lifetime(typed.ty.to_token_stream()) {
        report.mistake(lifetime, diagnostic::command_reference(&command));
    }
    Some(Parameter {
        ident,
        ty: types::without_self(&typed.ty, own),
    })
}

fn plain_name(pattern: &Pat) -> Option<Ident> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Some(name.ident.clone())
        }
        _ => None,
    }
}

/// Any type whose name ends in `Result` may be an alias of one; what is in it, rustc checks.
fn output(
    method: &ImplItemFn,
    own: &Ident,
    event: Option<&Path>,
    report: &mut Report,
) -> Option<Type> {
    let event = event.and_then(|path| path.segments.last()).map_or_else(
        || format!("{own}Event"),
        |segment| segment.ident.to_string(),
    );
    match &method.sig.output {
        ReturnType::Type(_, ty) if is_result(ty) => return Some((**ty).clone()),
        ReturnType::Type(_, ty) => report.mistake(ty, diagnostic::command_result(&event)),
        ReturnType::Default => {
            report.mistake(&method.sig.ident, diagnostic::command_result(&event));
        }
    }
    None
}

fn is_result(ty: &Type) -> bool {
    types::name(ty).is_some_and(|name| name.to_string().ends_with("Result"))
}

/// `open_account` becomes `OpenAccount`.
fn upper_camel(method: &Ident) -> Ident {
    let words = method.unraw().to_string();
    let capitalized = words.split('_').flat_map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<Vec<_>>()
    });
    let name: String = capitalized.collect();
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ident::new(&name, method.span()),
        Err(_) => method.clone(),
    }
}
