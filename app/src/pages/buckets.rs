//! The start page: the buckets, or straight into the only one.

use std::time::Duration;

use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_navigate;

use crate::api::objects::BucketEntry;
use crate::browser::focus;
use crate::components::erased::erased;
use crate::components::layout::Layout;
use crate::components::problem::ProblemView;
use crate::overview::use_overview;
use crate::title::call_page;
use crate::uploads::Uploads;
use crate::{ON_SERVER, urls, words};

/// Lists the buckets.
#[component]
pub(crate) fn BucketsPage() -> impl IntoView {
    erased(view! {
        <Layout current=Signal::stored(None)>
            <Buckets/>
        </Layout>
    })
}

#[component]
fn Buckets() -> impl IntoView {
    match use_overview().as_ref() {
        Ok(overview) => match overview.buckets.as_slice() {
            [only] => erased(view! { <OnlyBucket path=urls::bucket(&only.name)/> }),
            buckets => erased(view! { <BucketList buckets=buckets.to_vec()/> }),
        },
        Err(error) => erased(view! {
            <ProblemView problem=error.0.clone()>
                <a class="button" href=urls::BUCKETS rel="external">{words::TRY_AGAIN}</a>
            </ProblemView>
        }),
    }
}

/// Leads on to the only bucket, in the place of this address: else "Back" would lead here, and from here forward again.
#[component]
fn OnlyBucket(path: String) -> impl IntoView {
    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
    if ON_SERVER {
        return Some(view! { <Redirect path options/> });
    }
    // Once this address stands in the history; until then the one before it would be replaced.
    let navigate = use_navigate();
    Effect::new(move || {
        let (navigate, path, options) = (navigate.clone(), path.clone(), options.clone());
        set_timeout(move || navigate(&path, options), Duration::ZERO);
    });
    None
}

#[component]
fn BucketList(buckets: Vec<BucketEntry>) -> impl IntoView {
    if Uploads::expect().was_awake() {
        // Once the heading is there.
        Effect::new(move || request_animation_frame(focus::heading));
    }
    let list = if buckets.is_empty() {
        Either::Left(view! { <p class="hint">{words::NO_BUCKETS}</p> })
    } else {
        let entry = |bucket: BucketEntry| {
            let name =
                (bucket.label != bucket.name.0).then(|| view! { <span class="muted">{bucket.name.0.clone()}</span> });
            view! {
                <li>
                    <a class="bucket" href=urls::bucket(&bucket.name)>
                        <span class="icon icon-bucket" aria-hidden="true"></span>
                        <span class="bucket-label">{bucket.label}</span>
                        {name}
                    </a>
                </li>
            }
        };
        Either::Right(view! { <ul class="buckets" role="list">{buckets.into_iter().map(entry).collect_view()}</ul> })
    };
    call_page(words::BUCKETS);
    view! {
        <h1 tabindex="-1">{words::BUCKETS}</h1>
        {list}
    }
}
