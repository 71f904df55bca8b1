namespace Logitscope.Cli.Commands;

/// <summary>Sites on the command line, by the field's names.</summary>
internal static class SiteList
{
    /// <summary>Reads <c>attn_out,mlp_out</c>; nothing of null.</summary>
    /// <exception cref="LogitscopeException">A name is no site.</exception>
    public static Site[] Parse(string option, string? list) =>
        [.. list?.Split(',', StringSplitOptions.TrimEntries).Select(name => Of(option, name, Sites.ByName.Values)) ?? []];

    /// <summary>Reads one name.</summary>
    /// <exception cref="LogitscopeException">It is none of the allowed ones.</exception>
    public static Site Of(string option, string name, IEnumerable<Site> allowed) =>
        Sites.ByName.TryGetValue(name, out var site) && allowed.Contains(site)
            ? site
            : throw new LogitscopeException($"{option}: expected {string.Join(", ", allowed.Select(Sites.Name))}, got '{name}'");
}
