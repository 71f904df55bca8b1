namespace Logitscope.Charts;

/// <summary>A part of a <see cref="ResultsPage"/>.</summary>
public sealed record Section
{
    /// <summary>Its heading. The default is none.</summary>
    public string Heading { get; init; } = "";

    /// <summary>Plain text under the heading; an empty line begins a new paragraph. The default is none.</summary>
    public string Prose { get; init; } = "";

    /// <summary>Figures, tables and other results, in order. The default is none.</summary>
    public IReadOnlyList<IDisplay> Contents { get; init; } = [];
}
