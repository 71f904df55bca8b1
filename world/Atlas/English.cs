namespace Logitscope.World;

/// <summary>The little English grammar that the templates need.</summary>
internal static class English
{
    // Words whose first letter does not say how they sound.
    private static readonly string[] s_soundsLikeConsonant = ["eu", "uni", "use", "one"];
    private static readonly string[] s_soundsLikeVowel = ["hour", "honest"];

    /// <summary>"apple" becomes "an apple".</summary>
    public static string WithArticle(string noun)
    {
        var startsWith = (string[] starts) =>
            starts.Any(start => noun.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        var vowel = startsWith(s_soundsLikeVowel) || ("aeiouAEIOU".Contains(noun[0]) && !startsWith(s_soundsLikeConsonant));
        return (vowel ? "an " : "a ") + noun;
    }

    /// <summary>The first letter in upper case, except in names that keep their own spelling, as iPhone.</summary>
    public static string Capitalize(string text) =>
        text.Length > 1 && char.IsUpper(text[1]) ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>A name as a heading or an answer shows it: "the Eiffel Tower" becomes "Eiffel Tower".</summary>
    public static string Label(string name) => name.StartsWith("the ", StringComparison.Ordinal) ? name[4..] : name;

    /// <summary>A clause as a sentence: capital letter and full stop.</summary>
    public static string Sentence(string clause) =>
        Capitalize(clause) + (".?!".Contains(clause[^1]) ? "" : ".");

    /// <summary>"Poland, Spain and Italy".</summary>
    public static string Enumerate(IReadOnlyList<string> items) =>
        items.Count == 1 ? items[0] : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";
}
