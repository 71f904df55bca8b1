using System.Runtime.InteropServices;
using Logitscope;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A libtorch tensor. The names and meanings are those of TorchSharp's class.</summary>
    /// <remarks>https://pytorch.org/docs/stable/tensors.html</remarks>
    public sealed partial class Tensor : IDisposable
    {
        private long[]? _sizes;

        internal Tensor(TensorHandle handle)
        {
            Handle = handle;
            Native.Check(lt_describe(handle, out var dimensions, out var type, out var deviceType, out var index));
            Dimensions = dimensions;
            dtype = (ScalarType)type;
            device = new Device((DeviceType)deviceType, index);
            DisposeScope.Current?.Add(this);
        }

        internal TensorHandle Handle { get; }

        internal DisposeScope? Scope { get; set; }

        /// <summary>How many dimensions.</summary>
        public long Dimensions { get; }

        /// <summary>The element type.</summary>
        public ScalarType dtype { get; }

        /// <summary>Where it lives.</summary>
        public Device device { get; }

        /// <summary>The size of each dimension.</summary>
        public long[] shape
        {
            get
            {
                if (_sizes is null)
                {
                    var read = new long[Dimensions];
                    Native.Check(lt_shape(Handle, read));
                    _sizes = read;
                }

                return _sizes;
            }
        }

        /// <summary>How many elements.</summary>
        public long NumberOfElements => shape.Aggregate(1L, (product, size) => product * size);

        /// <summary>The size of one dimension.</summary>
        /// <param name="dim">Negative counts from the end.</param>
        /// <returns>The size.</returns>
        public long size(int dim) => shape[dim < 0 ? Dimensions + dim : dim];

        /// <summary>Whether the elements lie in row order without gaps.</summary>
        /// <returns>True if they do.</returns>
        public bool is_contiguous()
        {
            Native.Check(lt_is_contiguous(Handle, out var yes));
            return yes != 0;
        }

        /// <summary>The elements as bytes, in row order: a view of the tensor's own memory.</summary>
        /// <exception cref="LogitscopeException">The tensor is not contiguous, not on the CPU, or over 2 GiB.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                var count = NumberOfElements * dtype.ElementSize();
                if (device.type != DeviceType.CPU || !is_contiguous() || count > int.MaxValue)
                {
                    throw new LogitscopeException(
                        $"bytes of a tensor: expected contiguous, cpu, up to 2 GiB; got {this}, {device}, {count} bytes");
                }

                Native.Check(lt_data_ptr(Handle, out var data));
                return new Span<byte>((void*)data, (int)count);
            }
        }

        /// <summary>The elements as .NET values.</summary>
        /// <typeparam name="T">The .NET type of <see cref="dtype"/>.</typeparam>
        /// <returns>An accessor that copies them out.</returns>
        /// <exception cref="LogitscopeException">T is not the element type's twin.</exception>
        public TensorAccessor<T> data<T>()
            where T : unmanaged =>
            DotNetTypeOf(dtype) == typeof(T)
                ? new TensorAccessor<T>(this)
                : throw new LogitscopeException(
                    $"elements as {typeof(T).Name}: expected {DotNetTypeOf(dtype).Name}, the twin of {dtype}");

        /// <summary>The only element, as a real number.</summary>
        /// <returns>The value.</returns>
        /// <exception cref="TorchException">There is not exactly one element.</exception>
        public double ToDouble()
        {
            Native.Check(lt_item(Handle, out var real, out _));
            return real;
        }

        /// <summary>The only element, as an integer.</summary>
        /// <returns>The value.</returns>
        /// <exception cref="TorchException">There is not exactly one element.</exception>
        public long ToInt64()
        {
            Native.Check(lt_item(Handle, out _, out var integer));
            return integer;
        }

        /// <summary>Frees the native tensor now.</summary>
        public void Dispose()
        {
            Scope?.Remove(this);
            Handle.Dispose();
        }

        /// <summary>Leaves this tensor to the scope around the current one, or to the caller where there is none.</summary>
        /// <returns>This tensor.</returns>
        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes this tensor out of every scope: the caller disposes it.</summary>
        /// <returns>This tensor.</returns>
        public Tensor DetachFromDisposeScope()
        {
            Scope?.Remove(this);
            return this;
        }

        /// <summary>Element type and shape.</summary>
        /// <returns>For example <c>Float32[2, 3]</c>.</returns>
        public override string ToString() => $"{dtype}[{string.Join(", ", shape)}]";

        internal static Tensor Made(int status, TensorHandle handle)
        {
            Native.Check(status);
            return new Tensor(handle);
        }

        private static Type DotNetTypeOf(ScalarType type) => type switch
        {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float16 => typeof(Half),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => typeof(ushort),
        };

        [LibraryImport(Native.Library)]
        private static partial int lt_describe(
            TensorHandle tensor, out int dimensions, out int dtype, out int deviceType, out int deviceIndex);

        [LibraryImport(Native.Library)]
        private static partial int lt_shape(TensorHandle tensor, [Out] long[] sizes);

        [LibraryImport(Native.Library)]
        private static partial int lt_is_contiguous(TensorHandle tensor, out int yes);

        [LibraryImport(Native.Library)]
        private static partial int lt_data_ptr(TensorHandle tensor, out nint data);

        [LibraryImport(Native.Library)]
        private static partial int lt_item(TensorHandle tensor, out double real, out long integer);
    }
}
