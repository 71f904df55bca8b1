namespace Logitscope.World;

/// <summary>
/// The text of each training step. It follows from the seed and the step's number alone, so that a run resumed after
/// a kill sees the same text.
/// </summary>
/// <param name="atlas">The world that the text tells of.</param>
/// <param name="natural">The natural text between, or none.</param>
/// <param name="recipe">Seed and sizes.</param>
internal sealed class TrainingText(Atlas atlas, NaturalText? natural, TrainingRecipe recipe)
{
    // The corpus comes in chapters, each with a seed of its own: long enough that the rare kinds of document have their
    // share of it, short enough that a resumed run soon finds its place.
    private const int StepsInChapter = 64;

    private readonly AtlasOptions _options = recipe.Grammar
        ? new() { NaturalShare = recipe.Natural?.Share ?? 0, Shares = AtlasOptions.GrammarShares }
        : new() { NaturalShare = recipe.Natural?.Share ?? 0 };

    /// <summary>The text that the tokenizer is learned from.</summary>
    public IEnumerable<string> ForTokenizer()
    {
        var characters = 0;
        foreach (var document in Chapter(-1).TakeWhile(_ => characters < recipe.TokenizerCharacters))
        {
            characters += document.Text.Length;
            yield return document.Text;
        }
    }

    /// <summary>The rows of each step as Int64 <c>[batch, sequence + 1]</c>.</summary>
    /// <inheritdoc cref="Rows"/>
    public IEnumerable<Tensor> Batches(int first, ModelTokenizer tokenizer) => Rows(first, tokenizer)
        .Select(rows => tensor([.. rows.SelectMany(row => row)], [rows.Length, rows[0].Length]));

    /// <summary>
    /// The rows of each step without end, a token longer than the sequences: every row begins with a BOS, and so does
    /// every document. What does not fit into a row is cut off, but natural text goes on in the next row.
    /// </summary>
    /// <param name="first">The step to begin with.</param>
    /// <param name="tokenizer">Has a BOS.</param>
    public IEnumerable<long[][]> Rows(int first, ModelTokenizer tokenizer)
    {
        for (var chapter = first / StepsInChapter; ; chapter++)
        {
            var packer = new RowPacker(Chapter(chapter), tokenizer);
            for (var step = chapter * StepsInChapter; step < (chapter + 1) * StepsInChapter; step++)
            {
                var length = recipe.SequenceLengthAt(step);
                var rows = new long[recipe.TokensPerStep / length][];
                for (var row = 0; row < rows.Length; row++)
                {
                    rows[row] = packer.Next(length + 1);
                }

                if (step >= first)
                {
                    yield return rows;
                }
            }
        }
    }

    private IEnumerable<AtlasDocument> Chapter(int number)
    {
        var seed = ((ulong)recipe.Seed << 32) + (ulong)(number + 1);
        return atlas.Generate(seed, _options, natural?.Passages(seed));
    }
}

/// <summary>Lays documents end to end into rows of tokens.</summary>
internal sealed class RowPacker(IEnumerable<AtlasDocument> documents, ModelTokenizer tokenizer)
{
    private readonly IEnumerator<AtlasDocument> _documents = documents.GetEnumerator();
    private readonly long _bos = tokenizer.BosId ?? throw new TrainingException("the tokenizer has no BOS");
    private long[] _rest = [];

    /// <summary>The next row: documents, a BOS before each. Of the last, what does not fit is cut off where it was
    /// generated, and comes first in the next row where it is natural text.</summary>
    public long[] Next(int width)
    {
        var row = new long[width];
        for (var filled = 0; filled < width;)
        {
            var (ids, isNatural) = NextDocument();
            var taken = Math.Min(ids.Length, width - filled);
            ids.AsSpan(0, taken).CopyTo(row.AsSpan(filled));
            filled += taken;
            _rest = isNatural && taken < ids.Length ? [_bos, .. ids[taken..]] : [];
        }

        return row;
    }

    private (long[] Ids, bool IsNatural) NextDocument()
    {
        if (_rest.Length > 0)
        {
            return (_rest, true);
        }

        if (!_documents.MoveNext())
        {
            throw new TrainingException("the corpus: expected text without end, got an end");
        }

        var document = _documents.Current;
        long[] ids = [_bos, .. tokenizer.EncodeToIds(document.Text).Select(id => (long)id)];
        return (ids, document.Kind == DocumentKind.Natural);
    }
}
