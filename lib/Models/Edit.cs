namespace Logitscope.Models;

/// <summary>A patch: a residual vector that replaces the model's own during a forward pass.</summary>
/// <param name="Hook">Where.</param>
/// <param name="Position">
/// 0-based, counted from the first token of the sequence, cached tokens included; a negative one counts from the end.
/// </param>
/// <param name="Value"><c>[hidden]</c> for all rows of the batch, or <c>[batch, hidden]</c>.</param>
public sealed record Edit(Hook Hook, int Position, Tensor Value);
