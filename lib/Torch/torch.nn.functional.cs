using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace TorchSharp;

/// <content>The layers of a network as functions.</content>
public static partial class torch
{
    /// <summary>Neural networks.</summary>
    public static partial class nn
    {
        /// <summary>Layers without state.</summary>
        /// <remarks>https://pytorch.org/docs/stable/nn.functional.html</remarks>
        public static partial class functional
        {
            /// <summary><c>input weight^T + bias</c>.</summary>
            /// <param name="input"><c>[..., in]</c>.</param>
            /// <param name="weights"><c>[out, in]</c>.</param>
            /// <param name="bias"><c>[out]</c>, or none.</param>
            /// <returns><c>[..., out]</c>.</returns>
            /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Tensor.Made(
                    lt_linear(input.Handle, weights.Handle, bias?.Handle ?? TensorHandle.None, out var result), result);

            /// <summary>Normalises the last dimensions to mean 0 and variance 1, then scales and shifts.</summary>
            /// <param name="input"><c>[..., size]</c>.</param>
            /// <param name="normalized_shape"><c>[size]</c>, or the sizes of several last dimensions.</param>
            /// <param name="weight">Of the normalized shape, or none.</param>
            /// <param name="bias">Of the normalized shape, or none.</param>
            /// <param name="eps">Added to the variance.</param>
            /// <returns>The shape of input.</returns>
            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Tensor.Made(
                    lt_layer_norm(
                        input.Handle, normalized_shape, normalized_shape.Length, weight?.Handle ?? TensorHandle.None,
                        bias?.Handle ?? TensorHandle.None, eps, out var result),
                    result);

            /// <summary>Gaussian error linear units.</summary>
            /// <param name="x">Any shape.</param>
            /// <param name="approximate">The exact error function, or GPT's <c>gelu_new</c>.</param>
            /// <returns>Same shape.</returns>
            public static Tensor gelu(Tensor x, GELU.Approximate approximate) =>
                Tensor.Made(lt_gelu(x.Handle, approximate == GELU.Approximate.tanh ? 1 : 0, out var result), result);

            /// <summary>Exponentials that sum to one.</summary>
            /// <param name="input">Logits.</param>
            /// <param name="dim">Along which dimension.</param>
            /// <returns>Same shape.</returns>
            public static Tensor softmax(Tensor input, long dim) =>
                Tensor.Made(lt_softmax(input.Handle, dim, out var result), result);

            /// <summary>The natural logarithm of the softmax.</summary>
            /// <param name="x">Logits.</param>
            /// <param name="dim">Along which dimension.</param>
            /// <returns>Same shape; nats.</returns>
            public static Tensor log_softmax(Tensor x, long dim) =>
                Tensor.Made(lt_log_softmax(x.Handle, dim, out var result), result);

            /// <summary>The mean surprisal of the targets.</summary>
            /// <param name="input">Logits <c>[n, classes]</c>.</param>
            /// <param name="target">Int64 <c>[n]</c>.</param>
            /// <returns>One element; nats.</returns>
            public static Tensor cross_entropy(Tensor input, Tensor target) =>
                Tensor.Made(lt_cross_entropy(input.Handle, target.Handle, out var result), result);

            [LibraryImport(Native.Library)]
            private static partial int lt_linear(
                TensorHandle input, TensorHandle weight, TensorHandle bias, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_layer_norm(
                TensorHandle input, long[] sizes, int count, TensorHandle weight, TensorHandle bias, double eps,
                out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_gelu(TensorHandle input, int tanhApproximation, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_softmax(TensorHandle tensor, long dimension, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_log_softmax(TensorHandle tensor, long dimension, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_cross_entropy(
                TensorHandle logits, TensorHandle targets, out TensorHandle result);
        }
    }
}
