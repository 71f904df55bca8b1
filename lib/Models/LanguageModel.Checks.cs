namespace Logitscope;

// What is refused before libtorch sees it: most of it would end the process, or give a number that means nothing.
public abstract partial class LanguageModel
{
    private Edit[] Check(Tensor ids, int past, ForwardOptions options)
    {
        if (ids.IsInvalid || ids.Dimensions != 2 || ids.size(0) < 1)
        {
            throw new ModelException($"ids: expected Int64 [batch, position], got {TorchRuntime.Describe(ids)}");
        }

        var end = past + (int)ids.size(1);
        CheckLength(end);
        foreach (var hook in options.Keep.Concat(options.Gradients))
        {
            CheckHook(hook);
        }

        options.CheckMemory(this, ids.size(0), ids.size(1), end);
        CheckIds(ids);
        return [.. options.Edits.Select(edit => edit.Resolve(this, past, end, end))];
    }

    /// <summary>The shape of a place.</summary>
    /// <param name="site">The site.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="tokens">Tokens of the pass.</param>
    /// <param name="keys">Tokens of the pass and those in its cache.</param>
    /// <returns><c>[batch, position, hidden]</c>, <c>[batch, head, position, head_dim]</c> or <c>[batch, head, query, key]</c>.</returns>
    /// <exception cref="ModelException">There is no such site.</exception>
    public long[] ShapeOf(Site site, long batch, long tokens, long keys) => site switch
    {
        Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost => [batch, tokens, HiddenSize],
        Site.HeadOut => [batch, Heads, tokens, HeadSize],
        Site.Scores or Site.Pattern => [batch, Heads, tokens, keys],
        _ => throw Sites.Unknown(site),
    };

    /// <summary>Refuses a place that the model does not have.</summary>
    /// <param name="hook">The place.</param>
    /// <exception cref="ModelException">There is no such block, or nothing stands between its attention and its MLP.</exception>
    public void CheckHook(Hook hook)
    {
        CheckLayer(hook.Layer);
        if (hook.Site == Site.ResidMid && !HasResidMid)
        {
            throw new ModelException(
                $"{hook}: expected a model whose MLP reads what the attention has written, "
                + $"got {Architecture} with both side by side; attn_out and mlp_out are there");
        }

        _ = hook.Site.Name();
    }

    /// <summary>Refuses what is no residual, before libtorch sees it.</summary>
    /// <param name="value">The tensor.</param>
    /// <param name="what">What it is.</param>
    /// <param name="shapes">The shapes that it may have.</param>
    /// <exception cref="ModelException">It was disposed, or has another shape or no floating-point type.</exception>
    internal static void CheckResiduals(Tensor? value, string what, params long[][] shapes)
    {
        if (value is null || value.IsInvalid || value.device_type == DeviceType.META || !value.is_floating_point()
            || !shapes.Any(shape => value.shape.AsSpan().SequenceEqual(shape)))
        {
            throw new ModelException(
                $"{what}: expected floating-point numbers [{string.Join("] or [", shapes.Select(shape => string.Join(", ", shape)))}], "
                + $"got {TorchRuntime.Describe(value)}");
        }
    }

    /// <summary>Refuses a layer that the model does not have.</summary>
    /// <param name="layer">0-based.</param>
    /// <exception cref="ModelException">There is no such block.</exception>
    public void CheckLayer(int layer)
    {
        if (layer < 0 || layer >= Layers)
        {
            throw new ModelException($"layer: expected 0 to {Layers - 1}, got {layer}");
        }
    }

    /// <summary>Refuses a prompt with a token that the model has no row for, such as one that was added later.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="name">What it is called, beside its text.</param>
    /// <returns>The prompt.</returns>
    /// <exception cref="ModelException">There is such a token.</exception>
    internal Prompt Checked(Prompt prompt, string? name = null)
    {
        const int shown = 60;
        for (var position = 0; position < prompt.Count; position++)
        {
            if (prompt.Ids[position] >= VocabularySize)
            {
                var words = prompt.Text ?? string.Join(' ', prompt.Ids);
                throw new ModelException(
                    $"prompt {name ?? "of"} '{(words.Length > shown ? words[..shown] + "..." : words)}': expected ids below "
                    + $"{VocabularySize}, the model's rows, got {prompt.Ids[position]} ({prompt.Tokens[position].Text}) at position {position}");
            }
        }

        return prompt;
    }

    /// <summary>Refuses ids that the model has no row for, where they are at hand.</summary>
    /// <param name="ids">Int64 <c>[batch, position]</c>.</param>
    /// <exception cref="ModelException">There is such an id, or they are of another type.</exception>
    internal void CheckIds(Tensor ids)
    {
        if (ids.dtype != int64)
        {
            throw new ModelException($"ids: expected Int64, got {ids.dtype}");
        }

        if (ids.device.type != DeviceType.CPU)
        {
            return;
        }

        using var inOrder = ids.contiguous();
        foreach (var (place, id) in inOrder.data<long>().ToArray().Index())
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new ModelException(
                    $"ids: expected 0 to {VocabularySize - 1}, the model's rows, "
                    + $"got {id} at [{place / ids.size(1)}, {place % ids.size(1)}]");
            }
        }
    }

    /// <summary>Refuses a sequence that the model cannot take.</summary>
    /// <param name="tokens">Its length.</param>
    /// <exception cref="ModelException">It is empty or exceeds the context, or the model was disposed.</exception>
    internal void CheckLength(long tokens)
    {
        if (_disposed)
        {
            throw new ModelException("the model: expected one that is loaded, got one that was disposed");
        }

        if (tokens < 1 || tokens > ContextLength)
        {
            throw new ModelException($"a sequence: expected 1 to {ContextLength} tokens, got {tokens}");
        }
    }
}
