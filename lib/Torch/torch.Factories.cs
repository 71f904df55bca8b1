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

    /// <summary>A tensor of integers.</summary>
    /// <param name="values">In row order; copied.</param>
    /// <param name="dimensions">The shape; one dimension by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>Int64.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(long[] values, long[]? dimensions = null, Device? device = null) =>
        FromArray(values, int64, dimensions, device);

    /// <summary>A tensor of single-precision numbers.</summary>
    /// <param name="values">In row order; copied.</param>
    /// <param name="dimensions">The shape; one dimension by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>Float32.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(float[] values, long[]? dimensions = null, Device? device = null) =>
        FromArray(values, float32, dimensions, device);

    /// <summary>A tensor of double-precision numbers.</summary>
    /// <param name="values">In row order; copied.</param>
    /// <param name="dimensions">The shape; one dimension by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>Float64.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(double[] values, long[]? dimensions = null, Device? device = null) =>
        FromArray(values, float64, dimensions, device);

    /// <summary>A tensor of truth values.</summary>
    /// <param name="values">In row order; copied.</param>
    /// <param name="dimensions">The shape; one dimension by default.</param>
    /// <param name="device">The CPU by default.</param>
    /// <returns>Bool.</returns>
    /// <exception cref="LogitscopeException">The shape does not hold as many.</exception>
    public static Tensor tensor(bool[] values, long[]? dimensions = null, Device? device = null) =>
        FromArray(values, @bool, dimensions, device);

    private static Tensor FromArray<T>(T[] values, ScalarType type, long[]? dimensions, Device? device)
        where T : unmanaged
    {
        var size = dimensions ?? [values.Length];
        var count = size.Aggregate(1L, (product, extent) => product * extent);
        if (count != values.Length)
        {
            throw new LogitscopeException(
                $"a tensor of shape [{string.Join(", ", size)}]: expected {count} values, got {values.Length}");
        }

        var result = empty(size, type);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(result.bytes);
        if (device is null || device.type == DeviceType.CPU)
        {
            return result;
        }

        using (result)
        {
            return result.to(device);
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
