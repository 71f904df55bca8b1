namespace Logitscope.Tests.Golden;

/// <summary>Which residual of a source run goes where in a target run.</summary>
internal sealed record GoldenEdit(
    string SourceSite, int SourceLayer, int SourcePosition, string TargetSite, int TargetLayer, int TargetPosition)
{
    public Hook Source => new(SourceLayer, SiteOf(SourceSite));

    public Hook Target => new(TargetLayer, SiteOf(TargetSite));

    private static Site SiteOf(string name) => name switch
    {
        "resid_pre" => Site.ResidPre,
        "resid_post" => Site.ResidPost,
        _ => throw new ArgumentException($"a site: expected resid_pre or resid_post, got '{name}'"),
    };
}
