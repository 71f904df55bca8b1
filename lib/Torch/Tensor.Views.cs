using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>Conversion, views and indexing.</content>
public static partial class torch
{
    /// <summary>Joins tensors along an existing dimension.</summary>
    /// <param name="tensors">Equal in all other dimensions.</param>
    /// <param name="dim">The dimension.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Tensor.Cat(tensors, dim);

    /// <summary>Joins tensors along a new dimension.</summary>
    /// <param name="tensors">All of one shape.</param>
    /// <param name="dim">Where the new dimension stands.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="TorchShapeException">The shapes differ.</exception>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Tensor.Stack(tensors, dim);

    public sealed partial class Tensor
    {
        /// <summary>This tensor with another element type; itself where it has it already.</summary>
        /// <param name="type">The element type.</param>
        /// <returns>Same shape and device.</returns>
        public Tensor to(ScalarType type) => to(type, device);

        /// <summary>This tensor on another device; itself where it is there already.</summary>
        /// <param name="device">The device.</param>
        /// <returns>Same shape and element type.</returns>
        public Tensor to(Device device) => to(dtype, device);

        /// <summary>This tensor with another element type on another device.</summary>
        /// <param name="type">The element type.</param>
        /// <param name="device">The device.</param>
        /// <returns>Same shape.</returns>
        public Tensor to(ScalarType type, Device device) =>
            Made(lt_to(Handle, (int)type, (int)device.type, device.index, out var result), result);

        /// <summary>This tensor on the processor.</summary>
        /// <returns>Same shape and element type.</returns>
        public Tensor cpu() => to(CPU);

        /// <summary>A copy with memory of its own.</summary>
        /// <returns>Same shape.</returns>
        public Tensor clone() => Made(lt_clone(Handle, out var result), result);

        /// <summary>This tensor in row order; a copy only where it is not so already.</summary>
        /// <returns>Same shape.</returns>
        public Tensor contiguous() => Made(lt_contiguous(Handle, out var result), result);

        /// <summary>A second handle on the same tensor, with a life of its own.</summary>
        /// <returns>The same memory.</returns>
        public Tensor alias() => Made(lt_alias(Handle, out var result), result);

        /// <summary>Overwrites the elements.</summary>
        /// <param name="source">Broadcasts to this shape; converted to this element type.</param>
        /// <returns>This tensor.</returns>
        /// <exception cref="TorchShapeException">It does not broadcast.</exception>
        public Tensor copy_(Tensor source)
        {
            Native.Check(lt_copy_(Handle, source.Handle));
            return this;
        }

        /// <summary>Sets every element.</summary>
        /// <param name="value">The value.</param>
        /// <returns>This tensor.</returns>
        public Tensor fill_(Scalar value)
        {
            Native.Check(lt_fill_(Handle, value));
            return this;
        }

        /// <summary>The same elements in another shape.</summary>
        /// <param name="shape">One may be -1: whatever is left.</param>
        /// <returns>A view where possible.</returns>
        /// <exception cref="TorchShapeException">The number of elements differs.</exception>
        public Tensor reshape(params long[] shape) =>
            Made(lt_reshape(Handle, shape, shape.Length, out var result), result);

        /// <summary>Repeats dimensions of size 1 without copying.</summary>
        /// <param name="sizes">-1 keeps a size.</param>
        /// <returns>A view.</returns>
        /// <exception cref="TorchShapeException">A dimension is not of size 1.</exception>
        public Tensor expand(params long[] sizes) =>
            Made(lt_expand(Handle, sizes, sizes.Length, out var result), result);

        /// <summary>The dimensions in another order.</summary>
        /// <param name="permutation">Each dimension once.</param>
        /// <returns>A view.</returns>
        public Tensor permute(params long[] permutation) =>
            Made(lt_permute(Handle, permutation, permutation.Length, out var result), result);

        /// <summary>Swaps two dimensions.</summary>
        /// <param name="dim0">One.</param>
        /// <param name="dim1">The other.</param>
        /// <returns>A view.</returns>
        public Tensor transpose(long dim0, long dim1) =>
            Made(lt_transpose(Handle, dim0, dim1, out var result), result);

        /// <summary>Inserts a dimension of size 1.</summary>
        /// <param name="dim">Where.</param>
        /// <returns>A view.</returns>
        public Tensor unsqueeze(long dim) => Made(lt_unsqueeze(Handle, dim, out var result), result);

        /// <summary>Drops a dimension if its size is 1.</summary>
        /// <param name="dim">Which.</param>
        /// <returns>A view.</returns>
        public Tensor squeeze(long dim) => Made(lt_squeeze(Handle, dim, out var result), result);

