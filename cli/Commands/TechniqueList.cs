using Logitscope.Techniques.NextToken;

namespace Logitscope.Cli.Commands;

/// <summary>Methods on the command line, with target prompts of the user's own.</summary>
internal static class TechniqueList
{
    /// <summary>Reads <c>logit-lens,logitscope</c> and <c>logitscope=1,2,3</c>.</summary>
    public static IReadOnlyList<NextTokenTechnique> Parse(string names, IReadOnlyList<string> targets)
    {
        var techniques = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(NextTokenTechnique.Named)
            .ToList();
        foreach (var target in targets)
        {
            var parts = target.Split('=', 2);
            var place = techniques.FindIndex(technique => technique.Name == parts[0]);
            if (parts.Length != 2 || place < 0)
            {
                throw new LogitscopeException(
                    $"--target-ids: expected one of the methods {names} and ids, as logitscope=1,2,3, got '{target}'");
            }

            techniques[place] = WithTarget(techniques[place], IdList.Parse("--target-ids", parts[1]));
        }

        return techniques;
    }

    private static NextTokenTechnique WithTarget(NextTokenTechnique technique, IReadOnlyList<int> ids) => technique switch
    {
        TokenIdentity identity => identity with { Target = identity.Target with { Ids = ids } },
        LogitscopeTechnique logitscope => logitscope with { Target = logitscope.Target with { Ids = ids } },
        _ => throw new LogitscopeException($"--target-ids: {technique.Name} has no target prompt of its own"),
    };
}
