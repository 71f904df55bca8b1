using System.Text.RegularExpressions;

namespace Logitscope;

/// <summary>
/// A local plotly.min.js. Pages write it into themselves, so that they open without a network. In a notebook, show it
/// once in a cell of its own, and the figures after it need no network either (the file grows by its 5 MB).
/// </summary>
/// <param name="Path">The file.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed partial record PlotlyLibrary(string Path) : IDisplay
{
    /// <summary>The environment variable that names the file.</summary>
    public const string Variable = "LOGITSCOPE_PLOTLY";

    /// <summary>Where documents without a local library load it from.</summary>
    public const string Url = "https://cdn.jsdelivr.net/npm/plotly.js-dist-min@3.7.0/plotly.min.js";

    /// <summary>The hash that a browser holds the file at <see cref="Url"/> to.</summary>
    public const string Integrity = "sha384-l4G4qURPwALv583BKlynU/4LiUx0rk9jcTX58Aq+Jc+jgWb52zeH2geZkSS3UPPs";

    /// <summary>
    /// The file that <c>LOGITSCOPE_PLOTLY</c> names, else <c>plotly.min.js</c> beside this library, where the set-up
    /// puts it; null where there is neither, and documents then load plotly from <see cref="Url"/>.
    /// </summary>
    /// <exception cref="ChartException">The variable names a file that is not there.</exception>
    public static PlotlyLibrary? Find() => Find(Environment.GetEnvironmentVariable(Variable),
        System.IO.Path.GetDirectoryName(typeof(PlotlyLibrary).Assembly.Location) ?? "");

    /// <summary>The rule of <see cref="Find()"/> for a value of the variable and the folder of this library.</summary>
    internal static PlotlyLibrary? Find(string? named, string folder)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return File.Exists(named)
                ? new PlotlyLibrary(System.IO.Path.GetFullPath(named))
                : throw new ChartException($"{Variable} names plotly.min.js, got '{named}', which is no file.");
        }

        var beside = System.IO.Path.Combine(folder, "plotly.min.js");
        return File.Exists(beside) ? new PlotlyLibrary(beside) : null;
    }

    /// <summary>The library as a script element that no text inside it can end early.</summary>
    public string ToHtml() => $"<script>{Meaningful().Replace(File.ReadAllText(Path), @"\x3C")}</script>";

    /// <inheritdoc/>
    public string ToText() => $"plotly from {Path}";

    /// <summary>
    /// What begins or ends something in HTML inside a script element; in JavaScript strings \x3C means the same.
    /// </summary>
    [GeneratedRegex("<(?=!--|/script)", RegexOptions.IgnoreCase)]
    private static partial Regex Meaningful();
}
