//! Any address that is none of ours.

use leptos::prelude::*;

use crate::components::erased::erased;
use crate::components::layout::BareLayout;
use crate::components::problem::ProblemView;
use crate::{urls, words};

/// Says that there is no such page.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    erased(view! {
        <BareLayout>
            <ProblemView problem=words::page_not_found()>
                <a class="button" href=urls::BUCKETS>{words::TO_START}</a>
            </ProblemView>
        </BareLayout>
    })
}
