using System.Text.RegularExpressions;

namespace Logitscope.Tests;

/// <summary>Data flows one way: each folder of lib/ uses only those above it.</summary>
public partial class LayoutTests
{
    private static readonly string[] s_order =
    [
        "Torch", "Metrics", "Charts", "Checkpoints", "Tokenizers", "Models", "Datasets", "Patching", "Fitting", "Techniques", "Sweeps",
        "Workbook",
    ];

    [Fact]
    public void Every_folder_of_the_library_has_its_place() => Assert.Equal(
        s_order.Order(), Directory.EnumerateDirectories(Repository.File("lib")).Select(Path.GetFileName).Order());

    [Fact]
    public void A_folder_uses_only_those_above_it()
    {
        var folderOf = new Dictionary<string, string>();
        foreach (var folder in s_order)
        {
            foreach (var type in Sources(folder).SelectMany(file => Declaration().Matches(file.Code)).Select(match => match.Groups[1].Value))
            {
                Assert.True(folderOf.TryAdd(type, folder) || folderOf[type] == folder, $"{type} is declared in {folder} and in {folderOf[type]}");
            }
        }

        Assert.True(folderOf.Count > 150, $"found {folderOf.Count} types");
        Assert.Empty(
            from place in s_order.Index()
            from file in Sources(place.Item)
            let own = Declared().Matches(file.Code).Select(match => match.Groups[1].Value).ToHashSet()
            from word in Word().Matches(file.Code).Select(match => match.Value).Distinct()
            where !own.Contains(word) && folderOf.TryGetValue(word, out var other) && Array.IndexOf(s_order, other) > place.Index
            select $"{file.File} in {place.Item} uses {word} of {folderOf[word]}, below it");
    }

    [Fact]
    public void Charts_see_no_tensor_but_where_one_is_drawn()
    {
        foreach (var (file, code) in Sources("Charts"))
        {
            Assert.Equal(file == "TensorFigure.cs", code.Contains("Tensor ", StringComparison.Ordinal));
        }
    }

    /// <summary>A folder's files without comments and strings.</summary>
    private static IEnumerable<(string File, string Code)> Sources(string folder) =>
        Directory.EnumerateFiles(Repository.File("lib", folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path.GetFileName(file), NoCode().Replace(File.ReadAllText(file), "")));

    [GeneratedRegex("""//.*$|\$?@?"([^"\\\n]|\\.)*"|^using .*$""", RegexOptions.Multiline)]
    private static partial Regex NoCode();

    [GeneratedRegex(@"^(?:public|internal) [\w ]*\b(?:class|record struct|struct|record|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>What a file declares itself, nested types and members among them.</summary>
    [GeneratedRegex(@"(?:\brecord struct|\bclass|\bstruct|\brecord|\binterface|\benum|[\w>\])?]) (?<!\b(?:new|return|is|as|in|not|or|and) )([A-Z]\w*)(?= \{| =>|,|\)|\()")]
    private static partial Regex Declared();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+\b(?!\s*[:=(]|\s*\{ get)|(?<=new )[A-Z]\w+")]
    private static partial Regex Word();
}
