using System.Runtime.InteropServices;

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
            /// <param name="weight"><c>[out, in]</c>.</param>
            /// <param name="bias"><c>[out]</c>, or none.</param>
            /// <returns><c>[..., out]</c>.</returns>
            /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null) =>
                Tensor.Made(
                    lt_linear(input.Handle, weight.Handle, bias?.Handle ?? TensorHandle.None, out var result), result);

            /// <summary>Normalises the last dimension to mean 0 and variance 1, then scales and shifts.</summary>
            /// <param name="input"><c>[..., size]</c>.</param>
            /// <param name="weight"><c>[size]</c>.</param>
            /// <param name="bias"><c>[size]</c>.</param>
            /// <param name="eps">Added to the variance.</param>
            /// <returns>The shape of input.</returns>
            public static Tensor layer_norm(Tensor input, Tensor weight, Tensor bias, double eps) =>
                Tensor.Made(
                    lt_layer_norm(
                        input.Handle, weight.shape[0], weight.Handle, bias.Handle, eps, out var result),
                    result);

            /// <summary>Gaussian error linear units.</summary>
            /// <param name="input">Any shape.</param>
            /// <param name="tanhApproximation">GPT's <c>gelu_new</c>; the exact error function otherwise.</param>
            /// <returns>Same shape.</returns>
            public static Tensor gelu(Tensor input, bool tanhApproximation) =>
                Tensor.Made(lt_gelu(input.Handle, tanhApproximation ? 1 : 0, out var result), result);

            /// <summary>Rows of a table by number.</summary>
            /// <param name="ids">Int64, any shape.</param>
            /// <param name="weight"><c>[rows, size]</c>.</param>
            /// <returns><c>[ids..., size]</c>.</returns>
            /// <exception cref="TorchIndexException">A number has no row.</exception>
            public static Tensor embedding(Tensor ids, Tensor weight) =>
                Tensor.Made(lt_embedding(ids.Handle, weight.Handle, out var result), result);

            /// <summary>Exponentials that sum to one.</summary>
            /// <param name="input">Logits.</param>
            /// <param name="dim">Along which dimension.</param>
            /// <returns>Same shape.</returns>
            public static Tensor softmax(Tensor input, long dim) =>
                Tensor.Made(lt_softmax(input.Handle, dim, out var result), result);

            /// <summary>The natural logarithm of the softmax.</summary>
            /// <param name="input">Logits.</param>
            /// <param name="dim">Along which dimension.</param>
            /// <returns>Same shape; nats.</returns>
            public static Tensor log_softmax(Tensor input, long dim) =>
                Tensor.Made(lt_log_softmax(input.Handle, dim, out var result), result);

            /// <summary>The mean surprisal of the targets.</summary>
            /// <param name="logits"><c>[n, classes]</c>.</param>
            /// <param name="targets">Int64 <c>[n]</c>.</param>
            /// <param name="ignore_index">Targets of this value do not count.</param>
            /// <returns>One element; nats.</returns>
            public static Tensor cross_entropy(Tensor logits, Tensor targets, long ignore_index = -100) =>
                Tensor.Made(lt_cross_entropy(logits.Handle, targets.Handle, ignore_index, out var result), result);

            [LibraryImport(Native.Library)]
            private static partial int lt_linear(
                TensorHandle input, TensorHandle weight, TensorHandle bias, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_layer_norm(
                TensorHandle input, long size, TensorHandle weight, TensorHandle bias, double eps,
                out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_gelu(TensorHandle input, int tanhApproximation, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_embedding(TensorHandle ids, TensorHandle weight, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_softmax(TensorHandle tensor, long dimension, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_log_softmax(TensorHandle tensor, long dimension, out TensorHandle result);

            [LibraryImport(Native.Library)]
            private static partial int lt_cross_entropy(
                TensorHandle logits, TensorHandle targets, long ignoreIndex, out TensorHandle result);
        }
    }
}
