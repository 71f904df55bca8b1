using Logitscope.Datasets.Atlas;

namespace Logitscope.Tests.Datasets;

/// <summary>The atlas of this repository, read once, and a copy of it to damage.</summary>
internal static class AtlasWorld
{
    public static string Folder { get; } = Repository.File("data", "atlas");

    public static Atlas Atlas { get; } = Atlas.Load(Folder);

    /// <summary>The training documents that several tests look through.</summary>
    public static IReadOnlyList<AtlasDocument> Training { get; } = [.. Atlas.Generate(seed: 7).Take(30_000)];

    /// <summary>A folder that is gone after the test.</summary>
    public sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("atlas-").FullName;

        public string Write(string name, string text)
        {
            var path = System.IO.Path.Combine(Path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return path;
        }

        /// <summary>Copies the atlas into the folder.</summary>
        public Scratch WithAtlas()
        {
            foreach (var file in Directory.GetFiles(Folder, "*.tsv", SearchOption.AllDirectories))
            {
                Write(System.IO.Path.GetRelativePath(Folder, file), File.ReadAllText(file));
            }

            return this;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
