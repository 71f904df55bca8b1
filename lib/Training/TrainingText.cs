using Logitscope.Datasets.Atlas;
using Logitscope.Tokenizers;

namespace Logitscope.Training;

/// <summary>
/// The text of each training step. It follows from the seed and the step's number alone, so that a run resumed after
/// a kill sees the same text.
/// </summary>
/// <param name="atlas">The world that the text tells of.</param>
/// <param name="recipe">Seed and sizes.</param>
internal sealed class TrainingText(Atlas atlas, TrainingRecipe recipe)
{
    /// <summary>The text that the tokenizer is learned from.</summary>
    public IEnumerable<string> ForTokenizer()
    {
        var characters = 0;
        foreach (var document in atlas.Generate(Seed(-1)).TakeWhile(_ => characters < recipe.TokenizerCharacters))
        {
            characters += document.Text.Length;
            yield return document.Text;
        }
    }

    /// <summary>
    /// Int64 <c>[batch, sequence + 1]</c>: every row begins at a document, with a BOS before each, and is cut at its end.
    /// </summary>
    public Tensor Batch(int step, Tokenizer tokenizer)
    {
        var bos = tokenizer.BosId ?? throw new TrainingException("the tokenizer has no BOS");
        var width = recipe.SequenceLength + 1;
        var ids = new long[recipe.BatchSize * width];
        using var documents = atlas.Generate(Seed(step)).GetEnumerator();
        for (var row = 0; row < recipe.BatchSize; row++)
        {
            for (var filled = 0; filled < width;)
            {
                if (!documents.MoveNext())
                {
                    throw new TrainingException("the atlas: expected text without end, got an end");
                }

                foreach (var id in tokenizer.EncodeToIds(documents.Current.Text).Prepend(bos).Take(width - filled))
                {
                    ids[(row * width) + filled++] = id;
                }
            }
        }

        return tensor(ids, [recipe.BatchSize, width]);
    }

    private ulong Seed(int step) => ((ulong)recipe.Seed << 32) + (ulong)(step + 1);
}
