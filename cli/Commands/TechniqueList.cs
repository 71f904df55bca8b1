namespace Logitscope.Cli.Commands;

/// <summary>Methods on the command line, with target prompts of the user's own, and those that were fitted.</summary>
internal sealed class TechniqueList
{
    private readonly List<(NextTokenTechnique? Technique, string Name, string Folder)> _entries;

    private TechniqueList(List<(NextTokenTechnique?, string, string)> entries) => _entries = entries;

    /// <summary>The names of all methods.</summary>
    public static string Names =>
        string.Join(", ", NextTokenTechnique.All.Select(technique => technique.Name))
        + $"; with --fitted, {string.Join(", ", FittedTechnique.Kinds)}, each also as NAME-patchscope";

    /// <summary>Reads <c>logit-lens,logitscope</c>, <c>logitscope=1,2,3</c> and <c>tuned-lens=DIR</c>.</summary>
    public static TechniqueList Parse(string names, IReadOnlyList<string> targets, IReadOnlyList<string> fitted)
    {
        var folders = new Dictionary<string, string>();
        foreach (var one in fitted)
        {
            if (one.Split('=', 2) is not [var method, { Length: > 0 } folder] || !FittedTechnique.IsFitted(method) || !folders.TryAdd(method, folder))
            {
                throw new LogitscopeException($"--fitted: expected one of {string.Join(", ", FittedTechnique.Kinds)} once, and a folder, as tuned-lens=DIR, got '{one}'");
            }
        }

        var named = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var entries = named.Concat(folders.Keys.Except(named))
            .Select(name => folders.TryGetValue(name, out var folder) ? ((NextTokenTechnique?)null, name, folder)
                : FittedTechnique.IsFitted(name) ? throw new LogitscopeException($"{name}: expected the folder of its fit, as --fitted {name}=DIR, got none")
                : (NextTokenTechnique.Named(name), name, ""))
            .ToList();
        foreach (var target in targets)
        {
            var parts = target.Split('=', 2);
            var place = entries.FindIndex(entry => entry.Item2 == parts[0]);
            if (parts.Length != 2 || place < 0)
            {
                throw new LogitscopeException(
                    $"--target-ids: expected one of the methods {names} and ids, as logitscope=1,2,3, got '{target}'");
            }

            entries[place] = entries[place] with { Item1 = WithTarget(entries[place].Item1, parts[0], IdList.Parse("--target-ids", parts[1])) };
        }

        return new(entries);
    }

    /// <summary>Reads one method.</summary>
    public static TechniqueList One(string name, string? fitted) => Parse(name, [], fitted is null ? [] : [$"{name}={fitted}"]) is { _entries.Count: 1 } list
        ? list
        : throw new LogitscopeException($"--method: expected one of {Names}, got '{name}'");

    /// <summary>The methods; those that were fitted are read from their folders.</summary>
    public IReadOnlyList<NextTokenTechnique> For(LanguageModel model) => [.. WithFolders(model).Select(entry => entry.Technique)];

    /// <summary>The same, with the folder of each that was fitted.</summary>
    public IReadOnlyList<(NextTokenTechnique Technique, string Folder)> WithFolders(LanguageModel model) =>
        [.. _entries.Select(entry => (entry.Technique ?? FittedTechnique.Load(entry.Name, entry.Folder, model), entry.Folder))];

    private static PromptTechnique WithTarget(NextTokenTechnique? technique, string name, IReadOnlyList<int> ids) =>
        technique is PromptTechnique prompt
            ? prompt with { Target = new("") { Ids = ids } }
            : throw new LogitscopeException($"--target-ids: {name} has no target prompt of its own");
}
