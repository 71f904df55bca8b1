using Logitscope;

namespace TorchSharp;

/// <summary>Kinds of device, numbered as libtorch numbers them.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,

    /// <summary>An NVIDIA GPU.</summary>
    CUDA = 1,
}

public static partial class torch
{
    /// <summary>The processor.</summary>
    public static readonly Device CPU = new(DeviceType.CPU);

    /// <summary>Where tensors live and operations run.</summary>
    /// <param name="deviceType">The kind.</param>
    /// <param name="index">Which one; -1 for the only or current one.</param>
    public sealed class Device(DeviceType deviceType, int index = -1)
    {
        /// <summary>The kind.</summary>
        public DeviceType type { get; } = deviceType;

        /// <summary>Which one; -1 for the only or current one.</summary>
        public int index { get; } = index;

        /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
        /// <returns>PyTorch's name of the device.</returns>
        public override string ToString() =>
            index < 0 ? type.ToString().ToLowerInvariant() : $"{type.ToString().ToLowerInvariant()}:{index}";
    }

    /// <summary>The device of a PyTorch name.</summary>
    /// <param name="description"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <returns>The device; whether it is there shows when it is used.</returns>
    /// <exception cref="LogitscopeException">The name is none of these.</exception>
    public static Device device(string description)
    {
        if (description == "cpu")
        {
            return CPU;
        }

        if (description == "cuda")
        {
            return new Device(DeviceType.CUDA, 0);
        }

        return description.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(description[5..], out var index)
            ? new Device(DeviceType.CUDA, index)
            : throw new LogitscopeException($"unknown device '{description}': expected cpu, cuda or cuda:N");
    }
}
