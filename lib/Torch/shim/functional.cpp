#include "shim.h"

LT_EXPORT lt_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->softmax(dimension); });
}

LT_EXPORT lt_log_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->log_softmax(dimension); });
}

LT_EXPORT lt_layer_norm(const Tensor* input, int64_t size, const Tensor* weight, const Tensor* bias, double eps,
                        TensorOut result) {
    return make(result, [&] { return at::layer_norm(*input, {size}, *weight, *bias, eps); });
}

LT_EXPORT lt_gelu(const Tensor* input, int32_t tanh_approximation, TensorOut result) {
    return make(result, [&] { return at::gelu(*input, tanh_approximation ? "tanh" : "none"); });
}

LT_EXPORT lt_embedding(const Tensor* ids, const Tensor* weight, TensorOut result) {
    return make(result, [&] { return at::embedding(*weight, *ids); });
}

LT_EXPORT lt_cross_entropy(const Tensor* logits, const Tensor* targets, int64_t ignore_index, TensorOut result) {
    return make(result, [&] {
        return at::cross_entropy_loss(*logits, *targets, {}, at::Reduction::Mean, ignore_index);
    });
}
