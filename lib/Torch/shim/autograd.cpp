#include "shim.h"

#include <ATen/core/grad_mode.h>

LT_EXPORT lt_set_requires_grad(Tensor* tensor, int32_t requires_grad) {
    return guarded([&] { tensor->set_requires_grad(requires_grad != 0); });
}

LT_EXPORT lt_requires_grad(const Tensor* tensor, int32_t* yes) {
    return guarded([&] { *yes = tensor->requires_grad(); });
}

LT_EXPORT lt_grad(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->grad(); });
}

LT_EXPORT lt_set_grad(Tensor* tensor, const Tensor* gradient) {
    return guarded([&] { tensor->mutable_grad() = or_none(gradient); });
}

LT_EXPORT lt_backward(const Tensor* tensor) {
    return guarded([&] { tensor->backward(); });
}

LT_EXPORT lt_detach(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->detach(); });
}

LT_EXPORT lt_set_grad_enabled(int32_t enabled, int32_t* before) {
    return guarded([&] {
        *before = c10::GradMode::is_enabled();
        c10::GradMode::set_enabled(enabled != 0);
    });
}
