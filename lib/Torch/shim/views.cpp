#include "shim.h"

LT_EXPORT lt_reshape(const Tensor* tensor, const int64_t* sizes, int32_t count, TensorOut result) {
    return make(result, [&] { return tensor->reshape(sizes_of(sizes, count)); });
}

LT_EXPORT lt_expand(const Tensor* tensor, const int64_t* sizes, int32_t count, TensorOut result) {
    return make(result, [&] { return tensor->expand(sizes_of(sizes, count)); });
}

LT_EXPORT lt_permute(const Tensor* tensor, const int64_t* order, int32_t count, TensorOut result) {
    return make(result, [&] { return tensor->permute(sizes_of(order, count)); });
}

LT_EXPORT lt_transpose(const Tensor* tensor, int64_t first, int64_t second, TensorOut result) {
    return make(result, [&] { return tensor->transpose(first, second); });
}

LT_EXPORT lt_unsqueeze(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->unsqueeze(dimension); });
}

LT_EXPORT lt_squeeze(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->squeeze(dimension); });
}

LT_EXPORT lt_select(const Tensor* tensor, int64_t dimension, int64_t index, TensorOut result) {
    return make(result, [&] { return tensor->select(dimension, index); });
}

LT_EXPORT lt_slice(const Tensor* tensor, int64_t dimension, int64_t start, int64_t finish, int64_t step,
                   TensorOut result) {
    return make(result, [&] { return tensor->slice(dimension, start, finish, step); });
}

LT_EXPORT lt_narrow(const Tensor* tensor, int64_t dimension, int64_t start, int64_t length, TensorOut result) {
    return make(result, [&] { return tensor->narrow(dimension, start, length); });
}

LT_EXPORT lt_index_select(const Tensor* tensor, int64_t dimension, const Tensor* index, TensorOut result) {
    return make(result, [&] { return tensor->index_select(dimension, *index); });
}

LT_EXPORT lt_gather(const Tensor* tensor, int64_t dimension, const Tensor* index, TensorOut result) {
    return make(result, [&] { return tensor->gather(dimension, *index); });
}

LT_EXPORT lt_masked_fill(const Tensor* tensor, const Tensor* mask, Scalar value, TensorOut result) {
    return make(result, [&] { return tensor->masked_fill(*mask, value.to_torch()); });
}

LT_EXPORT lt_cat(Tensor* const* tensors, int32_t count, int64_t dimension, TensorOut result) {
    return make(result, [&] { return at::cat(to_vector(tensors, count), dimension); });
}

LT_EXPORT lt_stack(Tensor* const* tensors, int32_t count, int64_t dimension, TensorOut result) {
    return make(result, [&] { return at::stack(to_vector(tensors, count), dimension); });
}

LT_EXPORT lt_tril(const Tensor* tensor, int64_t diagonal, TensorOut result) {
    return make(result, [&] { return tensor->tril(diagonal); });
}
