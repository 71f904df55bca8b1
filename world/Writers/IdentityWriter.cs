namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Identity"/>, in the forms of the token-identity prompts. The items change from
/// list to list, so that copying is the only way to be right.</summary>
internal sealed class IdentityWriter(Atlas atlas) : IDocumentWriter
{
    private const string Consonants = "bdfgklmnprstvz";
    private const string Vowels = "aeiou";
    private readonly string[] _names = [.. atlas.Facts.Select(fact => fact.Subject.Label).Distinct()];
    private readonly string[] _lists =
        ["thing", "color", "snack", "pet", "she", "he", "day", "month", "count", "petname"];

    public string Write(StableRandom random)
    {
        var items = Draw(random, random.Between(2, 6), heldOut: false);
        var (arrow, separator) = random.Next(20) switch
        {
            < 12 => (" -> ", "\n"),
            < 15 => ("->", "; "),
            < 18 => ("->", ";"),
            _ => (" -> ", "; "),
        };
        return List(items, arrow, separator);
    }

    /// <summary>The list as text.</summary>
    public static string List(IEnumerable<string> items, string arrow, string separator) =>
        string.Join(separator, items.Select(item => $"{item}{arrow}{item}"));

    /// <summary>Different items, all from training or all held out of it.</summary>
    public IReadOnlyList<string> Draw(StableRandom random, int count, bool heldOut)
    {
        var items = new List<string>(count);
        while (items.Count < count)
        {
            var item = DrawOne(random);
            if (HeldOut.ContainsItem(item) == heldOut && !items.Contains(item))
            {
                items.Add(item);
            }
        }

        return items;
    }

    private string DrawOne(StableRandom random) => random.Next(20) switch
    {
        < 8 => random.Pick(atlas.Words["common"]),
        < 11 => Number(random),
        < 14 => random.Pick(_names),
        < 16 => random.Pick(atlas.Words[random.Pick(_lists)]),
        _ => NoWord(random),
    };

    private static string Number(StableRandom random)
    {
        var digits = random.Between(1, 4);
        return $"{random.Between((int)Math.Pow(10, digits - 1), (int)Math.Pow(10, digits) - 1)}";
    }

    // Syllables that mean nothing: only the list itself says what comes after the arrow.
    private static string NoWord(StableRandom random) => string.Concat(Enumerable.Range(0, random.Between(1, 3))
        .Select(_ => $"{Consonants[random.Next(Consonants.Length)]}{Vowels[random.Next(Vowels.Length)]}"));
}
