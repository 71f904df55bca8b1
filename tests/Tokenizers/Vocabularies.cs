using Logitscope.Tokenizers;

namespace Logitscope.Tests.Tokenizers;

/// <summary>Tokenizers for tests: one trained here on a few words, and GPT-2's own where it is at hand.</summary>
internal static class Vocabularies
{
    private static readonly Lazy<ByteLevelBpe> s_small = new(() => BpeTrainer.Train(
        [
            "The cat sat on the mat. The cat's hat isn't theirs; they've 100 more at 1000 houses!",
            "the other weather there, then; what cats chatter about: naïve café, Größe, нещо, 中文, 🙂🙂",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa    \n\n\n    abababababab 11111 ?!?!?!",
        ],
        new() { Merges = 120 }));

    private static readonly Lazy<Tokenizer> s_gpt2 =
        new(() => Tokenizer.Load(Repository.Shared("data", "tokenizers", "gpt2")));

    /// <summary>256 bytes, 90 merges or more and the end of text, trained in the test run.</summary>
    public static ByteLevelBpe Small => s_small.Value;

    /// <summary>GPT-2's tokenizer; the test is skipped where it is absent.</summary>
    public static Tokenizer Gpt2 => s_gpt2.Value;
}
