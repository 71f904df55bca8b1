using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>A number that keeps whether it is an integer, as PyTorch's type promotion needs to know.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Scalar
{
    private readonly long _isInteger;
    private readonly long _integer;
    private readonly double _real;

    private Scalar(long value)
    {
        _isInteger = 1;
        _integer = value;
        _real = value;
    }

    private Scalar(double value)
    {
        _integer = 0;
        _real = value;
    }

    /// <summary>An integer.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Scalar(int value) => new((long)value);

    /// <summary>An integer.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Scalar(long value) => new(value);

    /// <summary>A real number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Scalar(double value) => new(value);

    /// <summary>The number, for a log.</summary>
    /// <returns>The number in invariant format.</returns>
    public override string ToString() => _isInteger != 0 ? $"{_integer}" : $"{_real:R}";
}
