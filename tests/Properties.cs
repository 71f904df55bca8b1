using FsCheck;
using FsCheck.Fluent;

namespace Logitscope.Tests;

/// <summary>How the tests try a property on random cases.</summary>
internal static class Properties
{
    private static readonly Config s_quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    /// <summary>Fails with the smallest case that it finds; says nothing when all hold.</summary>
    public static void Holds(this Property property, int cases = 100) => property.Check(s_quiet.WithMaxTest(cases));
}
