using System.Text.RegularExpressions;

namespace Logitscope.Cli.Notebooks;

/// <summary>The lines of a cell that speak to the notebook engine and not to the compiler.</summary>
internal static partial class Magics
{
    /// <summary>The first line that this runner cannot honour, 1-based, or null.</summary>
    public static (int Line, string Text, string Reason)? FindUnsupported(string source)
    {
        var number = 0;
        foreach (var line in source.Split('\n'))
        {
            number++;
            if (Magic().Match(line) is { Success: true } magic && !SwitchToCSharp().IsMatch(line))
            {
                return (number, magic.Value.Trim(), "is a magic that this runner does not know, unlike #!csharp");
            }

            if (Package().IsMatch(line))
            {
                return (number, line.Trim(), "needs a package restore, which this runner does not do; name a DLL");
            }
        }

        return null;
    }

    /// <summary>The cell as the compiler may see it; line numbers stay.</summary>
    public static string Blank(string source) => SwitchToCSharp().Replace(source, "");

    [GeneratedRegex(@"^\s*#![^\s]*")]
    private static partial Regex Magic();

    [GeneratedRegex(@"^[ \t]*#!(csharp|c#|C#)[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex SwitchToCSharp();

    [GeneratedRegex(@"^\s*(#r\s+""nuget:|#i\s)")]
    private static partial Regex Package();
}
