using System.Runtime.InteropServices;
using Logitscope;

namespace TorchSharp;

/// <content>New tensors.</content>
public static partial class torch
{
    /// <summary>Memory of a shape, with no values set.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="TorchOutOfMemoryException">There is not enough memory.</exception>
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null)
    {
        var (type, place) = (dtype ?? float32, device ?? CPU);
        return Tensor.Made(
            lt_empty(size, size.Length, (int)type, (int)place.type, place.index, out var result), result);
    }

    /// <summary>All elements of one value.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="value">The value.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null)
    {
        var (type, place) = (dtype ?? float32, device ?? CPU);
        return Tensor.Made(
            lt_full(size, size.Length, value, (int)type, (int)place.type, place.index, out var result), result);
    }

    /// <summary>All zeros.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null) =>
        full(size, 0, dtype, device);

    /// <summary>All ones.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null) =>
        full(size, 1, dtype, device);

    /// <summary>start, start + step, ... before stop.</summary>
    /// <param name="start">First.</param>
    /// <param name="stop">Past the last.</param>
    /// <param name="step">Distance.</param>
    /// <param name="dtype">Int64 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns><c>[n]</c>.</returns>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null)
    {
        var (type, place) = (dtype ?? int64, device ?? CPU);
        return Tensor.Made(
            lt_arange(start, stop, step, (int)type, (int)place.type, place.index, out var result), result);
    }

    /// <summary>Independent standard normal values from libtorch's generator.</summary>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null)
    {
        var (type, place) = (dtype ?? float32, device ?? CPU);
        return Tensor.Made(
            lt_randn(size, size.Length, (int)type, (int)place.type, place.index, out var result), result);
    }

    /// <summary>A row of integers.</summary>
    /// <param name="rawArray">Copied.</param>
    /// <param name="dtype">Int64 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>One dimension.</returns>
    public static Tensor tensor(long[] rawArray, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, int64, [rawArray.Length], dtype, device);

    /// <summary>A tensor of integers.</summary>
    /// <param name="rawArray">In row order; copied.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="dtype">Int64 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(
        long[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, int64, dimensions.ToArray(), dtype, device);

    /// <summary>A row of single-precision numbers.</summary>
    /// <param name="rawArray">Copied.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>One dimension.</returns>
    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, float32, [rawArray.Length], dtype, device);

    /// <summary>A tensor of single-precision numbers.</summary>
    /// <param name="rawArray">In row order; copied.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="dtype">Float32 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(
        float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, float32, dimensions.ToArray(), dtype, device);

    /// <summary>A row of double-precision numbers.</summary>
    /// <param name="rawArray">Copied.</param>
    /// <param name="dtype">Float64 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>One dimension.</returns>
    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, float64, [rawArray.Length], dtype, device);

    /// <summary>A tensor of double-precision numbers.</summary>
    /// <param name="rawArray">In row order; copied.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="dtype">Float64 by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(
        double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, float64, dimensions.ToArray(), dtype, device);

    /// <summary>A row of truth values.</summary>
    /// <param name="rawArray">Copied.</param>
    /// <param name="dtype">Bool by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>One dimension.</returns>
    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, @bool, [rawArray.Length], dtype, device);

    /// <summary>A tensor of truth values.</summary>
    /// <param name="rawArray">In row order; copied.</param>
    /// <param name="dimensions">The shape.</param>
    /// <param name="dtype">Bool by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>A new tensor.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(
        bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null) =>
        FromArray(rawArray, @bool, dimensions.ToArray(), dtype, device);

    private static Tensor FromArray<T>(T[] values, ScalarType type, long[] size, ScalarType? dtype, Device? device)
        where T : unmanaged
    {
        var count = size.Aggregate(1L, (product, extent) => product * extent);
        if (count != values.Length)
        {
            throw new LogitscopeException(
                $"a tensor of shape [{string.Join(", ", size)}]: expected {count} values, got {values.Length}");
        }

        var result = empty(size, type);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(result.bytes);
        var (wanted, place) = (dtype ?? type, device ?? CPU);
        if (wanted == type && place.type == DeviceType.CPU)
        {
            return result;
        }

        using (result)
        {
            return result.to(wanted, place);
        }
    }

    [LibraryImport(Native.Library)]
    private static partial int lt_empty(
        long[] sizes, int count, int dtype, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Native.Library)]
    private static partial int lt_full(
        long[] sizes, int count, Scalar value, int dtype, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Native.Library)]
    private static partial int lt_arange(
        Scalar start, Scalar stop, Scalar step, int dtype, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Native.Library)]
    private static partial int lt_randn(
        long[] sizes, int count, int dtype, int deviceType, int deviceIndex, out TensorHandle result);
}
