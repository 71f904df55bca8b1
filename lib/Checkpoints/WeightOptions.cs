namespace Logitscope.Checkpoints;

/// <summary>How weights are brought into memory.</summary>
/// <param name="Type">The element type in memory, whatever it is on disk.</param>
/// <param name="Device">Where they go.</param>
/// <param name="AllowNonfinite">Whether NaN and infinity are taken for weights too.</param>
public sealed record WeightOptions(ScalarType Type, Device Device, bool AllowNonfinite = false);
