#include "shim.h"

namespace {

at::TensorOptions options(int32_t dtype, int32_t device_type, int32_t device_index) {
    return at::TensorOptions().dtype(dtype_of(dtype)).device(device_of(device_type, device_index));
}

}  // namespace

LT_EXPORT lt_empty(const int64_t* sizes, int32_t count, int32_t dtype, int32_t device_type, int32_t device_index,
                   TensorOut result) {
    return make(result, [&] { return at::empty(sizes_of(sizes, count), options(dtype, device_type, device_index)); });
}

LT_EXPORT lt_full(const int64_t* sizes, int32_t count, Scalar value, int32_t dtype, int32_t device_type,
                  int32_t device_index, TensorOut result) {
    return make(result, [&] {
        return at::full(sizes_of(sizes, count), value.to_torch(), options(dtype, device_type, device_index));
    });
}

LT_EXPORT lt_arange(Scalar start, Scalar stop, Scalar step, int32_t dtype, int32_t device_type, int32_t device_index,
                    TensorOut result) {
    return make(result, [&] {
        return at::arange(start.to_torch(), stop.to_torch(), step.to_torch(), options(dtype, device_type, device_index));
    });
}

LT_EXPORT lt_randn(const int64_t* sizes, int32_t count, int32_t dtype, int32_t device_type, int32_t device_index,
                   TensorOut result) {
    return make(result, [&] { return at::randn(sizes_of(sizes, count), options(dtype, device_type, device_index)); });
}

// Takes memory that somebody else owns; release(context) is called when the last tensor on it is gone.
LT_EXPORT lt_from_memory(void* data, const int64_t* sizes, int32_t count, int32_t dtype, void (*release)(void*),
                         void* context, TensorOut result) {
    return make(result, [&] {
        return at::from_blob(
            data, sizes_of(sizes, count), [release, context](void*) { release(context); },
            options(dtype, static_cast<int32_t>(c10::DeviceType::CPU), -1));
    });
}
