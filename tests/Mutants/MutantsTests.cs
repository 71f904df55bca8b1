using System.Text.Json;

namespace Logitscope.Tests.Mutants;

/// <summary>eng/mutants.py runs them; that takes most of an hour, so here is seen that it could.</summary>
public class MutantsTests
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static TheoryData<string, string, string, string> All()
    {
        var all = new TheoryData<string, string, string, string>();
        var text = File.ReadAllText(Repository.File("tests", "Mutants", "mutants.json"));
        foreach (var mutant in JsonSerializer.Deserialize<Mutant[]>(text, s_json)!)
        {
            all.Add(mutant.Name, mutant.File, mutant.Find, mutant.Replace);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_a_mutant_changes_stands_in_its_file_once(string name, string file, string find, string replace)
    {
        var parts = File.ReadAllText(Repository.File(file)).Split(find);
        Assert.True(parts.Length == 2, $"{name}: expected its text once in {file}, found it {parts.Length - 1} times");
        Assert.NotEqual(find, replace);
    }

    private sealed record Mutant(string Name, string File, string Find, string Replace);
}
