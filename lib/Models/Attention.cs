namespace Logitscope.Models;

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

    /// <summary>
    /// Causal attention. The queries are the last tokens of the keys' sequence.
    /// </summary>
    /// <param name="queries"><c>[batch, head, new, head_dim]</c>.</param>
    /// <param name="keys"><c>[batch, head, all, head_dim]</c>.</param>
    /// <param name="values"><c>[batch, head, all, head_dim]</c>, in the model's type.</param>
    /// <returns><c>[batch, head, new, head_dim]</c>, in the model's type.</returns>
    public static Tensor Causal(Tensor queries, Tensor keys, Tensor values)
    {
        var scores = matmul(queries / Math.Sqrt(queries.size(-1)), keys.transpose(2, 3)); // [batch, head, new, all]
        var (tokens, all) = (scores.size(2), scores.size(3));
        var visible = ones([tokens, all], ScalarType.Bool, scores.device).tril(all - tokens);
        var weights = nn.functional.softmax(scores.masked_fill(visible.logical_not(), double.NegativeInfinity), dim: 3);
        return matmul(weights.to(values.dtype), values);
    }
}
