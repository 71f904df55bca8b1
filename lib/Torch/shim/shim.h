// The C face of libtorch that Logitscope.Lib.dll calls. Every export returns a status and gives results through
// pointers; no C++ exception crosses the boundary. Names follow the C# method that calls them.
#pragma once

#include <ATen/ATen.h>
#include <cstdint>

#define LT_EXPORT extern "C" __attribute__((visibility("default"))) int32_t

// Twin of TorchStatus in lib/Torch/TorchException.cs.
enum class Status : int32_t { Ok = 0, Shape = 1, Index = 2, OutOfMemory = 3, Other = 4 };

// Twin of Scalar in lib/Torch/Scalar.cs. An integer stays one: a double would turn an int64 tensor into floats.
struct Scalar {
    int64_t is_integer;
    int64_t integer;
    double real;
    c10::Scalar to_torch() const { return is_integer ? c10::Scalar(integer) : c10::Scalar(real); }
};

using Tensor = at::Tensor;
using TensorOut = at::Tensor**;

// Keeps the message of the exception in flight for lt_last_error, and says which kind it is.
int32_t record_exception() noexcept;

// A new handle, counted in lt_live_tensors; null for an undefined tensor.
Tensor* to_handle(Tensor tensor);

template <class Body>
int32_t guarded(Body&& body) noexcept {
    try {
        body();
        return static_cast<int32_t>(Status::Ok);
    } catch (...) {
        return record_exception();
    }
}

// Runs an operation that makes one tensor.
template <class Operation>
int32_t make(TensorOut result, Operation&& operation) noexcept {
    *result = nullptr;
    return guarded([&] { *result = to_handle(operation()); });
}

// An undefined tensor stands for none.
inline Tensor or_none(const Tensor* tensor) { return tensor == nullptr ? Tensor() : *tensor; }

inline at::IntArrayRef sizes_of(const int64_t* values, int32_t count) {
    return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline c10::Device device_of(int32_t type, int32_t index) {
    return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

inline at::ScalarType dtype_of(int32_t dtype) { return static_cast<at::ScalarType>(dtype); }

std::vector<Tensor> to_vector(Tensor* const* tensors, int32_t count);
