//! Opens a panel of the top layer beside the control that asked for it.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlElement};

/// Where the control stands that a panel is opened beside, as the style sheet wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    right: String,
    bottom: String,
}

impl Place {
    /// Of the control that was clicked; to be asked while the event is handled.
    pub(crate) fn of(click: &Event) -> Self {
        let control = click.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let (right, bottom) = control.map_or((0.0, 0.0), |control| {
            let place = control.get_bounding_client_rect();
            (place.right(), place.bottom())
        });
        Self { right: pixels(right), bottom: pixels(bottom) }
    }
}

/// Opens `panel` below the control that was clicked. The style sheet keeps it inside the window, or makes it a sheet at
/// the bottom where the window is narrow; all that it needs is where the control stands.
pub(crate) fn open(panel: &HtmlElement, place: &Place) {
    // Set through the object model, which the content security policy allows, unlike an attribute.
    let style = panel.style();
    let _ = style.set_property("--anchor-y", &place.bottom);
    let _ = style.set_property("--anchor-x", &place.right);
    // Refused only while it is open already.
    let _ = panel.show_popover();
}

/// Closes it.
pub(crate) fn close(panel: &HtmlElement) {
    let _ = panel.hide_popover();
}

/// Written by the browser itself: a float formatter of our own would be several kilobytes.
fn pixels(number: f64) -> String {
    let mut text = String::from(js_sys::Number::from(number).to_string_with_radix(10).unwrap_or_default());
    text.push_str("px");
    text
}
