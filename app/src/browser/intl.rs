//! Dates and sizes in the reader's own language and time zone, by the browser's `Intl`.

use domain::units::{ByteSize, UnixMillis, float};
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::wasm_bindgen::{JsCast, JsValue};

use crate::format;

thread_local! {
    // Making a formatter costs a hundred times what using it does, and a page shows 200 dates and sizes.
    static MINUTE: Function = date_format(&[("year", "numeric"), ("month", "short"), ("day", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]);
    static DAY: Function = date_format(&[("weekday", "short"), ("month", "short"), ("day", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]);
    static SIZES: [Function; 5] = ["kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"].map(size_format);
}

/// An instant to the minute: `24 Nov 2026, 14:05`.
pub(crate) fn minute(instant: UnixMillis) -> String {
    MINUTE.with(|formatter| call(formatter, &date(instant)))
}

/// An instant of the coming days: `Tue 24 Nov, 14:05`.
pub(crate) fn day(instant: UnixMillis) -> String {
    DAY.with(|formatter| call(formatter, &date(instant)))
}

/// A size in the same unit as [`crate::format::size`] has it: `1,2 MB`.
///
/// Below a kilobyte the browser has only the whole word, and that without a plural.
pub(crate) fn size(size: ByteSize) -> String {
    if size.0 < 1000 {
        return format::size(size);
    }
    let mut number = float(size.0) / 1000.0;
    SIZES.with(|formatters| {
        let mut formatters = formatters.iter().peekable();
        while let Some(formatter) = formatters.next() {
            if number < 999.5 || formatters.peek().is_none() {
                return call(formatter, &JsValue::from_f64(number));
            }
            number /= 1000.0;
        }
        String::new()
    })
}

fn date_format(options: &[(&str, &str)]) -> Function {
    Intl::DateTimeFormat::new(&Array::new(), &object(options)).format()
}

fn size_format(unit: &str) -> Function {
    let options = object(&[("style", "unit"), ("unit", unit), ("unitDisplay", "short")]);
    // Three digits tell enough; without this, small numbers would come with three decimals.
    set(&options, "maximumSignificantDigits", &JsValue::from_f64(3.0));
    Intl::NumberFormat::new(&Array::new(), &options).format()
}

fn object(options: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in options {
        set(&object, name, &JsValue::from_str(value));
    }
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Only a frozen object refuses a property, and this one is new.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

fn call(formatter: &Function, value: &JsValue) -> String {
    formatter.call1(&JsValue::UNDEFINED, value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn date(instant: UnixMillis) -> JsValue {
    Date::new(&JsValue::from_f64(float(instant.0))).unchecked_into()
}
