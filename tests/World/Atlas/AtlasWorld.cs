using Logitscope.World;

namespace Logitscope.Tests.World;

/// <summary>The atlas of this repository, read once, and a copy of it to damage.</summary>
internal static class AtlasWorld
{
    public static string Folder { get; } = Repository.File("data", "atlas");

    public static Atlas Atlas { get; } = Atlas.Load(Folder);

    /// <summary>The training documents that several tests look through.</summary>
    public static IReadOnlyList<AtlasDocument> Training { get; } = [.. Atlas.Generate(seed: 7).Take(30_000)];

    /// <summary>Copies the atlas into a folder.</summary>
    public static TemporaryFolder WithAtlas(this TemporaryFolder folder)
    {
        foreach (var file in Directory.GetFiles(Folder, "*.tsv", SearchOption.AllDirectories))
        {
            folder.Write(Path.GetRelativePath(Folder, file), File.ReadAllText(file));
        }

        return folder;
    }
}
