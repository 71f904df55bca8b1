#include "shim.h"

#include <torch/version.h>

// libtorch 1.13 rounds every step of layer norm and of GELU's tanh where a tensor of the CPU is bfloat16, and takes longer
// than float32 does; 2.x rounds the result only. So does what follows, with either.
static bool rounds_every_step(const Tensor& tensor) {
    return TORCH_VERSION_MAJOR < 2 && tensor.device().is_cpu() && tensor.scalar_type() == at::kBFloat16;
}

static Tensor wide(const Tensor& tensor) { return tensor.defined() ? tensor.to(at::kFloat) : tensor; }

static Tensor gelu_tanh_in_float(const Tensor& input) {
    constexpr int64_t block = 1 << 18;  // elements: what is wide for a moment fits the processor's cache
    std::vector<Tensor> parts;
    for (const Tensor& part : input.reshape(-1).split(block)) {
        parts.push_back(at::gelu(wide(part), "tanh").to(input.scalar_type()));
    }
    return at::cat(parts).reshape(input.sizes());
}

LT_EXPORT lt_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->softmax(dimension); });
}

LT_EXPORT lt_log_softmax(const Tensor* tensor, int64_t dimension, TensorOut result) {
    return make(result, [&] { return tensor->log_softmax(dimension); });
}

LT_EXPORT lt_layer_norm(const Tensor* input, const int64_t* sizes, int32_t count, const Tensor* weight,
                        const Tensor* bias, double eps, TensorOut result) {
    return make(result, [&] {
        auto shape = sizes_of(sizes, count);
        auto [scale, shift] = std::pair(or_none(weight), or_none(bias));
        return rounds_every_step(*input)
            ? at::layer_norm(wide(*input), shape, wide(scale), wide(shift), eps).to(input->scalar_type())
            : at::layer_norm(*input, shape, scale, shift, eps);
    });
}

LT_EXPORT lt_gelu(const Tensor* input, int32_t tanh_approximation, TensorOut result) {
    return make(result, [&] {
        return tanh_approximation && rounds_every_step(*input)
            ? gelu_tanh_in_float(*input)
            : at::gelu(*input, tanh_approximation ? "tanh" : "none");
    });
}

LT_EXPORT lt_cross_entropy(const Tensor* logits, const Tensor* targets, TensorOut result) {
    return make(result, [&] { return at::cross_entropy_loss(*logits, *targets); });
}
