//! Jump by typing: a form that narrows the listing to names that begin so, and that works without scripts.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::urls::{self, ListingAddress};
use crate::words;

/// The filter of the listing at `address`.
///
/// Absent where the prefix holds control characters: a form's hidden field would change them (line ends), and the page
/// would answer for another prefix.
#[component]
pub(crate) fn Filter(address: ListingAddress) -> impl IntoView {
    let travels = !address.prefix.as_str().chars().any(char::is_control);
    travels.then(|| view! { <FilterForm address/> })
}

#[component]
fn FilterForm(address: ListingAddress) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let navigate = use_navigate();
    let action = urls::bucket(&address.bucket);
    let prefix = address.prefix.as_str().to_owned();
    let starts_with = address.starts_with.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        if let Ok(narrowed) = address.narrowed_to(&text) {
            navigate(&narrowed.href(), NavigateOptions::default());
        }
    };
    view! {
        <form class="filter" role="search" action=action on:submit=submit>
            <input type="hidden" name="prefix" value=prefix/>
            <span class="icon icon-search" aria-hidden="true"></span>
            <input
                type="search"
                name="starts_with"
                autocomplete="off"
                spellcheck="false"
                aria-label=words::STARTS_WITH
                placeholder=words::STARTS_WITH_HINT
                value=starts_with
                node_ref=input
            />
        </form>
    }
}
