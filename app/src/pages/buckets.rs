//! The start page: the buckets, or straight into the only one.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::Redirect;

use crate::api::objects::BucketEntry;
use crate::browser::focus;
use crate::components::erased::erased;
use crate::components::layout::Layout;
use crate::components::problem::ProblemView;
use crate::overview::use_overview;
use crate::uploads::Uploads;
use crate::{urls, words};

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
            // In the place of this address: else "Back" would lead here, and from here forward again.
            [only] => {
                let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
                erased(view! { <Redirect path=urls::bucket(&only.name) options/> })
            }
            buckets => erased(view! { <BucketList buckets=buckets.to_vec()/> }),
        },
        Err(error) => erased(view! {
            <ProblemView problem=error.0.clone()>
                <a class="button" href=urls::BUCKETS rel="external">{words::TRY_AGAIN}</a>
            </ProblemView>
        }),
    }
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
    view! {
        <Title text=words::BUCKETS/>
        <h1 tabindex="-1">{words::BUCKETS}</h1>
        {list}
    }
}
