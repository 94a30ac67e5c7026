//! The frame of every page: header, bucket switcher, main content.

use domain::access::BucketName;
use leptos::ev;
use leptos::html::Ul;
use leptos::prelude::*;

use crate::api::objects::{BucketEntry, Overview, portal_overview};
use crate::browser::panel;
use crate::error::ApiError;
use crate::{urls, words};

/// Who is signed in and which buckets there are, shared by the parts of a page.
pub(crate) type OverviewResource = Resource<Result<Overview, ApiError>>;

/// The overview of the page around.
pub(crate) fn use_overview() -> OverviewResource {
    expect_context()
}

/// The frame of a page for people who are signed in.
#[component]
pub(crate) fn Layout(
    /// The bucket that is shown, if one is.
    current: Signal<Option<BucketName>>,
    children: Children,
) -> impl IntoView {
    let overview: OverviewResource = Resource::new(|| (), |()| portal_overview());
    provide_context(overview);
    let switcher = move || {
        overview.try_get().flatten().and_then(Result::ok).filter(|overview| overview.buckets.len() > 1).map(
            |overview| {
                view! { <Switcher buckets=overview.buckets current/> }
            },
        )
    };
    let user = move || overview.try_get().flatten().and_then(Result::ok).map(|overview| overview.user);
    view! {
        <Header>
            <Suspense>{switcher}<span class="user">{user}</span></Suspense>
        </Header>
        <Main>{children()}</Main>
    }
}

/// The frame of a page that anybody on the network may see; it asks the server for nothing.
#[component]
pub(crate) fn BareLayout(children: Children) -> impl IntoView {
    view! {
        <Header/>
        <Main>{children()}</Main>
    }
}

#[component]
fn Header(#[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        // Left to the browser, which moves the focus as well.
        <a class="skip" href="#main" rel="external">{words::SKIP}</a>
        <header class="site">
            <a class="brand" href=urls::BUCKETS>
                <span class="icon icon-causeway" aria-hidden="true"></span>
                {words::PRODUCT}
            </a>
            {children.map(|children| children())}
        </header>
    }
}

#[component]
fn Main(children: Children) -> impl IntoView {
    view! { <main id="main" tabindex="-1">{children()}</main> }
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
