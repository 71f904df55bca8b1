#include "shim.h"

#define LT_UNARY(name)                                          \
    LT_EXPORT lt_##name(const Tensor* tensor, TensorOut result) { \
        return make(result, [&] { return at::name(*tensor); }); \
    }

#define LT_BINARY(name)                                                              \
    LT_EXPORT lt_##name(const Tensor* left, const Tensor* right, TensorOut result) { \
        return make(result, [&] { return at::name(*left, *right); });                \
    }

#define LT_BINARY_SCALAR(name)                                                      \
    LT_EXPORT lt_##name##_scalar(const Tensor* left, Scalar right, TensorOut result) { \
        return make(result, [&] { return at::name(*left, right.to_torch()); });     \
    }

#define LT_BINARY_BOTH(name) LT_BINARY(name) LT_BINARY_SCALAR(name)

LT_UNARY(neg)
LT_UNARY(abs)
LT_UNARY(exp)
LT_UNARY(log)
LT_UNARY(sqrt)
LT_UNARY(rsqrt)
LT_UNARY(sin)
LT_UNARY(cos)
LT_UNARY(tanh)
LT_UNARY(isfinite)
LT_UNARY(logical_not)

LT_BINARY_BOTH(add)
LT_BINARY_BOTH(sub)
LT_BINARY_BOTH(mul)
LT_BINARY_BOTH(div)
LT_BINARY_BOTH(pow)
LT_BINARY_BOTH(eq)
LT_BINARY_BOTH(gt)
LT_BINARY_BOTH(lt)
LT_BINARY(logical_and)
LT_BINARY(matmul)

LT_EXPORT lt_where(const Tensor* condition, const Tensor* yes, const Tensor* no, TensorOut result) {
    return make(result, [&] { return at::where(*condition, *yes, *no); });
}

LT_EXPORT lt_add_(Tensor* tensor, const Tensor* other, Scalar alpha) {
    return guarded([&] { tensor->add_(*other, alpha.to_torch()); });
}

LT_EXPORT lt_mul_scalar_(Tensor* tensor, Scalar factor) {
    return guarded([&] { tensor->mul_(factor.to_torch()); });
}

LT_EXPORT lt_addcmul_(Tensor* tensor, const Tensor* left, const Tensor* right, Scalar value) {
    return guarded([&] { tensor->addcmul_(*left, *right, value.to_torch()); });
}

LT_EXPORT lt_addcdiv_(Tensor* tensor, const Tensor* left, const Tensor* right, Scalar value) {
    return guarded([&] { tensor->addcdiv_(*left, *right, value.to_torch()); });
}

// A bool tensor holds one byte an element; addmm fuses the bias into the matrix product.
LT_EXPORT lt_linear(const Tensor* input, const Tensor* weight, const Tensor* bias, TensorOut result) {
    return make(result, [&] {
        return bias ? at::linear(*input, *weight, *bias) : at::linear(*input, *weight);
    });
}
