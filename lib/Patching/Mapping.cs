using System.Collections;
using System.Globalization;

namespace Logitscope;

/// <summary>The f of the Patchscopes paper: what happens to a residual between source and target.</summary>
public abstract record Mapping
{
    /// <summary>Leaves it as it is.</summary>
    public static Mapping Identity { get; } = new FunctionMapping("identity", residual => residual, []);

    /// <summary>What it is called in results.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// What decides it beside its name: numbers, texts, tensors, and lists of them. Mappings of one name and equal parameters
    /// are the same. Null: it does not say, so that a sweep with it never goes on from rows that another run has stored.
    /// </summary>
    public virtual IReadOnlyList<(string Name, object Value)>? Parameters => null;

    /// <summary>A mapping from a function.</summary>
    /// <param name="name">What it is called in results.</param>
    /// <param name="map">Residuals of the source model, <c>[..., source hidden]</c>, to <c>[..., target hidden]</c>.</param>
    /// <param name="parameters">
    /// All that the function uses beside its argument, as <c>("scale", 2.0), ("direction", vector)</c>. Without any, a sweep
    /// with it is not resumed, since nothing tells whether the function is still the same.
    /// </param>
    /// <returns>The mapping.</returns>
    /// <example><c>Mapping.Of("shift", residual => residual + direction, ("direction", direction))</c></example>
    public static Mapping Of(string name, Func<Tensor, Tensor> map, params (string Name, object Value)[] parameters) =>
        new FunctionMapping(name, map, parameters.Length > 0 ? parameters : null);

    /// <summary>Maps residuals. A sweep asks from several threads at once.</summary>
    /// <param name="residual">Of the source model, <c>[..., source hidden]</c>.</param>
    /// <returns>For the target model, <c>[..., target hidden]</c>.</returns>
    public abstract Tensor Apply(Tensor residual);

    /// <summary>Name and parameters for a hash, a tensor by its own; null where the parameters are not declared.</summary>
    /// <exception cref="PatchException">A parameter is of a kind that says nothing of its value.</exception>
    internal string? Describe() => Parameters is { } parameters
        ? $"{Name}({string.Join(", ", parameters.Select(parameter => $"{parameter.Name}: {Describe(parameter.Name, parameter.Value)}"))})"
        : null;

    private string Describe(string parameter, object value) => value switch
    {
        Tensor tensor => Fingerprint.Of(tensor),
        string text => $"'{text}'",
        bool or Enum => $"{value}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(item => Describe(parameter, item)))}]",
        _ => throw new PatchException(
            $"mapping '{Name}': parameter '{parameter}': expected a number, a text, a tensor or a list of them, got {value.GetType().Name}"),
    };

    private sealed record FunctionMapping(string Called, Func<Tensor, Tensor> Map, IReadOnlyList<(string, object)>? Declared) : Mapping
    {
        public override string Name => Called;

        public override IReadOnlyList<(string Name, object Value)>? Parameters => Declared;

        public override Tensor Apply(Tensor residual) => Map(residual);
    }
}
