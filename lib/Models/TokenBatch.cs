namespace Logitscope;

/// <summary>Prompts as a tensor.</summary>
public static class TokenBatch
{
    // Never seen by a token of the prompt, so any id does.
    private const long Padding = 0;

    /// <summary>One prompt as a batch of one.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <returns>Int64 <c>[1, position]</c>.</returns>
    public static Tensor ToTensor(this Prompt prompt) => ToTensor([prompt]);

    /// <summary>Prompts as rows, padded on the right to the longest.</summary>
    /// <param name="prompts">At least one.</param>
    /// <returns>Int64 <c>[batch, position]</c>.</returns>
    /// <exception cref="ModelException">There is none.</exception>
    public static Tensor ToTensor(this IReadOnlyList<Prompt> prompts)
    {
        if (prompts.Count == 0)
        {
            throw new ModelException("prompts: expected at least one, got none");
        }

        var longest = prompts.Max(prompt => prompt.Count);
        var ids = new long[prompts.Count * longest];
        Array.Fill(ids, Padding);
        for (var row = 0; row < prompts.Count; row++)
        {
            for (var position = 0; position < prompts[row].Count; position++)
            {
                ids[(row * longest) + position] = prompts[row].Ids[position];
            }
        }

        return tensor(ids, [prompts.Count, longest]);
    }

    /// <summary>One vector a row of a batch of sequences.</summary>
    /// <param name="residual"><c>[batch, position, hidden]</c>.</param>
    /// <param name="positions">One a row; a negative one counts from the end.</param>
    /// <returns><c>[batch, hidden]</c>.</returns>
    /// <exception cref="PositionException">There are not as many as rows, or a row has no such position.</exception>
    public static Tensor AtPositions(this Tensor residual, IReadOnlyList<int> positions)
    {
        using var scope = NewDisposeScope();
        if (residual.IsInvalid || residual.Dimensions != 3 || residual.size(0) != positions.Count)
        {
            throw new PositionException(
                $"positions: expected one a row of [batch, position, hidden], got {positions.Count} for {TorchRuntime.Describe(residual)}");
        }

        var (batch, length, hidden) = (residual.size(0), residual.size(1), residual.size(2));
        long[] rows = [.. positions.Select((position, row) => (row * length) + Checked(position, row))];
        return residual.reshape(batch * length, hidden)
            .index_select(0, tensor(rows, device: residual.device))
            .MoveToOuterDisposeScope();

        long Checked(int position, int row) => PositionException.Resolve(position, length) is var found && found >= 0 && found < length
            ? found
            : throw new PositionException(
                $"positions: expected 0 to {length - 1}, or -1 to -{length}, got {position} in row {row}");
    }
}
