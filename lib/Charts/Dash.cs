namespace Logitscope.Charts;

/// <summary>The dashes of a line: they tell lines apart in print and for every kind of colour sight.</summary>
public enum Dash
{
    /// <summary>No gaps.</summary>
    Solid,

    /// <summary>Strokes.</summary>
    Dashed,

    /// <summary>Points.</summary>
    Dotted,

    /// <summary>A stroke and a point in turn.</summary>
    DashDot,

    /// <summary>Long strokes.</summary>
    LongDash,
}
