//! A problem as a page shows it: what happened, what to do, and an id to quote.

use domain::problem::{Problem, ProblemKind};
use leptos::children::TypedChildren;
use leptos::prelude::*;

use crate::components::erased::erased;
use crate::title::call_page;
use crate::{format, reply, words};

/// The page's main content where it has no other. Sets the page's title and HTTP status.
#[component]
pub(crate) fn ProblemView<C: IntoView + 'static>(
    problem: Problem,
    /// Ways on from here.
    children: TypedChildren<C>,
) -> impl IntoView {
    let Problem { kind, title, detail, advice, incident } = problem;
    reply::set_status(kind.status());
    call_page(&title);
    let incident =
        (!incident.is_empty()).then(|| view! { <p class="incident">{words::INCIDENT}" "<code>{incident}</code></p> });
    view! {
        <section class="notice problem">
            <span class=["icon icon-large ", icon(kind)].concat() aria-hidden="true"></span>
            <h1 tabindex="-1">{title}</h1>
            <p>{format::visible(&detail)}</p>
            <p>{advice}</p>
            <p class="ways">{erased(children.into_inner()())}</p>
            {incident}
        </section>
    }
}

fn icon(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::SignInRequired | ProblemKind::Forbidden => "icon-lock",
        ProblemKind::NotFound | ProblemKind::UploadNotFound => "icon-missing",
        ProblemKind::Expired => "icon-clock",
        ProblemKind::Busy | ProblemKind::StorageUnavailable => "icon-offline",
        ProblemKind::InvalidRequest | ProblemKind::Conflict | ProblemKind::IncompleteUpload | ProblemKind::Internal => {
            "icon-alert"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_place_does_not_look_like_a_missing_one() {
        assert_ne!(icon(ProblemKind::Forbidden), icon(ProblemKind::NotFound));
        assert_ne!(icon(ProblemKind::StorageUnavailable), icon(ProblemKind::Internal));
    }
}
