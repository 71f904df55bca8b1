namespace Logitscope.Patching;

/// <summary>The f of the Patchscopes paper: what happens to a residual between source and target.</summary>
public abstract record Mapping
{
    /// <summary>Leaves it as it is.</summary>
    public static Mapping Identity { get; } = new IdentityMapping();

    /// <summary>What it is called in results. Two mappings of one name are the same.</summary>
    public abstract string Name { get; }

    /// <summary>Maps residuals. A sweep asks from several threads at once.</summary>
    /// <param name="residual">Of the source model, <c>[..., source hidden]</c>.</param>
    /// <returns>For the target model, <c>[..., target hidden]</c>.</returns>
    public abstract Tensor Apply(Tensor residual);

    private sealed record IdentityMapping : Mapping
    {
        public override string Name => "identity";

        public override Tensor Apply(Tensor residual) => residual;
    }
}
