//! The way down to the prefix that is shown: links to the levels above, and the level itself as the page's heading.

use domain::access::BucketName;
use domain::key::Prefix;
use leptos::prelude::*;

use crate::components::listing_table::shown_name;
use crate::{urls, words};

/// Breadcrumbs and heading.
#[component]
pub(crate) fn Breadcrumbs(
    bucket: BucketName,
    /// What people call the bucket.
    label: String,
    prefix: Prefix,
) -> impl IntoView {
    let mut levels: Vec<_> = prefix.ancestors().into_iter().map(|level| (shown_name(level.name()), level)).collect();
    levels.insert(0, (label, Prefix::root()));
    let (here, _) = levels.pop().unwrap_or_default();
    let crumb = |(name, level): (String, Prefix)| {
        view! { <li><a href=urls::listing(&bucket, &level)><bdi>{name}</bdi></a></li> }
    };
    let above = (!levels.is_empty()).then(|| {
        view! {
            <nav aria-label=words::BREADCRUMBS>
                <ol class="crumbs" role="list">{levels.into_iter().map(crumb).collect_view()}</ol>
            </nav>
        }
    });
    view! {
        <div class="place">
            {above}
            <h1 tabindex="-1"><bdi>{here}</bdi></h1>
        </div>
    }
}
