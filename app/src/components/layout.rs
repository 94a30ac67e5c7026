//! The frame of every page: header, bucket switcher, main content.

use domain::access::BucketName;
use leptos::children::TypedChildren;
use leptos::ev;
use leptos::html::Ul;
use leptos::prelude::*;

use crate::api::objects::BucketEntry;
use crate::browser::panel;
use crate::components::erased::erased;
use crate::overview::use_overview;
use crate::{urls, words};

/// The frame of a page for people who are signed in.
#[component]
pub(crate) fn Layout<C: IntoView + 'static>(
    /// The bucket that is shown, if one is.
    current: Signal<Option<BucketName>>,
    children: TypedChildren<C>,
) -> impl IntoView {
    let overview = use_overview();
    let overview = overview.as_ref().as_ref().ok();
    let buckets = overview.map(|overview| overview.buckets.clone()).filter(|buckets| buckets.len() > 1);
    let switcher = buckets.map(|buckets| view! { <Switcher buckets current/> });
    let user = overview.map(|overview| overview.user.clone());
    let inside = view! {
        {switcher}
        <span class="user">{user}</span>
    };
    view! {
        <Header inside=erased(inside)/>
        <Main inside=erased(children.into_inner()())/>
    }
}

/// The frame of a page that anybody on the network may see; it asks the server for nothing.
#[component]
pub(crate) fn BareLayout<C: IntoView + 'static>(children: TypedChildren<C>) -> impl IntoView {
    view! {
        <Header inside=erased(())/>
        <Main inside=erased(children.into_inner()())/>
    }
}

#[component]
fn Header(
    /// What stands beside the product's name.
    inside: AnyView,
) -> impl IntoView {
    view! {
        // Left to the browser, which moves the focus as well.
        <a class="skip" href="#main" rel="external">{words::SKIP}</a>
        <header class="site">
            <a class="brand" href=urls::BUCKETS>
                <span class="icon icon-causeway" aria-hidden="true"></span>
                {words::PRODUCT}
            </a>
            {inside}
        </header>
    }
}

#[component]
fn Main(inside: AnyView) -> impl IntoView {
    view! { <main id="main" tabindex="-1">{inside}</main> }
}

/// Changes the bucket. Opens without scripts; closes by itself when one is chosen or something else is clicked.
#[component]
fn Switcher(buckets: Vec<BucketEntry>, current: Signal<Option<BucketName>>) -> impl IntoView {
    let list = NodeRef::<Ul>::new();
    let labels: Vec<_> = buckets.iter().map(|bucket| (bucket.name.clone(), bucket.label.clone())).collect();
    let label = move || {
        let shown =
            current.try_with(|current| labels.iter().find(|(name, _)| Some(name) == current.as_ref())).flatten();
        shown.map_or_else(|| words::BUCKETS.to_owned(), |(_, label)| label.clone())
    };
    let close = move |_: ev::MouseEvent| {
        if let Some(list) = list.get_untracked() {
            panel::close(&list);
        }
    };
    let entry = move |bucket: BucketEntry| {
        let href = urls::bucket(&bucket.name);
        let is_current =
            move || current.try_with(|current| (current.as_ref() == Some(&bucket.name)).then_some("true")).flatten();
        view! { <li><a href=href aria-current=is_current on:click=close>{bucket.label}</a></li> }
    };
    view! {
        <nav class="switcher" aria-label=words::BUCKETS>
            <button class="button quiet" type="button" popovertarget="buckets">
                <span class="icon icon-bucket" aria-hidden="true"></span>
                {label}
                <span class="icon icon-down" aria-hidden="true"></span>
            </button>
            <ul id="buckets" class="menu" popover role="list" node_ref=list>
                {buckets.into_iter().map(entry).collect_view()}
            </ul>
        </nav>
    }
}
