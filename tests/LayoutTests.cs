using System.Text.RegularExpressions;

namespace Logitscope.Tests;

/// <summary>Data flows one way: each folder of lib/ uses only those above it.</summary>
public partial class LayoutTests
{
    private static readonly string[] s_order =
    [
        "Torch", "Metrics", "Checkpoints", "Tokenizers", "Models", "Datasets", "Charts", "Patching", "Fitting", "Techniques", "Sweeps",
        "Workbook",
    ];

    [Fact]
    public void Every_folder_of_the_library_has_its_place() => Assert.Equal(
        s_order.Order(), Directory.EnumerateDirectories(Repository.File("lib")).Select(Path.GetFileName).Order());

    [Fact]
    public void A_folder_uses_only_those_above_it()
    {
        foreach (var (place, folder) in s_order.Index())
        {
            foreach (var file in Directory.EnumerateFiles(Repository.File("lib", folder), "*.cs", SearchOption.AllDirectories))
            {
                foreach (Match used in UsingOfFolder().Matches(File.ReadAllText(file)))
                {
                    var other = Array.IndexOf(s_order, used.Groups[1].Value);
                    Assert.True(other <= place, $"{Path.GetFileName(file)} in {folder} uses {used.Groups[1].Value} below it");
                }
            }
        }
    }

    [Fact]
    public void Charts_see_no_tensor()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.File("lib", "Charts"), "*.cs", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch(@"\bTensor\b", File.ReadAllText(file));
        }
    }

    [GeneratedRegex(@"^using Logitscope\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex UsingOfFolder();
}
