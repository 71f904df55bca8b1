// A device for tests on a machine without a GPU: host memory under another name. Its operations run on the CPU, but they
// refuse, as CUDA does, tensors of two devices in one operation.
#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <cstdlib>
#include <cstring>

namespace {

using at::Tensor;
constexpr auto second = c10::DeviceType::PrivateUse1;

struct Allocator final : c10::Allocator {
    // Some versions of libtorch call the one, some the other, and some ask how to copy.
    c10::DataPtr allocate(size_t bytes) { return take(bytes); }
    c10::DataPtr allocate(size_t bytes) const { return take(bytes); }
    c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
    void copy_data(void* target, const void* source, size_t bytes) const { std::memcpy(target, source, bytes); }

    static c10::DataPtr take(size_t bytes) {
        void* data = std::malloc(bytes);
        return {data, data, &std::free, c10::Device(second, 0)};
    }
};

Allocator allocator;
const c10::DispatchKeySet keys(c10::DispatchKey::PrivateUse1);
C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<second>);

Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> dtype, c10::optional<at::Layout>,
             c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size, &allocator, keys, dtype.value_or(at::kFloat), format);
}

Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, c10::optional<at::ScalarType> dtype,
                     c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
    return at::detail::empty_strided_generic(size, stride, &allocator, keys, dtype.value_or(at::kFloat));
}

// The same memory as a CPU tensor.
Tensor on_cpu(const Tensor& tensor) {
    return tensor.is_cpu() ? tensor
                           : at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                                           at::TensorOptions().dtype(tensor.scalar_type()));
}

Tensor copy_from(const Tensor& source, const Tensor& target, bool) {
    on_cpu(target).copy_(on_cpu(source));
    return target;
}

Tensor copy_from_and_resize(const Tensor& source, const Tensor& target) {
    return copy_from(source, target.resize_(source.sizes()), false);
}

// CUDA takes a CPU tensor beside its own only where that is a single number.
void refuse(const Tensor& tensor) {
    TORCH_CHECK(!tensor.defined() || tensor.device().type() == second || tensor.dim() == 0,
                "Expected all tensors to be on the same device, but found at least two devices");
}

void run_on_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
    const auto count = operation.schema().arguments().size();
    for (const auto& argument : torch::jit::last(*stack, count)) {
        if (argument.isTensor()) {
            refuse(argument.toTensor());
        } else if (argument.isTensorList()) {
            for (const Tensor& tensor : argument.toTensorVector()) refuse(tensor);
        }
    }
    at::native::cpu_fallback(operation, stack);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("as_strided", &at::native::as_strided_tensorimpl);
    library.impl("resize_", &at::native::resize_);
    library.impl("view", &at::native::view);
    library.impl("_reshape_alias", &at::native::_reshape_alias);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

}  // namespace

// Starts it, and answers libtorch's number of this kind of device.
extern "C" __attribute__((visibility("default"))) int32_t second_device_start() {
    c10::SetAllocator(second, &allocator);
    return static_cast<int32_t>(second);
}
