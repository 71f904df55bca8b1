using System.Globalization;

namespace Logitscope.Cli.Commands;

/// <summary>Token ids on the command line.</summary>
internal static class IdList
{
    /// <summary>Reads <c>1,2,3</c>.</summary>
    public static IReadOnlyList<int> Parse(string option, string list)
    {
        var ids = new List<int>();
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ids.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new LogitscopeException($"{option}: expected token ids such as 1,2,3, got '{part}'"));
        }

        return ids;
    }

    /// <summary>Reads positions such as <c>3,-1</c>.</summary>
    public static IReadOnlyList<int> ParsePositions(string option, string list) =>
    [
        .. list.Split(',', StringSplitOptions.TrimEntries).Select(part =>
            int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var position)
                ? position
                : throw new LogitscopeException($"{option}: expected positions such as 3,-1, got '{part}'")),
    ];
}
