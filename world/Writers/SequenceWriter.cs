namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Sequence"/>.</summary>
internal sealed class SequenceWriter(WordLists words) : IDocumentWriter
{
    private readonly (string List, bool Cyclic)[] _lists =
        [("day", true), ("month", true), ("season", true), ("count", false), ("ordinal", false), ("planet", false)];

    private readonly int[] _steps = [1, 1, 2, 5, 10, 100];

    public string Write(StableRandom random) => random.Next(10) switch
    {
        < 3 => Words(random),
        < 5 => Neighbors(random),
        < 7 => Numbers(random),
        < 9 => Letters(random),
        _ => Pattern(random),
    };

    private string Words(StableRandom random)
    {
        var (list, cyclic) = random.Pick(_lists);
        var items = words[list];
        var count = Math.Min(random.Between(4, 9), items.Count);
        var start = random.Next(cyclic ? items.Count : items.Count - count + 1);
        var run = Enumerable.Range(start, count).Select(i => items[i % items.Count]).ToArray();
        return string.Join(random.Chance(0.7) ? ", " : "\n", run);
    }

    private string Neighbors(StableRandom random)
    {
        var (list, word) = random.Chance(0.5) ? ("day", "day") : ("month", "month");
        var items = words[list];
        var at = random.Next(items.Count);
        var (now, next) = (items[at], items[(at + 1) % items.Count]);
        return random.Next(4) switch
        {
            0 => $"The {word} after {now} is {next}.",
            1 => $"The {word} before {next} is {now}.",
            2 => $"After {now} comes {next}.",
            _ => $"Q: Which {word} comes after {now}?\nA: {next}",
        };
    }

    private string Numbers(StableRandom random)
    {
        var (step, count) = (random.Pick(_steps), random.Between(5, 10));
        var start = random.Next(10) * step;
        var numbers = Enumerable.Range(0, count).Select(i => start + (i * step));
        return string.Join(
            random.Chance(0.7) ? ", " : " ", random.Chance(0.8) ? numbers : numbers.Reverse());
    }

    private static string Letters(StableRandom random)
    {
        var count = random.Between(5, 26);
        var start = (random.Chance(0.5) ? 'a' : 'A') + random.Next(26 - count + 1);
        return string.Join(random.Chance(0.5) ? " " : ", ", Enumerable.Range(start, count).Select(code => (char)code));
    }

    private string Pattern(StableRandom random)
    {
        var items = random.Sample(words["color"], random.Between(2, 3));
        return string.Join(' ', Enumerable.Repeat(items, random.Between(3, 5)).SelectMany(item => item));
    }
}
