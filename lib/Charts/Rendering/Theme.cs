namespace Logitscope.Charts.Rendering;

/// <summary>
/// The look of every figure. The paper is white in dark surroundings too: the colours of the reference chart and of the
/// scales are chosen against white, and a saved notebook cannot know where it will be read.
/// </summary>
internal static class Theme
{
    public const string Paper = "#ffffff";
    public const string Ink = "#1f2328";
    public const string Quiet = "#59636e";
    public const string Grid = "#e7eaee";
    public const string Frame = "#8c959f";
    public const string Fonts = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

    public const double TitleSize = 15;
    public const double TextSize = 12;
    public const double TickSize = 11;

    /// <summary>The opacity of a 95 % band: three on top of each other still show the lines.</summary>
    public const double BandOpacity = 0.14;

    public const double LineWidth = 2.2;
}
