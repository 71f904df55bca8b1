#include "shim.h"

#include <atomic>

namespace {
std::atomic<int64_t> live_tensors{0};
}

Tensor* to_handle(Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    auto* handle = new Tensor(std::move(tensor));
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

std::vector<Tensor> to_vector(Tensor* const* tensors, int32_t count) {
    std::vector<Tensor> result;
    result.reserve(count);
    for (int32_t i = 0; i < count; i++) result.push_back(*tensors[i]);
    return result;
}

LT_EXPORT lt_live_tensors(int64_t* count) {
    return guarded([&] { *count = live_tensors.load(std::memory_order_relaxed); });
}

LT_EXPORT lt_free(Tensor* tensor) {
    return guarded([&] {
        delete tensor;
        live_tensors.fetch_sub(1, std::memory_order_relaxed);
    });
}

LT_EXPORT lt_describe(const Tensor* tensor, int32_t* dimensions, int32_t* dtype, int32_t* device_type,
                      int32_t* device_index) {
    return guarded([&] {
        *dimensions = static_cast<int32_t>(tensor->dim());
        *dtype = static_cast<int32_t>(tensor->scalar_type());
        *device_type = static_cast<int32_t>(tensor->device().type());
        *device_index = static_cast<int32_t>(tensor->device().index());
    });
}

LT_EXPORT lt_shape(const Tensor* tensor, int64_t* sizes) {
    return guarded([&] { std::copy(tensor->sizes().begin(), tensor->sizes().end(), sizes); });
}

LT_EXPORT lt_is_contiguous(const Tensor* tensor, int32_t* yes) {
    return guarded([&] { *yes = tensor->is_contiguous(); });
}

LT_EXPORT lt_data_ptr(const Tensor* tensor, void** data) {
    return guarded([&] { *data = tensor->data_ptr(); });
}

LT_EXPORT lt_item(const Tensor* tensor, double* real, int64_t* integer) {
    return guarded([&] {
        const auto value = tensor->item();
        *real = value.toDouble();
        *integer = value.isFloatingPoint() ? static_cast<int64_t>(value.toDouble()) : value.toLong();
    });
}

LT_EXPORT lt_to(const Tensor* tensor, int32_t dtype, int32_t device_type, int32_t device_index, TensorOut result) {
    return make(result, [&] { return tensor->to(device_of(device_type, device_index), dtype_of(dtype)); });
}

LT_EXPORT lt_clone(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->clone(); });
}

LT_EXPORT lt_contiguous(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->contiguous(); });
}

LT_EXPORT lt_alias(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return *tensor; });
}

LT_EXPORT lt_copy_(Tensor* tensor, const Tensor* source) {
    return guarded([&] { tensor->copy_(*source); });
}

LT_EXPORT lt_fill_(Tensor* tensor, Scalar value) {
    return guarded([&] { tensor->fill_(value.to_torch()); });
}
