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
}