        /// <summary>One slice along a dimension, which goes.</summary>
        /// <param name="dim">Which dimension.</param>
        /// <param name="index">Which slice; negative counts from the end.</param>
        /// <returns>A view.</returns>
        /// <exception cref="TorchIndexException">There is no such slice.</exception>
        public Tensor select(long dim, long index) =>
            Made(lt_select(Handle, dim, index, out var result), result);

        /// <summary>The elements start, start+step, ... before finish along a dimension.</summary>
        /// <param name="dim">Which dimension.</param>
        /// <param name="start">First.</param>
        /// <param name="finish">Past the last.</param>
        /// <param name="step">Distance.</param>
        /// <returns>A view.</returns>
        public Tensor slice(long dim, long start, long finish, long step) =>
            Made(lt_slice(Handle, dim, start, finish, step, out var result), result);

        /// <summary>A stretch of a dimension.</summary>
        /// <param name="dim">Which dimension.</param>
        /// <param name="start">First.</param>
        /// <param name="length">How many.</param>
        /// <returns>A view.</returns>
        /// <exception cref="TorchException">It does not lie inside.</exception>
        public Tensor narrow(long dim, long start, long length) =>
            Made(lt_narrow(Handle, dim, start, length, out var result), result);

        /// <summary>Picks slices by number.</summary>
        /// <param name="dim">Along which dimension.</param>
        /// <param name="index">Int64 [n].</param>
        /// <returns>A copy.</returns>
        /// <exception cref="TorchIndexException">A number is outside.</exception>
        public Tensor index_select(long dim, Tensor index) =>
            Made(lt_index_select(Handle, dim, index.Handle, out var result), result);

        /// <summary>Picks one element a place: <c>result[i][j] = this[i][index[i][j]]</c> for dimension 1.</summary>
        /// <param name="dim">Along which dimension.</param>
        /// <param name="index">Int64, of as many dimensions.</param>
        /// <returns>The shape of index.</returns>
        public Tensor gather(long dim, Tensor index) =>
            Made(lt_gather(Handle, dim, index.Handle, out var result), result);

        /// <summary>Replaces the elements where the mask is true.</summary>
        /// <param name="mask">Bool, broadcasts to this shape.</param>
        /// <param name="value">The new value.</param>
        /// <returns>A copy.</returns>
        public Tensor masked_fill(Tensor mask, Scalar value) =>
            Made(lt_masked_fill(Handle, mask.Handle, value, out var result), result);

        /// <summary>Keeps the elements on and below a diagonal, zeros above.</summary>
        /// <param name="diagonal">0 is the main one; positive lies above it.</param>
        /// <returns>A copy.</returns>
        public Tensor tril(long diagonal = 0) => Made(lt_tril(Handle, diagonal, out var result), result);

        internal static Tensor Cat(IEnumerable<Tensor> tensors, long dimension)
        {
            using var list = new TensorHandleList(tensors);
            return Made(lt_cat(list.Raw, list.Raw.Length, dimension, out var result), result);
        }

        internal static Tensor Stack(IEnumerable<Tensor> tensors, long dimension)
        {
            using var list = new TensorHandleList(tensors);
            return Made(lt_stack(list.Raw, list.Raw.Length, dimension, out var result), result);
        }

        [LibraryImport(Native.Library)]
        private static partial int lt_to(
            TensorHandle tensor, int dtype, int deviceType, int deviceIndex, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_clone(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_contiguous(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_alias(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_copy_(TensorHandle tensor, TensorHandle source);

        [LibraryImport(Native.Library)]
        private static partial int lt_fill_(TensorHandle tensor, Scalar value);

        [LibraryImport(Native.Library)]
        private static partial int lt_reshape(TensorHandle tensor, long[] sizes, int count, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_expand(TensorHandle tensor, long[] sizes, int count, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_permute(TensorHandle tensor, long[] order, int count, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_transpose(TensorHandle tensor, long first, long second, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_unsqueeze(TensorHandle tensor, long dimension, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_squeeze(TensorHandle tensor, long dimension, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_select(TensorHandle tensor, long dimension, long index, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_slice(
            TensorHandle tensor, long dimension, long start, long finish, long step, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_narrow(
            TensorHandle tensor, long dimension, long start, long length, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_index_select(
            TensorHandle tensor, long dimension, TensorHandle index, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_gather(
            TensorHandle tensor, long dimension, TensorHandle index, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_masked_fill(
            TensorHandle tensor, TensorHandle mask, Scalar value, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_tril(TensorHandle tensor, long diagonal, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_cat(nint[] tensors, int count, long dimension, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_stack(nint[] tensors, int count, long dimension, out TensorHandle result);
    }
}
