using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

/// <summary>The forms of one figure. Both pictures take their sizes from one layout, so they are twins.</summary>
internal interface IFigureRenderer
{
    /// <summary>The widest that the figure may become, in pixels.</summary>
    double Width { get; }

    /// <summary>Whether the figure may be drawn narrower; otherwise its frame scrolls.</summary>
    bool Shrinks { get; }

    /// <summary>The picture without script.</summary>
    XElement Picture();

    /// <summary>plotly's traces.</summary>
    JsonArray Traces();

    /// <summary>plotly's layout.</summary>
    JsonObject Layout();

    /// <summary>The figure as a table that a person can read.</summary>
    Table Overview();
}
