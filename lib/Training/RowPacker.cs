using Logitscope.Datasets.Atlas;
using Logitscope.Tokenizers;

namespace Logitscope.Training;

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
