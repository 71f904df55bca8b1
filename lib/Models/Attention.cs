namespace Logitscope;

/// <summary>What the attention of all families has in common.</summary>
internal static class Attention
{
    /// <summary>Half types compute scores in float32, as HuggingFace's GPT-J does; float64 stays.</summary>
    public static Tensor Widen(Tensor tensor) => tensor.dtype == float64 ? tensor : tensor.to(float32);

    /// <summary><c>[batch, position, head * head_dim] -> [batch, head, position, head_dim]</c>.</summary>
    public static Tensor SplitHeads(Tensor hidden, int heads) =>
        hidden.reshape(hidden.size(0), hidden.size(1), heads, hidden.size(2) / heads).transpose(1, 2);

    /// <summary><c>[batch, head, position, head_dim] -> [batch, position, head * head_dim]</c>.</summary>
    public static Tensor MergeHeads(Tensor heads) =>
        heads.transpose(1, 2).reshape(heads.size(0), heads.size(2), heads.size(1) * heads.size(3));

    /// <summary>Causal attention of new tokens over those in the cache and over themselves.</summary>
    /// <param name="layer">0-based block.</param>
    /// <param name="queries"><c>[batch, head, new, head_dim]</c>.</param>
    /// <param name="keys"><c>[batch, key_head, new, head_dim]</c>; a key head serves as many heads as there are per key head.</param>
    /// <param name="values"><c>[batch, key_head, new, head_dim]</c>, in the model's type.</param>
    /// <param name="pass">Keys and values of the tokens before, and what is kept and changed on the way.</param>
    /// <param name="window">How many tokens one sees, itself counted; null: all before it.</param>
    /// <param name="scalar">Scores are divided by its root; null: by that of head_dim.</param>
    /// <param name="cap">What scores are <see cref="Capped"/> at; null: nothing.</param>
    /// <returns><c>[batch, head, new, head_dim]</c>, in the model's type: <see cref="Site.HeadOut"/>.</returns>
    public static Tensor Causal(
        int layer, Tensor queries, Tensor keys, Tensor values, Pass pass, int? window = null, double? scalar = null, double? cap = null)
    {
        if (pass.Cache is { } cache)
        {
            (keys, values) = cache.Append(layer, keys, values);
        }

        var heads = queries.size(1);
        (keys, values) = (EachHead(keys, heads), EachHead(values, heads));
        queries = queries / Math.Sqrt(scalar ?? queries.size(-1));
        var self = keys.size(2) - queries.size(2); // the first new token among the own ones
        var scores = Hide(Softly(EachProduct(queries, keys.transpose(2, 3))), self, window); // [batch, head, new, own]
        if (pass.Cache?.TrunkOf(layer) is not { } trunk)
        {
            return pass.At(Site.HeadOut, layer, EachProduct(Pattern(scores), values));
        }

        var (trunkKeys, trunkValues) = (EachHead(trunk.Keys, heads), EachHead(trunk.Values, heads));
        var (before, own) = (trunkValues.size(2), values.size(2));
        var trunkScores = Hide(Softly(MatmulShared(queries, trunkKeys.transpose(2, 3))), before + self, window);
        var pattern = Pattern(cat([trunkScores, scores], dim: 3)); // [batch, head, new, trunk + own]
        return pass.At(
            Site.HeadOut,
            layer,
            MatmulShared(pattern.narrow(3, 0, before), trunkValues) + EachProduct(pattern.narrow(3, before, own), values));

        Tensor Softly(Tensor all) => cap is { } most ? Capped(all, most) : all;

        Tensor Pattern(Tensor all) => pass.At(
            Site.Pattern, layer, nn.functional.softmax(pass.At(Site.Scores, layer, all), dim: 3).to(values.dtype));
    }

    /// <summary>Numbers pressed between a cap and its negative, small ones hardly changed.</summary>
    public static Tensor Capped(Tensor numbers, double cap) => (numbers / cap).tanh() * cap;

    // Of a token's scores those with later tokens, and with tokens a window or more before it. The first has its own at self.
    private static Tensor Hide(Tensor scores, long self, int? window)
    {
        var (tokens, all) = (scores.size(2), scores.size(3));
        if (self + 1 >= all && !(self + tokens > window))
        {
            return scores;
        }

        var visible = ones([tokens, all], ScalarType.Bool, scores.device).tril(self);
        visible = window is { } size ? visible.triu(self - size + 1) : visible;
        var hidden = zeros([tokens, all], scores.dtype, scores.device).masked_fill(visible.logical_not(), double.NegativeInfinity);
        return scores.add_(hidden, alpha: 1); // in place, as scores are the largest tensor there is
    }

    // [batch, key_head, position, head_dim] -> [batch, head, position, head_dim]: 0 0 1 1 2 2 ...
    private static Tensor EachHead(Tensor shared, long heads)
    {
        var (batch, keyHeads, tokens, size) = (shared.size(0), shared.size(1), shared.size(2), shared.size(3));
        return keyHeads == heads
            ? shared
            : shared.unsqueeze(2).expand(batch, keyHeads, heads / keyHeads, tokens, size).reshape(batch, heads, tokens, size);
    }

    // [batch, head, new, a] x [batch, head, a, b]. What bmm refuses, memory that is not there above all, can be caught;
    // TorchSharp's matmul ends the process.
    private static Tensor EachProduct(Tensor first, Tensor second)
    {
        var (batch, heads) = (first.size(0), first.size(1));
        return bmm(first.reshape(batch * heads, first.size(2), first.size(3)), second.reshape(batch * heads, second.size(2), second.size(3)))
            .reshape(batch, heads, first.size(2), second.size(3));
    }

    // [batch, head, new, a] x [1, head, a, b]: one product a head for the whole batch, and the shared part is not copied.
    private static Tensor MatmulShared(Tensor each, Tensor shared)
    {
        var (batch, heads, tokens) = (each.size(0), each.size(1), each.size(2));
        return bmm(each.transpose(0, 1).reshape(heads, batch * tokens, each.size(3)), shared.squeeze(0))
            .reshape(heads, batch, tokens, shared.size(3))
            .transpose(0, 1);
    }
}
