using static TorchSharp.torch;

namespace Logitscope.Cli.Commands;

/// <summary>What a conversion makes of the weights.</summary>
internal sealed record ConversionOptions
{
    /// <summary>The element type of the weights written; by default each keeps its own.</summary>
    public ScalarType? Dtype { get; init; }

    /// <summary>Whether NaN and infinity are taken for weights too.</summary>
    public bool AllowNonfinite { get; init; }
}
