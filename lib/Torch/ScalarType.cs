namespace TorchSharp;

public static partial class torch
{
    /// <summary>Element types, numbered as libtorch numbers them.</summary>
    /// <remarks>https://pytorch.org/docs/stable/tensor_attributes.html</remarks>
    public enum ScalarType : sbyte
    {
        /// <summary>Unsigned 8-bit integer.</summary>
        Byte = 0,

        /// <summary>Signed 8-bit integer.</summary>
        Int8 = 1,

        /// <summary>Signed 16-bit integer.</summary>
        Int16 = 2,

        /// <summary>Signed 32-bit integer.</summary>
        Int32 = 3,

        /// <summary>Signed 64-bit integer.</summary>
        Int64 = 4,

        /// <summary>IEEE half precision.</summary>
        Float16 = 5,

        /// <summary>IEEE single precision.</summary>
        Float32 = 6,

        /// <summary>IEEE double precision.</summary>
        Float64 = 7,

        /// <summary>One byte, 0 or 1.</summary>
        Bool = 11,

        /// <summary>The upper half of a single-precision number.</summary>
        BFloat16 = 15,
    }

    /// <summary>IEEE single precision.</summary>
    public static ScalarType float32 => ScalarType.Float32;

    /// <summary>IEEE double precision.</summary>
    public static ScalarType float64 => ScalarType.Float64;

    /// <summary>The upper half of a single-precision number.</summary>
    public static ScalarType bfloat16 => ScalarType.BFloat16;

    /// <summary>IEEE half precision.</summary>
    public static ScalarType float16 => ScalarType.Float16;

    /// <summary>Signed 64-bit integer.</summary>
    public static ScalarType int64 => ScalarType.Int64;

    /// <summary>One byte, 0 or 1.</summary>
    public static ScalarType @bool => ScalarType.Bool;

    /// <summary>Bytes of one element.</summary>
    /// <param name="type">The element type.</param>
    /// <returns>1, 2, 4 or 8.</returns>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        _ => 8,
    };
}
