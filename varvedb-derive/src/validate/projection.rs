//! `#[projection(..)]`.

use quote::ToTokens;

use crate::diagnostic;
use crate::model::{Home, On, Projection, is_name};
use crate::report::Report;

/// The name, one handler per event, and receivers that fit the home of the read model.
pub(crate) fn projection(projection: &Projection, report: &mut Report) {
    if let Some(name) = &projection.name
        && !is_name(&name.value())
    {
        report.mistake(name, diagnostic::malformed_projection());
    }
    let home = projection.home();
    if let (Home::Tables, Some(resume)) = (home, &projection.resume) {
        report.mistake(resume, diagnostic::RESUME_WITH_TABLES);
    }
    let mut handled = Vec::new();
    for on in &projection.handlers {
        receiver(on, home, report);
        let event = path(on);
        if handled.contains(&event) && on.cfgs.is_empty() {
            report.mistake(&on.method, diagnostic::EVENT_HANDLED_TWICE);
        }
        handled.push(event);
    }
}

fn receiver(on: &On, home: Home, report: &mut Report) {
    match home {
        Home::Memory if !on.changes_itself => {
            report.mistake(&on.receiver, diagnostic::ON_RECEIVER_IN_MEMORY);
        }
        Home::Tables if on.changes_itself => {
            report.mistake(&on.receiver, diagnostic::ON_RECEIVER_WITH_TABLES);
        }
        Home::Memory | Home::Tables | Home::Elsewhere => {}
    }
}

/// The view's path without its lifetimes, which may be written or left out.
fn path(on: &On) -> Vec<String> {
    match &on.view {
        syn::Type::Path(path) => {
            let segments = path.path.segments.iter();
            segments.map(|segment| segment.ident.to_string()).collect()
        }
        other => vec![other.to_token_stream().to_string()],
    }
}
