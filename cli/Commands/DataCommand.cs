using System.CommandLine;
using Logitscope.World;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope data</c>: makes or fetches data sets.</summary>
internal static class DataCommand
{
    private const string Prompts = "prompts";
    private const string TwoHops = "two-hops";
    private const string Entities = "entities";

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
            Description = "How many prompts.",
            DefaultValueFactory = _ => 700,
            HelpName = "N",
        };
        count.AtLeastOne();
        var seed = new Option<ulong>("--seed") { Description = "Starts the generator.", DefaultValueFactory = _ => 1 };
        var kind = new Option<string>("--kind")
        {
            Description = $"{Prompts}: texts that no training ever sees; {TwoHops}: all chains of two facts that it never tells; {Entities}: what all subjects are.",
            DefaultValueFactory = _ => Prompts,
        };
        kind.AcceptOnlyFromAmong(Prompts, TwoHops, Entities);
        var atlas = new Command("atlas", "Writes what is asked about the atlas.")
        {
            file, kind, count, seed, AtlasFolder,
        };
        atlas.SetAction(parsed =>
        {
            var world = Atlas.Load(parsed.GetRequiredValue(AtlasFolder));
            AtomicFile.Write(parsed.GetRequiredValue(file), stream =>
            {
                using var output = new StreamWriter(stream);
                switch (parsed.GetValue(kind))
                {
                    case TwoHops:
                        AtlasTasks.Write(output, AtlasTasks.TwoHops(world));
                        break;
                    case Entities:
                        AtlasTasks.Write(output, AtlasTasks.Entities(world));
                        break;
                    default:
                        AtlasPrompts.Write(output, AtlasPrompts.Draw(world, parsed.GetValue(seed), parsed.GetValue(count)));
                        break;
                }
            });
        });
        return new Command("data", "Makes or fetches data sets.") { atlas, PileCommand.Create() };
    }
}
