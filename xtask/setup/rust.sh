#!/usr/bin/env bash
# Finds or installs a Rust compiler that builds for the browser too, and writes its name to target/toolchain.env.
# The ordinary way is rustup; where its downloads are refused, Debian's packages do.
set -euo pipefail
# shellcheck source=xtask/setup/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

wasm=wasm32-unknown-unknown
channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$root/rust-toolchain.toml")
choice=$target/toolchain.env
try_for_s=300

have cargo || stop rust "cargo is missing: install Rust with rustup, or with apt-get install cargo, and run this again."
# rustup's minimal installation has no linker; SQLite and ring are built by a C compiler too.
have cc || apt_install cc gcc libc6-dev || true
have cc || stop rust "a C compiler is missing and could not be installed (see $logs): install gcc and libc6-dev (apt-get install gcc libc6-dev), and run this again."

# has_library <sysroot>: the browser's standard library is there, with the bitcode that link-time optimisation reads.
has_library() { grep --quiet --text --fixed-strings .llvmbc "$1/lib/rustlib/$wasm/lib/"libstd-*.rlib 2>/dev/null; }

# works <toolchain>: is it new enough, and has it the browser's standard library, clippy and rustfmt?
works() {
  local version sysroot
  version=$(RUSTUP_TOOLCHAIN=$1 rustc --version 2>/dev/null | cut -d ' ' -f 2) || return 1
  printf '%s\n%s\n' "$channel" "$version" | sort --check=quiet --version-sort || return 1
  sysroot=$(RUSTUP_TOOLCHAIN=$1 rustc --print sysroot) || return 1
  has_library "$sysroot" || return 1
  RUSTUP_TOOLCHAIN=$1 cargo clippy --version >/dev/null 2>&1 && RUSTUP_TOOLCHAIN=$1 cargo fmt --version >/dev/null 2>&1
}

# use <toolchain> [<line>...]: writes the choice, with further lines of environment, and ends.
use() {
  local toolchain=$1
  shift
  printf '%s\n' "RUSTUP_TOOLCHAIN=$toolchain" "$@" >"$choice"
  say rust "compiler $(RUSTUP_TOOLCHAIN=$toolchain rustc --version | cut -d ' ' -f 2) (${toolchain:-on PATH}) with $wasm, ok"
  exit 0
}

chosen_before=$(sed -n 's/^RUSTUP_TOOLCHAIN=//p' "$choice" 2>/dev/null || true)
for toolchain in ${RUSTUP_TOOLCHAIN:+"$RUSTUP_TOOLCHAIN"} ${chosen_before:+"$chosen_before"} "$channel"; do
  # shellcheck disable=SC2310  # a toolchain that does not work is no error
  if works "$toolchain"; then use "$toolchain"; fi
done

if have rustup; then
  say rust "rustup toolchain install $channel"
  if timeout "$try_for_s" rustup toolchain install "$channel" --no-self-update --profile minimal \
    --component clippy,rustfmt --target "$wasm" >"$logs/rustup.log" 2>&1 && works "$channel"; then
    use "$channel"
  fi
  say rust "rustup could not download it (see $logs/rustup.log): taking Debian's packages"
fi

apt_install rust rustc-web cargo-web rust-web-src rust-web-llvm lld-22 rust-web-clippy rustfmt-web ||
  stop rust "no compiler $channel: rustup could not download one and Debian's packages could not be installed (see $logs); install Rust $channel with the target $wasm and run this again."

# From here on the compiler in /usr is meant, whatever stands before it on PATH.
sysroot=$(/usr/bin/rustc --print sysroot)
if ! has_library "$sysroot"; then
  library=$sysroot/lib/rustlib/$wasm/lib
  say rust "building the standard library for $wasm (about a minute)"
  build=$target/setup/wasm-std
  mkdir -p "$build/src"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$build/Cargo.toml"
  : >"$build/src/lib.rs"
  # -Zbuild-std is a nightly flag; the variable lets this one build of the compiler's own library use it.
  (cd "$build" && RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=$build/target \
    /usr/bin/cargo build --release -Zbuild-std=std,panic_abort,panic_unwind,test --target "$wasm") >"$logs/wasm-std.log" 2>&1 ||
    stop rust "the standard library for $wasm could not be built; see $logs/wasm-std.log."
  rm -f "$build/target/$wasm/release/deps/"libempty-*
  { as_root mkdir -p "$library" && as_root rm -f "$library/"*.rlib &&
    as_root cp "$build/target/$wasm/release/deps/"*.rlib "$library/"; } ||
    stop rust "the standard library for $wasm could not be put into $library: that takes root's rights."
  rm -rf "$build"
fi

if have rustup; then
  rustup toolchain link debian /usr
  works debian && use debian
else
  PATH=/usr/bin:$PATH
  works '' && use '' "PATH=$(printf %q "$PATH")"
fi
stop rust "Debian's compiler does not build for $wasm; see $logs."
