#include "shim.h"

LT_EXPORT lt_sum(const Tensor* tensor, const int64_t* dimensions, int32_t count, int32_t keepdim, TensorOut result) {
    return make(result, [&] {
        return count == 0 ? tensor->sum() : tensor->sum(sizes_of(dimensions, count), keepdim != 0);
    });
}

LT_EXPORT lt_mean(const Tensor* tensor, const int64_t* dimensions, int32_t count, int32_t keepdim, TensorOut result) {
    return make(result, [&] {
        return count == 0 ? tensor->mean() : tensor->mean(sizes_of(dimensions, count), keepdim != 0);
    });
}

LT_EXPORT lt_all(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->all(); });
}

LT_EXPORT lt_max(const Tensor* tensor, TensorOut result) {
    return make(result, [&] { return tensor->max(); });
}

LT_EXPORT lt_argmax(const Tensor* tensor, int64_t dimension, int32_t keepdim, TensorOut result) {
    return make(result, [&] { return tensor->argmax(dimension, keepdim != 0); });
}

LT_EXPORT lt_logsumexp(const Tensor* tensor, int64_t dimension, int32_t keepdim, TensorOut result) {
    return make(result, [&] { return tensor->logsumexp({dimension}, keepdim != 0); });
}

LT_EXPORT lt_topk(const Tensor* tensor, int64_t k, int64_t dimension, TensorOut values, TensorOut indices) {
    *values = nullptr;
    *indices = nullptr;
    return guarded([&] {
        auto result = tensor->topk(k, dimension, /*largest=*/true, /*sorted=*/true);
        *values = to_handle(std::get<0>(result));
        *indices = to_handle(std::get<1>(result));
    });
}
