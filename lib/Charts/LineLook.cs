namespace Logitscope.Charts;

/// <summary>How a line is drawn.</summary>
/// <param name="Color">Six hexadecimal digits after #.</param>
/// <param name="Dash">Its dashes.</param>
public sealed record LineLook(string Color, Dash Dash);
