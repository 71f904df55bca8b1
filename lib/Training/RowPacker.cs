using Logitscope.Datasets.Atlas;
using Logitscope.Tokenizers;

namespace Logitscope.Training;

/// <summary>Lays documents end to end into rows of tokens.</summary>
internal sealed class RowPacker(IEnumerable<AtlasDocument> documents, Tokenizer tokenizer)
{
    private readonly IEnumerator<AtlasDocument> _documents = documents.GetEnumerator();
    private readonly int _bos = tokenizer.BosId ?? throw new TrainingException("the tokenizer has no BOS");
    private int[] _rest = [];

    /// <summary>Fills a row with documents, a BOS before each. Of the last, what does not fit is cut off where it was
    /// generated, and comes first in the next row where it is natural text.</summary>
    public void Fill(Span<long> row)
    {
        while (row.Length > 0)
        {
            var (ids, isNatural) = Next();
            var taken = Math.Min(ids.Length, row.Length);
            for (var i = 0; i < taken; i++)
            {
                row[i] = ids[i];
            }

            row = row[taken..];
            _rest = isNatural && taken < ids.Length ? [_bos, .. ids[taken..]] : [];
        }
    }

    private (int[] Ids, bool IsNatural) Next()
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
        return ([_bos, .. tokenizer.EncodeToIds(document.Text)], document.Kind == DocumentKind.Natural);
    }
}
