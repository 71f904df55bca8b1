#include "shim.h"

LT_EXPORT lt_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->softmax(dimension); });
}

LT_EXPORT lt_log_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->log_softmax(dimension); });
}

LT_EXPORT lt_layer_norm(const Tensor* input, const int64_t* sizes, int32_t count, const Tensor* weight,
                        const Tensor* bias, double eps, TensorOut result) {
    return make(result, [&] {
        return at::layer_norm(*input, sizes_of(sizes, count), or_none(weight), or_none(bias), eps);
    });
}

LT_EXPORT lt_gelu(const Tensor* input, int32_t tanh_approximation, TensorOut result) {
    return make(result, [&] { return at::gelu(*input, tanh_approximation ? "tanh" : "none"); });
}

LT_EXPORT lt_cross_entropy(const Tensor* logits, const Tensor* targets, TensorOut result) {
    return make(result, [&] { return at::cross_entropy_loss(*logits, *targets); });
}
