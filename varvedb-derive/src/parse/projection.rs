//! `#[projection(name = "..")]`.

use proc_macro2::TokenStream;
use syn::{Ident, ImplItemFn, LitStr, PatType, Path, ReturnType, Type};

use super::block::{self, Receiver, Subject};
use super::settings::settings;
use super::{attribute, types};
use crate::diagnostic;
use crate::model::{Argument, On, Projection};
use crate::report::Report;

const SUBJECT: Subject = Subject {
    attribute: "projection",
    noun: "projection",
    with_article: "a projection",
    example: "Balances",
};
const KEYS: &[&str] = &["name", "resume", "crate"];

/// Reads a projection; `None` when the item is no block of a plain type, which has been reported.
pub(crate) fn projection(
    arguments: TokenStream,
    item: TokenStream,
    report: &mut Report,
) -> Option<Projection> {
    let (mut block, _) = block::block(item, &SUBJECT, report)?;
    let settings = read_settings(arguments, &block.self_ty, report);
    let mut handlers = Vec::new();
    for method in block::methods(&mut block) {
        let Some(mark) = block::take(method, "on", report) else {
            continue;
        };
        if mark.meta.require_path_only().is_err() {
            report.mistake(&mark.meta, diagnostic::mark_takes_nothing("on"));
        }
        handlers.extend(on(method, report));
    }
    Some(Projection {
        krate: settings.krate,
        name: settings.name,
        resume: settings.resume,
        handlers,
        block,
    })
}

struct Settings {
    krate: Path,
    name: Option<LitStr>,
    resume: Option<Ident>,
}

fn read_settings(arguments: TokenStream, own: &Type, report: &mut Report) -> Settings {
    let (mut krate, mut name, mut resume) = (None, None, None);
    let before = report.count();
    settings(arguments, KEYS, report, |key, setting| match key {
        "name" => name = setting.text(),
        "resume" => resume = Some(setting.flag()),
        _ => krate = setting.path(),
    });
    if name.is_none() && report.count() == before {
        report.mistake(own, diagnostic::NO_PROJECTION_NAME);
    }
    Settings {
        krate: krate.unwrap_or_else(attribute::default_crate),
        name,
        resume,
    }
}

fn on(method: &ImplItemFn, report: &mut Report) -> Option<On> {
    if !block::is_plain(method, diagnostic::HANDLER, report) {
        return None;
    }
    let receiver = method.sig.inputs.first();
    let changes_itself = match block::receiver(method) {
        Receiver::Mutable => true,
        Receiver::Shared => false,
        Receiver::Owned => {
            report.mistake(receiver, diagnostic::ON_RECEIVER_IN_MEMORY);
            return None;
        }
        Receiver::None => {
            report.mistake(&method.sig.ident, diagnostic::ON_RECEIVER_IN_MEMORY);
            return None;
        }
    };
    let (view, others) = block::view(method, report)?;
    Some(On {
        cfgs: block::cfgs(method),
        method: method.sig.ident.clone(),
        receiver: receiver?.clone(),
        changes_itself,
        view: view.clone(),
        arguments: arguments(&others, report)?,
        output: match &method.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some((**ty).clone()),
        },
    })
}

fn arguments(others: &[&PatType], report: &mut Report) -> Option<Vec<Argument>> {
    let mut arguments = Vec::new();
    for other in others {
        let argument = if types::is_reference_to(&other.ty, "Meta", false) {
            Some(Argument::Meta)
        } else if types::is_reference_to(&other.ty, "Tables", true) {
            Some(Argument::Tables)
        } else {
            None
        };
        match argument {
            Some(argument) if !arguments.contains(&argument) => arguments.push(argument),
            _ => {
                report.mistake(other, diagnostic::ON_PARAMETERS);
                return None;
            }
        }
    }
    Some(arguments)
}
