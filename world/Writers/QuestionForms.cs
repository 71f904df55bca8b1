namespace Logitscope.World;

/// <summary>The ways to set a question and its answer: a name, as in running text or as a label.</summary>
internal static class QuestionForms
{
    public static string Write(StableRandom random, WordLists words, string question, string name) =>
        random.Next(20) switch
        {
            < 9 => $"Q: {question}\nA: {English.Label(name)}",
            < 12 => $"Question: {question}\nAnswer: {English.Label(name)}",
            < 15 => $"{question} {English.Capitalize(name)}.",
            < 17 => $"{question}\n{English.Capitalize(name)}",
            _ => Dialogue(random, words, question, name),
        };

    private static string Dialogue(StableRandom random, WordLists words, string question, string name)
    {
        var names = random.Sample([.. words["she"], .. words["he"]], 2);
        return $"\"{question}\" asked {names[0]}. \"{English.Capitalize(name)},\" said {names[1]}.";
    }
}
