using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>From many elements to few.</content>
public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>The sum of all elements.</summary>
        /// <returns>One element.</returns>
        public Tensor sum() => sum([]);

        /// <summary>The sum over dimensions.</summary>
        /// <param name="dim">Which.</param>
        /// <param name="keepdim">Keep them with size 1.</param>
        /// <returns>The sums.</returns>
        public Tensor sum(long[] dim, bool keepdim = false) =>
            Made(lt_sum(Handle, dim, dim.Length, keepdim ? 1 : 0, out var result), result);

        /// <summary>The mean over dimensions; over everything where none is named.</summary>
        /// <param name="dimensions">Which.</param>
        /// <param name="keepdim">Keep them with size 1.</param>
        /// <returns>The means.</returns>
        public Tensor mean(long[]? dimensions = null, bool keepdim = false) =>
            Made(lt_mean(Handle, dimensions ?? [], dimensions?.Length ?? 0, keepdim ? 1 : 0, out var result), result);

        /// <summary>Bool: whether every element is non-zero.</summary>
        /// <returns>One element.</returns>
        public Tensor all() => Made(lt_all(Handle, out var result), result);

        /// <summary>The greatest element.</summary>
        /// <returns>One element.</returns>
        public Tensor max() => Made(lt_max(Handle, out var result), result);

        /// <summary>Where the greatest element stands; the first of equals.</summary>
        /// <param name="dim">Along which dimension.</param>
        /// <param name="keepdim">Keep it with size 1.</param>
        /// <returns>Int64.</returns>
        public Tensor argmax(long dim, bool keepdim = false) =>
            Made(lt_argmax(Handle, dim, keepdim ? 1 : 0, out var result), result);

        /// <summary>The natural logarithm of the sum of exponentials, without overflow.</summary>
        /// <param name="dim">Along which dimension.</param>
        /// <param name="keepdim">Keep it with size 1.</param>
        /// <returns>In nats, for logits.</returns>
        public Tensor logsumexp(long dim, bool keepdim = false) =>
            Made(lt_logsumexp(Handle, dim, keepdim ? 1 : 0, out var result), result);

        /// <summary>The k greatest elements, greatest first.</summary>
        /// <param name="k">How many.</param>
        /// <param name="dim">Along which dimension.</param>
        /// <returns>The values, and Int64 indices.</returns>
        /// <exception cref="TorchException">There are fewer than k.</exception>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1)
        {
            Native.Check(lt_topk(Handle, k, dim, out var values, out var indexes));
            return (new Tensor(values), new Tensor(indexes));
        }

        [LibraryImport(Native.Library)]
        private static partial int lt_sum(
            TensorHandle tensor, long[] dimensions, int count, int keepdim, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_mean(
            TensorHandle tensor, long[] dimensions, int count, int keepdim, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_all(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_max(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_argmax(TensorHandle tensor, long dimension, int keepdim, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_logsumexp(
            TensorHandle tensor, long dimension, int keepdim, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_topk(
            TensorHandle tensor, long k, long dimension, out TensorHandle values, out TensorHandle indices);
    }
}
