// SPDX-License-Identifier: MIT
//! HdrHistogram's record behind C functions, for bench/latency_record.c: one call a value, and a loop into which it is inlined.
use hdrhistogram::Histogram;

#[no_mangle]
pub extern "C" fn peer_new(lowest: u64, highest: u64, digits: u8) -> *mut Histogram<u64> {
    Box::into_raw(Box::new(Histogram::new_with_bounds(lowest, highest, digits).expect("a configuration")))
}

/// # Safety
/// `h` is of peer_new.
#[no_mangle]
pub unsafe extern "C" fn peer_record(h: *mut Histogram<u64>, ns: u64) -> i32 {
    (*h).record(ns).is_err() as i32
}

/// # Safety
/// `h` is of peer_new; `ns` has `n` values.
#[no_mangle]
pub unsafe extern "C" fn peer_record_all(h: *mut Histogram<u64>, ns: *const u64, n: usize) -> i32 {
    let h = &mut *h;
    let mut failed = 0;
    for &x in std::slice::from_raw_parts(ns, n) {
        failed |= h.record(x).is_err() as i32;
    }
    failed
}

/// # Safety
/// `h` is of peer_new.
#[no_mangle]
pub unsafe extern "C" fn peer_quantile(h: *const Histogram<u64>, q: f64) -> u64 {
    (*h).value_at_quantile(q)
}
