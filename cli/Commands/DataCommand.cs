using System.CommandLine;
using Logitscope.World;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope data</c>: makes or fetches data sets.</summary>
internal static class DataCommand
{
    /// <summary>Where the atlas is.</summary>
    public static Option<string> AtlasFolder { get; } = new("--atlas")
    {
        Description = "The folder of the atlas.",
        DefaultValueFactory = _ => AtlasPrompts.EmbeddedFolder,
        HelpName = "DIR",
    };

    public static Command Create()
    {
        var file = new Option<string>("--out") { Description = "The file.", Required = true, HelpName = "F.jsonl" };
        var count = new Option<int>("--documents")
        {
            Description = "How many.",
            DefaultValueFactory = _ => 700,
            HelpName = "N",
        };
        count.AtLeastOne();
        var seed = new Option<ulong>("--seed") { Description = "Starts the generator.", DefaultValueFactory = _ => 1 };
        var atlas = new Command("atlas", "Writes prompts of the atlas that no training ever sees.")
        {
            file, count, seed, AtlasFolder,
        };
        atlas.SetAction(parsed =>
        {
            var prompts = AtlasPrompts.Draw(
                Atlas.Load(parsed.GetRequiredValue(AtlasFolder)), parsed.GetValue(seed), parsed.GetValue(count));
            AtomicFile.Write(parsed.GetRequiredValue(file), stream =>
            {
                using var output = new StreamWriter(stream);
                AtlasPrompts.Write(output, prompts);
            });
        });
        return new Command("data", "Makes or fetches data sets.") { atlas, PileCommand.Create() };
    }
}
