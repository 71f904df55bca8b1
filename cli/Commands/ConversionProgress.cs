namespace Logitscope.Cli.Commands;

/// <summary>How far a conversion is.</summary>
/// <param name="Done">Bytes written.</param>
/// <param name="Total">Bytes to write.</param>
/// <param name="Elapsed">Since its start.</param>
internal sealed record ConversionProgress(long Done, long Total, TimeSpan Elapsed)
{
    /// <summary>Bytes a second.</summary>
    public double Rate => Done / Math.Max(1e-9, Elapsed.TotalSeconds);

    /// <summary>The time left, at the rate so far.</summary>
    public TimeSpan Left => TimeSpan.FromSeconds((Total - Done) / Math.Max(1, Rate));
}
