//! The panel of a row: makes a share link, or the command line for a key that no browser sends. One for all rows.

mod opened;

use domain::access::BucketName;
use domain::key::ObjectKey;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::browser::panel::Place;
use crate::components::erased::erased;
use crate::components::late::{Late, LateView};

/// What the panel is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Where.
    pub(crate) bucket: BucketName,
    /// Which object.
    pub(crate) key: ObjectKey,
    /// Whether a link can be made; a command line otherwise.
    pub(crate) is_link: bool,
}

/// The handle by which rows open the panel. Its code comes when somebody is about to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkPanel {
    asked: RwSignal<Option<(Subject, Place)>>,
    view: RwSignal<Option<LateView>>,
    late: Late,
}

impl LinkPanel {
    /// To be called by a page that shows [`LinkPanelPlace`].
    pub(crate) fn provide() {
        provide_context(Self { asked: RwSignal::new(None), view: RwSignal::new(None), late: Late::expect() });
    }

    /// The panel of the page around.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Loads the panel's code, as somebody is about to ask for it.
    pub(crate) fn prepare(self) {
        if self.view.with_untracked(Option::is_none) {
            spawn_local(async {
                // Told when the panel is asked for.
                let _missing = prepare().await;
            });
        }
    }

    /// Opens beside the control that was clicked.
    pub(crate) fn open(self, subject: Subject, click: &ev::MouseEvent) {
        let place = Place::of(click);
        self.late.load(panel_view(), move |view| {
            // Unless the page is gone by now.
            if view.is_some() && self.view.try_get_untracked().is_some_and(|before| before.is_none()) {
                self.view.set(view);
            }
            self.asked.try_update(|asked| *asked = view.map(|_| (subject, place)));
        });
    }
}

/// Where the panel stands once it was asked for.
#[component]
pub(crate) fn LinkPanelPlace() -> impl IntoView {
    let view = LinkPanel::expect().view;
    move || view.get().map(|view| view())
}

#[wasm_split(link_panel, wasm_split_path = leptos::wasm_split, preload(prepare), fallible)]
fn panel_view() -> Result<LateView, SplitLoaderError> {
    Ok(|| erased(view! { <opened::Opened/> }))
}
