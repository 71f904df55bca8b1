using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Logitscope.Tests.Tokenizers;

/// <summary>A program that was written for Microsoft.ML.Tokenizers and knows of nothing else.</summary>
internal static class OnlyTheBaseClass
{
    /// <summary>Calls everything that the base class offers, and holds the answers against each other.</summary>
    public static void Use(Tokenizer tokenizer, string text)
    {
        var ids = tokenizer.EncodeToIds(text);
        Assert.Equal(ids, tokenizer.EncodeToIds(text.AsSpan()));
        Assert.Equal(ids.Count, tokenizer.CountTokens(text));
        Assert.Equal(ids.Count, tokenizer.CountTokens(text.AsSpan()));
        var tokens = tokenizer.EncodeToTokens(text, out var normalized);
        Assert.Equal(ids, tokens.Select(token => token.Id));
        Assert.Null(normalized);
        Assert.Equal(tokens, tokenizer.EncodeToTokens(text.AsSpan(), out _));
        Assert.Equal(tokenizer.Decode(ids), DecodedInParts(tokenizer, ids, room: 16));
        foreach (var most in new[] { 1, 2, 3, 5, ids.Count, ids.Count + 1, int.MaxValue }.Where(most => most > 0))
        {
            Cut(tokenizer, text, tokens, most);
        }
    }

    private static void Cut(Tokenizer tokenizer, string text, IReadOnlyList<EncodedToken> tokens, int most)
    {
        var first = tokenizer.EncodeToIds(text, most, out _, out var consumed);
        Assert.Equal(tokens.Take(first.Count).Select(token => token.Id), first);
        Assert.Equal(consumed, tokenizer.GetIndexByTokenCount(text, most, out _, out var count));
        Assert.Equal(first.Count, count);
        Assert.Equal(consumed, tokenizer.GetIndexByTokenCount(text.AsSpan(), most, out _, out _));
        Assert.InRange(count, 0, most);
        RequireWhole(tokens, count, consumed);

        var start = tokenizer.GetIndexByTokenCountFromEnd(text, most, out _, out var last);
        Assert.InRange(last, 0, most);
        RequireWhole(tokens, tokens.Count - last, start);
        if (most >= tokens.Count)
        {
            Assert.Equal((text.Length, tokens.Count, 0, tokens.Count), (consumed, count, start, last));
        }

        // More tokens would have fitted, but none of their ends is one of whole characters.
        for (var i = count + 1; i <= most && i < tokens.Count; i++)
        {
            Assert.True(tokens[i].Offset.Start.Value < tokens[i - 1].Offset.End.Value, $"{most} tokens: {i} more than {count}");
        }
    }

    /// <summary>Every token before the cut ends there at the latest, and none after it begins before.</summary>
    private static void RequireWhole(IReadOnlyList<EncodedToken> tokens, int cut, int place)
    {
        Assert.All(tokens.Take(cut), token => Assert.True(token.Offset.End.Value <= place));
        Assert.All(tokens.Skip(cut), token => Assert.True(token.Offset.Start.Value >= place));
    }

    /// <summary>The text of the ids, into a buffer that is too small and grows where not even one character fits.</summary>
    private static string DecodedInParts(Tokenizer tokenizer, IReadOnlyList<int> ids, int room)
    {
        var buffer = new char[room];
        var status = tokenizer.Decode(ids, buffer, out var used, out var written);
        var text = new string(buffer, 0, written);
        if (status == OperationStatus.Done)
        {
            Assert.Equal(ids.Count, used);
            return text;
        }

        Assert.Equal(OperationStatus.DestinationTooSmall, status);
        Assert.InRange(used, 0, ids.Count - 1);
        Assert.Equal(text, tokenizer.Decode(ids.Take(used)));
        return used > 0 && !DropsSpaces(tokenizer)
            ? text + DecodedInParts(tokenizer, [.. ids.Skip(used)], room)
            : DecodedInParts(tokenizer, ids, 2 * room);
    }

    /// <summary>LLaMA's: of parts, each but the first would lack a space.</summary>
    private static bool DropsSpaces(Tokenizer tokenizer) => tokenizer is Logitscope.SentencePieceBpe;
}
