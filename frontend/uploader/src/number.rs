//! The two ways between JavaScript's numbers and the 64 bits of sizes and instants.

/// 2⁵³: up to here every whole number has a JavaScript number of its own.
const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;

/// A size or an instant for JavaScript. Exact up to 2⁵³, and no file is larger than that.
pub(crate) fn to_js(number: u64) -> f64 {
    #[allow(clippy::as_conversions, reason = "there is no `From`; see the limit above")]
    let number = number as f64;
    number
}

/// A size or an instant from JavaScript; 0 for what is none.
pub(crate) fn from_js(number: f64) -> u64 {
    if !(0.0..=EXACT_UP_TO).contains(&number) {
        return 0;
    }
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above; only a fraction is cut off"
    )]
    let number = number as u64;
    number
}
