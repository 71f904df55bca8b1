namespace Logitscope.Cli.Hub;

/// <summary>A server's words as they may be shown on a terminal.</summary>
internal static class Printable
{
    private const int Longest = 200;

    /// <summary>Without control characters, and not too long.</summary>
    public static string Of(string text) =>
        string.Concat(text.Take(Longest).Select(sign => char.IsControl(sign) ? ' ' : sign));
}
