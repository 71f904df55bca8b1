namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Story"/>. A slot keeps its value through the story, so that what comes late can be
/// known from what came early.</summary>
internal sealed class StoryWriter(Atlas atlas) : IDocumentWriter
{
    private static readonly string[] s_people = ["hero", "friend", "third"];

    public string Write(StableRandom random)
    {
        var beats = random.Pick(atlas.Stories.Stories).Select(random.Pick).ToArray();
        var paths = beats.SelectMany(beat => beat.Paths).Distinct().ToArray();
        var cast = Cast(random, paths);
        var separator = random.Chance(0.75) ? " " : "\n";
        return string.Join(separator, beats.Select(beat => beat.Fill(cast.GetValueOrDefault)!));
    }

    // A value for every path that the beats ask for; two slots never share a value.
    private Dictionary<string, string> Cast(StableRandom random, string[] paths)
    {
        var values = new Dictionary<string, string>();
        var taken = new HashSet<string>();
        foreach (var slot in paths.GroupBy(path => path.Split('.')[0]))
        {
            var columns = slot.Where(path => path != slot.Key).Select(path => path[(slot.Key.Length + 1)..]).ToArray();
            var choices = Choices(slot.Key, columns).Where(choice => !taken.Contains(choice[""])).ToArray();
            if (choices.Length == 0 || columns.Any(column => !choices[0].ContainsKey(column)))
            {
                throw new AtlasException($"stories.tsv: nothing can stand in {{{string.Join("}, {", slot)}}}.");
            }

            var choice = random.Pick(choices);
            taken.Add(choice[""]);
            foreach (var (column, value) in choice)
            {
                values[column.Length == 0 ? slot.Key : $"{slot.Key}.{column}"] = value;
            }
        }

        return values;
    }

    // What may stand in a slot: its name under "", and what its columns say.
    private IEnumerable<Dictionary<string, string>> Choices(string slot, string[] columns)
    {
        var list = slot.TrimEnd('2', '3');
        if (s_people.Contains(slot))
        {
            return atlas.Words["she"].Select(name => Person(name, "she", "her", "her"))
                .Concat(atlas.Words["he"].Select(name => Person(name, "he", "his", "him")));
        }

        return atlas.HasKind(list)
            ? atlas.SubjectsOf(list).Where(subject => columns.All(column => atlas.Value(subject, column) is not null))
                .Select(subject => columns.ToDictionary(column => column, column => atlas.Value(subject, column)!)
                    .Append(new("", subject.Name)).ToDictionary())
            : atlas.Words[list].Select(word => new Dictionary<string, string> { [""] = word });
    }

    private static Dictionary<string, string> Person(string name, string he, string his, string him) =>
        new() { [""] = name, ["he"] = he, ["his"] = his, ["him"] = him };
}
